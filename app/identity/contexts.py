"""What the pages about identity providers show, in words."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app.errors import Invalid, Wording
from app.identity import queries
from app.identity.forms import EditOidcForm, EditSamlForm
from app.models import IdentityProvider, KeyState, Protocol, Purpose, SignInRecord
from app.oidc.providers import with_openid
from app.saml import keys as signing_keys
from app.saml import providers as saml_providers
from app.saml.metadata import IdpMetadata
from app.vault import Vault
from app.web.addresses import public_address
from app.web.errors import translated
from app.web.viewer import viewer

Row = tuple[str, str, str]
_LINKED_WITHIN = timedelta(minutes=30)


def protocols() -> dict[str, str]:
    """Return what the protocols are called."""
    return {Protocol.SAML.value: "SAML 2.0", Protocol.OIDC.value: "OpenID Connect"}


def purposes() -> dict[str, str]:
    """Return why somebody was at a provider."""
    return {
        Purpose.SIGN_IN.value: _("Sign-in"),
        Purpose.STEP_UP.value: _("Proof before a change"),
        Purpose.TEST.value: _("Try"),
    }


def fields() -> dict[str, str]:
    """Return what the fields of a person are called."""
    return {
        "groups": _("Groups"),
        "roles": _("Job roles"),
        "department": _("Department"),
        "location": _("Location"),
        "email": _("E-mail address"),
        "name": _("Name"),
        "given_name": _("Given name"),
        "family_name": _("Family name"),
        "external_id": _("External ID"),
        "manager": _("Manager"),
        "locale": _("Language"),
    }


def keys(session: Session) -> dict[str, Any]:
    """Return Foyer's own keys for the list of providers, and what else it names."""
    return {
        "keys": signing_keys.in_use(session),
        "key_states": {
            KeyState.CURRENT.value: _("In use"),
            KeyState.NEXT.value: _("Announced"),
            KeyState.RETIRED.value: _("Only reads"),
        },
        "protocols": protocols(),
    }


def provider_facts(
    session: Session, provider: IdentityProvider, *, now: datetime
) -> dict[str, Any]:
    """Return what a provider's page shows beside its row."""
    records, metadata = queries.records(session, provider.id), _metadata(provider, now)
    return {
        "protocols": protocols(),
        "purposes": purposes(),
        "records": records,
        "tried": provider.enabled or any(each.accepted for each in records),
        "addresses": _addresses(provider),
        "metadata": metadata,
        "remarks": [translated(one) for one in metadata.remarks] if metadata else [],
        "rule_count": len(provider.mapping.get("rules", ())),
        "session_count": queries.open_sessions(session, provider.id, now=now),
    }


def form_values(provider: IdentityProvider) -> dict[str, Any]:
    """Return the provider as its form shows it; a secret is never shown."""
    return {
        "name": provider.name,
        "email_domains": ", ".join(provider.email_domains),
        "position": provider.position,
        "creates_people": provider.creates_people,
        "idp_initiated": provider.idp_initiated,
        "metadata_url": provider.metadata_url,
        "metadata_signer": provider.metadata_signer,
        "client_id": provider.client_id,
        "scopes": provider.scopes,
    }


def values_of(form: EditSamlForm | EditOidcForm, vault: Vault) -> dict[str, Any]:
    """Return what a valid form wants to be kept; an empty secret changes nothing."""
    values: dict[str, Any] = {
        "name": form.name.data,
        "email_domains": form.domains,
        "position": form.position.data,
        "creates_people": form.creates_people.data,
    }
    if isinstance(form, EditSamlForm):
        values |= {
            "idp_initiated": form.idp_initiated.data,
            "metadata_url": form.metadata_url.data,
            "metadata_signer": (form.metadata_signer.data or "").strip(),
        }
        return values
    values |= {"client_id": form.client_id.data, "scopes": with_openid(form.scopes.data)}
    if form.client_secret.data:
        values["client_secret_sealed"] = vault.seal(form.client_secret.data)
    return values


def of_record(record: SignInRecord, *, now: datetime) -> dict[str, Any]:
    """Return one kept sign-in as two tables, and whether its reader may link it to themselves."""
    may_link = may_be_linked(record, viewer().id, now=now)
    return {**beside(record.received, record.made, record.subject), "may_link": may_link}


def may_be_linked(record: SignInRecord, reader_id: int, *, now: datetime) -> bool:
    """Tell whether this is a try-out of the reader's own, just now, that knew their address."""
    own = record.purpose == Purpose.TEST.value and record.person_id == reader_id
    fresh = now - record.at < _LINKED_WITHIN
    return own and fresh and record.accepted and bool(record.made.get("is_first", False))


def beside(
    received: Mapping[str, Sequence[str]], made: Mapping[str, Any], subject: str
) -> dict[str, Any]:
    """Return what was received, as (name, values, used), and what was made of it, as rows."""
    unread = set(made.get("unread", ()))
    return {
        "subject": subject,
        "received": [(name, values, name not in unread) for name, values in received.items()],
        "made": _made(made),
    }


def _made(made: Mapping[str, Any]) -> list[Row]:
    origins, names = made.get("origins", {}), fields()
    rows = [
        (names.get(name, name), _as_text(value), origins.get(name, ""))
        for name, value in made.get("fields", {}).items()
    ]
    if "access" in made:
        rows.append((_("Access"), _access(made["access"]), ""))
    changes = [
        _("%(field)s: %(before)s → %(after)s", field=names.get(one["field"], one["field"]),
          before=one["before"] or "–", after=one["after"] or "–")
        for one in made.get("changes", ())
    ]  # fmt: skip
    if changes:
        rows.append((_("Changed in the directory"), "; ".join(changes), ""))
    rows += [(_("Remark"), _remark(one), "") for one in made.get("remarks", ())]
    return rows


def _access(level: str | None) -> str:
    return level or _("as it is: no rule speaks of access")


def _remark(kept: Mapping[str, Any]) -> str:
    template, values = kept["template"], kept.get("values", {})
    return translated(in_the_form(Wording(template, **values)))


def in_the_form(said: str) -> str:
    """Return the sentence with the name that pages have for the field of a person it is about."""
    if not isinstance(said, Wording) or "field" not in said.values:
        return said
    names = fields()
    field = str(said.values["field"])
    return Wording(said.template, **{**said.values, "field": names.get(field, field)})


def _as_text(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def _addresses(provider: IdentityProvider) -> list[tuple[str, str]]:
    """Return what the provider must be told about Foyer, as (label, value)."""
    slug = provider.slug
    if provider.protocol == Protocol.SAML.value:
        return [
            (_("Entity ID (audience)"), public_address("saml.metadata", slug=slug)),
            (_("Reply address (ACS)"), public_address("saml.acs", slug=slug)),
            (_("Logout address (SLS)"), public_address("saml.sls", slug=slug)),
        ]
    return [
        (_("Redirect address"), public_address("oidc.callback", slug=slug)),
        (_("Address after sign-out"), public_address("auth.signed_out")),
        (_("Back-channel logout address"), public_address("oidc.backchannel_logout", slug=slug)),
    ]


def _metadata(provider: IdentityProvider, now: datetime) -> IdpMetadata | None:
    if provider.protocol != Protocol.SAML.value:
        return None
    try:
        return saml_providers.current(provider, now=now)
    except Invalid:
        return None

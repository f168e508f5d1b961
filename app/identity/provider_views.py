"""Pages about identity providers: connecting, trying, switching, ending what they began."""

from collections.abc import Callable

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from app import clock
from app.audit import trail
from app.auth import queries as ways_in
from app.auth import service as auth
from app.auth.recognition import link_tried
from app.errors import Conflict, Invalid, NotFound, Unavailable
from app.identity import contexts, queries, service
from app.identity.answers import blame, complaints
from app.identity.blueprint import bp
from app.identity.forms import AddOidcForm, AddSamlForm, EditOidcForm, EditSamlForm, MetadataForm
from app.identity.uploads import metadata_handed_over, needed
from app.models import IdentityProvider, Protocol, Purpose, SignInRecord
from app.oidc import leave as oidc
from app.oidc import providers as oidc_providers
from app.saml import leave as saml
from app.saml import providers as saml_providers
from app.saml import refresh as saml_refresh
from app.web.htmx import page
from app.web.unit_of_work import config, db_session, resources
from app.web.viewer import viewer

_PROVIDER = "/providers/<slug>"
_RECORD = f"{_PROVIDER}/sign-ins/<int(max=2147483647):record_id>"
_LEAVE: dict[str, Callable[..., ResponseReturnValue]] = {
    Protocol.SAML.value: saml.send_away,
    Protocol.OIDC.value: oidc.send_away,
}


@bp.get("/providers")
def providers() -> ResponseReturnValue:
    """List the identity providers, and Foyer's own keys."""
    rows = queries.providers(db_session())
    return page("identity/providers.html", rows=rows, **contexts.keys(db_session()))


@bp.route("/providers/add/saml", methods=["GET", "POST"])
def add_saml() -> ResponseReturnValue:
    """Ask for a SAML provider's metadata; connect it, switched off."""
    form = AddSamlForm(email_domains=_own_domain())
    if request.method != "POST":
        return page("identity/add_saml.html", form=form, errors=())
    if form.validate():
        try:
            return _added(_saml_provider(form))
        except Invalid as refusal:
            blame(form, refusal, default="metadata_text")
    return page("identity/add_saml.html", form=form, errors=complaints(form), status=422)


@bp.route("/providers/add/oidc", methods=["GET", "POST"])
def add_oidc() -> ResponseReturnValue:
    """Ask for an OpenID provider's issuer; connect it, switched off."""
    form = AddOidcForm(email_domains=_own_domain())
    if request.method != "POST":
        return page("identity/add_oidc.html", form=form, errors=())
    if form.validate():
        try:
            return _added(_oidc_provider(form))
        except Invalid as refusal:
            blame(form, refusal, default="issuer")
        except Unavailable:
            silent = {"issuer": _("Nothing that could be used answers at this address.")}
            blame(form, Invalid(silent), default="issuer")
    return page("identity/add_oidc.html", form=form, errors=complaints(form), status=422)


@bp.get(_PROVIDER)
def provider(slug: str) -> ResponseReturnValue:
    """Show a provider: how far its connection is, who came in lately, its switches."""
    found = provider_or_404(slug)
    facts = contexts.provider_facts(db_session(), found, now=clock.now())
    return page("identity/provider.html", provider=found, **facts)


@bp.route(f"{_PROVIDER}/edit", methods=["GET", "POST"])
def edit_provider(slug: str) -> ResponseReturnValue:
    """Change a provider's name, domains and rules."""
    found = provider_or_404(slug)
    form = (EditSamlForm if found.protocol == Protocol.SAML.value else EditOidcForm)(
        data=contexts.form_values(found)
    )
    if request.method != "POST":
        return page("identity/edit.html", provider=found, form=form, errors=())
    if form.validate():
        try:
            return _edited(found, form)
        except Invalid as refusal:
            blame(form, refusal, default="name")
    errors = complaints(form)
    return page("identity/edit.html", provider=found, form=form, errors=errors, status=422)


@bp.route(f"{_PROVIDER}/metadata", methods=["GET", "POST"])
def replace_metadata(slug: str) -> ResponseReturnValue:
    """Take newer metadata for a SAML provider by hand."""
    found, form = provider_or_404(slug, Protocol.SAML), MetadataForm()
    if request.method != "POST":
        return page("identity/metadata.html", provider=found, form=form, errors=())
    try:
        changes = saml_providers.replace_metadata(
            db_session(),
            found,
            needed(metadata_handed_over()),
            private_hosts=config().private_hosts,
            now=clock.now(),
        )
    except Invalid as refusal:
        blame(form, refusal, default="metadata_text")
        errors = complaints(form)
        return page("identity/metadata.html", provider=found, form=form, errors=errors, status=422)
    trail.note("identity.replace_metadata", subject=_named(found), **changes.details())
    for key in changes.keys_added:
        trail.note("saml.new_signing_key", subject=found.name, fingerprint=key.fingerprint)
    flash(_("The metadata is replaced.") if changes else _("The metadata says nothing new."))
    return _back_to(found)


@bp.post(f"{_PROVIDER}/refresh")
def refresh(slug: str) -> ResponseReturnValue:
    """Read a SAML provider's metadata again from its address."""
    found = provider_or_404(slug, Protocol.SAML)
    saml_refresh.refresh_one(
        resources().database,
        found.id,
        config().private_hosts,
        now=clock.now(),
        actor=viewer().name,
    )
    db_session().refresh(found)
    if not found.metadata_problem:
        flash(_("The metadata is up to date."))
    return _back_to(found)


@bp.post(f"{_PROVIDER}/switch")
def switch_provider(slug: str) -> ResponseReturnValue:
    """Put a provider onto the sign-in page, or take it away from there."""
    found, on = provider_or_404(slug), request.form.get("enabled") == "1"
    service.switch(db_session(), found, on=on, now=clock.now())
    trail.note("identity.switch_provider", subject=_named(found), enabled=on)
    flash(_("It stands on the sign-in page now.") if on else _("It is switched off."))
    return _back_to(found)


@bp.get(f"{_PROVIDER}/try")
def try_out(slug: str) -> ResponseReturnValue:
    """Send the administrator there and back, to see what arrives; nothing is changed by it."""
    found = provider_or_404(slug)
    back = url_for("identity.provider", slug=slug)
    leave = _LEAVE[found.protocol]
    return leave(found, purpose=Purpose.TEST, next_url=back, person_id=viewer().id)


@bp.get(_RECORD)
def record(slug: str, record_id: int) -> ResponseReturnValue:
    """Show what was received at one sign-in beside what Foyer made of it."""
    found = provider_or_404(slug)
    kept = _record_or_404(found, record_id)
    return page(
        "identity/record.html",
        provider=found,
        record=kept,
        purposes=contexts.purposes(),
        **contexts.of_record(kept, now=clock.now()),
    )


@bp.post(f"{_RECORD}/link")
def link(slug: str, record_id: int) -> ResponseReturnValue:
    """Let the provider sign the administrator in who has just tried it and is known there."""
    found, now = provider_or_404(slug), clock.now()
    kept = _record_or_404(found, record_id)
    if kept.person is None or not contexts.may_be_linked(kept, viewer().id, now=now):
        raise Conflict(_("Try the sign-in again first: only what you tried yourself is linked."))
    link_tried(db_session(), found, kept.person, kept.subject, now=now)
    trail.note("identity.link", subject=_named(found), provider_subject=kept.subject)
    flash(_("Linked. You can sign in with %(name)s from now on.", name=found.name))
    return _back_to(found)


@bp.post(f"{_PROVIDER}/end-sessions")
def end_sessions(slug: str) -> ResponseReturnValue:
    """End every session that the provider began: when its key may have been stolen, say."""
    found = provider_or_404(slug)
    count = auth.end_sessions_at(db_session(), found.id)
    trail.note("identity.end_sessions", subject=_named(found), sessions=count)
    flash(ngettext("%(num)s session has ended.", "%(num)s sessions have ended.", count))
    return _back_to(found)


@bp.post(f"{_PROVIDER}/remove")
def remove_provider(slug: str) -> ResponseReturnValue:
    """Remove a provider, once the administrator says that they are sure."""
    found = provider_or_404(slug)
    if request.form.get("sure") != "1":
        flash(_("Nothing was removed: please tick that you are sure."), "warning")
        return _back_to(found)
    trail.note("identity.remove_provider", subject=_named(found), entity_id=found.entity_id)
    service.remove(db_session(), found)
    flash(_("%(name)s is removed.", name=found.name))
    return redirect(url_for("identity.providers"), code=303)


def provider_or_404(slug: str, protocol: Protocol | None = None) -> IdentityProvider:
    """Return the identity provider (of this protocol); raise NotFound when there is none."""
    found = ways_in.provider_named(db_session(), slug)
    if found is None or (protocol and found.protocol != protocol.value):
        raise NotFound(_("There is no such identity provider."))
    return found


def _record_or_404(found: IdentityProvider, record_id: int) -> SignInRecord:
    kept = queries.record(db_session(), found.id, record_id)
    if kept is None:
        raise NotFound(_("That sign-in is no longer kept."))
    return kept


def _saml_provider(form: AddSamlForm) -> IdentityProvider:
    hosts, url = config().private_hosts, form.metadata_url.data
    xml = metadata_handed_over() or (saml_refresh.fetch_metadata(url, hosts) if url else b"")
    return saml_providers.add_provider(
        db_session(),
        name=form.name.data,
        xml=needed(xml),
        metadata_url=url,
        entity_id=form.entity_id.data,
        metadata_signer=form.metadata_signer.data or "",
        email_domains=form.domains,
        private_hosts=hosts,
        now=clock.now(),
    )


def _oidc_provider(form: AddOidcForm) -> IdentityProvider:
    now = clock.now()
    found = oidc_providers.discovered(
        form.issuer.data, private_hosts=config().private_hosts, now=now
    )
    return oidc_providers.add_provider(
        db_session(),
        resources().vault,
        name=form.name.data,
        issuer=form.issuer.data,
        client_id=form.client_id.data,
        client_secret=form.client_secret.data or "",
        discovery=found,
        email_domains=form.domains,
        now=now,
    )


def _added(made: IdentityProvider) -> ResponseReturnValue:
    trail.note(
        "identity.add_provider",
        subject=_named(made),
        protocol=made.protocol,
        entity_id=made.entity_id,
        email_domains=made.email_domains,
    )
    flash(_("%(name)s is connected, and still switched off.", name=made.name))
    return _back_to(made)


def _edited(found: IdentityProvider, form: EditSamlForm | EditOidcForm) -> ResponseReturnValue:
    values = contexts.values_of(form, resources().vault)
    if found.protocol == Protocol.SAML.value:
        saml_providers.check_source(
            values["metadata_url"], values["metadata_signer"], config().private_hosts
        )
    service.change(db_session(), found, values, now=clock.now())
    flash(_("The changes are kept."))
    return _back_to(found)


def _back_to(found: IdentityProvider) -> ResponseReturnValue:
    return redirect(url_for("identity.provider", slug=found.slug), code=303)


def _named(found: IdentityProvider) -> str:
    return f"identity provider {found.slug}"


def _own_domain() -> str:
    """Return the administrator's own e-mail domain, which is the likeliest."""
    return viewer().email.rpartition("@")[2]

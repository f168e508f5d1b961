"""What an administrator fills in about identity providers and SCIM clients."""

import re

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import (
    BooleanField,
    IntegerField,
    PasswordField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, ValidationError

_NEEDED = _l("Please fill this in.")
_TOO_LONG = _l("This is too long: at most %(max)d characters.")
_DOMAIN = re.compile(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)+")
SCOPES = [
    SelectChoice("read", _l("Read users and groups")),
    SelectChoice("users", _l("Change users")),
    SelectChoice("groups", _l("Change groups")),
]


def _stripped(text: str | None) -> str:
    return " ".join((text or "").replace("\0", "").split())


def domains_in(text: str) -> list[str]:
    """Return the e-mail domains in a text that has spaces, commas or lines between them.

    Raises ValidationError naming the first one that is none; `*` stands for every domain.
    """
    words = [
        word.strip().lower().lstrip("@") for word in re.split(r"[\s,;]+", text) if word.strip()
    ]
    bad = next((word for word in words if word != "*" and not _DOMAIN.fullmatch(word)), None)
    if bad is not None:
        raise ValidationError(_("“%(word)s” is not a domain such as example.org.", word=bad[:60]))
    return list(dict.fromkeys(words))[:50]


class _Named(FlaskForm):
    name = StringField(
        _l("Name"),
        [DataRequired(_NEEDED), Length(max=100, message=_TOO_LONG)],
        filters=[_stripped],
    )


class _Speaking(_Named):
    """What every provider needs."""

    email_domains = StringField(
        _l("E-mail domains"),
        [DataRequired(_NEEDED), Length(max=1000, message=_TOO_LONG)],
        filters=[_stripped],
    )

    def validate_email_domains(self, field: StringField) -> None:
        """Complain about the first word that is no domain."""
        domains_in(field.data or "")

    @property
    def domains(self) -> list[str]:
        """Return the domains as a list."""
        return domains_in(self.email_domains.data or "")


class AddSamlForm(_Speaking):
    """A new SAML provider: its metadata pasted, as a file, or at an address."""

    metadata_text = TextAreaField(_l("Metadata, pasted"))
    metadata_file = FileField(_l("Metadata as a file"))
    metadata_url = StringField(
        _l("Address of the metadata"),
        [Length(max=1024, message=_TOO_LONG)],
        filters=[_stripped],
    )
    entity_id = StringField(
        _l("Entity ID"), [Length(max=1024, message=_TOO_LONG)], filters=[_stripped]
    )
    metadata_signer = TextAreaField(
        _l("Certificate that signs the metadata"), [Length(max=20_000, message=_TOO_LONG)]
    )


class MetadataForm(FlaskForm):
    """New metadata for a provider that is known."""

    metadata_text = TextAreaField(_l("Metadata, pasted"))
    metadata_file = FileField(_l("Metadata as a file"))


class AddOidcForm(_Speaking):
    """A new OpenID provider."""

    issuer = StringField(
        _l("Issuer"),
        [DataRequired(_NEEDED), Length(max=1024, message=_TOO_LONG)],
        filters=[_stripped],
    )
    client_id = StringField(
        _l("Client ID"),
        [DataRequired(_NEEDED), Length(max=300, message=_TOO_LONG)],
        filters=[_stripped],
    )
    client_secret = PasswordField(
        _l("Client secret"), [Length(max=1000, message=_TOO_LONG)], filters=[_stripped]
    )


class _Known(_Speaking):
    """What can be changed of every provider."""

    position = IntegerField(
        _l("Place on the sign-in page"), [InputRequired(_NEEDED), NumberRange(min=0, max=999)]
    )
    creates_people = BooleanField(_l("Add people at their first sign-in"))


class EditSamlForm(_Known):
    """What can be changed of a SAML provider."""

    idp_initiated = BooleanField(_l("Allow sign-ins that start at the provider"))
    metadata_url = StringField(
        _l("Address of the metadata"),
        [Length(max=1024, message=_TOO_LONG)],
        filters=[_stripped],
    )
    metadata_signer = TextAreaField(
        _l("Certificate that signs the metadata"), [Length(max=20_000, message=_TOO_LONG)]
    )


class EditOidcForm(_Known):
    """What can be changed of an OpenID provider; an empty secret leaves it as it is."""

    client_id = StringField(
        _l("Client ID"),
        [DataRequired(_NEEDED), Length(max=300, message=_TOO_LONG)],
        filters=[_stripped],
    )
    client_secret = PasswordField(
        _l("Client secret"), [Length(max=1000, message=_TOO_LONG)], filters=[_stripped]
    )
    scopes = StringField(
        _l("Scopes"),
        [DataRequired(_NEEDED), Length(max=300, message=_TOO_LONG)],
        filters=[_stripped],
    )


class AddClientForm(_Named):
    """A new SCIM client."""


class TokenForm(FlaskForm):
    """A new token of a SCIM client."""

    scopes = SelectMultipleField(
        _l("What it may do"),
        [DataRequired(_NEEDED)],
        choices=SCOPES,
        default=["read", "users", "groups"],
    )
    days = SelectField(
        _l("How long it works"),
        choices=[
            SelectChoice("90", _l("90 days")),
            SelectChoice("180", _l("180 days")),
            SelectChoice("365", _l("1 year")),
        ],
        default="180",
    )

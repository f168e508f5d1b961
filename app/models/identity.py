"""How people come in: providers, who they say somebody is, sign-ins under way, and sessions.

Everything is a row, so that ending it ends it at once; of tokens only the SHA-256 is kept, and
what must be readable is sealed (`app.vault`).
"""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, query_expression, relationship

from app.db import Base
from app.models.people import Person
from app.models.sentence import Sentence


class Protocol(StrEnum):
    """How a provider speaks."""

    SAML = "saml"
    OIDC = "oidc"


class Purpose(StrEnum):
    """Why somebody was sent to a provider: to come in, to prove themselves again, or to try it."""

    SIGN_IN = "sign-in"
    STEP_UP = "step-up"
    TEST = "test"


class KeyState(StrEnum):
    """Whether Foyer signs with a key, announces it, or only still reads with it."""

    CURRENT = "current"
    NEXT = "next"
    RETIRED = "retired"


class IdentityProvider(Base):
    """A system that tells who somebody is. `entity_id` is its SAML entity ID or OIDC issuer.

    `email_domains` are the domains whose addresses it may speak for, `*` for all; `mapping` is
    `app.people.mapping.Mapping` as JSON. What follows `client_id` belongs to OIDC, what follows
    `metadata_xml` to SAML: the last good copy, of the moment `metadata_kept_at`. `discovery` holds
    the OIDC provider's last good configuration and keys.
    """

    __tablename__ = "identity_provider"
    __table_args__ = (CheckConstraint("protocol IN ('saml', 'oidc')", name="protocol"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[str] = mapped_column(String(100))
    protocol: Mapped[str] = mapped_column(String(10))
    entity_id: Mapped[str] = mapped_column(String(1024), unique=True)
    enabled: Mapped[bool] = mapped_column(default=False)
    position: Mapped[int] = mapped_column(default=0)
    email_domains: Mapped[list[str]] = mapped_column(JSON, default=list)
    creates_people: Mapped[bool] = mapped_column(default=True)
    mapping: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    client_id: Mapped[str] = mapped_column(String(300), default="")
    client_secret_sealed: Mapped[str] = mapped_column(Text, default="", info={"secret": True})
    scopes: Mapped[str] = mapped_column(String(300), default="openid email profile")
    discovery: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)

    metadata_xml: Mapped[str] = mapped_column(Text, default="")
    metadata_url: Mapped[str] = mapped_column(String(1024), default="")
    metadata_signer: Mapped[str] = mapped_column(Text, default="")
    metadata_kept_at: Mapped[datetime | None]
    metadata_checked_at: Mapped[datetime | None]
    metadata_valid_until: Mapped[datetime | None]
    metadata_problem: Mapped[str] = mapped_column(Sentence, default="")
    idp_initiated: Mapped[bool] = mapped_column(default=False)


class Identity(Base):
    """A provider's name for a person: the SAML NameID or the OIDC `sub` (ASVS 5.0, 6.8.1)."""

    __tablename__ = "identity"
    __table_args__ = (UniqueConstraint("provider_id", "subject"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    provider_id: Mapped[int] = mapped_column(ForeignKey("identity_provider.id", ondelete="CASCADE"))
    subject: Mapped[str] = mapped_column(String(1024))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime]
    last_used_at: Mapped[datetime]

    provider: Mapped[IdentityProvider] = relationship(lazy="raise")
    person: Mapped[Person] = relationship(lazy="raise")


class PendingSignIn(Base):
    """Somebody who was sent to a provider and has not come back yet.

    `request_id` is the AuthnRequest's ID or the OIDC `state`; `browser_hash` binds it to the
    browser that asked, `next_url` is where that browser wanted to go, `person_id` the reader who
    proves themselves again or tries the provider, `session_id` the session that was open there.
    """

    __tablename__ = "pending_sign_in"

    id: Mapped[int] = mapped_column(primary_key=True)
    request_id: Mapped[str] = mapped_column(String(100), unique=True)
    provider_id: Mapped[int] = mapped_column(ForeignKey("identity_provider.id", ondelete="CASCADE"))
    browser_hash: Mapped[str] = mapped_column(String(64))
    next_url: Mapped[str] = mapped_column(Text)
    purpose: Mapped[str] = mapped_column(String(10), default=Purpose.SIGN_IN.value)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    session_id: Mapped[int | None] = mapped_column(
        ForeignKey("login_session.id", ondelete="SET NULL")
    )
    nonce: Mapped[str] = mapped_column(String(100), default="")
    code_verifier: Mapped[str] = mapped_column(String(200), default="")
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    used_at: Mapped[datetime | None]


class UsedMessage(Base):
    """A signed message that was taken and is not taken again: assertion ID or logout token `jti`.

    The key makes two workers that race agree on one winner (ASVS 5.0, 6.8.3).
    """

    __tablename__ = "used_message"

    provider_id: Mapped[int] = mapped_column(
        ForeignKey("identity_provider.id", ondelete="CASCADE"), primary_key=True
    )
    message_id: Mapped[str] = mapped_column(String(300), primary_key=True)
    expires_at: Mapped[datetime] = mapped_column(index=True)


class SignInRecord(Base):
    """What a provider sent at one sign-in, and what Foyer made of it; the newest few are kept."""

    __tablename__ = "sign_in_record"

    id: Mapped[int] = mapped_column(primary_key=True)
    provider_id: Mapped[int] = mapped_column(
        ForeignKey("identity_provider.id", ondelete="CASCADE"), index=True
    )
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    at: Mapped[datetime]
    purpose: Mapped[str] = mapped_column(String(10))
    accepted: Mapped[bool]
    reason: Mapped[str] = mapped_column(String(500), default="")
    subject: Mapped[str] = mapped_column(String(1024), default="")
    received: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    made: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)

    person: Mapped[Person | None] = relationship(lazy="raise")


class SigningKey(Base):
    """A key pair of Foyer's own, with which it signs and reads SAML messages."""

    __tablename__ = "signing_key"
    __table_args__ = (CheckConstraint("state IN ('current', 'next', 'retired')", name="state"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    state: Mapped[str] = mapped_column(String(10), unique=True)
    private_key_sealed: Mapped[str] = mapped_column(Text, info={"secret": True})
    certificate: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]


class LoginSession(Base):
    """A browser that is signed in. Only the SHA-256 of its token is kept.

    `subject` and `session_index` are the provider's own names for the person and its session,
    `ends_by` is when the provider wants it over, `proved_at` when the person last showed who
    they are. `id_token_sealed` lets OIDC sign out at the provider too.
    """

    __tablename__ = "login_session"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    method: Mapped[str] = mapped_column(String(40))
    user_agent: Mapped[str] = mapped_column(String(300), default="")
    address: Mapped[str] = mapped_column(String(45), default="")
    started_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    proved_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ends_by: Mapped[datetime | None]
    provider_id: Mapped[int | None] = mapped_column(
        ForeignKey("identity_provider.id", ondelete="CASCADE"), index=True
    )
    subject: Mapped[str] = mapped_column(String(1024), default="")
    subject_format: Mapped[str] = mapped_column(String(200), default="")
    session_index: Mapped[str] = mapped_column(String(300), default="")
    id_token_sealed: Mapped[str] = mapped_column(Text, default="", info={"secret": True})

    person: Mapped[Person] = relationship(lazy="raise")
    provider: Mapped[IdentityProvider | None] = relationship(lazy="raise")
    has_news: Mapped[bool | None] = query_expression()


class Departure(Base):
    """Somebody who signed out here and is on the way to sign out at the provider too.

    Its ticket stands in one address for some minutes; `request_id` is the LogoutRequest's ID.
    """

    __tablename__ = "departure"

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_hash: Mapped[str] = mapped_column(String(64), unique=True)
    provider_id: Mapped[int] = mapped_column(ForeignKey("identity_provider.id", ondelete="CASCADE"))
    request_id: Mapped[str] = mapped_column(String(100), default="", index=True)
    subject: Mapped[str] = mapped_column(String(1024))
    subject_format: Mapped[str] = mapped_column(String(200), default="")
    session_index: Mapped[str] = mapped_column(String(300), default="")
    id_token_sealed: Mapped[str] = mapped_column(Text, default="", info={"secret": True})
    expires_at: Mapped[datetime] = mapped_column(index=True)


class OneTimeLink(Base):
    """A link that signs its person in once, for the first administrator of a new portal."""

    __tablename__ = "one_time_link"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]

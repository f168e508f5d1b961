"""SCIM clients, their tokens, and the users and groups they have given us (RFC 7643, RFC 7644)."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.db import Base
from app.models.people import Person


class ScimClient(Base):
    """A directory that keeps people here up to date; it sees only what it gave us.

    `mapping` is `app.people.mapping.Mapping` as JSON: which groups stand for which job roles,
    groups and access.
    """

    __tablename__ = "scim_client"

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[str] = mapped_column(String(100))
    enabled: Mapped[bool] = mapped_column(default=True)
    mapping: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    created_at: Mapped[datetime]

    tokens: Mapped[list["ScimToken"]] = relationship(
        lazy="raise", order_by="ScimToken.id", cascade="all, delete-orphan"
    )


class ScimToken(Base):
    """A bearer token of a SCIM client; two may work side by side while one replaces the other.

    `scopes` are words out of `read`, `users` and `groups`; `hint` are the first letters behind
    the prefix that all tokens share.
    """

    __tablename__ = "scim_token"

    id: Mapped[int] = mapped_column(primary_key=True)
    client_id: Mapped[int] = mapped_column(
        ForeignKey("scim_client.id", ondelete="CASCADE"), index=True
    )
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    hint: Mapped[str] = mapped_column(String(12))
    scopes: Mapped[list[str]] = mapped_column(JSON, default=list)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]

    client: Mapped[ScimClient] = relationship(lazy="raise", back_populates="tokens")


class ScimUser(Base):
    """A user as its SCIM client gave it (`body`), and the person it became.

    What a client asks by has a column of its own, as `app.scim.filters` compares it: in lower
    case where letters of any case are the same. `version` tells one body from another.
    """

    __tablename__ = "scim_user"
    __table_args__ = (UniqueConstraint("client_id", "user_name"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    client_id: Mapped[int] = mapped_column(ForeignKey("scim_client.id", ondelete="CASCADE"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), unique=True)
    user_name: Mapped[str] = mapped_column(String(320))
    external_id: Mapped[str | None] = mapped_column(String(200), index=True)
    display_name: Mapped[str | None] = mapped_column(String(200), index=True)
    body: Mapped[dict[str, Any]] = mapped_column(JSON)
    version: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    person: Mapped[Person] = relationship(lazy="raise")
    emails: Mapped[list["ScimEmail"]] = relationship(lazy="raise", cascade="all, delete-orphan")


class ScimEmail(Base):
    """One of a SCIM user's e-mail addresses in lower case, so that it can be asked for."""

    __tablename__ = "scim_email"

    user_id: Mapped[str] = mapped_column(
        ForeignKey("scim_user.id", ondelete="CASCADE"), primary_key=True
    )
    value: Mapped[str] = mapped_column(String(320), primary_key=True, index=True)


class ScimGroup(Base):
    """A group as its SCIM client gave it; `body` without the members, who are rows.

    Two groups may bear one name: RFC 7643 (section 4.2) does not forbid it, and Entra does it.
    """

    __tablename__ = "scim_group"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    client_id: Mapped[int] = mapped_column(
        ForeignKey("scim_client.id", ondelete="CASCADE"), index=True
    )
    display_name: Mapped[str] = mapped_column(String(200), index=True)
    external_id: Mapped[str | None] = mapped_column(String(200), index=True)
    body: Mapped[dict[str, Any]] = mapped_column(JSON)
    version: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    members: Mapped[list["ScimMember"]] = relationship(lazy="raise", cascade="all, delete-orphan")


class ScimMember(Base):
    """A user or group belongs to a SCIM group; who is unknown to us is kept all the same.

    `value` is the member's id in lower case, `body` the member as the client gave it, as JSON.
    """

    __tablename__ = "scim_member"

    group_id: Mapped[str] = mapped_column(
        ForeignKey("scim_group.id", ondelete="CASCADE"), primary_key=True
    )
    value: Mapped[str] = mapped_column(String(100), primary_key=True, index=True)
    body: Mapped[str] = mapped_column(Text, default="{}")

"""People as the directory knows them: who they are, their job roles and their groups."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, false, true
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.access import Access
from app.db import Base


class Person(Base):
    """Somebody who can sign in. `external_id` is the identity provider's or HR system's own.

    `access_from` is the slug of the provider or SCIM client that gave the access level; empty
    means that an administrator did, and then no provider takes it away. With `shares_expertise`,
    colleagues may see what this person has learnt; without `keeps_searches`, no search is kept;
    with `pauses_signals`, nothing that they do counts for recommendations from then on.
    """

    __tablename__ = "person"
    __table_args__ = (
        CheckConstraint("access IN ('employee', 'manager', 'curator', 'admin')", name="access"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    external_id: Mapped[str | None] = mapped_column(String(200), unique=True)
    email: Mapped[str] = mapped_column(String(320), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    given_name: Mapped[str] = mapped_column(String(100))
    department: Mapped[str | None] = mapped_column(String(100), index=True)
    location: Mapped[str | None] = mapped_column(String(100))
    manager_id: Mapped[int | None] = mapped_column(
        ForeignKey("person.id", ondelete="SET NULL"), index=True
    )
    started_on: Mapped[date | None]
    access: Mapped[str] = mapped_column(String(20), default=Access.EMPLOYEE.value)
    access_from: Mapped[str] = mapped_column(String(40), default="")
    active: Mapped[bool] = mapped_column(default=True)
    locale: Mapped[str | None] = mapped_column(String(10))
    time_zone: Mapped[str | None] = mapped_column(String(60))
    theme: Mapped[str] = mapped_column(String(10), default="auto")
    shares_expertise: Mapped[bool] = mapped_column(default=False, server_default=false())
    keeps_searches: Mapped[bool] = mapped_column(default=True, server_default=true())
    pauses_signals: Mapped[bool] = mapped_column(default=False, server_default=false())
    created_at: Mapped[datetime]

    roles: Mapped[list["PersonRole"]] = relationship(
        lazy="raise", order_by="PersonRole.position", cascade="all, delete-orphan"
    )
    groups: Mapped[list["Group"]] = relationship(lazy="raise", secondary="group_member")


class Role(Base):
    """A job role, such as field engineer. Not a permission."""

    __tablename__ = "role"

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(80), unique=True)
    name: Mapped[str] = mapped_column(String(120))


class PersonRole(Base):
    """A person holds a job role, `since` a day if that is known; position 0 is the main one."""

    __tablename__ = "person_role"

    person_id: Mapped[int] = mapped_column(
        ForeignKey("person.id", ondelete="CASCADE"), primary_key=True
    )
    role_id: Mapped[int] = mapped_column(
        ForeignKey("role.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    position: Mapped[int] = mapped_column(default=0)
    since: Mapped[date | None]

    role: Mapped[Role] = relationship(lazy="raise")


class Group(Base):
    """A named set of people, such as the pilot group of a new lab."""

    __tablename__ = "group"

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(80), unique=True)
    name: Mapped[str] = mapped_column(String(120))


class GroupMember(Base):
    """A person belongs to a group."""

    __tablename__ = "group_member"

    group_id: Mapped[int] = mapped_column(
        ForeignKey("group.id", ondelete="CASCADE"), primary_key=True
    )
    person_id: Mapped[int] = mapped_column(
        ForeignKey("person.id", ondelete="CASCADE"), primary_key=True, index=True
    )

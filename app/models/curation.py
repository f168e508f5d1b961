"""What curators make: a page for each role, its sections, and the items pinned there."""

from collections.abc import Collection
from datetime import date, datetime
from enum import StrEnum
from secrets import token_hex
from typing import Any

from sqlalchemy import (
    JSON,
    ColumnElement,
    ForeignKey,
    String,
    Text,
    UniqueConstraint,
    and_,
    or_,
    select,
    true,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.db import Base
from app.models.audience import AudienceToken, visible_to
from app.models.catalogue import Item
from app.models.people import Person, Role


class RolePage(Base):
    """A curator's page for one job role: the published one, and beside it perhaps its draft.

    Readers meet published pages alone; the draft is what curators change until they publish it.
    `revision` counts the changes of a draft. `curator_id` is who answers for the page.
    """

    __tablename__ = "role_page"
    __table_args__ = (UniqueConstraint("role_id", "published"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    role_id: Mapped[int] = mapped_column(ForeignKey("role.id", ondelete="CASCADE"))
    published: Mapped[bool] = mapped_column(default=True, server_default=true())
    revision: Mapped[int] = mapped_column(default=0, server_default="0")
    changed_at: Mapped[datetime | None]
    changed_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    title: Mapped[str] = mapped_column(String(200))
    intro: Mapped[str] = mapped_column(Text, default="")
    curator_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    reviewed_on: Mapped[date | None]
    audience_id: Mapped[int] = mapped_column(ForeignKey("audience.id"), index=True)

    role: Mapped[Role] = relationship(lazy="raise")
    curator: Mapped[Person | None] = relationship(lazy="raise", foreign_keys=[curator_id])
    sections: Mapped[list["Section"]] = relationship(
        lazy="raise", order_by="Section.position", cascade="all, delete-orphan"
    )


class Section(Base):
    """A part of a role page. `key` is the same in the page, its draft and its versions."""

    __tablename__ = "section"
    __table_args__ = (UniqueConstraint("page_id", "key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(16), default=lambda: token_hex(8))
    page_id: Mapped[int] = mapped_column(ForeignKey("role_page.id", ondelete="CASCADE"), index=True)
    title: Mapped[str] = mapped_column(String(200))
    intro: Mapped[str] = mapped_column(Text, default="")
    position: Mapped[int] = mapped_column(default=0)

    page: Mapped[RolePage] = relationship(lazy="raise", back_populates="sections")
    pins: Mapped[list["Pin"]] = relationship(
        lazy="raise", order_by="Pin.position", cascade="all, delete-orphan"
    )


class Pin(Base):
    """An item pinned to a section, with the curator's note, its place, and perhaps dates.

    With an audience of its own, only who is in it sees the pin; None adds nothing to the page's.
    """

    __tablename__ = "pin"
    __table_args__ = (UniqueConstraint("section_id", "item_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    section_id: Mapped[int] = mapped_column(ForeignKey("section.id", ondelete="CASCADE"))
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id", ondelete="CASCADE"), index=True)
    note: Mapped[str] = mapped_column(Text, default="")
    position: Mapped[int] = mapped_column(default=0)
    pinned_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    pinned_at: Mapped[datetime]
    starts_on: Mapped[date | None]
    ends_on: Mapped[date | None]
    audience_id: Mapped[int | None] = mapped_column(ForeignKey("audience.id"), index=True)

    item: Mapped[Item] = relationship(lazy="raise")
    section: Mapped[Section] = relationship(lazy="raise", back_populates="pins")


class RolePageVersion(Base):
    """A role page as it was published once: who, when, why, and the whole of it as JSON."""

    __tablename__ = "role_page_version"
    __table_args__ = (UniqueConstraint("role_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    role_id: Mapped[int] = mapped_column(ForeignKey("role.id", ondelete="CASCADE"))
    number: Mapped[int]
    content: Mapped[dict[str, Any]] = mapped_column(JSON)
    note: Mapped[str] = mapped_column(Text, default="")
    published_at: Mapped[datetime]
    published_by_id: Mapped[int | None] = mapped_column(
        ForeignKey("person.id", ondelete="SET NULL")
    )

    published_by: Mapped[Person | None] = relationship(lazy="raise")


class Change(StrEnum):
    """What somebody does to a draft."""

    MADE = "made"
    DETAILS = "details"
    SECTION_ADDED = "section-added"
    SECTION = "section"
    SECTION_MOVED = "section-moved"
    SECTION_REMOVED = "section-removed"
    PINNED = "pinned"
    UNPINNED = "unpinned"
    NOTE = "note"
    SETTINGS = "settings"
    MOVED = "moved"
    ORDERED = "ordered"
    REPLACED = "replaced"


class PageChange(Base):
    """One change of a draft, which has the revision from then on: by whom, and to what.

    `text` is the title of the section where no item was changed. It goes with its draft.
    """

    __tablename__ = "page_change"
    __table_args__ = (UniqueConstraint("page_id", "revision"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    page_id: Mapped[int] = mapped_column(ForeignKey("role_page.id", ondelete="CASCADE"))
    revision: Mapped[int]
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    at: Mapped[datetime]
    what: Mapped[str] = mapped_column(String(20))
    item_id: Mapped[int | None] = mapped_column(ForeignKey("item.id", ondelete="SET NULL"))
    text: Mapped[str] = mapped_column(String(200), default="", server_default="")

    person: Mapped[Person | None] = relationship(lazy="raise")


class PageCurator(Base):
    """Somebody who may change a role's page beside whoever answers for it, until a day perhaps."""

    __tablename__ = "page_curator"

    role_id: Mapped[int] = mapped_column(
        ForeignKey("role.id", ondelete="CASCADE"), primary_key=True
    )
    person_id: Mapped[int] = mapped_column(
        ForeignKey("person.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    given_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    given_at: Mapped[datetime]
    until: Mapped[date | None]

    person: Mapped[Person] = relationship(lazy="raise", foreign_keys=[person_id])


def page_visible_to(tokens: Collection[str]) -> ColumnElement[bool]:
    """Return the condition under which a holder of `tokens` meets a role page: it is published."""
    return and_(RolePage.published, visible_to(RolePage.audience_id, tokens))


def pin_visible_to(tokens: Collection[str]) -> ColumnElement[bool]:
    """Return the condition under which a pin, beside its page, is for a holder of `tokens`."""
    own = select(AudienceToken.audience_id).where(AudienceToken.token.in_(sorted(tokens)))
    return or_(Pin.audience_id.is_(None), Pin.audience_id.in_(own))

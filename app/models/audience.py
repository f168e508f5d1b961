"""Who may see a thing: sets of tokens, kept once each, and the predicate that every query carries.

Few different sets exist, so each is a row and the things that share it point at it. The predicate
is therefore one small sub-query whatever the number of items.
"""

from collections.abc import Collection
from typing import Any

from sqlalchemy import ColumnElement, ForeignKey, String, select
from sqlalchemy.orm import InstrumentedAttribute, Mapped, Session, mapped_column, relationship

from app.db import Base

EVERYONE = frozenset({"everyone"})


class Audience(Base):
    """A set of audience tokens; `key` is the sorted set as text, so that each set stands once."""

    __tablename__ = "audience"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(2000), unique=True)
    tokens: Mapped[list["AudienceToken"]] = relationship(
        lazy="selectin", cascade="all, delete-orphan"
    )

    def as_set(self) -> frozenset[str]:
        """Return the tokens."""
        return frozenset(self.key.split(" "))


class AudienceToken(Base):
    """One token of a set: `everyone`, `role:…`, `dept:…`, `loc:…` or `group:…`."""

    __tablename__ = "audience_token"

    audience_id: Mapped[int] = mapped_column(
        ForeignKey("audience.id", ondelete="CASCADE"), primary_key=True
    )
    token: Mapped[str] = mapped_column(String(200), primary_key=True, index=True)


def visible_to(column: InstrumentedAttribute[int], tokens: Collection[str]) -> ColumnElement[bool]:
    """Return the condition under which a holder of `tokens` may see a row with this audience."""
    matching = select(AudienceToken.audience_id).where(AudienceToken.token.in_(sorted(tokens)))
    return column.in_(matching)


def audience_of(session: Session, tokens: Collection[str] = EVERYONE) -> Audience:
    """Return the row of this set of tokens, making it when it is new.

    Raises ValueError for an empty set, or for a token with white space in it.
    """
    names = sorted(set(tokens))
    if not names or any(not name or name.split() != [name] for name in names):
        raise ValueError("an audience needs at least one token, without spaces in it")
    key = " ".join(names)
    known: Any = session.scalar(select(Audience).where(Audience.key == key))
    if known is None:
        known = Audience(key=key, tokens=[AudienceToken(token=name) for name in names])
        session.add(known)
        session.flush()
    return known

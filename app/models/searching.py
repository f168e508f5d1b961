"""What searching leaves behind: words that mean the same, weights, searches that people keep."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.db import Base
from app.models.connections import Connection
from app.models.people import Person
from app.models.sentence import Sentence

SEARCH_TEXT_LENGTH = 300


class SynonymGroup(Base):
    """Words that a curator says mean the same; with `becomes`, only in that direction.

    `words` and `becomes` hold words or phrases as they are typed. Without `becomes` each of the
    words finds all the others; with it, each of the words also finds what `becomes` holds.
    """

    __tablename__ = "synonym_group"

    id: Mapped[int] = mapped_column(primary_key=True)
    words: Mapped[list[str]] = mapped_column(JSON)
    becomes: Mapped[list[str]] = mapped_column(JSON, default=list)
    note: Mapped[str] = mapped_column(Text, default="")
    changed_at: Mapped[datetime]
    changed_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))


class RankingChoice(Base):
    """Boosts that an administrator chose instead of the table's own; the newest row is live."""

    __tablename__ = "ranking_choice"

    id: Mapped[int] = mapped_column(primary_key=True)
    boosts: Mapped[dict[str, float]] = mapped_column(JSON)
    figures: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    note: Mapped[str] = mapped_column(Text, default="")
    chosen_at: Mapped[datetime]
    chosen_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))


class RecentSearch(Base):
    """What a person searched for last; theirs alone, gone after 90 days.

    `folded` is the text as it is compared and counted, `arguments` what the search page's address
    held, `results` how many there were.
    """

    __tablename__ = "recent_search"
    __table_args__ = (
        UniqueConstraint("person_id", "folded"),
        Index("ix_recent_search_person_id_searched_at", "person_id", "searched_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    text: Mapped[str] = mapped_column(String(SEARCH_TEXT_LENGTH))
    folded: Mapped[str] = mapped_column(String(SEARCH_TEXT_LENGTH), index=True)
    arguments: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    results: Mapped[int]
    times: Mapped[int] = mapped_column(default=1)
    searched_at: Mapped[datetime] = mapped_column(index=True)


class SavedSearch(Base):
    """A search that a person keeps, and when they last looked at what is new in it.

    `arguments` is what the search page's address held. `fresh` are items that came since then, the
    newest first, as the last digest found them, and `fresh_total` is how many there were in all.
    """

    __tablename__ = "saved_search"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(120))
    arguments: Mapped[dict[str, Any]] = mapped_column(JSON)
    saved_at: Mapped[datetime]
    looked_at: Mapped[datetime]
    fresh: Mapped[list[int]] = mapped_column(JSON, default=list)
    fresh_total: Mapped[int] = mapped_column(default=0)


class SearchWish(Base):
    """What a reader looked for and did not find, told to the curators; open until one answers."""

    __tablename__ = "search_wish"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int | None] = mapped_column(
        ForeignKey("person.id", ondelete="SET NULL"), index=True
    )
    text: Mapped[str] = mapped_column(String(SEARCH_TEXT_LENGTH))
    note: Mapped[str] = mapped_column(Text, default="")
    wished_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    answered_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    answer: Mapped[str] = mapped_column(Text, default="", server_default="")

    person: Mapped[Person | None] = relationship(lazy="raise", foreign_keys=[person_id])


class PersonalAccount(Base):
    """A person's own account in a tool, so that it can be asked as this person.

    `tokens` is sealed: JSON of what the tool gave. `trouble` says why the account has to be
    connected again. `renewing_until` is the lease of the one request that gets new tokens.
    """

    __tablename__ = "personal_account"
    __table_args__ = (UniqueConstraint("person_id", "connection_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    connection_id: Mapped[int] = mapped_column(
        ForeignKey("connection.id", ondelete="CASCADE"), index=True
    )
    name: Mapped[str] = mapped_column(String(200), default="")
    scopes: Mapped[str] = mapped_column(Text, default="")
    tokens: Mapped[str] = mapped_column(Text, info={"secret": True})
    expires_at: Mapped[datetime | None]
    renewing_until: Mapped[datetime | None]
    connected_at: Mapped[datetime]
    trouble: Mapped[str] = mapped_column(Sentence, default="")

    person: Mapped[Person] = relationship(lazy="raise")
    connection: Mapped[Connection] = relationship(lazy="raise")


class PendingAccount(Base):
    """A person on the way to a tool to let Foyer ask it as them; used once, short-lived.

    Only the session that left may come back. `verifier` is sealed: the PKCE verifier, and the state
    whose SHA-256 is the key.
    """

    __tablename__ = "pending_account"

    state_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    session_id: Mapped[int] = mapped_column(
        ForeignKey("login_session.id", ondelete="CASCADE"), index=True
    )
    connection_id: Mapped[int] = mapped_column(ForeignKey("connection.id", ondelete="CASCADE"))
    verifier: Mapped[str] = mapped_column(Text, info={"secret": True})
    return_to: Mapped[str] = mapped_column(Text, default="")
    expires_at: Mapped[datetime] = mapped_column(index=True)

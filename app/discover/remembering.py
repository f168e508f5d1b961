"""What a person searched for last: kept for them alone, for a while, and deleted when they say so.

A search counts as done when its results stood for a moment, which the page tells with a request of
its own. Letters that are typed on, or taken away, within a minute make one search.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.db import insert_if_missing
from app.discover.address import Ask
from app.errors import NotFound
from app.models import Person, RecentSearch
from search.query import parse
from search.text import fold

SHORTEST = 2
MOST_KEPT = 50
KEPT_FOR = timedelta(days=90)
ONE_SEARCH = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Kept:
    """Arguments of an address as a row holds them."""

    values: Mapping[str, Any]

    def getlist(self, key: str) -> list[str]:
        """Return all values of `key`."""
        value = self.values.get(key, [])
        return [value] if isinstance(value, str) else list(value)


def ask_of(search: RecentSearch) -> Ask:
    """Return the question that was asked."""
    return Ask.of(Kept(search.arguments))


def remember(
    session: Session, person_id: int, ask: Ask, results: int, *, now: datetime
) -> RecentSearch | None:
    """Keep that a person searched for this; return None where nothing is to be kept.

    That is so for less than two characters, for a search without words, and for people who do not
    want their searches kept. A search that goes on with one of the last minute takes its place.
    """
    text = " ".join(ask.text.split())
    if len(text) < SHORTEST or not parse(text).wanted or not _wants_it(session, person_id):
        return None
    ask = ask.at(1).unpinned()
    folded = fold(text)[: RecentSearch.folded.type.length]
    _drop_beginnings(session, person_id, ask, folded, now=now)
    values = {"text": text, "arguments": ask.arguments(), "results": results, "searched_at": now}
    key = {"person_id": person_id, "folded": folded}
    is_new = insert_if_missing(session, RecentSearch, **key, **values, times=1)
    kept = session.query(RecentSearch).filter_by(**key).with_for_update().one()
    if not is_new:
        kept.times += now - kept.searched_at > ONE_SEARCH
        for name, value in values.items():
            setattr(kept, name, value)
    session.flush()
    _drop_the_oldest(session, person_id)
    return kept


def forget(session: Session, person_id: int, search_id: int) -> None:
    """Delete one search of a person; raise NotFound when they have none with that number."""
    rows = session.query(RecentSearch).filter_by(person_id=person_id, id=search_id)
    if not rows.delete():
        raise NotFound("There is no such search of yours.")


def forget_all(session: Session, person_id: int) -> int:
    """Delete all searches of a person and return how many there were."""
    return session.query(RecentSearch).filter_by(person_id=person_id).delete()


def forget_old(session: Session, *, now: datetime) -> int:
    """Delete everybody's searches that are older than 90 days and return how many there were."""
    old = session.query(RecentSearch).filter(RecentSearch.searched_at < now - KEPT_FOR)
    return old.delete(synchronize_session=False)


def _wants_it(session: Session, person_id: int) -> bool:
    return bool(session.scalar(select(Person.keeps_searches).where(Person.id == person_id)))


def _drop_beginnings(
    session: Session, person_id: int, ask: Ask, folded: str, *, now: datetime
) -> None:
    """Delete what this search goes on with: kept within the last minute, and never before."""
    lately = session.scalars(
        select(RecentSearch).where(
            RecentSearch.person_id == person_id,
            RecentSearch.searched_at > now - ONE_SEARCH,
            RecentSearch.times == 1,
            RecentSearch.folded != folded,
        )
    )
    for earlier in lately:
        if ask.continues(ask_of(earlier)):
            session.delete(earlier)
    session.flush()


def _drop_the_oldest(session: Session, person_id: int) -> None:
    newest = (
        select(RecentSearch.id)
        .where(RecentSearch.person_id == person_id)
        .order_by(RecentSearch.searched_at.desc(), RecentSearch.id.desc())
        .limit(MOST_KEPT)
    )
    kept = newest.subquery()
    session.execute(
        delete(RecentSearch).where(
            RecentSearch.person_id == person_id, RecentSearch.id.not_in(select(kept.c.id))
        )
    )

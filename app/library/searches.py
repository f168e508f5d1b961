"""Searches that a reader keeps, and the digest of what is new in them.

New is what came into the catalogue since the reader last looked, and is found by the search as
this reader would find it: by their audience, filters and words.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from app.activity.cards import Card, cards_by_id, cards_in_order
from app.curation.texts import plain
from app.discover import tuning
from app.discover.address import Ask
from app.discover.indexing import SearchIndex
from app.errors import Conflict, Invalid, NotFound, Wording
from app.models import Item, SavedSearch, Status, visible_to
from app.people.audiences import audience_tokens
from app.people.queries import with_roles_and_groups
from search.document import Request, Sort
from search.query import parse

MOST_SAVED = 50
LONGEST_NAME = 120
SHOWN = 5
_MOST_NEW = 5_000


class _Arguments:
    """Kept arguments, read as those of an address are."""

    def __init__(self, kept: Mapping[str, Any]) -> None:
        self._kept = kept

    def getlist(self, key: str) -> list[str]:
        """Return all values of `key`."""
        found = self._kept.get(key, [])
        return [str(each) for each in found] if isinstance(found, list) else [str(found)]


def keep(session: Session, person_id: int, ask: Ask, *, name: str, now: datetime) -> SavedSearch:
    """Keep a search under a name; one that asks the same is given the new name instead.

    Raises Invalid for a search that asks for nothing or without a name, Conflict when there are
    too many.
    """
    if ask.is_empty:
        raise Invalid({"asked": Wording("This searches for nothing in particular.")})
    called = plain(" ".join(name.split()))[:LONGEST_NAME].strip()
    if not called:
        raise Invalid({"name": Wording("Give the search a name.")})
    arguments = replace(ask, page=1, pin_to=None).arguments()
    mine = saved_by(session, person_id)
    found = next((one for one in mine if one.arguments == arguments), None)
    if found is None:
        if len(mine) >= MOST_SAVED:
            raise Conflict(Wording("You keep as many searches as there can be. Delete one first."))
        found = SavedSearch(
            person_id=person_id, arguments=arguments, saved_at=now, looked_at=now, fresh=[]
        )
        session.add(found)
    found.name = called
    session.flush()
    return found


def forget(session: Session, person_id: int, search_id: int) -> None:
    """Delete a search of this person. Raises NotFound for anybody else's."""
    gone = session.execute(
        delete(SavedSearch)
        .where(SavedSearch.id == search_id, SavedSearch.person_id == person_id)
        .returning(SavedSearch.id)
    )
    if gone.scalar() is None:
        raise NotFound(Wording("There is no such search of yours."))


def look(session: Session, person_id: int, *, now: datetime) -> None:
    """Note that the person has seen what is new up to now."""
    session.execute(
        update(SavedSearch)
        .where(SavedSearch.person_id == person_id)
        .values(looked_at=now, fresh=[], fresh_total=0)
    )


def saved_by(session: Session, person_id: int) -> list[SavedSearch]:
    """Return this person's searches, the newest first."""
    rows = session.scalars(
        select(SavedSearch)
        .where(SavedSearch.person_id == person_id)
        .order_by(SavedSearch.id.desc())
    )
    return list(rows)


def question(saved: SavedSearch) -> Ask:
    """Return what a kept search asks the search page."""
    return Ask.of(_Arguments(saved.arguments))


def refresh(
    session: Session, index: SearchIndex, mine: Sequence[SavedSearch], tokens: Collection[str]
) -> None:
    """Write what is new in these searches of one person. Raises IndexMissing without an index."""
    if not mine:
        return
    came = _came_since(session, min(one.looked_at for one in mine), tokens)
    set_for_all = tuning.current(session)
    for one in mine:
        new = frozenset(item_id for item_id, at in came if at > one.looked_at)
        ask = question(one)
        request = Request(
            query=parse(ask.text),
            audience=frozenset(tokens),
            filters={name: frozenset(values) for name, values in ask.filters.items()},
            facets=(),
            sort=Sort.NEWEST,
            limit=SHOWN,
            only=new,
            synonyms=set_for_all.synonyms,
            collapse=True,
        )
        found = index.search(request) if new else None
        one.fresh = [hit.id for hit in found.hits] if found else []
        one.fresh_total = found.shown if found else 0
    session.flush()


def digest(session: Session, index: SearchIndex) -> int:
    """Write what is new for everybody who keeps searches; return how many people that are.

    The caller commits. Raises IndexMissing without an index.
    """
    people = list(session.scalars(select(SavedSearch.person_id).distinct()))
    for person_id in people:
        person = with_roles_and_groups(session, person_id)
        if person is not None and person.active:
            refresh(session, index, saved_by(session, person_id), audience_tokens(person))
    return len(people)


def fresh_cards(
    session: Session,
    mine: Sequence[SavedSearch],
    *,
    person_id: int,
    tokens: Collection[str],
) -> dict[int, list[Card]]:
    """Return the cards of what is new, by search, as far as the reader may see them now."""
    ids = {item_id for one in mine for item_id in one.fresh}
    found = cards_by_id(session, ids, person_id=person_id, tokens=tokens)
    return {one.id: cards_in_order(one.fresh, found) for one in mine}


def _came_since(
    session: Session, moment: datetime, tokens: Collection[str]
) -> list[tuple[int, datetime]]:
    rows = session.execute(
        select(Item.id, Item.created_at)
        .where(
            Item.created_at > moment,
            Item.status == Status.LIVE.value,
            visible_to(Item.audience_id, tokens),
        )
        .order_by(Item.created_at.desc())
        .limit(_MOST_NEW)
    )
    return [(item_id, at) for item_id, at in rows]

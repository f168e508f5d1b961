"""Keeps what a tool tells of people as activity of the right person with the right item.

A statement counts once, by the tool's own id, in whatever order and however often it is read, and
never again once the person has deleted it. What lasts of it stands in the item's state: done since
the earliest completion, and else how far the tool says they are. Whom and what nobody knows is
counted and shown, never guessed.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from sqlalchemy import delete, func, select, tuple_
from sqlalchemy.orm import Session

from app import events
from app.activity.deeds import Deed
from app.activity.imports import MOST_SECONDS, MOST_STARS, append, kept_id, states_of
from app.activity.removals import leave_word, removed_among
from app.catalogue import clusters
from app.catalogue.sameness import address_key
from app.catalogue.stored import in_parts
from app.connectors.base import SPENT, Account, Did, ErrorKind, Fail, Withdrawn
from app.errors import Wording
from app.harvest import accounts
from app.harvest.reported import note_tools
from app.models import (
    Activity,
    Connection,
    Item,
    ItemKey,
    ItemState,
    Tool,
    Verb,
)

CLOCKS_DIFFER = timedelta(days=1)
EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
_ALMOST = 0.99
LEAST_SECONDS = 10
_VERBS = {verb.value: verb for verb in (Verb.COMPLETED, Verb.LAUNCHED, Verb.RATED, Verb.SPENT)}
Told = Did | Withdrawn | Fail
Pair = tuple[int, int]


@dataclass(slots=True)
class Problem:
    """Something that could not be taken, and why."""

    what: str
    reason: Wording
    kind: str = ""


@dataclass(slots=True)
class Heard:
    """What became of the statements: how many of each fate, problems, and unknown activities."""

    counts: Counter[str] = field(default_factory=Counter)
    problems: list[Problem] = field(default_factory=list)
    unknown_items: Counter[str] = field(default_factory=Counter)


def store_activity(
    session: Session, connection: Connection, told: Sequence[Told], *, now: datetime
) -> Heard:
    """Keep what was told between two checkpoints, and return what became of it.

    Tells `events.item_completed` and `events.item_reopened`. The connection's tool is loaded.
    """
    heard = Heard()
    for one in told:
        if isinstance(one, Fail):
            heard.counts["failed"] += 1
            heard.problems.append(Problem(one.what, one.error.sentence, one.error.kind.value))
    withdrawn = [one.id for one in told if isinstance(one, Withdrawn)]
    taken_back = {one for own in withdrawn for one in (own, own + SPENT)}
    dids = {one.id: one for one in told if isinstance(one, Did) and one.id not in taken_back}
    believed = [one for one in dids.values() if _believed(one, heard, now=now)]
    known = _Known(session, connection, believed)
    about = [one for one in believed if known.tells_of(one, heard)]
    accounts.note_unknown(session, connection.id, known.strangers)
    _keep(session, connection, about, known, heard)
    _take_back(session, connection, taken_back, heard, now=now)
    return heard


def items_at(session: Session, addresses: Collection[str]) -> dict[str, int]:
    """Return the item that each address opens, by its key or letter for letter.

    Addresses are compared as those of duplicates are (`app.catalogue.sameness`). Of several items
    the oldest one is taken: what is done with it counts for its duplicates.
    """
    keys = {address: key for address in addresses if (key := address_key(address))}
    by_key: dict[str, int] = {}
    for part in in_parts(sorted(set(keys.values()))):
        rows = select(ItemKey.key, func.min(ItemKey.item_id)).where(ItemKey.key.in_(part))
        by_key |= {row[0]: row[1] for row in session.execute(rows.group_by(ItemKey.key))}
    found = {one: by_key[key] for one, key in keys.items() if key in by_key}
    for part in in_parts(sorted(set(addresses) - found.keys())):
        urls = select(Item.url, func.min(Item.id)).where(Item.url.in_(part)).group_by(Item.url)
        found |= {row[0]: row[1] for row in session.execute(urls)}
    return found


class _Known:
    """The people, items and statements that are known of what was told."""

    def __init__(self, session: Session, connection: Connection, dids: Sequence[Did]) -> None:
        self.strangers: dict[Account, list[datetime]] = defaultdict(list)
        self._slug = connection.tool.slug
        self._people = accounts.persons(session, connection, {one.account for one in dids})
        ids_of = str(connection.settings.get("ids_of") or "") or self._slug
        self._by_id = _items_by_id(session, ids_of, {one.external_id for one in dids} - {""})
        named = {one.external_id for one in dids if one.external_id in self._by_id}
        self._by_address = items_at(
            session, {one.address for one in dids if one.address and one.external_id not in named}
        )
        self.statements = _statements(session, [self.kept_id(one.id) for one in dids])

    def kept_id(self, own: str) -> str:
        return kept_id(self._slug, own)

    def pair(self, did: Did) -> Pair:
        """Return the ids of person and item of what `tells_of` has let through."""
        return self._people[did.account], self._item(did) or 0

    def tells_of(self, did: Did, heard: Heard) -> bool:
        """Tell whether person and item are known; count what is not."""
        item_id = self._item(did)
        if item_id is None:
            heard.counts["unknown_items"] += 1
            heard.unknown_items[did.address or did.external_id] += 1
        if did.account not in self._people:
            heard.counts["unknown_people"] += 1
            self.strangers[did.account].append(did.at)
        return item_id is not None and did.account in self._people

    def _item(self, did: Did) -> int | None:
        return self._by_id.get(did.external_id, self._by_address.get(did.address))


def _believed(did: Did, heard: Heard, *, now: datetime) -> bool:
    """Tell whether the moment can be true; note what cannot."""
    if EARLIEST <= did.at <= now + CLOCKS_DIFFER and did.verb in _VERBS:
        return _says_how_much(did, heard)
    moment = did.at.isoformat()
    future = Wording("%(moment)s lies in the future", moment=moment)
    past = Wording("%(moment)s lies before 1970", moment=moment)
    verb = Wording("Nothing is kept of “%(verb)s”", verb=did.verb[:60])
    reason = verb if did.verb not in _VERBS else past if did.at < EARLIEST else future
    heard.counts["failed"] += 1
    heard.problems.append(Problem(did.id, reason, ErrorKind.SCHEMA.value))
    return False


def _says_how_much(did: Did, heard: Heard) -> bool:
    """Tell whether stars are stars; a moment too short to speak of is left out in silence."""
    if did.verb == "spent":
        return did.value is not None and did.value >= LEAST_SECONDS
    if did.verb != "rated" or (did.value is not None and 1 <= did.value <= MOST_STARS):
        return True
    heard.counts["failed"] += 1
    why = Wording("A rating has from 1 to 5 stars")
    heard.problems.append(Problem(did.id, why, ErrorKind.SCHEMA.value))
    return False


def _value_of(did: Did) -> float | None:
    """Return what is kept of a value: whole stars, seconds up to a working day."""
    if did.value is None or did.verb not in {"rated", "spent"}:
        return None
    return float(round(did.value)) if did.verb == "rated" else min(did.value, float(MOST_SECONDS))


def _items_by_id(session: Session, slug: str, external_ids: Collection[str]) -> dict[str, int]:
    return {
        row.external_id: row.id
        for part in in_parts(sorted(external_ids))
        for row in session.execute(
            select(Item.external_id, Item.id)
            .join(Tool, Tool.id == Item.tool_id)
            .where(Tool.slug == slug, Item.external_id.in_(part))
        )
    }


def _statements(session: Session, ids: Collection[str]) -> set[str]:
    """Return those of the statements that are kept, or that their person has deleted.

    In this order, so that one that is deleted meanwhile is still known by one or the other.
    """
    kept = {
        own
        for part in in_parts(ids)
        for own in session.scalars(
            select(Activity.external_id).where(Activity.external_id.in_(part))
        )
        if own is not None
    }
    return kept | removed_among(session, ids)


def _keep(
    session: Session, connection: Connection, dids: Sequence[Did], known: _Known, heard: Heard
) -> None:
    """Append what is news, and bring the states of the items up to it."""
    source = connection.tool.slug[:40]
    in_order = sorted(dids, key=lambda one: (one.at, one.id))
    news = [one for one in in_order if known.kept_id(one.id) not in known.statements]
    moves = [one for one in news if one.verb == "launched" and one.progress is not None]
    begun = _begun(session, source, {known.pair(one) for one in moves})
    deeds: list[Deed] = []
    for did in news:
        person_id, item_id = known.pair(did)
        if did in moves:
            if (person_id, item_id) in begun:
                continue
            begun.add((person_id, item_id))
        own, verb = known.kept_id(did.id), _VERBS[did.verb]
        deeds.append(Deed(person_id, item_id, verb, did.at, source, own, _value_of(did)))
    written = append(session, deeds)
    _bring_forward(session, [(known.pair(one), one) for one in in_order])
    completed = {known.pair(one)[1] for one in news if one.verb == Verb.COMPLETED}
    note_tools(session, connection, completed)
    heard.counts["activities"] += written
    heard.counts["unchanged"] += len(dids) - written


def _begun(session: Session, source: str, pairs: Collection[Pair]) -> set[Pair]:
    """Return those of the pairs of person and item that the tool has told of before.

    Where a progress is kept it has, even if the person has deleted what it told.
    """
    item_ids = sorted({item_id for _, item_id in pairs})
    moved = {pair for pair, state in _states(session, pairs) if state.progress is not None}
    rows = {
        (row.person_id, row.item_id)
        for part in in_parts(item_ids)
        for row in session.execute(
            select(Activity.person_id, Activity.item_id)
            .where(
                Activity.source == source,
                Activity.verb == Verb.LAUNCHED.value,
                Activity.item_id.in_(part),
            )
            .distinct()
        )
    }
    return (rows & set(pairs)) | moved


def _states(session: Session, pairs: Collection[Pair]) -> Iterator[tuple[Pair, ItemState]]:
    key = tuple_(ItemState.person_id, ItemState.item_id)
    for part in in_parts(sorted(pairs)):
        for state in session.scalars(select(ItemState).where(key.in_(part))):
            yield (state.person_id, state.item_id), state


def _bring_forward(session: Session, about: Sequence[tuple[Pair, Did]]) -> None:
    """Set the earliest completion and the furthest progress of each state that is behind them."""
    lasting = [one for one in about if one[1].verb == "completed" or one[1].progress is not None]
    states = states_of(session, {pair for pair, _ in lasting})
    for pair, did in lasting:
        state = states[pair]
        if did.verb == "completed":
            if state.done_at is not None:
                state.done_at = min(state.done_at, did.at)
                state.progress = 1.0
        else:
            share = min(max(did.progress or 0.0, 0.0), _ALMOST)
            state.progress = max(state.progress or 0.0, share)
    session.flush()


def _take_back(
    session: Session, connection: Connection, ids: Collection[str], heard: Heard, *, now: datetime
) -> None:
    """Delete the activities of these statements, and open again what nothing else completes."""
    kept = [kept_id(connection.tool.slug, one) for one in sorted(ids)]
    for part in in_parts(kept):
        rows = session.scalars(select(Activity).where(Activity.external_id.in_(part))).all()
        gone = {row.id for row in rows}
        session.execute(
            delete(Activity)
            .where(Activity.id.in_(gone))
            .execution_options(synchronize_session="fetch")
        )
        leave_word(session, [row.external_id for row in rows], now=now)
        heard.counts["withdrawn"] += len(gone)
        _take_stars_back(session, [row for row in rows if row.verb == Verb.RATED])
        completed = {(row.person_id, row.item_id) for row in rows if row.verb == Verb.COMPLETED}
        for pair in sorted(completed):
            _reopen(session, pair)


def _take_stars_back(session: Session, rows: Sequence[Activity]) -> None:
    for _, state in _states(session, {(row.person_id, row.item_id) for row in rows}):
        state.stars = None
    session.flush()


def _reopen(session: Session, pair: Pair) -> None:
    """Open an item again unless it, or a duplicate of it, was completed otherwise."""
    person_id, item_id = pair
    earliest = session.scalar(
        select(func.min(Activity.at)).where(
            Activity.person_id == person_id,
            Activity.item_id.in_(clusters.members(session, item_id)),
            Activity.verb == Verb.COMPLETED.value,
        )
    )
    state = session.get(ItemState, pair)
    if state is None or state.done_at is None:
        return
    state.done_at = earliest
    if earliest is None:
        state.progress = None
        session.flush()
        events.item_reopened.send(session, person_id=person_id, item_id=item_id)
    session.flush()


def most_unknown(unknown: Mapping[str, int], limit: int = 20) -> list[Problem]:
    """Return the activities that nothing in the catalogue is known for, the most frequent first."""
    most = sorted(unknown.items(), key=lambda one: (-one[1], one[0]))[:limit]
    return [
        Problem(
            what,
            Wording(
                "Nothing in the catalogue is known by this (%(times)s statements).", times=times
            ),
        )
        for what, times in most
    ]

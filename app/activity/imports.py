"""Reads one line about what a person did into a record, and stores records as activities.

Every statement has an id: the tool's own or, where it gives none, one made from what it says. So a
file can be imported again and again.
"""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import insert, select, tuple_
from sqlalchemy.orm import Session

from app import events
from app.activity import ratings
from app.activity.deeds import Deed
from app.activity.pauses import counting
from app.activity.removals import removed_among
from app.catalogue.records import ItemKey, tool_slug
from app.catalogue.stored import Stored, in_parts, stored_items
from app.intake.fields import Complaint, Fields
from app.intake.report import Fate, Outcome
from app.intake.text import shown
from app.models import Activity, ItemState, Person, Verb

FIELDS = ("email", "tool", "external_id", "verb", "at", "id", "value")
MOST_STARS = 5
MOST_SECONDS = 8 * 3600
_CLOCKS_DIFFER = timedelta(days=1)
_EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
_LASTING = {
    Verb.SAVED: "saved_at",
    Verb.COMPLETED: "done_at",
    Verb.DISMISSED: "dismissed_at",
    Verb.LIKED: "liked_at",
}


@dataclass(frozen=True, slots=True)
class Statement:
    """One thing that a person did with an item, as a tool tells it.

    `value` is the stars of what was rated and the seconds of what was spent, else None.
    """

    email: str
    item: ItemKey
    verb: Verb
    at: datetime
    id: str
    value: int | None = None

    @property
    def external_id(self) -> str:
        """Return what identifies the statement among those of all tools."""
        tool, item = self.item
        return kept_id(
            tool, self.id or _hash(self.email, item, self.verb.value, self.at.isoformat())
        )


class ActivityImporter:
    """Imports activities from 1970 on; none may lie in the future, seen from `now`."""

    def __init__(self, now: datetime) -> None:
        """Remember the latest moment that is believed."""
        self._latest = now + _CLOCKS_DIFFER

    def record(self, values: Fields) -> Statement | None:
        """Return the line's statement; None when a field has complained."""
        values.ignore_others(FIELDS)
        email = values.email("email")
        tool = tool_slug(values.required("tool", 80))
        external_id = values.required("external_id", 300)
        verb = values.choice("verb", [verb.value for verb in Verb])
        at = values.moment("at")
        own_id = values.text("id", 2000)
        value = _value_of(values, verb)
        for name in ("email", "verb", "at"):
            if not values.has(name):
                values.complain(name, "is missing")
        if at and at > self._latest:
            values.complain("at", f"{shown(at)} lies in the future")
        if at and at < _EARLIEST:
            values.complain("at", f"{shown(at)} lies before {_EARLIEST.year}")
        if values.problems or verb is None or at is None:
            return None
        return Statement(email, (tool, external_id), Verb(verb), at, own_id, value)

    def key(self, record: Statement) -> str:
        """Return the statement's identity."""
        return record.external_id

    def store(
        self, session: Session, records: Sequence[Statement], *, write: bool
    ) -> list[Outcome]:
        """Append the statements that are news; those about unknown people or items fail."""
        lookup = _Lookup(session, records)
        outcomes = [lookup.outcome(record) for record in records]
        news = [one for one, outcome in zip(records, outcomes, strict=True) if _is_new(outcome)]
        if write:
            append(session, [lookup.resolved(one) for one in news])
        return outcomes

    def points_elsewhere(self, record: Statement) -> bool:  # noqa: ARG002 (the protocol's)
        """Answer no: a statement points to nothing that may come later."""
        return False

    def links(
        self,
        session: Session,  # noqa: ARG002
        records: Sequence[Statement],
        *,
        write: bool,  # noqa: ARG002
    ) -> list[Complaint | None]:
        """Do nothing, for no statement points elsewhere."""
        return [None] * len(records)


def kept_id(tool: str, own: str) -> str:
    """Return what identifies a statement among those of all tools, from the tool's own id."""
    return f"{tool}:{own if len(own) <= 200 else _hash(own)}"


def append(session: Session, deeds: Sequence[Deed]) -> int:
    """Append activities in one statement, and write what lasts of them onto the items' states.

    Tells `events.item_completed` of each item that a person had not done before. What somebody did
    in a pause is kept and does not count. Of ratings only the latest of each person and item stays.
    Returns how many activities were written.
    """
    deeds = ratings.latest(session, deeds)
    if not deeds:
        return 0
    counts = counting(session, [(deed.person_id, deed.at) for deed in deeds])
    rows = [_row(deed) | {"counts": one} for deed, one in zip(deeds, counts, strict=True)]
    session.execute(insert(Activity), rows)
    in_order = sorted(deeds, key=lambda one: one.at)
    lasting = [deed for deed in in_order if deed.verb in _LASTING or deed.verb is Verb.RATED]
    states = states_of(session, {(deed.person_id, deed.item_id) for deed in lasting})
    for deed in lasting:
        _leave_mark(session, states, deed)
    session.flush()
    return len(deeds)


class _Lookup:
    """The people, items and statements that some records speak of."""

    def __init__(self, session: Session, records: Sequence[Statement]) -> None:
        emails = sorted({record.email for record in records})
        people = session.execute(select(Person.email, Person.id).where(Person.email.in_(emails)))
        self.people: dict[str, int] = {row.email: row.id for row in people}
        self.items: dict[ItemKey, Stored] = stored_items(session, {one.item for one in records})
        ids = [record.external_id for record in records]
        kept = session.scalars(select(Activity.external_id).where(Activity.external_id.in_(ids)))
        self.known = set(kept) | removed_among(session, ids)

    def outcome(self, record: Statement) -> Outcome:
        name = f"{record.verb.value} {record.item[1]}"
        problems = []
        if record.email not in self.people:
            problems.append(Complaint("email", f"{shown(record.email)} is not in the directory"))
        if record.item not in self.items:
            what = f"{shown(record.item[1])} of {record.item[0]} is not in the catalogue"
            problems.append(Complaint("external_id", what))
        if problems:
            return Outcome(name, Fate.FAILED, problems=tuple(problems))
        return Outcome(name, Fate.UNCHANGED if record.external_id in self.known else Fate.NEW)

    def resolved(self, record: Statement) -> Deed:
        return Deed(
            person_id=self.people[record.email],
            item_id=self.items[record.item].id,
            verb=record.verb,
            at=record.at,
            source=record.item[0][:40],
            external_id=record.external_id,
            value=record.value,
        )


States = dict[tuple[int, int], ItemState]


def states_of(session: Session, keys: Collection[tuple[int, int]]) -> States:
    """Return the states of these (person, item) pairs, new ones added to the session."""
    key = tuple_(ItemState.person_id, ItemState.item_id)
    states = {
        (one.person_id, one.item_id): one
        for part in in_parts(sorted(keys))
        for one in session.scalars(select(ItemState).where(key.in_(part)))
    }
    for person_id, item_id in sorted(set(keys) - states.keys()):
        states[person_id, item_id] = ItemState(person_id=person_id, item_id=item_id)
    session.add_all(states.values())
    return states


def _leave_mark(session: Session, states: Mapping[tuple[int, int], ItemState], deed: Deed) -> None:
    state = states[deed.person_id, deed.item_id]
    if deed.verb is Verb.RATED:
        state.stars = round(deed.value) if deed.value else None
        return
    if getattr(state, _LASTING[deed.verb]) is not None:
        return
    setattr(state, _LASTING[deed.verb], deed.at)
    if deed.verb is Verb.COMPLETED:
        state.dismissed_at = None
        session.flush()
        events.item_completed.send(
            session, person_id=deed.person_id, item_id=deed.item_id, at=deed.at
        )


def _row(deed: Deed) -> dict[str, object]:
    return {
        "person_id": deed.person_id,
        "item_id": deed.item_id,
        "verb": deed.verb.value,
        "at": deed.at,
        "source": deed.source,
        "external_id": deed.external_id,
        "value": deed.value,
    }


def _value_of(values: Fields, verb: str | None) -> int | None:
    """Return the line's stars or seconds; complain where its verb asks for one and has none."""
    most = {Verb.RATED.value: MOST_STARS, Verb.SPENT.value: MOST_SECONDS}.get(verb or "")
    if most is None:
        values.text("value", 40)
        return None
    value = values.whole("value", most)
    if not value and not values.complained_of("value"):
        values.complain("value", "must be 1 or more" if values.has("value") else "is missing")
    return value


def _is_new(outcome: Outcome) -> bool:
    return outcome.fate is Fate.NEW


def _hash(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()

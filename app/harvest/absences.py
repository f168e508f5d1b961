"""Decides what a complete sweep says of the items that it did not see.

That an item was not seen proves little: pages move under a walk, and accounts lose rights. So the
tool is asked for each one by its id. What it calls gone or hidden is retired; where it cannot say,
only the second absence in a row counts. A sweep that saw nothing, or could not read a range,
proves nothing, nor does an answer that cannot be read; and a sweep that would take too much away
waits for a curator.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from app.catalogue import service
from app.catalogue.stored import in_parts
from app.connectors.base import ErrorKind, Harvests, Presence, SourceError
from app.harvest.writing import forget_presence, note_presence, presence_rows
from app.models import Item, ItemPresence, Status, SweepPage

FEW = 20
SHARE = 0.10
MOST_PROBED = 500
MOST_PAGES = 20_000
_AT_ONCE = 50
_ABSENT_TWICE = 2
UNREAD = ""  # stands among the ids of a sweep that could not read a range
_THERE = frozenset({Presence.LIVE, Presence.MOVED})
_AWAY = frozenset({Presence.GONE, Presence.HIDDEN})
_CANNOT_SAY = frozenset({ErrorKind.CONFIG, ErrorKind.FORBIDDEN})


@dataclass(frozen=True, slots=True)
class Missing:
    """A live item that a complete sweep did not see, and how many sweeps before it did not."""

    id: int
    external_id: str
    title: str
    absences: int


@dataclass(frozen=True, slots=True)
class Sweep:
    """A complete sweep: how many live items the tool had here, and which it did not see."""

    live: int = 0
    missing: tuple[Missing, ...] = ()
    unread: bool = False

    @property
    def most(self) -> float:
        """Return how many items it may take away without asking."""
        return max(FEW, self.live * SHARE)


@dataclass(slots=True)
class Verdict:
    """What becomes of the missing items, by id: away for good, absent once more, or there."""

    away: dict[int, Presence] = field(default_factory=dict)
    absent: dict[int, int] = field(default_factory=dict)
    there: list[int] = field(default_factory=list)


def note_seen(session: Session, connection_id: int, external_ids: Collection[str]) -> None:
    """Keep the ids that the sweep under way has seen."""
    if external_ids:
        session.add(SweepPage(connection_id=connection_id, external_ids=sorted(external_ids)))
        session.flush()


def forget_seen(session: Session, connection_id: int) -> None:
    """Begin a sweep, or end one: nothing has been seen."""
    session.execute(
        delete(SweepPage)
        .where(SweepPage.connection_id == connection_id)
        .execution_options(synchronize_session=False)
    )


def never_ends(session: Session, connection_id: int) -> bool:
    """Tell whether a sweep has gone on for so long that it is better begun anew.

    A tool that answers every question with the same page would else be remembered without end.
    """
    pages = select(func.count()).where(SweepPage.connection_id == connection_id)
    return (session.scalar(pages) or 0) >= MOST_PAGES


def seen_in_sweep(session: Session, connection_id: int) -> set[str]:
    """Return the ids that the sweep under way has seen."""
    pages = select(SweepPage.external_ids).where(SweepPage.connection_id == connection_id)
    return {external_id for page in session.scalars(pages) for external_id in page}


def swept(session: Session, tool_id: int, seen: Collection[str]) -> Sweep:
    """Return what a complete sweep says that saw these ids.

    Items whose status a curator has set are left to them.
    """
    rows = session.execute(
        select(Item.id, Item.external_id, Item.title, Item.locked, ItemPresence.absences)
        .outerjoin(ItemPresence, ItemPresence.item_id == Item.id)
        .where(Item.tool_id == tool_id, Item.status == Status.LIVE.value)
        .order_by(Item.id)
    ).all()
    if not set(seen) - {UNREAD}:
        return Sweep(len(rows))
    missing = tuple(
        Missing(row.id, row.external_id, row.title, row.absences or 0)
        for row in rows
        if row.external_id not in seen and "status" not in row.locked
    )
    return Sweep(len(rows), missing, UNREAD in seen)


def live_items(
    session: Session, tool_id: int, external_ids: Collection[str]
) -> list[tuple[str, str]]:
    """Return those of these items that are live, as (external id, title)."""
    return [
        (external_id, title)
        for part in in_parts(external_ids)
        for external_id, title in session.execute(
            select(Item.external_id, Item.title)
            .where(Item.tool_id == tool_id, Item.status == Status.LIVE.value)
            .where(Item.external_id.in_(part))
        )
    ]


def probed(
    tool: Harvests, missing: Sequence[Missing], tick: Callable[[], None]
) -> dict[str, Presence | None]:
    """Ask the tool for these items, those first that were absent before; at most 500 of them.

    A tool that cannot answer such questions leaves them unknown; None stands for an answer that
    could not be read. Raises SourceError for trouble that passes or concerns the sign-in, after
    which the end of the sweep is tried again.
    """
    found: dict[str, Presence | None] = {}
    asked = sorted(missing, key=lambda one: -one.absences)[:MOST_PROBED]
    for part in _parts([one.external_id for one in asked]):
        tick()
        try:
            found.update(tool.probe(part))
        except SourceError as error:
            if error.kind is ErrorKind.SCHEMA:
                found.update(dict.fromkeys(part))
            elif error.kind in _CANNOT_SAY:
                break
            else:
                raise
    return found


def judged(sweep: Sweep, presences: Mapping[str, Presence | None]) -> Verdict:
    """Return what becomes of each missing item."""
    verdict = Verdict()
    for one in sweep.missing:
        presence = presences.get(one.external_id, Presence.UNKNOWN)
        if presence in _AWAY:
            verdict.away[one.id] = presence
        elif presence in _THERE:
            verdict.there.append(one.id)
        elif sweep.unread or presence is None:
            continue
        elif one.absences + 1 >= _ABSENT_TWICE:
            verdict.away[one.id] = Presence.GONE
        else:
            verdict.absent[one.id] = one.absences + 1
    return verdict


def carry_out(session: Session, sweep: Sweep, verdict: Verdict, *, now: datetime) -> bool:
    """Write the verdict; hold what it would take away if that is too much, and return False."""
    forget_presence(session, verdict.there)
    _count_absences(session, verdict.absent, now=now)
    if len(verdict.away) > sweep.most:
        _hold(session, verdict.away, now=now)
        return False
    note_presence(session, verdict.away, now=now)
    service.set_status(session, list(verdict.away), Status.RETIRED, now=now)
    return True


def _count_absences(session: Session, absences: Mapping[int, int], *, now: datetime) -> None:
    known = presence_rows(session, absences)
    for item_id, times in absences.items():
        row = known.get(item_id)
        if row is None:
            row = ItemPresence(item_id=item_id, presence=Presence.UNKNOWN.value, since=now)
            session.add(row)
        row.absences = times
    session.flush()


def _hold(session: Session, away: Mapping[int, Presence], *, now: datetime) -> None:
    known = presence_rows(session, away)
    for item_id, presence in away.items():
        row = known.get(item_id)
        if row is None:
            row = ItemPresence(item_id=item_id, absences=1, since=now)
            session.add(row)
        row.presence, row.held = presence.value, True
    session.flush()


def _parts(external_ids: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(external_ids), _AT_ONCE):
        yield external_ids[start : start + _AT_ONCE]

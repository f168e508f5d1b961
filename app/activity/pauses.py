"""While somebody pauses their signals, what they do is kept for them and counts for nothing else.

Every row of activity is written with what `counting` says of it, whoever writes it. What happened
in a pause that is over does not count either, however late a tool tells of it.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.catalogue.stored import in_parts
from app.models import Person, SignalPause


def pause(session: Session, person_id: int, *, now: datetime) -> None:
    """Let nothing count that this person does from now on; doing it twice changes nothing."""
    if not _switch(session, person_id, paused=True):
        return
    session.add(SignalPause(person_id=person_id, since=now))
    session.flush()


def resume(session: Session, person_id: int, *, now: datetime) -> None:
    """Let count again what this person does; what they did meanwhile goes on not counting."""
    if not _switch(session, person_id, paused=False):
        return
    session.execute(
        update(SignalPause)
        .where(SignalPause.person_id == person_id, SignalPause.until.is_(None))
        .values(until=now)
    )


def paused_since(session: Session, person_id: int) -> datetime | None:
    """Return since when the person's signals are paused, or None where they are not."""
    return session.scalar(
        select(SignalPause.since).where(
            SignalPause.person_id == person_id, SignalPause.until.is_(None)
        )
    )


def counting(session: Session, moments: Sequence[tuple[int, datetime]]) -> list[bool]:
    """Tell of each (person id, moment) whether what happened then counts, in one statement.

    Nothing counts that is written while the person pauses, whenever it happened.
    """
    pauses: dict[int, list[SignalPause]] = defaultdict(list)
    for part in in_parts(sorted({person_id for person_id, _ in moments})):
        for row in session.scalars(select(SignalPause).where(SignalPause.person_id.in_(part))):
            pauses[row.person_id].append(row)
    return [
        not any(_covers(span, at) for span in pauses.get(person_id, ()))
        for person_id, at in moments
    ]


def _covers(span: SignalPause, at: datetime) -> bool:
    return span.until is None or span.since <= at < span.until


def _switch(session: Session, person_id: int, *, paused: bool) -> bool:
    """Set the person's switch; tell whether it stood otherwise."""
    changed = session.execute(
        update(Person)
        .where(Person.id == person_id, Person.pauses_signals.is_not(paused))
        .values(pauses_signals=paused)
        .returning(Person.id)
    )
    return changed.first() is not None

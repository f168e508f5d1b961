"""When an event takes place: a day and a time of day in a named time zone. No database, no words.

A time of day that clocks pass over when they go forward is no moment; of one that comes twice when
they go back, the first is meant (PEP 495, fold 0).
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from enum import StrEnum

from app import clock
from app.models import Kind, Step
from app.playlists.days import Calendar


class Missed(StrEnum):
    """Why somebody could not be at an event."""

    BEFORE = "before"
    AWAY = "away"


@dataclass(frozen=True, slots=True)
class Moment:
    """A day and a time of day by the clocks of a time zone, which is named as in the IANA list."""

    day: date
    at: time
    zone: str

    @property
    def starts_at(self) -> datetime:
        """Return the moment in UTC; in a time zone that is unknown here, as if that were UTC."""
        there = clock.zone(self.zone, "UTC")
        return datetime.combine(self.day, self.at, there).astimezone(UTC)

    def on_the_clock_of(self, zone: str | None) -> datetime:
        """Return the moment in this time zone; in its own where there is none, or no such one."""
        own = clock.zone(self.zone, "UTC")
        return self.starts_at.astimezone(clock.zone(zone, own.key))


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """An event for one person: `at` is on their clock, `zone` is that of the event.

    Who has no time zone of their own has it on the clock of the event, and `is_own` is not so.
    `missed` says why they could not be there, None where they could or can.
    """

    at: datetime
    zone: str
    is_own: bool
    missed: Missed | None = None

    @property
    def day(self) -> date:
        """Return the day on which it is for this person."""
        return self.at.date()


def moment_of(step: Step, kind: str) -> Moment | None:
    """Return when a step takes place; `kind` is its item's kind, or its own where it has none.

    None for what is no event, whatever stands in its row, and for an event without a date.
    """
    return written(step) if kind == Kind.EVENT.value else None


def written(step: Step) -> Moment | None:
    """Return the moment that is written with a step, whether it is an event or not any more."""
    if step.held_on is None or step.held_at is None:
        return None
    return Moment(step.held_on, step.held_at, step.time_zone)


def held_for(
    moment: Moment,
    *,
    own_zone: str | None,
    calendar: Calendar,
    given_at: datetime | None,
    today: date,
) -> Held:
    """Return an event for a person who was given its playlist at `given_at`, None for nobody.

    They could not be there if it was before their first day, or before the playlist was theirs; nor
    if it is over and they said that they were away on that day.
    """
    at = moment.on_the_clock_of(own_zone)
    missed = None
    if given_at is not None:
        missed = _missed(at, calendar, given_at, today)
    return Held(at=at, zone=moment.zone, is_own=bool(own_zone), missed=missed)


def clock_text(held: Held) -> str:
    """Write the time of day: 14:00; with its place where that may be another one for the reader.

    So 13:00 (14:00 Berlin), and 14:00 (Berlin) for whoever has no time zone of their own.
    """
    own, there = held.at, held.at.astimezone(clock.zone(held.zone, "UTC"))
    city = held.zone.rpartition("/")[2].replace("_", " ")
    if own.utcoffset() != there.utcoffset():
        return f"{own:%H:%M} ({there:%H:%M} {city})"
    return f"{own:%H:%M}" if held.is_own else f"{own:%H:%M} ({city})"


def skipped_to(day: date, at: time, zone: str) -> time | None:
    """Return what clocks show in place of a time that they pass over; None for one they show."""
    there = clock.zone(zone, "UTC")
    shown = datetime.combine(day, at, there).astimezone(UTC).astimezone(there)
    return None if shown.time() == at else shown.time()


def _missed(at: datetime, calendar: Calendar, given_at: datetime, today: date) -> Missed | None:
    if at.date() < calendar.starts_on or at < given_at:
        return Missed.BEFORE
    if at.date() < today and calendar.free.is_away(at.date()):
        return Missed.AWAY
    return None

"""How far a person is with a whole plan on one day: counted, no words.

Only required units count, unless a plan has none.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from app.playlists.days import Calendar
from app.playlists.progress import (
    DatedStep,
    StepState,
    is_done,
    is_excused,
    is_required,
    units,
)


class Pace(StrEnum):
    """How the whole playlist goes on one day."""

    UPCOMING = "upcoming"
    ON_TRACK = "on-track"
    BEHIND = "behind"
    OVER = "over"
    FINISHED = "finished"


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How far a person is: `day` of `days`, `done` of `total` units, of the others `late`.

    `extra` counts the optional units that are still open.
    """

    day: int
    days: int
    total: int
    done: int
    late: int
    pace: Pace
    extra: int = 0

    @property
    def left(self) -> int:
        """Return how many units are still to be done."""
        return self.total - self.done


def standing(steps: Sequence[DatedStep], *, days: int, calendar: Calendar, today: date) -> Standing:
    """Return how far the person is today with these steps in a plan of `days` days."""
    day = calendar.day_number(today)
    found = units([each.step for each in steps])
    required = [unit for unit in found if is_required(unit)]
    counted = required or [unit for unit in found if not is_excused(unit)]
    late_ids = {each.step.id for each in steps if each.state is StepState.LATE}
    done = sum(is_done(unit) for unit in counted)
    late = sum(any(step.id in late_ids for step in unit) for unit in counted)
    pace = _pace(day=day, days=days, left=len(counted) - done, late=late)
    return Standing(
        day=day,
        days=days,
        total=len(counted),
        done=done,
        late=late,
        pace=pace,
        extra=sum(
            not (is_done(unit) or is_excused(unit)) for unit in found if not is_required(unit)
        ),
    )


def _pace(*, day: int, days: int, left: int, late: int) -> Pace:
    if not left:
        return Pace.FINISHED
    if day < 1:
        return Pace.UPCOMING
    if day > days:
        return Pace.OVER
    return Pace.BEHIND if late else Pace.ON_TRACK

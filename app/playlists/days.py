"""Counts the days of a plan: from the start day, over weekends, holidays and absences or not.

No database and no words. A plan counts calendar days, or working days alone. Whatever it counts, a
day that is free for its person is known, so that nothing is moved onto one.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import islice

WEEKEND = frozenset({5, 6})
DAYS_IN_WEEK = 7
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Days from the first to the last, both included."""

    first: date
    last: date

    def __contains__(self, day: date) -> bool:
        """Tell whether the day is one of them."""
        return self.first <= day <= self.last


@dataclass(frozen=True, slots=True, kw_only=True)
class FreeDays:
    """The days on which one person does not work: each weekend, and what is known besides.

    `weekend` are weekdays, Monday being 0.
    """

    holidays: frozenset[date] = frozenset()
    away: tuple[Span, ...] = ()
    weekend: frozenset[int] = WEEKEND

    def __contains__(self, day: date) -> bool:
        """Tell whether the person is free on this day."""
        return (
            day.weekday() in self.weekend
            or day in self.holidays
            or any(day in span for span in self.away)
        )

    def working_from(self, day: date) -> Iterator[date]:
        """Yield the days from this one on, it too, on which the person works."""
        while True:
            if day not in self:
                yield day
            day += _DAY

    def working_after(self, day: date) -> date:
        """Return the first working day after this one."""
        return next(self.working_from(day + _DAY))

    def is_away(self, day: date) -> bool:
        """Tell whether the person themselves said that they are away on this day."""
        return any(day in span for span in self.away)

    def back_since(self, today: date, *, within: timedelta) -> Span | None:
        """Return the absence that ended last, no longer ago than `within`; None if there is none.

        Nobody is back while they are away.
        """
        if self.is_away(today):
            return None
        over = [span for span in self.away if today - within <= span.last < today]
        return max(over, key=lambda span: span.last, default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """How the days of one plan are counted; with `working` only those that are not `free`.

    Day 1 is the start day or, where it is free and such days are not counted, the next that is not.
    """

    starts_on: date
    working: bool = False
    free: FreeDays = FreeDays()

    @property
    def days_in_week(self) -> int:
        """Return how many counted days make a week of the plan."""
        return days_in_week(working=self.working)

    def first(self, count: int) -> list[date]:
        """Return the first `count` days that are counted."""
        if self.working:
            return list(islice(self.free.working_from(self.starts_on), count))
        return [self.starts_on + timedelta(days=number) for number in range(count)]

    def due_on(self, due_day: int) -> date:
        """Return the calendar day of the `due_day`-th day, which is 1 or more."""
        if self.working:
            return self.first(due_day)[-1]
        return self.starts_on + timedelta(days=due_day - 1)

    def day_number(self, day: date) -> int:
        """Return how many days are counted until this one, it too; 0 or less before the start."""
        passed = (day - self.starts_on).days + 1
        if passed < 1 or not self.working:
            return passed
        days = (self.starts_on + timedelta(days=number) for number in range(passed))
        return sum(each not in self.free for each in days)

    def week_starts_on(self, week: int) -> date:
        """Return the first calendar day of this week of the plan, counted from 1."""
        return self.due_on((week - 1) * self.days_in_week + 1)

    def week_holding(self, day: date) -> int:
        """Return the week of the plan, counted from 1, in which this calendar day lies."""
        return week_of(max(self.day_number(day), 1), in_week=self.days_in_week)


def days_in_week(*, working: bool) -> int:
    """Return how many days of a plan make a week: 5 working days, or all 7."""
    return DAYS_IN_WEEK - len(WEEKEND) if working else DAYS_IN_WEEK


def week_of(due_day: int, *, in_week: int = DAYS_IN_WEEK) -> int:
    """Return the week, counted from 1, in which this day of a plan lies."""
    return (due_day - 1) // in_week + 1


def joined(spans: Iterable[Span]) -> list[Span]:
    """Return the same days as spans that neither overlap nor touch, the earliest first."""
    result: list[Span] = []
    for span in sorted(spans):
        if result and span.first <= result[-1].last + _DAY:
            result[-1] = Span(result[-1].first, max(result[-1].last, span.last))
        else:
            result.append(span)
    return result

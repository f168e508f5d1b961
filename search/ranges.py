"""Spans of numbers that a question asks for: how long something takes, when it was published.

under:30m  under:1h30m  over:1h  updated:2026  updated:2026-03  updated:2026-03-09
"""

import re
from dataclasses import dataclass
from datetime import date, timedelta

MINUTES, PUBLISHED = "minutes", "published"
LONGEST_MINUTES = 99_999
RANGES = ("under", "over", "updated", "published")

_HOURS = r"([0-9]{1,3}(?:[.,][0-9])?)\s*(?:h|hrs?|hours?)"
_MINUTES = r"([0-9]{1,5})\s*(?:m|mins?|minutes?)?"
_LENGTH = re.compile(rf"(?:{_HOURS})?\s*(?:{_MINUTES})?")
_PERIOD = re.compile(r"([12][0-9]{3})(?:-([0-9]{1,2})(?:-([0-9]{1,2}))?)?")


@dataclass(frozen=True, slots=True)
class Range:
    """The numbers of a field from `low` to `high`, both included; None leaves that end open.

    `minutes` counts minutes, `published` counts days as `date.toordinal` does. Where a document's
    number is not known, it lies in no range.
    """

    field: str
    low: int | None = None
    high: int | None = None

    def __str__(self) -> str:
        """Spell it the way it is typed."""
        if self.field == PUBLISHED and self.low is not None and self.high is not None:
            return f"updated:{_spelt(date.fromordinal(self.low), date.fromordinal(self.high))}"
        ends = [f"over:{self.low - 1}m"] if self.low is not None else []
        ends += [f"under:{self.high + 1}m"] if self.high is not None else []
        return " ".join(ends)

    @property
    def text(self) -> str:
        """The range as it is typed."""
        return str(self)


def read_range(name: str, value: str) -> Range | None:
    """Read what was typed behind the name of a range; None where it makes no sense."""
    if name in ("updated", "published"):
        return _read_period(value.strip())
    length = _read_length(value.strip().casefold())
    if length < 1:
        return None
    return Range(MINUTES, high=length - 1) if name == "under" else Range(MINUTES, low=length + 1)


def _read_length(value: str) -> int:
    """Read a length in minutes; 0 where there is none to read."""
    found = _LENGTH.fullmatch(value)
    if found is None:
        return 0
    hours, minutes = found.groups()
    length = round(60 * float((hours or "0").replace(",", "."))) + int(minutes or 0)
    return length if length <= LONGEST_MINUTES else 0


def _read_period(value: str) -> Range | None:
    found = _PERIOD.fullmatch(value)
    if found is None:
        return None
    year, month, day = (int(part) if part else None for part in found.groups())
    try:
        first = date(year or 0, month or 1, day or 1)
    except ValueError:
        return None
    last = first if day else _last_day(first, 12 if month is None else first.month)
    return Range(PUBLISHED, first.toordinal(), last.toordinal())


def _last_day(first: date, month: int) -> date:
    """Give the last day of a month in the year of a day."""
    return (first.replace(month=month, day=28) + timedelta(days=4)).replace(day=1) - timedelta(1)


def _spelt(first: date, last: date) -> str:
    """Spell a period: a day, a month, or a year; anything else by its two days."""
    if first == last:
        return first.isoformat()
    if first.day == 1 and last == _last_day(first, first.month):
        return first.isoformat()[:7]
    if (first.month, first.day) == (1, 1) and last == _last_day(first, 12):
        return first.isoformat()[:4]
    return f"{first.isoformat()}..{last.isoformat()}"

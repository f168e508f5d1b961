"""Where steps stand: weeks and days of a playlist as numbers from 1, and orders of days. Pure.

How many days make a week is `app.playlists.days.days_in_week`; here it is `length`.
"""

from bisect import bisect_right
from collections.abc import Sequence

from app.playlists.days import week_of

MOST_DAYS = 730


def weeks_in(days: int, length: int) -> int:
    """Return how many weeks a playlist of so many days has, the last one perhaps not whole."""
    return max(1, -(-days // length))


def first_day(week: int, length: int) -> int:
    """Return the first day of a week."""
    return (week - 1) * length + 1


def last_day(week: int, length: int) -> int:
    """Return the last day of a week."""
    return week * length


def converted(day: int, before: int, after: int) -> int:
    """Return the day in the same week where weeks get another length.

    What was at the weekend comes to the last working day; so no order is turned round.
    """
    week, place = week_of(day, in_week=before), (day - 1) % before + 1
    return (week - 1) * after + min(place, after)


def exchanged(day: int, one: int, other: int, length: int) -> int:
    """Return the day after two weeks, given by number, have changed places."""
    week = week_of(day, in_week=length)
    if week == one:
        return day + (other - one) * length
    if week == other:
        return day + (one - other) * length
    return day


def between(day: int, low: int | None, high: int | None) -> int:
    """Return the day, or the nearest one that is not before `low` nor after `high`."""
    raised = day if low is None else max(day, low)
    return raised if high is None else min(raised, high)


def in_order(days: Sequence[int]) -> list[int]:
    """Return days that never go back, for steps in this order, changing as few as can be.

    The longest run of days that never goes back stays (found by patience sorting); every other
    step comes to the nearest day between its neighbours.
    """
    staying = _longest_run(days)
    kept = iter([*(days[place] for place in sorted(staying)), None])
    before: int | None = None
    following = next(kept)
    found = []
    for place, day in enumerate(days):
        if place in staying:
            following = next(kept)
            found.append(day)
        else:
            found.append(between(day, before, following))
        before = found[-1]
    return found


def _longest_run(days: Sequence[int]) -> set[int]:
    """Return the places of a longest run of days that never goes back."""
    tops: list[int] = []
    places: list[int] = []
    before: list[int | None] = []
    for place, day in enumerate(days):
        pile = bisect_right(tops, day)
        before.append(places[pile - 1] if pile else None)
        tops[pile : pile + 1] = [day]
        places[pile : pile + 1] = [place]
    found: set[int] = set()
    at = places[-1] if places else None
    while at is not None:
        found.add(at)
        at = before[at]
    return found

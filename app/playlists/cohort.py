"""What may be told of people who are under way together: sums of five people or more, or nothing.

Nobody is to be found out, not by a number and not by the difference of two. So months with few
people are told with their neighbours; a step's number is told only if those who have done it and
those who have not are each nobody or at least five; and a number of all months is told only if the
months whose number is kept back are, taken together, not few either.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

AT_LEAST = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Traveller:
    """Somebody who is under way: the day of their start, and of each step by its key what is so.

    `steps` are the steps of their version, `done` those that are done, `late` those that are not
    done and whose day has passed, `next` the one that they have to do now.
    """

    starts_on: date
    steps: frozenset[str]
    done: frozenset[str]
    late: frozenset[str]
    next: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    """How many of how many; None where that is not told."""

    some: int | None
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Cohort:
    """People who started in the months from `first` to `last` (first days of months)."""

    first: date
    last: date
    people: tuple[Traveller, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StepFigures:
    """One step: who has done it, and who is late with it; None where nothing of it is told."""

    key: str
    done: Told | None
    late: Told | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What is told of some people: how many, each step, and where the most of them wait.

    How many wait is kept back where how many have done that step is (it would say as much), where
    those are few who have neither done it nor wait there, and, of all cohorts, where the number of
    one of them would be left over.
    """

    people: int
    steps: tuple[StepFigures, ...]
    stalls_at: str = ""
    waiting: Told | None = None


def cohorts(people: Iterable[Traveller], at_least: int = AT_LEAST) -> list[Cohort]:
    """Return the people by the months in which they started, the latest first.

    A month with too few is joined with those after it, the last one with the one before. Of too few
    people in all there is none.
    """
    months: dict[date, list[Traveller]] = {}
    for each in sorted(people, key=lambda one: one.starts_on):
        months.setdefault(each.starts_on.replace(day=1), []).append(each)
    found: list[Cohort] = []
    first: date | None = None
    waiting: list[Traveller] = []
    for month, those in months.items():
        first = first or month
        waiting += those
        if len(waiting) >= at_least:
            found.append(Cohort(first=first, last=month, people=tuple(waiting)))
            first, waiting = None, []
    if waiting and found:
        before = found.pop()
        last = waiting[-1].starts_on.replace(day=1)
        found.append(Cohort(first=before.first, last=last, people=(*before.people, *waiting)))
    return found[::-1]


def figures_of(cohort: Cohort, keys: Sequence[str], at_least: int = AT_LEAST) -> Figures:
    """Return what is told of one cohort, the steps in the order of `keys`."""
    return _figures(cohort.people, [_step(key, cohort.people, at_least) for key in keys], at_least)


def figures_of_all(
    together: Sequence[Cohort], keys: Sequence[str], at_least: int = AT_LEAST
) -> Figures:
    """Return what is told of all cohorts; no number with which a cohort's could be worked out."""
    everybody = [each for cohort in together for each in cohort.people]
    steps = []
    for key in keys:
        whole = _step(key, everybody, at_least)
        parts = [(cohort, _step(key, cohort.people, at_least)) for cohort in together]
        steps.append(
            StepFigures(
                key=key,
                done=whole.done
                if _covers(key, parts, "done", at_least)
                else _kept_back(whole.done),
                late=whole.late
                if _covers(key, parts, "late", at_least)
                else _kept_back(whole.late),
            )
        )
    return _figures(everybody, steps, at_least, together)


def may_tell(some: int, total: int, at_least: int = AT_LEAST) -> bool:
    """Tell whether neither those counted nor the others are few."""
    return total >= at_least and all(each == 0 or each >= at_least for each in (some, total - some))


def _step(key: str, people: Iterable[Traveller], at_least: int) -> StepFigures:
    having = [each for each in people if key in each.steps]
    done = sum(key in each.done for each in having)
    late = sum(key in each.late for each in having)
    if len(having) < at_least:
        return StepFigures(key=key, done=None, late=None)
    total = len(having)
    tells_done = may_tell(done, total, at_least)
    rest = total - done - late
    tells_late = may_tell(late, total, at_least) and (
        not tells_done or rest == 0 or rest >= at_least
    )
    return StepFigures(
        key=key,
        done=Told(done if tells_done else None, total),
        late=Told(late if tells_late else None, total),
    )


def _covers(
    key: str, parts: Sequence[tuple[Cohort, StepFigures]], what: str, at_least: int
) -> bool:
    """Tell whether a number of all reveals none that is kept back."""
    hidden = [cohort for cohort, figures in parts if not _is_told(getattr(figures, what))]
    having = [each for cohort in hidden for each in cohort.people if key in each.steps]
    if not having:
        return True
    if len([each for each in hidden if any(key in one.steps for one in each.people)]) == 1:
        return False
    done = sum(key in each.done for each in having)
    late = sum(key in each.late for each in having)
    return all(may_tell(some, len(having), at_least) for some in (done, late))


def _is_told(told: Told | None) -> bool:
    return told is not None and told.some is not None


def _kept_back(told: Told | None) -> Told | None:
    return Told(None, told.total) if told else None


def _figures(
    people: Sequence[Traveller],
    steps: Sequence[StepFigures],
    at_least: int,
    parts: Sequence[Cohort] = (),
) -> Figures:
    where: Mapping[str, int] = {step.key: _waiting(people, step.key) for step in steps}
    most = max(where, key=lambda key: where[key], default="")
    stalls = bool(most) and where[most] >= at_least
    done = next((step.done for step in steps if step.key == most), None)
    told = (
        stalls
        and _is_told(done)
        and _tells_waiting(people, most, at_least)
        and all(_tells_waiting(each.people, most, at_least) for each in parts)
    )
    return Figures(
        people=len(people),
        steps=tuple(steps),
        stalls_at=most if stalls else "",
        waiting=Told(where[most], len(people)) if told else None,
    )


def _waiting(people: Iterable[Traveller], key: str) -> int:
    """Return how many have this step as their next one."""
    return sum(each.next == key for each in people)


def _tells_waiting(people: Sequence[Traveller], key: str, at_least: int) -> bool:
    """Tell whether neither those who wait at a step are few, nor those who have it to do later."""
    waiting = _waiting(people, key)
    left = sum(key in each.steps and key not in each.done for each in people)
    return may_tell(waiting, len(people), at_least) and may_tell(waiting, left, at_least)

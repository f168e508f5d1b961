"""What may be told of people who are under way together: sums in whole groups, or nothing.

Nobody is to be found out, not by a number and not by the difference of two, of today and tomorrow
or of a part and the whole. So months with few people are told with their neighbours, numbers are
told as `app.sums` says, and of all cohorts what is told of each is added up.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from app.sums import FEWEST, AtLeast, told, told_of


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
    """How many of how many, in whole groups."""

    some: AtLeast
    total: AtLeast


@dataclass(frozen=True, slots=True, kw_only=True)
class Cohort:
    """People who started in the months from `first` to `last` (first days of months)."""

    first: date
    last: date
    people: tuple[Traveller, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StepFigures:
    """One step: who has done it, who is late with it, who has it next; None where few have it."""

    key: str
    done: Told | None
    late: Told | None
    waiting: Told | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What is told of some people: how many, each step, and where the most of them wait."""

    people: AtLeast
    steps: tuple[StepFigures, ...]

    @property
    def stalls_at(self) -> str:
        """Return the key of the first step at which a group waits and nowhere a larger one."""
        most = max(self.steps, key=_waiting, default=None)
        return most.key if most and _waiting(most) else ""

    @property
    def waiting(self) -> Told | None:
        """Return how many wait there."""
        return next((step.waiting for step in self.steps if step.key == self.stalls_at), None)


def cohorts(people: Iterable[Traveller], at_least: int = FEWEST) -> list[Cohort]:
    """Return the people by the months in which they started, the latest first.

    A month with fewer people than a group, of which nothing could be told, is joined with those
    after it, the last one with the one before. Of too few people in all there is none.
    """
    enough = max(at_least, FEWEST)
    months: dict[date, list[Traveller]] = {}
    for each in sorted(people, key=lambda one: one.starts_on):
        months.setdefault(each.starts_on.replace(day=1), []).append(each)
    found: list[Cohort] = []
    first: date | None = None
    waiting: list[Traveller] = []
    for month, those in months.items():
        first = first or month
        waiting += those
        if len(waiting) >= enough:
            found.append(Cohort(first=first, last=month, people=tuple(waiting)))
            first, waiting = None, []
    if waiting and found:
        before = found.pop()
        last = waiting[-1].starts_on.replace(day=1)
        found.append(Cohort(first=before.first, last=last, people=(*before.people, *waiting)))
    return found[::-1]


def figures_of(cohort: Cohort, keys: Sequence[str], at_least: int = FEWEST) -> Figures:
    """Return what is told of one cohort, the steps in the order of `keys`."""
    return Figures(
        people=told(len(cohort.people), fewest=at_least),
        steps=tuple(_step(key, cohort.people, at_least) for key in keys),
    )


def figures_of_all(
    together: Sequence[Cohort], keys: Sequence[str], at_least: int = FEWEST
) -> Figures:
    """Return what is told of all cohorts: what is told of each, added up."""
    parts = [figures_of(each, keys, at_least) for each in together]
    return Figures(
        people=AtLeast(sum(part.people for part in parts)),
        steps=tuple(
            _added(key, [part.steps[place] for part in parts]) for place, key in enumerate(keys)
        ),
    )


def _step(key: str, people: Iterable[Traveller], at_least: int) -> StepFigures:
    having = [each for each in people if key in each.steps]
    return StepFigures(
        key=key,
        done=_told(sum(key in each.done for each in having), len(having), at_least),
        late=_told(sum(key in each.late for each in having), len(having), at_least),
        waiting=_told(sum(each.next == key for each in having), len(having), at_least),
    )


def _told(some: int, total: int, at_least: int) -> Told | None:
    found = told_of(some, total, fewest=at_least)
    return None if found is None else Told(found, told(total, fewest=at_least))


def _added(key: str, parts: Sequence[StepFigures]) -> StepFigures:
    return StepFigures(
        key=key,
        done=_sum(part.done for part in parts),
        late=_sum(part.late for part in parts),
        waiting=_sum(part.waiting for part in parts),
    )


def _sum(parts: Iterable[Told | None]) -> Told | None:
    known = [part for part in parts if part is not None]
    if not known:
        return None
    return Told(AtLeast(sum(p.some for p in known)), AtLeast(sum(p.total for p in known)))


def _waiting(step: StepFigures) -> int:
    return step.waiting.some if step.waiting else 0

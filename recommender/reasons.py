"""Exactly one true statement for every recommendation, with the figures that prove it.

The parts of a score are tried from the strongest down; each names the statements it can make,
and a statement is made only if it can be re-derived from the raw data.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from recommender.data import DAY, Context, Floats, Ints, ItemFacts, Profile, Reason, ReasonCode
from recommender.model import Model
from recommender.reach import FEWEST, POPULAR_DAYS, TREND_DAYS, enough

NEW_DAYS = 30


@dataclass(frozen=True)
class Case:
    """One person before some items: `chosen` are their ids, `known` their positions or -1."""

    model: Model
    context: Context
    profile: Profile
    chosen: Sequence[int]
    known: Ints
    items: Mapping[int, ItemFacts]

    def facts(self, at: int) -> ItemFacts:
        """Return what is known about the chosen item."""
        return self.items.get(self.chosen[at]) or ItemFacts(self.chosen[at])

    @cached_property
    def verbs(self) -> dict[int, str]:
        """Return the strongest thing the person did with each item that they did not dismiss."""
        strength = self.model.settings.activity.strength
        history = self.context.history
        dismissed = {event.item for event in history if strength(event) < 0}
        found: dict[int, str] = {}
        best: dict[int, float] = {}
        for event in history:
            counts = strength(event)
            if counts > 0 and counts >= best.get(event.item, 0.0):
                found[event.item], best[event.item] = event.verb, counts
        return {item: verb for item, verb in found.items() if item not in dismissed}

    @cached_property
    def trending(self) -> list[int | None]:
        """Return for each item the people of the last week, where they may be told."""
        return self._quotable(self.model.reach.trending(self.known), TREND_DAYS)

    @cached_property
    def popular(self) -> list[int | None]:
        """Return for each item the people of the last month, where they may be told."""
        return self._quotable(self.model.reach.popular(self.known), POPULAR_DAYS)

    @cached_property
    def in_roles(self) -> list[tuple[str, list[int | None]]]:
        """Return for each of the person's roles its people of the last month."""
        reach = self.model.reach
        return [
            (role, self._quotable(reach.in_role(role, self.known), POPULAR_DAYS))
            for role in sorted(set(self.context.roles))
        ]

    def _quotable(self, people: Ints, days: int) -> list[int | None]:
        """Leave out the reader, groups too small to speak of, and counts older than their span."""
        if self.context.now - self.model.trained_at > days * DAY:
            return [None] * people.size
        met = self.verbs
        return [
            enough(count - (item in met))
            for item, count in zip(self.chosen, people.tolist(), strict=True)
        ]

    @cached_property
    def causes(self) -> list[int | None]:
        """Return for each chosen item what of the history speaks most for it, if anything does."""
        near = self.model.scorers.near
        rows, weights = near.voices(self.profile)
        shares = near.table.block(rows, self.known) * weights[:, None]
        return self._best(rows, shares)

    @cached_property
    def forerunners(self) -> list[tuple[int, int] | None]:
        """Return for each chosen item what enough people did just before it, and how many did."""
        steps = self.model.scorers.next
        rows, weights = steps.voices(self.profile)
        people = steps.followers(rows, self.known)
        shares = steps.table.block(rows, self.known) * weights[:, None]
        shares[people < FEWEST] = 0
        found = self._best(rows, shares)
        if not rows.size:
            return [None] * len(found)
        counts = people[shares.argmax(axis=0), np.arange(len(found))].astype(int).tolist()
        return [
            None if item is None else (item, number)
            for item, number in zip(found, counts, strict=True)
        ]

    def _best(self, rows: Ints, shares: Floats) -> list[int | None]:
        if not rows.size:
            return [None] * len(self.chosen)
        best = shares.argmax(axis=0)
        items = self.model.items[rows[best]].tolist()
        speaks = (shares.max(axis=0) > 0).tolist()
        return [item if true else None for item, true in zip(items, speaks, strict=True)]


def because_of(case: Case, at: int) -> Reason | None:
    """Claim that the person took something that others took along with it."""
    cause = case.causes[at]
    if cause is None or cause not in case.verbs or cause == case.chosen[at]:
        return None
    return Reason(ReasonCode.BECAUSE_OF, item=cause, verb=case.verbs[cause])


def often_next(case: Case, at: int) -> Reason | None:
    """Claim that at least five people went from an item of the history straight on to this one."""
    step = case.forerunners[at]
    if step is None or step[0] not in case.verbs:
        return None
    return Reason(ReasonCode.OFTEN_NEXT, item=step[0], people=step[1])


def popular_in_role(case: Case, at: int) -> Reason | None:
    """Claim that five or more people of a role of the person took it in the last month."""
    best: tuple[int, str] | None = None
    for role, counts in case.in_roles:
        people = counts[at]
        if people is not None and (best is None or people > best[0]):
            best = people, role
    return best and _counted(case, ReasonCode.POPULAR_IN_ROLE, best[0], POPULAR_DAYS, best[1])


def trending(case: Case, at: int) -> Reason | None:
    """Claim that five or more people took it in the week before training."""
    people = case.trending[at]
    return None if people is None else _counted(case, ReasonCode.TRENDING, people, TREND_DAYS)


def popular(case: Case, at: int) -> Reason | None:
    """Claim that five or more people took it in the month before training."""
    people = case.popular[at]
    return None if people is None else _counted(case, ReasonCode.POPULAR, people, POPULAR_DAYS)


def shares_skill(case: Case, at: int) -> Reason | None:
    """Claim that it teaches a skill that something in the person's history teaches too."""
    skills = set(case.facts(at).skills)
    for item in reversed(case.verbs):
        theirs = case.items[item].skills if item in case.items else ()
        for skill in theirs:
            if skill in skills and item != case.chosen[at]:
                return Reason(ReasonCode.SHARES_SKILL, item=item, skill=skill)
    return None


def in_role(case: Case, at: int) -> Reason | None:
    """Claim that it is tagged with one of the person's roles."""
    for role in case.facts(at).roles:
        if role in case.context.roles:
            return Reason(ReasonCode.IN_ROLE, role=role)
    return None


def new(case: Case, at: int) -> Reason | None:
    """Claim that it was published within the last thirty days."""
    published = case.facts(at).published
    if published is None or not 0 <= case.context.now - published <= NEW_DAYS * DAY:
        return None
    return Reason(ReasonCode.NEW, days=NEW_DAYS)


def _counted(
    case: Case, code: ReasonCode, people: int, days: int, role: str | None = None
) -> Reason:
    return Reason(code, people=people, days=days, role=role, until=case.model.trained_at)


Maker = Callable[[Case, int], Reason | None]

SAYS: dict[str, tuple[Maker, ...]] = {
    "taste": (because_of,),
    "near": (because_of,),
    "next": (often_next, because_of),
    "role": (popular_in_role, in_role),
    "popular": (popular,),
    "trend": (trending,),
    "content": (shares_skill,),
    "match": (in_role, shares_skill),
    "fresh": (new,),
}
"""What each part of a score can say for itself, best first."""

OTHERWISE: tuple[Maker, ...] = (
    because_of,
    popular_in_role,
    in_role,
    shares_skill,
    trending,
    popular,
    new,
)
"""What may be said when the parts that decided have nothing true to say."""


def reason_for(case: Case, at: int, parts: Mapping[str, float]) -> Reason:
    """Return the first true statement of the strongest part, or else the first that is true at all.

    That the person has not met the item is all that is left to say of some.
    """
    for part in sorted(parts, key=parts.__getitem__, reverse=True):
        for maker in SAYS[part] if parts[part] > 0 else ():
            reason = maker(case, at)
            if reason is not None:
                return reason
    for maker in OTHERWISE:
        reason = maker(case, at)
        if reason is not None:
            return reason
    return Reason(ReasonCode.UNSEEN)

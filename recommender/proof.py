"""Deriving a reason again from stored evidence and raw events, without asking any model.

It reads the same rows that a model is trained from, in plain Python, one by one: slow, and
therefore independent of the tables and shortcuts that reasons are made with.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise

from recommender.claims import SHORT_MINUTES
from recommender.data import DAY, Context, Event, ItemFacts, Reason, ReasonCode
from recommender.dataset import Dataset
from recommender.log import EventLog
from recommender.reach import FEWEST, FIRST_DAYS
from recommender.signals import ActivityConfig


@dataclass(frozen=True)
class Evidence:
    """What a reason is held against: the item, its reader as they were then, and all raw rows.

    `dataset` may hold more than the model was trained from: figures are counted up to their own
    moment, `until`.
    """

    item: int
    context: Context
    dataset: Dataset
    activity: ActivityConfig = field(default_factory=ActivityConfig)

    @cached_property
    def facts(self) -> Mapping[int, ItemFacts]:
        """Return the items by id."""
        return {each.item: each for each in self.dataset.items}

    @cached_property
    def did(self) -> set[tuple[int, str]]:
        """Return what the reader did with items, but for those that they ever disliked."""
        told = [(e.item, e.verb, self.activity.strength(e)) for e in self.context.history]
        disliked = {item for item, _, strength in told if strength < 0}
        return {(item, verb) for item, verb, s in told if s > 0 and item not in disliked}

    def positive(self, until: float) -> list[Event]:
        """Return what everybody did and meant well, up to that moment."""
        rows = EventLog.of(self.dataset.events).rows()
        return [e for e in rows if e.at <= until and self.activity.strength(e) > 0]

    def others(self, held: Mapping[int, Iterable[str]], name: str) -> set[int]:
        """Return the members of a group beside the reader."""
        return {person for person, names in held.items() if name in names} - {self.context.person}


def holds(reason: Reason, evidence: Evidence) -> bool:
    """Tell whether a reason is true of the evidence, to the last figure."""
    return _PROOFS[reason.code](reason, evidence)


def _because_of(reason: Reason, e: Evidence) -> bool:
    did = (reason.item, reason.verb) in e.did
    return did and reason.item != e.item and _taken_together(e, e.item, reason.item)


def _often_next(reason: Reason, e: Evidence) -> bool:
    rows = sorted(e.positive(reason.until or 0), key=lambda row: (row.person, row.at, row.item))
    went = {
        one.person
        for one, then in pairwise(rows)
        if one.person == then.person and (one.item, then.item) == (reason.item, e.item)
    }
    return any(item == reason.item for item, _ in e.did) and _is_count(reason, e, went)


def _role(reason: Reason, e: Evidence) -> bool:
    members = e.others(e.dataset.people_roles, reason.role or "")
    return reason.role in e.context.roles and _of_group(reason, e, members, _took(reason, e))


def _first_month(reason: Reason, e: Evidence) -> bool:
    began = e.dataset.started
    finished = {
        row.person
        for row in e.positive(reason.until or 0)
        if (row.item, row.verb) == (e.item, "completed")
        and row.person in began
        and 0 <= row.at - began[row.person] <= FIRST_DAYS * DAY
    }
    members = e.others(e.dataset.people_roles, reason.role or "")
    return reason.role in e.context.roles and _of_group(reason, e, members, finished)


def _circle(reason: Reason, e: Evidence) -> bool:
    members = e.others(e.dataset.circles, reason.circle or "")
    finished = _took(reason, e, "completed")
    return reason.circle in e.context.circles and _of_group(reason, e, members, finished)


def _taken(reason: Reason, e: Evidence) -> bool:
    return _is_count(reason, e, _took(reason, e))


def _took(reason: Reason, e: Evidence, verb: str | None = None) -> set[int]:
    """Return who took the item (or did that with it) in the days the reason speaks of."""
    until = reason.until or 0.0
    since = until - (reason.days or 0) * DAY
    return {
        row.person
        for row in e.positive(until)
        if row.item == e.item and row.at > since and verb in (None, row.verb)
    }


def _of_group(reason: Reason, e: Evidence, members: set[int], people: set[int]) -> bool:
    return len(members) >= _fewest(e) and _is_count(reason, e, people & members)


def _is_count(reason: Reason, e: Evidence, people: set[int]) -> bool:
    return reason.people == len(people - {e.context.person}) >= _fewest(e)


def _fewest(e: Evidence) -> int:
    return max(FEWEST, e.context.fewest)


def _shares_skill(reason: Reason, e: Evidence) -> bool:
    met = any(item == reason.item for item, _ in e.did)
    return met and reason.item != e.item and _teach(reason.skill, e, e.item, reason.item)


def _goes_with(reason: Reason, e: Evidence) -> bool:
    if reason.item is None or reason.item != e.context.origin or reason.item == e.item:
        return False
    if reason.skill is not None:
        return _teach(reason.skill, e, e.item, reason.item)
    return _taken_together(e, e.item, reason.item)


def _taken_together(e: Evidence, one: int, other: int | None) -> bool:
    rows = e.positive(e.dataset.now)
    took = {row.person for row in rows if row.item == one}
    return bool(took & {row.person for row in rows if row.item == other})


def _teach(skill: str | None, e: Evidence, *items: int | None) -> bool:
    found = [each.skills for item, each in e.facts.items() if item in items]
    return len(found) == len(items) and all(skill in skills for skills in found)


def _in_role(reason: Reason, e: Evidence) -> bool:
    return reason.role in e.context.roles and reason.role in _facts(e).roles


def _new(reason: Reason, e: Evidence) -> bool:
    published = _facts(e).published
    return published is not None and 0 <= e.context.now - published <= (reason.days or 0) * DAY


def _unmet(_reason: Reason, e: Evidence) -> bool:
    return all(event.item != e.item for event in e.context.history)


def _pinned(reason: Reason, e: Evidence) -> bool:
    return reason.page is not None and e.context.pins.get(e.item) == reason.page


def _next_step(_reason: Reason, e: Evidence) -> bool:
    return e.item in e.context.steps


def _fits_time(reason: Reason, e: Evidence) -> bool:
    told = reason.minutes == _facts(e).minutes and reason.has == e.context.minutes
    return told and 0 < (reason.minutes or 0) <= (reason.has or 0)


def _short(reason: Reason, e: Evidence) -> bool:
    return reason.minutes == _facts(e).minutes and 0 < (reason.minutes or 0) <= SHORT_MINUTES


def _closes_gap(reason: Reason, e: Evidence) -> bool:
    return reason.skill in e.context.gaps and reason.skill in _facts(e).skills


def _in_language(reason: Reason, e: Evidence) -> bool:
    return bool(reason.language) and reason.language == e.context.language == _facts(e).language


def _from_tool(reason: Reason, e: Evidence) -> bool:
    return bool(reason.tool) and reason.tool == e.context.tool == _facts(e).tool


def _facts(e: Evidence) -> ItemFacts:
    return e.facts.get(e.item) or ItemFacts(e.item)


_PROOFS: dict[ReasonCode, Callable[[Reason, Evidence], bool]] = {
    ReasonCode.BECAUSE_OF: _because_of,
    ReasonCode.OFTEN_NEXT: _often_next,
    ReasonCode.POPULAR_IN_ROLE: _role,
    ReasonCode.TRENDING: _taken,
    ReasonCode.POPULAR: _taken,
    ReasonCode.SHARES_SKILL: _shares_skill,
    ReasonCode.IN_ROLE: _in_role,
    ReasonCode.NEW: _new,
    ReasonCode.UNSEEN: _unmet,
    ReasonCode.FIRST_MONTH: _first_month,
    ReasonCode.CIRCLE: _circle,
    ReasonCode.PINNED: _pinned,
    ReasonCode.NEXT_STEP: _next_step,
    ReasonCode.FITS_TIME: _fits_time,
    ReasonCode.CLOSES_GAP: _closes_gap,
    ReasonCode.SHORT: _short,
    ReasonCode.IN_LANGUAGE: _in_language,
    ReasonCode.FROM_TOOL: _from_tool,
    ReasonCode.GOES_WITH: _goes_with,
    ReasonCode.DRAWN: _unmet,
}

"""The plain rows that go into a recommender and come out of it.

Ids become numbers only here: everything behind `Interactions` and `Profile` counts in positions,
everything in front of them in the ids of the caller's own tables.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Any, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]
Times = NDArray[np.float64]
Mask = NDArray[np.bool_]
Arrays = dict[str, NDArray[Any]]

VERBS = (
    "viewed",
    "launched",
    "found",
    "completed",
    "saved",
    "liked",
    "rated",
    "spent",
    "dismissed",
)
DAY = 86_400.0


class Event(NamedTuple):
    """One thing a person did with an item, at a moment in unix seconds.

    `value` is the stars (1 to 5) of what was rated and the seconds of what was spent, else 0.
    """

    person: int
    item: int
    verb: str
    at: float
    value: float = 0.0


class ItemFacts(NamedTuple):
    """What is known about an item before anybody has touched it."""

    item: int
    skills: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    title: str = ""
    kind: str = ""
    language: str = ""
    published: float | None = None
    minutes: int | None = None
    tool: str = ""


@dataclass(frozen=True)
class Context:
    """The person a slate is for: history is newest last and includes what followed the training.

    `circles` are the groups a person is in beside roles (`dept:service`, `loc:de`, `group:pilot`);
    `started` and `role_since` are unix seconds. `minutes` is the time they say they have, `tool`
    and `origin` (an item) where they come from, `steps` the items that playlists have for them
    next, `gaps` the skills their role asks for that they have not shown, `pins` the items that
    curators pinned for their roles, each with the slug of its role. `fewest` is how many people a
    figure in a reason must speak of; less than 5 counts as 5. A `timeless` question is about no
    moment: what is taken of late does not count then, nor how long ago the person came.
    """

    person: int
    roles: tuple[str, ...]
    history: Sequence[Event]
    now: float
    assigned: frozenset[int] = frozenset()
    circles: tuple[str, ...] = ()
    started: float | None = None
    role_since: float | None = None
    minutes: int | None = None
    device: str = ""
    language: str = ""
    tool: str = ""
    origin: int | None = None
    steps: frozenset[int] = frozenset()
    gaps: frozenset[str] = frozenset()
    pins: Mapping[int, str] = field(default_factory=dict)
    fewest: int = 5
    timeless: bool = False


class ReasonCode(StrEnum):
    """Why an item is recommended; the application words it in the reader's language."""

    BECAUSE_OF = "because_of"
    OFTEN_NEXT = "often_next"
    POPULAR_IN_ROLE = "popular_in_role"
    TRENDING = "trending"
    POPULAR = "popular"
    SHARES_SKILL = "shares_skill"
    IN_ROLE = "in_role"
    NEW = "new"
    UNSEEN = "unseen"
    FIRST_MONTH = "first_month"
    CIRCLE = "circle"
    PINNED = "pinned"
    NEXT_STEP = "next_step"
    FITS_TIME = "fits_time"
    CLOSES_GAP = "closes_gap"
    SHORT = "short"
    IN_LANGUAGE = "in_language"
    FROM_TOOL = "from_tool"
    GOES_WITH = "goes_with"
    DRAWN = "drawn"


class Reason(NamedTuple):
    """One true statement; only the parameters its code speaks of are set.

    `people` counts distinct people in the `days` before `until` (unix seconds), the reader not
    among them. `minutes` is the time the item takes, `has` the time the reader said they have;
    `circle` is one of the reader's, `page` the slug of the role whose page pins the item.
    """

    code: ReasonCode
    item: int | None = None
    verb: str | None = None
    role: str | None = None
    skill: str | None = None
    people: int | None = None
    days: int | None = None
    until: float | None = None
    minutes: int | None = None
    has: int | None = None
    circle: str | None = None
    page: str | None = None
    language: str | None = None
    tool: str | None = None

    def to_json(self) -> dict[str, str | int | float]:
        """Return what is set as plain values, from which the same reason can be made again."""
        told = {name: value for name, value in self._asdict().items() if value is not None}
        return told | {"code": self.code.value}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Self:
        """Read what `to_json` wrote; raises ValueError for a code or a field it does not know."""
        unknown = values.keys() - set(cls._fields)
        if unknown:
            raise ValueError(f"a reason has no {', '.join(sorted(unknown))}")
        return cls(**{**values, "code": ReasonCode(values.get("code", ""))})


class Recommendation(NamedTuple):
    """An item, its score, why it is there, and the parts that add up to the score.

    `sources` name who proposed it. `explored` is set where it was drawn by chance for its place,
    and `propensity` is the chance with which it was. `team` is the side of an experiment that chose
    it, "a" or "b"; empty where there is none, or where both sides would have.
    """

    item: int
    score: float
    reason: Reason
    parts: Mapping[str, float]
    sources: tuple[str, ...] = ()
    explored: bool = False
    propensity: float | None = None
    team: str = ""


@dataclass(frozen=True)
class Slate:
    """Recommendations, best first."""

    recommendations: tuple[Recommendation, ...]

    @property
    def items(self) -> tuple[int, ...]:
        """Return the recommended item ids, best first."""
        return tuple(each.item for each in self.recommendations)


Signal = tuple[float, float]
"""The weight of a verb, and the days after which it counts half."""

NO_OPINION = 3.0
"""The stars that say neither yes nor no."""

_DISLIKE: Signal = (0.0, 1.0)
_OF_DEGREE = frozenset({"rated", "spent", "dismissed"})
_RATED, _SPENT, _DISMISSED = (VERBS.index(verb) for verb in ("rated", "spent", "dismissed"))


@dataclass(frozen=True)
class ActivityConfig:
    """The one table of signals: for each verb its weight, and the days after which it counts half.

    A rating counts by its stars: 5 for all of the weight, 4 for half, 3 for nothing, and below it
    is a dislike. Time spent counts in full from `long_seconds` on. Saving an item is its own verb;
    what was opened from a search is `found`. A dislike has no weight: it is told apart.
    However old, what a person did with an item counts `least_per_pair`: to a factorisation less
    would say that they passed it over.
    """

    viewed: Signal = (0.4, 60.0)
    launched: Signal = (1.0, 180.0)
    found: Signal = (1.2, 180.0)
    completed: Signal = (1.5, 365.0)
    saved: Signal = (1.0, 180.0)
    liked: Signal = (1.5, 365.0)
    rated: Signal = (1.5, 365.0)
    spent: Signal = (1.0, 180.0)
    long_seconds: float = 900.0
    least_per_pair: float = 0.25
    most_per_pair: float = 4.0
    memory: int = 50

    @cached_property
    def by_verb(self) -> dict[str, float]:
        """Return the weight of each verb, 0 for a dislike."""
        return {verb: self.signal(verb)[0] for verb in VERBS}

    def signal(self, verb: str) -> Signal:
        """Return the weight and the half-life in days of a verb; (0, 1) for a dislike."""
        found: Signal = getattr(self, verb, _DISLIKE)
        return found

    def weights(self) -> Floats:
        """Return the weights in the order of `VERBS`."""
        return np.array([self.signal(verb)[0] for verb in VERBS], dtype=np.float32)

    def half_lives(self) -> Floats:
        """Return the half-lives in days, in the order of `VERBS`."""
        return np.array([self.signal(verb)[1] for verb in VERBS], dtype=np.float32)

    def strength(self, event: Event) -> float:
        """Return what an event counts before it fades; below 0 for a dislike, -1 for a full one."""
        weight = self.by_verb.get(event.verb, 0.0)
        if event.verb not in _OF_DEGREE:
            return weight
        if event.verb == "dismissed":
            return -1.0
        if event.verb == "rated":
            share = min((event.value - NO_OPINION) / 2, 1.0)
        else:
            share = min(event.value / self.long_seconds, 1.0)
        return weight * share if share > 0 else max(share, -1.0)

    def strengths(self, log: "EventLog") -> Floats:
        """Return the same for many events, in their order."""
        share = np.ones(len(log), np.float32)
        rated, spent = log.verb == _RATED, log.verb == _SPENT
        share[rated] = np.minimum((log.value[rated] - NO_OPINION) / 2, 1.0)
        share[spent] = np.minimum(log.value[spent] / self.long_seconds, 1.0)
        share[log.verb == _DISMISSED] = -1.0
        found: Floats = np.where(share > 0, self.weights()[log.verb] * share, np.maximum(share, -1))
        return found.astype(np.float32)


@dataclass(frozen=True)
class EventLog:
    """Many events as columns of equal length; verbs as positions in `VERBS`.

    `value` is that of an event; left out, it is 0 throughout.
    """

    person: Ints
    item: Ints
    verb: Ints
    at: Times
    value: Floats = field(default_factory=lambda: np.zeros(0, np.float32))

    def __post_init__(self) -> None:
        """Fill the values in where none are given, and hold what is whole in few bytes."""
        if self.value.size != self.person.size:
            object.__setattr__(self, "value", np.zeros(self.person.size, np.float32))
        object.__setattr__(self, "person", _narrow(self.person))
        object.__setattr__(self, "item", _narrow(self.item))
        object.__setattr__(self, "verb", self.verb.astype(np.int8, copy=False))

    @classmethod
    def of(cls, events: "Sequence[Event] | EventLog") -> "EventLog":
        """Turn rows into columns; events with other verbs are left out."""
        if isinstance(events, EventLog):
            return events
        code = {verb: number for number, verb in enumerate(VERBS)}
        kept = [event for event in events if event.verb in code]
        return cls(
            np.array([event.person for event in kept], dtype=np.int64),
            np.array([event.item for event in kept], dtype=np.int64),
            np.array([code[event.verb] for event in kept], dtype=np.int64),
            np.array([event.at for event in kept], dtype=np.float64),
            np.array([event.value for event in kept], dtype=np.float32),
        )

    def __len__(self) -> int:
        return self.person.size

    def until(self, moment: float) -> "EventLog":
        """Return what happened until a moment (unix seconds)."""
        before = self.at <= moment
        return self if before.all() else self.where(before)

    def in_order(self) -> "EventLog":
        """Return the events by person, time and item."""
        before, after = slice(None, -1), slice(1, None)
        same = self.person[after] == self.person[before]
        later, again = self.at[after] > self.at[before], self.at[after] == self.at[before]
        later |= again & (self.item[after] >= self.item[before])
        if ((self.person[after] > self.person[before]) | (same & later)).all():
            return self
        return self.where(np.lexsort((self.item, self.at, self.person)))

    def where(self, chosen: Mask | Ints) -> "EventLog":
        """Return the chosen rows, by mask or by position."""
        ids = self.person[chosen], self.item[chosen], self.verb[chosen]
        return EventLog(*ids, self.at[chosen], self.value[chosen])

    def rows(self) -> list[Event]:
        """Return the events as rows again, in the order of the columns."""
        columns = (self.person, self.item, self.verb, self.at, self.value)
        rows = zip(*(column.tolist() for column in columns), strict=True)
        return [Event(p, i, VERBS[v], t, value) for p, i, v, t, value in rows]


class Shown(NamedTuple):
    """What a person looked at, at a moment in unix seconds, and what of it they took.

    `items` are those that were examined, in the order in which they stood. Those that are not
    `taken` were refused. What is taken is taken within `JUDGED_AFTER` seconds.
    """

    person: int
    at: float
    items: tuple[int, ...]
    taken: tuple[int, ...]


JUDGED_AFTER = DAY


@dataclass(frozen=True)
class Dataset:
    """Everything a model is trained from, as of `now`; later events do not count.

    `circles` are the groups that people are in beside their roles, `started` when they began to
    work here (unix seconds), `shown` what they looked at, in any order. Not `dated`, its events
    happened nobody knows when: nothing followed anything, and no visit began.
    """

    events: Sequence[Event] | EventLog
    people_roles: Mapping[int, tuple[str, ...]]
    items: Sequence[ItemFacts]
    now: float
    circles: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    started: Mapping[int, float] = field(default_factory=dict)
    shown: Sequence[Shown] = ()
    dated: bool = True


@dataclass(frozen=True)
class Interactions:
    """A dataset in numbers: positive events sorted by person and time, ids as positions."""

    people: Ints
    items: Ints
    roles: tuple[str, ...]
    facts: tuple[ItemFacts, ...]
    person: Ints
    item: Ints
    strength: Floats
    at: Times
    verb: Ints
    members: sparse.csr_matrix
    now: float
    config: ActivityConfig
    dated: bool = True

    @classmethod
    def of(cls, dataset: Dataset, config: ActivityConfig) -> Self:
        """Give numbers to people, items and roles; keep the positive events until `now`."""
        log = EventLog.of(dataset.events)
        log, strength = _positive(log, config, dataset.now)
        facts = {each.item: each for each in dataset.items}
        items = different(log.item, facts)
        people = different(log.person, dataset.people_roles)
        roles = _role_names(dataset)
        return cls(
            people,
            items,
            roles,
            tuple(facts.get(item, ItemFacts(item)) for item in items.tolist()),
            numbered(people, log.person),
            numbered(items, log.item),
            strength,
            log.at,
            log.verb,
            members(dataset.people_roles, people, roles),
            dataset.now,
            config,
            dataset.dated,
        )

    def decayed(self, half_life_days: float) -> Floats:
        """Return the strength of every event, halved for each half-life that has passed."""
        return self._faded(half_life_days)

    def _faded(self, half_life_days: float | Times) -> Floats:
        faded = self.at - self.now
        faded /= DAY
        faded /= half_life_days
        np.exp2(faded, out=faded)
        faded *= self.strength
        return faded.astype(np.float32)

    @cached_property
    def takers(self) -> Ints:
        """Return how many people touched each item."""
        return np.bincount(self.touched().indices, minlength=self.items.size)

    def matrix(self) -> sparse.csr_matrix:
        """Return people x items: strengths, each faded by its verb's half-life, summed, bounded."""
        half_lives = self.config.half_lives().astype(np.float64)
        matrix = self._sum(self._faded(half_lives[self.verb]))
        np.clip(matrix.data, self.config.least_per_pair, self.config.most_per_pair, matrix.data)
        return matrix

    def touched(self, days: float | None = None) -> sparse.csr_matrix:
        """Return people x items: 1 where one touched the other, at all or in the last `days`."""
        recent = np.ones(self.at.size, np.float32)
        if days is not None:
            recent = (self.at > self.now - days * DAY).astype(np.float32)
        matrix = self._sum(recent)
        matrix.eliminate_zeros()
        matrix.data[:] = 1.0
        return matrix

    def _sum(self, values: Floats) -> sparse.csr_matrix:
        shape = (self.people.size, self.items.size)
        return sparse.csr_matrix((values, (self.person, self.item)), shape=shape, dtype=np.float32)


def _positive(log: EventLog, config: ActivityConfig, now: float) -> tuple[EventLog, Floats]:
    """Return the events until now that speak for an item, in order, and how strongly."""
    log = log.in_order()
    strength = config.strengths(log)
    kept = (strength > 0) & (log.at <= now)
    return (log, strength) if kept.all() else (log.where(kept), strength[kept])


def _narrow(ids: Ints) -> Ints:
    """Return ids in four bytes each if they fit, else as they are."""
    if ids.dtype != np.int64 or (ids.size and not -(2**31) <= ids.min() <= ids.max() < 2**31):
        return ids
    narrow: Ints = ids.astype(np.int32)
    return narrow


def different(ids: Ints, others: Collection[int] = ()) -> Ints:
    """Return the different ids among some and others, ascending."""
    found = np.concatenate([_once(ids), np.fromiter(others, np.int64, len(others))])
    return _once(found)


def _once(ids: Ints) -> Ints:
    ascending = np.sort(ids)
    again = np.zeros(ids.size, np.bool_)
    again[1:] = ascending[1:] == ascending[:-1]
    return ascending[~again].astype(np.int64)


def numbered(known: Ints, ids: Ints) -> Ints:
    """Return the place of each id among the known ones, of which all are, in four bytes each."""
    span = int(known[-1] - known[0]) + 1 if known.size else 0
    if span > 4 * max(ids.size, known.size):
        return _narrow(np.searchsorted(known, ids))
    place = _narrow(np.zeros(span, np.int64))
    place[known - known[:1]] = np.arange(known.size)
    numbered: Ints = place[ids - known[:1].astype(ids.dtype)]
    return numbered


def _role_names(dataset: Dataset) -> tuple[str, ...]:
    held = {role for roles in dataset.people_roles.values() for role in roles}
    tagged = {role for facts in dataset.items for role in facts.roles}
    return tuple(sorted(held | tagged))


def members(
    people_roles: Mapping[int, tuple[str, ...]], people: Ints, roles: tuple[str, ...]
) -> sparse.csr_matrix:
    """Return people x roles: 1 where somebody holds a role; all of them stand in `people`."""
    code = {role: number for number, role in enumerate(roles)}
    pairs = {(person, code[role]) for person, held in people_roles.items() for role in held}
    rows = np.array(sorted(pairs), dtype=np.int64).reshape(-1, 2)
    cells = (np.searchsorted(people, rows[:, 0]), rows[:, 1])
    ones = np.ones(len(rows), np.float32)
    return sparse.csr_matrix((ones, cells), shape=(people.size, len(roles)))


@dataclass(frozen=True)
class Profile:
    """A person's history in the positions of one model, newest first, each item once.

    `newer` says how many of the items came after each; left out, all that stand before it.
    """

    items: Ints
    strength: Floats
    disliked: Ints
    roles: tuple[str, ...]
    newer: Ints = field(default_factory=lambda: np.zeros(0, np.int64))

    def __post_init__(self) -> None:
        """Let each item be of an instant of its own where nothing else is said."""
        if self.newer.size != self.items.size:
            object.__setattr__(self, "newer", np.arange(self.items.size))

    @classmethod
    def of(cls, context: Context, items: Ints, config: ActivityConfig) -> Self:
        """Read a context against a model's sorted item ids, leaving out those it lacks."""
        liked, disliked = read_history(context.history, config)
        ids = np.fromiter(liked, np.int64, len(liked))
        at, known = positions(items, ids)
        strength = np.fromiter(liked.values(), np.float32, len(liked))[known][: config.memory]
        gone, there = positions(items, np.fromiter(disliked, np.int64, len(disliked)))
        at = at[known][: config.memory]
        newer = newer_than(context.history, ids[known][: config.memory].tolist())
        return cls(at, strength, gone[there], context.roles, newer)

    @property
    def evidence(self) -> int:
        """Return how many items speak about the person's taste."""
        return self.items.size

    def voices(self, memory: int, recency: float, dislike: float) -> tuple[Ints, Floats]:
        """Return the latest `memory` items and dislikes with weights.

        Likes fall by 1/e over `recency` items and sum to 1, dislikes sum to -`dislike`.
        """
        items, disliked = self.items[:memory], self.disliked[:memory]
        weights = self.strength[:memory] * fading(self.newer[:memory], recency)
        weights = weights / max(float(weights.sum()), 1e-9)
        against = np.full(disliked.size, -dislike / max(disliked.size, 1), np.float32)
        return np.concatenate([items, disliked]), np.concatenate([weights, against])


def blank(size: int, out: Floats | None) -> Floats:
    """Return `out`, or if there is none a new row of that size, filled with 0."""
    if out is None:
        return np.zeros(size, np.float32)
    out.fill(0.0)
    return out


def written(values: Floats, out: Floats | None) -> Floats:
    """Return the values, or if there is an `out`, that with the values in it."""
    if out is None:
        return values
    out[:] = values
    return out


def standardised(values: Floats) -> Floats:
    """Return values as standard deviations from their mean; all 0 when they do not differ."""
    if not values.size or float(values.std()) < 1e-9:
        return np.zeros(values.size, np.float32)
    scores: Floats = ((values - values.mean()) / values.std()).astype(np.float32)
    return scores


def fading(newer: Ints, recency: float) -> Floats:
    """Return the weights of items after which `newer` others came: 1/e per `recency` of them."""
    weights: Floats = np.exp(-newer.astype(np.float32) / recency)
    return weights


def newer_than(history: Sequence[Event], items: Sequence[int]) -> Ints:
    """Return how many of some items, newest first, came after each: none at the same instant."""
    last: dict[int, float] = {}
    for event in history:
        last[event.item] = event.at
    at = np.minimum.accumulate(np.array([last[item] for item in items], np.float64))
    found: Ints = np.searchsorted(-at, -at)
    return found


def read_history(
    history: Sequence[Event], config: ActivityConfig
) -> tuple[dict[int, float], list[int]]:
    """Split a history into liked items with their strength, newest first, and disliked ones."""
    told = [(event.item, config.strength(event)) for event in reversed(history)]
    disliked = {item for item, strength in told if strength < 0}
    liked: dict[int, float] = {}
    for item, strength in told:
        if strength > liked.get(item, 0.0) and item not in disliked:
            liked[item] = strength
    return liked, sorted(disliked)


def positions(sorted_ids: Ints, ids: Ints) -> tuple[Ints, Mask]:
    """Return where each id stands among sorted ids, and whether it stands there at all."""
    at = np.searchsorted(sorted_ids, ids)
    if not sorted_ids.size:
        return at, np.zeros(ids.size, dtype=np.bool_)
    at = np.minimum(at, sorted_ids.size - 1)
    return at, sorted_ids[at] == ids

"""What may be recommended to somebody, turned into positions once and used for many slates."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from recommender.arrays import Floats, Ints, Mask, positions
from recommender.data import ItemFacts
from recommender.freshness import freshness, newest_first
from recommender.heads import Heads
from recommender.model import Model
from recommender.scorers.content import carrying
from recommender.table import Table


@dataclass(frozen=True)
class Words:
    """A word for every position, by number; -1 where there is none."""

    number: Mapping[str, int]
    at: Ints

    @classmethod
    def of(cls, words: Sequence[str], there: Ints, size: int) -> Self:
        """Give numbers to the words of positions `there`, out of `size`; an empty word is none."""
        number = {word: n for n, word in enumerate(dict.fromkeys(filter(None, words)))}
        found = np.full(size, -1, np.int64)
        found[there] = [number.get(word, -1) for word in words]
        return cls(number, found)

    def are(self, word: str, at: Ints) -> Mask:
        """Tell which of some positions have this word."""
        if word not in self.number:
            return np.zeros(at.size, np.bool_)
        same: Mask = self.at[at] == self.number[word]
        return same


@dataclass(frozen=True)
class Pool:
    """The eligible items in the positions of one model.

    Positions below `len(model.items)` are known to the model; those from there on are `newer`
    items, which `carry` (newer x known) scores by the known ones they resemble. `by_skill` tells
    where the eligible items stand that teach a skill, `minutes` how long each takes, -1 where that
    is unknown; `language` and `tool` are theirs. `wall` is 0 for the eligible and else minus
    infinity, `heads` what ranks best for many.
    """

    model: Model
    ids: Ints
    ineligible: Floats
    order: Ints
    newer: tuple[ItemFacts, ...]
    place: Mapping[int, int]
    carry: Table
    fresh: Floats
    by_term: Mapping[str, Ints]
    by_skill: Mapping[str, Ints]
    minutes: Ints
    language: Words
    tool: Words
    wall: Floats
    heads: Heads = field(default_factory=Heads, compare=False, repr=False)

    @classmethod
    def of(cls, model: Model, eligible: Iterable[int], items: Mapping[int, ItemFacts]) -> Self:
        """Give positions to the eligible ids; an id without facts is eligible all the same."""
        wanted = np.unique(np.fromiter(eligible, np.int64))
        at, known = positions(model.items, wanted)
        ineligible = np.full(model.items.size, -np.inf, np.float32)
        ineligible[at[known]] = 0.0
        unknown = wanted[~known]
        newer = tuple(items.get(item) or ItemFacts(item) for item in unknown.tolist())
        ids = np.concatenate([model.items, unknown])
        there = np.concatenate([at[known], model.items.size + np.arange(unknown.size)])
        facts = [items.get(item) for item in ids[there].tolist()]
        published = [facts.published for facts in newer]
        return cls(
            model,
            ids,
            ineligible,
            np.concatenate([model.order, newest_first(published, unknown) - unknown.size]),
            newer,
            {item: model.items.size + n for n, item in enumerate(unknown.tolist())},
            _carry(model, newer),
            freshness(published, model.trained_at),
            _by_term(newer),
            _by_skill(facts, there),
            _minutes(facts, there, ids.size),
            Words.of([each.language if each else "" for each in facts], there, ids.size),
            Words.of([each.tool if each else "" for each in facts], there, ids.size),
            np.append(ineligible, np.zeros(unknown.size, np.float32)),
        )

    def positions(self, ids: Iterable[int]) -> Ints:
        """Return where the given ids stand; those that stand nowhere are left out."""
        wanted = np.fromiter(ids, np.int64)
        at, known = positions(self.model.items, wanted)
        if not self.newer:
            return at[known]
        places = (self.place.get(item) for item in wanted[~known].tolist())
        newer = np.fromiter((place for place in places if place is not None), np.int64)
        return np.concatenate([at[known], newer])

    def walled(self, barred: Ints) -> Floats:
        """Return the wall with the barred positions behind it, too."""
        wall = self.wall.copy()
        wall[barred] = -np.inf
        return wall

    def inherited(self, values: NDArray[Any], at: Ints) -> NDArray[Any]:
        """Return values of known items at the given positions; newer ones average their like."""
        size = self.model.items.size
        known = at < size
        if known.all():
            return values[at]
        found = np.zeros((at.size, *values.shape[1:]), values.dtype)
        found[known] = values[at[known]]
        found[~known] = self.carry.product(at[~known] - size, values)
        return found


def _carry(model: Model, newer: tuple[ItemFacts, ...]) -> Table:
    if not newer or not model.items.size:
        return Table.empty(len(newer))
    content = model.scorers.content
    return Table.of(carrying(content.cosines(newer), content.config.carried))


def _by_term(newer: tuple[ItemFacts, ...]) -> dict[str, Ints]:
    """Which newer items carry a role or a skill."""
    found: dict[str, list[int]] = {}
    for at, facts in enumerate(newer):
        for term in {*map(role_term, facts.roles), *map(skill_term, facts.skills)}:
            found.setdefault(term, []).append(at)
    return {term: np.array(at, dtype=np.int64) for term, at in found.items()}


def _by_skill(facts: Sequence[ItemFacts | None], there: Ints) -> dict[str, Ints]:
    """Where the eligible items stand that teach each skill."""
    found: dict[str, list[int]] = {}
    for each, at in zip(facts, there.tolist(), strict=True):
        for skill in each.skills if each else ():
            found.setdefault(skill, []).append(at)
    return {skill: np.unique(at) for skill, at in found.items()}


def _minutes(facts: Sequence[ItemFacts | None], there: Ints, size: int) -> Ints:
    """Return how long each position takes, -1 where that is unknown or it is not eligible."""
    found = np.full(size, -1, np.int64)
    found[there] = [-1 if each is None or each.minutes is None else each.minutes for each in facts]
    return found


def role_term(role: str) -> str:
    """Return the name under which items tagged with a role are found."""
    return f"role:{role}"


def skill_term(skill: str) -> str:
    """Return the name under which items that teach a skill are found."""
    return f"skill:{skill}"


_POOLS = 3  # what serves, and two that are compared with each other


class Eligibility:
    """A set of eligible items that is asked for again and again: converted once per model.

    Keep one for everybody with the same audience tokens until the catalogue changes.
    """

    def __init__(self, eligible: Collection[int], items: Mapping[int, ItemFacts]) -> None:
        """Remember the ids, and the facts of at least those that a model may not know."""
        self.eligible = frozenset(eligible)
        self.items = items
        self._pools: tuple[Pool, ...] = ()

    def pool(self, model: Model) -> Pool:
        """Return the pool for this model, one of the last few; made anew for another model."""
        for pool in self._pools:
            if pool.model is model:
                return pool
        made = Pool.of(model, self.eligible, self.items)
        self._pools = (made, *self._pools[: _POOLS - 1])
        return made

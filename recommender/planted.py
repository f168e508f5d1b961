"""Made-up activity whose right answer is known, to measure and test against.

A person's taste is `rho` parts their role's and the rest their own, on top of what is popular
with everybody. What they take is drawn from that taste without repetition.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from recommender.arrays import Floats, Ints
from recommender.data import DAY, VERBS, ItemFacts
from recommender.dataset import Dataset
from recommender.log import EventLog

LAUNCHED = VERBS.index("launched")
SPAN_DAYS = 120.0


@dataclass(frozen=True)
class Planted:
    """The dataset and the truth behind it: log preference, people x items.

    `role_taste` is what a role tells of it (roles x items), `role_of` everybody's role.
    """

    dataset: Dataset
    taste: Floats
    role_taste: Floats
    role_of: Ints


def planted(
    rho: float, people: int = 1500, items: int = 500, roles: int = 15, seed: int = 0
) -> Planted:
    """Draw people who joined over four months and took 1 to 40 items each."""
    chance = np.random.default_rng(seed)
    role_of = chance.integers(0, roles, people)
    shared = chance.standard_normal((roles, items))
    own = chance.standard_normal((people, 8)) @ chance.standard_normal((8, items)) / np.sqrt(8)
    common = -0.8 * np.log(np.arange(1, items + 1))
    taste = common + 1.5 * (np.sqrt(rho) * shared[role_of] + np.sqrt(1 - rho) * own)
    count = np.clip(chance.lognormal(2.0, 0.8, people), 1, 40).astype(int)
    log = _taken(taste, count, chance)
    held = {person: (f"role-{role}",) for person, role in enumerate(role_of.tolist())}
    facts = [ItemFacts(item) for item in range(items)]
    told = (common + 1.5 * np.sqrt(rho) * shared).astype(np.float32)
    dataset = Dataset(log, held, facts, SPAN_DAYS * DAY)
    return Planted(dataset, taste.astype(np.float32), told, role_of)


def _taken(taste: Floats, count: Ints, chance: np.random.Generator) -> EventLog:
    """Draw each person's items by the Gumbel trick, and times from joining to the end."""
    order = np.argsort(-(taste + chance.gumbel(size=taste.shape)), axis=1)
    person = np.repeat(np.arange(count.size), count)
    nth = np.arange(person.size) - np.repeat(np.cumsum(count) - count, count)
    joined = chance.uniform(0, 0.9, count.size)[person]
    at = (joined + (1 - joined) * chance.random(person.size)) * SPAN_DAYS * DAY
    return EventLog(person, order[person, nth], np.full(person.size, LAUNCHED), at)


def large(
    people: int, items: int, seed: int = 0, mean: float = 33.0
) -> tuple[EventLog, Mapping[int, tuple[str, ...]], list[ItemFacts]]:
    """Draw about `mean` activities a person over a year: log-normal people, Zipf(0.8) items."""
    chance = np.random.default_rng(seed)
    count = np.clip(chance.lognormal(np.log(mean) - 0.5, 1.0, people), 1, 500).astype(int)
    person = np.repeat(np.arange(people), count)
    share = np.cumsum(np.arange(1, items + 1) ** -0.8)
    item = np.searchsorted(share, chance.random(person.size) * share[-1])
    verb = chance.integers(0, len(VERBS) - 1, person.size)
    at = chance.random(person.size) * 365 * DAY
    log = EventLog(person, chance.permutation(items)[item], verb, at)
    return log, large_roles(people), large_facts(items, seed)


def large_roles(people: int) -> dict[int, tuple[str, ...]]:
    """Return one of forty roles for each of the people of `large`."""
    return {each: (f"role-{each % 40}",) for each in range(people)}


def large_facts(items: int, seed: int = 0) -> list[ItemFacts]:
    """Return the items of `large`: five words, two skills and a role each."""
    chance = np.random.default_rng((seed, items))
    return [_facts(each, chance) for each in range(items)]


def _facts(item: int, chance: np.random.Generator) -> ItemFacts:
    words = " ".join(f"word{number}" for number in chance.integers(0, 4000, 5).tolist())
    skills = tuple(f"skill-{number}" for number in chance.integers(0, 400, 2).tolist())
    role = f"role-{item % 40}"
    minutes = int(chance.choice((5, 15, 30, 60)))
    return ItemFacts(item, skills, (role,), words, "course", "en", item * 600.0, minutes, "moodle")

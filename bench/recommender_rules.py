"""Whether anything ever stands on a slate that must not: as many slates as one likes.

    nice -n 19 python bench/recommender_rules.py [--lists 1000000] [--processes 2] [--seed 0]
                                                 [--minutes 60]

Made-up portals, some thousands of them, and in each many made-up people at any moment, with and
without a model and what happened since it was trained, with and without places for chance; every
slate is checked against rules written out here once more, and so is a page with the steps that a
plan demands and with shelves around it. Prints how often each was broken, and ends with 1 if any
was. After `--minutes` no further portal is begun, and what was checked counts.
"""

import argparse
import os
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path

os.environ["OPENBLAS_NUM_THREADS"] = "1"
os.environ["OMP_WAIT_POLICY"] = "passive"
sys.path.insert(0, str(Path(__file__).parent.parent))

import numpy as np

from bench.recommender_page import PAGE_RULES, page_breaches, page_of
from recommender import (
    VERBS,
    Context,
    Dataset,
    Eligibility,
    Event,
    ItemFacts,
    Model,
    recommend,
)
from recommender.data import DAY
from recommender.live import Live
from recommender.model import fit

NOW = 400 * DAY
KNOWN, NEWER, PEOPLE = 50, 8, 60
LISTS_PER_PORTAL, ROOMS, SINCE = 250, 8, 60
AT_ONCE = 8
RULES = (
    "done",
    "dismissed",
    "assigned",
    "excluded",
    "expired",
    "forbidden",
    "twice",
    "too few",
    "too many",
    *PAGE_RULES,
)


@dataclass(frozen=True, slots=True)
class Room:
    """What people with the same rights are shown at one time, and what they are not, and why."""

    eligibility: Eligibility
    expired: frozenset[int]
    forbidden: frozenset[int]


@dataclass(frozen=True, slots=True)
class Portal:
    """A catalogue, in part newer than the model, the model, and what different people may see.

    `live` counts what happened since the model was trained.
    """

    facts: dict[int, ItemFacts]
    model: Model
    live: Live
    rooms: list[Room]


def main() -> None:
    """Check the lists and print the breaches of every rule."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--lists", type=int, default=1_000_000)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--minutes", type=float, default=600)
    options = parser.parse_args()
    each = min(options.lists, LISTS_PER_PORTAL)
    seeds = range(options.seed, options.seed + max(options.lists // each, 1))
    began = time.perf_counter()
    broken: Counter[str] = Counter()
    checked = 0
    for found in _checked(seeds, each, options.processes, began + options.minutes * 60):
        broken.update(found)
        checked += each
    took = time.perf_counter() - began
    print(f"{checked:,} lists of {checked // each:,} portals in {took:.0f} s; broken:")
    for rule in RULES:
        print(f"{rule:<24}{broken[rule]:>8}")
    sys.exit(1 if broken else 0)


def _checked(
    seeds: Sequence[int], each: int, processes: int, until: float
) -> Iterator[Counter[str]]:
    """Check a portal for each seed, as many at a time as there are processes, until the time."""
    check = partial(breaches, count=each)
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        for at in range(0, len(seeds), AT_ONCE):
            if time.perf_counter() >= until:
                return
            yield from pool.map(check, seeds[at : at + AT_ONCE])


def breaches(seed: int, count: int) -> Counter[str]:
    """Return how often each rule was broken in `count` lists of one made-up portal."""
    chance = np.random.default_rng(seed)
    portal = _portal(chance)
    found: Counter[str] = Counter()
    for _ in range(count):
        found.update(_broken(portal, chance))
    return found


def _broken(portal: Portal, chance: np.random.Generator) -> Iterator[str]:
    """Ask for one slate and name what is wrong with it."""
    page = page_of(KNOWN + NEWER, chance)
    context = _context(chance, page.items)
    room = portal.rooms[chance.integers(ROOMS)]
    excluded = frozenset(_some(chance, 6))
    limit = int(chance.integers(1, 31))
    model = portal.model if chance.random() < 0.95 else None
    slate = recommend(
        model,
        context,
        room.eligibility,
        portal.facts,
        limit,
        excluded,
        portal.live if chance.random() < 0.7 else None,
        explore=chance.random() < 0.5,
    )
    items = slate.items
    shown = set(items)
    dismissed = {event.item for event in context.history if event.verb == "dismissed"}
    done = {event.item for event in context.history} - dismissed
    walls = {
        "done": done,
        "dismissed": dismissed,
        "assigned": context.assigned,
        "excluded": excluded,
        "expired": room.expired,
        "forbidden": room.forbidden,
    }
    yield from (rule for rule, barred in walls.items() if shown & barred)
    if len(shown) < len(items):
        yield "twice"
    left = room.eligibility.eligible - done - dismissed - context.assigned - excluded
    if len(items) < min(limit, len(left)):
        yield "too few"
    if len(items) > limit:
        yield "too many"
    yield from page_breaches(page, slate, context, portal.facts)


def _portal(chance: np.random.Generator) -> Portal:
    facts = {item: _facts(item, chance) for item in range(KNOWN + NEWER)}
    rows = [_event(int(chance.integers(PEOPLE)), chance, KNOWN) for _ in range(600)]
    roles = {person: (f"role-{person % 4}",) for person in range(PEOPLE)}
    known = [facts[item] for item in range(KNOWN)]
    dataset = Dataset(sorted(rows, key=lambda event: event.at), roles, known, NOW)
    model = fit(dataset, seed=int(chance.integers(2**31)))
    since = [_event(int(chance.integers(PEOPLE)), chance, KNOWN + NEWER) for _ in range(SINCE)]
    moved = (event._replace(at=NOW + (NOW - event.at) / 3) for event in since)
    live = Live(model)
    live.observe(sorted(moved, key=lambda event: event.at), roles)
    return Portal(facts, model, live, [_room(facts, chance) for _ in range(ROOMS)])


def _room(facts: dict[int, ItemFacts], chance: np.random.Generator) -> Room:
    expired, forbidden = frozenset(_some(chance, 20)), frozenset(_some(chance, KNOWN + NEWER))
    return Room(Eligibility(facts.keys() - expired - forbidden, facts), expired, forbidden)


def _facts(item: int, chance: np.random.Generator) -> ItemFacts:
    return ItemFacts(
        item,
        (f"skill-{item % 9}",),
        (f"role-{item % 5}",) if item % 3 else (),
        f"Course about subject{item % 11}",
        "course",
        str(chance.choice(("en", "de"))),
        NOW - float(chance.random()) * 300 * DAY if item % 2 else None,
        int(chance.choice((5, 20, 60))),
        str(chance.choice(("moodle", "wiki"))),
    )


def _event(person: int, chance: np.random.Generator, items: int) -> Event:
    verb = VERBS[int(chance.integers(len(VERBS)))]
    at = NOW - float(chance.random() ** 2) * 90 * DAY
    return Event(person, int(chance.integers(items)), verb, at, float(chance.integers(1, 6)))


def _context(chance: np.random.Generator, assigned: frozenset[int]) -> Context:
    """Draw somebody with up to thirty things behind them, and anything a portal may know."""
    person = int(chance.integers(2 * PEOPLE))
    past = [_event(person, chance, KNOWN + NEWER) for _ in range(int(chance.integers(0, 31)))]
    role = f"role-{chance.integers(6)}"
    return Context(
        person,
        (role,) if chance.random() < 0.8 else (),
        sorted(past, key=lambda event: event.at),
        NOW + float(chance.random()) * 40 * DAY,
        assigned,
        circles=("dept:a",) if chance.random() < 0.5 else (),
        minutes=int(chance.choice((5, 30))) if chance.random() < 0.5 else None,
        device=str(chance.choice(("", "phone", "desktop"))),
        language=str(chance.choice(("", "en", "de"))),
        tool=str(chance.choice(("", "wiki"))),
        origin=past[-1].item if past else None,
        steps=frozenset(_some(chance, 3)),
        gaps=frozenset(f"skill-{each}" for each in _some(chance, 3)),
        pins=dict.fromkeys(_some(chance, 3), role),
    )


def _some(chance: np.random.Generator, most: int) -> list[int]:
    """Draw up to `most` different items."""
    drawn: list[int] = chance.permutation(KNOWN + NEWER)[: chance.integers(most + 1)].tolist()
    return drawn


if __name__ == "__main__":
    main()

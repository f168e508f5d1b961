"""Random portals in which every kind of reason can be given, and readers at random moments."""

import numpy as np

from recommender import Context, Dataset, Event, ItemFacts
from recommender.data import DAY, VERBS
from tests.unit.recommender.worlds import NOW

PEOPLE, ITEMS, EVENTS = 80, 30, 1200


def rich_world(seed: int) -> Dataset:
    """Draw a portal with roles, circles, starts, minutes, tools, ratings and time spent."""
    chance = np.random.default_rng(seed)
    started = {person: NOW - float(chance.random()) * 120 * DAY for person in range(0, PEOPLE, 2)}
    events = [_event(chance, started) for _ in range(EVENTS)]
    roles = {
        person: tuple({f"role-{each}" for each in chance.integers(0, 4, chance.integers(0, 3))})
        for person in range(PEOPLE)
    } | {PEOPLE + n: ("role-small",) for n in range(5)}
    circles = {
        person: (f"dept:{person % 4}", f"loc:{person % 9}") + (("group:pilot",) * (person < 5))
        for person in range(PEOPLE)
    }
    items = [_facts(chance, item) for item in range(ITEMS)]
    events.sort(key=lambda event: event.at)
    return Dataset(events, roles, items, NOW, circles, started)


def _event(chance, started) -> Event:
    person = int(chance.integers(PEOPLE) * chance.random())
    verb = VERBS[int(chance.integers(len(VERBS)))] if chance.random() < 0.6 else "completed"
    at = NOW - float(chance.random() ** 2) * 120 * DAY
    if person in started and chance.random() < 0.5:
        at = min(NOW + DAY, started[person] + float(chance.random()) * 40 * DAY)
    value = {"rated": float(chance.integers(1, 6)), "spent": float(chance.integers(0, 2000))}
    return Event(
        person, int(chance.integers(ITEMS) * chance.random()), verb, at, value.get(verb, 0)
    )


def _facts(chance, item: int) -> ItemFacts:
    return ItemFacts(
        item,
        (f"skill-{item % 6}",) if item % 3 else (),
        (f"role-{item % 5}",) if item % 4 == 0 else (),
        f"Course about subject{item % 9}",
        "course",
        "en" if item % 5 else "de",
        NOW - item * 4 * DAY if item % 2 else None,
        int(chance.integers(1, 40)) if item % 4 else None,
        f"tool-{item % 3}" if item % 7 else "",
    )


def rich_reader(dataset: Dataset, seed: int) -> Context:
    """Draw somebody and their moment; many have a short history, so that others speak for them."""
    chance = np.random.default_rng(seed)
    person = int(chance.integers(PEOPLE + 8))
    now = NOW + float(chance.random() ** 3) * 45 * DAY
    history = [event for event in dataset.events if event.person == person]
    roles = dataset.people_roles.get(person, ("role-1",))
    some = lambda share, value, none: value if chance.random() < share else none  # noqa: E731
    items = range(ITEMS)
    return Context(
        person=person,
        roles=roles,
        history=[event for event in history if event.at <= now],
        now=now,
        circles=dataset.circles.get(person, ("dept:1", "loc:2")),
        started=dataset.started.get(person),
        role_since=some(0.6, now - float(chance.random()) * 120 * DAY, None),
        minutes=some(0.5, int(chance.integers(5, 40)), None),
        device=some(0.4, "phone", "desktop"),
        language=some(0.7, "en", ""),
        tool=some(0.4, "tool-1", ""),
        origin=some(0.4, int(chance.integers(ITEMS)), None),
        steps=frozenset(item for item in items if chance.random() < 0.1),
        gaps=frozenset(f"skill-{n}" for n in range(6) if chance.random() < 0.2),
        pins={item: roles[0] for item in items if roles and chance.random() < 0.15},
        fewest=int(chance.choice([0, 3, 5, 5, 5, 9])),
    )


def newer_items() -> dict[int, ItemFacts]:
    """Return items that came after the training."""
    return {
        900 + n: ItemFacts(900 + n, (f"skill-{n}",), ("role-2",), "subject3", "course", "en", NOW)
        for n in range(3)
    }

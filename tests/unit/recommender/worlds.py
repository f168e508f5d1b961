"""Small made-up portals, and the proof of a reason from their raw rows."""

import itertools
from dataclasses import dataclass

import numpy as np

from recommender import Context, Dataset, Event, ItemFacts, Reason, ReasonCode
from recommender.data import DAY

NOW = 400 * DAY


def world(seed: int, people: int = 60, items: int = 40, events: int = 500) -> Dataset:
    """A random portal: every verb, people with none to two roles, items with skills and dates."""
    chance = np.random.default_rng(seed)
    verbs = ("viewed", "launched", "completed", "saved", "liked", "dismissed", "searched")
    rows = [
        Event(
            int(chance.integers(people)),
            100 + int(chance.integers(items) * chance.random()),
            verbs[int(chance.integers(len(verbs)))],
            NOW - float(chance.random() ** 2) * 90 * DAY,
        )
        for _ in range(events)
    ]
    roles = {
        person: tuple(f"role-{each}" for each in chance.integers(0, 4, chance.integers(0, 3)))
        for person in range(people)
    }
    facts = [
        ItemFacts(
            100 + item,
            (f"skill-{item % 7}",) if item % 3 else (),
            (f"role-{item % 5}",) if item % 4 == 0 else (),
            f"Course about subject{item % 9}",
            "course",
            "en",
            NOW - item * 5 * DAY if item % 2 else None,
        )
        for item in range(items)
    ]
    return Dataset(sorted(rows, key=lambda event: event.at), roles, facts, NOW)


def person_of(dataset: Dataset, person: int, now: float = NOW) -> Context:
    """The person as the portal would describe them."""
    history = [event for event in dataset.events if event.person == person]
    return Context(person, dataset.people_roles.get(person, ()), history, now)


@dataclass(frozen=True)
class Checkerboard:
    """Even people take even items and odd people odd ones, all but one each."""

    dataset: Dataset
    missing: dict[int, int]


def checkerboard(size: int = 40) -> Checkerboard:
    """Draw the board; what each person leaves out is what they should be shown."""
    missing = {person: (person * 7) % size // 2 * 2 + person % 2 for person in range(size)}
    rows = [
        Event(person, item, "completed", NOW - DAY * (1 + (person * 3 + item) % 50))
        for person in range(size)
        for item in range(person % 2, size, 2)
        if item != missing[person]
    ]
    rows.sort(key=lambda event: event.at)
    return Checkerboard(Dataset(rows, {}, [ItemFacts(item) for item in range(size)], NOW), missing)


POSITIVE = {"viewed", "launched", "completed", "saved", "liked"}


def people_who_took(dataset: Dataset, item: int, days: float = 1e6) -> set[int]:
    """Everybody with a positive activity on the item in the days before the training."""
    return {
        event.person
        for event in dataset.events
        if event.item == item
        and event.verb in POSITIVE
        and dataset.now - days * DAY < event.at <= dataset.now
    }


def people_who_went_on(dataset: Dataset, first: int, then: int) -> set[int]:
    """Everybody whose positive activity on the one was followed at once by the other."""
    kept = [event for event in dataset.events if event.verb in POSITIVE]
    kept.sort(key=lambda event: (event.person, event.at, event.item))
    return {
        before.person
        for before, after in itertools.pairwise(kept)
        if before.person == after.person and (before.item, after.item) == (first, then)
    }


def is_true(
    reason: Reason, item: int, dataset: Dataset, context: Context, facts: dict[int, ItemFacts]
) -> bool:
    """Prove a reason from the raw rows, without asking the model anything."""
    dismissed = {event.item for event in context.history if event.verb == "dismissed"}
    did = {
        (event.item, event.verb)
        for event in context.history
        if event.verb in POSITIVE and event.item not in dismissed
    }
    done = {each for each, _ in did}
    others = lambda people: people - {context.person}  # noqa: E731
    match reason.code:
        case ReasonCode.BECAUSE_OF:
            both = people_who_took(dataset, reason.item) & people_who_took(dataset, item)
            return (reason.item, reason.verb) in did and bool(others(both))
        case ReasonCode.OFTEN_NEXT:
            count = len(people_who_went_on(dataset, reason.item, item))
            return reason.item in done and reason.people == count >= 5
        case ReasonCode.POPULAR_IN_ROLE:
            members = {p for p, roles in dataset.people_roles.items() if reason.role in roles}
            count = len(others(people_who_took(dataset, item, reason.days) & members))
            enough = reason.people == count >= 5 and len(others(members)) >= 5
            return reason.role in context.roles and enough
        case ReasonCode.TRENDING | ReasonCode.POPULAR:
            days = 7 if reason.code == ReasonCode.TRENDING else 30
            count = len(others(people_who_took(dataset, item, days)))
            return reason.days == days and reason.people == count >= 5
        case ReasonCode.SHARES_SKILL:
            theirs = facts[reason.item].skills
            return reason.item in done and reason.skill in {*theirs} & {*facts[item].skills}
        case ReasonCode.IN_ROLE:
            return reason.role in {*context.roles} & {*facts[item].roles}
        case ReasonCode.NEW:
            return 0 <= context.now - facts[item].published <= 30 * DAY
        case ReasonCode.UNSEEN:
            return item not in {event.item for event in context.history}

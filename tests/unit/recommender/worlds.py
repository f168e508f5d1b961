"""Small made-up portals, and the proof of a reason from their raw rows."""

import itertools
from collections.abc import Mapping
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


POSITIVE = {"viewed", "launched", "found", "completed", "saved", "liked"}


def meant_well(event: Event) -> bool:
    """Tell whether an event speaks for its item: no dislike, four stars or more, some time."""
    if event.verb == "rated":
        return event.value > 3
    return event.value > 0 if event.verb == "spent" else event.verb in POSITIVE


def meant_ill(event: Event) -> bool:
    """Tell whether an event speaks against its item."""
    return event.verb == "dismissed" or (event.verb == "rated" and event.value < 3)


def people_who_took(dataset: Dataset, item: int, days: float = 1e6) -> set[int]:
    """Everybody with a positive activity on the item in the days before the training."""
    return {
        event.person
        for event in dataset.events
        if event.item == item
        and meant_well(event)
        and dataset.now - days * DAY < event.at <= dataset.now
    }


def people_who_finished(dataset: Dataset, item: int, days: float = 1e6) -> set[int]:
    """Everybody who completed the item in the days before the training."""
    return {
        event.person
        for event in dataset.events
        if (event.item, event.verb) == (item, "completed")
        and dataset.now - days * DAY < event.at <= dataset.now
    }


def people_who_began_with(dataset: Dataset, item: int) -> set[int]:
    """Everybody who completed the item within 30 days of their start."""
    return {
        event.person
        for event in dataset.events
        if (event.item, event.verb) == (item, "completed")
        and event.at <= dataset.now
        and event.person in dataset.started
        and 0 <= event.at - dataset.started[event.person] <= 30 * DAY
    }


def people_who_went_on(dataset: Dataset, first: int, then: int) -> set[int]:
    """Everybody whose positive activity on the one was followed at once by the other."""
    kept = [event for event in dataset.events if meant_well(event) and event.at <= dataset.now]
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
    fewest = max(5, context.fewest)
    disliked = {event.item for event in context.history if meant_ill(event)}
    did = {
        (event.item, event.verb)
        for event in context.history
        if meant_well(event) and event.item not in disliked
    }
    done = {each for each, _ in did}

    def counted(people: set[int], members: set[int] | None = None) -> bool:
        told = people - {context.person}
        if members is not None:
            told &= members
            if len(members - {context.person}) < fewest:
                return False
        return reason.until == dataset.now and reason.people == len(told) >= fewest

    def members(held: Mapping[int, tuple[str, ...]], name: str | None) -> set[int]:
        return {person for person, names in held.items() if name in names}

    def together(one: int, other: int | None) -> bool:
        return bool(people_who_took(dataset, one) & people_who_took(dataset, other))

    match reason.code:
        case ReasonCode.BECAUSE_OF:
            return (reason.item, reason.verb) in did and together(item, reason.item)
        case ReasonCode.OFTEN_NEXT:
            return reason.item in done and counted(people_who_went_on(dataset, reason.item, item))
        case ReasonCode.POPULAR_IN_ROLE:
            took = people_who_took(dataset, item, 30)
            told = counted(took, members(dataset.people_roles, reason.role))
            return reason.days == 30 and reason.role in context.roles and told
        case ReasonCode.FIRST_MONTH:
            told = counted(
                people_who_began_with(dataset, item), members(dataset.people_roles, reason.role)
            )
            return reason.days == 30 and reason.role in context.roles and told
        case ReasonCode.CIRCLE:
            finished = people_who_finished(dataset, item, 90)
            told = counted(finished, members(dataset.circles, reason.circle))
            return reason.days == 90 and reason.circle in context.circles and told
        case ReasonCode.TRENDING | ReasonCode.POPULAR:
            days = 7 if reason.code == ReasonCode.TRENDING else 30
            return reason.days == days and counted(people_who_took(dataset, item, days))
        case ReasonCode.SHARES_SKILL:
            theirs = facts[reason.item].skills
            return reason.item in done and reason.skill in {*theirs} & {*facts[item].skills}
        case ReasonCode.GOES_WITH if reason.skill is None:
            return reason.item == context.origin != item and together(item, reason.item)
        case ReasonCode.GOES_WITH:
            shared = {*facts[reason.item].skills} & {*facts[item].skills}
            return reason.item == context.origin != item and reason.skill in shared
        case ReasonCode.IN_ROLE:
            return reason.role in {*context.roles} & {*facts[item].roles}
        case ReasonCode.NEW:
            return reason.days == 30 and 0 <= context.now - facts[item].published <= 30 * DAY
        case ReasonCode.PINNED:
            return context.pins[item] == reason.page
        case ReasonCode.NEXT_STEP:
            return item in context.steps
        case ReasonCode.FITS_TIME:
            minutes = facts[item].minutes
            return (reason.minutes, reason.has) == (minutes, context.minutes) and (
                1 <= minutes <= context.minutes
            )
        case ReasonCode.SHORT:
            return reason.minutes == facts[item].minutes and 1 <= reason.minutes <= 10
        case ReasonCode.CLOSES_GAP:
            return reason.skill in {*facts[item].skills} & context.gaps
        case ReasonCode.IN_LANGUAGE:
            return reason.language == facts[item].language == context.language != ""
        case ReasonCode.FROM_TOOL:
            return reason.tool == facts[item].tool == context.tool != ""
        case ReasonCode.UNSEEN | ReasonCode.DRAWN:
            return item not in {event.item for event in context.history}

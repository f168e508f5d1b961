"""The past replayed: moments at which people came, what they had done, and what they did next.

Evaluation asks, event by event, what we would have shown just before somebody took something up;
tuning learns from one earlier moment of each person and the next few items.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from recommender.data import Context, Dataset, Event, EventLog, Ints
from recommender.settings import Settings

NEXT = 5


@dataclass(frozen=True)
class Query:
    """A person at a moment, and the next few items they took up from there."""

    context: Context
    relevant: frozenset[int]

    def forgetful(self, length: int) -> "Query":
        """Return the same query with only the latest events remembered, as if by a newcomer."""
        history = self.context.history[max(len(self.context.history) - length, 0) :]
        return Query(replace(self.context, history=history), self.relevant)


def split(dataset: Dataset, settings: Settings) -> tuple[Dataset, EventLog]:
    """Cut the events in two by time, so that a share of the positive ones lies in the past."""
    log = EventLog.of(dataset.events)
    log = log.where(log.at <= dataset.now)
    positive = settings.activity.strengths(log) > 0
    cut = dataset.now
    if positive.any():
        cut = float(np.quantile(log.at[positive], settings.evaluation.train_share))
    return replace(dataset, events=log.where(log.at <= cut), now=cut), log.where(log.at > cut)


def moments(
    past: Dataset, future: EventLog, settings: Settings, most: int, seed: int
) -> list[Query]:
    """Choose one moment after the cut for each of at most `most` people who came back or joined."""
    chance = np.random.default_rng(seed)
    positive = settings.activity.strengths(future) > 0
    people = np.unique(future.person[positive])
    if people.size > most:
        people = np.sort(chance.choice(people, most, replace=False))
    before, after = _by_person(EventLog.of(past.events), people), _by_person(future, people)
    drawn = zip(people.tolist(), chance.random(people.size).tolist(), strict=True)
    found = []
    for person, share in drawn:
        query = _moment(past, person, before.get(person, []), after[person], share, settings)
        if query is not None:
            found.append(query)
    return found


def replayed(past: Dataset, future: EventLog, settings: Settings, seed: int) -> list[Query]:
    """Return moments after the cut just before somebody took up an item new to them, by time.

    Each has one relevant item, the one that was taken up, and a history up to that moment. At most
    `most_people` people and `most_moments` of each are drawn, which bounds what an evaluation
    costs whatever the activity.
    """
    config = settings.evaluation
    chance = np.random.default_rng(seed)
    positive = settings.activity.strengths(future) > 0
    people = np.unique(future.person[positive])
    if people.size > config.most_people:
        people = np.sort(chance.choice(people, config.most_people, replace=False))
    before, after = _by_person(EventLog.of(past.events), people), _by_person(future, people)
    found = []
    for person in people.tolist():
        known, later = before.get(person, []), after[person]
        taken = _taken_up(known, later, settings)
        if len(taken) > config.most_moments:
            taken = sorted(chance.choice(taken, config.most_moments, replace=False).tolist())
        for at in taken:
            context = _context(past, person, known + later[:at], later[at].at)
            found.append(Query(context, frozenset({later[at].item})))
    return sorted(found, key=lambda query: (query.context.now, query.context.person))


def _taken_up(known: list[Event], later: list[Event], settings: Settings) -> list[int]:
    """Return the places in `later` of positive events on items that the person had never met."""
    met = {event.item for event in known}
    found = []
    for at, event in enumerate(later):
        if event.item not in met and settings.activity.strength(event) > 0:
            found.append(at)
        met.add(event.item)
    return found


def _context(past: Dataset, person: int, history: list[Event], now: float) -> Context:
    return Context(
        person,
        past.people_roles.get(person, ()),
        history,
        now,
        circles=past.circles.get(person, ()),
        started=past.started.get(person),
    )


def _moment(
    past: Dataset,
    person: int,
    known: list[Event],
    later: list[Event],
    share: float,
    settings: Settings,
) -> Query | None:
    """Return the query at a share of the person's later events; None if nothing new followed."""
    at = int(share * len(later))
    history = known + later[:at]
    met = {event.item for event in history}
    strength = settings.activity.strength
    fresh = (e.item for e in later[at:] if strength(e) > 0 and e.item not in met)
    relevant = frozenset(list(dict.fromkeys(fresh))[:NEXT])
    return Query(_context(past, person, history, later[at].at), relevant) if relevant else None


def _by_person(log: EventLog, people: Ints) -> dict[int, list[Event]]:
    kept = log.where(np.isin(log.person, people))
    found: dict[int, list[Event]] = {}
    for event in kept.where(np.argsort(kept.at, kind="stable")).rows():
        found.setdefault(event.person, []).append(event)
    return found


def met_items(queries: Sequence[Query]) -> Ints:
    """Return how many different items each query's person had met."""
    return np.array([len({e.item for e in query.context.history}) for query in queries], np.int64)

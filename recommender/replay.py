"""The past replayed: moments at which people came, what they had done, and what they did next.

Evaluation asks, event by event, what we would have shown just before somebody took something up.
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from recommender.arrays import Ints
from recommender.data import JUDGED_AFTER, Context, Event
from recommender.dataset import Dataset
from recommender.log import EventLog
from recommender.settings import Settings

LEAD = 20
"""How many of a person's last events before the cut are told first, to lead up to the next."""


@dataclass(frozen=True)
class Query:
    """A person at a moment, and the item they took up then."""

    context: Context
    relevant: frozenset[int]


@dataclass(frozen=True)
class Replay:
    """What happened after the cut, by time, and the moments of it that are asked about.

    `lead` is what these people did last before the cut, each person's in the order of time.
    """

    lead: EventLog
    events: list[Event]
    queries: list[Query]

    def steps(self) -> Iterator[tuple[list[Event], Query]]:
        """Return each moment with what everybody did since the one before it."""
        done = 0
        times = [event.at for event in self.events]
        for query in self.queries:
            until = bisect_left(times, query.context.now)
            yield self.events[done:until], query
            done = until


def split(dataset: Dataset, settings: Settings) -> tuple[Dataset, EventLog]:
    """Cut the events in two by time, so that a share of the positive ones lies in the past.

    The past keeps what was shown until the dataset's own end, so that its weights can be learnt
    from what follows the cut; but nothing of which the takes may lie behind that end.
    """
    log = EventLog.of(dataset.events).until(dataset.now)
    positive = settings.activity.strengths(log) > 0
    cut = dataset.now
    if positive.any():
        cut = float(np.quantile(log.at[positive], settings.evaluation.train_share))
    shown = [slate for slate in dataset.shown if slate.at + JUDGED_AFTER <= dataset.now]
    past = replace(dataset, events=log.where(log.at <= cut), now=cut, shown=shown)
    return past, log.where(log.at > cut)


def replayed(past: Dataset, future: EventLog, settings: Settings, seed: int) -> Replay:
    """Replay what came after the cut, with moments just before somebody took up something new.

    Each moment has one relevant item, the one that was taken up, and a history up to then. Only
    the first `most_replayed` events are looked at, and at most `most_people` people and
    `most_moments` of each are drawn, which bounds what an evaluation costs whatever the activity.
    """
    config = settings.evaluation
    chance = np.random.default_rng(seed)
    future = future.where(np.argsort(future.at, kind="stable")[: config.most_replayed])
    positive = settings.activity.strengths(future) > 0
    people = np.unique(future.person[positive])
    if people.size > config.most_people:
        people = np.sort(chance.choice(people, config.most_people, replace=False))
    log = EventLog.of(past.events)
    before, after = _by_person(log, people), _by_person(future, people)
    found = []
    for person in people.tolist():
        known, later = before.get(person, []), after[person]
        taken = _taken_up(known, later, settings)
        if len(taken) > config.most_moments:
            taken = sorted(chance.choice(taken, config.most_moments, replace=False).tolist())
        for at in taken:
            context = _context(past, person, known + later[:at], later[at].at)
            found.append(Query(context, frozenset({later[at].item})))
    queries = sorted(found, key=lambda query: (query.context.now, query.context.person))
    return Replay(lead_of(log, np.unique(future.person)), future.rows(), queries)


def lead_of(log: EventLog, people: Ints) -> EventLog:
    """Return the last few events of each of these people, person by person."""
    log = log.where(np.isin(log.person, people)).in_order()
    last = np.searchsorted(log.person, log.person, side="right")
    return log.where(last - np.arange(len(log)) <= LEAD)


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


def _by_person(log: EventLog, people: Ints) -> dict[int, list[Event]]:
    kept = log.where(np.isin(log.person, people))
    found: dict[int, list[Event]] = {}
    for event in kept.where(np.argsort(kept.at, kind="stable")).rows():
        found.setdefault(event.person, []).append(event)
    return found


def met_items(queries: Sequence[Query]) -> Ints:
    """Return how many different items each query's person had met."""
    return np.array([len({e.item for e in query.context.history}) for query in queries], np.int64)

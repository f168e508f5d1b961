"""How far to trust each feature, learnt from what people really took next.

A conditional logit (McFadden 1974) over the candidates of moments replayed event by event, each
seen with the live counts of that moment. It starts from the given weights and leaves them only as
far as the evidence carries; how far is settled on the latest of the moments, held out.

What was looked at and not taken is the more honest negative: a candidate of a replay may never have
been seen. So each slate that somebody judged is one more choice, among nothing but its own items.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from recommender.arrays import Floats, Ints, Mask, different
from recommender.blend import BlendConfig, stages, weights
from recommender.candidates import propose
from recommender.data import Context, Event, Shown
from recommender.dataset import Dataset
from recommender.live import Live
from recommender.log import EventLog
from recommender.measures import measured
from recommender.model import Model
from recommender.pipeline import sight_of
from recommender.pool import Eligibility
from recommender.replay import lead_of
from recommender.rules import barred_ids

Wide = NDArray[np.float64]

MOST_EVENTS = 30_000
BEST, DRAWN = 150, 50
LEAST = 60
MOST_SHOWN = 3000
SHOWN_WEIGHT = 0.5
"""What a judged slate counts beside a replayed moment, however much was taken of it."""
SHORTENED = 0.3
SHORT_HISTORIES = (0, 0, 1, 1, 2, 3, 5)
HELD_OUT = 0.2
RIDGES = (3000.0, 1000.0, 300.0)
"""How firmly the weights are held to those given; which, the moments held out decide."""
ROUNDS = 40


@dataclass(frozen=True)
class Moment:
    """The candidates of one moment, the one that was taken, and how far each stage held.

    `weight` is how much the choice counts.
    """

    features: Floats
    taken: int
    stage: Floats
    weight: float = 1.0


@dataclass(frozen=True)
class Choices:
    """Features of the candidates of many moments laid end to end; moments begin at `start`."""

    features: Floats
    stage: Floats
    start: Ints
    taken: Ints
    weight: Wide

    @classmethod
    def of(cls, moments: Sequence[Moment], scale: Floats) -> "Choices":
        """Lay moments end to end, each feature divided by its scale."""
        sizes = [len(moment.features) for moment in moments]
        start = np.cumsum([0, *sizes[:-1]])
        return cls(
            (np.concatenate([moment.features for moment in moments]) / scale).astype(np.float32),
            np.repeat(np.stack([moment.stage for moment in moments]), sizes, axis=0),
            start,
            start + np.array([moment.taken for moment in moments]),
            np.array([moment.weight for moment in moments], np.float64),
        )

    def loss(self, table: Floats) -> tuple[float, Wide]:
        """Return minus the log likelihood of what was taken, weighted, and its gradient."""
        scores = ((self.features @ table) * self.stage).sum(axis=1).astype(np.float64)
        length = np.diff(np.append(self.start, scores.size))
        scores -= np.repeat(np.maximum.reduceat(scores, self.start), length)
        raised = np.exp(scores)
        total = np.add.reduceat(raised, self.start)
        surprise = raised / np.repeat(total, length)
        loss = float((np.log(total) * self.weight).sum() - (scores[self.taken] * self.weight).sum())
        surprise[self.taken] -= 1
        surprise *= np.repeat(self.weight, length)
        slope = self.features.T @ (surprise.astype(np.float32)[:, None] * self.stage)
        return loss, slope.astype(np.float64)


def learn(model: Model, past: Dataset, future: EventLog, seed: int) -> BlendConfig:
    """Return the weights that make most likely what was taken in the `future` of a model of `past`.

    Some moments are seen with a history cut short, so that beginners are learnt too. What people
    were shown between the model and the last event of the future is learnt from beside them. With
    fewer than `LEAST` moments in all the weights stay as they are.
    """
    return settled(list(replay(model, past, future, seed)), model.settings.blend, RIDGES)


def settled(moments: Sequence[Moment], given: BlendConfig, ridges: Sequence[float]) -> BlendConfig:
    """Return the weights learnt, as far from those given as the last moments want them."""
    if len(moments) < LEAST:
        return given
    scale = scale_of(moments)
    before = given.table() * scale[:, None]
    cut = int(len(moments) * (1 - HELD_OUT))
    earlier, later = Choices.of(moments[:cut], scale), Choices.of(moments[cut:], scale)
    table, found = before, [(later.loss(before)[0], np.inf)]
    for ridge in ridges:
        table = fitted(earlier, table, before, ridge)
        found.append((later.loss(table)[0], ridge))
    ridge = min(found)[1]
    if np.isinf(ridge):
        return given
    table = fitted(Choices.of(moments, scale), table, before, ridge)
    return BlendConfig.of(table / scale[:, None])


def scale_of(moments: Sequence[Moment]) -> Floats:
    """Return how much each feature differs between the candidates of a moment."""
    rows = np.concatenate([moment.features - moment.features.mean(axis=0) for moment in moments])
    scale: Floats = np.maximum(rows.std(axis=0), 1e-3)
    return scale


def fitted(
    choices: Choices, start: Floats, before: Floats, ridge: float, free: Mask | None = None
) -> Floats:
    """Return the weights of the least loss, `ridge` holding them to those before.

    Only those that are `free` are learnt, all of them if nothing is said.
    """
    held = np.zeros(before.size, np.bool_) if free is None else ~free.ravel()

    def penalised(flat: Wide) -> tuple[float, Wide]:
        table = flat.reshape(before.shape)
        loss, slope = choices.loss(table.astype(np.float32))
        away = table - before
        slope = (slope + 2 * ridge * away).ravel()
        slope[held] = 0
        return loss + ridge * float((away**2).sum()), slope

    found = minimize(
        penalised,
        start.ravel().astype(np.float64),
        jac=True,
        method="L-BFGS-B",
        options={"maxiter": ROUNDS},
    )
    table: Floats = found.x.reshape(before.shape).astype(np.float32)
    return table


def replay(model: Model, past: Dataset, future: EventLog, seed: int) -> Iterator[Moment]:
    """Give moments of the first events after the model, and the slates that were judged then.

    Each is seen with the history and the live counts of its time.
    """
    chance = np.random.default_rng(seed)
    future = future.where(np.argsort(future.at, kind="stable")[:MOST_EVENTS])
    log, people = EventLog.of(past.events), different(future.person)
    histories = Histories(log, people)
    live = Live(model)
    live.follow(lead_of(log, people))
    facts = {each.item: each for each in past.items}
    eligible = Eligibility(facts.keys() | set(model.items.tolist()), facts)
    share = model.settings.evaluation.most_tuned_on / max(len(future), 1)
    slates = _judged(past, future)
    for event in future.rows():
        while slates and slates[-1].at <= event.at:
            yield from _choices(model, live, past, slates.pop(), histories, eligible)
        if model.settings.activity.strength(event) > 0 and chance.random() < share:
            context = _context(past, event, histories.of(event.person), chance)
            moment = _moment(model, live, context, event.item, eligible, chance)
            if moment is not None:
                yield moment
        histories.add(event)
        live.observe([event], {event.person: groups_of(past, event.person)})


def groups_of(dataset: Dataset, person: int) -> tuple[str, ...]:
    """Return the roles and circles of somebody."""
    return (*dataset.people_roles.get(person, ()), *dataset.circles.get(person, ()))


class Histories:
    """What people did, in the order of time; made into rows only for those who are asked about."""

    def __init__(self, log: EventLog, people: Ints) -> None:
        """Begin with what these people did in the past."""
        log = log.where(np.isin(log.person, people))
        self._past = log.where(np.lexsort((log.at, log.person)))
        self._since: dict[int, list[Event]] = {}

    def of(self, person: int) -> list[Event]:
        """Return what somebody has done so far."""
        begin, end = np.searchsorted(self._past.person, [person, person + 1])
        return self._past.where(slice(begin, end)).rows() + self._since.get(person, [])

    def add(self, event: Event) -> None:
        """Add what somebody has done now."""
        self._since.setdefault(event.person, []).append(event)


def _context(
    past: Dataset, event: Event, history: list[Event], chance: np.random.Generator
) -> Context:
    """Return the person before the event, at times with most of their history forgotten."""
    length = len(history)
    if chance.random() < SHORTENED:
        length = int(chance.choice(SHORT_HISTORIES))
    return _before(past, event.person, event.at, history[max(len(history) - length, 0) :])


def _before(past: Dataset, person: int, at: float, history: list[Event]) -> Context:
    return Context(
        person,
        past.people_roles.get(person, ()),
        history,
        at,
        circles=past.circles.get(person, ()),
        started=past.started.get(person),
    )


def _judged(past: Dataset, future: EventLog) -> list[Shown]:
    """Return what the people of a future in order were shown during it, the newest first."""
    if not past.shown or not len(future):
        return []
    people, last = set(future.person.tolist()), float(future.at[-1])
    shown = [each for each in past.shown if past.now < each.at <= last and each.person in people]
    return sorted(shown, key=lambda each: (-each.at, each.person))[:MOST_SHOWN]


def _choices(
    model: Model,
    live: Live,
    past: Dataset,
    slate: Shown,
    histories: Histories,
    eligible: Eligibility,
) -> Iterator[Moment]:
    """Give for each item that was taken of a slate the choice between it and all the refused.

    What the person had met before is left out, since the rules never let it be ranked. Without
    a take, or with nothing refused, there is no choice.
    """
    context = _before(past, slate.person, slate.at, histories.of(slate.person))
    new = {*slate.items} - barred_ids(context, ())
    sight = sight_of(model, context, eligible, eligible.items, live)
    taken = sight.pool.positions(sorted(new & {*slate.taken}))
    refused = sight.pool.positions(sorted(new - {*slate.taken}))
    if not taken.size or not refused.size:
        return
    features = measured(sight, np.concatenate([taken, refused]))
    stage = stages(int(sight.recent.size), sight.pause)
    others = np.arange(taken.size, len(features))
    for row in range(taken.size):
        yield Moment(features[[row, *others]], 0, stage, SHOWN_WEIGHT / taken.size)


def _moment(
    model: Model,
    live: Live,
    context: Context,
    item: int,
    eligible: Eligibility,
    chance: np.random.Generator,
) -> Moment | None:
    """Measure the candidates; None if what was taken is not among them."""
    sight = sight_of(model, context, eligible, eligible.items, live)
    target = sight.pool.positions({item})
    barred = sight.pool.positions(barred_ids(context, ()))
    at = propose(sight, barred, model.settings.rules.shortlist).at
    if not np.isin(target, at).any():
        return None
    features = measured(sight, at)
    evidence = int(sight.recent.size)
    score = features @ weights(model.settings.blend, evidence, sight.pause)
    kept = np.argsort(-score, kind="stable")[:BEST]
    drawn = chance.integers(0, at.size, DRAWN)
    taken = np.flatnonzero(at == target[0])
    kept = np.unique(np.concatenate([kept, drawn, taken]))
    place = int(np.searchsorted(kept, taken[0]))
    return Moment(features[kept], place, stages(evidence, sight.pause))

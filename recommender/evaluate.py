"""How good the recommendations would have been: train on the past, replay what came after.

Ours, the serving model, popularity and popularity within the role answer the same questions: what
would you have shown this person just before they took something up? The paired differences tell
who is better, overall, for newcomers, and in each role. The models count live what everybody does
between the moments, as they do when they serve; popularity stands still at the cut.

The serving model has usually been trained on the very events that the others are asked about. Then
its *recipe* takes its place: what is learnt with its settings from the past alone. A recipe that is
the same as ours needs no second training: it would give the same answers.
"""

from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from recommender.blend import BlendConfig
from recommender.data import Context, Event
from recommender.dataset import Dataset
from recommender.figures import LONG
from recommender.live import Live
from recommender.log import EventLog
from recommender.model import Model, fit
from recommender.pipeline import recommend
from recommender.pool import Eligibility, Pool
from recommender.profile import Profile
from recommender.replay import Query, Replay, replayed, split
from recommender.report import IN_ROLE, OURS, POPULARITY, SERVING, Against, Report
from recommender.rules import barred_ids
from recommender.settings import Settings
from recommender.tabulate import Table, groups_of
from recommender.tuning import groups_of as circles_of
from recommender.tuning import learn


@dataclass(frozen=True)
class Rival:
    """The serving model as it takes part; without a `model` ours stands for it, or nobody does."""

    name: str
    against: Against
    model: Model | None = None


def evaluate(dataset: Dataset, settings: Settings | None = None, seed: int = 0) -> Report:
    """Train and tune on the first part of the time, and measure on moments of the second.

    The cut is at `settings.evaluation.train_share` of the events: another share gives another cut.
    """
    settings = settings or Settings()
    past, future = split(dataset, settings)
    return assess(fit(past, settings, seed), past, future, seed)


def assess(
    model: Model,
    past: Dataset,
    future: EventLog,
    seed: int,
    rival: Rival | None = None,
    blend: BlendConfig | None = None,
) -> Report:
    """Measure a model of the past, its blend tuned within the past, on what came after.

    `blend` is the one that the past alone teaches, if it is known already.
    """
    config = model.settings.evaluation
    replay = replayed(past, future, model.settings, seed)
    if len({query.context.person for query in replay.queries}) < config.fewest_people:
        return _nothing(past, rival)
    ready = model.blended(blend) if blend else rehearsed(model, past, seed)
    return measure(ready, past, replay, seed, rival)


def rehearsed(model: Model, past: Dataset, seed: int) -> Model:
    """Return a model of the past with the blend that the past alone teaches."""
    first, later = split(past, model.settings)
    return model.blended(tuned(fit(first, model.settings, seed), first, later, seed))


def tuned(model: Model, past: Dataset, future: EventLog, seed: int) -> BlendConfig:
    """Return the blend learnt from the moments after the model, or its own if they are few."""
    return learn(model, past, future, seed)


def _nothing(past: Dataset, rival: Rival | None) -> Report:
    if rival is None:
        return Report(past.now, ())
    return Report(past.now, (), rival.against, rival.name)


def measure(
    model: Model, past: Dataset, replay: Replay, seed: int, rival: Rival | None = None
) -> Report:
    """Let every ranker answer every query of a replay and tabulate the figures."""
    queries = replay.queries
    if not queries:
        return _nothing(past, rival)
    facts = {each.item: each for each in past.items}
    ids = frozenset(facts) | set(model.items.tolist())
    unknown = partial(_unknown_at, *_published_later(past))
    answers = {OURS: _answers(model, past, replay, ids, unknown)}
    if rival is not None and rival.model is not None:
        answers[SERVING] = _answers(rival.model, past, replay, ids, unknown)
    elif rival is not None and rival.against is Against.SAME:
        answers[SERVING] = answers[OURS]
    pool = Eligibility(ids, facts).pool(model)
    answers[POPULARITY] = [_most_popular(pool, q.context, (), unknown(q)) for q in queries]
    answers[IN_ROLE] = [
        _most_popular(pool, q.context, q.context.roles, unknown(q)) for q in queries
    ]
    table = Table.of(past, queries, answers, len(ids), model.settings.evaluation.resamples)
    rows = [row for group, mask in groups_of(queries) for row in table.rows(group, mask, seed)]
    return replace(_nothing(past, rival), rows=tuple(rows))


def _answers(
    model: Model,
    past: Dataset,
    replay: Replay,
    ids: frozenset[int],
    unknown: Callable[[Query], frozenset[int]],
) -> list[list[int]]:
    """Ask a model at every moment, with what everybody did until then counted live."""
    facts = {each.item: each for each in past.items}
    eligible = Eligibility(ids, facts)
    live = _caught_up(model, past, replay)
    found = []
    for news, query in replay.steps():
        live.observe(news, _groups(past, news))
        slate = recommend(model, query.context, eligible, facts, LONG, unknown(query), live)
        found.append(list(slate.items))
    return found


def _caught_up(model: Model, past: Dataset, replay: Replay) -> Live:
    """Return what a model knows at the cut of what happened since its training, as in serving."""
    live = Live(model)
    live.follow(replay.lead.until(model.trained_at))
    log = EventLog.of(past.events)
    since = log.where((log.at > model.trained_at) & (log.at <= past.now))
    latest = np.argsort(since.at, kind="stable")[-model.settings.evaluation.most_replayed :]
    events = since.where(latest).rows()
    live.observe(events, _groups(past, events))
    return live


def _groups(past: Dataset, events: Sequence[Event]) -> dict[int, tuple[str, ...]]:
    return {event.person: circles_of(past, event.person) for event in events}


def _published_later(past: Dataset) -> tuple[list[float], list[int]]:
    """Return when items were published after the cut, ascending, and which: unknown until then."""
    dated = ((facts.published, facts.item) for facts in past.items)
    later = sorted((at, item) for at, item in dated if at is not None and at > past.now)
    return [at for at, _ in later], [item for _, item in later]


def _unknown_at(when: Sequence[float], items: Sequence[int], query: Query) -> frozenset[int]:
    """Return what was not published yet; an item somebody took up was there, whatever its date."""
    later = frozenset(items[bisect_right(when, query.context.now) :])
    return later if later.isdisjoint(query.relevant) else later - query.relevant


def _most_popular(
    pool: Pool, context: Context, roles: tuple[str, ...], barred: frozenset[int]
) -> list[int]:
    role = pool.model.scorers.role
    known = role.known(roles)
    nobody = Profile(np.zeros(0, np.int64), np.zeros(0, np.float32), np.zeros(0, np.int64), known)
    wall = pool.walled(pool.positions(barred_ids(context, barred)))
    best = pool.heads.best(
        ("role", known), None, lambda: role(nobody), (pool.wall, wall), LONG, pool.order
    )
    ids: list[int] = pool.ids[best].tolist()
    return ids

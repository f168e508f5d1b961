"""Training and judging the recommender on the activity in the database.

Training belongs into a process of its own (implicit's threads do not survive a fork): the command
line runs it in place, the worker starts that command.
"""

import json
import resource
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from app.foryou import history, queries, shown, takes, trainings
from recommender.arrays import different
from recommender.checkpoints import Checkpoints, digest_of, planned
from recommender.data import Shown
from recommender.dataset import Dataset
from recommender.evaluate import evaluate
from recommender.history import Origin, Promotion
from recommender.log import EventLog
from recommender.model import TasteFit
from recommender.report import Report
from recommender.rivals import Serving
from recommender.settings import Settings
from recommender.store import ModelStore
from recommender.training import train

WINDOW = timedelta(days=3 * 365)
RESUMED_WITHIN = timedelta(hours=12)
SEED = 20_260
Progress = Callable[[str, float], None]


def dataset_of(session: Session, *, now: datetime) -> Dataset:
    """Return what people did in three years and were shown, their roles and the live items."""
    return Dataset(
        events=history.all_events(session, since=now - WINDOW).in_order(),
        people_roles=queries.people_roles(session),
        items=[row.facts for row in queries.live_items(session).values()],
        now=now.timestamp(),
        circles=queries.circles(session),
        started=queries.started(session),
        shown=_shown(session, now),
    )


def _shown(session: Session, now: datetime) -> list[Shown]:
    """Return what of the kept slates was examined and taken, for who does not pause signals.

    The last day is left out: what was shown then may still be taken. So is the first that is kept,
    so that the nightly deletion changes nothing for a training that goes on.
    """
    pausing = queries.pausing(session)
    slates = takes.judged_slates(session, now - shown.KEPT_FOR + timedelta(days=1))
    return [
        Shown(
            slate.person_id,
            slate.shown_at.timestamp(),
            slate.examined,
            tuple(sorted(slate.taken)),
        )
        for slate in slates
        if slate.taken and slate.shown_at + takes.WITHIN <= now and slate.person_id not in pausing
    ]


@dataclass(frozen=True, slots=True)
class Work:
    """What a training is about to do: its data, what it has finished before, and who needs what.

    `serving` is what it is compared with, `needed` are models that must not be cleared away.
    """

    dataset: Dataset
    kept: Checkpoints
    serving: Serving | None
    needed: frozenset[str]
    seed: int


def prepare(
    session: Session,
    store: ModelStore,
    *,
    now: datetime,
    engine: str = "implicit",
    seed: int = SEED,
) -> Work:
    """Read the data, as of `now`, or as of an interrupted training that can be gone on with.

    It can if it began within `RESUMED_WITHIN` and everything it began with is still the same: the
    activity until then, people, items, settings, and what serves. Otherwise it begins anew.
    """
    folder, serving = store.path / "begun", store.serving()
    begun = planned(folder) or {}
    then = _watermark(begun, now)
    dataset = dataset_of(session, now=then)
    plan = _plan(dataset, serving, engine, seed)
    if then != now and plan != begun:
        dataset = dataset_of(session, now=now)
        plan = _plan(dataset, serving, engine, seed)
    needed = trainings.needed_models(session)
    return Work(dataset, Checkpoints.begin(folder, plan), serving, needed, seed)


def _watermark(begun: Mapping[str, Any], now: datetime) -> datetime:
    """Return when the interrupted training began if it can be gone on with, else now."""
    try:
        then = datetime.fromtimestamp(begun["now"], UTC)
    except (KeyError, TypeError, ValueError, OverflowError, OSError):
        return now
    return then if now - RESUMED_WITHIN <= then <= now else now


def _plan(dataset: Dataset, serving: Serving | None, engine: str, seed: int) -> dict[str, Any]:
    plan = {
        "now": dataset.now,
        "data": digest_of(dataset),
        "settings": Settings().to_json(),
        "seed": seed,
        "engine": engine,
        "serving": serving.name if serving else "",
    }
    as_read: dict[str, Any] = json.loads(json.dumps(plan))
    return as_read


def train_prepared(
    work: Work,
    store: ModelStore,
    *,
    progress: Progress | None = None,
    force: bool = False,
    engine: str = "implicit",
    taste: TasteFit | None = None,
    at: datetime,
) -> Promotion:
    """Train, and publish the model if it is good enough (or if forced); `at` is noted as when."""
    began = time.perf_counter()
    model = train(
        work.dataset,
        Settings(),
        seed=work.seed,
        progress=progress,
        taste=taste,
        serving=work.serving,
        kept=work.kept,
    )
    origin = _origin(work.dataset, engine, time.perf_counter() - began)
    promotion = store.publish(model, force, origin, work.needed, at.timestamp())
    work.kept.clear()
    return promotion


def _origin(dataset: Dataset, engine: str, seconds: float) -> Origin:
    log = EventLog.of(dataset.events)
    peak_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    people = different(log.person).size
    return Origin(len(log), people, len(dataset.items), seconds, peak_kib * 1024, engine)


def train_model(
    session: Session,
    store: ModelStore,
    *,
    now: datetime,
    progress: Progress | None = None,
    force: bool = False,
    seed: int = SEED,
) -> Promotion:
    """Train on everything up to now and publish the model if it is good enough (or if forced)."""
    work = prepare(session, store, now=now, seed=seed)
    return train_prepared(work, store, progress=progress, force=force, at=now)


def judge(
    session: Session, *, now: datetime, seed: int = SEED, train_share: float | None = None
) -> Report:
    """Compare the recommender with popularity on a time split of the activity in the database.

    `train_share` of the events come before the cut, if not the usual share.
    """
    settings = Settings()
    if train_share is not None:
        evaluation = replace(settings.evaluation, train_share=train_share)
        settings = replace(settings, evaluation=evaluation)
    return evaluate(dataset_of(session, now=now), settings, seed=seed)

"""Training and judging the recommender on the activity in the database.

Training belongs into a process of its own (implicit's threads do not survive a fork): the command
line runs it in place, the worker starts that command.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from app.foryou import history, queries
from recommender.data import Dataset
from recommender.evaluate import evaluate
from recommender.history import Promotion
from recommender.report import Report
from recommender.settings import Settings
from recommender.store import ModelStore
from recommender.training import train

WINDOW = timedelta(days=3 * 365)
SEED = 20_260
Progress = Callable[[str, float], None]


def dataset_of(session: Session, *, now: datetime) -> Dataset:
    """Return what everybody did in the last three years, with their roles and the live items."""
    return Dataset(
        events=history.all_events(session, since=now - WINDOW),
        people_roles=queries.people_roles(session),
        items=[row.facts for row in queries.live_items(session).values()],
        now=now.timestamp(),
        circles=queries.circles(session),
        started=queries.started(session),
    )


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
    data = dataset_of(session, now=now)
    model = train(data, Settings(), seed=seed, progress=progress, serving=store.serving())
    return store.publish(model, force=force)


def judge(session: Session, *, now: datetime, seed: int = SEED) -> Report:
    """Compare the recommender with popularity on a time split of the activity in the database."""
    return evaluate(dataset_of(session, now=now), Settings(), seed=seed)

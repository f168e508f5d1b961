"""Two rankers side by side: what each side of an experiment is, and how For you is made of both.

A side is a model, the one that serves or a kept one, with some of the changes in `CHANGES`. Only
For you takes part. A side whose model cannot be read any longer ends nothing: then what serves
makes the slate alone, and nothing of it counts.
"""

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import Conflict, Invalid, NotFound, Wording
from app.models import Experiment
from recommender.blend import BlendConfig
from recommender.data import DAY, Slate
from recommender.interleave import interleaved, seed_of
from recommender.model import Model
from recommender.rivals import Serving
from recommender.settings import Settings
from recommender.store import ModelStore

log = logging.getLogger(__name__)

SERVING = "serving"
LONGEST_NAME = 120
_SECONDS = 5.0
_CHANGED = "experiments_changed"
_UNREADABLE = (OSError, EOFError, ValueError, KeyError, TypeError)

Change = Callable[[Settings], Settings]


def _relevance(share: float) -> Change:
    return lambda settings: replace(settings, rules=replace(settings.rules, relevance=share))


CHANGES: Mapping[str, Mapping[str, Change]] = {
    "diversity": {"alike": _relevance(1.0), "mixed": _relevance(0.75)},
    "weights": {"untaught": lambda settings: replace(settings, blend=BlendConfig())},
    "live": {"as_trained": lambda settings: settings},
}
"""What a side may change, aspect by aspect. `as_trained` is done where a slate is made: what people
did since the training is not looked at."""


@dataclass(frozen=True, slots=True)
class Side:
    """A ranker: the name of a kept model or "serving", and its choice for each changed aspect."""

    model: str
    changes: tuple[tuple[str, str], ...] = ()

    @property
    def is_live(self) -> bool:
        """Tell whether what people did since the training counts."""
        return ("live", "as_trained") not in self.changes

    def to_json(self) -> dict[str, Any]:
        """Return the side as a row of `Experiment` holds it."""
        return {"model": self.model, "changes": dict(self.changes)}

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> "Side":
        """Read what `to_json` wrote."""
        return cls(values.get("model", SERVING), tuple(sorted(values.get("changes", {}).items())))

    def of_model(self, model: Model) -> Model:
        """Return the model with the changes of this side; raise KeyError for one not known."""
        settings = model.settings
        for aspect, choice in self.changes:
            settings = CHANGES[aspect][choice](settings)
        return model if settings == model.settings else replace(model, settings=settings)


@dataclass(frozen=True, slots=True)
class Running:
    """The experiment that runs."""

    id: int
    a: Side
    b: Side


AS_EVER = Side(SERVING)
"""What there is without an experiment."""

Ranked = Callable[[Model | None, Side], Slate]
"""Ranks for one reader with the model of a side, its changes made in the settings already."""


class Experiments:
    """What one process knows of the experiment that runs: read again every few seconds."""

    def __init__(self, models: ModelStore) -> None:
        """Take the models from this store."""
        self._models = models
        self._read_at = -_SECONDS
        self._running: Running | None = None
        self._made: dict[tuple[str, Side], Model | None] = {}

    def running(self, session: Session) -> Running | None:
        """Return the experiment that runs, as of a few seconds ago at most."""
        if time.monotonic() - self._read_at >= _SECONDS:
            found = running(session)
            if found != self._running:
                self._made = {}
            self._running, self._read_at = found, time.monotonic()
        return self._running

    def after_commit(self, session: Session) -> None:
        """Read anew after a transaction that started or ended one."""
        if session.info.pop(_CHANGED, False):
            self._read_at = -_SECONDS

    def slate(
        self, experiment: Running, ranked: Ranked, *, person: int, now: float, limit: int
    ) -> Slate:
        """Return one slate of both sides, the same for a person all day (UTC); `now` is in seconds.

        Each recommendation carries the side that chose it.
        """
        a, b = self._model(experiment.a), self._model(experiment.b)
        if a is None or b is None:
            return ranked(self._models.current(), AS_EVER)
        seed = seed_of(experiment.id, person, int(now // DAY))
        return interleaved(ranked(a, experiment.a), ranked(b, experiment.b), limit, seed)

    def _model(self, side: Side) -> Model | None:
        """Return the model of a side, made once; None if it cannot be had, which is tried once."""
        serving = self._models.serving() if side.model == SERVING else None
        key, known = (serving.name if serving else side.model, side), self._made
        if key not in known:
            others = {one: model for one, model in known.items() if one[1] != side}
            self._made = known = others | {key: self._ready(side, serving)}
        return known[key]

    def _ready(self, side: Side, serving: Serving | None) -> Model | None:
        if side.model == SERVING:
            return side.of_model(serving.model) if serving else None
        try:
            return side.of_model(self._models.named(side.model))
        except _UNREADABLE:
            log.exception("a side of the experiment cannot be had, so that what serves goes on")
            return None


def running(session: Session) -> Running | None:
    """Return the experiment that runs, or None."""
    row = running_row(session)
    return Running(row.id, Side.of(row.a), Side.of(row.b)) if row else None


def running_row(session: Session) -> Experiment | None:
    """Return the row of the experiment that runs, or None."""
    return session.scalars(
        select(Experiment).where(Experiment.ended_at.is_(None)).order_by(Experiment.id).limit(1)
    ).first()


def start(
    session: Session, name: str, a: Side, b: Side, *, kept: list[str], by: int, now: datetime
) -> Experiment:
    """Start an experiment between two sides; `kept` are the models there are.

    Raises Conflict while another one runs, Invalid naming the field that is wrong.
    """
    if running_row(session) is not None:
        raise Conflict(Wording("Another experiment is running. End it first."))
    name = " ".join(name.split())
    bad = _complaints(name, {"a": a, "b": b}, kept)
    if bad:
        raise Invalid(bad)
    row = Experiment(name=name, a=a.to_json(), b=b.to_json(), started_at=now, started_by_id=by)
    session.add(row)
    session.flush()
    session.info[_CHANGED] = True
    return row


def end(
    session: Session, experiment_id: int, *, result: dict[str, Any] | None, now: datetime
) -> Experiment:
    """End a running experiment with its figures; raise NotFound if none of that number runs."""
    row = session.get(Experiment, experiment_id)
    if row is None or row.ended_at is not None:
        raise NotFound(Wording("This experiment is not running."))
    row.ended_at, row.result = now, result
    session.flush()
    session.info[_CHANGED] = True
    return row


def _complaints(name: str, sides: Mapping[str, Side], kept: list[str]) -> dict[str, str]:
    bad: dict[str, str] = {}
    if not name or len(name) > LONGEST_NAME:
        bad["name"] = Wording("Give it a name of at most %(most)d characters.", most=LONGEST_NAME)
    for field, side in sides.items():
        if side.model != SERVING and side.model not in kept:
            bad[f"{field}_model"] = Wording("There is no such model any more.")
        for aspect, choice in side.changes:
            if choice not in CHANGES.get(aspect, {}):
                bad[f"{field}_{aspect}"] = Wording("Foyer knows no such change.")
    if sides["a"] == sides["b"]:
        bad.setdefault("b_model", Wording("Both sides are the same: change one of them."))
    return bad

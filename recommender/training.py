"""From a dataset to a model that knows how good it is.

Run this in a process of its own, spawned, not forked: implicit's threads do not survive a fork.
"""

from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any

from recommender.blend import BlendConfig
from recommender.checkpoints import Checkpoints
from recommender.dataset import Dataset, Interactions
from recommender.evaluate import assess, tuned
from recommender.log import EventLog
from recommender.model import Alike, Model, Progress, TasteFit, fit
from recommender.replay import split
from recommender.rivals import Serving, rival_of
from recommender.scorers.als import Als, AlsConfig, Halfway, factors_of
from recommender.settings import Settings

HALF_REHEARSED = 0.6
"""The share of the rehearsal that is done with its first model."""


def train(
    dataset: Dataset,
    settings: Settings | None = None,
    seed: int = 0,
    progress: Progress | None = None,
    taste: TasteFit | None = None,
    serving: Serving | None = None,
    kept: Checkpoints | None = None,
) -> Model:
    """Rehearse on a split in time to measure and tune, then fit the model that may serve to all.

    `progress` is told a stage and its share done, 0 to 1; what it raises ends the training. The
    same data and seed give the same arrays bit for bit, also where `kept` holds what an interrupted
    training had finished. `taste` factorises instead of implicit, in the rehearsal too. `serving`
    is measured beside the new model.
    """
    settings, kept = settings or Settings(), kept or Checkpoints()
    tell = progress or _silent
    dataset = replace(dataset, events=EventLog.of(dataset.events).in_order())
    rehearsal, metrics, learnt = _rehearsed(dataset, settings, seed, tell, taste, serving, kept)
    tell("taste", 0.0)
    factorise = taste or _further(settings.taste, rehearsal, kept.halfway("taste"))
    alike = rehearsal.alike
    del rehearsal
    model = fit(dataset, settings, seed, tell, factorise, alike)
    return model.blended(learnt).measured(metrics)


def _rehearsed(
    dataset: Dataset,
    settings: Settings,
    seed: int,
    tell: Progress,
    taste: TasteFit | None,
    serving: Serving | None,
    kept: Checkpoints,
) -> tuple[Model, dict[str, Any], BlendConfig]:
    """Return a model of the past, its figures, and the weights that what followed teaches.

    A model of the first part of the past comes before it, from which its own weights are learnt;
    its factors are gone on from, as those of the past are in the end. Nothing later is in them.
    """
    past, future = split(dataset, settings)
    tell("rehearsal", 0.0)
    factorise, theirs, alike = _earlier(past, settings, seed, tell, kept)
    factorise = taste or factorise
    second = _under(tell, HALF_REHEARSED, 1.0)
    rehearsal = kept.model("rehearsal", lambda: fit(past, settings, seed, second, factorise, alike))
    tell("evaluation", 0.0)
    metrics = kept.values(
        "metrics", lambda: _metrics(rehearsal, theirs, past, future, seed, serving)
    )
    tell("weights", 0.0)
    blend = kept.values("weights", lambda: asdict(tuned(rehearsal, past, future, seed)))
    return rehearsal, metrics, _blend(blend)


def _earlier(
    past: Dataset, settings: Settings, seed: int, tell: Progress, kept: Checkpoints
) -> tuple[TasteFit, BlendConfig, Alike]:
    """Return what the first part of the past teaches: where ALS goes on from, and the weights.

    Beside them stands what its model may hand on.

    ALS makes on it those of its iterations that it does not make further on.
    """
    first, later = split(past, settings)
    taste = replace(settings.taste, iterations=settings.taste.iterations_before)
    fewer, told = replace(settings, taste=taste), _under(tell, 0.0, HALF_REHEARSED)
    model = kept.model("earlier", lambda: fit(first, fewer, seed, told))
    blend = kept.values("earlier weights", lambda: asdict(tuned(model, first, later, seed)))
    return _further(settings.taste, model), _blend(blend), model.alike


def _metrics(
    rehearsal: Model,
    learnt: BlendConfig,
    past: Dataset,
    future: EventLog,
    seed: int,
    serving: Serving | None,
) -> dict[str, Any]:
    """Measure the rehearsal, and note the settings it was made with, to be repeated one day."""
    recipe = rehearsal.settings
    rival = rival_of(serving, past, recipe, seed)
    report = assess(rehearsal, past, future, seed, rival, learnt)
    return report.to_json() | {"recipe": recipe.to_json()}


def _blend(values: Mapping[str, Any]) -> BlendConfig:
    """Return weights as they were before they became JSON."""
    return BlendConfig(**{part: _frozen(weight) for part, weight in values.items()})


def _further(config: AlsConfig, before: Model, halfway: Halfway | None = None) -> TasteFit:
    """Return implicit's factorisation going on from a model of less; it keeps how far it is."""
    items, factors = before.items, before.scorers.taste.factors

    def factorise(data: Interactions, seed: int, progress: Progress) -> Als:
        start = factors_of(data.items, items, factors)
        return config.fit(data, seed, progress, halfway, start)

    return factorise


def _under(tell: Progress, low: float, high: float) -> Progress:
    """Return a progress that names every step of a part of the rehearsal after it."""
    return lambda _stage, share: tell("rehearsal", low + share * (high - low))


def _frozen(weight: Any) -> Any:
    """Return a list, which JSON makes of a tuple, as a tuple again."""
    return tuple(weight) if isinstance(weight, list) else weight


def _silent(_stage: str, _share: float) -> None:
    """Report to nobody."""

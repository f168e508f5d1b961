"""From a dataset to a model that knows how good it is.

Run this in a process of its own, spawned, not forked: implicit's threads do not survive a fork.
"""

from dataclasses import asdict, replace
from typing import Any

from recommender.blend import BlendConfig
from recommender.checkpoints import Checkpoints
from recommender.data import Dataset, EventLog
from recommender.evaluate import assess, tuned
from recommender.model import Model, Progress, TasteFit, fit
from recommender.replay import split
from recommender.rivals import Serving, rival_of
from recommender.scorers.als import Halfway
from recommender.settings import Settings


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
    metrics, learnt = _rehearsed(dataset, settings, seed, tell, taste, serving, kept)
    tell("taste", 0.0)
    whole = fit(dataset, settings, seed, tell, _taste(settings, taste, kept.halfway("taste")))
    return whole.blended(learnt).measured(metrics)


def _rehearsed(
    dataset: Dataset,
    settings: Settings,
    seed: int,
    tell: Progress,
    taste: TasteFit | None,
    serving: Serving | None,
    kept: Checkpoints,
) -> tuple[dict[str, Any], BlendConfig]:
    """Return the figures of a model of the past, and the weights that what followed teaches."""
    past, future = split(dataset, settings)
    tell("rehearsal", 0.0)
    rehearsal = kept.model("rehearsal", lambda: fit(past, settings, seed, _under(tell), taste))
    tell("evaluation", 0.0)
    metrics = kept.values("metrics", lambda: _metrics(rehearsal, past, future, seed, serving))
    tell("weights", 0.0)
    blend = kept.values("weights", lambda: asdict(tuned(rehearsal, past, future, seed)))
    return metrics, BlendConfig(**{part: _frozen(weight) for part, weight in blend.items()})


def _metrics(
    rehearsal: Model, past: Dataset, future: EventLog, seed: int, serving: Serving | None
) -> dict[str, Any]:
    """Measure the rehearsal, and note the settings it was made with, to be repeated one day."""
    recipe = rehearsal.settings
    rival = rival_of(serving, past, recipe, seed)
    report = assess(rehearsal, past, future, seed, rival)
    return report.to_json() | {"recipe": recipe.to_json()}


def _taste(settings: Settings, taste: TasteFit | None, halfway: Halfway | None) -> TasteFit | None:
    """Return implicit's factorisation so that it keeps how far it is; another keeps nothing."""
    if taste is not None or halfway is None:
        return taste
    return lambda data, seed, progress: settings.taste.fit(data, seed, progress, halfway)


def _under(tell: Progress) -> Progress:
    """Return a progress that names every step of the rehearsal after it."""
    return lambda _stage, share: tell("rehearsal", share)


def _frozen(weight: Any) -> Any:
    """Return a list, which JSON makes of a tuple, as a tuple again."""
    return tuple(weight) if isinstance(weight, list) else weight


def _silent(_stage: str, _share: float) -> None:
    """Report to nobody."""

"""From a dataset to a model that knows how good it is.

Run this in a process of its own, spawned, not forked: implicit's threads do not survive a fork.
"""

from recommender.data import Dataset
from recommender.evaluate import assess, tuned
from recommender.model import Model, Progress, TasteFit, fit
from recommender.replay import split
from recommender.settings import Settings


def train(
    dataset: Dataset,
    settings: Settings | None = None,
    seed: int = 0,
    progress: Progress | None = None,
    taste: TasteFit | None = None,
) -> Model:
    """Rehearse on a split in time to measure and tune, then fit the model that may serve to all.

    `progress` is told a stage and its share done, 0 to 1. The same data and seed give the same
    arrays bit for bit. `taste` factorises instead of implicit, in the rehearsal too.
    """
    settings = settings or Settings()
    past, future = split(dataset, settings)
    rehearsal = fit(past, settings, seed, taste=taste)
    report = assess(rehearsal, past, future, seed)
    blend = tuned(rehearsal, past, future, seed)
    if progress:
        progress("evaluation", 1.0)
    return fit(dataset, settings, seed, progress, taste).blended(blend).measured(report.to_json())

"""The serving model as a rival of the one in training: itself, its recipe, or the same recipe."""

from typing import NamedTuple

from recommender.dataset import Dataset
from recommender.evaluate import Rival, rehearsed
from recommender.model import Model, fit
from recommender.report import Against
from recommender.settings import Settings


class Serving(NamedTuple):
    """The model that serves, and the name by which it is kept."""

    name: str
    model: Model


def rival_of(serving: Serving | None, past: Dataset, recipe: Settings, seed: int) -> Rival | None:
    """Return how the serving model can be asked about what came after `past`, None without one.

    Trained before the cut, it is asked itself. Otherwise it knows the answers already, and its
    recipe is trained on the past as ours was, which costs a training on the past and one on the
    past of that; where the recipe is the same as ours, nothing. A recipe that this version cannot
    read counts as none.
    """
    if serving is None:
        return None
    name, model = serving
    if model.trained_at <= past.now:
        return Rival(name, Against.ITSELF, model)
    theirs = recipe_of(model)
    if theirs is None or theirs == recipe:
        return Rival(name, Against.NOBODY if theirs is None else Against.SAME)
    return Rival(name, Against.RECIPE, rehearsed(fit(past, theirs, seed), past, seed))


def recipe_of(model: Model) -> Settings | None:
    """Return the settings a model was trained with, before it learnt its weights."""
    try:
        return Settings.from_json(model.metrics["recipe"])
    except (KeyError, TypeError):
        return None

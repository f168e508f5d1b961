"""A trained model: the fitted scorers and what they share, as arrays and JSON on disk.

Nothing is pickled, and arrays are mapped into memory, so that loading costs no time and several
processes share the same pages.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NamedTuple, Self

import numpy as np
from scipy import sparse

from recommender.arrays import Arrays, Floats, Ints
from recommender.blend import BlendConfig
from recommender.counts import Counts
from recommender.dataset import Dataset, Interactions
from recommender.disk import sync_folder
from recommender.freshness import freshness, newest_first
from recommender.reach import Reach
from recommender.scorers import (
    Als,
    Content,
    Neighbours,
    Popularity,
    RolePrior,
    Scorer,
    Transitions,
    Trend,
)
from recommender.scorers.content import carrying
from recommender.settings import Settings
from recommender.table import Table

Progress = Callable[[str, float], None]
TasteFit = Callable[[Interactions, int, Progress], Als]
"""Factorises interactions with a seed, here or elsewhere; `AlsConfig.fit` is one."""

FORMAT = 5
PRIOR_SUPPORT = 1.0
MANIFEST = "manifest.json"


class Alike(NamedTuple):
    """What the words and skills of a model's items say, which more activity does not change."""

    items: Ints
    content: Content


@dataclass(frozen=True)
class Scorers:
    """The fitted scorers, one per part of a score."""

    taste: Als
    near: Neighbours
    next: Transitions
    role: RolePrior
    popular: Popularity
    trend: Trend
    content: Content

    def each(self) -> dict[str, Scorer]:
        """Return the scorers by the names of their parts."""
        return {
            "taste": self.taste,
            "near": self.near,
            "next": self.next,
            "role": self.role,
            "popular": self.popular,
            "trend": self.trend,
            "content": self.content,
        }

    @classmethod
    def load(cls, arrays: Arrays, settings: Settings) -> Self:
        """Put the scorers together from the arrays of a model."""
        return cls(
            Als.load(_under("taste", arrays), settings.taste),
            Neighbours.load(_under("near", arrays), settings.near),
            Transitions.load(_under("next", arrays), settings.next),
            RolePrior.load(_under("role", arrays), settings.role),
            Popularity.load(_under("popular", arrays), settings.popular),
            Trend.load(_under("trend", arrays), settings.trend),
            Content.load(_under("content", arrays), settings.content),
        )


@dataclass(frozen=True)
class Model:
    """What `recommend` needs; `items` are the known ids ascending, positions count in them.

    `order` ranks the items newest first for ties; `fresh` is 1 for an item published at training
    time and halves every fortnight; `themes` are items x skills. `metrics` is empty until the
    model has been measured.
    """

    items: Ints
    order: Ints
    fresh: Floats
    scorers: Scorers
    counts: Counts
    circles: RolePrior
    themes: Table
    reach: Reach
    settings: Settings
    seed: int
    trained_at: float
    metrics: Mapping[str, Any] = field(default_factory=dict)

    @property
    def alike(self) -> Alike:
        """Return what another model of the same items may take over."""
        return Alike(self.items, self.scorers.content)

    def measured(self, metrics: Mapping[str, Any]) -> "Model":
        """Return the same model with what an evaluation found."""
        return replace(self, metrics=metrics)

    def blended(self, blend: BlendConfig) -> "Model":
        """Return the same model with other weights for its parts."""
        return replace(self, settings=replace(self.settings, blend=blend))

    def save(self, folder: Path | str) -> None:
        """Write the model durably into a new folder; raises FileExistsError if there is one."""
        folder = Path(folder)
        folder.mkdir(parents=True)
        words: dict[str, list[str]] = {}
        for name, array in self._arrays().items():
            if array.dtype.kind == "U":
                words[name] = array.tolist()
            else:
                np.save(folder / f"{name}.npy", array, allow_pickle=False)
        (folder / MANIFEST).write_text(json.dumps(self._manifest(words), indent=1))
        sync_folder(folder)

    @classmethod
    def load(cls, folder: Path | str) -> Self:
        """Map a saved model into memory; raises ValueError for another format."""
        folder = Path(folder)
        manifest = json.loads((folder / MANIFEST).read_text())
        if manifest["format"] != FORMAT:
            raise ValueError(f"model format {manifest['format']} instead of {FORMAT} in {folder}")
        arrays = {path.stem: _mapped(path) for path in folder.glob("*.npy")}
        for name, words in manifest["words"].items():
            arrays[name] = np.array(words, dtype=np.str_)
        settings = Settings.from_json(manifest["settings"])
        return cls(
            arrays["items"],
            arrays["order"],
            arrays["fresh"],
            Scorers.load(arrays, settings),
            Counts.load(_under("counts", arrays), settings.counts),
            RolePrior.load(_under("circles", arrays), settings.role),
            Table(*(arrays[f"themes.{part}"] for part in ("start", "column", "value"))),
            Reach.load(_under("reach", arrays)),
            settings,
            manifest["seed"],
            manifest["trained_at"],
            manifest["metrics"],
        )

    def _arrays(self) -> Arrays:
        parts = {name: scorer.arrays() for name, scorer in self.scorers.each().items()}
        parts["reach"] = self.reach.arrays()
        parts["counts"] = self.counts.arrays()
        parts["circles"] = self.circles.arrays()
        themes = self.themes
        parts["themes"] = {
            "start": themes.start,
            "column": themes.column,
            "value": themes.value,
        }
        own: Arrays = {"items": self.items, "order": self.order, "fresh": self.fresh}
        return own | {
            f"{part}.{name}": array for part, each in parts.items() for name, array in each.items()
        }

    def _manifest(self, words: Mapping[str, list[str]]) -> dict[str, Any]:
        return {
            "format": FORMAT,
            "trained_at": self.trained_at,
            "seed": self.seed,
            "settings": self.settings.to_json(),
            "metrics": dict(self.metrics),
            "words": words,
        }


def _mapped(path: Path) -> np.ndarray[Any, Any]:
    return np.asarray(np.load(path, mmap_mode="r", allow_pickle=False))


def _under(prefix: str, arrays: Arrays) -> Arrays:
    start = f"{prefix}."
    return {name.removeprefix(start): a for name, a in arrays.items() if name.startswith(start)}


def fit(
    dataset: Dataset,
    settings: Settings | None = None,
    seed: int = 0,
    progress: Progress | None = None,
    taste: TasteFit | None = None,
    alike: Alike | None = None,
) -> Model:
    """Fit every scorer to the dataset, without measuring the result.

    `taste` factorises instead of implicit; the model keeps the rules that its factors came with.
    `alike` is of a model with the same settings and facts, and is taken over if it is of the same
    items.
    """
    settings = settings or Settings()
    report = progress or _silent
    data = Interactions.of(dataset, settings.activity)
    factorise = taste or settings.taste.fit
    taken = factorise(data, seed, report)
    known = alike.content if alike and np.array_equal(alike.items, data.items) else None
    scorers = _fit_scorers(data, settings, taken, known, report)
    return Model(
        data.items,
        newest_first([facts.published for facts in data.facts], data.items),
        freshness([facts.published for facts in data.facts], dataset.now),
        scorers,
        settings.counts.fit(data),
        settings.role.fit_circles(data, dataset.circles),
        _themes(data),
        Reach.of(data, dataset),
        replace(settings, taste=scorers.taste.config),
        seed,
        dataset.now,
    )


def _silent(_stage: str, _share: float) -> None:
    """Report to nobody."""


def _fit_scorers(
    data: Interactions, settings: Settings, taste: Als, known: Content | None, report: Progress
) -> Scorers:
    near = settings.near.fit(data)
    report("near", 1.0)
    content = known or settings.content.fit(data)
    report("content", 1.0)
    return Scorers(
        _warmed(taste, content, data),
        near,
        settings.next.fit(data),
        settings.role.fit(data),
        settings.popular.fit(data),
        settings.trend.fit(data),
        content,
    )


def recount(model: Model, dataset: Dataset) -> Model:
    """Bring the counts up to date with what happened since the training, which is quick.

    Steps, roles, popularity, trend and the figures for reasons are counted anew; factors and
    likeness stay. Raises ValueError when the dataset has other items than the model.
    """
    settings = model.settings
    data = Interactions.of(dataset, settings.activity)
    if not np.array_equal(data.items, model.items):
        raise ValueError("a recount needs the items of the model; train to take up others")
    scorers = replace(
        model.scorers,
        next=settings.next.fit(data),
        role=settings.role.fit(data),
        popular=settings.popular.fit(data),
        trend=settings.trend.fit(data),
    )
    return replace(
        model,
        scorers=scorers,
        counts=settings.counts.fit(data),
        circles=settings.role.fit_circles(data, dataset.circles),
        reach=Reach.of(data, dataset),
        trained_at=dataset.now,
    )


def _themes(data: Interactions) -> Table:
    """Return items x skills: 1 where an item teaches a skill."""
    code: dict[str, int] = {}
    cells = [
        (at, code.setdefault(skill, len(code)))
        for at, facts in enumerate(data.facts)
        for skill in sorted(set(facts.skills))
    ]
    rows, columns = np.array(cells, dtype=np.int64).reshape(-1, 2).T
    ones = np.ones(rows.size, np.float32)
    return Table.of(sparse.csr_matrix((ones, (rows, columns)), (data.items.size, len(code))))


def _warmed(taste: Als, content: Content, data: Interactions) -> Als:
    """Give the items that nobody has touched the factors of those they resemble."""
    support = data.takers
    alike = content.table.matrix(data.items.size)
    alike.data = alike.data * (support > 0)[alike.indices]
    alike.eliminate_zeros()
    return taste.warmed(carrying(alike, content.config.carried), support, PRIOR_SUPPORT)

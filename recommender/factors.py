"""Item factors as a folder, whoever made them: the contract between a training and serving.

Foyer's scorer of taste needs the factors of the items, which item each row belongs to, and the two
rules by which people were solved for, since it solves for a reader in the same way at the moment
of asking. Who factorised, and on how many machines, makes no difference.

::

    manifest.json   format, producer, source, rules, SHA-256 of both arrays
    items.npy       int64, ascending: the item of each row
    factors.npy     float32, items x factors
"""

import hashlib
import json
import shutil
import tempfile
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Literal, Self, get_args

import numpy as np

from recommender.arrays import Floats, Ints
from recommender.disk import sync, sync_folder
from recommender.scorers.als import Als, AlsConfig

FORMAT = 1
MANIFEST = "manifest.json"
ARRAYS = ("items", "factors")

Confidence = Literal["alpha * strength", "1 + alpha * strength"]
Scaling = Literal["fixed", "per interaction"]


@dataclass(frozen=True, slots=True)
class Rules:
    """How a person's vector follows from what they did (Hu, Koren and Volinsky 2008).

    `confidence` is what an interaction counts where one that did not happen counts 1: implicit
    says "alpha * strength", Spark "1 + alpha * strength". `regularization` is added to the
    diagonal once ("fixed", implicit) or once for each of the person's interactions ("per
    interaction", ALS-WR of Zhou et al. 2008, Spark).
    """

    alpha: float
    confidence: Confidence
    regularization: float
    scaling: Scaling

    def __post_init__(self) -> None:
        """Refuse rules that serving does not know; raises ValueError naming the field."""
        if self.confidence not in get_args(Confidence):
            raise ValueError(f"confidence {self.confidence!r} is not a known rule")
        if self.scaling not in get_args(Scaling):
            raise ValueError(f"scaling {self.scaling!r} is not a known rule")
        for name in ("alpha", "regularization"):
            if not 0 < getattr(self, name) < float("inf"):
                raise ValueError(f"{name} must be a number above 0")

    def config(self, base: AlsConfig) -> AlsConfig:
        """Return settings that fold people in by these rules, the rest as in `base`."""
        each = self.scaling == "per interaction"
        return replace(
            base,
            alpha=self.alpha,
            offset=1.0 if self.confidence == "1 + alpha * strength" else 0.0,
            regularization=base.regularization if each else self.regularization,
            weighted=each,
        )


@dataclass(frozen=True, slots=True)
class Factors:
    """Factors and their rules; `source` is the digest of the export that they were made from."""

    items: Ints
    factors: Floats
    rules: Rules
    producer: str
    source: str = ""

    def taste(self, size: int, base: AlsConfig) -> Als:
        """Return the scorer for items 0 to `size` - 1; those without factors get zeros.

        Raises ValueError when there are factors of an item beyond.
        """
        if self.items.size and int(self.items[-1]) >= size:
            raise ValueError(f"there are factors of item {self.items[-1]}, but {size} items")
        rows = np.zeros((size, self.factors.shape[1]), np.float32)
        rows[self.items] = self.factors
        each = self.rules.regularization if self.rules.scaling == "per interaction" else 0.0
        return Als.of(rows, self.rules.config(base), each)

    def write(self, folder: Path) -> None:
        """Write a new folder whole or not at all; raises FileExistsError if there is one."""
        if folder.exists():
            raise FileExistsError(f"{folder} exists")
        folder.parent.mkdir(parents=True, exist_ok=True)
        fresh = Path(tempfile.mkdtemp(dir=folder.parent, prefix="."))
        try:
            np.save(fresh / "items.npy", self.items.astype(np.int64), allow_pickle=False)
            np.save(fresh / "factors.npy", self.factors.astype(np.float32), allow_pickle=False)
            (fresh / MANIFEST).write_text(json.dumps(self._manifest(fresh), indent=1))
            sync_folder(fresh)
            fresh.rename(folder)
        except BaseException:
            shutil.rmtree(fresh)
            raise
        sync(folder.parent)

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Read a folder; raises ValueError naming what is wrong with it, OSError if missing."""
        manifest = json.loads((folder / MANIFEST).read_text())
        if manifest.get("format") != FORMAT:
            raise ValueError(f"format {manifest.get('format')} of factors instead of {FORMAT}")
        for name in ARRAYS:
            if digest(folder / f"{name}.npy") != manifest["sha256"][name]:
                raise ValueError(f"{name}.npy is not what its manifest says")
        items, factors = (np.load(folder / f"{name}.npy", allow_pickle=False) for name in ARRAYS)
        _check(items, factors)
        return cls(
            items, factors, Rules(**manifest["rules"]), manifest["producer"], manifest["source"]
        )

    def _manifest(self, folder: Path) -> dict[str, Any]:
        return {
            "format": FORMAT,
            "producer": self.producer,
            "source": self.source,
            "rules": asdict(self.rules),
            "sha256": {name: digest(folder / f"{name}.npy") for name in ARRAYS},
        }


def digest(path: Path) -> str:
    """Return the SHA-256 of a file in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _check(items: Ints, factors: Floats) -> None:
    if items.dtype != np.int64 or items.ndim != 1 or (np.diff(items) <= 0).any():
        raise ValueError("items.npy must hold ascending int64")
    if items.size and items[0] < 0:
        raise ValueError("items.npy must not hold numbers below 0")
    if factors.dtype != np.float32 or factors.ndim != 2 or len(factors) != items.size:
        raise ValueError("factors.npy must hold float32, one row for each item")
    if not np.isfinite(factors).all():
        raise ValueError("factors.npy holds something that is not a number")

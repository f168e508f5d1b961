"""What a training has finished, kept on disk until it is done, so that an interrupted one goes on.

A plan says what is being trained: the data by their digest, settings, seed, and the rival. Only a
training with the very same plan goes on from what is there, and then gives the same bits as one
that was never interrupted; any other begins anew. Nothing of the activity itself is kept; the
factors of people, which ALS needs to go on, lie here for as long as the training lasts.
"""

import hashlib
import json
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Self

import numpy as np

from recommender.arrays import Floats
from recommender.dataset import Dataset
from recommender.disk import sync_folder
from recommender.log import EventLog
from recommender.model import Model
from recommender.scorers.als import Halfway

PLAN = "plan.json"
EVERY = 2
"""ALS keeps its factors after so many iterations."""


class Checkpoints:
    """The finished steps of one training; without a folder nothing is kept and all is made."""

    def __init__(self, folder: Path | None = None) -> None:
        """Keep what is finished in this folder, or nowhere."""
        self.folder = folder

    @classmethod
    def begin(cls, folder: Path, plan: Mapping[str, Any]) -> Self:
        """Go on in the folder if it holds the same plan; else clear it and begin anew."""
        if planned(folder) != json.loads(json.dumps(plan)):
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
            _write(folder / PLAN, json.dumps(plan))
        return cls(folder)

    def model(self, step: str, make: Callable[[], Model]) -> Model:
        """Return the model of a finished step, or make it.

        It is read back either way, so that a training that went on works on the same arrays.
        """
        if self.folder is None:
            return make()
        kept = self.folder / step
        if not kept.exists():
            fresh = self.folder / f".{step}"
            shutil.rmtree(fresh, ignore_errors=True)
            make().save(fresh)
            fresh.rename(kept)
        return Model.load(kept)

    def values(self, step: str, make: Callable[[], Mapping[str, Any]]) -> dict[str, Any]:
        """Return the plain values of a finished step, or make them; JSON either way."""
        if self.folder is None:
            return dict(make())
        kept = self.folder / f"{step}.json"
        if not kept.exists():
            _write(kept, json.dumps(make()))
        found: dict[str, Any] = json.loads(kept.read_text())
        return found

    def halfway(self, step: str) -> Halfway | None:
        """Return where the factors of a step under way are kept, None if nothing is."""
        return None if self.folder is None else _Factors(self.folder / f"{step}.factors")

    def clear(self) -> None:
        """Take everything away: the training is done, or will not be gone on with."""
        if self.folder is not None:
            shutil.rmtree(self.folder, ignore_errors=True)


class _Factors:
    """The factors of ALS after some of its iterations, one folder for each state."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def last(self) -> tuple[int, Floats, Floats] | None:
        """Return the iterations done, with the factors of people and of items after them."""
        states = [path for path in self.folder.glob("[0-9]*") if path.is_dir()]
        if not states:
            return None
        state = max(states, key=lambda path: int(path.name))
        return int(state.name), _loaded(state / "people.npy"), _loaded(state / "items.npy")

    def keep(self, done: int, people: Floats, items: Floats) -> None:
        """Keep the state after every few iterations, and drop the one before it."""
        if done % EVERY:
            return
        fresh = self.folder / ".fresh"
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(parents=True)
        np.save(fresh / "people.npy", people, allow_pickle=False)
        np.save(fresh / "items.npy", items, allow_pickle=False)
        sync_folder(fresh)
        before = list(self.folder.glob("[0-9]*"))
        fresh.rename(self.folder / str(done))
        for path in before:
            shutil.rmtree(path)


def planned(folder: Path) -> dict[str, Any] | None:
    """Return the plan of an interrupted training, None if there is none that can be read."""
    try:
        found = json.loads((folder / PLAN).read_text())
    except (FileNotFoundError, ValueError):
        return None
    return found if isinstance(found, dict) else None


def digest_of(dataset: Dataset) -> str:
    """Return a digest of everything that a training is made from, in the order it is given."""
    digest = hashlib.sha256()
    log = EventLog.of(dataset.events)
    log = log.where(log.at <= dataset.now)
    for column in (log.person, log.item, log.verb, log.at, log.value):
        digest.update(np.ascontiguousarray(column).tobytes())
    people = [dataset.people_roles, dataset.circles, dataset.started]
    digest.update(json.dumps([sorted(each.items()) for each in people]).encode())
    digest.update(json.dumps([list(facts) for facts in dataset.items]).encode())
    digest.update(json.dumps([list(slate) for slate in dataset.shown]).encode())
    digest.update(repr(dataset.now).encode())
    return digest.hexdigest()


def _write(path: Path, text: str) -> None:
    """Write a file in one step."""
    fresh = path.with_suffix(".fresh")
    fresh.write_text(text)
    fresh.replace(path)


def _loaded(path: Path) -> Floats:
    found: Floats = np.load(path, allow_pickle=False)
    return found

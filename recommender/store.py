"""Where models live: folders on disk, a gate before them, and a pointer to the one that serves.

The pointer is replaced in one step and looked at with every request, so that every process takes
up a new model by itself and never sees half of one. A folder's name holds the digest of its files:
one that is cut short or changed is not served.
"""

import fcntl
import hashlib
import json
import logging
import os
import re
import shutil
import tempfile
import threading
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from recommender.data import DAY
from recommender.disk import sync
from recommender.gate import Verdict, judge
from recommender.history import History, Origin, Promotion
from recommender.model import MANIFEST, Model
from recommender.report import OURS, Report
from recommender.rivals import Serving
from recommender.settings import Settings

log = logging.getLogger(__name__)

KEPT = 5
ABANDONED_SECONDS = 24 * 3600
_NAME = re.compile(r"\d{8}T\d{6}-[0-9a-f]{10}")
_UNREADABLE = (OSError, EOFError, ValueError, KeyError, TypeError)


class TrainingUnderWay(Exception):
    """Another process is training for this store."""


@dataclass(frozen=True)
class _Held:
    """What this process serves: the pointer as it was read, and the model it led to."""

    pointer: tuple[str, int]
    serving: Serving | None


class ModelStore:
    """The models under one folder; reading is safe while another process publishes."""

    def __init__(self, path: Path | str) -> None:
        """Use the folder at `path`, which need not exist yet."""
        self.path = Path(path)
        self._held: _Held | None = None
        self._loading = threading.Lock()

    def current(self) -> Model | None:
        """Return the serving model; costs one look at a small file while nothing has changed."""
        serving = self.serving()
        return serving.model if serving else None

    def serving(self) -> Serving | None:
        """Return the serving model and its name.

        While a thread loads a new one, others go on with the model before it; a model that cannot
        be read is left alone, and the one before it serves on.
        """
        pointer = self._read_pointer()
        if pointer is None:
            return None
        held = self._held
        if held is not None and held.pointer == pointer:
            return held.serving
        if not self._loading.acquire(blocking=held is None):
            return held.serving if held else None
        try:
            held = self._held
            if held is None or held.pointer != pointer:
                before = held.serving if held else None
                self._held = held = _Held(pointer, self._loaded(pointer[0], before))
            return held.serving
        finally:
            self._loading.release()

    def serving_name(self) -> str:
        """Return the name in the pointer, empty if nothing serves; loads nothing."""
        pointer = self._read_pointer()
        return pointer[0] if pointer else ""

    def serving_since(self) -> float | None:
        """Return when the serving model was chosen (unix seconds), None if nothing serves."""
        pointer = self._read_pointer()
        return pointer[1] / 1e9 if pointer else None

    def settings_of(self, name: str) -> Settings | None:
        """Return the settings of a kept model, learnt weights among them; None if unreadable."""
        try:
            manifest = json.loads((self._models / name / MANIFEST).read_text())
            return Settings.from_json(manifest["settings"])
        except _UNREADABLE:
            return None

    def names(self) -> list[str]:
        """Return the names of the kept models, oldest first; loads nothing."""
        if not self._models.exists():
            return []
        return sorted(path.name for path in self._models.iterdir() if _NAME.fullmatch(path.name))

    def named(self, name: str) -> Model:
        """Load a kept model.

        Raises FileNotFoundError if there is none of that name, ValueError if it is damaged.
        """
        folder = self._models / name
        if not (_NAME.fullmatch(name) and folder.is_dir()):
            raise FileNotFoundError(f"no model {name!r} in {self._models}")
        if not name.endswith(_digest(folder)):
            raise ValueError(f"the files of the model {name} are not those that were written")
        return Model.load(folder)

    def publish(
        self,
        model: Model,
        force: bool = False,
        origin: Origin | None = None,
        needed: Collection[str] = (),
        at: float | None = None,
    ) -> Promotion:
        """Keep the model and let it serve if the gate, or `force`, lets it through.

        `origin` is noted in the history, `at` is when (unix seconds; by default when the model was
        trained), and the models that are `needed` are not cleared away.
        """
        with self._locked():
            verdict = self._judged(model)
            forced = force and not verdict.accepted
            accepted = verdict.accepted or forced
            name = self._keep(model, stays=accepted)
            if accepted:
                self._point_at(name)
            ours = Report.from_json(model.metrics).row(OURS)
            promotion = Promotion(
                accepted=accepted,
                why=f"forced although {verdict.why}" if forced else verdict.why,
                name=name,
                trained_at=model.trained_at,
                ndcg=ours.ndcg.value if ours else None,
                at=model.trained_at if at is None else at,
                code=verdict.code,
                values=dict(verdict.values),
                forced=forced,
                origin=origin or Origin(),
                metrics=dict(model.metrics),
            )
            self._history.add(promotion)
            self._prune(needed)
        return promotion

    def serve(self, name: str) -> None:
        """Let a kept model serve, perhaps a former one.

        Raises FileNotFoundError if it is unknown, ValueError if it is damaged: then what serves
        goes on.
        """
        with self._locked():
            self.named(name)
            self._point_at(name)

    def history(self) -> list[Promotion]:
        """Return what was offered, oldest first."""
        return self._history.read()

    @contextmanager
    def training(self) -> Iterator[None]:
        """Be the one who trains for this store; raises TrainingUnderWay if somebody is already.

        The lock goes with the process, however it ends.
        """
        self.path.mkdir(parents=True, exist_ok=True)
        with (self.path / "training.lock").open("w") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise TrainingUnderWay("another training is under way") from error
            yield

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Let nobody else change the store meanwhile."""
        self.path.mkdir(parents=True, exist_ok=True)
        with (self.path / "lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    @property
    def _history(self) -> History:
        return History(self.path / "history.jsonl")

    @property
    def _models(self) -> Path:
        return self.path / "models"

    def _read_pointer(self) -> tuple[str, int] | None:
        """Return the name of the serving model and when it was chosen."""
        try:
            with (self.path / "current").open(errors="replace") as file:
                return file.read(100), os.fstat(file.fileno()).st_mtime_ns
        except FileNotFoundError:
            return None

    def _loaded(self, name: str, before: Serving | None) -> Serving | None:
        if before is not None and before.name == name:
            return before
        try:
            return Serving(name, self.named(name))
        except _UNREADABLE:
            log.exception("the serving model cannot be read")
            return before

    def _judged(self, model: Model) -> Verdict:
        """Judge the model against what serves now, which a roll back may have changed meanwhile."""
        report, serving = Report.from_json(model.metrics), self.serving()
        if serving is None:
            return judge(report, None)
        if report.serving != serving.name:
            return Verdict("other_serves")
        age_days = (model.trained_at - serving.model.trained_at) / DAY
        return judge(report, Report.from_json(serving.model.metrics), age_days)

    def _point_at(self, name: str) -> None:
        handle, fresh = tempfile.mkstemp(dir=self.path)
        with os.fdopen(handle, "w") as pointer:
            pointer.write(name)
            pointer.flush()
            os.fsync(pointer.fileno())
        Path(fresh).replace(self.path / "current")
        sync(self.path)

    def _keep(self, model: Model, *, stays: bool) -> str:
        """Write the model and return its name; take it away again if it does not stay."""
        self._models.mkdir(parents=True, exist_ok=True)
        fresh = Path(tempfile.mkdtemp(dir=self._models, prefix=".")) / "model"
        try:
            model.save(fresh)
            moment = time.strftime("%Y%m%dT%H%M%S", time.gmtime(model.trained_at))
            name = f"{moment}-{_digest(fresh)}"
            kept = self._models / name
            if stays and not (kept.exists() and name.endswith(_digest(kept))):
                shutil.rmtree(kept, ignore_errors=True)
                fresh.rename(kept)
                sync(self._models)
        finally:
            shutil.rmtree(fresh.parent)
        return name

    def _prune(self, needed: Collection[str]) -> None:
        """Remove the oldest models beyond the last few, and what a killed training has left.

        The serving model and those needed always stay. The disk's own clock tells what is old.
        """
        latest = (self.path / "history.jsonl").stat().st_mtime
        for path in self._models.glob(".*"):
            if path.stat().st_mtime < latest - ABANDONED_SECONDS:
                shutil.rmtree(path)
        for name in self.names()[:-KEPT]:
            if name != self.serving_name() and name not in needed:
                shutil.rmtree(self._models / name)


def _digest(folder: Path) -> str:
    """Return what the names and contents of a folder's files come to, as ten hexadecimal digits."""
    digest = hashlib.sha256()
    for path in sorted(folder.iterdir()):
        digest.update(path.name.encode())
        with path.open("rb") as file:
            while part := file.read(1 << 20):
                digest.update(part)
    return digest.hexdigest()[:10]

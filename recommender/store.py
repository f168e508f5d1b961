"""Where models live: folders on disk, a gate before them, and a pointer to the one that serves.

The pointer is replaced in one step and watched by a look at its date, so that every process
takes up a new model by itself and never sees half of one.
"""

import hashlib
import json
import logging
import os
import shutil
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from recommender.disk import sync
from recommender.evaluate import IN_ROLE, OURS, Report
from recommender.model import Model

log = logging.getLogger(__name__)

KEPT = 5
ABANDONED_SECONDS = 24 * 3600


@dataclass(frozen=True)
class Promotion:
    """Whether a model was accepted, why, and under which name it is kept."""

    accepted: bool
    why: str
    name: str
    trained_at: float
    ndcg: float | None


def judge(candidate: Report, serving: Report | None) -> tuple[bool, str]:
    """Say whether a model may serve: not worse, within noise, than popularity and what serves."""
    ours, in_role = candidate.row(OURS), candidate.row(IN_ROLE)
    before = serving.row(OURS) if serving else None
    if ours is None or in_role is None:
        if before is None:
            return True, "too little activity to measure, and nothing measured serves"
        return False, "too little activity to measure, and the serving model was measured"
    if in_role.margin_high < 0:
        return False, f"nDCG {ours.ndcg:.4f} is below popularity in role, {in_role.ndcg:.4f}"
    if before is not None and ours.high < before.ndcg:
        return False, f"nDCG {ours.ndcg:.4f} is below the serving model's {before.ndcg:.4f}"
    return True, f"nDCG {ours.ndcg:.4f}, popularity in role {in_role.ndcg:.4f}"


class ModelStore:
    """The models under one folder; reading is safe while another process publishes."""

    def __init__(self, path: Path | str) -> None:
        """Use the folder at `path`, which need not exist yet."""
        self.path = Path(path)
        self._seen: tuple[int, int] | None = None
        self._model: Model | None = None

    def current(self) -> Model | None:
        """Return the serving model; costs one look at a file while nothing has changed."""
        try:
            stat = self._pointer.stat()
        except FileNotFoundError:
            return None
        seen = (stat.st_mtime_ns, stat.st_ino)
        if seen != self._seen:
            self._model = self._loaded()
            self._seen = seen
        return self._model

    def publish(self, model: Model, force: bool = False) -> Promotion:
        """Keep the model and let it serve if the gate, or `force`, lets it through."""
        serving = self.current()
        measured = Report.from_json(serving.metrics) if serving else None
        report = Report.from_json(model.metrics)
        accepted, why = judge(report, measured)
        if force and not accepted:
            accepted, why = True, f"forced although {why}"
        ours = report.row(OURS)
        name = self._keep(model) if accepted else ""
        if accepted:
            self.serve(name)
        promotion = Promotion(accepted, why, name, model.trained_at, ours.ndcg if ours else None)
        self.path.mkdir(parents=True, exist_ok=True)
        with (self.path / "history.jsonl").open("a") as history:
            history.write(json.dumps(asdict(promotion)) + "\n")
        self._prune()
        return promotion

    def serve(self, name: str) -> None:
        """Let a kept model serve, perhaps a former one; raises FileNotFoundError if unknown."""
        if not (self._models / name).is_dir():
            raise FileNotFoundError(f"no model {name!r} in {self._models}")
        handle, fresh = tempfile.mkstemp(dir=self.path)
        with os.fdopen(handle, "w") as pointer:
            pointer.write(name)
            pointer.flush()
            os.fsync(pointer.fileno())
        Path(fresh).replace(self._pointer)
        sync(self.path)

    def history(self) -> list[Promotion]:
        """Return everything that was ever offered, oldest first."""
        path = self.path / "history.jsonl"
        if not path.exists():
            return []
        return [Promotion(**json.loads(line)) for line in path.read_text().splitlines()]

    @property
    def _pointer(self) -> Path:
        return self.path / "current"

    @property
    def _models(self) -> Path:
        return self.path / "models"

    def _loaded(self) -> Model | None:
        try:
            return Model.load(self._models / self._pointer.read_text())
        except (OSError, EOFError, ValueError, KeyError, TypeError):
            log.exception("the serving model cannot be read")
            return self._model

    def _keep(self, model: Model) -> str:
        self._models.mkdir(parents=True, exist_ok=True)
        fresh = Path(tempfile.mkdtemp(dir=self._models, prefix=".")) / "model"
        try:
            model.save(fresh)
            name = _name(model, fresh)
            if not (self._models / name).exists():
                fresh.rename(self._models / name)
                sync(self._models)
        finally:
            shutil.rmtree(fresh.parent)
        return name

    def _prune(self) -> None:
        """Remove the oldest models beyond the last few, and what a killed training has left.

        The serving model always stays. The disk's own clock tells what is old.
        """
        if not self._models.exists():
            return
        latest = (self.path / "history.jsonl").stat().st_mtime
        for path in self._models.glob(".*"):
            if path.stat().st_mtime < latest - ABANDONED_SECONDS:
                shutil.rmtree(path)
        serving = self._pointer.read_text()
        kept = sorted(path for path in self._models.iterdir() if not path.name.startswith("."))
        for path in kept[:-KEPT]:
            if path.name != serving:
                shutil.rmtree(path)


def _name(model: Model, folder: Path) -> str:
    """Name a model by when it was trained (UTC) and by what it holds."""
    digest = hashlib.sha256()
    for path in sorted(folder.iterdir()):
        digest.update(path.name.encode() + path.read_bytes())
    moment = time.strftime("%Y%m%dT%H%M%S", time.gmtime(model.trained_at))
    return f"{moment}-{digest.hexdigest()[:10]}"

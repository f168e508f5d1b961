"""Taste factorised by Apache Spark instead of implicit, for when one machine is too small for it.

Called like `AlsConfig.fit`: it exports the interactions, starts `recommender.spark_job` in a
process of its own, passes its progress on, and makes the scorer from the factors that it leaves.
Nothing here imports pyspark. Whatever goes wrong raises EngineError, and no model was touched.
"""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Self

from scipy import sparse

from recommender.dataset import Interactions
from recommender.export import Export, export
from recommender.factors import Confidence, Factors, Rules
from recommender.scorers.als import Als, AlsConfig

LOCAL = "local[*]"
MASTER = re.compile(r"local(\[.*\])?|spark://\S+:\d+|yarn|k8s://\S+")
JAVA = 17
ANSWER_SECONDS = 5.0
END_SECONDS = 20.0
EXPORTED = 0.1
DAY_SECONDS = 24 * 3600
ROOT = Path(__file__).parent.parent


class EngineError(Exception):
    """The factorisation did not happen; the sentence says why and what helps."""


@dataclass(frozen=True, slots=True)
class Job:
    """What the process under Spark is told: folders, the master's address, the numbers of ALS."""

    export: str
    interactions: int
    digest: str
    factors: str
    master: str
    shared: str
    scratch: str
    rank: int
    iterations: int
    regularization: float
    seed: int
    rules: dict[str, Any]

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read what the starting process wrote."""
        return cls(**json.loads(path.read_text()))

    @property
    def local(self) -> bool:
        """Tell whether Spark runs inside the process instead of on a cluster."""
        return self.master.startswith("local")


@dataclass(frozen=True, slots=True)
class Spark:
    """Spark as an engine: a `recommender.model.TasteFit`.

    `url` is the master's address (`local[*]`, `spark://host:7077`, `yarn`, `k8s://https://host`).
    `shared` is a folder that this machine and the cluster's can reach (`hdfs:`, `s3a:`, a mount),
    empty where they share this one's disk. `workspace` holds the export while it is needed, and
    Spark's own words (`spark.log`).
    """

    workspace: Path
    config: AlsConfig
    url: str = LOCAL
    shared: str = ""

    def check(self) -> None:
        """Raise EngineError if pyspark or Java is missing here or no master answers."""
        if not MASTER.fullmatch(self.url):
            raise EngineError(
                f"{self.url!r} is no master of Spark. Say local[*], spark://host:7077, yarn or"
                " k8s://https://host:6443."
            )
        if find_spec("pyspark") is None:
            raise EngineError(
                "Training on Spark needs pyspark. Run `make install-spark`, or"
                " `pip install 'foyer[spark]'`."
            )
        if _java_version() < JAVA:
            raise EngineError(
                f"Training on Spark needs Java. Install a Java {JAVA} runtime, for example"
                f" `apt-get install openjdk-{JAVA}-jre-headless`."
            )
        masters = re.findall(r"([^/,]+):(\d+)", self.url) if self.url.startswith("spark:") else []
        if masters and not any(_answers(host, int(port)) for host, port in masters):
            raise EngineError(f"The Spark cluster {self.url} does not answer.")

    def __call__(
        self, data: Interactions, seed: int, progress: Callable[[str, float], None]
    ) -> Als:
        """Factorise people x items; `progress` is told "taste" and the share done."""
        confidence = data.matrix()
        confidence.eliminate_zeros()
        if not confidence.nnz:
            return self.config.fit(data, seed, progress)
        confidence.data = self.config.offset + self.config.alpha * confidence.data
        self.check()
        with self._folder() as folder:
            made = export(
                confidence, folder / "export", lambda share: progress("taste", EXPORTED * share)
            )
            job = self._job(confidence, made, folder, seed)
            self._run(job, folder, lambda share: progress("taste", EXPORTED + 0.9 * share))
            factors = _read(Path(job.factors), made)
            return factors.taste(data.items.size, self.config)

    @contextmanager
    def _folder(self) -> Iterator[Path]:
        """Give a folder for one training; remove what a killed one has left more than a day ago."""
        self.workspace.mkdir(mode=0o700, parents=True, exist_ok=True)
        with TemporaryDirectory(dir=self.workspace, ignore_cleanup_errors=True) as name:
            fresh = Path(name)
            for path in self.workspace.iterdir():
                if path.is_dir() and path.stat().st_mtime < fresh.stat().st_mtime - DAY_SECONDS:
                    shutil.rmtree(path, ignore_errors=True)
            yield fresh

    def _job(self, confidence: sparse.csr_matrix, made: Export, folder: Path, seed: int) -> Job:
        rules = rules_of(self.config, confidence)
        return Job(
            str(made.folder),
            made.interactions,
            made.digest,
            str(folder / "factors"),
            self.url,
            self.shared,
            str(folder / "scratch"),
            min(self.config.factors, *confidence.shape),
            self.config.iterations,
            rules.regularization,
            seed,
            asdict(rules),
        )

    def _run(self, job: Job, folder: Path, tell: Callable[[float], None]) -> None:
        """Run the job to its end; ends it when `tell` raises, as when somebody stops a training."""
        path = folder / "job.json"
        path.write_text(json.dumps(asdict(job)))
        log = self.workspace / "spark.log"
        with log.open("wb") as words, _started(path, words, local=job.local) as process:
            try:
                why = _followed(process, tell)
                process.wait()
            finally:
                _end(process)
        if why or process.returncode:
            raise EngineError(f"Spark could not train: {why or 'it ended'}. Its log is {log}.")


def rules_of(config: AlsConfig, confidence: sparse.csr_matrix) -> Rules:
    """Return the rules for Spark that come closest to the settings: a share of regularisation."""
    each = replace(config, weighted=True).each(confidence)
    rule: Confidence = "1 + alpha * strength" if config.offset else "alpha * strength"
    return Rules(config.alpha, rule, each, "per interaction")


def _java_version() -> int:
    """Return the major version of the Java that Spark would start, 0 if there is none."""
    home = os.environ.get("JAVA_HOME")
    java = str(Path(home) / "bin" / "java") if home else shutil.which("java")
    if java is None:
        return 0
    try:
        said = subprocess.run([java, "-version"], capture_output=True, text=True, check=True)  # noqa: S603
    except (OSError, subprocess.CalledProcessError):
        return 0
    found = re.search(r'version "(\d+)', said.stderr)
    return int(found[1]) if found else 0


def _answers(host: str, port: int) -> bool:
    try:
        socket.create_connection((host, port), ANSWER_SECONDS).close()
    except OSError:
        return False
    return True


def _started(job: Path, log: Any, *, local: bool) -> subprocess.Popen[str]:
    """Start the process without Foyer's own settings, which hold secrets."""
    known = {name: text for name, text in os.environ.items() if not name.startswith("FOYER_")}
    known["PYTHONPATH"] = os.pathsep.join(filter(None, [str(ROOT), known.get("PYTHONPATH")]))
    if local:
        known["SPARK_LOCAL_IP"] = "127.0.0.1"
    return subprocess.Popen(  # noqa: S603
        [sys.executable, "-m", "recommender.spark_job", str(job)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=log,
        cwd=job.parent,
        env=known,
        text=True,
        start_new_session=True,
    )


def _followed(process: subprocess.Popen[str], tell: Callable[[float], None]) -> str:
    """Pass on what the process says line by line; return why it gave up, empty if it did not."""
    assert process.stdout is not None  # noqa: S101
    for line in process.stdout:
        said = json.loads(line)
        if "error" in said:
            return str(said["error"])
        tell(float(said["share"]))
    return ""


def _end(process: subprocess.Popen[str]) -> None:
    """End the process, which Java follows: both watch their standard input."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()


def _read(folder: Path, made: Export) -> Factors:
    try:
        factors = Factors.read(folder)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise EngineError(f"Spark left factors that cannot be used: {error}.") from error
    if factors.source != made.digest:
        raise EngineError("Spark left factors that were made from other interactions.")
    return factors

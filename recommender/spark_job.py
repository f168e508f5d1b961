"""The part of a training that runs under Spark, as a process of its own.

`recommender.spark` starts it with the path of a `Job` and reads its lines of JSON: `{"share": 0.4}`
as it goes on, `{"error": "..."}` when it gives up. It ends when its standard input is closed,
so that neither it nor Java outlives a training that was stopped or killed.
"""

import json
import os
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import numpy as np
import pyspark
from py4j.protocol import Py4JError, Py4JJavaError, Py4JNetworkError
from pyspark import SparkContext
from pyspark.errors import PySparkException
from pyspark.ml.recommendation import ALS, ALSModel
from pyspark.sql import DataFrame, SparkSession

from recommender.factors import Factors, Rules
from recommender.spark import Job

LEAST = 1e-6
SCHEMA = "person int, item int, confidence float"
JOBS_BESIDE = 8
POLL_SECONDS = 0.5
IDLE_SECONDS = 300.0
FEWEST_BLOCKS = 10
CHECKPOINT_EVERY = 5
"""Iterations between written states; from further back, Java recovers by more stack than it has."""
JAVA_ENDED = "Java has ended, perhaps for want of memory (spark.driver.memory)"

Tell = Callable[..., None]


def main(path: str, tell: Tell) -> int:
    """Run the job in the file at `path`; tell what went wrong, and return the exit status."""
    try:
        run(Job.read(Path(path)), tell)
    except (Py4JNetworkError, ConnectionError):
        tell(error=JAVA_ENDED)
        return 1
    except (Py4JError, PySparkException, OSError, ValueError, RuntimeError) as error:
        tell(error=_reason(error))
        return 1
    return 0


def run(job: Job, tell: Tell) -> None:
    """Read the export, factorise, write the factors."""
    session = opened(job)
    try:
        with _watched(session, job, tell), _within_reach(session, job) as folder:
            model = factorised(ratings(session, folder, job.interactions), job)
            factors_of(model, job).write(Path(job.factors))
        tell(share=1.0)
    except Py4JJavaError as error:
        raise RuntimeError(_reason(error)) from error  # while Java can still be asked
    finally:
        session.stop()
        _end_java()


def opened(job: Job) -> SparkSession:
    """Start Spark, or find the cluster; without pages of its own, and locally on loopback alone."""
    builder = SparkSession.builder.master(job.master).appName("Foyer")
    for name, value in _settings(job).items():
        builder = builder.config(name, value)
    return builder.getOrCreate()


def _settings(job: Job) -> dict[str, str]:
    settings = {"spark.ui.enabled": "false", "spark.ui.showConsoleProgress": "false"}
    if job.local:
        settings |= {
            "spark.driver.host": "127.0.0.1",
            "spark.driver.bindAddress": "127.0.0.1",
            "spark.local.dir": job.scratch,
        }
    return settings


def ratings(session: SparkSession, folder: str, expected: int) -> DataFrame:
    """Read the export as Spark's ratings: what a confidence has above 1.

    A confidence of 1 or less, which Spark cannot tell from a dislike, becomes one just above 1.
    Raises ValueError when interactions are missing.
    """
    reader = session.read.schema(SCHEMA).options(header=True, mode="FAILFAST")
    table = reader.option("pathGlobFilter", "part-*.csv.gz").csv(folder)
    found = table.count()
    if found != expected:
        raise ValueError(f"Spark reads {found} of {expected} interactions in {folder}")
    return table.selectExpr("person", "item", f"greatest(confidence - 1, {LEAST}D) AS rating")


def factorised(table: DataFrame, job: Job) -> ALSModel:
    """Factorise with confidence 1 + rating; regularised once per interaction, as Spark does."""
    context = table.sparkSession.sparkContext
    blocks = context.defaultParallelism if job.local else FEWEST_BLOCKS
    blocks = max(blocks, context.defaultParallelism)
    als = ALS(
        rank=job.rank,
        maxIter=job.iterations,
        regParam=job.regularization,
        implicitPrefs=True,
        alpha=1.0,
        seed=job.seed,
        userCol="person",
        itemCol="item",
        ratingCol="rating",
        numUserBlocks=blocks,
        numItemBlocks=blocks,
        checkpointInterval=CHECKPOINT_EVERY,
    )
    return als.fit(table)


def factors_of(model: ALSModel, job: Job) -> Factors:
    """Collect the factors of the items; those of people stay where they are."""
    rows = sorted((row.id, row.features) for row in model.itemFactors.toLocalIterator())
    return Factors(
        np.array([item for item, _ in rows], np.int64),
        np.array([values for _, values in rows], np.float32).reshape(len(rows), job.rank),
        Rules(**job.rules),
        f"pyspark {pyspark.__version__}",
        job.digest,
    )


@contextmanager
def _within_reach(session: SparkSession, job: Job) -> Iterator[str]:
    """Give the address of the export for all machines: its folder, or a copy that is removed.

    What Spark writes down on its way lies beside it.
    """
    context = session.sparkContext
    if not job.shared:
        context.setCheckpointDir(Path(job.scratch, "checkpoints").as_uri())
        yield Path(job.export).as_uri()
        return
    hadoop = context._jvm.org.apache.hadoop.fs
    target = hadoop.Path(f"{job.shared.rstrip('/')}/foyer-{uuid4().hex}")
    files = target.getFileSystem(context._jsc.hadoopConfiguration())
    folder = str(files.makeQualified(target).toString())
    context.setCheckpointDir(f"{folder}/checkpoints")
    try:
        files.copyFromLocalFile(
            hadoop.Path(Path(job.export).as_uri()), hadoop.Path(f"{folder}/export")
        )
        yield f"{folder}/export"
    finally:
        files.delete(target, True)  # noqa: FBT003


@contextmanager
def _watched(session: SparkSession, job: Job, tell: Tell) -> Iterator[None]:
    """Tell the share done in the background; give up when the cluster lets nothing run."""
    tracker = session.sparkContext.statusTracker()
    total = 2 * job.iterations + JOBS_BESIDE
    over, given_up = threading.Event(), threading.Event()

    def watch() -> None:
        idle = 0.0
        while not over.wait(POLL_SECONDS):
            try:
                jobs = len(tracker.getJobIdsForGroup(None))
                stages = [tracker.getStageInfo(each) for each in tracker.getActiveStageIds()]
            except Py4JError:
                return
            working = not stages or any(each and each.numActiveTasks for each in stages)
            idle = 0.0 if working else idle + POLL_SECONDS
            if idle > IDLE_SECONDS:
                given_up.set()
                session.sparkContext.cancelAllJobs()
            tell(share=min(jobs / total, 0.99))

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield
    except Py4JError as error:
        if given_up.is_set():
            raise TimeoutError(f"the cluster let nothing run for {IDLE_SECONDS:.0f} s") from error
        raise
    finally:
        over.set()
        thread.join()


def _end_java() -> None:
    """Wait until Java has gone, and with it what it keeps in the scratch folder."""
    gateway = SparkContext._gateway
    gateway.shutdown()
    gateway.proc.stdin.close()
    gateway.proc.wait()


def _reason(error: Exception) -> str:
    """Return one line: for an error in Java, what its first cause says."""
    if isinstance(error, Py4JJavaError):
        cause = error.java_exception
        while cause.getCause() is not None:
            cause = cause.getCause()
        return str(cause.toString()).splitlines()[0].rstrip(".")
    return (str(error).splitlines() or [type(error).__name__])[0].rstrip(".")


def _end_with_standard_input() -> None:
    while os.read(sys.stdin.fileno(), 1024):
        pass
    os._exit(1)


def _teller() -> Tell:
    """Keep standard output for what we tell; whatever Java prints there goes to the log."""
    lines = os.fdopen(os.dup(sys.stdout.fileno()), "w", buffering=1)
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    return lambda **said: print(json.dumps(said), file=lines)


if __name__ == "__main__":
    threading.Thread(target=_end_with_standard_input, daemon=True).start()
    sys.exit(main(sys.argv[1], _teller()))

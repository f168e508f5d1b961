"""A real Spark in local mode: its factors serve as its own vectors would, and it leaves nothing."""

import json
import os
import shutil
import subprocess
import sys
import time
from dataclasses import asdict, replace
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from app.activity import service as activity
from app.db import Database
from app.models import Verb
from recommender.data import ItemFacts
from recommender.dataset import Dataset, Interactions
from recommender.export import export
from recommender.factors import Factors, Rules
from recommender.log import EventLog
from recommender.profile import Profile
from recommender.scorers import AlsConfig
from recommender.settings import Settings
from recommender.spark import EngineError, Job, Spark, rules_of
from recommender.store import ModelStore
from tests.support.factories import NOW, Factory

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[2]
CONFIG = AlsConfig(factors=4, iterations=6, recency=1e9)
LOOPBACK = {"0100007F", "0000000000000000FFFF00000100007F", "00000000000000000000000001000000"}


def tastes(people=300, items=100, kinds=4):
    """Draw people of a few tastes, dense enough for any factorisation to find them."""
    chance = np.random.default_rng(1)
    likes = chance.random((kinds, items)) ** 2
    took = chance.random((people, items)) < 0.9 * likes[np.arange(people) % kinds]
    person, item = np.nonzero(took)
    verb = np.where(chance.random(person.size) < 0.7, 3, 1)
    log = EventLog(person, item, verb, np.zeros(person.size))
    facts = [ItemFacts(each) for each in range(items)]
    return Interactions.of(Dataset(log, {}, facts, 1.0), Settings().activity)


def profile_of(data, person):
    row = data.matrix()[person]
    return Profile(row.indices.astype(np.int64), row.data, np.zeros(0, np.int64), ())


def best(taste, data, person, size=20):
    profile = profile_of(data, person)
    scores = taste(profile).copy()
    scores[profile.items] = -np.inf
    return {*np.argsort(-scores)[:size].tolist()}


def offspring(process=None):
    """Return the numbers of all processes that this one has started, and those in turn."""
    process = process or os.getpid()
    found = []
    for path in Path(f"/proc/{process}/task").glob("*/children"):
        try:
            children = path.read_text().split()
        except OSError:
            continue
        for child in map(int, children):
            found += [child, *offspring(child)]
    return found


def listeners(processes):
    """Return the addresses, as the kernel writes them, that these processes listen on."""
    sockets = set()
    for process in processes:
        for link in Path(f"/proc/{process}/fd").glob("*"):
            try:
                sockets.add(str(link.readlink()))
            except OSError:
                continue
    lines = [
        line.split()
        for name in ("tcp", "tcp6")
        for line in Path(f"/proc/net/{name}").read_text().splitlines()[1:]
    ]
    return {
        words[1].split(":")[0]
        for words in lines
        if words[3] == "0A" and f"socket:[{words[9]}]" in sockets
    }


def until_gone(processes, seconds=30):
    end = time.monotonic() + seconds
    while any(Path(f"/proc/{each}").exists() for each in processes) and time.monotonic() < end:
        time.sleep(0.05)
    return [each for each in processes if Path(f"/proc/{each}").exists()]


@pytest.fixture(scope="module", autouse=True)
def _java_that_starts_soon():
    """Let Java spend half as much on compiling what runs for seconds."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JDK_JAVA_OPTIONS", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC")
        yield


@pytest.fixture(scope="module")
def data():
    return tastes()


@pytest.fixture(scope="module")
def trained(data, tmp_path_factory):
    """Return the scorer that Spark made, and what was seen of it while it worked."""
    workspace = tmp_path_factory.mktemp("spark")
    told, heard = [], set()

    def watch(stage, share):
        told.append((stage, share))
        heard.update(listeners(offspring()))

    shared = tmp_path_factory.mktemp("shared")
    taste = Spark(workspace, CONFIG, shared=str(shared))(data, 1, watch)
    return taste, told, heard, (workspace, shared)


def test_the_same_serving_finds_what_implicit_finds(data, trained):
    taste, ours = trained[0], CONFIG.fit(data, 1)
    shared = [len(best(taste, data, each) & best(ours, data, each)) / 20 for each in range(300)]
    assert np.mean(shared) >= 0.9


def test_it_tells_how_far_it_is(trained):
    told = trained[1]
    assert {stage for stage, _ in told} == {"taste"}
    shares = [share for _, share in told]
    assert shares == sorted(shares)
    assert len(set(shares)) > 3
    assert shares[-1] == 1.0


def test_it_listens_on_loopback_alone(trained):
    heard = trained[2]
    assert heard
    assert heard <= LOOPBACK


def test_it_leaves_nothing_but_its_log(trained):
    workspace, shared = trained[3]
    assert [path.name for path in workspace.iterdir()] == ["spark.log"]
    assert list(shared.iterdir()) == []
    assert until_gone([each for each in offspring() if is_java(each)]) == []


def is_java(process):
    try:
        return Path(f"/proc/{process}/comm").read_text().strip() == "java"
    except OSError:
        return False


def test_folding_a_person_in_gives_the_vector_that_spark_had(data, tmp_path):
    config = replace(CONFIG, offset=1.0, alpha=19.0)
    confidence = data.matrix()
    confidence.data = config.offset + config.alpha * confidence.data
    made = export(confidence, tmp_path / "export", part_rows=3000)
    rules = rules_of(config, confidence)
    job = Job(
        export=str(made.folder),
        interactions=made.interactions,
        digest=made.digest,
        factors="",
        master="local[*]",
        shared="",
        scratch=str(tmp_path / "scratch"),
        rank=8,
        iterations=3,
        regularization=rules.regularization,
        seed=1,
        rules=asdict(rules),
    )
    (tmp_path / "job.json").write_text(json.dumps(asdict(job)))
    program = [sys.executable, "-m", "tests.support.spark_people", "job.json", "people.npz"]
    environment = os.environ | {"PYTHONPATH": str(ROOT), "SPARK_LOCAL_IP": "127.0.0.1"}
    subprocess.run(program, cwd=tmp_path, env=environment, check=True, capture_output=True)
    theirs = np.load(tmp_path / "people.npz")
    factors = Factors(theirs["item"], theirs["items"], Rules(**job.rules), "pyspark", made.digest)
    taste = factors.taste(data.items.size, config)
    for person, vector in zip(theirs["person"], theirs["people"], strict=True):
        assert np.allclose(taste.fold_in(profile_of(data, person)), vector, atol=1e-4)


def test_one_that_is_stopped_takes_spark_with_it(data, tmp_path):
    others, started = set(offspring()), []

    def stop(stage, share):
        if share > 0.15:
            started.extend(set(offspring()) - others)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Spark(tmp_path, CONFIG)(data, 1, stop)
    assert started
    assert until_gone(started) == []
    assert [path.name for path in tmp_path.iterdir()] == ["spark.log"]


def test_what_spark_says_of_a_failure_is_passed_on(data, tmp_path):
    with pytest.raises(EngineError, match=r"Spark could not train: .*local\[few\].*spark\.log"):
        Spark(tmp_path, CONFIG, "local[few]")(data, 1, lambda *_: None)


@pytest.fixture
def portal(empty_sqlite, tmp_path):
    """Return the data folder of a portal in which forty people did something."""
    shutil.copy(empty_sqlite, tmp_path / "foyer.db")
    database = Database(f"sqlite:///{tmp_path / 'foyer.db'}")
    with database.transaction() as session:
        make = Factory(session)
        items = [make.item(f"Circuit {number}") for number in range(12)]
        for number in range(40):
            person = make.person()
            for day in range(6):
                at = NOW - timedelta(days=90 - 2 * number - day)
                item = items[(number + day * day) % 12]
                activity.record(session, person.id, item.id, Verb.COMPLETED, now=at)
    database.close()
    return tmp_path


def test_the_command_trains_measures_and_publishes(portal):
    known = {name: text for name, text in os.environ.items() if not name.startswith("FOYER_")}
    ran = subprocess.run(
        [sys.executable, "-m", "app.cli", "train", "--engine", "spark"],
        env=known | {"FOYER_DATA_DIR": str(portal), "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    assert ran.stdout.startswith("The new model serves"), ran.stderr
    assert "rehearsal: 0 %" in ran.stderr
    taste = ModelStore(portal / "models").current().scorers.taste
    assert taste.config.weighted
    assert taste.each > 0
    assert np.linalg.norm(taste.factors, axis=1).min() > 0
    assert [path.name for path in (portal / "spark").iterdir()] == ["spark.log"]

"""A training on Spark as everybody sees it who looks at the trainings."""

import sys
from datetime import timedelta

import pytest

from app.activity import service as activity
from app.config import Config
from app.foryou import running
from app.foryou.engines import taste_by
from app.models import Training, TrainingState, Verb
from recommender.spark import EngineError
from recommender.store import ModelStore
from tests.support.factories import NOW, Factory


@pytest.fixture
def portal(sqlite):
    """Return a database in which somebody did something."""
    with sqlite.transaction() as session:
        make = Factory(session)
        person, item = make.person(), make.item("Ohm's law")
        at = NOW - timedelta(days=1)
        activity.record(session, person.id, item.id, Verb.COMPLETED, now=at)
    return sqlite


def config(tmp_path, **settings):
    return Config.from_env({"FOYER_DATA_DIR": str(tmp_path), **settings})


def test_why_spark_did_not_train_stands_in_the_row(portal, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyspark", None)
    taste = taste_by(config(tmp_path, FOYER_TRAINING_ENGINE="spark"))
    with pytest.raises(EngineError):
        running.run(
            portal, ModelStore(tmp_path / "models"), engine="spark", taste=taste, now=lambda: NOW
        )
    with portal.sessions() as session:
        [row] = session.query(Training)
    assert (row.engine, row.state) == ("spark", TrainingState.FAILED.value)
    assert row.outcome.startswith("Spark did not train. Training on Spark needs pyspark.")
    assert not (tmp_path / "models" / "current").exists()


def test_the_settings_name_master_and_folders(tmp_path):
    settings = {"TRAINING_ENGINE": "spark", "SPARK_URL": "yarn", "SPARK_FOLDER": "hdfs:///foyer"}
    spark = taste_by(config(tmp_path, **{f"FOYER_{name}": v for name, v in settings.items()}))
    assert (spark.url, spark.shared, spark.workspace) == (
        "yarn",
        "hdfs:///foyer",
        tmp_path / "spark",
    )


def test_implicit_needs_nobody(tmp_path):
    assert taste_by(config(tmp_path)) is None

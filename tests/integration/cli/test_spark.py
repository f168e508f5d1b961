"""`foyer train --engine spark` where Spark cannot be started: one sentence, and nothing is lost."""

import sys

import pytest

from app.models import Training


@pytest.fixture
def without_pyspark(monkeypatch):
    monkeypatch.setitem(sys.modules, "pyspark", None)


def test_it_says_what_is_missing_before_it_begins(foyer, rows, folder, without_pyspark):
    result = foyer("train", "--engine", "spark")
    assert result.exit_code == 1
    assert result.stderr == (
        "Error: Training on Spark needs pyspark. Run `make install-spark`, or"
        " `pip install 'foyer[spark]'`. The model before it serves on.\n"
    )
    assert rows.query(Training).all() == []
    assert not (folder / "spark").exists()


def test_a_setting_chooses_it_too_and_an_option_another(foyer, migrated, without_pyspark):
    assert "needs pyspark" in foyer("train", training_engine="spark").stderr
    assert foyer("train", "--engine", "implicit", training_engine="spark").exit_code == 0


def test_a_master_that_is_none_is_named(foyer, migrated):
    result = foyer("train", "--engine", "spark", "--spark-url", "10.0.0.9")
    assert "'10.0.0.9' is no master of Spark" in result.stderr


def test_an_engine_that_is_unknown_is_refused(foyer, migrated):
    assert "'cuda' is not one of 'implicit', 'spark'" in foyer("train", "--engine", "cuda").stderr
    assert "FOYER_TRAINING_ENGINE='cuda'" in foyer("train", training_engine="cuda").stderr


def test_the_model_before_it_serves_on(foyer, migrated, folder, without_pyspark):
    foyer("train")
    before = (folder / "models" / "current").read_bytes()
    foyer("train", "--engine", "spark")
    assert (folder / "models" / "current").read_bytes() == before

"""What a training on Spark says before it begins, and what it makes of the settings."""

import socket
import sys
from importlib.machinery import ModuleSpec
from types import ModuleType

import numpy as np
import pytest
from scipy import sparse

from recommender import Dataset, ItemFacts
from recommender.dataset import Interactions
from recommender.scorers import AlsConfig
from recommender.settings import Settings
from recommender.spark import EngineError, Spark, rules_of
from tests.unit.recommender.worlds import NOW


@pytest.fixture
def with_java(tmp_path, monkeypatch):
    """Return a function that lets a Java say which it is."""

    def install(said):
        program = tmp_path / "java" / "bin" / "java"
        program.parent.mkdir(parents=True)
        program.write_text(f"#!/bin/sh\necho '{said}' >&2\n")
        program.chmod(0o755)
        monkeypatch.setenv("JAVA_HOME", str(tmp_path / "java"))

    return install


@pytest.fixture
def with_pyspark(monkeypatch):
    """Let pyspark be found, whether it is installed or not."""
    module = ModuleType("pyspark")
    module.__spec__ = ModuleSpec("pyspark", None)
    monkeypatch.setitem(sys.modules, "pyspark", module)


@pytest.fixture
def spark(tmp_path):
    """Return a function that gives the engine for a master's address."""
    return lambda url="local[*]": Spark(tmp_path / "work", AlsConfig(), url)


class TestBeforehand:
    def test_it_says_how_to_install_pyspark(self, spark, monkeypatch):
        monkeypatch.setitem(sys.modules, "pyspark", None)
        with pytest.raises(EngineError, match=r"pip install 'foyer\[spark\]'"):
            spark().check()

    @pytest.mark.parametrize("said", ['openjdk version "11.0.2"', 'java version "1.8.0_77"', "?"])
    def test_it_says_how_to_install_a_java_that_is_new_enough(
        self, spark, with_pyspark, with_java, said
    ):
        with_java(said)
        with pytest.raises(EngineError, match="apt-get install openjdk-17-jre-headless"):
            spark().check()

    def test_it_says_so_too_where_there_is_no_java(
        self, spark, with_pyspark, tmp_path, monkeypatch
    ):
        monkeypatch.setenv("JAVA_HOME", str(tmp_path))
        with pytest.raises(EngineError, match="apt-get install openjdk-17-jre-headless"):
            spark().check()

    def test_it_names_a_cluster_that_does_not_answer(self, spark, with_pyspark, with_java):
        with_java('openjdk version "17.0.15"')
        with socket.create_server(("127.0.0.1", 0)) as server:
            url = f"spark://127.0.0.1:{server.getsockname()[1]}"
            spark(url).check()
        with pytest.raises(EngineError, match=f"The Spark cluster {url} does not answer"):
            spark(url).check()

    @pytest.mark.parametrize("url", ["", "nonsense", "http://host:7077", "spark://host", "local["])
    def test_it_refuses_what_is_no_master(self, spark, url):
        with pytest.raises(EngineError, match="is no master of Spark"):
            spark(url).check()

    @pytest.mark.parametrize("url", ["local", "local[*]", "local[2]", "yarn", "k8s://https://h:1"])
    def test_it_takes_every_kind_of_master(self, spark, with_pyspark, with_java, url):
        with_java('openjdk version "21.0.1"')
        spark(url).check()

    def test_nothing_to_factorise_needs_no_spark(self, spark, monkeypatch):
        monkeypatch.setitem(sys.modules, "pyspark", None)
        data = Interactions.of(Dataset((), {}, [ItemFacts(5)], NOW), Settings().activity)
        assert spark()(data, 1, lambda *_: None).factors.shape == (1, 1)


class TestTheRules:
    def test_what_every_interaction_adds_comes_to_the_fixed_regularisation(self):
        matrix = sparse.csr_matrix(np.array([[1, 1, 0, 1], [0, 1, 0, 0], [0, 0, 0, 0]], float))
        rules = rules_of(AlsConfig(regularization=6.0), matrix)
        people, items = [3, 1], [1, 2, 1]
        assert rules.regularization * (sum(people) + sum(items)) == pytest.approx(6.0 * 5)
        assert rules.scaling == "per interaction"

    @pytest.mark.parametrize(
        ("offset", "said"), [(0.0, "alpha * strength"), (1.0, "1 + alpha * strength")]
    )
    def test_they_name_the_confidence_that_was_exported(self, offset, said):
        rules = rules_of(AlsConfig(alpha=7.0, offset=offset), sparse.csr_matrix([[1.0]]))
        assert (rules.alpha, rules.confidence) == (7.0, said)
        assert rules.config(AlsConfig()).offset == offset

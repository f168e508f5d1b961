"""Factors from anywhere: what is written is read, what is damaged is refused, rules are kept."""

import json

import numpy as np
import pytest

from recommender.factors import Factors, Rules
from recommender.profile import Profile
from recommender.scorers import AlsConfig

SPARK = Rules(19.0, "1 + alpha * strength", 0.05, "per interaction")
IMPLICIT = Rules(20.0, "alpha * strength", 5.0, "fixed")


def factors_of(rules=SPARK, items=(0, 2, 5), width=3):
    values = np.random.default_rng(1).standard_normal((len(items), width)).astype(np.float32)
    return Factors(np.array(items, np.int64), values, rules, "pyspark 4.3.0", "abc")


def solved(factors, items, strength, each, once, offset, alpha):
    """Solve for a person in double precision, straight from the papers."""
    wide = factors.astype(np.float64)
    confidence = offset + alpha * np.asarray(strength)
    taken = wide[list(items)]
    left = wide.T @ wide + taken.T @ (taken * (confidence - 1)[:, None])
    left += (once + each * len(items)) * np.eye(wide.shape[1])
    return np.linalg.solve(left, confidence @ taken)


def profile(items, strength):
    return Profile(np.array(items), np.array(strength, np.float32), np.zeros(0, np.int64), ())


@pytest.fixture
def folder(tmp_path):
    factors_of().write(tmp_path / "factors")
    return tmp_path / "factors"


class TestTheFolder:
    def test_it_gives_back_what_was_written(self, folder):
        before, after = factors_of(), Factors.read(folder)
        assert after.items.tolist() == [0, 2, 5]
        assert np.array_equal(after.factors, before.factors)
        assert (after.rules, after.producer, after.source) == (SPARK, "pyspark 4.3.0", "abc")

    def test_it_holds_nothing_but_the_contract(self, folder):
        assert sorted(path.name for path in folder.parent.iterdir()) == ["factors"]
        names = ["factors.npy", "items.npy", "manifest.json"]
        assert sorted(path.name for path in folder.iterdir()) == names

    def test_it_is_never_written_over(self, folder):
        with pytest.raises(FileExistsError):
            factors_of().write(folder)

    @pytest.mark.parametrize("name", ["items.npy", "factors.npy"])
    def test_a_changed_byte_is_refused(self, folder, name):
        content = bytearray((folder / name).read_bytes())
        content[-1] ^= 1
        (folder / name).write_bytes(content)
        with pytest.raises(ValueError, match=f"{name} is not what its manifest says"):
            Factors.read(folder)

    def test_another_format_is_refused(self, folder):
        manifest = json.loads((folder / "manifest.json").read_text())
        (folder / "manifest.json").write_text(json.dumps(manifest | {"format": 2}))
        with pytest.raises(ValueError, match="format 2 of factors instead of 1"):
            Factors.read(folder)

    @pytest.mark.parametrize(
        ("items", "values", "why"),
        [
            ((2, 0, 5), (3, 3), "ascending"),
            ((0, 0, 5), (3, 3), "ascending"),
            ((-1, 0, 5), (3, 3), "below 0"),
            ((0, 5), (3, 3), "one row for each item"),
        ],
    )
    def test_rows_that_cannot_be_told_apart_are_refused(self, tmp_path, items, values, why):
        wrong = Factors(np.array(items), np.ones(values, np.float32), SPARK, "by hand")
        wrong.write(tmp_path / "wrong")
        with pytest.raises(ValueError, match=why):
            Factors.read(tmp_path / "wrong")

    def test_what_is_not_a_number_is_refused(self, tmp_path):
        wrong = Factors(np.arange(2), np.array([[1], [np.nan]], np.float32), SPARK, "by hand")
        wrong.write(tmp_path / "wrong")
        with pytest.raises(ValueError, match="not a number"):
            Factors.read(tmp_path / "wrong")


class TestTheRules:
    @pytest.mark.parametrize(
        ("rules", "once", "each", "offset"), [(SPARK, 0, 0.05, 1), (IMPLICIT, 5, 0, 0)]
    )
    def test_people_are_solved_for_as_the_factors_were_made(self, rules, once, each, offset):
        taste = factors_of(rules).taste(6, AlsConfig(recency=1e9))
        items, strength = [0, 5], [1.0, 0.5]
        expected = solved(taste.factors, items, strength, each, once, offset, rules.alpha)
        assert np.allclose(taste.fold_in(profile(items, strength)), expected, atol=1e-5)

    def test_they_outlive_saving_and_loading_the_scorer(self):
        taste = factors_of().taste(6, AlsConfig())
        again = type(taste).load(taste.arrays(), taste.config)
        asked = profile([5, 2], [1.0, 1.0])
        assert np.array_equal(taste(asked), again(asked))
        assert not np.array_equal(taste(asked), factors_of(IMPLICIT).taste(6, AlsConfig())(asked))

    @pytest.mark.parametrize(
        ("field", "value"),
        [("confidence", "alpha"), ("scaling", "often"), ("alpha", 0), ("regularization", -1)],
    )
    def test_unknown_ones_are_refused_by_name(self, field, value):
        known = {"alpha": 1, "confidence": "alpha * strength", "regularization": 1}
        with pytest.raises(ValueError, match=field):
            Rules(**(known | {"scaling": "fixed", field: value}))


class TestTheScorer:
    def test_items_without_factors_have_none_of_the_taste(self):
        taste = factors_of().taste(7, AlsConfig())
        assert taste.factors.shape == (7, 3)
        assert not taste.factors[[1, 3, 4, 6]].any()

    def test_factors_of_items_that_nobody_knows_are_refused(self):
        with pytest.raises(ValueError, match="factors of item 5, but 5 items"):
            factors_of().taste(5, AlsConfig())

"""The gate, the pointer, and what is kept."""

import json
import os
import time
from pathlib import Path

import numpy as np
import pytest

from recommender import Context, Dataset, Event, Model, ModelStore, recommend, recount
from recommender.evaluate import IN_ROLE, OURS, Report, Row
from recommender.store import KEPT, judge
from tests.unit.recommender.worlds import NOW


def report(ndcg, high=None, margin_high=0.1):
    """A report with the figures the gate looks at."""
    high = ndcg + 0.02 if high is None else high
    row = Row(OURS, "all", 100, ndcg, ndcg - 0.02, high, 0, 0, 0, 0, 0)
    prior = Row(IN_ROLE, "all", 100, 0.1, 0.1, 0.1, 0, 0, 0, -0.1, margin_high)
    return Report(0.0, (row, prior))


def offered(model, ndcg, trained_at=NOW):
    """The model with a measured quality and a date."""
    made = model.measured(report(ndcg).to_json())
    return Model(**(vars(made) | {"trained_at": trained_at}))


@pytest.fixture
def store(tmp_path):
    return ModelStore(tmp_path / "models")


class TestGate:
    def test_it_lets_the_first_good_model_through(self):
        assert judge(report(0.2), None)[0]

    def test_it_stops_a_model_below_popularity_in_role(self):
        accepted, why = judge(report(0.2, margin_high=-0.01), None)
        assert not accepted
        assert "popularity in role" in why

    def test_it_stops_a_model_worse_than_the_serving_one(self):
        assert not judge(report(0.2), report(0.3))[0]

    def test_it_lets_noise_pass(self):
        assert judge(report(0.2), report(0.21))[0]

    def test_it_lets_an_unmeasured_model_serve_only_where_none_was_measured(self):
        unmeasured = Report(0.0, ())
        assert judge(unmeasured, None)[0]
        assert judge(unmeasured, unmeasured)[0]
        assert not judge(unmeasured, report(0.1))[0]


class TestStore:
    def test_it_serves_nothing_at_first(self, store):
        assert store.current() is None
        assert store.history() == []

    def test_it_serves_what_was_published(self, store, model, facts):
        assert store.publish(offered(model, 0.2)).accepted
        context = Context(9, ("role-1",), (), NOW)
        there, here = (recommend(each, context, facts, facts) for each in (store.current(), model))
        assert there == here

    def test_it_notices_what_another_process_published(self, store, model):
        reader = ModelStore(store.path)
        assert reader.current() is None
        store.publish(offered(model, 0.2, NOW))
        assert reader.current().trained_at == NOW
        store.publish(offered(model, 0.3, NOW + 1))
        assert reader.current().trained_at == NOW + 1

    def test_it_does_not_load_again_what_has_not_changed(self, store, model):
        store.publish(offered(model, 0.2))
        assert store.current() is store.current()

    def test_it_keeps_the_old_model_when_the_new_one_is_worse(self, store, model):
        store.publish(offered(model, 0.3, NOW))
        assert not store.publish(offered(model, 0.1, NOW + 1)).accepted
        assert store.current().trained_at == NOW
        assert [each.accepted for each in store.history()] == [True, False]

    def test_it_can_be_forced(self, store, model):
        store.publish(offered(model, 0.3, NOW))
        forced = store.publish(offered(model, 0.1, NOW + 1), force=True)
        assert forced.accepted
        assert forced.why.startswith("forced")
        assert store.current().trained_at == NOW + 1

    def test_it_writes_down_that_the_very_first_model_was_not_good_enough(self, store, model):
        offer = model.measured(report(0.2, margin_high=-0.01).to_json())
        assert not store.publish(offer).accepted
        assert store.current() is None
        assert [one.accepted for one in store.history()] == [False]

    def test_it_keeps_the_last_few_and_can_go_back(self, store, model):
        names = [store.publish(offered(model, 0.3, NOW + n)).name for n in range(KEPT + 2)]
        kept = sorted(path.name for path in (store.path / "models").iterdir())
        assert kept == sorted(names)[-KEPT:]
        store.serve(names[-2])
        assert store.current().trained_at == NOW + KEPT

    def test_it_refuses_to_serve_what_it_does_not_have(self, store):
        with pytest.raises(FileNotFoundError):
            store.serve("20200101T000000-none")

    def test_it_goes_on_serving_when_the_new_model_cannot_be_read(self, store, model):
        store.publish(offered(model, 0.2, NOW))
        reader = ModelStore(store.path)
        assert reader.current().trained_at == NOW
        name = store.publish(offered(model, 0.3, NOW + 1)).name
        (store.path / "models" / name / "manifest.json").write_text("{}")
        assert reader.current().trained_at == NOW

    def test_it_leaves_no_half_written_model_behind(self, store, model):
        store.publish(offered(model, 0.2))
        store.publish(offered(model, 0.2))
        assert len(list((store.path / "models").iterdir())) == 1

    def test_it_leaves_nothing_of_a_model_that_cannot_be_written(self, store, model):
        with pytest.raises(TypeError):
            store.publish(offered(model, 0.2).measured({"rows": [], "trained_at": object()}))
        assert list((store.path / "models").iterdir()) == []

    @pytest.mark.parametrize(("hours", "left"), [(1, True), (25, False)])
    def test_it_clears_away_what_a_killed_training_left_long_ago(self, store, model, hours, left):
        begun = store.path / "models" / ".begun"
        (begun / "model").mkdir(parents=True)
        then = time.time() - hours * 3600
        os.utime(begun, (then, then))
        store.publish(offered(model, 0.2))
        assert begun.exists() == left

    def test_it_brings_every_file_to_the_disk_before_the_pointer_moves(
        self, store, model, monkeypatch
    ):
        synced = []
        real = os.fsync

        def noted(descriptor):
            synced.append(Path(f"/proc/self/fd/{descriptor}").readlink().name)
            real(descriptor)

        monkeypatch.setattr(os, "fsync", noted)
        name = store.publish(offered(model, 0.2)).name
        files = {path.name for path in (store.path / "models" / name).iterdir()}
        assert files | {"model"} <= set(synced[: len(files) + 1])
        assert synced[len(files) + 1] == "models"


class TestModel:
    def test_it_is_stored_as_arrays_and_json_only(self, model, tmp_path):
        model.save(tmp_path / "model")
        assert {path.suffix for path in (tmp_path / "model").iterdir()} == {".npy", ".json"}
        for path in (tmp_path / "model").glob("*.npy"):
            np.load(path, allow_pickle=False)

    def test_it_remembers_settings_seed_and_metrics(self, model, tmp_path):
        made = offered(model, 0.25)
        made.save(tmp_path / "model")
        again = Model.load(tmp_path / "model")
        assert (again.settings, again.seed, again.metrics) == (made.settings, 0, made.metrics)

    def test_it_is_not_written_over(self, model, tmp_path):
        model.save(tmp_path / "model")
        with pytest.raises(FileExistsError):
            model.save(tmp_path / "model")

    def test_it_refuses_another_format(self, model, tmp_path):
        model.save(tmp_path / "model")
        manifest = tmp_path / "model" / "manifest.json"
        manifest.write_text(json.dumps(json.loads(manifest.read_text()) | {"format": 0}))
        with pytest.raises(ValueError, match="format 0"):
            Model.load(tmp_path / "model")


class TestRecount:
    def test_it_counts_what_happened_since_and_keeps_the_factors(self, model, portal):
        rows = [*portal.events, *[Event(900 + n, 131, "completed", NOW + 1) for n in range(30)]]
        later = recount(model, Dataset(rows, portal.people_roles, portal.items, NOW + 2))
        item = np.searchsorted(later.items, 131)
        assert later.scorers.trend.scores.argmax() == item
        assert later.reach.trending(np.array([item])) >= 30
        assert later.scorers.taste is model.scorers.taste

    def test_it_changes_nothing_when_nothing_happened(self, model, portal):
        again = recount(model, portal)
        for name, scorer in model.scorers.each().items():
            arrays = again.scorers.each()[name].arrays()
            assert all(np.array_equal(arrays[key], was) for key, was in scorer.arrays().items())

    def test_it_refuses_items_the_model_does_not_know(self, model, portal):
        rows = [*portal.events, Event(1, 999, "viewed", NOW)]
        with pytest.raises(ValueError, match="items of the model"):
            recount(model, Dataset(rows, portal.people_roles, portal.items, NOW))

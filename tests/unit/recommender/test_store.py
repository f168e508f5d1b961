"""The gate, the pointer, and what is kept."""

import json
import os
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from recommender import Context, Dataset, Event, Model, ModelStore, recommend, recount
from recommender.history import REMEMBERED, Origin
from recommender.store import KEPT, TrainingUnderWay
from tests.unit.recommender.reports import report
from tests.unit.recommender.worlds import NOW

ROOT = Path(__file__).parents[3]


def offered(model, ndcg, trained_at=NOW, serving=""):
    """The model with a measured quality, compared with what serves, and a date."""
    made = model.measured(report(ndcg, name=serving).to_json())
    return replace(made, trained_at=trained_at)


@pytest.fixture
def store(tmp_path):
    return ModelStore(tmp_path / "models")


@pytest.fixture
def publish(store, model):
    """Return a function that offers the model once more, compared with the one that serves."""

    def published(ndcg=0.3, at=0, margin=0.0, **more):
        serving = store.serving_name()
        compared = report(ndcg, name=serving, margin=margin if serving else None)
        made = replace(model.measured(compared.to_json()), trained_at=NOW + at)
        return store.publish(made, **more)

    return published


class TestStore:
    def test_it_serves_nothing_at_first(self, store):
        assert store.current() is None
        assert store.history() == []

    def test_it_serves_what_was_published(self, store, model, facts):
        assert store.publish(offered(model, 0.2)).accepted
        context = Context(9, ("role-1",), (), NOW)
        there, here = (recommend(each, context, facts, facts) for each in (store.current(), model))
        assert there == here

    def test_it_notices_what_another_process_published(self, store, publish):
        reader = ModelStore(store.path)
        assert reader.current() is None
        publish()
        assert reader.current().trained_at == NOW
        publish(at=1)
        assert reader.current().trained_at == NOW + 1

    def test_it_does_not_load_again_what_has_not_changed(self, store, publish):
        publish()
        assert store.current() is store.current()

    def test_it_keeps_the_old_model_when_the_new_one_is_worse(self, store, publish):
        publish()
        assert not publish(0.1, at=1, margin=-0.1).accepted
        assert store.current().trained_at == NOW
        assert [each.accepted for each in store.history()] == [True, False]

    def test_it_can_be_forced(self, store, publish):
        publish()
        forced = publish(0.1, at=1, margin=-0.1, force=True)
        assert forced.accepted
        assert forced.why.startswith("forced although nDCG@10 is significantly worse")
        assert store.current().trained_at == NOW + 1

    def test_it_writes_down_that_the_very_first_model_was_not_good_enough(self, store, model):
        below = report(0.2, in_role=0.3, in_role_margin=(-0.1, -0.12, -0.08))
        assert not store.publish(model.measured(below.to_json())).accepted
        assert store.current() is None
        assert [one.accepted for one in store.history()] == [False]
        assert store.names() == []

    def test_it_refuses_a_model_that_was_compared_with_another_than_serves_now(
        self, store, publish, model
    ):
        names = [publish(at=n).name for n in range(2)]
        late = offered(model, 0.4, NOW + 9, serving=names[1])
        store.serve(names[0])
        assert store.publish(late).code == "other_serves"
        assert store.serving_name() == names[0]

    def test_it_keeps_the_last_few_and_can_go_back(self, store, publish):
        names = [publish(at=n).name for n in range(KEPT + 2)]
        assert store.names() == names[-KEPT:]
        store.serve(names[-2])
        assert store.current().trained_at == NOW + KEPT

    def test_what_an_experiment_needs_stays_and_so_does_what_serves(self, store, publish):
        names = [publish(at=0).name]
        names += [publish(at=n, needed=names[:1]).name for n in range(1, KEPT + 1)]
        assert store.names() == names
        store.serve(names[0])
        assert not publish(at=99, margin=-0.5).accepted
        assert store.names() == names

    @pytest.mark.parametrize("name", ["20200101T000000-none", "20200101T000000-0123456789", ".."])
    def test_it_refuses_to_serve_what_it_does_not_have(self, store, publish, name):
        publish()
        with pytest.raises(FileNotFoundError):
            store.serve(name)

    @pytest.mark.parametrize("harm", ["cut", "turned", "missing", "manifest"])
    def test_it_goes_on_serving_when_the_new_model_is_damaged(self, store, publish, harm):
        first = publish().name
        reader = ModelStore(store.path)
        reader.current()
        damaged = publish(at=1).name
        harmed(store.path / "models" / damaged, harm)
        assert reader.current().trained_at == NOW
        store.serve(first)
        with pytest.raises(ValueError, match="are not those that were written"):
            store.serve(damaged)
        assert store.serving_name() == first

    def test_it_writes_a_damaged_model_anew_when_it_is_published_again(self, store, publish):
        name = publish().name
        harmed(store.path / "models" / name, "cut")
        assert publish(force=True).accepted
        assert ModelStore(store.path).current().trained_at == NOW

    def test_it_leaves_no_half_written_model_behind(self, store, model):
        for _ in range(2):
            store.publish(offered(model, 0.2), force=True)
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


def harmed(folder, how):
    """Do to a kept model what a full disk, a bad one or a careless hand may do."""
    path = folder / "taste.factors.npy"
    if how == "cut":
        path.write_bytes(path.read_bytes()[:-8])
    elif how == "turned":
        whole = bytearray(path.read_bytes())
        whole[-3] ^= 0xFF
        path.write_bytes(bytes(whole))
    elif how == "missing":
        path.unlink()
    else:
        (folder / "manifest.json").write_text("{}")


class TestHistory:
    def test_it_remembers_everything_that_was_measured(self, store, publish):
        origin = Origin(events=7, people=3, items=2, seconds=1.5, peak_bytes=9, engine="implicit")
        published = publish(origin=origin, at=5)
        assert store.history() == [published]
        assert store.history()[0].origin == origin
        assert store.history()[0].metrics["rows"]

    def test_it_goes_on_after_a_line_that_a_crash_cut_off(self, store, publish):
        publish()
        path = store.path / "history.jsonl"
        path.write_text(path.read_text() + '{"accepted": tr')
        publish(at=1)
        assert [each.trained_at for each in store.history()] == [NOW, NOW + 1]

    def test_it_reads_lines_of_former_versions(self, store):
        store.path.mkdir()
        line = {"accepted": True, "why": "nDCG", "name": "x", "trained_at": 1.0, "ndcg": 0.2}
        (store.path / "history.jsonl").write_text(json.dumps(line) + "\n")
        assert store.history()[0].why == "nDCG"

    def test_it_forgets_the_oldest(self, store, publish):
        publish()
        path = store.path / "history.jsonl"
        path.write_text(path.read_text() * REMEMBERED)
        publish(at=1)
        assert len(store.history()) == REMEMBERED
        assert store.history()[-1].trained_at == NOW + 1


class TestManyAtOnce:
    def test_no_thread_ever_sees_half_a_model_while_models_are_swapped(self, store, publish, facts):
        names = [publish(at=n).name for n in range(3)]
        reader, faults, seen, over = ModelStore(store.path), [], set(), threading.Event()

        def read():
            context = Context(9, ("role-1",), (), NOW)
            while not over.is_set():
                serving = reader.serving()
                if serving.model.trained_at != NOW + names.index(serving.name):
                    faults.append(serving.name)
                if not recommend(serving.model, context, facts, facts, 3).items:
                    faults.append("nothing")
                seen.add(serving.name)

        threads = [threading.Thread(target=read) for _ in range(3)]
        for thread in threads:
            thread.start()
        for turn in range(200):
            store._point_at(names[turn % 3])
        over.set()
        for thread in threads:
            thread.join()
        assert not faults
        assert seen <= set(names)
        assert reader.serving().name == names[199 % 3]

    def test_the_last_of_many_quick_swaps_is_the_one_that_serves(self, store, publish):
        names = [publish(at=n).name for n in range(2)]
        reader = ModelStore(store.path)
        for turn in range(60):
            store._point_at(names[turn % 2])
            assert reader.serving().name == names[turn % 2]

    def test_two_processes_publishing_at_once_corrupt_nothing(self, store, publish, model):
        model.save(store.path / "given")
        program = (
            "import sys; from dataclasses import replace;"
            "from recommender import Model, ModelStore;"
            "m = Model.load(sys.argv[1] + '/given'); s = ModelStore(sys.argv[1]);"
            "[s.publish(replace(m, trained_at=float(sys.argv[2]) + n), force=True)"
            " for n in range(3)]"
        )
        began = [
            subprocess.Popen([sys.executable, "-c", program, str(store.path), str(at)], cwd=ROOT)
            for at in (NOW, NOW + 100)
        ]
        assert [process.wait() for process in began] == [0, 0]
        history = store.history()
        assert len(history) == 6
        assert store.serving_name() == history[-1].name
        assert history[-1].name in store.names()
        for name in store.names():
            store.named(name)

    def test_only_one_trains_at_a_time(self, store):
        with store.training(), pytest.raises(TrainingUnderWay), ModelStore(store.path).training():
            pass
        with store.training():
            pass


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

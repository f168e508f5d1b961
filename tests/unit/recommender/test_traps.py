"""What implicit 0.7.3 is known to do wrong or unexpectedly, and that none of it reaches a slate."""

import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from importlib import metadata
from pathlib import Path

import numpy as np

from recommender import Context, Dataset, Event, recommend
from recommender.data import ActivityConfig, Interactions
from recommender.model import fit
from tests.unit.recommender.worlds import NOW, person_of


def serve(model, context, facts, answers):
    """Answer with the items of a slate, from another process."""
    answers.put(recommend(model, context, facts.keys(), facts).items)


class TestTraps:
    def test_it_never_pads_a_slate_with_filtered_items(self, model, facts, portal):
        few = {101, 103, 139}
        slate = recommend(model, Context(999, (), (), NOW), few, facts, limit=20)
        assert set(slate.items) == few
        assert all(each.score > -1e30 for each in slate.recommendations)

    def test_it_gives_an_empty_slate_when_nothing_is_left(self, model, facts):
        assert recommend(model, Context(999, (), (), NOW), set(), facts).items == ()

    def test_it_serves_in_a_forked_child_after_training_in_the_parent(self, portal, facts):
        model, context = fit(portal), person_of(portal, 4)
        fork = multiprocessing.get_context("fork")
        answers = fork.Queue()
        child = fork.Process(target=serve, args=(model, context, facts, answers))
        child.start()
        assert answers.get(timeout=30) == recommend(model, context, facts.keys(), facts).items
        child.join(timeout=30)
        assert child.exitcode == 0

    def test_it_trains_in_a_spawned_process_to_the_same_bits(self, portal, model):
        spawn = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(1, mp_context=spawn) as processes:
            there = processes.submit(fit, portal).result(timeout=120)
        assert np.array_equal(there.scorers.taste.factors, model.scorers.taste.factors)

    def test_it_starts_no_thread_to_serve(self, model, portal, facts):
        tasks = Path("/proc/self/task")
        before = {each.name for each in tasks.iterdir()}
        for person in range(40):
            recommend(model, person_of(portal, person), facts.keys(), facts)
        assert {each.name for each in tasks.iterdir()} <= before

    def test_it_does_not_rank_by_id_for_somebody_without_history(self, model, facts):
        items = recommend(model, Context(999, (), (), NOW), facts.keys(), facts).items
        assert list(items) != sorted(items)

    def test_it_keeps_nonsense_out_of_the_matrix(self, portal):
        odd = [
            Event(1, 2, "completed", float("nan")),
            Event(1, 3, "completed", NOW + 1e9),
            Event(1, 4, "dismissed", NOW),
            Event(1, 5, "danced", NOW),
            Event(1, 6, "viewed", NOW),
        ]
        data = Interactions.of(Dataset(odd, {}, (), NOW), ActivityConfig())
        assert data.items[data.matrix().indices].tolist() == [6]
        assert (data.matrix().data > 0).all()

    def test_it_serves_people_unknown_to_the_training(self, model, facts):
        history = [Event(123456, 101, "completed", NOW)]
        slate = recommend(model, Context(123456, (), history, NOW), facts.keys(), facts)
        assert len(slate.items) == 20

    def test_it_runs_on_implicit_itself_and_not_on_a_fork_of_it(self):
        assert set(metadata.packages_distributions()["implicit"]) == {"implicit"}
        assert metadata.version("implicit") == "0.7.3"

"""What implicit 0.7.3 is known to do wrong or unexpectedly, and that none of it reaches a slate."""

import ast
import multiprocessing
import os
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor
from importlib import metadata
from pathlib import Path

import numpy as np
import pytest

from recommender import Context, Dataset, Event, recommend
from recommender.dataset import Interactions
from recommender.model import fit
from recommender.signals import ActivityConfig
from tests.unit.recommender.worlds import NOW, person_of

ROOT = Path(__file__).parents[3]
NAN, INF = float("nan"), float("inf")
ODD = (
    *(Event(1, 101, "rated", NOW, value) for value in (NAN, INF, -INF, 1e30)),
    *(Event(1, 101, "spent", NOW, value) for value in (NAN, INF, -5.0)),
    *(Event(1, 101, "viewed", at) for at in (NAN, INF, -INF)),
)
STARTED = """
import os, sys
import app
assert "numpy" not in sys.modules
import app.cli, app.factory, app.jobs.tasks
import implicit.cpu.als, scipy.linalg, threadpoolctl
pools = threadpoolctl.threadpool_info()
blas = {each["num_threads"] for each in pools if each["user_api"] == "blas"}
print(os.environ["OPENBLAS_NUM_THREADS"], os.environ["OMP_WAIT_POLICY"], *blas)
"""


def serve_many(model, contexts, facts, answers):
    """Answer with the most threads that serving was seen to use, from a process of its own."""
    status = Path("/proc/self/status")
    seen = []
    for context in contexts:
        recommend(model, context, facts.keys(), facts)
        lines = dict(line.split(":", 1) for line in status.read_text().splitlines())
        seen.append(int(lines["Threads"]))
    answers.put((seen[0], max(seen)))


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
        spawn = multiprocessing.get_context("spawn")
        answers = spawn.Queue()
        contexts = [person_of(portal, person) for person in range(40)]
        child = spawn.Process(target=serve_many, args=(model, contexts, facts, answers))
        child.start()
        first, most = answers.get(timeout=300)
        child.join(timeout=30)
        assert most == first

    def test_it_keeps_openblas_and_openmp_still_in_every_process_of_the_portal(self):
        told = {k: v for k, v in os.environ.items() if not k.startswith(("OPENBLAS", "OMP_"))}
        done = subprocess.run(
            [sys.executable, "-c", STARTED], env=told, cwd=ROOT, capture_output=True, timeout=300
        )
        assert done.stdout.split() == [b"1", b"passive", b"1"], done.stderr

    def test_it_fits_in_no_module_that_the_web_process_answers_with(self):
        asked = {"train", "train_model", "train_here"}
        for path in (*ROOT.glob("app/web/**/*.py"), *ROOT.glob("app/**/*views*.py")):
            calls = [n for n in ast.walk(ast.parse(path.read_text())) if isinstance(n, ast.Call)]
            called = {getattr(call.func, "attr", getattr(call.func, "id", "")) for call in calls}
            assert called.isdisjoint(asked), path

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

    @pytest.mark.parametrize("odd", ODD)
    def test_it_lets_no_nonsense_spread_to_other_scores(self, odd, portal, facts):
        model = fit(Dataset([*portal.events, odd], portal.people_roles, portal.items, NOW))
        person = person_of(portal, odd.person)
        context = Context(odd.person, person.roles, [*person.history, odd], NOW)
        slate = recommend(model, context, facts.keys(), facts)
        assert len(slate.items) == 20
        assert np.isfinite([each.score for each in slate.recommendations]).all()
        learnt = [
            each for scorer in model.scorers.each().values() for each in scorer.arrays().values()
        ]
        assert all(np.isfinite(each).all() for each in learnt if each.dtype.kind == "f")

    def test_it_serves_people_unknown_to_the_training(self, model, facts):
        history = [Event(123456, 101, "completed", NOW)]
        slate = recommend(model, Context(123456, (), history, NOW), facts.keys(), facts)
        assert len(slate.items) == 20

    def test_it_runs_on_implicit_itself_and_not_on_a_fork_of_it(self):
        assert set(metadata.packages_distributions()["implicit"]) == {"implicit"}
        assert metadata.version("implicit") == "0.7.3"

"""The interface for measuring the recommender on other people's data."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import sparse

from bench.adapter import factory
from bench.recommender_data import made_up, newcomers
from bench.recommender_metrics import measured
from bench.recommender_models import FLOOR, RIVALS, answers, ours
from recommender import Context, recommend

NOW = 1e8
ITEMS = 60


def even_and_odd():
    """A system trained on people of two roles, who take even or odd items."""
    chance = np.random.default_rng(0)
    person, item = np.divmod(chance.choice(60 * 15, 500, replace=False), 15)
    times = sparse.csr_matrix((NOW - chance.random(500) * 1e7, (person, item * 2 + person % 2)))
    made = factory(32, ["even", "odd"], None)
    made.fit((times > 0).astype(np.float32), times, np.arange(60)[:, None] % 2, NOW)
    return made


@pytest.fixture(scope="module")
def system():
    """A system of which everybody asks and which nobody tells anything."""
    return even_and_odd()


@pytest.fixture(scope="module")
def told():
    """Another such system, to be told what people of its test do."""
    return even_and_odd()


class TestAdapter:
    def test_it_answers_a_row_for_each_person(self, system):
        history = sparse.csr_matrix(([1.0, 1.0], ([0, 1], [0, 1])), shape=(3, 32))
        found = system.recommend(history, np.array([[0], [1], [-1]]), 6, NOW)
        assert found.shape == (3, 6)
        assert (found[0] % 2 == 0).all()
        assert (found[1] % 2 == 1).all()

    def test_it_fills_up_with_minus_one(self, system):
        found = system.recommend(sparse.csr_matrix((1, 32)), np.array([[-1]]), 40, NOW)
        assert sorted(found[0].tolist()) == [-1] * 8 + list(range(32))

    def test_it_takes_observed_events_into_the_next_slate(self, told):
        first = told.slate(777, [0], 5, NOW)
        told.observe(777, first[0], NOW)
        assert first[0] not in told.slate(777, [0], 5, NOW + 1)

    def test_it_counts_what_is_observed_at_once_and_trains_nothing(self, told):
        before = told.model
        for n in range(100):
            told.observe(1000 + n, 30, NOW + n)
        assert told.model is before
        assert told.slate(5000, [-1], 3, NOW + 100)[0] == 30


def some_newcomers(rho):
    """Return newcomers with 0 to 3 items known, of whose taste a role tells `rho`."""
    trial = newcomers(made_up(rho, people=300, items=ITEMS, roles=4))
    return replace(trial, questions=trial.questions[:4])


@pytest.fixture(scope="module", params=[True, False], ids=["with times", "without times"])
def gains(request):
    """Return nDCG@10 of ours and of popularity for 0, 1 and 3 items known, with roles told."""
    trial = some_newcomers(0.5)
    floor = answers(trial, RIVALS[FLOOR])
    mine = ours(trial, timed=request.param)
    return {
        asked.name: [measured(each[asked.name], asked, ITEMS).ndcg for each in (mine, floor)]
        for asked in trial.questions
    }


class TestNewcomers:
    """Somebody of whom little is known is never served worse than by popularity alone."""

    @pytest.mark.parametrize("known", ["cold-0", "cold-1", "cold-2", "cold-3"])
    def test_they_gain_by_their_role(self, gains, known):
        mine, floor = gains[known]
        assert mine > 1.05 * floor

    def test_a_role_that_tells_nothing_costs_them_nothing(self):
        trial = some_newcomers(0.0)
        asked = trial.questions[0]
        floor = measured(answers(trial, RIVALS[FLOOR])[asked.name], asked, ITEMS).ndcg
        assert measured(ours(trial, timed=False)[asked.name], asked, ITEMS).ndcg > 0.98 * floor


class TestTimes:
    def test_what_is_of_late_counts_for_nobody_who_does_not_say_when(self, system):
        nobody = sparse.csr_matrix((1, 32)), np.array([[-1]])
        before = system.recommend(*nobody, 32, NOW)
        later = system.recommend(*nobody, 32, NOW + 3e7)
        assert before.tolist() == later.tolist()

    def test_without_times_nothing_follows_anything(self):
        person, item = np.divmod(np.arange(80), 4)
        train = sparse.csr_matrix((np.ones(80, np.float32), (person, 1 + 4 * item)), (20, 32))
        made = factory(32, ["even"], None)
        made.fit(train, None, np.zeros((20, 1), np.int64), NOW)
        counts = made.model.counts
        for table in (counts.after, counts.before, counts.beside):
            assert not table.value.any()
        assert not counts.starts.any()

    def test_it_asks_somebody_whom_the_training_knew_right_after_their_last_item(self, system):
        person = max(system.histories, key=lambda one: len(system.histories[one]))
        events = system.histories[person]
        moved = [event._replace(at=event.at + NOW - events[-1].at) for event in events]
        asked = Context(person, (system.role_names[person % 2],), moved, NOW)
        expected = recommend(
            system.model, asked, system.eligible, system.facts, 5, live=system.live
        )
        items = [event.item for event in events]
        row = sparse.csr_matrix((np.ones(len(items)), ([0] * len(items), items)), (1, 32))
        found = system.recommend(row, np.array([[person % 2]]), 5, NOW)
        assert tuple(found[0].tolist()) == expected.items

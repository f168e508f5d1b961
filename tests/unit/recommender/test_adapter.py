"""The interface for measuring the recommender on other people's data."""

import numpy as np
import pytest
from scipy import sparse

from bench.adapter import factory

NOW = 1e8


@pytest.fixture
def system():
    """A system trained on people of two roles, who take even or odd items."""
    chance = np.random.default_rng(0)
    person, item = np.divmod(chance.choice(60 * 15, 500, replace=False), 15)
    times = sparse.csr_matrix((NOW - chance.random(500) * 1e7, (person, item * 2 + person % 2)))
    made = factory(32, ["even", "odd"], None)
    made.fit((times > 0).astype(np.float32), times, np.arange(60)[:, None] % 2, NOW)
    return made


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

    def test_it_takes_observed_events_into_the_next_slate(self, system):
        first = system.slate(777, [0], 5, NOW)
        system.observe(777, first[0], NOW)
        assert first[0] not in system.slate(777, [0], 5, NOW + 1)

    def test_it_counts_what_is_observed_at_once_and_trains_nothing(self, system):
        before = system.model
        for n in range(100):
            system.observe(1000 + n, 30, NOW + n)
        assert system.model is before
        assert system.slate(5000, [-1], 3, NOW + 100)[0] == 30

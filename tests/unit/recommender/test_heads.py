"""What is ranked once for many people is what would be ranked for each of them."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from recommender.heads import SPARE, Heads
from recommender.rules import shortlist
from recommender.scorers.als import FIRST_LOOK, Als, AlsConfig

SIZE = 3 * SPARE


def wall_of(barred, size=SIZE):
    wall = np.zeros(size, np.float32)
    wall[barred] = -np.inf
    return wall


class TestHeads:
    @given(st.integers(0, 2**32 - 1), st.integers(0, SIZE), st.integers(0, SIZE))
    def test_the_best_are_those_that_a_person_may_be_shown(self, seed, hidden, met):
        chance = np.random.default_rng(seed)
        values, order = chance.integers(0, 50, SIZE).astype(float), chance.permutation(SIZE)
        everybody = wall_of(chance.permutation(SIZE)[:hidden])
        own = everybody + wall_of(chance.permutation(SIZE)[:met])
        found = Heads().best("", None, lambda: values, (everybody, own), 20, order)
        assert found.tolist() == shortlist(values + own, 20, order).tolist()

    def test_a_ranking_is_worked_out_once_for_each_stamp(self):
        heads, walls, asked = Heads(), (wall_of([]), wall_of([3])), []

        def values():
            asked.append(len(asked))
            return np.arange(SIZE, dtype=float) * (-1) ** len(asked)

        order = np.arange(SIZE)
        best = [heads.best("a", stamp, values, walls, 3, order).tolist() for stamp in (1, 1, 2)]
        assert asked == [0, 1]
        assert best == [[0, 1, 2], [0, 1, 2], [SIZE - 1, SIZE - 2, SIZE - 3]]

    @given(st.integers(0, 2**32 - 1), st.integers(0, SIZE), st.lists(st.integers(1, 40)))
    def test_what_has_risen_is_all_that_is_ranked_again(self, seed, hidden, batches):
        chance = np.random.default_rng(seed)
        values, order = chance.integers(0, 50, SIZE).astype(float), chance.permutation(SIZE)
        everybody = wall_of(chance.permutation(SIZE)[:hidden])
        heads, risen = Heads(), []
        for stamp, count in enumerate([0, *batches]):
            risen.append(chance.integers(0, SIZE, count))
            np.add.at(values, risen[-1], 7.0)

            def since(before):
                return np.concatenate(risen[before + 1 :])

            walls = everybody, everybody
            found = heads.best("", stamp, values.copy, walls, 20, order, since)
            assert found.tolist() == shortlist(values + everybody, 20, order).tolist()

    def test_whoever_met_all_of_the_head_gets_what_comes_after_it(self):
        heads, order = Heads(), np.arange(SIZE)
        values = -order.astype(float)
        own = wall_of(np.arange(2 * SPARE))
        found = heads.best("a", None, lambda: values, (wall_of([]), own), 5, order)
        assert found.tolist() == list(range(2 * SPARE, 2 * SPARE + 5))


@given(st.integers(0, 2**32 - 1), st.sampled_from((0.0, 1.0, 3.0)), st.floats(0, 1))
def test_the_strongest_products_are_among_those_that_are_looked_at(seed, spread, barred):
    chance = np.random.default_rng(seed)
    size = FIRST_LOOK + 500
    factors = chance.standard_normal((size, 4)) * chance.lognormal(0, spread, size)[:, None]
    taste = Als.of(factors.astype(np.float32), AlsConfig())
    vector = chance.standard_normal(4).astype(np.float32)
    wall = np.where(chance.random(size) < barred, -np.inf, 0).astype(np.float32)
    at, found = taste.strongest(vector, wall, 30)
    allowed = int((wall == 0).sum())
    best = np.sort(taste.factors @ vector + wall)[::-1][: min(30, allowed)]
    assert np.allclose(np.sort(found + wall[at])[::-1][: best.size], best, rtol=1e-4)

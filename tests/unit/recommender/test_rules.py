"""The wall, the shortlist and diversity."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender import Context, Event
from recommender.data import DAY
from recommender.rules import (
    NEVER,
    RulesConfig,
    barred_ids,
    diversify,
    explored,
    shortlist,
    wall_off,
)


class TestWall:
    @pytest.mark.parametrize("verb", ["completed", "dismissed", "launched", "saved", "viewed"])
    def test_it_bars_whatever_the_person_has_met(self, verb):
        context = Context(1, (), [Event(1, 7, verb, 0.0)], 0.0, frozenset({8}))
        assert barred_ids(context, {9}) == {7, 8, 9}

    def test_it_leaves_the_others_their_scores(self):
        scores = np.array([1, 2, 3], np.float32)
        wall_off(scores, np.array([0, NEVER], np.float32), np.array([2]))
        assert scores.tolist() == [1, NEVER, NEVER]


class TestShortlist:
    @given(st.integers(0, 4000), st.integers(1, 60), st.integers(0, 10**6))
    def test_it_finds_the_best_as_sorting_all_would(self, size, keep, seed):
        chance = np.random.default_rng(seed)
        scores = chance.integers(0, 50, size).astype(np.float32)
        scores[chance.random(size) < chance.random()] = NEVER
        order = chance.permutation(size)
        allowed = np.flatnonzero(scores > NEVER)
        expected = allowed[np.lexsort((order[allowed], -scores[allowed]))][:keep]
        assert shortlist(scores, keep, order).tolist() == expected.tolist()

    def test_it_is_not_misled_when_the_best_stand_together(self):
        scores = np.zeros(10_000, np.float32)
        scores[500:560] = np.arange(60, 0, -1)
        assert shortlist(scores, 60, np.arange(10_000)).tolist() == list(range(500, 560))


class TestDiversify:
    def test_it_keeps_the_order_when_nothing_is_alike(self):
        assert diversify(np.array([3, 2, 1], np.float32), np.eye(3, dtype="f4"), 3, 0.9) == [
            0,
            1,
            2,
        ]

    def test_it_moves_a_double_behind_something_else_of_nearly_the_same_worth(self):
        scores = np.array([3.0, 2.9, 2.8, 0.0], np.float32)
        vectors = np.array([[1, 0], [1, 0], [0, 1], [1, 1]], np.float32)
        assert diversify(scores, vectors, 3, 0.9) == [0, 2, 1]

    def test_it_picks_each_once_and_no_more_than_there_are(self):
        scores = np.array([2, 1], np.float32)
        assert sorted(diversify(scores, np.ones((2, 2), np.float32), 9, 0.5)) == [0, 1]


class TestExploration:
    BEST = np.arange(60)

    def drawn(self, person, day=0, **changes):
        config = RulesConfig(**({"explore": 1.0} | changes))
        context = Context(person, (), (), day * DAY + 5.0)
        return explored(np.arange(20), self.BEST, context, config)

    def test_it_gives_one_late_place_to_one_of_the_best(self):
        for person in range(200):
            found = self.drawn(person)
            changed = np.flatnonzero(found.picks != np.arange(20))
            assert set(changed) <= {found.place} == {18}
            assert found.picks[18] in {18, *range(20, 50)}
            assert len(set(found.picks.tolist())) == 20

    def test_it_draws_the_same_on_the_same_day_and_others_on_others(self):
        draws = [self.drawn(7, day).picks[18] for day in range(30)]
        assert draws == [self.drawn(7, day).picks[18] for day in range(30)]
        assert len(set(draws)) > 5

    def test_its_propensity_is_the_chance_of_the_draw(self):
        found = self.drawn(3, explore=0.5)
        counts = [self.drawn(person, explore=0.5).place >= 0 for person in range(2000)]
        assert np.mean(counts) == pytest.approx(0.5, abs=0.05)
        assert found.propensity in (None, pytest.approx(0.5 / 31))

    def test_it_leaves_short_slates_and_share_nothing_alone(self):
        assert self.drawn(3, explore=0.0).place == -1
        context = Context(1, (), (), 0.0)
        assert explored(np.arange(2), self.BEST, context, RulesConfig(explore=1.0)).place == -1

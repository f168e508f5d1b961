"""The wall, the shortlist and diversity."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender import Context, Event, ItemFacts
from recommender.data import DAY
from recommender.rules import (
    NEVER,
    RulesConfig,
    barred_ids,
    diversify,
    explored,
    shortlist,
    traits,
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


class TestTraits:
    def test_kinds_and_skills_make_items_alike_beside_taste(self):
        facts = [
            ItemFacts(0, ("sql",), kind="video"),
            ItemFacts(1, ("sql",), kind="course"),
            ItemFacts(2, ("r",), kind="video"),
            ItemFacts(3, ("r",), kind="course"),
        ]
        taste = np.eye(4, dtype=np.float32)
        found = traits(taste, facts, RulesConfig(taste=0.5, kind=0.2, skills=0.3))
        assert (found @ found.T)[0] == pytest.approx([1.0, 0.3, 0.2, 0.0], abs=1e-6)

    def test_what_has_neither_is_like_nothing(self):
        facts = [ItemFacts(0), ItemFacts(1)]
        found = traits(np.zeros((2, 3), np.float32), facts, RulesConfig())
        assert not (found @ found.T).any()

    def test_of_equals_another_kind_comes_next(self):
        facts = [ItemFacts(n, ("sql",), kind=kind) for n, kind in enumerate("aaba")]
        scores = np.array([1.0, 0.99, 0.98, 0.0], np.float32)
        alike = traits(np.ones((4, 2), np.float32), facts, RulesConfig())
        assert diversify(scores, alike, 2, 0.5) == [0, 2]


class TestExploration:
    BEST = np.arange(60)

    def drawn(self, person, day=0, picks=20, **changes):
        config = RulesConfig(**({"explore": 1.0} | changes))
        context = Context(person, (), (), day * DAY + 5.0)
        return explored(np.arange(picks), self.BEST, context, config)

    def test_it_gives_one_place_to_one_of_the_best_below_it(self):
        for person in range(200):
            found = self.drawn(person)
            item = found.picks[3]
            assert found.place == 3
            assert 3 <= item < 53
            others = [one for one in range(20) if one != item]
            assert np.delete(found.picks, 3).tolist() == others[:19]

    @pytest.mark.parametrize("picks", [4, 20, 60])
    def test_it_draws_however_long_the_slate_is(self, picks):
        drawn = {int(self.drawn(person, picks=picks).picks[3]) for person in range(300)}
        assert len(drawn) > 40

    def test_it_draws_the_same_on_the_same_day_and_others_on_others(self):
        draws = [self.drawn(7, day).picks[3] for day in range(30)]
        assert draws == [self.drawn(7, day).picks[3] for day in range(30)]
        assert len(set(draws)) > 5

    def test_its_propensity_is_the_chance_of_the_draw(self):
        found = [self.drawn(person, explore=0.5) for person in range(2000)]
        assert np.mean([each.place >= 0 for each in found]) == pytest.approx(0.5, abs=0.05)
        assert {each.propensity for each in found} == {None, 0.5 / 50}

    def test_it_leaves_short_slates_and_share_nothing_alone(self):
        assert self.drawn(3, explore=0.0).place == -1
        assert self.drawn(3, picks=3).place == -1

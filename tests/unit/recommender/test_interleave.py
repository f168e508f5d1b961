"""Two rankings on one slate are treated alike, and what people take tells which is better."""

import math
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.data import Reason, ReasonCode, Recommendation, Slate
from recommender.interleave import (
    Impression,
    interleaved,
    outcome,
    radius,
    seed_of,
    team_draft,
)

RANKINGS = st.lists(st.integers(1, 30), unique=True, max_size=15)
SEEDS = st.integers(0, 2**32)
LIMITS = st.integers(0, 20)
LOOKED_AT = np.array([1.0, 0.8, 0.6, 0.5, 0.4, 0.3])


def slate(*items, score=1.0):
    reason = Reason(ReasonCode.NEW)
    return Slate(tuple(Recommendation(item, score, reason, {}) for item in items))


@given(RANKINGS, RANKINGS, LIMITS, SEEDS)
def test_a_drafted_list_holds_each_item_once_and_only_those_of_its_side(a, b, limit, seed):
    drafted = team_draft(a, b, limit, seed)
    items = [item for item, _team in drafted]
    assert len(items) == len(set(items)) == min(limit, len({*a, *b}))
    for item, team in drafted:
        assert item in {"a": a, "b": b}.get(team, [*a, *b])


@given(RANKINGS, RANKINGS, LIMITS, SEEDS)
def test_the_sides_pick_in_turn(a, b, limit, seed):
    drafted = team_draft(a, b, limit, seed)
    for length in range(len(drafted) + 1):
        picked = Counter(team for _item, team in drafted[:length])
        assert abs(picked["a"] - picked["b"]) <= 1


@given(RANKINGS, RANKINGS, LIMITS, SEEDS)
def test_each_side_picks_the_best_that_is_left_to_it(a, b, limit, seed):
    chosen = set()
    for item, team in team_draft(a, b, limit, seed):
        best = [next((x for x in r if x not in chosen), None) for r in (a, b)]
        assert item == best[team == "b"] if team else item in best
        chosen.add(item)


@given(RANKINGS, RANKINGS, LIMITS, SEEDS)
def test_the_same_seed_gives_the_same_slate(a, b, limit, seed):
    assert team_draft(a, b, limit, seed) == team_draft(a, b, limit, seed)


@given(RANKINGS, SEEDS)
def test_what_both_sides_would_pick_belongs_to_neither(a, seed):
    assert [tuple(each) for each in team_draft(a, a, 20, seed)] == [(item, "") for item in a]


def test_the_first_pick_falls_to_each_side_as_often():
    firsts = Counter(team_draft([1, 2], [3, 4], 1, seed)[0].team for seed in range(1000))
    assert abs(firsts["a"] - 500) < 60


def test_a_seed_is_of_one_person_day_and_experiment():
    assert seed_of(1, 2, 3) == seed_of(1, 2, 3)
    seeds = {seed_of(e, p, d) for e in range(8) for p in range(8) for d in range(8)}
    assert len(seeds) == 8**3


def test_a_recommendation_stays_as_its_side_made_it():
    mixed = interleaved(slate(1, 2, 3, score=0.1), slate(1, 9, 2, score=0.9), 4, seed=5)
    told = {each.item: (each.team, each.score) for each in mixed.recommendations}
    assert told[1] == ("", 0.1)
    assert set(told) == {1, 2, 3, 9}
    assert told[9] == ("b", 0.9)
    assert told[2] in {("a", 0.1), ("b", 0.9)}


def test_people_have_one_voice_however_much_they_take():
    busy = [Impression(1, 0, 1)] * 50
    found = outcome([*busy, Impression(2, 1, 0), Impression(3, 2, 0), Impression(4, 1, 1)])
    assert (found.wins_a, found.wins_b, found.ties) == (2, 1, 1)
    assert found.preference == pytest.approx(1 / 3)


def test_without_takes_nothing_is_known():
    for nothing in ([], [Impression(1, 0, 0)]):
        found = outcome(nothing)
        assert (found.preference, found.low, found.high, found.p) == (0.5, 0.0, 1.0, 1.0)


def test_the_bounds_leave_a_half_out_exactly_where_p_is_small():
    for wins in range(101):
        found = outcome(Impression(n, int(n >= wins), int(n < wins)) for n in range(100))
        assert (found.p < 0.05) == (not found.low <= 0.5 <= found.high)


def test_the_bounds_are_those_of_the_paper():
    spread, prior = 25.0, 25 / (-2 * math.log(0.05) + math.log(1 - 2 * math.log(0.05)))
    wanted = math.sqrt((spread + prior) * math.log((spread + prior) / (prior * 0.05**2))) / 100
    assert radius(100) == pytest.approx(wanted)
    assert radius(400) < radius(100) / 1.7


def experiment(noise_a, noise_b, seed, people=50, days=10):
    """Return the outcome after each day of a simulated experiment in which tastes are known.

    The rankers see tastes through noise; people look at less the further down it stands.
    """
    chance = np.random.default_rng(seed)
    taste = chance.normal(size=(people, 20))
    told, outcomes = [], []
    for day in range(days):
        a = np.argsort(-taste - noise_a * chance.normal(size=taste.shape))
        b = np.argsort(-taste - noise_b * chance.normal(size=taste.shape))
        lucky = chance.random((people, LOOKED_AT.size))
        for person in range(people):
            slate = team_draft(a[person].tolist(), b[person].tolist(), 6, seed_of(1, person, day))
            likes = 1 / (1 + np.exp(1 - 2 * taste[person, [item for item, _team in slate]]))
            taken = lucky[person] < 0.5 * LOOKED_AT * likes
            teams = [team for (_item, team), took in zip(slate, taken, strict=True) if took]
            told.append(Impression(person, teams.count("a"), teams.count("b")))
        outcomes.append(outcome(told))
    return outcomes


def test_a_truly_better_ranker_wins():
    last = experiment(noise_a=1.5, noise_b=0.2, seed=1, people=150)[-1]
    assert last.low > 0.5
    assert last.p < 0.01
    mirrored = experiment(noise_a=0.2, noise_b=1.5, seed=1, people=150)[-1]
    assert mirrored.high < 0.5


def test_two_rankers_alike_stay_within_the_bounds_on_every_day():
    outside = sum(
        any(not each.low <= 0.5 <= each.high for each in experiment(0.7, 0.7, seed))
        for seed in range(20)
    )
    assert outside <= 1


def test_looking_every_day_finds_no_difference_where_there_is_none():
    chance = np.random.default_rng(3)
    gains = chance.poisson(0.4, (2, 1000, 80, 40)).cumsum(axis=-1)
    ahead = np.sign(gains[1] - gains[0])
    wins, voices = (ahead > 0).sum(axis=1), np.abs(ahead).sum(axis=1)
    apart = np.array([math.inf, *(radius(n) for n in range(1, 81))])
    outside = np.abs(wins / np.maximum(voices, 1) - 0.5) > apart[voices]
    assert outside.any(axis=1).mean() < 0.05
    fixed = np.abs(wins / np.maximum(voices, 1) - 0.5) > 0.98 / np.sqrt(np.maximum(voices, 1))
    assert fixed.any(axis=1).mean() > 0.1

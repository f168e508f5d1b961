"""The table of boosts and the orders that follow from it."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search import rank
from search.document import Boosts
from search.rank import Candidate, Signals
from tests.unit.search.samples import document

TODAY = date(2026, 6, 1)


def order(candidates, signals, boosts=None):
    """Rank and list ids."""
    return [found.id for _, found in rank.rank(candidates, signals, boosts or Boosts())]


def candidate(number, score=1.0, quality=0.0, published=0):
    """Make a candidate that nothing lifts."""
    return Candidate(number, score, quality, published)


class TestRank:
    def test_it_puts_all_words_first_whatever_the_boosts(self):
        signals = Signals(all_words={2}, pinned={1}, title={1}, role={1})
        assert order([candidate(1, 9.0), candidate(2, 1.0)], signals) == [2, 1]

    def test_it_orders_equals_by_id(self):
        assert order([candidate(3), candidate(1), candidate(2)], Signals()) == [1, 2, 3]

    @pytest.mark.parametrize("signal", ["title", "pinned", "role", "language"])
    def test_it_lifts_what_carries_a_signal(self, signal):
        assert order([candidate(1), candidate(2)], Signals(**{signal: {2}})) == [2, 1]

    def test_it_lifts_quality(self):
        assert order([candidate(1), candidate(2, quality=1.0)], Signals()) == [2, 1]

    def test_it_lifts_what_is_fresh(self):
        new = candidate(2, published=TODAY.toordinal())
        assert order([candidate(1), new], Signals(), Boosts(now=TODAY)) == [2, 1]

    def test_it_never_lets_a_boost_outdo_a_much_better_match(self):
        signals = Signals(title={1}, pinned={1}, role={1})
        assert order([candidate(1, 1.0, quality=1.0), candidate(2, 2.0)], signals) == [2, 1]

    @given(st.floats(0.1, 100), st.floats(0, 1), st.integers(0, 800_000))
    def test_it_bounds_all_boosts_together(self, score, quality, published):
        lifted = Candidate(1, score, quality, published)
        signals = Signals(title={1}, pinned={1}, role={1}, language={1})
        ((found, _),) = rank.rank([lifted], signals, Boosts(now=TODAY))
        assert score - 0.001 <= found <= score * (1 + rank.MOST) + 0.001


class TestExplain:
    def test_it_names_what_lifted_a_hit(self):
        lifted = Candidate(1, 1.0, 0.9, TODAY.toordinal())
        signals = Signals(all_words={1}, role={1})
        hit = rank.explain(1.0, lifted, signals, Boosts(now=TODAY))
        assert hit.boosts == ("all-words", "role", "quality", "fresh")

    def test_it_names_nothing_that_did_not_count(self):
        assert rank.explain(1.0, candidate(1), Signals(), Boosts(now=TODAY)).boosts == ()


class TestFreshness:
    def test_it_halves_with_every_half_life(self):
        then = TODAY - timedelta(days=rank.HALF_LIFE_DAYS)
        assert rank.freshness(then.toordinal(), TODAY) == pytest.approx(0.5)

    def test_it_is_nothing_for_unknown_dates(self):
        assert rank.freshness(0, TODAY) == 0.0

    def test_it_takes_the_future_for_today(self):
        assert rank.freshness(TODAY.toordinal() + 9, TODAY) == 1.0


class TestKeys:
    def test_it_browses_by_quality_then_date_then_id(self):
        best = document(9, quality=0.9, published=None)
        new = document(8, quality=0.5, published=TODAY)
        old = document(2, quality=0.5, published=date(2020, 1, 1))
        same = document(7, quality=0.5, published=date(2020, 1, 1))
        keys = [rank.browse_key(one) for one in (best, new, old, same)]
        assert keys == sorted(keys, reverse=True)

    def test_it_puts_unknown_lengths_last(self):
        assert rank.shortest_key(document(1, minutes=None)) > rank.shortest_key(
            document(2, minutes=9000)
        )

    def test_it_puts_unknown_dates_last(self):
        assert rank.newest_key(document(1, published=None)) < rank.newest_key(
            document(2, published=date(1990, 1, 1))
        )

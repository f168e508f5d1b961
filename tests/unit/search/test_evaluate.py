"""The figures, on runs whose figures are known."""

import math

import pytest

from search.evaluate import evaluate, ndcg, reciprocal_rank


class TestNdcg:
    def test_it_is_one_for_the_best_order(self):
        assert ndcg(["a", "b"], {"a": 2.0, "b": 1.0}) == pytest.approx(1.0)

    def test_it_discounts_by_rank(self):
        assert ndcg(["x", "a"], {"a": 1.0}) == pytest.approx(1 / math.log2(3))

    def test_it_is_zero_when_nothing_is_relevant(self):
        assert ndcg(["a"], {"a": 0.0}) == 0.0

    def test_it_looks_no_deeper_than_told(self):
        assert ndcg(["x", "y", "a"], {"a": 1.0}, depth=2) == 0.0


class TestReciprocalRank:
    def test_it_is_one_over_the_first_relevant_rank(self):
        assert reciprocal_rank(["x", "a", "b"], {"a": 1.0, "b": 1.0}) == 0.5

    def test_it_is_zero_when_nothing_is_found(self):
        assert reciprocal_rank([], {"a": 1.0}) == 0.0


class TestEvaluate:
    def test_it_averages_over_queries(self):
        runs = {"good": ["a"], "bad": ["x"], "none": []}
        figures = evaluate(runs.__getitem__, {query: {"a": 1.0} for query in runs})
        assert figures.queries == 3
        assert figures.mrr == figures.hit_rate == figures.zero_results == pytest.approx(1 / 3)

    def test_it_needs_something_to_judge(self):
        with pytest.raises(ValueError, match="no judged queries"):
            evaluate(lambda _: [], {})

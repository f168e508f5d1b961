"""Measuring on what came after, tuning on it, and training with both."""

import numpy as np
import pytest

from recommender import Context, Dataset, Event, Settings, evaluate, train
from recommender.blend import PARTS, BlendConfig, blend, weights
from recommender.data import DAY
from recommender.evaluate import (
    IN_ROLE,
    OURS,
    POPULARITY,
    Report,
    hit,
    ndcg,
    recall,
)
from recommender.planted import planted
from recommender.replay import Query, moments, split
from tests.unit.recommender.worlds import NOW, world


@pytest.fixture(scope="module")
def report(roles_matter):
    return evaluate(roles_matter.dataset)


class TestFigures:
    def test_it_is_perfect_when_all_relevant_come_first(self):
        assert ndcg([1, 2, 3], frozenset({1, 2})) == pytest.approx(1)
        assert recall([1, 2, 3], frozenset({1, 2})) == 1
        assert hit([1, 2, 3], frozenset({1, 2})) == 1

    def test_it_discounts_by_place(self):
        assert ndcg([9, 1], frozenset({1})) == pytest.approx(1 / np.log2(3))

    def test_it_is_nothing_when_nothing_was_found(self):
        found = [figure([4, 5], frozenset({1})) for figure in (ndcg, recall, hit)]
        assert found == [0, 0, 0]


class TestSplit:
    def test_it_parts_past_and_future_without_overlap(self):
        dataset = world(3)
        past, future = split(dataset, Settings())
        assert past.events.at.max() <= past.now < future.at.min()

    def test_it_asks_about_what_was_new_to_the_person(self):
        past, future = split(world(3), Settings())
        for query in moments(past, future, Settings(), 100, seed=0):
            assert query.relevant.isdisjoint({event.item for event in query.context.history})
            assert all(event.at <= query.context.now for event in query.context.history)

    def test_it_forgets_all_but_the_latest(self):
        history = tuple(Event(1, item, "viewed", item) for item in range(5))
        query = Query(Context(1, (), history, 9.0), frozenset({7}))
        assert [event.item for event in query.forgetful(2).context.history] == [3, 4]
        assert query.forgetful(9) == query


class TestReport:
    def test_it_beats_popularity_where_roles_matter(self, report):
        assert report.row(POPULARITY).margin_low > 0
        assert report.row(IN_ROLE).margin_high > -0.01

    def test_it_is_never_clearly_below_popularity_for_newcomers(self, report):
        for bucket in ("0", "1-3"):
            row = report.row(POPULARITY, bucket)
            assert row is None or row.margin_high >= 0

    def test_it_loses_nothing_where_roles_do_not_matter(self):
        report = evaluate(planted(0.0, people=500, items=150, roles=5).dataset)
        assert report.row(POPULARITY).margin_high > 0

    def test_it_counts_every_person_in_one_bucket(self, report):
        people = [row.people for row in report.rows if row.ranker == OURS and row.bucket != "all"]
        assert sum(people) == report.row(OURS).people

    def test_it_can_be_read_and_stored(self, report):
        assert "popularity in role" in str(report)
        assert Report.from_json(report.to_json()) == report

    def test_it_is_the_same_for_the_same_seed(self, roles_matter, report):
        assert evaluate(roles_matter.dataset) == report

    def test_it_measures_nothing_on_too_little(self):
        few = Dataset([Event(1, 2, "viewed", NOW)], {}, (), NOW)
        assert evaluate(few).rows == ()
        assert evaluate(Dataset((), {}, (), NOW)).rows == ()


class TestTrain:
    def test_it_leaves_a_model_that_knows_its_figures(self, roles_matter):
        stages = []
        model = train(roles_matter.dataset, progress=lambda stage, share: stages.append(stage))
        assert Report.from_json(model.metrics).row(OURS) is not None
        assert model.trained_at == roles_matter.dataset.now
        assert {"evaluation", "taste", "near", "content"} <= set(stages)

    def test_it_gives_the_same_model_twice(self, portal):
        first, second = train(portal), train(portal)
        assert first.settings == second.settings
        assert np.array_equal(first.scorers.taste.factors, second.scorers.taste.factors)

    def test_it_trusts_the_role_where_it_matters(self):
        learnt = {rho: train(planted(rho, 500, 150, 5).dataset) for rho in (0.0, 0.8)}
        shares = {rho: model.settings.blend.role[1] for rho, model in learnt.items()}
        assert shares[0.8] > shares[0.0]

    def test_it_keeps_the_given_blend_where_there_is_little_to_learn_from(self):
        few = Dataset([Event(p, p % 3, "viewed", NOW - p * DAY) for p in range(9)], {}, (), NOW)
        assert train(few).settings.blend == BlendConfig()


class TestBlend:
    def test_it_listens_to_nothing_but_popularity_before_there_is_history(self):
        first = weights(BlendConfig(), 0)
        assert {part for part in PARTS if first[part]} == {"role"}

    def test_it_trusts_taste_more_the_more_is_known(self):
        trust = [weights(BlendConfig(), evidence)["taste"] for evidence in range(30)]
        assert trust == sorted(trust)
        assert trust[29] > trust[1]

    def test_it_sums_the_weighted_parts(self):
        out = np.full(2, 9, np.float32)
        parts = np.array([[1, 2], [4, 4]], np.float32)
        blend(parts, np.array([1, 0.5], np.float32), out)
        assert out.tolist() == [3, 4]

"""Measuring on what came after, tuning on it, and training with both."""

import json
from dataclasses import replace

import numpy as np
import pytest

from recommender import Context, Dataset, Event, ItemFacts, Settings, evaluate, train
from recommender.blend import BlendConfig
from recommender.data import DAY
from recommender.evaluate import measure
from recommender.figures import Bootstrap, Likeness, hit, ndcg, novelty, recall
from recommender.log import EventLog
from recommender.model import fit
from recommender.planted import planted
from recommender.replay import LEAD, Query, Replay, replayed, split
from recommender.report import IN_ROLE, OURS, POPULARITY, ROLE, Report
from recommender.settings import EvaluationConfig
from tests.unit.recommender.worlds import NOW, world

QUICK = EvaluationConfig(most_people=150, most_moments=1, most_tuned_on=150, resamples=400)


def quick(**changes):
    """Settings with which an evaluation looks at few moments."""
    return Settings(evaluation=replace(QUICK, **changes))


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

    def test_what_everybody_knows_is_no_news_and_what_nobody_knows_is_most(self):
        assert novelty([1, 1], {1: 1.0}, 0.01) == 0
        assert novelty([1, 2], {1: 0.5}, 0.25) == pytest.approx(1.5)

    def test_a_list_is_as_diverse_as_its_items_are_unlike(self):
        alike = Likeness.of(
            [
                ItemFacts(1, ("pumps",), kind="course"),
                ItemFacts(2, ("pumps",), kind="course"),
                ItemFacts(3, ("valves",), kind="video"),
                ItemFacts(4, ("pumps",), kind="video"),
                ItemFacts(5),
                ItemFacts(6),
            ]
        )
        assert alike.diversity([1, 2]) == 0
        assert alike.diversity([1, 3]) == 1
        assert alike.diversity([1, 4]) == pytest.approx(2 / 3)
        assert alike.diversity([5, 6]) == 1
        assert alike.diversity([5]) == 0

    def test_the_interval_holds_the_truth_about_as_often_as_it_says(self):
        chance = np.random.default_rng(3)
        held = 0
        for seed in range(100):
            figure = Bootstrap.of(60, 200, seed).figure(chance.normal(5.0, 1.0, 60))
            held += figure.low <= 5.0 <= figure.high
        assert 88 <= held <= 99


class TestSplit:
    def test_it_parts_past_and_future_without_overlap(self):
        dataset = world(3)
        past, future = split(dataset, Settings())
        assert past.events.at.max() <= past.now < future.at.min()

    def test_every_moment_is_just_before_something_new_was_taken_up(self):
        past, future = split(world(3), Settings())
        rows = future.rows()
        queries = replayed(past, future, Settings(), seed=0).queries
        assert queries
        for query in queries:
            met = {event.item for event in query.context.history}
            (item,) = query.relevant
            assert item not in met
            assert any(
                (row.person, row.item, row.at) == (query.context.person, item, query.context.now)
                for row in rows
            )
            assert all(event.at <= query.context.now for event in query.context.history)

    def test_the_history_of_a_moment_is_live(self):
        past, future = split(world(3), Settings())
        after_the_cut = [
            event
            for query in replayed(past, future, Settings(), seed=0).queries
            for event in query.context.history
            if event.at > past.now
        ]
        assert after_the_cut

    def test_it_draws_no_more_people_and_moments_than_are_paid_for(self):
        settings = Settings(evaluation=EvaluationConfig(most_people=10, most_moments=2))
        queries = replayed(*split(world(3), settings), settings, seed=0).queries
        people = [query.context.person for query in queries]
        assert len(set(people)) <= 10
        assert max(people.count(person) for person in set(people)) == 2

    def test_moments_come_in_the_order_of_time(self):
        queries = replayed(*split(world(3), Settings()), Settings(), seed=0).queries
        times = [query.context.now for query in queries]
        assert times == sorted(times)

    def test_it_looks_at_no_more_events_than_are_paid_for(self):
        settings = Settings(evaluation=EvaluationConfig(most_replayed=20))
        past, future = split(world(3), settings)
        replay = replayed(past, future, settings, seed=0)
        first = sorted(future.at.tolist())[:20]
        assert [event.at for event in replay.events] == first
        assert max(query.context.now for query in replay.queries) <= first[-1]

    def test_what_others_do_is_told_before_the_moment_that_follows_it(self):
        replay = replayed(*split(world(3), Settings()), Settings(), seed=0)
        told = []
        for news, query in replay.steps():
            told += news
            assert all(event.at < query.context.now for event in told)
            wanted = [event for event in replay.events if event.at < query.context.now]
            assert told == wanted

    def test_it_leads_up_with_what_people_did_last(self):
        past, future = split(world(3), Settings())
        lead = replayed(past, future, Settings(), seed=0).lead.rows()
        person = lead[0].person
        known = [event.at for event in past.events.rows() if event.person == person]
        assert [each.at for each in lead if each.person == person] == sorted(known)[-LEAD:]


class TestReport:
    def test_it_beats_popularity_where_roles_matter(self, report):
        assert report.row(POPULARITY).margin.low > 0
        assert report.row(IN_ROLE).margin.high > -0.01

    def test_it_is_never_clearly_below_popularity_for_newcomers(self, report):
        for bucket in ("0", "1-3"):
            row = report.row(POPULARITY, bucket)
            assert row is None or row.margin.high >= 0

    def test_it_loses_nothing_where_roles_do_not_matter(self):
        report = evaluate(planted(0.0, people=300, items=100, roles=5).dataset, quick())
        assert report.row(POPULARITY).margin.high > 0

    def test_every_moment_is_in_one_bucket_of_history(self, report):
        moments = [row.moments for row in report.of(OURS) if row.group in {"0", "1-3", "4+"}]
        assert sum(moments) == report.row(OURS).moments

    def test_it_tells_roles_apart_but_none_of_fewer_than_five_people(self, report):
        roles = [row for row in report.of(OURS) if row.group.startswith(ROLE)]
        assert len(roles) == 5
        lonely = planted(0.8, people=120, items=60, roles=60).dataset
        for row in evaluate(lonely, quick(fewest_people=5)).rows:
            assert row.people >= 5

    def test_figures_lie_within_their_bounds(self, report):
        for row in report.rows:
            for figure in (row.ndcg, row.recall, row.hit_rate, row.diversity, row.margin):
                assert figure.low - 1e-9 <= figure.value <= figure.high + 1e-9
            assert 0 < row.coverage <= 1
            assert 0 < row.first <= 1

    def test_popularity_shows_less_of_the_catalogue_and_what_everybody_knows(self, report):
        ours, popular = report.row(OURS), report.row(POPULARITY)
        assert ours.coverage > popular.coverage
        assert ours.novelty.value > popular.novelty.value
        assert ours.first < popular.first

    def test_it_can_be_read_and_stored(self, report):
        assert "popularity in role" in str(report)
        assert Report.from_json(json.loads(json.dumps(report.to_json()))) == report

    def test_what_was_measured_in_a_former_way_counts_as_not_measured(self):
        assert Report.from_json({"cut": 3.0, "rows": [{"ranker": OURS}]}) == Report(3.0, ())

    def test_it_is_the_same_for_the_same_seed(self, portal):
        assert evaluate(portal, quick()) == evaluate(portal, quick())

    @pytest.mark.parametrize(("seed", "cut"), [(1, 0.8), (2, 0.65)])
    def test_other_seeds_and_cuts_come_to_the_same_end(self, roles_matter, seed, cut):
        settings = quick(train_share=cut)
        assert evaluate(roles_matter.dataset, settings, seed).row(POPULARITY).margin.low > 0

    def test_it_measures_nothing_on_too_little(self):
        few = Dataset([Event(1, 2, "viewed", NOW)], {}, (), NOW)
        assert evaluate(few).rows == ()
        assert evaluate(Dataset((), {}, (), NOW)).rows == ()

    def test_nobody_is_shown_what_was_not_published_yet(self):
        facts = [ItemFacts(n, published=NOW if n == 9 else 0.0) for n in range(10)]
        rows = [Event(p, i, "viewed", NOW - 50 + p) for p in range(8) for i in range(3)]
        past = Dataset(rows, {}, facts, NOW - 20)
        early = Query(Context(1, (), (), NOW - 10), frozenset({3}))
        late = Query(Context(2, (), (), NOW + 1), frozenset({3}))
        queries = [replace(early, context=replace(early.context, person=n)) for n in range(6)]
        alone = measure(fit(past), past, Replay(EventLog.of([]), [], queries), 0).row(OURS)
        both = measure(fit(past), past, Replay(EventLog.of([]), [], [*queries, late]), 0).row(OURS)
        assert alone.coverage == pytest.approx(0.9)
        assert both.coverage == pytest.approx(1.0)


class TestTrain:
    def test_it_leaves_a_model_that_knows_its_figures(self, roles_matter):
        stages = []
        tell = lambda stage, share: stages.append(stage)  # noqa: E731
        model = train(roles_matter.dataset, quick(), progress=tell)
        assert Report.from_json(model.metrics).row(OURS) is not None
        assert model.trained_at == roles_matter.dataset.now
        assert {"rehearsal", "evaluation", "weights", "taste", "near", "content"} <= set(stages)

    def test_it_gives_the_same_model_twice(self, portal):
        first, second = train(portal), train(portal)
        assert first.settings == second.settings
        assert np.array_equal(first.scorers.taste.factors, second.scorers.taste.factors)

    def test_it_trusts_the_role_where_it_matters(self):
        learnt = {rho: train(planted(rho, 300, 100, 5).dataset) for rho in (0.0, 0.8)}
        shares = {rho: model.settings.blend.of_part("role")[0, 1] for rho, model in learnt.items()}
        assert shares[0.8] > shares[0.0]

    def test_it_keeps_the_given_blend_where_there_is_little_to_learn_from(self):
        few = Dataset([Event(p, p % 3, "viewed", NOW - p * DAY) for p in range(9)], {}, (), NOW)
        assert train(few).settings.blend == BlendConfig()

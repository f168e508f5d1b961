"""What happens after the training counts at once, and exactly as a recount would count it."""

import threading

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recommender import Context, Dataset, Event, ItemFacts, recommend
from recommender.counts import SUMS, grown
from recommender.data import DAY
from recommender.live import Live
from recommender.model import fit
from recommender.pipeline import sight_of
from tests.unit.recommender.worlds import NOW, person_of

ITEMS = tuple(ItemFacts(item, (f"skill-{item % 3}",)) for item in range(1, 13))
FACTS = {each.item: each for each in ITEMS}
ROLES = {person: (f"role-{person % 2}",) for person in range(8)}


@st.composite
def activity(draw):
    """Draw some weeks of activity with a cut in them; no two moments are the same."""
    count = draw(st.integers(2, 14))
    verbs = st.sampled_from(["viewed", "launched", "completed", "liked"])
    rows = [
        Event(draw(st.integers(0, 7)), draw(st.integers(1, 12)), draw(verbs), NOW + n * 5000.0)
        for n in range(count)
    ]
    return rows, draw(st.integers(0, count))


def halves(rows, cut):
    """A model of the first rows with the others told live, and a model of all of them."""
    since = rows[cut - 1].at if cut else NOW - DAY
    early = fit(Dataset(rows[:cut], ROLES, ITEMS, since))
    live = Live(early)
    live.observe(rows, ROLES)
    return live, fit(Dataset(rows, ROLES, ITEMS, rows[-1].at))


class TestLive:
    @settings(max_examples=20, deadline=None)
    @given(activity())
    def test_it_equals_a_recount_from_scratch(self, drawn):
        live, whole = halves(*drawn)
        context = Context(3, ROLES[3], [e for e in drawn[0] if e.person == 3], drawn[0][-1].at)
        one = sight_of(live.model, context, FACTS, FACTS, live)
        two = sight_of(whole, context, FACTS, FACTS, None)
        everything = np.arange(len(ITEMS))
        assert one.counted(everything) == pytest.approx(two.counted(everything), rel=1e-3, abs=1e-5)
        for name in ("next", "next_last", "steps", "pairs", "pairs_long"):
            found, expected = (getattr(each, name).along(everything) for each in (one, two))
            assert found == pytest.approx(expected, rel=1e-3, abs=1e-5)

    def test_what_was_told_before_changes_nothing(self, model, portal):
        rows = [Event(person, 101 + person, "launched", NOW + person) for person in range(9)]
        once, twice = Live(model), Live(model)
        once.observe(rows)
        twice.observe(rows)
        twice.observe(rows)
        assert all(np.array_equal(once.sums(name), twice.sums(name)) for name in SUMS)

    def test_nothing_follows_what_happened_at_the_same_instant(self):
        rows = [Event(1, item, "launched", NOW) for item in (1, 2)]
        rows += [Event(1, 3, "launched", NOW + 60)]
        live, whole = halves(rows, 0)
        for told in (live, Live(whole)):
            assert told.rows("after", np.array([0])).column.tolist() == [2]
            assert sorted(told.rows("beside", np.array([0])).column.tolist()) == [1, 2]

    def test_events_before_the_training_only_tell_where_people_stand(self, model):
        live = Live(model)
        live.observe([Event(1, 101, "launched", NOW - DAY)])
        assert live.total("weight") == pytest.approx(model.counts.weight.sum())
        live.observe([Event(1, 102, "launched", NOW + 1)])
        first, second = np.searchsorted(model.items, [101, 102])
        cells = live.rows("after", np.array([first]))
        assert cells.value[cells.column == second].sum() >= 1

    def test_a_dislike_counts_for_nobody_else(self, model):
        live = Live(model)
        live.observe([Event(1, 101, "dismissed", NOW + 1), Event(1, 102, "rated", NOW + 2, 1.0)])
        assert live.total("weight") == pytest.approx(model.counts.weight.sum())

    def test_it_counts_items_that_the_model_does_not_know(self, model, facts):
        newer = facts | {700: ItemFacts(700), 701: ItemFacts(701)}
        live = Live(model)
        for person in range(40):
            live.observe([Event(1000 + person, 700, "launched", NOW + person)])
        slate = recommend(model, Context(5, (), (), NOW + 60), newer.keys(), newer, live=live)
        assert slate.items.index(700) < slate.items.index(701) if 701 in slate.items else True
        assert 700 in slate.items[:5]

    def test_it_can_be_read_while_it_is_added_to(self, model, facts, portal):
        live, failed = Live(model), []

        def read():
            try:
                for person in range(30):
                    recommend(model, person_of(portal, person), facts.keys(), facts, live=live)
            except (RuntimeError, ValueError, IndexError) as error:
                failed.append(error)

        reader = threading.Thread(target=read)
        reader.start()
        for n in range(3000):
            live.observe([Event(n % 50, 100 + n % 60, "launched", NOW + n)])
        reader.join()
        assert not failed

    def test_an_event_of_another_age_stays_a_number(self):
        assert np.isfinite(grown(NOW + 1e9, NOW, 1.0))


class TestSlates:
    def test_what_others_just_did_next_is_shown_next(self, model, portal, facts):
        context = Context(9999, (), [Event(9999, 103, "launched", NOW + 50)], NOW + 60)
        before = recommend(model, context, facts.keys(), facts)
        wanted = before.items[-1]
        live = Live(model)
        for person in range(12):
            who = 2000 + person
            live.observe(
                [
                    Event(who, 103, "launched", NOW + person),
                    Event(who, wanted, "launched", NOW + 30),
                ]
            )
        after = recommend(model, context, facts.keys(), facts, live=live)
        assert after.items.index(wanted) < 3

    def test_what_is_live_of_another_model_is_not_mixed_in(self, model, portal, facts):
        context = person_of(portal, 3)
        other = Live(fit(portal))
        other.observe([Event(1, 101, "launched", NOW + 1)])
        plain = recommend(model, context, facts.keys(), facts)
        assert recommend(model, context, facts.keys(), facts, live=other) == plain

    def test_every_recommendation_names_who_proposed_it(self, model, portal, facts):
        slate = recommend(model, person_of(portal, 3), facts.keys(), facts)
        assert all(each.sources for each in slate.recommendations)

    def test_the_sum_of_the_parts_is_the_score_with_live_counts_too(self, model, portal, facts):
        live = Live(model)
        live.observe([Event(n, 100 + n % 9, "launched", NOW + n) for n in range(60)])
        for person in range(10):
            slate = recommend(model, person_of(portal, person), facts.keys(), facts, live=live)
            for each in slate.recommendations:
                assert sum(each.parts.values()) == pytest.approx(each.score, abs=1e-4)


class TestRoles:
    def test_a_new_role_leads_within_five_clicks(self, roles_matter):
        dataset, taste = roles_matter.dataset, roles_matter.taste
        model = fit(dataset)
        facts = {each.item: each for each in dataset.items}
        new = [p for p, held in dataset.people_roles.items() if held == ("role-1",)]
        old = [p for p, held in dataset.people_roles.items() if held == ("role-0",)]
        likes = taste[new].mean(axis=0) - taste[old].mean(axis=0)
        people = sorted(old)[:20]
        leads = []
        for person in people:
            history = [e for e in dataset.events.rows() if e.person == person]
            history.sort(key=lambda event: event.at)
            clicks = np.argsort(-likes)[:5].tolist()
            history += [
                Event(person, item, "launched", dataset.now + n) for n, item in enumerate(clicks)
            ]
            context = Context(person, ("role-1",), history, dataset.now + 60)
            items = list(recommend(model, context, facts.keys(), facts, 10).items)
            leads.append(likes[items].mean() > 0)
        assert np.mean(leads) > 0.5


def test_a_clock_that_runs_backwards_breaks_nothing():
    model = fit(
        Dataset([Event(1, item, "completed", NOW) for item in (1, 2, 3)], ROLES, ITEMS, NOW)
    )
    live = Live(model)
    live.observe([Event(2, item, "completed", NOW + 900 * DAY) for item in (1, 2)], ROLES)
    context = Context(3, ROLES[3], [Event(3, 3, "completed", NOW)], NOW + DAY)
    slate = recommend(model, context, set(FACTS), FACTS, live=live)
    assert set(slate.items) == set(FACTS) - {3}
    assert np.isfinite([each.score for each in slate.recommendations]).all()

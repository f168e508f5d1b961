"""What a slate promises, in random worlds and in small clear ones."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender import (
    Context,
    Dataset,
    Eligibility,
    Event,
    ItemFacts,
    explain,
    recommend,
    similar,
)
from recommender.data import DAY
from recommender.model import fit
from tests.unit.recommender.worlds import NOW, is_true, person_of, world


@st.composite
def visits(draw):
    """Draw a portal, somebody in it, what they may see, and items newer than the model."""
    dataset = world(draw(st.integers(0, 15)), people=40, items=30, events=300)
    person = draw(st.integers(0, 45))
    context = person_of(dataset, person, NOW + draw(st.floats(0, 40)) * DAY)
    assigned = draw(st.frozensets(st.integers(100, 132), max_size=5))
    facts = {each.item: each for each in dataset.items}
    for item in draw(st.sets(st.integers(130, 140), max_size=4)):
        facts[item] = ItemFacts(item, ("skill-1",), ("role-2",), "subject3", published=NOW)
    eligible = draw(st.sets(st.sampled_from(sorted(facts))))
    context = Context(person, context.roles, context.history, context.now, assigned)
    return dataset, context, eligible, facts


MODELS = {}


def model_of(dataset):
    """Fit each random world once."""
    key = dataset.events[0]
    if key not in MODELS:
        MODELS[key] = fit(dataset)
    return MODELS[key]


class TestAnySlate:
    @given(visits(), st.integers(0, 25), st.frozensets(st.integers(100, 140), max_size=5))
    def test_it_holds_only_what_may_be_shown_and_is_full_when_it_can_be(self, visit, limit, out):
        dataset, context, eligible, facts = visit
        items = recommend(model_of(dataset), context, eligible, facts, limit, out).items
        allowed = eligible - {event.item for event in context.history} - context.assigned - out
        assert len(items) == len(set(items)) == min(limit, len(allowed))
        assert set(items) <= allowed

    @given(visits())
    def test_it_gives_a_true_reason_for_everything(self, visit):
        dataset, context, eligible, facts = visit
        for each in recommend(model_of(dataset), context, eligible, facts).recommendations:
            assert is_true(each.reason, each.item, dataset, context, facts), each

    @given(visits())
    def test_it_adds_up(self, visit):
        dataset, context, eligible, facts = visit
        for each in recommend(model_of(dataset), context, eligible, facts).recommendations:
            assert sum(each.parts.values()) == pytest.approx(each.score, abs=1e-4)

    @given(visits())
    def test_it_is_the_same_when_asked_again(self, visit):
        dataset, context, eligible, facts = visit
        model = model_of(dataset)
        first = recommend(model, context, eligible, facts)
        assert recommend(model, context, Eligibility(eligible, facts), facts) == first

    @given(visits())
    def test_it_is_full_without_a_model_too(self, visit):
        _, context, eligible, facts = visit
        slate = recommend(None, context, eligible, facts)
        allowed = eligible - {event.item for event in context.history} - context.assigned
        assert len(slate.items) == min(20, len(allowed))


class TestRecommend:
    def test_it_changes_with_the_next_event_without_training(self, model, portal, facts):
        before = person_of(portal, 3)
        first = recommend(model, before, facts.keys(), facts).items
        history = [*before.history, Event(3, first[0], "completed", NOW)]
        after = Context(3, before.roles, history, NOW)
        second = recommend(model, after, facts.keys(), facts)
        assert first[0] not in second.items
        assert second.items != first[1:]

    def test_it_drops_a_dismissed_item_at_once(self, model, portal, facts):
        before = person_of(portal, 3)
        first = recommend(model, before, facts.keys(), facts).items[0]
        history = [*before.history, Event(3, first, "dismissed", NOW)]
        assert (
            first
            not in recommend(
                model, Context(3, before.roles, history, NOW), facts.keys(), facts
            ).items
        )

    def test_it_gives_a_newcomer_what_their_role_takes(self, roles_matter):
        dataset, taste = roles_matter.dataset, roles_matter.taste
        facts = {each.item: each for each in dataset.items}
        model = fit(dataset)
        gains = []
        for role in range(5):
            members = [p for p, held in dataset.people_roles.items() if held == (f"role-{role}",)]
            context = Context(9999, (f"role-{role}",), (), dataset.now)
            items = recommend(model, context, facts.keys(), facts, 10).items
            gains.append(taste[members][:, list(items)].mean() - taste[:, list(items)].mean())
        assert min(gains) > 0.5

    def test_it_leads_with_the_role_then_the_newest_before_there_is_any_data(self):
        facts = {
            1: ItemFacts(1, published=NOW - 90 * DAY),
            2: ItemFacts(2, published=NOW - 10 * DAY),
            3: ItemFacts(3, roles=("nurse",), published=NOW - 300 * DAY),
            4: ItemFacts(4),
        }
        slate = recommend(None, Context(1, ("nurse",), (), NOW), facts.keys(), facts)
        assert slate.items == (3, 2, 1, 4)
        assert [each.reason.code for each in slate.recommendations][:2] == ["in_role", "new"]

    def test_it_can_show_an_item_newer_than_the_model(self, model, portal, facts):
        person = next(
            p for p in range(60) if portal.people_roles[p] and len(person_of(portal, p).history) > 3
        )
        context = person_of(portal, person)
        newer = facts | {
            500: ItemFacts(500, ("skill-2",), context.roles, "subject1", published=NOW)
        }
        assert 500 in recommend(model, context, newer.keys(), newer).items

    def test_it_takes_up_the_eligible_items_anew_when_the_model_changes(self, portal, model, facts):
        pool, context = Eligibility(facts.keys(), facts), person_of(portal, 3)
        recommend(model, context, pool, facts)
        fewer = fit(Dataset(portal.events[:100], portal.people_roles, portal.items[:20], NOW))
        assert recommend(fewer, context, pool, facts) == recommend(fewer, context, facts, facts)


class TestExplain:
    def test_it_says_of_one_item_what_the_slate_says(self, model, portal, facts):
        context = person_of(portal, 3)
        for each in recommend(model, context, facts.keys(), facts).recommendations:
            found = explain(model, context, each.item, facts)
            assert found is None if each.reason.code == "unseen" else found.reason == each.reason

    def test_it_keeps_silent_when_nothing_true_speaks_for_an_item(self, model):
        stranger = Context(999, (), (), NOW)
        assert explain(model, stranger, 700, {700: ItemFacts(700)}) is None
        assert explain(None, stranger, 700, {}) is None


class TestSimilar:
    def test_it_finds_what_the_same_people_took(self, board, board_model):
        facts = {each.item: each for each in board.dataset.items}
        found = similar(board_model, 8, facts.keys(), facts)
        assert len(found) == 6
        assert all(item % 2 == 0 and item != 8 for item, _ in found)

    def test_it_falls_back_to_content_for_an_item_newer_than_the_model(self, model, facts):
        newer = facts | {500: ItemFacts(500, ("skill-4",), (), "Course about subject4")}
        found = similar(model, 500, facts.keys(), newer)
        assert found
        assert "skill-4" in facts[found[0][0]].skills

    def test_it_finds_newer_items_for_a_known_one(self, model, facts):
        newer = facts | {500: ItemFacts(500, facts[104].skills)}
        assert [item for item, _ in similar(model, 104, {500}, newer)] == [500]

    def test_it_finds_shared_skills_without_any_model(self):
        facts = {1: ItemFacts(1, ("a", "b")), 2: ItemFacts(2, ("a",)), 3: ItemFacts(3, ("c",))}
        assert similar(None, 1, facts.keys(), facts) == ((2, 0.5),)

    def test_it_shows_only_eligible_items_best_first(self, model, facts):
        found = similar(model, 104, {105, 110, 111, 125}, facts)
        assert {item for item, _ in found} <= {105, 110, 111, 125}
        assert np.all(np.diff([score for _, score in found]) <= 0)

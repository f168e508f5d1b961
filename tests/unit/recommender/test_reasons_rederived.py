"""Every reason on random slates is derived again from raw rows: 200 slates, or 1,000 at length."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from recommender import Reason, ReasonCode, explain, recommend
from recommender.arrays import positions
from recommender.case import Case
from recommender.claims import Maker
from recommender.features import PARTS
from recommender.model import fit
from recommender.profile import Profile
from recommender.proof import Evidence, holds
from recommender.reasons import OTHERWISE, SAYS, reason_for
from tests.unit.recommender.reason_worlds import newer_items, rich_reader, rich_world
from tests.unit.recommender.worlds import is_true

WORLDS = 8
SLATE = 12


@pytest.fixture(scope="module")
def portals():
    """Return random portals with their models and the facts of what they offer."""
    found = []
    for seed in range(WORLDS):
        dataset = rich_world(seed)
        facts = {each.item: each for each in dataset.items}
        found.append((dataset, fit(dataset), facts | newer_items()))
    return found


@pytest.fixture(scope="module")
def slates(portals, long):
    """Return (dataset, facts, context, slate) of many random readers."""
    drawn = []
    for number in range(1000 if long else 208):
        dataset, model, facts = portals[number % WORLDS]
        context = rich_reader(dataset, number)
        slate = recommend(model, context, facts.keys(), facts, SLATE)
        drawn.append((dataset, facts, context, slate))
    return drawn


def test_every_reason_is_derived_again_from_raw_rows(slates):
    for dataset, facts, context, slate in slates:
        for each in slate.recommendations:
            assert is_true(each.reason, each.item, dataset, context, facts), each


def test_every_reason_holds_against_its_evidence_as_it_is_stored(slates):
    for dataset, facts, context, slate in slates[::4]:
        told = replace(dataset, items=tuple(facts.values()))
        for each in slate.recommendations:
            stored = Reason.from_json(each.reason.to_json())
            assert stored == each.reason
            assert holds(stored, Evidence(each.item, context, told)), each


def test_the_parts_of_every_score_sum_to_it(slates):
    for *_, slate in slates:
        for each in slate.recommendations:
            assert sum(each.parts.values()) == pytest.approx(each.score, abs=1e-4)


def test_no_figure_speaks_of_fewer_people_than_it_may(slates):
    for _, _, context, slate in slates:
        for each in slate.recommendations:
            assert (each.reason.people or 1000) >= max(5, context.fewest)


def case_of(dataset, model, facts, context) -> Case:
    """Put everything before a reader, as the pipeline does with a slate."""
    chosen = sorted(facts)
    at, known = positions(model.items, np.array(chosen))
    profile = Profile.of(context, model.items, model.settings.activity)
    return Case(model, context, profile, chosen, np.where(known, at, -1), facts)


MAKERS: list[Maker] = sorted(
    {maker for makers in SAYS.values() for maker in makers} | set(OTHERWISE),
    key=lambda maker: maker.__name__,
)


@pytest.mark.parametrize("maker", MAKERS, ids=lambda maker: maker.__name__)
def test_a_maker_says_something_somewhere_and_only_what_is_true(portals, maker, long):
    said = 0
    for number in range(160 if long else 40):
        dataset, model, facts = portals[number % WORLDS]
        case = case_of(dataset, model, facts, rich_reader(dataset, 10_000 + number))
        for at, item in enumerate(case.chosen):
            reason = maker(case, at)
            said += reason is not None
            assert reason is None or is_true(reason, item, dataset, case.context, facts), reason
    assert said


def test_every_part_of_a_score_has_something_to_say():
    assert set(PARTS) <= set(SAYS)
    assert all(SAYS.values())


def test_the_strongest_part_speaks_first(portals):
    dataset, model, facts = portals[0]
    context = replace(rich_reader(dataset, 1), pins=dict.fromkeys(facts, "role-1"), minutes=90)
    case = case_of(dataset, model, facts, context)
    at = next(n for n, item in enumerate(case.chosen) if facts[item].minutes)
    assert reason_for(case, at, {"pinned": 0.3, "time": 0.2}).code == ReasonCode.PINNED
    assert reason_for(case, at, {"pinned": 0.1, "time": 0.2}).code == ReasonCode.FITS_TIME


def test_what_was_said_twice_gives_way_to_a_part_that_is_nearly_as_strong(portals):
    dataset, model, facts = portals[0]
    context = replace(rich_reader(dataset, 1), pins=dict.fromkeys(facts, "role-1"), minutes=90)
    case = case_of(dataset, model, facts, context)
    timed = [at for at, item in enumerate(case.chosen) if facts[item].minutes][:4]
    near, far = {"pinned": 0.3, "time": 0.2}, {"pinned": 0.3, "time": 0.1}
    given = [reason_for(case, at, near).code for at in timed[:3]]
    assert given == [ReasonCode.PINNED, ReasonCode.PINNED, ReasonCode.FITS_TIME]
    assert reason_for(case, timed[3], far).code == ReasonCode.PINNED


def test_what_was_drawn_says_so_whatever_its_parts(portals):
    dataset, model, facts = portals[0]
    case = case_of(dataset, model, facts, rich_reader(dataset, 1))
    assert reason_for(case, 0, {"popular": 9.0}, drawn=True).code == ReasonCode.DRAWN


def test_every_code_is_given_somewhere(portals, slates):
    given = Counter(each.reason.code for *_, slate in slates for each in slate.recommendations)
    for number in range(40):
        dataset, model, facts = portals[number % WORLDS]
        case = case_of(dataset, model, facts, rich_reader(dataset, number))
        given.update(reason_for(case, number % 30, {part: 1.0}).code for part in PARTS)
        given[reason_for(case, number % 30, {}, drawn=True).code] += 1
    assert set(ReasonCode) - set(given) <= {ReasonCode.UNSEEN}


class TestWhatIsMadeUp:
    """Evidence that was changed no longer holds."""

    CHANGES = (
        ("people", lambda reason: reason._replace(people=reason.people + 1)),
        ("people", lambda reason: reason._replace(people=4)),
        ("role", lambda reason: reason._replace(role="role-of-somebody-else")),
        ("circle", lambda reason: reason._replace(circle="dept:of-somebody-else")),
        ("verb", lambda reason: reason._replace(verb="imagined")),
        ("item", lambda reason: reason._replace(item=4711)),
        ("skill", lambda reason: reason._replace(skill="skill-99")),
        ("page", lambda reason: reason._replace(page="role-99")),
        ("minutes", lambda reason: reason._replace(minutes=reason.minutes + 1)),
        ("language", lambda reason: reason._replace(language="tlh")),
        ("tool", lambda reason: reason._replace(tool="tool-99")),
    )

    @pytest.mark.parametrize(("field", "change"), CHANGES)
    def test_it_does_not_hold(self, portals, field, change):
        tried = 0
        for number in range(60):
            dataset, model, facts = portals[number % WORLDS]
            told = replace(dataset, items=tuple(facts.values()))
            case = case_of(dataset, model, facts, rich_reader(dataset, 500 + number))
            for maker in MAKERS:
                reason = maker(case, number % len(case.chosen))
                if reason is not None and getattr(reason, field) is not None:
                    item = case.chosen[number % len(case.chosen)]
                    tried += 1
                    assert not holds(change(reason), Evidence(item, case.context, told)), reason
        assert tried


def test_what_is_explained_on_its_own_is_as_true(portals):
    for number in range(60):
        dataset, model, facts = portals[number % WORLDS]
        context = rich_reader(dataset, 900 + number)
        for item in (number % 20, 901):
            found = explain(model, context, item, facts)
            assert found is None or is_true(found.reason, item, dataset, context, facts), found


@pytest.mark.parametrize("stored", [{}, {"code": "no_such"}, {"code": "new", "colour": "red"}])
def test_evidence_that_is_none_is_refused(stored):
    with pytest.raises(ValueError, match=r"reason has no|not a valid ReasonCode"):
        Reason.from_json(stored)

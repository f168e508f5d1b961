"""The sample company's synonyms help its judged searches, and harm none of them."""

from dataclasses import replace

import pytest

from app.config import SAMPLE_JUDGED
from app.demo import files
from app.demo.checks import problems_in
from app.discover.judging import read_file
from app.discover.quality import READER, changes, measure
from search.store import IndexStore
from search.synonyms import NO_SYNONYMS, Group, Synonyms
from tests.support.sample_index import documents

SYNONYMS = Synonyms(Group(one.words, one.becomes) for one in files.load().synonyms)
ROLES = [role.slug for role in files.load().roles]


@pytest.fixture(scope="module")
def ask(tmp_path_factory):
    """Return a function that asks judged queries of an index of the sample company."""
    found, keys, pinned = documents()
    with IndexStore(tmp_path_factory.mktemp("index")) as index:
        index.rebuild(found)

        def asked(judged, synonyms=SYNONYMS, boosts=READER):
            wanted = {"names": keys, "pinned": pinned, "boosts": boosts, "synonyms": synonyms}
            return measure(index, judged, **wanted)

        yield asked


@pytest.fixture(scope="module")
def judged():
    return read_file(SAMPLE_JUDGED).queries


@pytest.fixture(scope="module")
def measured(ask, judged):
    """Return the reports without synonyms and with those of the sample company."""
    return ask(judged, NO_SYNONYMS), ask(judged)


def test_they_lift_what_people_find(measured):
    before, after = (report.figures for report in measured)
    assert after.ndcg >= before.ndcg + 0.03
    assert after.zero_results < before.zero_results


def test_they_make_no_judged_search_worse(measured):
    worse = {one.after.judged.query: one.gain for one in changes(*measured) if one.gain < -0.02}
    assert worse == {}


@pytest.mark.parametrize("role", ROLES)
def test_with_them_too_the_role_boost_costs_no_judged_search_more_than_a_tenth(ask, judged, role):
    asked = [replace(one, role=role) for one in judged if one.role in ("", role)]
    before = ask(asked, boosts=replace(READER, table={"role": 0.0}))
    lost = {one.after.judged.query: one.gain for one in changes(before, ask(asked))}
    assert {query: gain for query, gain in lost.items() if gain < -0.1} == {}


@pytest.mark.parametrize(
    ("values", "complaint"),
    [
        ({"words": ("SOP",), "becomes": ()}, "at least two words"),
        ({"words": ("of the", "SOP"), "becomes": ()}, "says nothing to the search"),
        ({"curator": "nobody@example.com"}, "unknown curator 'nobody@example.com'"),
        ({"changed": -1}, "changed in the future"),
    ],
)
def test_a_group_that_cannot_be_kept_is_a_fault(sample, values, complaint):
    first, *others = sample.synonyms
    spoilt = replace(sample, synonyms=(replace(first, **values), *others))
    [fault] = problems_in(spoilt)
    assert complaint in fault


def test_a_group_that_stands_twice_is_a_fault(sample):
    twice = replace(sample, synonyms=(*sample.synonyms, sample.synonyms[0]))
    assert {fault.rpartition(": ")[2] for fault in problems_in(twice)} == {"twice"}

"""The sample company's synonyms help its judged searches, and harm none of them."""

from dataclasses import replace

import pytest

from app.config import SAMPLE_JUDGED
from app.demo import files
from app.demo.checks import problems_in
from app.discover.judging import read_file
from app.discover.quality import changes, measure
from search.store import IndexStore
from search.synonyms import Group, Synonyms
from tests.support.sample_index import documents


@pytest.fixture(scope="module")
def measured(tmp_path_factory):
    """Return the reports without synonyms and with those of the sample company."""
    found, keys, pinned = documents()
    judged = read_file(SAMPLE_JUDGED).queries
    synonyms = Synonyms(Group(one.words, one.becomes) for one in files.load().synonyms)
    with IndexStore(tmp_path_factory.mktemp("index")) as index:
        index.rebuild(found)
        asked = {"names": keys, "pinned": pinned}
        yield measure(index, judged, **asked), measure(index, judged, synonyms=synonyms, **asked)


def test_they_lift_what_people_find(measured):
    before, after = (report.figures for report in measured)
    assert after.ndcg >= before.ndcg + 0.03
    assert after.zero_results < before.zero_results


def test_they_make_no_judged_search_worse(measured):
    worse = {one.after.judged.query: one.gain for one in changes(*measured) if one.gain < -0.02}
    assert worse == {}


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

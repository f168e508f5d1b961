"""Scoring what the index does not hold as if it did, and putting it among what it does."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from search.document import Boosts, Hit, Request
from search.engines import ENGINES
from search.fuse import distinct, merge, place
from search.query import parse
from search.rank import ALL_WORDS
from search.store import IndexStore
from search.synonyms import Group, Synonyms
from tests.unit.search.samples import EVERYONE, document

WORDS = ("budget", "audit", "python", "safety", "e-learning", "ISO 27001", "C++", "pumps")
texts = st.lists(st.sampled_from(WORDS), max_size=60).map(" ".join)
documents = st.builds(
    document,
    st.just(0),
    texts,
    texts,
    skill_names=st.lists(st.sampled_from(("Python", "Fault isolation")), max_size=2).map(tuple),
    tool_name=st.sampled_from(("", "Our Moodle")),
    language=st.sampled_from(("en", "de", "ja")),
)
worlds = st.lists(documents, min_size=1, max_size=12).map(
    lambda found: [replace(one, id=number) for number, one in enumerate(found, 1)]
)
parts = st.sampled_from((*WORDS, "pyth", "missing", '"safety audit"', '"python pumps"', "the"))
queries = st.lists(parts, min_size=1, max_size=4, unique=True).map(" ".join)
BOOSTED = Boosts(
    roles=frozenset({"engineer"}), now=date(2026, 11, 12), languages=frozenset({"en", "de"})
)
SYNONYMS = Synonyms((Group(("audit", "inspection of books", "python")),))


def request_for(text, **values):
    return Request(parse(text), EVERYONE, facets=(), prefix=True, limit=50, **values)


@pytest.mark.parametrize("engine", sorted(ENGINES))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(world=worlds, text=queries)
def test_a_document_that_is_in_the_index_scores_what_the_engine_gives_it(
    tmp_path_factory, engine, world, text
):
    with IndexStore(tmp_path_factory.mktemp("index"), engine) as store:
        store.rebuild(world)
        request = request_for(text, boosts=BOOSTED, synonyms=SYNONYMS)
        ours = {hit.id: hit for hit in store.score(request, world)}
        theirs = store.search(request).hits
        assert [ours[hit.id].score for hit in theirs] == pytest.approx(
            [hit.score for hit in theirs], rel=2e-3, abs=2e-3
        )
        assert [ours[hit.id].boosts for hit in theirs] == [hit.boosts for hit in theirs]


@pytest.fixture
def filled(store):
    store.rebuild(
        [document(1, "Pump seals"), document(2, "Pumps"), document(3, "Audits", "of a pump")]
    )
    return store


def test_a_text_from_elsewhere_is_scored_without_being_kept(filled):
    request = request_for("pump seals")
    [hit] = filled.score(request, [document(-1, "Pump seals")])
    first = filled.search(request).hits[0]
    assert hit == replace(first, id=-1)
    assert filled.count() == 3


def test_what_lacks_words_scores_less_and_what_holds_an_excluded_one_nothing(filled):
    found = [document(-1, "Seals"), document(-2, "Pump seals"), document(-3, "Pump seals, German")]
    hits = filled.score(request_for("pump seals -german"), found)
    assert [hit.id for hit in hits] == [-2, -1]


def test_a_demanded_phrase_must_be_there(filled):
    found = [document(-1, "Seals of a pump"), document(-2, "Pump seals")]
    assert [hit.id for hit in filled.score(request_for('"pump seals"'), found)] == [-2]


def test_an_empty_index_knows_nothing_and_still_scores(store):
    store.rebuild([])
    [hit] = store.score(request_for("pump"), [document(-1, "Pump seals")])
    assert hit.id == -1


def hit(number, score, *boosts):
    return Hit(number, score, boosts)


def test_what_the_index_found_keeps_its_order_and_live_hits_stand_by_score():
    indexed = [hit(1, 9.0), hit(2, 5.0), hit(3, 7.0)]
    live = [hit(-1, 6.0), hit(-2, 10.0), hit(-3, 1.0)]
    assert [one.id for one in merge(indexed, live, {})] == [-2, 1, -1, 2, 3, -3]


def test_what_has_all_the_words_comes_first():
    indexed = [hit(1, 2.0, ALL_WORDS), hit(2, 9.0)]
    live = [hit(-1, 1.0, ALL_WORDS), hit(-2, 20.0)]
    assert [one.id for one in merge(indexed, live, {})] == [1, -1, -2, 2]


def test_one_thing_stands_there_once():
    keys = {1: ["a"], -1: ["a", "b"], -2: ["c"], -3: ["c", "d"], -4: ["d"]}
    live = [hit(-1, 9.0), hit(-2, 8.0), hit(-3, 7.0), hit(-4, 6.0)]
    assert [one.id for one in merge([hit(1, 1.0)], live, keys)] == [-2, 1]


scored = st.lists(st.floats(0, 20), max_size=8)


@given(scored, scored, st.randoms())
def test_merging_loses_and_moves_nothing_of_the_index(ours, theirs, chance):
    indexed = [hit(number, value) for number, value in enumerate(ours, 1)]
    live = [hit(-number, value) for number, value in enumerate(theirs, 1)]
    keys = {one.id: [chance.randint(0, 20)] for one in (*indexed, *live)}
    merged = merge(indexed, live, keys)
    assert [one for one in merged if one.id > 0] == indexed
    left = [one for one in merged if one.id < 0]
    assert left == distinct(indexed, sorted(live, key=place), keys)

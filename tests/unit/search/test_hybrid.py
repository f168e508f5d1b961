"""What vectors may do to a search, and what they may not, on each engine."""

import tempfile
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search import hybrid
from search.document import Request, Sort
from search.engines import ENGINES
from search.query import parse
from search.rank import Candidate
from search.store import IndexStore
from tests.unit.search import samples
from tests.unit.search.samples import EVERYONE, document


@pytest.fixture
def built(store):
    """Return an index of pumps, a valve, and a secret."""
    store.rebuild(
        [
            document(1, "Pump repair", kind="course"),
            document(2, "Pump safety"),
            document(3, "Valve care"),
            document(4, "Secret pump", audience=frozenset({"role:boss"})),
            document(5, "Secret valve", audience=frozenset({"role:boss"})),
        ]
    )
    return store


def ask(store, text, similar, **more):
    return store.search(Request(parse(text), EVERYONE, similar=similar, **more))


def ids(results):
    return [hit.id for hit in results.hits]


def test_what_is_more_similar_comes_first_among_what_the_words_found(built):
    assert ids(ask(built, "pump", {})) == [1, 2]
    assert ids(ask(built, "pump", {2: 0.9, 1: 0.1})) == [2, 1]


def test_totals_and_facets_are_those_of_the_words(built):
    words, both = ask(built, "pump", {}), ask(built, "pump", {3: 0.99, 2: 0.5, 5: 0.99})
    assert (both.total, both.facets) == (words.total, words.facets)
    assert set(ids(both)) == set(ids(words))


def test_nothing_that_a_reader_may_not_see_comes_in(built):
    similar = {4: 0.99, 5: 0.98, 3: 0.9}
    assert ids(ask(built, "pump", similar)) == [1, 2]
    assert ids(ask(built, "gasket", similar)) == [3]
    assert ask(built, "gasket", similar).total == 1


def test_where_no_word_is_found_what_is_similar_enough_is_shown_and_said(built):
    results = ask(built, "gasket", {3: 0.8, 1: 0.5, 2: hybrid.ALIKE - 0.01})
    assert ids(results) == [3, 1]
    assert (results.total, results.by_meaning, results.relaxed) == (2, True, False)
    assert sum(one.count for one in results.facets["kind"].values) == 2


def test_where_nothing_is_similar_enough_there_is_nothing(built):
    results = ask(built, "gasket", {3: 0.2})
    assert (results.total, ids(results), results.by_meaning) == (0, [], False)


def test_words_that_are_found_are_never_given_up(built):
    results = ask(built, "pump", {3: 0.99})
    assert not results.by_meaning
    assert 3 not in ids(results)


@pytest.mark.parametrize("text", ['"no such phrase"', "gasket -valve -pump", "gasket kind:podcast"])
def test_phrases_exclusions_and_fields_bind_what_is_similar(built, text):
    assert ask(built, text, {1: 0.9, 2: 0.9, 3: 0.9}).total == 0


def test_a_filter_that_can_be_loosened_is_not_answered_with_something_else(built):
    results = ask(built, "repair", {2: 0.9}, filters={"kind": frozenset({"video"})})
    assert (results.total, results.by_meaning) == (0, False)
    assert results.facets["kind"].values


def test_hidden_documents_stay_hidden(built):
    assert ids(ask(built, "gasket", {3: 0.8, 1: 0.5}, exclude=frozenset({3}))) == [1]


def test_pages_neither_repeat_nor_skip(store):
    store.rebuild([document(number, f"Pump {number}") for number in range(1, 121)])
    similar = {number: number / 200 for number in range(30, 90)}
    asked = Request(parse("pump"), EVERYONE, similar=similar, limit=7)
    pages = [ids(store.search(replace(asked, offset=at))) for at in range(0, 120, 7)]
    assert sorted(one for page in pages for one in page) == list(range(1, 121))
    assert pages[0][0] == 89


def test_other_orders_are_left_alone(built):
    newest = ask(built, "pump", {}, sort=Sort.TITLE)
    assert ids(ask(built, "pump", {2: 0.9}, sort=Sort.TITLE)) == ids(newest)


@given(
    samples.libraries,
    samples.questions,
    samples.tokens,
    samples.filters,
    st.dictionaries(st.integers(1, 30), st.floats(-1, 1), max_size=30),
    st.sampled_from(sorted(ENGINES)),
)
def test_it_adds_nothing_to_the_words_and_never_what_is_barred(
    documents, typed, audience, ticked, similar, name
):
    asked = Request(parse(typed), audience, filters=ticked, limit=50)
    seen = {one.id for one in documents if one.audience & audience}
    with tempfile.TemporaryDirectory() as folder, IndexStore(Path(folder), name) as store:
        store.rebuild(documents)
        words, both = store.search(asked), store.search(replace(asked, similar=similar))
    if both.by_meaning:
        assert (words.total, len(both.hits)) == (0, both.total)
        assert set(ids(both)) <= seen & similar.keys()
        bare = " ".join(word for word in typed.split() if word[0] == "-" or ":" in word)
        with_rules = replace(asked, query=parse(bare))
        assert set(ids(both)) <= samples.expected(documents, with_rules)[0]
    else:
        assert (set(ids(both)), both.total, both.facets) == (
            set(ids(words)),
            words.total,
            words.facets,
        )


candidates = st.dictionaries(
    st.integers(1, 50), st.floats(0.1, 40, allow_nan=False), max_size=20
).map(lambda scores: [Candidate(one, score, 0.0, 0) for one, score in scores.items()])
cosines = st.dictionaries(st.integers(1, 50), st.floats(-1, 1, allow_nan=False), max_size=20)


@given(candidates, cosines)
def test_a_blend_keeps_who_is_there_and_the_scale_of_the_words(found, similar):
    blended = hybrid.blend(found, similar)
    assert set(blended) == {one.id for one in found}
    top = max((1.0, *(one.score for one in found)))
    assert all(-1e-9 <= one.score <= top * (1 + 1e-9) for one in blended.values())


@given(candidates)
def test_without_anything_similar_the_order_stays(found):
    blended = hybrid.blend(found, {})
    for one in found:
        for other in found:
            if one.score < other.score:
                assert blended[one.id].score <= blended[other.id].score

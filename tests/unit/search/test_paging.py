"""Pages of hits: the reader's orders, and duplicates gathered over all pages, on every engine."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.document import Boosts, Request, Sort
from search.engines import ENGINES
from search.query import parse
from search.store import IndexStore
from tests.unit.search.samples import EVERYONE, document, libraries

TWINS = {"cluster": 7}


def hits(store, typed="", **options):
    """List the hits of a page on which duplicates are gathered."""
    options.setdefault("audience", EVERYONE)
    options.setdefault("collapse", True)
    return store.search(Request(parse(typed), **options)).hits


def shown(found):
    return [(hit.id, hit.also) for hit in found]


class TestDuplicates:
    def test_a_cluster_is_one_hit_that_names_the_others(self, store):
        store.rebuild([document(n, "audit", **(TWINS if n in {2, 4} else {})) for n in range(1, 6)])
        assert shown(hits(store, "audit")) == [(1, ()), (2, (4,)), (3, ()), (5, ())]

    def test_the_preferred_one_stands_where_the_first_stood(self, store):
        store.rebuild([document(n, "audit", **TWINS, preferred=n == 3) for n in (1, 2, 3)])
        assert shown(hits(store, "audit")) == [(3, (1, 2))]

    def test_it_names_also_what_the_words_do_not_find(self, store):
        store.rebuild([document(1, "audit", **TWINS), document(2, "Prüfung", **TWINS)])
        assert shown(hits(store, "audit")) == [(1, (2,))]

    def test_it_names_nothing_that_this_reader_may_not_see(self, store):
        hidden = document(2, "audit", **TWINS, preferred=True, audience=frozenset({"role:x"}))
        store.rebuild([document(1, "audit", **TWINS), hidden])
        assert shown(hits(store, "audit")) == [(1, ())]

    def test_it_names_nothing_that_is_excluded(self, store):
        store.rebuild([document(n, "audit", **TWINS) for n in (1, 2)])
        assert shown(hits(store, "audit", exclude=frozenset({2}))) == [(1, ())]

    def test_without_gathering_each_stands_alone(self, store):
        store.rebuild([document(n, "audit", **TWINS) for n in (1, 2)])
        assert shown(hits(store, "audit", collapse=False)) == [(1, ()), (2, ())]

    @pytest.mark.parametrize("sort", list(Sort))
    @pytest.mark.parametrize("typed", ["", "audit"])
    def test_no_page_repeats_a_cluster_or_skips_one(self, store, sort, typed):
        store.rebuild([document(n, "audit", cluster=n % 40 or None) for n in range(1, 121)])
        pages = [hits(store, typed, sort=sort, offset=at, limit=9) for at in range(0, 60, 9)]
        clusters = Counter(hit.id % 40 for page in pages for hit in page)
        assert clusters == {**dict.fromkeys(range(1, 40), 1), 0: 3}
        assert [len(page) for page in pages] == [9, 9, 9, 9, 6, 0, 0]

    def test_it_says_how_many_hits_there_are(self, store):
        store.rebuild([document(n, "audit", cluster=n // 2) for n in range(2, 42)])
        found = store.search(Request(parse("audit"), EVERYONE, collapse=True, limit=5))
        assert (found.total, found.shown, len(found.hits)) == (40, 20, 5)

    @pytest.mark.parametrize("engine", sorted(ENGINES))
    @given(documents=libraries, clusters=st.lists(st.integers(0, 4), min_size=25, max_size=25))
    def test_each_match_is_in_one_hit(self, tmp_path_factory, engine, documents, clusters):
        made = [
            document(one.id, one.title, cluster=cluster or None)
            for one, cluster in zip(documents, clusters, strict=False)
        ]
        store = IndexStore(tmp_path_factory.mktemp("index"), engine)
        store.rebuild(made)
        found = hits(store, limit=30)
        held = Counter(number for hit in found for number in (hit.id, *hit.also))
        assert held == Counter(one.id for one in made)
        assert all(len({made[n - 1].cluster for n in (hit.id, *hit.also)}) == 1 for hit in found)


class TestMostFinished:
    def test_it_puts_first_what_most_have_finished(self, store):
        store.rebuild([document(n, "audit") for n in range(1, 7)])
        found = hits(store, "audit", sort=Sort.FINISHED, finished=(5, 9, 2))
        assert [hit.id for hit in found] == [5, 2, 1, 3, 4, 6]

    def test_it_keeps_to_what_was_asked(self, store):
        store.rebuild([document(1, "audit"), document(2, "welding"), document(3, "audit")])
        found = hits(store, "audit", sort=Sort.FINISHED, finished=(3, 2), only=frozenset({1, 3}))
        assert [hit.id for hit in found] == [3, 1]


class TestLiking:
    def test_what_suits_the_reader_is_lifted_within_bounds(self, store):
        store.rebuild([document(1, "audit"), document(2, "audit"), document(3, "audit audit")])
        plain = [hit.id for hit in hits(store, "audit")]
        liked = hits(store, "audit", boosts=Boosts(liking={2: 1.0}))
        assert plain.index(2) > plain.index(1)
        assert [hit.id for hit in liked].index(2) < [hit.id for hit in liked].index(1)
        assert "liking" in next(hit for hit in liked if hit.id == 2).boosts

    def test_a_table_of_its_own_counts_instead(self, store):
        store.rebuild([document(1, "audit"), document(2, "audit")])
        silent = Boosts(liking={2: 1.0}, table={"liking": 0.0})
        assert [hit.id for hit in hits(store, "audit", boosts=silent)] == [1, 2]

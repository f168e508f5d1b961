"""Completion: what fits comes in its order, once, and nothing that may not be seen."""

import tempfile
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.completion import make_title, read_title, typed, write_title
from search.engines import ENGINES
from search.store import IndexStore
from search.text import analyse
from tests.unit.search import samples
from tests.unit.search.samples import EVERYONE, document

BOARD = frozenset({"dept:board"})


def skilled(number, *names, **changes):
    """Make a document that has these skills."""
    slugs = tuple(name.lower().replace(" ", "-") for name in names)
    return document(number, f"Item {number}", skills=slugs, skill_names=names, **changes)


def named(*titles):
    """Make a document of each title, numbered from 1."""
    return [document(number, title) for number, title in enumerate(titles, start=1)]


def texts(store, prefix, audience=EVERYONE, **more):
    """List the texts that complete a prefix."""
    return [one.text for one in store.suggest(prefix, audience, **more)]


class TestTitles:
    @pytest.mark.parametrize(
        "prefix",
        ["w", "wel", "welding", "saf", "welding sa", "safe wel", "wel saf", "saf fo we", "WEL"],
    )
    def test_it_completes_beginnings_of_words_in_any_order(self, store, prefix):
        store.rebuild(named("Welding safety for beginners", "Budgets"))
        assert texts(store, prefix) == ["Welding safety for beginners"]

    @pytest.mark.parametrize("prefix", ["elding", "welding bud", "weldxyz", "x"])
    def test_it_completes_nothing_that_holds_not_every_word(self, store, prefix):
        store.rebuild(named("Welding safety", "Budgets"))
        assert texts(store, prefix) == []

    @pytest.mark.parametrize(
        "prefix", ["onboar", "on-boar", "on boar", "on-boarding", "onboarding "]
    )
    @pytest.mark.parametrize("title", ["On-boarding", "Onboarding"])
    def test_it_completes_words_split_and_joined(self, store, prefix, title):
        store.rebuild(named(title))
        assert texts(store, prefix) == [title]

    @pytest.mark.parametrize(
        ("prefix", "title"),
        [
            ("iso 270", "ISO-27001"),
            ("iso270", "ISO 27001"),
            ("c+", "C++ for everyone"),
            ("uber", "Über den Wolken"),
            ("データ", "データ分析"),
            ("Datenschutzgrundv", "Datenschutzgrundverordnung"),
        ],
    )
    def test_it_completes_what_is_written_oddly(self, store, prefix, title):
        store.rebuild([*named(title), document(9, "Datenschutzgrundlagen")])
        assert texts(store, prefix) == [title]

    def test_it_puts_what_begins_as_typed_before_what_holds_the_words(self, store):
        store.rebuild(
            named("Safety when welding", "Reading: welding safely", "The welding safety course")
        )
        assert texts(store, "welding saf") == [
            "The welding safety course",
            "Reading: welding safely",
            "Safety when welding",
        ]

    def test_it_puts_whole_words_before_longer_ones(self, store):
        store.rebuild(named("Database basics", "Data basics"))
        assert texts(store, "data ba") == ["Data basics", "Database basics"]

    def test_it_minds_filler_words_without_demanding_them(self, store):
        store.rebuild(named("Audit basics", "The audit"))
        assert texts(store, "the aud") == ["The audit", "Audit basics"]

    def test_it_puts_the_better_before_the_shorter(self, store):
        store.rebuild(
            [
                document(1, "Welding", quality=0.2),
                document(2, "Welding of pipes by hand", quality=0.9),
                document(3, "Welding pipes", quality=0.2),
            ]
        )
        assert texts(store, "wel") == ["Welding of pipes by hand", "Welding", "Welding pipes"]

    def test_it_offers_one_title_of_a_series_before_the_rest_of_it(self, store):
        store.rebuild(
            named(
                "Welding news works north, May",
                "Welding news works north, June",
                "Welding news works north, July of last year",
                "Welding news in the very big hall on the hill",
            )
        )
        assert texts(store, "welding", limit=2) == [
            "Welding news works north, May",
            "Welding news in the very big hall on the hill",
        ]

    def test_it_finds_the_best_of_very_many(self, store):
        many = [document(number, f"Safety {number} of welding") for number in range(2, 400)]
        store.rebuild([*many, document(1, "Welding", quality=0.4)])
        assert texts(store, "weld")[0] == "Welding"

    def test_it_says_which_document_it_means(self, store):
        store.rebuild([document(7, "Welding")])
        (found,) = store.suggest("wel", EVERYONE)
        assert (found.text, found.kind, found.id) == ("Welding", "title", 7)


class TestOnce:
    def test_it_offers_a_text_once(self, store):
        store.rebuild(named("Welding", "welding", "Welding"))
        assert len(texts(store, "wel")) == 1

    def test_it_offers_a_cluster_once_by_the_preferred(self, store):
        store.rebuild(
            [
                document(1, "Welding a pipe", cluster=5),
                document(2, "Welding a tube", cluster=5, preferred=True),
                document(3, "Welding a wall", cluster=6),
            ]
        )
        assert texts(store, "wel") == ["Welding a tube", "Welding a wall"]

    def test_it_offers_of_a_cluster_what_may_be_seen(self, store):
        store.rebuild(
            [
                document(1, "Welding a pipe", cluster=5),
                document(2, "Welding", cluster=5, preferred=True, audience=BOARD),
            ]
        )
        assert texts(store, "wel") == ["Welding a pipe"]


class TestKinds:
    def test_it_tells_channels_from_titles(self, store):
        store.rebuild([document(1, "#welding-help", kind="channel"), document(2, "Welding")])
        found = [(one.kind, one.text) for one in store.suggest("wel", EVERYONE)]
        assert found == [("title", "Welding"), ("channel", "#welding-help")]

    def test_it_keeps_a_place_for_a_channel_and_some_for_skills(self, store):
        titles = [document(number, f"Welding {number}", quality=0.9) for number in range(1, 20)]
        skills = [skilled(number, f"Welding {number}") for number in range(20, 30)]
        channel = document(99, "Asking about welding", kind="channel", quality=0.1)
        store.rebuild([*titles, *skills, channel])
        kinds = [one.kind for one in store.suggest("wel", EVERYONE)]
        assert kinds == ["skill"] * 2 + ["title"] * 5 + ["channel"]

    def test_it_gives_each_kind_the_places_that_others_leave(self, store):
        store.rebuild([skilled(number, f"Welding {number}") for number in range(1, 20)])
        assert [one.kind for one in store.suggest("wel", EVERYONE)] == ["skill"] * 8

    def test_it_offers_the_title_where_there_is_one_place(self, store):
        store.rebuild([document(1, "Welding", skills=("welding",), skill_names=("Welding",))])
        assert [one.kind for one in store.suggest("wel", EVERYONE, 1)] == ["title"]

    def test_it_obeys_what_the_query_asks_for_otherwise(self, store):
        store.rebuild(
            [
                document(1, "Welding talk", kind="podcast"),
                document(2, "Welding film"),
                document(3, "#welding", kind="channel"),
            ]
        )
        assert texts(store, "kind:podcast wel") == ["Welding talk"]
        assert texts(store, "kind:channel wel") == ["#welding"]
        assert texts(store, "-kind:channel -film wel") == ["Welding talk"]


class TestSkills:
    @pytest.mark.parametrize("prefix", ["d", "data", "ana", "data ana", "ana dat", "data-ana"])
    def test_it_completes_any_word_of_a_skill(self, store, prefix):
        store.rebuild([skilled(1, "Data Analysis"), skilled(2, "Welding")])
        assert texts(store, prefix) == ["Data Analysis"]

    def test_it_puts_the_frequent_first_among_those_that_begin_as_typed(self, store):
        store.rebuild(
            [
                skilled(1, "Data", "Big data"),
                skilled(2, "Database", "Big data"),
                skilled(3, "Database", "Big data"),
            ]
        )
        assert texts(store, "dat") == ["Database", "Data", "Big data"]

    def test_it_counts_what_may_be_seen(self, store):
        store.rebuild([skilled(1, "Python"), skilled(2, "Python", audience=BOARD)])
        assert [one.count for one in store.suggest("pyt", EVERYONE)] == [1]
        assert [one.count for one in store.suggest("pyt", EVERYONE | BOARD)] == [2]


class TestMistyped:
    @pytest.mark.parametrize(
        "prefix", ["wled", "weling", "weldign", "welding safty", "wleding saf"]
    )
    def test_it_takes_a_mistyped_word_for_another(self, store, prefix):
        store.rebuild(named("Welding safety", "Budgets"))
        assert texts(store, prefix) == ["Welding safety"]

    @pytest.mark.parametrize("prefix", ["elding", "wle", "xelding", "welding x1234"])
    def test_it_minds_the_first_letter_short_words_and_numbers(self, store, prefix):
        store.rebuild(named("Welding safety 1234"))
        assert texts(store, prefix) == []

    def test_it_forgives_only_where_nothing_completes(self, store):
        store.rebuild(named("Wedding cakes", "Welding"))
        assert texts(store, "weddi") == ["Wedding cakes"]

    def test_it_takes_no_word_for_one_that_may_not_be_seen(self, store):
        secret = [document(number, f"Welding {number}", audience=BOARD) for number in (1, 2)]
        store.rebuild([*secret, document(3, "Wending home")])
        assert texts(store, "weding") == ["Wending home"]
        assert texts(store, "weding", EVERYONE | BOARD) == ["Welding 1", "Welding 2"]


class TestNothing:
    @pytest.mark.parametrize("prefix", ["", " ", "&", '"', "-", "-audit", "kind:video"])
    def test_it_completes_nothing_out_of_nothing(self, store, prefix):
        store.rebuild(named("Audit"))
        assert texts(store, prefix) == []

    def test_it_gives_nothing_where_nothing_is_wanted(self, store):
        store.rebuild(named("Audit"))
        assert texts(store, "aud", limit=0) == []

    def test_it_completes_for_nobody_what_is_for_nobody(self, store):
        store.rebuild([document(1, "Audit", audience=frozenset())])
        assert texts(store, "aud", EVERYONE | BOARD) == []


class TestAudience:
    @given(samples.libraries, samples.tokens, st.data())
    def test_it_offers_and_counts_nothing_invisible(self, documents, audience, data):
        documents = [replace(one, skill_names=one.skills) for one in documents]
        visible = [one for one in documents if one.audience & audience]
        words = data.draw(st.lists(st.sampled_from(samples.WORDS), min_size=1, max_size=2))
        prefix = " ".join(words)[: data.draw(st.integers(1, 14))]
        for store in _open_stores():
            store.write(documents, store.ids() - {one.id for one in documents})
            found = store.suggest(prefix, audience, 50)
            for one in found:
                if one.kind == "skill":
                    assert one.count == sum(one.text in each.skills for each in visible)
                else:
                    assert (one.id, one.text) in {(each.id, each.title) for each in visible}
            assert len({(one.text, one.kind) for one in found}) == len(found)
            titles = {one.text for one in found if one.kind != "skill"}
            assert titles == {each.title for each in visible if _completes(prefix, each.title)}

    @given(st.text(max_size=30))
    def test_it_takes_anything_that_can_be_typed(self, prefix):
        for store in _open_stores():
            assert len(store.suggest(prefix, EVERYONE)) <= 8


@given(st.text(max_size=60))
def test_it_reads_the_title_that_was_written(title):
    written = read_title(write_title(title, analyse(title, "en")))
    assert written == (title.replace("\x1f", " "), make_title(title).words)


@given(st.text(max_size=40))
def test_what_begins_a_title_asks_for_words(text):
    asked = typed(text)
    assert all(way and all(way) for way in asked.ways)


def _completes(prefix, title):
    return all(any(word.startswith(begin) for word in title.split()) for begin in prefix.split())


_opened: list[IndexStore] = []


def _open_stores():
    """Give one small index per engine, made once: hypothesis asks for many answers."""
    if not _opened:
        for name in sorted(ENGINES):
            store = IndexStore(Path(tempfile.mkdtemp(prefix=f"suggest-{name}-")), name)
            store.rebuild([document(1, "Anything")])
            _opened.append(store)
    return _opened

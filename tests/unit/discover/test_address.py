"""The question that an address asks, read from any junk and written back in one shape."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from app.discover.address import LAST_PAGE, LONGEST_TEXT, Ask
from search.document import FACETS, Sort

NAMES = st.sampled_from(["q", "sort", "page", "pin_to", "junk", *FACETS])


def ask(**arguments):
    return Ask.of(MultiDict(arguments))


@given(st.lists(st.tuples(NAMES, st.text(max_size=400)), max_size=12))
def test_it_reads_any_junk_and_writes_it_back_unchanged(pairs):
    once = Ask.of(MultiDict(pairs))
    assert Ask.of(MultiDict(once.arguments())).arguments() == once.arguments()


def test_it_writes_the_shortest_address():
    assert ask(q=" ", kind="", sort="relevance", page="1", pin_to="0").arguments() == {}


def test_it_keeps_what_narrows_the_results():
    assert ask(q="pump", kind=["video", "course"], sort="newest", page="3").arguments() == {
        "q": "pump",
        "kind": ["video", "course"],
        "sort": "newest",
        "page": "3",
    }


@pytest.mark.parametrize("page", ["0", "-1", "two", "1e3", "٣", "99999999999999999999", ""])
def test_it_takes_an_odd_page_for_the_first(page):
    assert ask(page=page).page == 1


def test_it_stops_at_the_last_page():
    assert ask(page="99999").page == LAST_PAGE


def test_it_takes_an_unknown_order_for_relevance():
    assert ask(sort="by-mood").sort is Sort.RELEVANCE


def test_it_cuts_a_text_that_is_too_long():
    assert len(ask(q="x" * 5000).text) == LONGEST_TEXT


def test_it_keeps_the_space_that_finishes_a_word():
    assert ask(q="  java ").text == "java "


def test_it_turns_characters_no_page_may_hold_into_spaces():
    assert ask(q="a\x00b\ufffec").text == "a b c"


def test_it_drops_values_with_spaces_in_them():
    assert ask(kind=["video", "a b", "x\x00y"]).filters == {"kind": ("video",)}


def test_it_goes_to_the_first_page_when_a_filter_leaves():
    left = ask(q="pump", kind=["video", "course"], page="4").without("kind", "video")
    assert left.arguments() == {"q": "pump", "kind": ["course"]}


def test_it_is_empty_when_nothing_is_looked_for():
    assert ask(q="  ", sort="newest", page="2").is_empty
    assert not ask(kind="video").is_empty


@pytest.mark.parametrize(
    ("earlier", "later"),
    [("pum", "pump"), ("pump", "pum"), ("pump", "pump "), ("pump", ""), ("pump", "pump fault")],
)
def test_it_continues_a_question_that_is_being_typed(earlier, later):
    assert ask(q=later).continues(ask(q=earlier, page="3"))


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        ({"q": "pump"}, {"q": "chair"}),
        ({}, {"q": "p"}),
        ({"q": "pump"}, {"q": "pump", "kind": "video"}),
        ({"q": "pump"}, {"q": "pumps", "sort": "newest"}),
        ({"q": "pump"}, {"q": "pump", "page": "2"}),
        ({"q": "pump", "pin_to": "1"}, {"q": "pump"}),
    ],
)
def test_it_begins_anew_when_something_else_is_asked(earlier, later):
    assert not ask(**later).continues(ask(**earlier))

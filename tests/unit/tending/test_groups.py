"""Groups of synonyms are read from fields and lines, and whatever is wrong is named."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import Invalid
from app.tending.groups import LONGEST_WORD, Wanted, checked, key_of, lines_in, matching


def only(text):
    [line] = lines_in(text)
    return line


@pytest.mark.parametrize(
    ("text", "words", "becomes"),
    [
        ("CoE = centre of excellence", ("CoE", "centre of excellence"), ()),
        ("HSE, EHS,  QHSE", ("HSE", "EHS", "QHSE"), ()),
        ("LMS > learning platform", ("LMS",), ("learning platform",)),
        ("LMS=VLE -> learning platform", ("LMS", "VLE"), ("learning platform",)),
        ("LMS => e-learning, learning platform", ("LMS",), ("e-learning", "learning platform")),
        ("C++ = cpp", ("C++", "cpp"), ()),
        (".NET = dotnet", (".NET", "dotnet"), ()),
        ("1,4-dioxane = dioxane", ("1,4-dioxane", "dioxane"), ()),
        ("induction = induction = onboarding", ("induction", "onboarding"), ()),
        ("LMS > LMS = learning platform", ("LMS",), ("learning platform",)),
    ],
)
def test_a_line_says_a_group(text, words, becomes):
    assert only(text).wanted == Wanted(words, becomes)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("centre of excellence", "It has no = and no > between words."),
        ("a > b > c", "There is more than one > in it."),
        ("CoE =", "A word is missing beside = or >."),
        ("= > CoE", "A word is missing beside = or >."),
        ("CoE = coe", "Give at least two words that find each other."),
        (
            "it = information technology",
            "“it” says nothing to the search: it passes over filler words and signs.",
        ),
        (f"x = {'y' * 81}", f"“{'y' * 30}…” is too long: at most 80 characters."),
    ],
)
def test_a_line_that_says_none_says_why(text, complaint):
    line = only(text)
    assert (line.wanted, line.complaint) == (None, complaint)


def test_lines_keep_their_numbers_past_empty_ones():
    assert [line.number for line in lines_in("\na = b\n \r\nc = d")] == [2, 4]


def test_the_same_words_in_another_case_or_order_are_the_same_group():
    assert key_of(["CoE", "Centre  of Excellence"], []) == key_of(
        ["centre of excellence", "coe"], []
    )
    assert key_of(["LMS"], ["VLE"]) != key_of(["VLE"], ["LMS"])


def test_what_is_only_for_one_way_is_not_kept_both_ways():
    assert checked(["a1", "b1"], ["c1"], one_way=False) == Wanted(("a1", "b1"))


@pytest.mark.parametrize(("text", "found"), [("", True), ("excell", True), ("lms", False)])
def test_a_group_is_found_by_a_part_of_a_word(text, found):
    assert matching(Wanted(("CoE",), ("Centre of Excellence",)), text) is found


def taken(words, becomes, *, one_way):
    """Return the group, or None if the words make none."""
    try:
        return checked(words, becomes, one_way=one_way)
    except Invalid:
        return None


WORD = st.text(max_size=90)
PLAIN = st.text(st.characters(categories=["L", "N"]), min_size=3, max_size=12)


@given(st.lists(WORD, max_size=6), st.lists(WORD, max_size=3), st.booleans())
def test_whatever_is_taken_holds_the_rules(words, becomes, one_way):
    wanted = taken(words, becomes, one_way=one_way)
    if wanted is None:
        return
    kept = (*wanted.words, *wanted.becomes)
    assert all(0 < len(word) <= LONGEST_WORD for word in kept)
    assert len(key_of(wanted.words, ())[0] | key_of(wanted.becomes, ())[0]) == len(kept) >= 2
    assert bool(wanted.becomes) == one_way


@given(st.text(max_size=300))
def test_any_pasted_text_is_answered_line_by_line(text):
    for line in lines_in(text):
        assert (line.wanted is None) == bool(line.complaint)


@given(st.lists(PLAIN, min_size=2, max_size=5), st.booleans())
def test_a_group_written_as_a_line_reads_as_the_same_group(words, one_way):
    wanted = taken(words[:1] if one_way else words, words[1:], one_way=one_way)
    if wanted is not None:
        assert only(str(wanted)).wanted == wanted

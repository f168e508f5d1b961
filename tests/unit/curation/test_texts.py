"""Plain text from people."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.curation.texts import checked, plain
from app.errors import Invalid


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("one\r\ntwo\rthree", "one\ntwo\nthree"),
        ("  around \n", "around"),
        ("nul\x00 and bell\x07", "nul and bell"),
        ("tab\tstays", "tab\tstays"),
        (None, ""),
    ],
)
def test_it_keeps_text_in_one_form(text, kept):
    assert plain(text) == kept


@given(st.text())
def test_it_changes_what_it_has_made_no_more(text):
    assert plain(plain(text)) == plain(text)


def test_it_counts_a_line_break_once():
    assert checked("note", "a\r\nb", longest=3) == "a\nb"


def test_it_names_the_field_that_is_too_long():
    with pytest.raises(Invalid) as refused:
        checked("note", "four", longest=3)
    assert refused.value.fields == {"note": "This has 4 characters; at most 3 fit."}


def test_it_wants_what_is_required():
    with pytest.raises(Invalid):
        checked("title", " \n", longest=3, required=True)

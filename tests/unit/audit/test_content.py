"""What an entry may hold: one printable line for each text, JSON that reads back alike."""

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.audit.content import line, plain

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary() | st.dates(),
    lambda inner: (
        st.lists(inner)
        | st.frozensets(st.text())
        | st.dictionaries(st.text() | st.integers() | st.none(), inner)
    ),
)


@given(text=st.text(st.characters()), longest=st.integers(1, 60))
def test_it_writes_any_text_on_one_line_that_prints(text, longest):
    kept = line(text, longest)
    assert kept.isprintable()
    assert len(kept) <= longest


@pytest.mark.parametrize("bad", ["\r\n", "\0", "\x1b[2J", "\u202e", "\u2066", "\u2028", "\x85"])
def test_it_takes_away_what_ends_a_line_or_turns_it_round(bad):
    assert line(f"Ada{bad}7 done by Bob", 100).startswith("Ada ")


@given(value=ANYTHING)
def test_it_makes_json_that_reads_back_as_it_was_written(value):
    made = plain(value)
    assert json.loads(json.dumps(made, allow_nan=False)) == made
    json.dumps(made, ensure_ascii=False).encode()


def test_it_is_content_with_what_it_made_itself():
    made = plain({"a": [1.5, math.nan, 10**5000, "x" * 900], 7: {"deep": {"b": (True, None)}}})
    assert plain(made) == made


def test_it_leaves_out_what_is_too_much_and_says_so():
    assert plain(list(range(60)))[-1] == "… and 10 more"
    endless = []
    endless.append(endless)
    assert "…" in json.dumps(plain(endless), ensure_ascii=False)

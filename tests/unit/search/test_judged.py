"""Files of judged queries, whatever somebody may have written into them."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.judged import Fault, JudgedQuery, read

GOOD = {"query": "ohms law", "items": {"phet/ohm": 3, "phet/wire": 1}, "note": "known by its name"}


def line(**changes):
    return json.dumps({name: value for name, value in {**GOOD, **changes}.items() if value != "-"})


def faults(text):
    return [(bad.number, bad.field, bad.fault) for bad in read(text).bad]


class TestGoodLines:
    def test_it_reads_a_query_with_its_grades(self):
        [found] = read(line()).queries
        assert found == JudgedQuery("ohms law", {"phet/ohm": 3, "phet/wire": 1}, GOOD["note"])

    def test_it_reads_who_asks_and_what_is_tested(self):
        asker = {"kind": "role", "role": "designer", "language": "de", "audience": ["dept:design"]}
        [found] = read(line(**asker)).queries
        assert (found.kind, found.role, found.language) == ("role", "designer", "de")
        assert found.audience == {"dept:design"}

    def test_a_query_may_be_judged_for_everybody_and_for_each_role(self):
        text = "\n".join((line(), line(role="designer"), line(role="analyst")))
        assert [one.role for one in read(text).queries] == ["", "designer", "analyst"]

    def test_empty_lines_count_but_say_nothing(self):
        assert faults(f"\n{line()}\r\n\n{{") == [(4, "", Fault.NO_OBJECT)]


class TestBadLines:
    @pytest.mark.parametrize("text", ["{", "[]", "3", "null", '"ohms law"', "[" * 100_000, "\x00"])
    def test_it_names_a_line_that_is_no_object(self, text):
        assert faults(text) == [(1, "", Fault.NO_OBJECT)]

    @pytest.mark.parametrize(
        ("changes", "field", "fault"),
        [
            ({"query": " "}, "query", Fault.NO_TEXT),
            ({"query": 3}, "query", Fault.NO_TEXT),
            ({"query": "x" * 301}, "query", Fault.TOO_LONG),
            ({"query": "-"}, "query", Fault.NO_TEXT),
            ({"note": ""}, "note", Fault.NO_TEXT),
            ({"note": "-"}, "note", Fault.NO_TEXT),
            ({"items": "-"}, "items", Fault.NO_ITEMS),
            ({"items": {}}, "items", Fault.NO_ITEMS),
            ({"items": ["phet/ohm"]}, "items", Fault.NO_ITEMS),
            ({"items": {"phet/ohm": 0}}, "items: phet/ohm", Fault.GRADE),
            ({"items": {"phet/ohm": 4}}, "items: phet/ohm", Fault.GRADE),
            ({"items": {"phet/ohm": 2.0}}, "items: phet/ohm", Fault.GRADE),
            ({"items": {"phet/ohm": True}}, "items: phet/ohm", Fault.GRADE),
            ({"items": {"phet/ohm": "3"}}, "items: phet/ohm", Fault.GRADE),
            ({"kind": "riddle"}, "kind", Fault.KIND),
            ({"kind": ["topic"]}, "kind", Fault.KIND),
            ({"role": 7}, "role", Fault.NO_TEXT),
            ({"audience": "everyone"}, "audience", Fault.AUDIENCE),
            ({"audience": [1]}, "audience", Fault.AUDIENCE),
            ({"grade": 3}, "grade", Fault.UNKNOWN),
        ],
    )
    def test_it_names_the_field_at_fault(self, changes, field, fault):
        text = f"{line(query='before')}\n{line(**changes)}\n{line(query='after')}"
        assert faults(text) == [(2, field, fault)]
        assert [one.query for one in read(text).queries] == ["before", "after"]

    def test_it_names_every_fault_of_a_line(self):
        assert [bad.field for bad in read(line(query="", note="", kind="?")).bad] == [
            "query",
            "note",
            "kind",
        ]

    def test_an_item_graded_twice_is_no_grade(self):
        text = '{"query": "ohm", "items": {"a/b": 1, "a/b": 3}, "note": "why"}'
        assert faults(text) == [(1, "items", Fault.TWICE)]

    def test_the_same_query_counts_once(self):
        text = f"{line()}\n{line(query='Ohms  LAW')}"
        assert faults(text) == [(2, "query", Fault.AGAIN)]

    def test_it_says_where_and_what_in_one_sentence(self):
        [bad] = read(line(items={"phet/ohm": 4})).bad
        assert str(bad) == "line 1, items: phet/ohm: has a grade other than 1, 2 or 3"


@given(st.text() | st.lists(st.sampled_from([line(), "{", "", "[1]", "\r", "null"])).map("\n".join))
def test_it_reads_any_text(text):
    found = read(text)
    lines = [one for one in text.split("\n") if one.strip()]
    assert len(found.queries) + len({bad.number for bad in found.bad}) == len(lines)

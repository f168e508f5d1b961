"""What files of items look like in the wild, and what becomes of their lines."""

import json

import pytest

from app.connectors.base import Checkpoint, ErrorKind, Fail, Mode, Presence, SourceError, Upsert
from app.connectors.mapping import apply
from app.connectors.tools.drop import Drop
from tests.support.tools.drop import FakeDrop

HEAD = "external_id;kind;title;url\n"


@pytest.fixture
def file():
    return FakeDrop()


def read(file, body, **settings):
    file.body = body if isinstance(body, bytes) else body.encode()
    return list(file.connector(**settings).pull(None, Mode.SWEEP))


def ids(events):
    return [event.external_id for event in events if isinstance(event, Upsert)]


def failed(events):
    return {one.what: str(one.error) for one in events if isinstance(one, Fail)}


def trouble(file, body, **settings):
    with pytest.raises(SourceError) as caught:
        read(file, body, **settings)
    return caught.value.kind


def line(external_id):
    return f"{external_id};course;Title;https://learn.test/{external_id}\n"


def test_a_bad_line_of_csv_is_named_and_the_others_come_in(file):
    body = HEAD + line("a") + "b;course\n" + ";course;T;https://x\n" + line("a") + line("c")
    events = read(file, body)
    assert ids(events) == ["a", "c"]
    assert failed(events) == {
        "#3": "Line 3 has 2 values for 4 columns.",
        "#4": "Line 4 has no external_id.",
        "#5": "Line 5 has the external_id of line 2.",
    }


def test_a_line_that_is_not_utf_8_fails_alone(file):
    body = (HEAD + line("a")).encode() + "b;course;Ü;https://x\n".encode("latin-1")
    events = read(file, body + line("c").encode())
    assert ids(events) == ["a", "c"]
    assert failed(events) == {"#3": "Line 3 is not UTF-8."}


def test_a_quotation_mark_that_is_not_closed_says_what_it_took_with_it(file):
    events = read(file, HEAD + line("a") + 'b;course;"T;https://x\n' + line("c"))
    assert ids(events) == ["a"]
    assert list(failed(events).values()) == ["Lines 3 to 4 are not CSV."]


def test_jsonl_is_read_line_by_line(file):
    good = {"external_id": "a", "title": "A", "skills": ["C++"], "more": {"x": 1}}
    body = "\n".join([json.dumps(good), "", "{broken", "[]", '{"title": "B"}'])
    events = read(file, body, form="jsonl")
    assert ids(events) == ["a"]
    assert events[0].raw == good
    assert list(failed(events)) == ["#3", "#4", "#5"]


def test_the_ending_tells_the_form(file):
    body = '{"external_id": "a"}'
    assert ids(read(file, body, address="https://files.test/x.ndjson?v=1")) == ["a"]
    assert trouble(file, body) is ErrorKind.SCHEMA


@pytest.mark.parametrize("body", ["", " \n", "a,b\n1,2\n", "external_id,title,title\n", '"'])
def test_what_is_no_file_of_items_is_refused(file, body):
    assert trouble(file, body) is ErrorKind.SCHEMA


def test_lists_have_semicolons_or_bars_between_their_parts(file):
    body = '\ufeffexternal_id,title,skills,audience,minutes\na,T,"Health, safety|C++",everyone,90\n'
    [event] = [one for one in read(file, body) if isinstance(one, Upsert)]
    found = apply(Drop.spec.mapping, event.raw).fields
    assert (found["skills"], found["audience"], found["minutes"]) == (
        ["Health, safety", "C++"],
        ["everyone"],
        90,
    )


def test_the_tool_of_a_line_is_not_read(file):
    file.add("A")
    [event] = [one for one in file.connector().pull(None, Mode.SWEEP) if isinstance(one, Upsert)]
    assert "tool" not in event.raw


def test_an_unchanged_file_is_not_read_again(file):
    file.add("A")
    events = list(file.connector().pull(None, Mode.SWEEP))
    again = list(file.connector().pull(events[-1].cursor, Mode.DELTA))
    assert again == [events[-1]]


def test_a_sweep_of_a_file_that_changed_meanwhile_begins_anew(file):
    added = [file.add(f"Course {number}") for number in range(600)]
    events = list(file.connector().pull(None, Mode.SWEEP))
    mark = next(one for one in events if isinstance(one, Checkpoint))
    file.remove(added[0])
    assert ids(file.connector().pull(mark.cursor, Mode.SWEEP)) == added[1:]


def test_while_a_line_cannot_be_read_nothing_is_called_gone(file):
    file.body = (HEAD + line("a")).encode()
    assert file.connector().probe(["a", "b"]) == {"a": Presence.LIVE, "b": Presence.GONE}
    file.body += b"broken\n"
    assert file.connector().probe(["a", "b"]) == {"a": Presence.LIVE, "b": Presence.UNKNOWN}


def test_a_check_names_the_first_bad_line_and_warns(file):
    file.body = (HEAD + line("a") + "b\n").encode()
    whole, lines = file.connector().check()
    assert (whole.ok, lines.ok, lines.needed) == (True, False, False)
    assert str(lines.why) == "Line 3 has 1 values for 4 columns."

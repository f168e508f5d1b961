"""Files as numbered lines."""

import json
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.intake.reader import LONGEST_LINE, UnreadableError, count_lines, form_of, read


@pytest.fixture
def file(tmp_path):
    """Return a function that writes bytes or text to a file and reads it back as lines."""

    def lines(content, form="jsonl"):
        path = tmp_path / f"file.{form}"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return list(read(path, form))

    return lines


def problems(lines):
    return [(line.number, line.problem.reason) for line in lines if line.problem]


def test_it_numbers_lines_as_an_editor_does(file):
    lines = file('{"a": 1}\n\n  \n{"a": 2}')
    assert [(line.number, line.values) for line in lines] == [(1, {"a": 1}), (4, {"a": 2})]


def test_it_reads_past_a_byte_order_mark(file):
    assert file(b'\xef\xbb\xbf{"a": 1}\n')[0].values == {"a": 1}


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"{", "is not JSON"),
        (b"[1]", "is not a JSON object"),
        (b'"text"', "is not a JSON object"),
        (b'{"a": "\xff"}', "is not UTF-8"),
        (b"[" * 100_000, "is not JSON"),
        (b'{"a": ' + b"9" * 5000 + b"}", "is not JSON"),
        (b'{"a": "' + b"x" * LONGEST_LINE + b'"}', "is longer than 1,000,000 bytes"),
    ],
)
def test_it_names_a_bad_line_and_reads_on(file, line, reason):
    lines = file(b'{"a": 1}\n' + line + b'\n{"a": 2}\n')
    assert problems(lines) == [(2, reason)]
    assert lines[2].number == 3


@given(st.lists(st.binary(max_size=40), max_size=8))
def test_it_answers_for_every_line_of_any_bytes(tmp_path_factory, parts):
    path = tmp_path_factory.mktemp("any") / "file.jsonl"
    content = b"\n".join(parts)
    path.write_bytes(content)
    full = [
        n
        for n, raw in enumerate(content.removeprefix(b"\xef\xbb\xbf").split(b"\n"), 1)
        if raw.strip()
    ]
    assert [line.number for line in read(path, "jsonl")] == full


@given(st.binary(max_size=200))
def test_it_reads_any_bytes_as_csv_or_says_why_not(tmp_path_factory, content):
    path = tmp_path_factory.mktemp("any") / "file.csv"
    path.write_bytes(b"a,b\n" + content)
    assert all(line.number <= line.last for line in read(path, "csv"))


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_it_finds_out_how_a_csv_separates_values(file, separator):
    lines = file(separator.join(["A", " b "]) + "\n" + separator.join(["1", "2"]), "csv")
    assert lines[0].values == {"a": "1", "b": "2"}


def test_it_counts_the_lines_of_quoted_values(file):
    lines = file('a,b\n1,"two\nlines"\n3,4\n', "csv")
    assert [(line.number, line.last) for line in lines] == [(2, 3), (4, 4)]


def test_it_names_a_row_with_too_many_values_and_reads_on(file):
    lines = file("a,b\n1,2,3\n4,5\n", "csv")
    assert problems(lines) == [(2, "has 3 values for 2 columns")]
    assert lines[1].values == {"a": "4", "b": "5"}


def test_it_says_how_much_an_open_quotation_mark_swallows(file):
    lines = file('a,b\n1,"2\n3,4\n5,6\n', "csv")
    assert len(lines) == 1
    assert "lines 2 to 4 are not read" in problems(lines)[0][1]


def test_it_names_a_csv_row_that_is_not_utf_8(file):
    assert problems(file(b"a,b\n\xff,2\n3,4\n", "csv")) == [(2, "is not UTF-8")]


@pytest.mark.parametrize("head", ["", "a,,b\n1,2,3\n", "a,A\n1,2\n"])
def test_it_refuses_a_csv_that_does_not_name_its_columns(file, head):
    with pytest.raises(UnreadableError, match="column"):
        file(head, "csv")


def test_it_knows_the_form_by_the_ending(tmp_path):
    assert form_of(tmp_path / "x.NDJSON") == "jsonl"
    assert form_of(tmp_path / "x.tsv") == "csv"
    assert form_of(tmp_path / "x.txt", "csv") == "csv"


def test_it_asks_for_the_form_when_the_ending_tells_nothing(tmp_path):
    with pytest.raises(UnreadableError, match="--format"):
        form_of(tmp_path / "x.txt")


@pytest.mark.parametrize("reads", [count_lines, lambda path: list(read(path, "jsonl"))])
def test_it_says_when_a_file_cannot_be_opened(tmp_path, reads):
    with pytest.raises(UnreadableError, match="cannot be read"):
        reads(tmp_path)


def test_it_leaves_a_pipe_for_whoever_reads_it(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    assert count_lines(tmp_path / "pipe") is None


@given(st.dictionaries(st.text(), st.recursive(st.none() | st.booleans() | st.text(), st.lists)))
def test_it_gives_back_what_was_written(tmp_path_factory, values):
    path = tmp_path_factory.mktemp("any") / "file.jsonl"
    path.write_text(json.dumps(values))
    assert [line.values for line in read(path, "jsonl")] == [values]

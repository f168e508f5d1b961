"""Vectors: what they are made of, who is near, and what the file of them remembers."""

import sqlite3

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.query import parse
from search.semantic import Neighbours, digest, passage, question
from search.vectors import VectorStore
from tests.support.encoder import WordEncoder
from tests.unit.search.samples import document


@pytest.fixture
def vectors(tmp_path):
    kept = VectorStore(tmp_path / "semantic" / "vectors.db")
    yield kept
    kept.close()


def row(*values):
    return np.array(values, np.float32)


def test_a_passage_is_title_skills_and_body():
    full = document(1, "Pumps", body="How they work", skill_names=("Repair", "Safety"))
    assert passage(full) == "Pumps\nRepair, Safety\nHow they work"
    assert passage(document(1, "Pumps")) == "Pumps"


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("leading people", "leading people"),
        ('"leading people" -remote kind:video', "leading people"),
        ("lead OR manage", "lead manage"),
        ("kind:video -pump", ""),
        ("", ""),
    ],
)
def test_a_question_is_the_words_that_are_wanted(text, asked):
    assert question(parse(text)) == asked


def test_a_digest_changes_with_the_text_and_with_the_encoder():
    one, other = WordEncoder(), WordEncoder()
    other.name = "newer words"
    assert digest(one, "pump") == digest(one, "pump")
    assert len({digest(one, "pump"), digest(one, "pumps"), digest(other, "pump")}) == 3


operations = st.lists(
    st.one_of(
        st.tuples(st.just("put"), st.integers(0, 9), st.integers(0, 359)),
        st.tuples(st.just("remove"), st.integers(0, 9), st.just(0)),
    ),
    max_size=40,
)


@given(operations, st.integers(1, 12))
def test_the_nearest_are_those_of_a_slow_look_at_all(steps, number):
    near, kept = Neighbours(2), {}
    for action, one, angle in steps:
        vector = row(np.cos(np.radians(angle)), np.sin(np.radians(angle)))
        if action == "put":
            near.put({one: vector})
            kept[one] = vector
        else:
            near.remove([one])
            kept.pop(one, None)
    cosines = {one: float(vector[0]) for one, vector in kept.items()}
    found = near.nearest(row(1, 0), number)
    assert len(near) == len(kept)
    best = sorted(cosines.values(), reverse=True)[:number]
    assert list(found.values()) == pytest.approx(best)
    assert all(cosines[one] == pytest.approx(cosine) for one, cosine in found.items())


def test_there_is_room_for_many():
    near = Neighbours(2)
    near.put({one: row(1, 0) for one in range(3000)})
    near.put({3000: row(0, 1)})
    assert list(near.nearest(row(0, 1), 1)) == [3000]


def test_vectors_are_there_after_a_new_start(tmp_path):
    path = tmp_path / "vectors.db"
    first = VectorStore(path)
    first.put([(3, b"three", row(0.6, 0.8)), (2**40, b"far", row(1, 0))])
    first.close()
    again = VectorStore(path)
    [read] = again.read()
    assert read[3].tolist() == row(0.6, 0.8).tolist()
    assert again.ids() == {3, 2**40}
    assert again.digests([3, 4]) == {3: b"three"}
    again.close()


def test_all_vectors_are_read_however_many_there_are(vectors):
    vectors.put((one, b"", row(one)) for one in range(1201))
    read = {one: float(vector[0]) for some in vectors.read() for one, vector in some.items()}
    assert read == {one: float(one) for one in range(1201)}


def test_a_vector_is_replaced_and_deleted(vectors):
    vectors.put([(1, b"a", row(1)), (2, b"a", row(1))])
    vectors.put([(1, b"b", row(2))])
    vectors.delete([2])
    assert vectors.digests([1, 2]) == {1: b"b"}


def test_the_latest_mark_is_worked_off_first(vectors):
    vectors.mark([1, 2, 3])
    vectors.mark([1])
    assert list(vectors.waiting(2)) == [1, 3]
    assert vectors.count_waiting() == 3


def test_a_mark_that_came_meanwhile_is_not_lost(vectors):
    vectors.mark([1, 1, 2])
    taken = vectors.waiting(10)
    vectors.mark([2])
    vectors.done(taken)
    assert list(vectors.waiting(10)) == [2]


def test_marks_outlive_the_process_that_made_them(tmp_path):
    VectorStore(tmp_path / "vectors.db").mark([7])
    assert list(VectorStore(tmp_path / "vectors.db").waiting(10)) == [7]


def test_a_file_that_is_no_database_is_told(tmp_path):
    path = tmp_path / "vectors.db"
    path.write_bytes(b"not a database" * 100)
    with pytest.raises(sqlite3.Error):
        VectorStore(path).mark([1])

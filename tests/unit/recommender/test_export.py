"""Interactions on their way to another machine: complete, repeatable, and nobody's name in them."""

import gzip
import hashlib
import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse

from recommender.export import export


def read(folder):
    """Read an export as its documentation says."""
    manifest = json.loads((folder / "manifest.json").read_text())
    rows = []
    for part in manifest["parts"]:
        packed = (folder / part["name"]).read_bytes()
        assert hashlib.sha256(packed).hexdigest() == part["sha256"]
        head, *lines = gzip.decompress(packed).decode().splitlines()
        assert head == "person,item,confidence"
        assert len(lines) == part["rows"]
        rows += [line.split(",") for line in lines]
    return manifest, [(int(person), int(item), float(much)) for person, item, much in rows]


@pytest.fixture
def matrix():
    return sparse.random_array((40, 25), density=0.2, format="csr", dtype=np.float32, rng=3)


@given(
    st.dictionaries(
        st.tuples(st.integers(0, 6), st.integers(0, 4)),
        st.floats(2**-20, 2**20, width=32),
        max_size=20,
    ),
    st.integers(1, 7),
)
def test_whoever_reads_it_has_the_same_matrix(tmp_path_factory, cells, part_rows):
    at = np.array(list(cells), np.int64).reshape(-1, 2).T
    values = np.array(list(cells.values()), np.float32)
    given = sparse.csr_matrix((values, tuple(at)), shape=(7, 5))
    folder = tmp_path_factory.mktemp("export") / "export"
    made = export(given, folder, part_rows=part_rows)
    manifest, rows = read(folder)
    assert made.interactions == manifest["interactions"] == len(rows) == len(cells)
    assert (manifest["people"], manifest["items"]) == (7, 5)
    for person, item, confidence in rows:
        assert confidence == pytest.approx(cells[person, item], rel=1e-6)


def test_the_same_matrix_gives_the_same_bytes(matrix, tmp_path):
    first, second = (export(matrix, tmp_path / name, part_rows=70) for name in ("a", "b"))
    assert first.digest == second.digest
    for path in first.folder.iterdir():
        assert path.read_bytes() == (second.folder / path.name).read_bytes()


def test_another_confidence_gives_another_digest(matrix, tmp_path):
    first = export(matrix, tmp_path / "a")
    matrix.data[7] += 1
    assert export(matrix, tmp_path / "b").digest != first.digest


def test_it_tells_how_far_it_is(matrix, tmp_path):
    told = []
    export(matrix, tmp_path / "export", told.append, part_rows=50)
    assert told == [0.25, 0.5, 0.75, 1.0]


def test_one_that_is_interrupted_leaves_nothing(matrix, tmp_path):
    def stop(share):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        export(matrix, tmp_path / "export", stop)
    assert list(tmp_path.iterdir()) == []


def test_it_is_never_written_over(matrix, tmp_path):
    export(matrix, tmp_path / "export")
    with pytest.raises(FileExistsError):
        export(matrix, tmp_path / "export")


@pytest.mark.parametrize("value", [0.0, -1.0, np.nan, np.inf])
def test_only_confidences_above_0_are_taken(matrix, tmp_path, value):
    matrix.data[3] = value
    with pytest.raises(ValueError, match="numbers above 0"):
        export(matrix, tmp_path / "export")
    assert list(tmp_path.iterdir()) == []

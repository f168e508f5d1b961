"""The model: refused if one byte differs, and as good as its maker's figures say."""

import hashlib
import json
import shutil
import struct

import numpy as np
import pytest

from search import minilm
from search.minilm import MODEL, VOCABULARY, MiniLM, ModelRefused, installed, read_safetensors


def test_a_model_that_is_not_installed_is_told(monkeypatch):
    monkeypatch.setattr(minilm, "PACKAGE", "no_such_package")
    with pytest.raises(ModelRefused, match="make install-semantic"):
        installed()


def test_files_that_are_missing_are_named(tmp_path):
    with pytest.raises(ModelRefused, match=r"model\.safetensors of the model cannot be read"):
        MiniLM(tmp_path)


@pytest.mark.parametrize("name", [MODEL, VOCABULARY])
def test_a_changed_byte_is_refused(tmp_path, name):
    hashes = {}
    for each in (MODEL, VOCABULARY):
        (tmp_path / each).write_bytes(b"as measured")
        hashes[each] = hashlib.sha256(b"as measured").hexdigest()
    (tmp_path / name).write_bytes(b"as neasured")
    with pytest.raises(ModelRefused, match=f"{name} of the model is not the file") as refused:
        MiniLM(tmp_path, hashes)
    assert hashes[name] in str(refused.value)


def test_it_reads_the_floats_of_a_safetensors_file(tmp_path):
    entries = {
        "__metadata__": {"format": "pt"},
        "places": {"dtype": "I64", "shape": [1], "data_offsets": [0, 8]},
        "weight": {"dtype": "F32", "shape": [2, 1], "data_offsets": [8, 16]},
    }
    header = json.dumps(entries).encode()
    path = tmp_path / MODEL
    path.write_bytes(struct.pack("<Q", len(header)) + header + struct.pack("<qff", 7, 1.5, -2))
    found = read_safetensors(path)
    assert found.keys() == {"weight"}
    assert found["weight"].tolist() == [[1.5], [-2.0]]


@pytest.fixture(scope="module")
def model():
    return MiniLM(installed())


@pytest.mark.slow
def test_it_agrees_with_the_figures_that_its_makers_publish(model):
    # https://sbert.net/docs/quickstart.html
    rows = model.encode(
        ["The weather is lovely today.", "It's so sunny outside!", "He drove to the stadium."]
    )
    published = [[1.0, 0.6660, 0.1046], [0.6660, 1.0, 0.1411], [0.1046, 0.1411, 1.0]]
    assert np.abs(rows @ rows.T - np.array(published)).max() < 1e-4


@pytest.mark.slow
def test_it_knows_what_is_similar(model):
    texts = ["Coping with a difficult boss", "Repairing hydraulic pumps", "SQL for beginners"]
    rows = model.encode(texts)
    asked = model.encode(["my manager shouts at me", "fixing leaks in machines", "query tables"])
    assert (asked @ rows.T).argmax(axis=1).tolist() == [0, 1, 2]


@pytest.mark.slow
def test_it_takes_any_text_and_reads_its_beginning(model):
    long = model.encode(["pump " * 1000, "pump " * 254])
    odd = model.encode(["", "\x00", "🚰", "a" * 5000])
    assert np.allclose(long[0], long[1])
    assert np.allclose(np.linalg.norm(np.concatenate([long, odd]), axis=1), 1, atol=1e-5)
    assert model.encode([]).shape == (0, 384)


@pytest.mark.slow
def test_the_installed_model_is_refused_when_a_byte_of_it_changes(tmp_path):
    shutil.copytree(installed(), tmp_path / "model")
    with (tmp_path / "model" / MODEL).open("r+b") as file:
        file.seek(80_000_000)
        byte = file.read(1)
        file.seek(80_000_000)
        file.write(bytes([byte[0] ^ 1]))
    with pytest.raises(ModelRefused, match="is not the file that was measured"):
        MiniLM(tmp_path / "model")

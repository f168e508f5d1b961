"""Texts cut into the pieces of a vocabulary, by the rules of the uncased BERT tokenizer."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.wordpiece import WordPieces

MARKS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", ",", ".", "+", "#", "[", "]"]
WORDS = ["pump", "##s", "##ing", "the", "cafe", "c", "日", "本", "sep", "un", "##believ", "##able"]
PIECES = MARKS + WORDS


@pytest.fixture(scope="module")
def pieces(tmp_path_factory):
    path = tmp_path_factory.mktemp("vocabulary") / "vocab.txt"
    path.write_text("\n".join(PIECES) + "\n", encoding="utf-8")
    return WordPieces(path)


def cut(pieces, text, most=64):
    return [PIECES[number] for number in pieces.numbers(text, most)[1:-1]]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Pumps pumping", ["pump", "##s", "pump", "##ing"]),
        ("the pump, the pump.", ["the", "pump", ",", "the", "pump", "."]),
        ("CAFÉ", ["cafe"]),
        ("unbelievable", ["un", "##believ", "##able"]),
        ("pumpx", ["[UNK]"]),
        ("日本", ["日", "本"]),
        ("C++ C#", ["c", "+", "+", "c", "#"]),
        ("pu\u00admp\u200b\x00", ["pump"]),
        ("pump\u00a0pump\tpump\n", ["pump", "pump", "pump"]),
        ("[SEP]", ["[", "sep", "]"]),
        ("pump" * 30, ["[UNK]"]),
        ("", []),
    ],
)
def test_it_cuts(pieces, text, found):
    assert cut(pieces, text) == found


def test_a_long_text_ends_with_the_mark_of_an_end(pieces):
    numbers = pieces.numbers("pump " * 100, 8)
    assert [PIECES[number] for number in numbers] == ["[CLS]", *["pump"] * 6, "[SEP]"]


@given(st.text(), st.integers(2, 20))
def test_any_text_is_cut(pieces, text, most):
    numbers = pieces.numbers(text, most)
    assert 2 <= len(numbers) <= most
    assert (numbers[0], numbers[-1]) == (2, 3)

"""Cuts a text into the word pieces that a BERT model was trained on.

The rules are those of the uncased BERT tokenizer (Devlin et al. 2019): lower case, no accents,
words cut at spaces and punctuation, each word then cut into the longest pieces of the vocabulary.
Marks such as "[SEP]" in a text are ordinary characters here.
"""

import unicodedata
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path

_LONGEST_WORD = 100
_IDEOGRAPHS = (
    (0x3400, 0x4DBF),
    (0x4E00, 0x9FFF),
    (0xF900, 0xFAFF),
    (0x20000, 0x2CEAF),
    (0x2F800, 0x2FA1F),
)


class WordPieces:
    """A vocabulary, and the numbers of the pieces of any text."""

    def __init__(self, vocabulary: Path) -> None:
        """Read a vocabulary of one piece per line; raises OSError, and KeyError for a wrong one."""
        lines = vocabulary.read_text("utf-8").splitlines()
        self._numbers: Mapping[str, int] = {piece: at for at, piece in enumerate(lines)}
        self._first, self._last = self._numbers["[CLS]"], self._numbers["[SEP]"]
        self._unknown = (self._numbers["[UNK]"],)
        self._cut_word = lru_cache(maxsize=20_000)(self._pieces)

    def numbers(self, text: str, most: int) -> list[int]:
        """Give at most `most` numbers, between the marks for beginning and end."""
        found = [self._first]
        for word in _words(text):
            found += self._cut_word(word)
            if len(found) >= most:
                break
        return [*found[: most - 1], self._last]

    def _pieces(self, word: str) -> tuple[int, ...]:
        """Cut a word into the longest pieces from its beginning on; unknown if that ends early."""
        if len(word) > _LONGEST_WORD:
            return self._unknown
        found: list[int] = []
        start = 0
        while start < len(word):
            mark = "##" if start else ""
            ends = range(len(word), start, -1)
            end = next((end for end in ends if mark + word[start:end] in self._numbers), None)
            if end is None:
                return self._unknown
            found.append(self._numbers[mark + word[start:end]])
            start = end
        return tuple(found)


def _words(text: str) -> Iterator[str]:
    """Cut a text into words and single marks, in lower case and without accents."""
    spaced = "".join(_apart(char) for char in text)
    plain = unicodedata.normalize("NFD", spaced.lower())
    for word in plain.split():
        yield from "".join(_around_punctuation(char) for char in word).split()


@lru_cache(maxsize=5_000)
def _apart(char: str) -> str:
    """Leave out what cannot be seen, and put spaces around ideographs."""
    if char.isspace():
        return " "
    if char == "\ufffd" or unicodedata.category(char).startswith("C"):
        return ""
    code = ord(char)
    return f" {char} " if any(low <= code <= high for low, high in _IDEOGRAPHS) else char


@lru_cache(maxsize=5_000)
def _around_punctuation(char: str) -> str:
    """Put spaces around punctuation, which in ASCII is whatever is no letter and no digit."""
    category = unicodedata.category(char)
    if category == "Mn":
        return ""
    symbol = char.isascii() and not char.isalnum()
    return f" {char} " if symbol or category.startswith("P") else char

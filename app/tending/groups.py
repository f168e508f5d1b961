"""What makes a group of synonyms: read from fields or from pasted lines, checked, compared.

A pasted line is "CoE = centre of excellence" for words that find each other, or
"LMS > learning platform" where only the left finds the right as well.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NoReturn

from app.errors import Invalid, Wording
from app.models import SynonymGroup
from search.text import fold, is_stopword, pieces

LONGEST_WORD = 80
MOST_WORDS = 20
NOTE = 500
MOST_LINES = 500
_ARROW = re.compile(r"=>|->|>|→")
_EQUALS = re.compile(r"=|,\s+")
Key = tuple[frozenset[str], frozenset[str]]


@dataclass(frozen=True, slots=True)
class Wanted:
    """A group as a curator wants it; with `becomes`, `words` find that too, and not back."""

    words: tuple[str, ...]
    becomes: tuple[str, ...] = ()

    @property
    def key(self) -> Key:
        """Return what two groups have in common that say the same."""
        return key_of(self.words, self.becomes)

    def __str__(self) -> str:
        """Return the line that says this."""
        left = " = ".join(self.words)
        return f"{left} > {' = '.join(self.becomes)}" if self.becomes else left


@dataclass(frozen=True, slots=True)
class Line:
    """A pasted line with its number, and the group it says or why it says none."""

    number: int
    text: str
    wanted: Wanted | None = None
    complaint: str = ""


def key_of(words: Iterable[str], becomes: Iterable[str]) -> Key:
    """Return what two groups have in common that say the same, whatever the case and order."""
    return frozenset(map(_folded, words)), frozenset(map(_folded, becomes))


def checked(words: Iterable[str], becomes: Iterable[str], *, one_way: bool) -> Wanted:
    """Return a group without empty or repeated words.

    Raises Invalid naming `words` or `becomes`: nothing there, too few, too many, a word that is
    too long or says nothing to the search.
    """
    left = _usable("words", words)
    if not one_way:
        if len(left) == 1:
            _refuse("words", Wording("Give at least two words that find each other."))
        return Wanted(left)
    right = _usable("becomes", becomes)
    known = set(map(_folded, left))
    more = tuple(word for word in right if _folded(word) not in known)
    if not more:
        _refuse("becomes", Wording("This only says again what stands on the other side."))
    return Wanted(left, more)


def lines_in(text: str) -> Iterator[Line]:
    """Read pasted lines; empty ones are passed over, and each of the others says what it is."""
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        try:
            yield Line(number, line.strip(), wanted=_said_by(line))
        except Invalid as refusal:
            yield Line(number, line.strip(), complaint=next(iter(refusal.fields.values())))


def _said_by(line: str) -> Wanted:
    sides = [_EQUALS.split(side) for side in _ARROW.split(line)]
    if len(sides) > 2:
        _refuse("line", Wording("There is more than one > in it."))
    if len(sides) == 1 and len(sides[0]) == 1:
        _refuse("line", Wording("It has no = and no > between words."))
    if any(not word.strip() for side in sides for word in side):
        _refuse("line", Wording("A word is missing beside = or >."))
    return checked(sides[0], sides[1] if len(sides) == 2 else (), one_way=len(sides) == 2)


def _usable(field: str, given: Iterable[str]) -> tuple[str, ...]:
    """Return the words with single spaces, each once; raise Invalid naming the field."""
    found = {_folded(word): " ".join(word.split()) for word in reversed([*given]) if word.strip()}
    words = tuple(reversed(found.values()))
    if not words:
        _refuse(field, Wording("Give at least one word."))
    if len(words) > MOST_WORDS:
        _refuse(field, Wording("These are too many: at most %(most)d words.", most=MOST_WORDS))
    _check_each(field, words)
    return words


def _check_each(field: str, words: Sequence[str]) -> None:
    for word in words:
        if len(word) > LONGEST_WORD:
            shown = f"{word[:30]}…"
            why = Wording(
                "“%(word)s” is too long: at most %(most)d characters.",
                word=shown,
                most=LONGEST_WORD,
            )
            _refuse(field, why)
        if not _says_something(word):
            why = Wording(
                "“%(word)s” says nothing to the search: it passes over filler words and signs.",
                word=word,
            )
            _refuse(field, why)


def _says_something(text: str) -> bool:
    return any(not is_stopword(word) for piece in pieces(text) for word in piece.words)


def _folded(word: str) -> str:
    return " ".join(fold(word).split())


def _refuse(field: str, why: str) -> NoReturn:
    raise Invalid({field: why})


def matching(group: Wanted | SynonymGroup, text: str) -> bool:
    """Tell whether a group has a word in which the text stands; an empty text stands in all."""
    wanted = _folded(text)
    return any(wanted in _folded(word) for word in (*group.words, *group.becomes))

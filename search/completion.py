"""How a title is written down so that it can be completed, and how what is typed asks for it.

An engine knows only terms. A title's terms for completion are the beginnings of its words, its
whole words (marked "=") and the beginnings of the words that open it (marked "^"). What is typed
becomes ways to match, of which one is enough, and terms that lift a match above others; how titles
are told apart beyond that is `search.suggest`'s.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from typing import NamedTuple

from search.text import Piece, Token, analyse, is_stopword, pieces

COMPLETES = "completes"
LONGEST = 15  # letters of a word that the index tells apart
WHOLE, FIRST = "=", "^"
LIFT_FIRST, LIFT_WHOLE = 4.0, 2.0
MOST_WORDS = 8  # typed words beyond these ask for nothing
SLOT, FILLER, FORM = " ", "~", "|"
_TEXT = "\x1f"


class Title(NamedTuple):
    """A title, and its words as one text that is quick to look into.

    "The on-call rota" is " ~|the| |on|oncall| |call| |rota|": a space before each word, a mark if
    it is filler, and bars round the forms that begin at its place. No word holds any of these.
    """

    text: str
    words: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an engine has to find: documents that hold all the terms of one of the `ways`.

    They score 1, and more by the worth of each of the terms in `lifts` that they hold; the score is
    multiplied by a factor from 50 to 61 that grows with `browse_key`, so that quality decides
    between those that hold the same.
    """

    ways: tuple[tuple[str, ...], ...]
    lifts: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Typed:
    """The words in a search box, and those of them that nobody goes on typing.

    `ways` are the same words split and joined: "on-boar" is "on boar" and "onboar".
    """

    ways: tuple[tuple[str, ...], ...]
    whole: frozenset[str]


def completion_terms(tokens: Sequence[Token]) -> frozenset[str]:
    """List the terms by which a title is completed."""
    found: set[str] = set()
    for token in tokens:
        found.update(_beginnings(token.word))
        found.add(WHOLE + token.word)
    for token in _opening(tokens):
        found.update(FIRST + start for start in _beginnings(token.word))
    return frozenset(found)


def typed(text: str) -> Typed:
    """Read what is typed; filler need not be found unless it is last: it may be unfinished."""
    found = list(pieces(text))[:MOST_WORDS]
    telling = [one for one in found[:-1] if not _says_nothing(one.words)] + found[-1:]
    compound = any(one.joined for one in found)
    together = ("".join(_split(found)),) if len(found) == 2 and not compound else ()
    ways = (_split(found), _split(telling), _joined(found), _joined(telling), together)
    ended = text[-1:].isspace()
    whole = frozenset(word for way in ways for word in (way if ended else way[:-1]))
    return Typed(tuple(dict.fromkeys(way for way in ways if way)), whole)


def wanted(asked: Typed) -> Wanted:
    """Turn typed words into terms."""
    ways = tuple(tuple(dict.fromkeys(word[:LONGEST] for word in way)) for way in asked.ways)
    lifts = {WHOLE + word: LIFT_WHOLE for word in asked.whole}
    lifts.update((FIRST + way[0], LIFT_FIRST) for way in ways)
    return Wanted(ways, lifts)


def write_title(title: str, tokens: Sequence[Token]) -> str:
    """Write a title down with its words, for `read_title` to read without analysing it again."""
    return f"{_words(tokens)}{_TEXT}{title.replace(_TEXT, ' ')}"


def read_title(written: str) -> Title:
    """Read a title that was written down."""
    words, _, text = written.partition(_TEXT)
    return Title(text, words)


@lru_cache(maxsize=20_000)
def make_title(text: str) -> Title:
    """Make a title of a text that was not written down."""
    return Title(text, _words(analyse(text, "")))


def _words(tokens: Iterable[Token]) -> str:
    placed = sorted(tokens, key=lambda token: token.start)
    together = groupby(placed, key=lambda token: token.start)
    slots = [tuple(dict.fromkeys(token.word for token in group)) for _, group in together]
    return "".join(
        f"{SLOT}{FILLER if _says_nothing(slot) else ''}{FORM}{FORM.join(slot)}{FORM}"
        for slot in slots
    )


def _says_nothing(slot: tuple[str, ...]) -> bool:
    return len(slot) == 1 and is_stopword(slot[0])


def _split(found: Iterable[Piece]) -> tuple[str, ...]:
    return tuple(word for one in found for word in one.words)


def _joined(found: Iterable[Piece]) -> tuple[str, ...]:
    return tuple(word for one in found for word in ([one.joined] if one.joined else one.words))


def _opening(tokens: Sequence[Token]) -> Iterator[Token]:
    """Find the first word, and the first that is not filler, in all their forms."""
    starts = {tokens[0].start} if tokens else set()
    starts.update(next(([one.start] for one in tokens if not is_stopword(one.word)), []))
    return (token for token in tokens if token.start in starts)


@lru_cache(maxsize=50_000)
def _beginnings(word: str) -> tuple[str, ...]:
    return tuple(word[:length] for length in range(1, min(len(word), LONGEST) + 1))

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

from search.text import Piece, Token, analyse, is_stopword, pieces

COMPLETES = "completes"
LONGEST = 15  # letters of a word that the index tells apart
WHOLE, FIRST = "=", "^"
LIFT_FIRST, LIFT_WHOLE = 4.0, 2.0
MOST_WORDS = 8  # typed words beyond these ask for nothing
Slot = tuple[str, ...]


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
    """The words in a search box; `ended` says that the last one is whole.

    `ways` are the same words split and joined: "on-boar" is "on boar" and "onboar".
    """

    ways: tuple[tuple[str, ...], ...]
    ended: bool

    @property
    def whole(self) -> frozenset[str]:
        """The words that nobody goes on typing."""
        return frozenset(word for way in self.ways for word in (way if self.ended else way[:-1]))


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
    """Read what is typed; filler does not count unless it is last, where it may be unfinished."""
    found = list(pieces(text))
    kept = [one for one in found[:-1] if not _is_filler(one)] + found[-1:]
    kept = kept[:MOST_WORDS]
    split = tuple(word for one in kept for word in one.words)
    compound = tuple(one.joined for one in kept if one.joined)
    joined = tuple(word for one in kept for word in ([one.joined] if one.joined else one.words))
    together = ("".join(split),) if len(kept) == 2 and not compound else ()
    ways = dict.fromkeys(way for way in (split, joined, together) if way)
    return Typed(tuple(ways), text[-1:].isspace())


def wanted(asked: Typed) -> Wanted:
    """Turn typed words into terms."""
    ways = tuple(tuple(dict.fromkeys(word[:LONGEST] for word in way)) for way in asked.ways)
    lifts = {WHOLE + word: LIFT_WHOLE for word in asked.whole}
    lifts.update((FIRST + way[0], LIFT_FIRST) for way in ways)
    return Wanted(ways, lifts)


@lru_cache(maxsize=20_000)
def slots(title: str) -> tuple[Slot, ...]:
    """List a title's words in order, each with the other forms that begin at the same place."""
    tokens = sorted(analyse(title, ""), key=lambda token: token.start)
    return tuple(
        tuple(token.word for token in group)
        for _, group in groupby(tokens, key=lambda token: token.start)
    )


def telling(words: Iterable[Slot]) -> tuple[Slot, ...]:
    """Leave out the words that are filler."""
    return tuple(slot for slot in words if not (len(slot) == 1 and is_stopword(slot[0])))


def _opening(tokens: Sequence[Token]) -> Iterator[Token]:
    """Find the first word, and the first that is not filler, in all their forms."""
    starts = {tokens[0].start} if tokens else set()
    starts.update(next(([one.start] for one in tokens if not is_stopword(one.word)), []))
    return (token for token in tokens if token.start in starts)


@lru_cache(maxsize=50_000)
def _beginnings(word: str) -> tuple[str, ...]:
    return tuple(word[:length] for length in range(1, min(len(word), LONGEST) + 1))


def _is_filler(piece: Piece) -> bool:
    return len(piece.words) == 1 and is_stopword(piece.words[0])

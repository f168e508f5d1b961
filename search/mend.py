"""What to make of a word that nothing holds which this reader may see.

First it is read differently: as part of a word that was typed in several parts ("wa yba ck"), as
two words, as the beginning of a word ("abac"). Only then, and only where a request forgives, it is
taken for a word that is spelt nearly alike, and the results say so.

A word that only others may see is never suggested, nor does it change which word is: candidates
count by the documents of this audience alone.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from search.document import Correction, Request
from search.others import Index, joinable, joined_ways, other_words, parted_ways
from search.plan import (
    LONGEST_PREFIX,
    STARTS,
    TEXT,
    Alternative,
    Clause,
    Match,
    More,
    Typed,
    clauses,
    typed_words,
)
from search.query import Query, Word, parse
from search.spelling import VOCABULARY, WRITTEN, meant
from search.text import language_code

MOST_PARTS = 4  # in how many parts one word may have been typed
SHORTEST_BEGINNING = 3
SHORTEST_IN_TEXTS = 4
SHORTEST_WHOLE = 5


class Reader(Index, Protocol):
    """What has to be known of an index and its documents."""

    def count(
        self, match: Match, facets: tuple[str, ...]
    ) -> tuple[int, Mapping[str, Mapping[str, int]]]:
        """Count the matching documents, and for each facet those with each of its values."""

    def starting(self, field: str, beginning: str) -> list[str]:
        """List the terms of a field that have a beginning, whoever may see them."""


@dataclass(frozen=True)
class Mended:
    """More ways to satisfy words by their places, or a query to ask instead, with what changed."""

    more: More
    query: Query
    corrections: tuple[Correction, ...] = ()


def mend(reader: Reader, request: Request) -> Mended | None:
    """Find out what the words stand for that nothing holds; None if there are no such words."""
    known = other_words(reader, request.synonyms)
    found = clauses(request.query, reader.languages, prefix=request.prefix, others=known)
    held = partial(is_held, reader, request.audience)
    missing = [at for at, clause in found.items() if not held(clause)]
    if not missing:
        return None
    typed = typed_words(request.query)
    more: dict[int, Sequence[Alternative]] = {}
    taken: dict[int, str] = {}
    for at in missing:
        if at in more:
            continue
        more.update(_read_differently(reader, typed, at, held))
        if at not in more and request.forgive and (word := _meant(reader, request, typed[at])):
            taken[at] = word
    return Mended(more, *_corrected(request.query, typed, taken))


def is_held(reader: Reader, audience: frozenset[str], clause: Clause) -> bool:
    """Tell whether any document that this audience may see satisfies a clause."""
    match = Match((clause,), 1, audience)
    return reader.memory.held.get((clause, audience), lambda: reader.count(match, ())[0] > 0)


def _read_differently(
    reader: Reader, typed: Sequence[Typed], at: int, held: Callable[[Clause], bool]
) -> More:
    """Find the first way to read a word that something visible satisfies."""
    for places, ways in _readings(reader, typed, at):
        if ways and held(Clause(ways)):
            return dict.fromkeys(places, ways)
    return {}


def _readings(
    reader: Reader, typed: Sequence[Typed], at: int
) -> Iterator[tuple[range, tuple[Alternative, ...]]]:
    for places in _windows(at, len(typed)):
        if word := joinable(typed[places.start : places.stop]):
            yield places, reader.memory.joined.get(word, partial(joined_ways, word, reader))
    piece, here = typed[at].piece, range(at, at + 1)
    if len(piece.words) == 1 and len(piece.words[0]) >= SHORTEST_WHOLE:
        yield here, parted_ways(piece.words[0], reader, sure=False)
    word = piece.joined or piece.words[0]
    if len(word) >= SHORTEST_BEGINNING:
        yield here, tuple(_begun(reader, word))


def _begun(reader: Reader, word: str) -> Iterator[Alternative]:
    """List what a word may be the beginning of; longer ones also of words in texts, not titles."""
    yield Alternative(STARTS, (word[:LONGEST_PREFIX],))
    if len(word) >= SHORTEST_IN_TEXTS:
        marks = ("", *(f"{language_code(language)}:" for language in reader.languages))
        for mark in sorted(set(marks)):
            for found in reader.starting(TEXT, mark + word):
                yield Alternative(TEXT, (found,), other=True)


def _windows(at: int, count: int) -> Iterator[range]:
    """List the runs of words that hold one of them, shorter ones first."""
    for size in range(2, MOST_PARTS + 1):
        for start in range(max(0, at - size + 1), min(at, count - size) + 1):
            yield range(start, start + size)


def _meant(reader: Reader, request: Request, one: Typed) -> str | None:
    """Choose the word that a mistyped one stands for, written as people read it."""
    if len(one.piece.words) != 1:
        return None
    word = one.piece.words[0]
    often = partial(_often, reader, request.audience)
    known = reader.memory.words.get(word[0], lambda: _known_words(reader, word[0]))
    chosen = meant(word, known, often)
    if chosen is None:
        return None
    written = reader.starting(VOCABULARY, chosen + WRITTEN)
    ways = [(-count, key) for key in written if (count := often(key))]
    return min(ways)[1].partition(WRITTEN)[2] if ways else chosen


def _known_words(reader: Reader, letter: str) -> tuple[str, ...]:
    words = reader.starting(VOCABULARY, letter)
    return tuple(sorted(word for word in words if WRITTEN not in word))


def _often(reader: Reader, audience: frozenset[str], word: str) -> int:
    """Count the documents of this audience in whose title, skills or tool a word stands."""
    clause = Clause((Alternative(VOCABULARY, (word,)),))
    return reader.count(Match((clause,), 1, audience), ())[0]


def _corrected(
    query: Query, typed: Sequence[Typed], taken: dict[int, str]
) -> tuple[Query, tuple[Correction, ...]]:
    """Put words into a query in the place of others; a query without changes is left alone."""
    if not taken:
        return query, ()
    corrections: list[Correction] = []
    spelt: dict[Word, str] = {}
    places = {(typed[at].part, typed[at].piece.start): at for at in taken}  # words typed twice
    for at in sorted(places.values(), reverse=True):
        part, piece = typed[at].part, typed[at].piece
        before = spelt.get(part, part.text)
        spelt[part] = before[: piece.start] + taken[at] + before[piece.end :]
        corrections.insert(0, Correction(part.text[piece.start : piece.end], taken[at]))
    parts = [
        spelt.get(part, part.text) if isinstance(part, Word) else str(part) for part in query.parts
    ]
    ended = " " if query.text[-1:].isspace() else ""
    changed = parse(" ".join(parts) + ended)
    return changed, tuple(dict.fromkeys(corrections))

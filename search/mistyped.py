"""Takes mistyped words in a search box for others, where they complete nothing as they stand.

A word is mistyped if nothing begins with it that this reader may see. It is taken for the beginning
of a known word, or for a whole one if more was typed behind it, that is spelt nearly alike; only
words that this reader may see count, and their number decides.
"""

from collections.abc import Iterable
from functools import partial

from search.completion import Typed
from search.plan import LONGEST_PREFIX, STARTS, Alternative, Clause, Match
from search.reader import Reader
from search.spelling import VOCABULARY, WRITTEN, forgiven, meant


def retyped(reader: Reader, audience: frozenset[str], asked: Typed) -> Typed | None:
    """Give what may have been meant by what is typed, None if there is no telling."""
    words = asked.ways[0]
    taken = tuple(_taken(reader, audience, word, word in asked.whole) for word in words)
    if taken == words:
        return None
    whole = frozenset(new for old, new in zip(words, taken, strict=True) if old in asked.whole)
    return Typed((taken,), whole)


def _taken(reader: Reader, audience: frozenset[str], word: str, is_whole: bool) -> str:
    """Give the word that a typed one stands for: itself if it begins anything, or if none does."""
    often = partial(_often, reader, audience)
    if not forgiven(word) or often(word):
        return word
    known = [one for one in reader.starting(VOCABULARY, word[0]) if WRITTEN not in one]
    return meant(word, known if is_whole else _beginnings(known, len(word)), often) or word


def _beginnings(words: Iterable[str], length: int) -> list[str]:
    """List how words begin, as long as what is typed or a letter more or less."""
    lengths = (length - 1, length, length + 1)
    return sorted({word[:each] for word in words for each in lengths if len(word) >= each})


def _often(reader: Reader, audience: frozenset[str], beginning: str) -> int:
    """Count the documents of this audience in whose title or skills a word begins like this."""
    clause = Clause((Alternative(STARTS, (beginning[:LONGEST_PREFIX],)),))
    return reader.count(Match((clause,), 1, audience), ())[0]

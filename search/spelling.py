"""Which words an index knows, as people read them, and which of them a mistyped word stands for.

Terms are stems and say little to a reader, so that the words of titles, skills and tools are kept
as well: folded, and where a text writes them with accents also that way ("fuhrung=führung").

A word is taken for another one only if both begin with the same letter and few letters differ:
none in short words, one in words of four letters, two in words of eight. The distance is that of
optimal string alignment, which counts two letters that changed places as one.
"""

from collections.abc import Callable, Iterator, Sequence

from rapidfuzz import process
from rapidfuzz.distance import OSA

from search.text import Token, fold, is_plain

VOCABULARY = "vocabulary"
WRITTEN = "="
ONE_LETTER, TWO_LETTERS = 4, 8  # so long a word must be for so many letters to differ


def vocabulary(text: str, tokens: Sequence[Token]) -> Iterator[str]:
    """List the words of an analysed text that somebody may have meant."""
    for token in tokens:
        if is_plain(token.word):
            yield token.word
            written = text[token.start : token.end].lower()
            if not written.isascii() and _is_accented(written, token.word):
                yield f"{token.word}{WRITTEN}{written}"


def forgiven(word: str) -> int:
    """Say how many letters of a folded word may differ; none in numbers, codes and symbols."""
    if not is_plain(word) or len(word) < ONE_LETTER:
        return 0
    return 1 if len(word) < TWO_LETTERS else 2


def meant(word: str, known: Sequence[str], count: Callable[[str], int]) -> str | None:
    """Choose the known word that a folded word stands for, None if there is none.

    The nearest are asked first; among equally near ones that `count` anything the most frequent is
    chosen, then the first in the alphabet.
    """
    limit = forgiven(word)
    if not limit:
        return None
    alike = [other for other in known if other[:1] == word[0]]
    near = process.extract(word, alike, scorer=OSA.distance, score_cutoff=limit, limit=None)
    for distance in range(1, limit + 1):
        counts = {other: count(other) for other, away, _ in near if away == distance}
        held = [(-often, other) for other, often in counts.items() if often]
        if held:
            return min(held)[1]
    return None


def _is_accented(written: str, word: str) -> bool:
    return written != word and fold(written) == word and len(written.split()) == 1

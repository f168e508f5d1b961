"""Other words for what was typed: synonyms, and words written apart or as one.

"on boarding", "on-boarding" and "onboarding" are one word, whichever of them was typed and
whichever stands in a text. None of this counts more than the words themselves.
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from itertools import chain
from typing import Protocol

from search.memory import Memory
from search.plan import LONGEST_PREFIX, STARTS, TEXT, Alternative, More, Others, Typed, spellings
from search.spelling import VOCABULARY
from search.synonyms import Synonyms
from search.text import is_plain, term, terms

SHORTEST_WHOLE = 6  # letters of a word that may also be written as two
SHORTEST_PART = 2
USUAL_LANGUAGES = 3
Ways = tuple[Alternative, ...]
Found = Iterable[tuple[Iterable[int], Iterable[Alternative]]]


class Index(Protocol):
    """What has to be known of an index."""

    @property
    def languages(self) -> frozenset[str]:
        """The languages of the documents."""

    @property
    def memory(self) -> Memory:
        """What has been found out before."""

    def frequency(self, field: str, term: str) -> int:
        """Count the documents that hold a term, whoever may see them."""


def other_words(index: Index, synonyms: Synonyms, more: More | None = None) -> Others:
    """Look up what else may be meant by typed words; `more` was found before, by their places."""

    def look_up(typed: Sequence[Typed]) -> More:
        known = ([at] for at in more or ())
        return _by_place(
            zip(known, (more or {}).values(), strict=True),
            _synonyms(typed, index.languages, synonyms),
            _joined(typed, index),
            _parted(typed, index),
        )

    return look_up


def other_words_unasked(languages: frozenset[str], synonyms: Synonyms) -> Others:
    """Look up what else may be meant by typed words, where there is no index to ask."""

    def look_up(typed: Sequence[Typed]) -> More:
        joined = (
            ((at, at + 1), _spelt_as_one(word, languages))
            for at in range(len(typed) - 1)
            if (word := joinable(typed[at : at + 2]))
        )
        return _by_place(_synonyms(typed, languages, synonyms), joined)

    return look_up


def joined_ways(word: str, index: Index) -> Ways:
    """List the ways in which the index spells a word that was typed in several parts.

    Stemming in every language takes long and is spared for words of which the index shows a trace.
    """
    known = index.frequency(VOCABULARY, word) or index.frequency(STARTS, word[:LONGEST_PREFIX])
    usual = index.memory.usual.get(USUAL_LANGUAGES, partial(_usual_languages, index))
    if not known and not any(index.frequency(TEXT, one) for one in terms(word, usual)):
        return ()
    ways = _spelt_as_one(word, index.languages)
    return tuple(way for way in ways if index.frequency(TEXT, way.terms[0]))


def parted_ways(word: str, index: Index, *, sure: bool) -> Ways:
    """List the ways in which the index may spell a word as two.

    The longer part is in the vocabulary; if this has to be `sure`, the other one is too.
    """
    first = SHORTEST_PART if sure else 1
    cuts = ((word[:at], word[at:]) for at in range(first, len(word) - SHORTEST_PART + 1))
    spelt = (
        tuple(term(part, language) for part in cut)
        for cut in cuts
        if _is_known(cut, index, sure)
        for language in sorted(index.languages)
    )
    return tuple(
        Alternative(TEXT, both, other=True)
        for both in dict.fromkeys(spelt)
        if all(index.frequency(TEXT, part) for part in both)
    )


def _is_known(cut: tuple[str, str], index: Index, sure: bool) -> bool:
    asked = cut if sure else (max(cut, key=len),)
    return all(index.frequency(VOCABULARY, part) for part in asked)


def joinable(typed: Sequence[Typed]) -> str | None:
    """Write words as one; None where that makes no word, as with numbers at the end."""
    parts = [one.piece.joined or one.piece.words[0] for one in typed]
    whole = all(one.piece.joined or len(one.piece.words) == 1 for one in typed)
    telling = not all(one.filler for one in typed)
    joins = whole and telling and not parts[-1].isdecimal() and "".join(parts).isalnum()
    return "".join(parts) if joins else None


def _usual_languages(index: Index) -> frozenset[str]:
    """List the languages that most documents have."""
    often = {name: index.frequency("language", name) for name in index.languages}
    return frozenset(sorted(often, key=lambda name: (-often[name], name))[:USUAL_LANGUAGES])


def _spelt_as_one(word: str, languages: frozenset[str]) -> Ways:
    return tuple(Alternative(TEXT, (one,), other=True) for one in terms(word, languages))


def _by_place(*found: Found) -> More:
    more: dict[int, list[Alternative]] = {}
    for places, ways in chain(*found):
        kept = tuple(ways)
        for at in places:
            more.setdefault(at, []).extend(kept)
    return more


def _synonyms(
    typed: Sequence[Typed], languages: frozenset[str], synonyms: Synonyms
) -> Iterator[tuple[Iterable[int], Iterable[Alternative]]]:
    """Find synonyms; a filler word alone has none."""
    for places, texts in synonyms.among([one.piece for one in typed], languages):
        if not all(typed[at].filler for at in places):
            yield places, [way for text in texts for way in spellings(text, languages)]


def _joined(
    typed: Sequence[Typed], index: Index
) -> Iterator[tuple[Iterable[int], Iterable[Alternative]]]:
    for at in range(len(typed) - 1):
        word = joinable(typed[at : at + 2])
        if word is not None:
            yield (at, at + 1), index.memory.joined.get(word, partial(joined_ways, word, index))


def _parted(
    typed: Sequence[Typed], index: Index
) -> Iterator[tuple[Iterable[int], Iterable[Alternative]]]:
    for at, one in enumerate(typed):
        word = one.piece.words[0]
        if len(one.piece.words) == 1 and len(word) >= SHORTEST_WHOLE and is_plain(word):
            yield (
                (at,),
                index.memory.parted.get(word, partial(parted_ways, word, index, sure=True)),
            )

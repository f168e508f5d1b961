"""Words that mean the same in this company, as curators say: acronyms, house words, translations.

They are applied when a question is asked, never when a document is written, so that a change needs
no new index and can be tried out before anybody else sees it.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain

from search.text import Piece, pieces, term, terms

_Key = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """Words or phrases that find each other; with `becomes`, `words` also find what that holds."""

    words: tuple[str, ...]
    becomes: tuple[str, ...] = ()


class Synonyms:
    """All groups, looked up by what was typed. Immutable; equal groups make equal synonyms."""

    def __init__(self, groups: Iterable[Group] = ()) -> None:
        """Keep the groups; any text will do, and one that says nothing is never found."""
        self.groups = tuple(groups)
        self._hash = hash(self.groups)

    def __eq__(self, other: object) -> bool:
        """Tell whether the same groups are in both."""
        return isinstance(other, Synonyms) and self.groups == other.groups

    def __hash__(self) -> int:
        """Hash by the groups."""
        return self._hash

    def among(
        self, typed: Sequence[Piece], languages: frozenset[str]
    ) -> Iterator[tuple[range, tuple[str, ...]]]:
        """Find groups' words among typed ones that stand beside each other.

        Gives the places of what was found and the texts that it also stands for. Words are
        compared as texts of these languages are: without case, accents and endings.
        """
        if not self.groups:
            return
        known = _known(self, languages)
        for start, piece in enumerate(typed):
            longest = max(
                (known.longest.get(one, 0) for one in _first_terms(piece, languages)), default=0
            )
            for end in range(start + 1, min(start + longest, len(typed)) + 1):
                keys = _keys(typed[start:end], languages)
                found = dict.fromkeys(
                    chain.from_iterable(known.targets.get(key, ()) for key in keys)
                )
                if found:
                    yield range(start, end), tuple(found)


@dataclass(frozen=True, slots=True)
class _Known:
    """Groups made ready for some languages: what each key stands for, and the longest keys.

    `longest` says how many words a key has at most that begins with a term.
    """

    targets: dict[_Key, tuple[str, ...]]
    longest: dict[str, int]


@lru_cache(maxsize=16)
def _known(synonyms: Synonyms, languages: frozenset[str]) -> _Known:
    targets: dict[_Key, tuple[str, ...]] = {}
    longest: dict[str, int] = {}
    for group in synonyms.groups:
        for text in group.words:
            others = group.becomes or tuple(word for word in group.words if word != text)
            for key in _keys(list(pieces(text)), languages):
                targets[key] = tuple(dict.fromkeys((*targets.get(key, ()), *others)))
                longest[key[0]] = max(len(key), longest.get(key[0], 0))
    return _Known(targets, longest)


def _keys(found: Sequence[Piece], languages: frozenset[str]) -> set[_Key]:
    """List the terms of some pieces in every language, compounds whole and in parts."""
    if not found:
        return set()
    parts = [word for piece in found for word in piece.words]
    whole = [word for piece in found for word in _whole(piece)]
    return {
        tuple(term(word, language) for word in words)
        for words in (parts, whole)
        for language in languages
    }


def _first_terms(piece: Piece, languages: frozenset[str]) -> Iterator[str]:
    for word in {piece.words[0], _whole(piece)[0]}:
        yield from terms(word, languages)


def _whole(piece: Piece) -> _Key:
    return (piece.joined,) if piece.joined else piece.words


NO_SYNONYMS = Synonyms()

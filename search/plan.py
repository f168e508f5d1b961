"""A query made ready for any engine: terms instead of words, and how many of them must be there.

Ordinary people expect all their words to matter, yet an empty page is the worst answer. Measured on
judged queries, demanding every word loses nearly all long questions, while "any word" buries short
ones under thousands of half matches. So the decision is:

- a document must hold at least two of the words, whatever their number (`required`); filler words
  do not count, unless there are no others;
- documents with *all* the words come first (`rank`);
- if only few hold that many, documents with *any* of the words follow and the results say so;
- "phrases", fields and exclusions are never relaxed.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

from search.query import Field, Leaf, Or, Phrase, Query, Word
from search.ranges import Range
from search.text import Piece, is_stopword, pieces, readable_text, term, terms

TEXT = "text"
STARTS = "starts"
SHORTEST_PREFIX, LONGEST_PREFIX = 2, 15
MOST_UNFINISHED = 5  # whoever has typed more words has finished the last one, or nearly


@dataclass(frozen=True, slots=True)
class Alternative:
    """One way to satisfy a clause: a term of an index field, or terms beside each other.

    With `other`, it says in other words what was typed, and never counts more than that.
    """

    field: str
    terms: tuple[str, ...]
    other: bool = False

    @property
    def is_word(self) -> bool:
        """Tell whether this is one word of the text, as it is spelt in some language."""
        return self.field == TEXT and len(self.terms) == 1 and not self.other


@dataclass(frozen=True)
class Clause:
    """A word, phrase or choice of the query: any of its alternatives satisfies it.

    `exclusive` says that no document can satisfy two of them, so that matches may be counted by
    alternative: the same word in several languages, for a document has one language.
    """

    alternatives: tuple[Alternative, ...]
    exclusive: bool = False

    def __hash__(self) -> int:
        return self._hash

    @cached_property
    def _hash(self) -> int:
        """Hash only once: engines look clauses up in caches again and again."""
        return hash(self.alternatives)


@dataclass(frozen=True)
class Match:
    """Which documents an engine has to find; every engine reads it in the same way.

    Documents satisfy at least `needed` of the `words`, all of `must` and none of `never`; `values`
    holds facet values (OR inside a facet, AND between facets), of `barred` none. They share a token
    with `audience`. `excluded` ids are out; with `only`, no other ids are in. With `titled`, every
    one of the words has to be in the title. They lie in one range of each choice in `ranges` and
    in none of those in `out`.
    """

    words: tuple[Clause, ...]
    needed: int
    audience: frozenset[str]
    must: tuple[Clause, ...] = ()
    never: tuple[Clause, ...] = ()
    values: Mapping[str, frozenset[str]] = field(default_factory=dict)
    barred: Mapping[str, frozenset[str]] = field(default_factory=dict)
    excluded: frozenset[int] = frozenset()
    only: frozenset[int] | None = None
    titled: bool = False
    ranges: tuple[tuple[Range, ...], ...] = ()
    out: tuple[Range, ...] = ()

    @property
    def is_scored(self) -> bool:
        """Tell whether there is anything to score by; otherwise `browse_key` orders."""
        ways = (way.field for clause in self.must for way in clause.alternatives)
        return bool(self.words) or TEXT in ways


@dataclass(frozen=True, slots=True)
class Demand:
    """What a document has to hold for a boost to apply: all clauses, perhaps in its title."""

    clauses: tuple[Clause, ...]
    titled: bool = False


@dataclass(frozen=True, slots=True)
class Typed:
    """A word in its place: the part of the query, the piece of its text, whether it only fills."""

    part: Word
    piece: Piece
    filler: bool


More = Mapping[int, Sequence[Alternative]]
Others = Callable[[Sequence[Typed]], More]


def no_others(_: Sequence[Typed]) -> More:
    """Know no other words for what was typed."""
    return {}


def required(count: int) -> int:
    """Say how many of `count` words a document must hold.

    Measured: asking for half of a long question's words costs 5 points of nDCG on SciFact and 8 on
    Cranfield, asking for two costs 1 and 0, and keeps the results of short queries to the point.
    """
    return min(count, 2)


def make_match(
    query: Query,
    languages: frozenset[str],
    audience: frozenset[str],
    *,
    filters: Mapping[str, frozenset[str]] | None = None,
    excluded: frozenset[int] = frozenset(),
    only: frozenset[int] | None = None,
    prefix: bool = False,
    others: Others = no_others,
) -> Match:
    """Turn a query into what an engine has to find, for texts in the given languages.

    `others` gives, for the words as they were typed, more alternatives by their places.
    """
    words = tuple(dict.fromkeys(clauses(query, languages, prefix=prefix, others=others).values()))
    return Match(
        words=words,
        needed=required(len(words)),
        audience=audience,
        must=tuple(
            _whole(part, languages) for part in query.wanted if isinstance(part, Phrase | Or)
        ),
        never=tuple(
            _whole(part, languages) for part in query.unwanted if isinstance(part, Word | Phrase)
        ),
        values=merge_filters(filters or {}, query.filters),
        barred=_barred(query),
        excluded=excluded,
        only=only,
        ranges=query.ranges,
        out=tuple(part for part in query.unwanted if isinstance(part, Range)),
    )


def _barred(query: Query) -> dict[str, frozenset[str]]:
    """Gather the facet values that must not be there."""
    barred: dict[str, frozenset[str]] = {}
    for part in query.unwanted:
        if isinstance(part, Field):
            barred[part.name] = barred.get(part.name, frozenset()) | {part.value}
    return barred


def merge_filters(*several: Mapping[str, frozenset[str]]) -> dict[str, frozenset[str]]:
    """Unite ticked filters with those written in the query; empty ones fall away."""
    merged: dict[str, frozenset[str]] = {}
    for filters in several:
        for name, values in filters.items():
            if values:
                readable = (readable_text(value) for value in values)
                merged[name] = merged.get(name, frozenset()).union(readable)
    return merged


def last_word(query: Query) -> str | None:
    """Give the folded word that may be unfinished: the last part, if the text ends with it."""
    if not query.parts or not isinstance(query.parts[-1], Word) or query.text[-1:].isspace():
        return None
    *_, piece = pieces(query.parts[-1].text)
    word = piece.joined or piece.words[-1]
    return word[:LONGEST_PREFIX] if len(word) >= SHORTEST_PREFIX else None


def typed_words(query: Query) -> list[Typed]:
    """List the words of a query; filler only fills where there are other words."""
    parts = [part for part in query.wanted if isinstance(part, Word)]
    found = [(part, piece) for part in parts for piece in pieces(part.text)]
    shouted = all(part.text.isupper() for part in parts)
    fills = [_is_filler(piece, part.text, shouted) for part, piece in found]
    telling = not all(fills)
    return [
        Typed(*one, filler=filler and telling) for one, filler in zip(found, fills, strict=True)
    ]


def clauses(
    query: Query, languages: frozenset[str], *, prefix: bool, others: Others
) -> dict[int, Clause]:
    """Make a clause of every word that says something, by its place among all of them."""
    typed = typed_words(query)
    unfinished = last_word(query) if prefix and len(typed) <= MOST_UNFINISHED else None
    more = others(typed)
    found: dict[int, Clause] = {}
    for at, word in enumerate(typed):
        beginning = unfinished if at == len(typed) - 1 else None
        if word.filler and beginning is None:
            continue
        clause = _clause(word.piece, languages, beginning)
        if extra := [way for way in more.get(at, ()) if way not in clause.alternatives]:
            clause = Clause((*clause.alternatives, *dict.fromkeys(extra)))
        found[at] = clause
    return found


def spellings(text: str, languages: frozenset[str]) -> Iterator[Alternative]:
    """List the ways in which texts say something, as alternatives to what was typed."""
    for way in _alternatives(Phrase(text), languages):
        yield Alternative(way.field, way.terms, other=True)


def _is_filler(piece: Piece, typed: str, shouted: bool) -> bool:
    """Tell "it" from "IT": capitals make a name of a filler word, unless everything is capitals."""
    named = typed.isupper() and len(typed) > 1 and not shouted
    return len(piece.words) == 1 and is_stopword(piece.words[0]) and not named


@lru_cache(maxsize=10_000)
def _clause(piece: Piece, languages: frozenset[str], unfinished: str | None = None) -> Clause:
    single = piece.joined or (piece.words[0] if len(piece.words) == 1 else None)
    found = [Alternative(TEXT, (one,)) for one in terms(single, languages)] if single else []
    simple = len(piece.words) == 1 and unfinished is None
    if len(piece.words) > 1:
        found.extend(_phrases(piece.words, languages))
    if unfinished is not None:
        found.append(Alternative(STARTS, (unfinished,)))
    return Clause(tuple(found), exclusive=simple)


def _phrases(words: Iterable[str], languages: frozenset[str]) -> list[Alternative]:
    """List the spellings of adjacent words, one per language."""
    wanted = tuple(words)
    spelt = (tuple(term(word, language) for word in wanted) for language in sorted(languages))
    return [Alternative(TEXT, found) for found in dict.fromkeys(spelt)]


def _whole(part: Leaf | Or, languages: frozenset[str]) -> Clause:
    """Make one clause of a part that stands as a whole: phrase, choice, or word inside a Not."""
    leaves = part.parts if isinstance(part, Or) else (part,)
    found: dict[Alternative, None] = {}
    for leaf in leaves:
        found.update(dict.fromkeys(_alternatives(leaf, languages)))
    return Clause(tuple(found))


def _alternatives(leaf: Leaf, languages: frozenset[str]) -> list[Alternative]:
    if isinstance(leaf, Field):
        return [Alternative(leaf.name, (leaf.value,))]
    cut = list(pieces(leaf.text))
    if not cut:
        return []
    if len(cut) == 1:
        return list(_clause(cut[0], languages).alternatives)
    return _phrases([word for piece in cut for word in piece.words], languages)

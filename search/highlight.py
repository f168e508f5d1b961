"""Marks in a text what a query found there, with the same analysis that found it.

Fragments are plain text: whoever shows them escapes them. Put together, those of `highlight` give
the text back exactly.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from search.others import other_words_unasked
from search.plan import STARTS, TEXT, Clause, make_match
from search.query import Query
from search.synonyms import NO_SYNONYMS, Synonyms
from search.text import Token, analyse

ELLIPSIS = "\u2026"
Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Fragment:
    """A stretch of text that is a match, or is not."""

    text: str
    match: bool


def highlight(
    text: str,
    query: Query,
    language: str,
    prefix: bool = False,
    synonyms: Synonyms = NO_SYNONYMS,
) -> tuple[Fragment, ...]:
    """Cut a text into fragments, marking what the query's words and phrases found."""
    return tuple(_cut(text, _spans(text, query, language, prefix, synonyms), 0, len(text)))


def snippet(
    text: str,
    query: Query,
    language: str,
    width: int = 200,
    prefix: bool = False,
    synonyms: Synonyms = NO_SYNONYMS,
) -> tuple[Fragment, ...]:
    """Show about `width` characters around the place where most matches stand together.

    Starts and ends at spaces; an ellipsis says where text was left out.
    """
    spans = _spans(text, query, language, prefix, synonyms)
    start, end = _best_window(text, spans, width)
    before = [Fragment(ELLIPSIS, match=False)] if start > 0 else []
    after = [Fragment(ELLIPSIS, match=False)] if end < len(text) else []
    return (*before, *_cut(text, spans, start, end), *after)


def _spans(text: str, query: Query, language: str, prefix: bool, synonyms: Synonyms) -> list[Span]:
    """List the places that match, in order, none overlapping."""
    languages = frozenset({language})
    others = other_words_unasked(languages, synonyms)
    match = make_match(query, languages, frozenset(), prefix=prefix, others=others)
    tokens = analyse(text, language)
    found = sorted(
        span for clause in (*match.words, *match.must) for span in _places(clause, tokens)
    )
    merged: list[Span] = []
    for start, end in found:
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _places(clause: Clause, tokens: list[Token]) -> Iterator[Span]:
    ways = clause.alternatives
    single = {way.terms[0] for way in ways if way.field == TEXT and len(way.terms) == 1}
    starts = tuple(way.terms[0] for way in ways if way.field == STARTS)
    for token in tokens:
        if token.term in single or (starts and token.word.startswith(starts)):
            yield token.start, token.end
    for way in ways:
        if way.field == TEXT and len(way.terms) > 1:
            yield from _runs(way.terms, tokens)


def _runs(terms: tuple[str, ...], tokens: list[Token]) -> Iterator[Span]:
    """Find the places where terms stand beside each other."""
    words = [token for token in tokens if not token.extra]
    spelt = [token.term for token in words]
    for at in range(len(spelt) - len(terms) + 1):
        if tuple(spelt[at : at + len(terms)]) == terms:
            yield words[at].start, words[at + len(terms) - 1].end


def _cut(text: str, spans: list[Span], start: int, end: int) -> Iterator[Fragment]:
    at = start
    for first, last in spans:
        first, last = max(first, start), min(last, end)
        if first >= last:
            continue
        if first > at:
            yield Fragment(text[at:first], match=False)
        yield Fragment(text[first:last], match=True)
        at = last
    if at < end:
        yield Fragment(text[at:end], match=False)


def _best_window(text: str, spans: list[Span], width: int) -> Span:
    """Choose the stretch of `width` characters with most marked text; the first one wins ties."""
    if len(text) <= width:
        return 0, len(text)
    lead = width // 4
    places = [max(0, min(first - lead, len(text) - width)) for first, _ in spans] or [0]
    marked = [
        sum(min(last, at + width) - first for first, last in spans if at <= first < at + width)
        for at in places
    ]
    start = places[marked.index(max(marked))] if spans else 0
    return _at_spaces(text, start, min(len(text), start + width))


def _at_spaces(text: str, start: int, end: int) -> Span:
    """Move both ends inwards to the next space, if one is near; texts without spaces stay."""
    near = 20
    if start > 0:
        space = text.find(" ", start, start + near)
        start = start if space < 0 else space + 1
    if end < len(text):
        space = text.rfind(" ", end - near, end)
        end = end if space <= start else space
    return start, end

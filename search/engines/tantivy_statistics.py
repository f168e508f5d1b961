"""Asks Tantivy what it knows of its documents, for scoring texts that it does not hold.

Of the mean length of a field it tells only where it explains a score; it keeps lengths rounded
down, as Lucene's `SmallFloat.intToByte4` does.
"""

import json
from collections.abc import Collection, Iterator, Mapping
from itertools import accumulate, repeat
from typing import Any

import tantivy
from tantivy import Query

from search.bm25 import Statistics, Term
from search.entry import BREAK
from search.plan import STARTS, TEXT

_EXACT, _STEPS_A_SIZE, _SIZES = 40, 8, 27
_MEAN = "avgdl"


def statistics(
    schema: tantivy.Schema, searcher: tantivy.Searcher, terms: Collection[Term]
) -> Statistics:
    """Tell what scoring these terms takes."""
    often = {(field, word): int(searcher.doc_freq(field, word)) for field, word in terms}
    usual = {TEXT: BREAK} | {
        field: word for (field, word), number in often.items() if field == STARTS and number
    }
    means = {field: _mean_length(schema, searcher, field, word) for field, word in usual.items()}
    lengths = {field: mean for field, mean in means.items() if mean}
    return Statistics(int(searcher.num_docs), often, lengths, steps=STEPS)


def _mean_length(
    schema: tantivy.Schema, searcher: tantivy.Searcher, field: str, word: str
) -> float:
    """Let the score of a word that some document holds be explained; 0 where none holds it."""
    query = Query.term_query(schema, field, word, "freq" if field == TEXT else "basic")
    hits = searcher.search(query, 1, count=False).hits
    if not hits:
        return 0.0
    explained = json.loads(query.explain(searcher, hits[0][1]).to_json())
    return next((float(one["value"]) for one in _parts(explained) if _is_mean(one)), 0.0)


def _parts(explained: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield explained
    for one in explained.get("details") or ():
        yield from _parts(one)


def _is_mean(explained: Mapping[str, Any]) -> bool:
    return str(explained.get("description", "")).startswith(_MEAN)


def _steps() -> tuple[int, ...]:
    """List the lengths that Tantivy tells apart: all up to 40, then 8 for each doubling step."""
    wider = (2**size for size in range(1, _SIZES + 1) for _ in repeat(None, _STEPS_A_SIZE))
    return (*range(_EXACT), *accumulate(wider, initial=_EXACT))


STEPS = _steps()

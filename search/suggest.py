"""Completes what is being typed: titles, channels and skills that this reader may know of.

Everything is asked with the reader's audience in the engine's query, counts included, so that
nothing that may not be seen takes a place, a count or a spelling. Every typed word has to begin a
word of the title, in any order. What fits then stands in this order:

1. titles that begin as typed, then those that hold the words beside each other as typed (filler
   words apart), then the others;
2. earlier words whole, and in the order typed;
3. quality, then how early the words stand, then the shorter title, then the newer one.

Titles of one series, which have their first words in common, share the places: the first of each
series comes before the others of any.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import NamedTuple

from search.completion import FILLER, FORM, SLOT, Title, Typed, make_title, typed, wanted
from search.document import Suggestion
from search.mistyped import retyped
from search.plan import Match, make_match
from search.query import Query, Word, parse
from search.rank import Candidate
from search.reader import Reader
from search.text import fold

POOL = 64  # the best by the engine's own order, of which the best are chosen here
CHANNEL = "channel"
MOST_SKILLS = 200
SERIES_WORDS = 4  # titles with so many first words in common are of one series


class _Placed(NamedTuple):
    """A title that fits, and its place among others: the lower, the earlier."""

    place: tuple[float, ...]
    title: Title
    found: Candidate


def suggest(
    reader: Reader, prefix: str, audience: frozenset[str], limit: int = 8
) -> tuple[Suggestion, ...]:
    """Complete what is being typed, at most `limit` in all: skills, then titles, then channels.

    A quarter of the places is for skills, one for a channel; each kind takes what others leave.
    Mistyped words are taken for others only where nothing completes what is typed. `field:value`,
    -exclusions and "phrases" restrict what is offered, as they do in a search.
    """
    query = parse(prefix)
    asked = typed(_words(query))
    if limit < 1 or not asked.ways:
        return ()
    match = replace(make_match(query, reader.languages, audience), words=(), needed=0)
    found = _complete(reader, match, asked, limit)
    if not found and (other := retyped(reader, audience, asked)) is not None:
        return _complete(reader, match, other, limit)
    return found


def _complete(reader: Reader, match: Match, asked: Typed, limit: int) -> tuple[Suggestion, ...]:
    """Complete with each kind, and give each its places."""
    skills = _skills(reader, match, asked, limit)
    channels = _titles(reader, _only_channels(match), asked, limit, CHANNEL)
    titles = _titles(reader, _no_channels(match), asked, limit, "title")
    return _share(skills, titles, channels, limit)


def _words(query: Query) -> str:
    """Give the plain words that are typed, with the space behind the last one if there is any."""
    text = " ".join(part.text for part in query.wanted if isinstance(part, Word))
    return f"{text} " if query.text[-1:].isspace() else text


def _share(
    skills: Sequence[Suggestion],
    titles: Sequence[Suggestion],
    channels: Sequence[Suggestion],
    limit: int,
) -> tuple[Suggestion, ...]:
    """Give each kind its places, and the places that one leaves to the next."""
    some = min(len(channels), 1 if limit > 2 else 0)
    often = min(len(skills), max(limit // 4, limit - some - len(titles)))
    most = min(len(titles), limit - often - some)
    return (*skills[:often], *titles[:most], *channels[: limit - often - most])


def _skills(reader: Reader, match: Match, asked: Typed, limit: int) -> list[Suggestion]:
    """Find skills in whose name every typed word begins a word; of very many, the most frequent."""
    counts: dict[str, int] = {}
    for longest in {max(way, key=len) for way in asked.ways}:
        counts.update(reader.skills(match, longest))
    often = sorted(counts, key=lambda name: (-counts[name], name))[:MOST_SKILLS]
    fits = {name: fit for name in often if (fit := _fit(asked, make_title(name))) is not None}
    best = sorted(fits, key=lambda name: fits[name][:2])
    return [Suggestion(name, "skill", None, counts[name]) for name in best[:limit]]


def _titles(reader: Reader, match: Match, asked: Typed, limit: int, kind: str) -> list[Suggestion]:
    """Find the titles that fit best, duplicates and equal texts once."""
    fitting = [
        _Placed(_place(fit, title, one), title, one)
        for one, title in reader.complete(match, wanted(asked), POOL)
        if (fit := _fit(asked, title)) is not None
    ]
    fitting.sort()
    shown = _spread(_once(fitting), limit)
    return [Suggestion(one.title.text, kind, one.found.id) for one in shown]


def _fit(asked: Typed, title: Title) -> tuple[float, ...] | None:
    """Say how well a title fits the best of the ways to read what is typed; None: not at all."""
    held = sum(f"{FORM}{word}{FORM}" in title.words for word in asked.whole)
    fits = (
        (*fit[:2], -held, number, *fit[2:])
        for number, way in enumerate(asked.ways)
        if (fit := _fit_way(way, title.words)) is not None
    )
    return min(fits, default=None)


def _fit_way(way: tuple[str, ...], words: str) -> tuple[float, ...] | None:
    """Compare the typed words with a title's, the most telling difference first."""
    places = [words.find(FORM + word) for word in way]
    if min(places) < 0:
        return None
    run = _run(way)
    opens, beside = run.match(words), run.search(words)
    at = words.count(SLOT, 0, places[-1])
    return (opens is None, beside is None, places[0] > places[-1], at)


@lru_cache(maxsize=1000)
def _run(way: tuple[str, ...]) -> re.Pattern[str]:
    """Write a pattern for words beside each other that begin so, with filler before and between."""
    filler = rf"(?:{SLOT}{FILLER}\S*)*?"
    begun = (rf"{filler}{SLOT}\S*{re.escape(FORM + word)}" for word in way)
    return re.compile(r"\S*".join(begun))


def _place(fit: tuple[float, ...], title: Title, one: Candidate) -> tuple[float, ...]:
    """Order what fits alike: by quality, how early it fits, how much of it is typed, and date."""
    *fits, at = fit
    length = title.words.count(SLOT)
    return (*fits, -one.quality, at, length, -one.published, not one.preferred, one.id)


def _once(titles: Iterable[_Placed]) -> Iterator[_Placed]:
    """Leave out what has the text or the cluster of an earlier one."""
    texts: set[str] = set()
    clusters: set[int] = set()
    for one in titles:
        text, cluster = fold(one.title.text), one.found.cluster
        if text not in texts and (not cluster or cluster not in clusters):
            yield one
        texts.add(text)
        clusters.add(cluster)


def _spread(titles: Iterable[_Placed], limit: int) -> list[_Placed]:
    """Choose the first of each series, then the others, each in their order."""
    known: set[tuple[str, ...]] = set()
    first: list[_Placed] = []
    others: list[_Placed] = []
    for one in titles:
        series = _series(one.title)
        (others if series in known else first).append(one)
        known.add(series)
        if len(first) == limit:
            break
    return (first + others)[:limit]


def _series(title: Title) -> tuple[str, ...]:
    words = title.words.split(SLOT)[1:]
    return tuple(word for word in words if not word.startswith(FILLER))[:SERIES_WORDS]


def _only_channels(match: Match) -> Match:
    kinds = match.values.get("kind", frozenset({CHANNEL}))
    return replace(match, values={**match.values, "kind": kinds & {CHANNEL}})


def _no_channels(match: Match) -> Match:
    barred = match.barred.get("kind", frozenset()) | {CHANNEL}
    return replace(match, barred={**match.barred, "kind": barred})

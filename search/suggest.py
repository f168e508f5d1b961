"""Completes what is being typed: titles, channels and skills that this reader may know of.

Everything is asked with the reader's audience in the engine's query, counts included, so that
nothing that may not be seen takes a place, a count or a spelling. Every typed word has to begin a
word of the title, in any order. What fits then stands in this order: it begins as typed; its words
stand beside each other as typed; earlier words are whole, and in the order typed; quality; how
early they stand; date. Titles of one series share the places: of those with the same first words,
one comes before the others of any series.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from search.completion import Slot, Typed, slots, telling, typed, wanted
from search.document import Suggestion
from search.engine import Reader
from search.plan import Match, make_match
from search.query import Query, Word, parse
from search.rank import Candidate
from search.text import fold

POOL = 120  # the best by the engine's own order, of which the best are chosen here
CHANNEL = "channel"
SERIES_WORDS = 4  # titles with so many first words in common are of one series


@dataclass(frozen=True, slots=True)
class _Title:
    """A title that fits, and its place among others: the lower, the earlier."""

    place: tuple[float, ...]
    text: str
    found: Candidate


def suggest(
    reader: Reader, prefix: str, audience: frozenset[str], limit: int = 8
) -> tuple[Suggestion, ...]:
    """Complete what is being typed, at most `limit` in all: skills, then titles, then channels.

    A quarter of the places is for skills, one for a channel; each kind takes what others leave.
    `field:value`, -exclusions and "phrases" restrict what is offered, as they do in a search.
    """
    query = parse(prefix)
    asked = typed(_words(query))
    if limit < 1 or not asked.ways:
        return ()
    match = replace(make_match(query, reader.languages, audience), words=(), needed=0)
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
    """Find skills in whose name every typed word begins a word."""
    counts: dict[str, int] = {}
    for way in asked.ways:
        counts.update(reader.skills(match, max(way, key=len)))
    fits = {name: fit for name in counts if (fit := _fit(asked, name)) is not None}
    best = sorted(fits, key=lambda name: (fits[name][:2], -counts[name], name))
    return [Suggestion(name, "skill", None, counts[name]) for name in best[:limit]]


def _titles(reader: Reader, match: Match, asked: Typed, limit: int, kind: str) -> list[Suggestion]:
    """Find the titles that fit best, duplicates and equal texts once."""
    fitting = [
        _Title(_place(fit, one), title, one)
        for one, title in reader.complete(match, wanted(asked), POOL)
        if (fit := _fit(asked, title)) is not None
    ]
    fitting.sort(key=lambda title: title.place)
    shown = _spread(list(_once(fitting)), limit)
    return [Suggestion(title.text, kind, title.found.id) for title in shown]


def _fit(asked: Typed, title: str) -> tuple[float, ...] | None:
    """Say how well a title fits the best of the ways to read what is typed; None: not at all."""
    fits = (_fit_way(way, asked.whole, slots(title)) for way in asked.ways)
    return min((fit for fit in fits if fit is not None), default=None)


def _fit_way(
    way: tuple[str, ...], whole: frozenset[str], words: tuple[Slot, ...]
) -> tuple[float, ...] | None:
    """Compare the typed words with a title's, the most telling difference first."""
    places = [_places(word, words) for word in way]
    if not all(places):
        return None
    said = telling(words)
    runs = [*_runs(way, words), *_runs(way, said)]
    held = sum(any(word in slot for slot in words) for word in way if word in whole)
    at = places[-1][0]
    return (0 not in runs, not runs, -held, places[0][0] > at, at)


def _places(word: str, words: tuple[Slot, ...]) -> list[int]:
    return [at for at, slot in enumerate(words) if _begins(word, slot)]


def _begins(word: str, slot: Slot) -> bool:
    return any(form.startswith(word) for form in slot)


def _runs(way: Sequence[str], words: Sequence[Slot]) -> list[int]:
    """Tell where the typed words begin words, one each in this order."""
    last = len(words) - len(way)
    return [at for at in range(last + 1) if all(map(_begins, way, words[at:]))]


def _place(fit: tuple[float, ...], one: Candidate) -> tuple[float, ...]:
    """Order what fits alike: by quality, then how early it fits, then the new and the preferred."""
    *fits, at = fit
    return (*fits, -one.quality, at, -one.published, not one.preferred, one.id)


def _once(titles: Iterable[_Title]) -> Iterator[_Title]:
    """Leave out what has the text or the cluster of an earlier one."""
    texts: set[str] = set()
    clusters: set[int] = set()
    for title in titles:
        text, cluster = fold(title.text), title.found.cluster
        if text not in texts and (not cluster or cluster not in clusters):
            yield title
        texts.add(text)
        clusters.add(cluster)


def _spread(titles: list[_Title], limit: int) -> list[_Title]:
    """Choose the first of each series, then the others, each in their order."""
    series: set[tuple[Slot, ...]] = set()
    first: list[_Title] = []
    others: list[_Title] = []
    for title in titles:
        begin = telling(slots(title.text))[:SERIES_WORDS]
        (others if begin in series else first).append(title)
        series.add(begin)
    return (first + others)[:limit]


def _only_channels(match: Match) -> Match:
    kinds = match.values.get("kind", frozenset({CHANNEL}))
    return replace(match, values={**match.values, "kind": kinds & {CHANNEL}})


def _no_channels(match: Match) -> Match:
    barred = match.barred.get("kind", frozenset()) | {CHANNEL}
    return replace(match, barred={**match.barred, "kind": barred})

"""What counts how much: the one table of weights and boosts, and the order that follows from it.

The engines score words by BM25 over one pooled text in which title, skills and tool words stand as
often as `WEIGHTS` says: pooling before scoring keeps long questions good, where adding up scores
per field loses several points of nDCG.

On top of that, boosts add a bounded share of the score: nothing that does not match is ever lifted
in, and all boosts together add at most `MOST`. Documents with all the words come before those with
some of them, whatever their boosts.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import NamedTuple

from search.document import Boosts, Document, Hit

WEIGHTS: Mapping[str, int] = {"title": 3, "skills": 2, "tool": 1, "body": 1}
BOOSTS: Mapping[str, float] = {
    "title": 0.50,  # every word of the query is in the title
    "language": 0.30,  # it is in a language that this reader reads
    "pinned": 0.20,  # a curator pinned it for this reader's role
    "role": 0.05,  # it is meant for this reader's role
    "liking": 0.15,  # it suits what this reader has learnt so far: up to this share
    "quality": 0.10,  # curated, complete, well liked: up to this share
    "fresh": 0.05,  # published lately: up to this share
}
MOST = 1.0
HALF_LIFE_DAYS = 365.0
NOTABLE = 0.5  # of a gradual boost's full share, before a hit names it
LIKED = 0.9  # the same of what suits the reader, so that only the best of it is named
OTHER_SHARE = 0.9  # other words for what was typed count at most this share of the word's own worth
PREFIX_SHARE = 1.5  # the beginning of a word counts in titles and skills only, so it is worth more
ALL_WORDS = "all-words"
SAME_DIGITS = 4  # scores that are equal in so many decimals are a tie
WINDOW = 40  # best documents by words alone that the boosts may reorder
UNKNOWN_MINUTES = 2**20 - 1
_IDS = 2**40
_DAY_BITS = 22
_DAYS, _PERCENT, _ID_SHIFT = 2**_DAY_BITS - 1, 2**7 - 1, _DAY_BITS + 7


class Candidate(NamedTuple):
    """A document found by its words: BM25, quality (0..1), day of publication (0: unknown).

    `cluster` is that of its duplicates (0: none); `preferred` says that it speaks for them.
    """

    id: int
    score: float
    quality: float
    published: int
    cluster: int = 0
    preferred: bool = False


@dataclass(frozen=True)
class Signals:
    """Which candidates carry which yes-or-no signal, by id."""

    all_words: Collection[int] = ()
    title: Collection[int] = ()
    role: Collection[int] = ()
    language: Collection[int] = ()
    pinned: Collection[int] = ()


@lru_cache(maxsize=20_000)
def freshness(published: int, now: date | None) -> float:
    """Say how fresh a day of publication is: 1 today, halved with every half-life, 0 unknown."""
    if not published or now is None:
        return 0.0
    age = max(0, now.toordinal() - published)
    return float(0.5 ** (age / HALF_LIFE_DAYS))


def rank(
    candidates: Collection[Candidate], signals: Signals, boosts: Boosts
) -> list[tuple[float, Candidate]]:
    """Order candidates: all words first, then boosted score; equals stand by id."""
    shares = {**BOOSTS, **boosts.table}
    scored = [(_boosted(each, signals, boosts, shares), each) for each in candidates]
    every = signals.all_words
    return sorted(scored, key=lambda one: (one[1].id not in every, -one[0], one[1].id))


def explain(score: float, candidate: Candidate, signals: Signals, boosts: Boosts) -> Hit:
    """Make a hit that names the boosts which lifted it."""
    found = candidate.id
    lifted = (
        (ALL_WORDS, found in signals.all_words),
        ("title", found in signals.title),
        ("pinned", found in signals.pinned),
        ("role", found in signals.role),
        ("language", found in signals.language),
        ("liking", boosts.liking.get(found, 0.0) > LIKED),
        ("quality", candidate.quality > NOTABLE),
        ("fresh", freshness(candidate.published, boosts.now) > NOTABLE),
    )
    named = tuple(name for name, applies in lifted if applies)
    return Hit(found, score, named)


def pack(document: Document) -> int:
    """Pack what ranking wants to know of a document into one number, for one column to hold."""
    percent = round(100 * min(1.0, max(0.0, document.quality)))
    return (document.id << _ID_SHIFT) | (percent << _DAY_BITS) | _day(document)


def unpack(facts: int, score: float, group: int = 0) -> Candidate:
    """Make a candidate of two packed numbers, `pack` and `group_key`, and a score."""
    percent = (facts >> _DAY_BITS) & _PERCENT
    cluster, preferred = group >> 1, bool(group & 1)
    return Candidate(facts >> _ID_SHIFT, score, percent / 100, facts & _DAYS, cluster, preferred)


def group_key(document: Document) -> int:
    """Pack a document's cluster, and whether it speaks for it, into one number; 0: it has none."""
    return 0 if document.cluster is None else document.cluster << 1 | document.preferred


def browse_key(document: Document) -> int:
    """Give the number by which browsing orders, best first: quality, then date, then low id."""
    return (round(document.quality * 100) * 2**22 + _day(document)) * 2**32 + (
        2**32 - 1 - document.id
    )


def newest_key(document: Document) -> int:
    """Give the number by which "newest" orders, highest first; unknown dates come last."""
    return _day(document) * _IDS + (_IDS - 1 - document.id)


def shortest_key(document: Document) -> int:
    """Give the number by which "shortest" orders, lowest first; unknown lengths come last."""
    minutes = UNKNOWN_MINUTES if document.minutes is None else document.minutes
    return min(minutes, UNKNOWN_MINUTES) * _IDS + document.id


def _boosted(
    candidate: Candidate, signals: Signals, boosts: Boosts, shares: Mapping[str, float]
) -> float:
    """Add the share of the score that the boosts allow; yes-or-no signals count in full."""
    found, score = candidate.id, candidate.score
    lift = shares["quality"] * candidate.quality
    lift += shares["fresh"] * freshness(candidate.published, boosts.now)
    lift += shares["liking"] * min(1.0, max(0.0, boosts.liking.get(found, 0.0)))
    lift += shares["title"] if found in signals.title else 0.0
    lift += shares["pinned"] if found in signals.pinned else 0.0
    lift += shares["role"] if found in signals.role else 0.0
    lift += shares["language"] if found in signals.language else 0.0
    return round(score * (1.0 + min(MOST, lift)), 4)


def _day(document: Document) -> int:
    return document.published.toordinal() if document.published else 0

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

from search.document import Boosts, Document, Hit

WEIGHTS: Mapping[str, int] = {"title": 3, "skills": 2, "tool": 1, "body": 1}
BOOSTS: Mapping[str, float] = {
    "title": 0.15,  # every word of the query is in the title
    "pinned": 0.25,  # a curator pinned it for this reader's role
    "role": 0.10,  # it is meant for this reader's role
    "quality": 0.10,  # curated, complete, well liked: up to this share
    "fresh": 0.05,  # published lately: up to this share
}
MOST = 0.5
HALF_LIFE_DAYS = 365.0
NOTABLE = 0.5  # of a gradual boost's full share, before a hit names it
PREFIX_SHARE = 0.7  # what the beginning of a word is worth beside the whole word
ALL_WORDS = "all-words"
WINDOW = 100  # best documents by words alone that the boosts may reorder
UNKNOWN_MINUTES = 2**20 - 1
_IDS = 2**40


@dataclass(frozen=True, slots=True)
class Candidate:
    """A document found by its words: BM25, quality (0..1), day of publication (0: unknown)."""

    id: int
    score: float
    quality: float
    published: int


@dataclass(frozen=True)
class Signals:
    """Which candidates carry which yes-or-no signal, by id."""

    all_words: Collection[int] = ()
    title: Collection[int] = ()
    role: Collection[int] = ()
    pinned: Collection[int] = ()


def freshness(published: int, now: date | None) -> float:
    """Say how fresh a day of publication is: 1 today, halved with every half-life, 0 unknown."""
    if not published or now is None:
        return 0.0
    age = max(0, now.toordinal() - published)
    return float(0.5 ** (age / HALF_LIFE_DAYS))


def rank(candidates: Collection[Candidate], signals: Signals, boosts: Boosts) -> list[Hit]:
    """Order candidates: all words first, then boosted score; equals stand by id."""
    hits = [_hit(candidate, signals, boosts.now) for candidate in candidates]
    return sorted(hits, key=lambda hit: (ALL_WORDS not in hit.boosts, -hit.score, hit.id))


def browse_key(document: Document) -> int:
    """Give the number by which browsing orders, best first: quality, then date, then low id."""
    day = document.published.toordinal() if document.published else 0
    return (round(document.quality * 100) * 2**22 + day) * 2**32 + (2**32 - 1 - document.id)


def newest_key(document: Document) -> int:
    """Give the number by which "newest" orders, highest first; unknown dates come last."""
    day = document.published.toordinal() if document.published else 0
    return day * _IDS + (_IDS - 1 - document.id)


def shortest_key(document: Document) -> int:
    """Give the number by which "shortest" orders, lowest first; unknown lengths come last."""
    minutes = UNKNOWN_MINUTES if document.minutes is None else document.minutes
    return min(minutes, UNKNOWN_MINUTES) * _IDS + document.id


def _hit(candidate: Candidate, signals: Signals, now: date | None) -> Hit:
    shares = {
        "title": float(candidate.id in signals.title),
        "pinned": float(candidate.id in signals.pinned),
        "role": float(candidate.id in signals.role),
        "quality": candidate.quality,
        "fresh": freshness(candidate.published, now),
    }
    lift = min(MOST, sum(BOOSTS[name] * share for name, share in shares.items()))
    named = tuple(name for name, share in shares.items() if share > NOTABLE)
    if candidate.id in signals.all_words:
        named = (ALL_WORDS, *named)
    return Hit(candidate.id, round(candidate.score * (1.0 + lift), 4), named)

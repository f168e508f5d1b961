"""What a reader sees of their library: lists in pages, and the searches that they keep."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from app.activity.cards import Card
from app.discover.contexts import address
from app.library import searches
from app.library.queries import KeptPage
from app.models import SavedSearch
from app.web.paging import PageLinks, Paging, page_links


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """One page of what a reader keeps."""

    kept: KeptPage
    links: PageLinks


def listing(kept: KeptPage, paging: Paging) -> Listing:
    """Add the links to the page that was read; `paging` knows its number and size."""
    return Listing(kept=kept, links=page_links(Paging(paging.number, paging.size, kept.total)))


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptSearch:
    """A search that the reader keeps, its address, and what is new in it since they looked."""

    id: int
    name: str
    url: str
    since: datetime
    total: int
    cards: Sequence[Card]


def kept_searches(
    mine: Sequence[SavedSearch], cards: Mapping[int, Sequence[Card]]
) -> list[KeptSearch]:
    """Return the reader's searches, those with something new first."""
    rows = [
        KeptSearch(
            id=one.id,
            name=one.name,
            url=address(searches.question(one)),
            since=one.looked_at,
            total=_still_new(one, cards.get(one.id, ())),
            cards=cards.get(one.id, ()),
        )
        for one in mine
    ]
    return sorted(rows, key=lambda row: not row.total)


def _still_new(saved: SavedSearch, cards: Sequence[Card]) -> int:
    """Count what is new without what the reader may not see any more, or what is gone."""
    return saved.fresh_total - (len(saved.fresh) - len(cards)) if cards else 0

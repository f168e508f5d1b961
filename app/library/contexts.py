"""What a reader sees of their library: one page of a list and the links to the others."""

from dataclasses import dataclass

from app.library.queries import KeptPage
from app.web.paging import PageLinks, Paging, page_links


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """One page of what a reader keeps."""

    kept: KeptPage
    links: PageLinks


def listing(kept: KeptPage, paging: Paging) -> Listing:
    """Add the links to the page that was read; `paging` knows its number and size."""
    return Listing(kept=kept, links=page_links(Paging(paging.number, paging.size, kept.total)))

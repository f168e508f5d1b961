"""What a reader sees of their library: one page of a list and the links to the others."""

from dataclasses import dataclass

from app.library.queries import KeptPage
from app.web.paging import Paging

_NEAR = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class PageLinks:
    """Links to the other pages of a list; an empty address is no link."""

    previous_url: str
    next_url: str
    numbers: list[tuple[str, str, bool]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """One page of what a reader keeps."""

    kept: KeptPage
    links: PageLinks


def listing(kept: KeptPage, paging: Paging) -> Listing:
    """Add the links to the page that was read; `paging` knows its number and size."""
    whole = Paging(paging.number, paging.size, kept.total)
    first, last = max(1, whole.number - _NEAR), min(whole.count, whole.number + _NEAR)
    return Listing(
        kept=kept,
        links=PageLinks(
            previous_url=whole.url(whole.number - 1) if whole.number > 1 else "",
            next_url=whole.url(whole.number + 1) if whole.number < whole.count else "",
            numbers=[
                (str(number), whole.url(number), number == whole.number)
                for number in range(first, last + 1)
            ],
        ),
    )

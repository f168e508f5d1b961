"""Cutting a long list into pages that have addresses."""

from dataclasses import dataclass
from urllib.parse import urlencode

from flask import request

_NEAR = 2


@dataclass(frozen=True, slots=True)
class Paging:
    """Which page of a list is shown; `number` counts from 1."""

    number: int
    size: int
    total: int

    @property
    def count(self) -> int:
        """Return how many pages there are, at least one."""
        return max(1, -(-self.total // self.size))

    @property
    def offset(self) -> int:
        """Return how many rows come before this page."""
        return (self.number - 1) * self.size

    def url(self, number: int) -> str:
        """Return this request's address with another page number."""
        args = request.args.to_dict(flat=False) | {"page": [str(number)]}
        if number == 1:
            args.pop("page")
        return request.path + (f"?{urlencode(args, doseq=True)}" if args else "")


def page_number(largest: int = 500) -> int:
    """Read the page number from the address; anything odd is page 1."""
    text = request.args.get("page", "1")
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 1
    return min(max(number, 1), largest)


@dataclass(frozen=True, slots=True)
class PageLinks:
    """Links to the other pages of a list, as `ui.pagination` takes them; no address is no link."""

    previous_url: str
    next_url: str
    numbers: list[tuple[str, str, bool]]


def page_links(paging: Paging) -> PageLinks:
    """Return the links to the pages before, after and near this one."""
    first, last = max(1, paging.number - _NEAR), min(paging.count, paging.number + _NEAR)
    return PageLinks(
        previous_url=paging.url(paging.number - 1) if paging.number > 1 else "",
        next_url=paging.url(paging.number + 1) if paging.number < paging.count else "",
        numbers=[
            (str(number), paging.url(number), number == paging.number)
            for number in range(first, last + 1)
        ],
    )

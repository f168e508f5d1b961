"""Cutting a long list into pages that have addresses."""

from collections.abc import Callable, Iterator
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


def page_links(paging: Paging, url: Callable[[int], str] | None = None) -> PageLinks:
    """Return the links to the pages before, after and near this one, and to the first and last.

    `url` gives the address of a page; without it, it is this request's with another number.
    """
    url = url or paging.url
    return PageLinks(
        previous_url=url(paging.number - 1) if paging.number > 1 else "",
        next_url=url(paging.number + 1) if paging.number < paging.count else "",
        numbers=list(_numbers(paging, url)),
    )


def _numbers(paging: Paging, url: Callable[[int], str]) -> Iterator[tuple[str, str, bool]]:
    """List the first, the last and the neighbouring pages, with one gap between what is apart."""
    near = {1, paging.count, *range(paging.number - _NEAR, paging.number + _NEAR + 1)}
    shown = sorted(number for number in near if 1 <= number <= paging.count)
    for number, before in zip(shown, [0, *shown], strict=False):
        if number - before > 1:
            yield "…", "", False
        yield str(number), url(number), number == paging.number

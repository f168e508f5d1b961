"""Where a reader stands when they ask for recommendations: what a request itself says, no more.

Nothing of it is kept. Another site's address never counts as where they come from.
"""

import re
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import SplitResult, urlsplit

PHONE, DESKTOP = "phone", "desktop"
LONGEST_MINUTES = 600
_ITEM = re.compile(r"/items/([0-9]{1,10})(?:/|$)")
_PLAYLIST = re.compile(r"/playlists/([a-z0-9][a-z0-9-]{0,119})(?:/|$)")
_SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,79}")
_LARGEST_ID = 2**31 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Here:
    """What a request says of its moment; whatever it does not say is None or empty.

    `minutes` is the time they say they have. `device` is "phone" or "desktop". They come from the
    item `origin`, the `tool` (a slug) or the `playlist` (a slug); whether there is such a thing for
    them is for the asker to find out.
    """

    minutes: int | None = None
    device: str = ""
    origin: int | None = None
    tool: str = ""
    playlist: str = ""


NOWHERE = Here()
"""What is known where there is no request."""


class Texts(Protocol):
    """The fields of a request's address or head, the names of the latter in any case."""

    def get(self, name: str, default: str, /) -> str:
        """Return the first field of this name, or `default`."""


def here_of(asked: Texts, headers: Texts, host: str) -> Here:
    """Return what a request says in its address (`asked`), in its head, and by its own `host`.

    The address may hold `minutes` and `from`, an item's id or a tool's slug. Without `from`, the
    page of ours that led here counts, if that is an item's or a playlist's. The device is that of
    the client hint `Sec-CH-UA-Mobile`, or else of the User-Agent: browsers on phones write "Mobi"
    (developer.mozilla.org, "Browser detection using the user agent").
    """
    origin, tool = _named(asked.get("from", ""))
    came = None if origin or tool else _own_page(headers, host)
    return Here(
        minutes=minutes_of(asked.get("minutes", "")),
        device=_device(headers),
        origin=_item_of(came) if came else origin,
        tool=tool,
        playlist=_playlist_of(came) if came else "",
    )


def minutes_of(text: str) -> int | None:
    """Return the minutes that a text names, from 1 to 600, or None."""
    if not (text.isascii() and text.isdigit() and len(text) < 4):
        return None
    return int(text) if 1 <= int(text) <= LONGEST_MINUTES else None


def _named(text: str) -> tuple[int | None, str]:
    if text.isascii() and text.isdigit():
        return _id(text), ""
    return None, text if _SLUG.fullmatch(text) else ""


def _id(text: str) -> int | None:
    return int(text) if len(text) < 11 and 0 < int(text) <= _LARGEST_ID else None


def _own_page(headers: Texts, host: str) -> SplitResult | None:
    try:
        parts = urlsplit(headers.get("Referer", ""))
    except ValueError:
        return None
    return parts if parts.netloc == host else None


def _item_of(page: SplitResult) -> int | None:
    found = _ITEM.match(page.path)
    return _id(found[1]) if found else None


def _playlist_of(page: SplitResult) -> str:
    found = _PLAYLIST.match(page.path)
    return found[1] if found else ""


def _device(headers: Texts) -> str:
    hint = headers.get("Sec-CH-UA-Mobile", "").strip()
    if hint in ("?0", "?1"):
        return PHONE if hint == "?1" else DESKTOP
    agent = headers.get("User-Agent", "")
    if not agent:
        return ""
    return PHONE if "Mobi" in agent else DESKTOP

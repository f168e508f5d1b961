"""Says by what an item is recognised in another tool: provider addresses, provider ids, titles.

A key is evidence that two items are one thing. An address counts without what differs from link to
link (scheme, www, tracking parameters, a trailing slash); a site's front page is no evidence. A
title counts only together with the provider and the duration, for "Introduction" alone is many
things.
"""

import re
from collections.abc import Iterable
from urllib.parse import SplitResult, parse_qsl, urlencode, urlsplit

from app.intake.text import slug

LONGEST = 300
_TRACKING = re.compile(
    r"utm_\w+|trk\w*|fbclid|gclid|mc_[ce]id|igshid|ref|ref_src|src|source|si|feature|spm",
    re.IGNORECASE,
)
_YOUTUBE = re.compile(r"(?:^|\.)(?:youtube(?:-nocookie)?\.com|youtu\.be)$")
_YOUTUBE_ID = re.compile(r"[\w-]{11}")
_DOI = re.compile(r"10\.\d{4,9}/\S+")
_ISBN = re.compile(r"(?:97[89])?\d{9}[\dX]")
_LINKEDIN = re.compile(r"(?:^|\.)linkedin\.com$")
_LANGUAGE = re.compile(r"[a-z]{2}(?:-[a-z]{2})?", re.IGNORECASE)


def keys_of(
    *, title: str, url: str, minutes: int | None, provider: str | None, ids: Iterable[str] = ()
) -> frozenset[str]:
    """Return the keys of an item: `id:…`, `address:…`, `title:…`, each at most 300 characters.

    `provider` is who made it, where the tool says so; `ids` are provider ids such as `isbn:…`,
    `doi:…`, `youtube:…` or `urn:…`.
    """
    found = {key for one in ids if (key := _id_key(one))}
    if address := address_key(url):
        found.add(address)
    if provider and minutes and len(slug(title)) > 8:
        found.add(f"title:{slug(title)}|{slug(provider)}|{minutes}")
    return frozenset(key for key in found if len(key) <= LONGEST)


def address_key(url: str) -> str:
    """Return the key of a web address; an empty text for one that is no evidence."""
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").removeprefix("www.").rstrip(".")
        port = f":{parts.port}" if parts.port not in (None, 80, 443) else ""
    except ValueError:
        return ""
    if not host:
        return ""
    if _YOUTUBE.search(host):
        return _youtube(host, parts)
    if host in {"doi.org", "dx.doi.org"} and _DOI.fullmatch(parts.path.strip("/")):
        return f"id:doi:{parts.path.strip('/').lower()}"
    if _LINKEDIN.search(host) and parts.path.startswith("/learning/"):
        return f"address:linkedin.com{parts.path.rstrip('/').lower()}"
    rest = _path(parts.path) + _query(parts.query) + _fragment(parts.fragment)
    return f"address:{host}{port}{rest}" if rest else ""


def _youtube(host: str, parts: SplitResult) -> str:
    path = [part for part in parts.path.split("/") if part]
    wanted = dict(parse_qsl(parts.query)).get("v", "")
    if not wanted and path:
        wanted = (
            path[-1] if host.endswith("youtu.be") or path[0] in {"embed", "shorts", "live"} else ""
        )
    if _YOUTUBE_ID.fullmatch(wanted):
        return f"id:youtube:{wanted}"
    rest = _path(parts.path) + _query(parts.query)
    return f"address:youtube.com{rest}" if rest else ""


def _id_key(text: str) -> str:
    scheme, _, value = text.strip().partition(":")
    value, scheme = value.strip(), scheme.lower()
    if scheme == "isbn":
        value = re.sub(r"[\s-]", "", value).upper()
        return f"id:isbn:{_isbn13(value)}" if _ISBN.fullmatch(value) else ""
    if scheme == "doi":
        return f"id:doi:{value.lower()}" if _DOI.fullmatch(value) else ""
    return f"id:{scheme}:{value}" if scheme and value else ""


def _isbn13(isbn: str) -> str:
    """Return an ISBN in its form with 13 digits (ISO 2108)."""
    if len(isbn) == 13:
        return isbn
    body = f"978{isbn[:9]}"
    total = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(body))
    return f"{body}{-total % 10}"


def _path(path: str) -> str:
    path = re.sub(r"/(?:index\.(?:html?|php))?$", "", path)
    head = path.split("/")[1] if path.count("/") else ""
    return "" if path == f"/{head}" and _LANGUAGE.fullmatch(head) else path


def _query(query: str) -> str:
    kept = sorted(
        pair
        for pair in parse_qsl(query, keep_blank_values=True)
        if not _TRACKING.fullmatch(pair[0])
    )
    return f"?{urlencode(kept)}" if kept else ""


def _fragment(fragment: str) -> str:
    """Return the fragment where it is a route of an application, not a place on a page."""
    return f"#{fragment}" if fragment.startswith(("/", "!")) else ""

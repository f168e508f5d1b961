"""Reads what websites tell machines: sitemaps, and what a page says of itself.

Whatever comes is somebody else's: XML is parsed without document types, entities or network, HTML
without network, and both only up to a size.
"""

import html
import json
import re
import zlib
from collections.abc import Iterator, Mapping
from typing import Any

import lxml.html
from lxml import etree

from app.connectors.base import ErrorKind, SourceError
from app.errors import Wording

LARGEST_SITEMAP = 52_428_800  # what the protocol allows, unpacked
LARGEST_PAGE = 4 * 1024 * 1024
MOST_TAGS = 2_000_000  # 50,000 addresses, each with what search engines are told of it
TYPES = (
    "Course",
    "VideoObject",
    "PodcastEpisode",
    "Book",
    "Event",
    "EducationEvent",
    "CourseEvent",
    "CourseInstance",
    "LearningResource",
    "TechArticle",
    "BlogPosting",
    "NewsArticle",
    "Article",
)
_GZIP = b"\x1f\x8b"
_DECLARATION = re.compile(r"^\s*<\?xml\s[^>]*\?>")
_LANGUAGE = re.compile(r"[a-zA-Z]{2,3}(-[a-zA-Z0-9]{2,8})*")
_ENCODED = re.compile(r"&(#\d+|#x[0-9a-f]+|\w+);|</\w+>|<br\b", re.IGNORECASE)
_ISBN = re.compile(r"[\dXx-]{10,17}")
_DEEPEST = 6


def sitemap_entries(body: bytes) -> tuple[bool, list[tuple[str, str]]]:
    """Return whether this is an index of sitemaps, and each address with its lastmod or "".

    Raises SourceError(SCHEMA) for what is no sitemap (https://www.sitemaps.org/protocol.html).
    """
    root = _xml(_unpacked(body))
    name = etree.QName(root).localname
    if name not in {"sitemapindex", "urlset"}:
        raise _no_sitemap()
    entries = []
    for each in root.iterchildren("{*}sitemap", "{*}url"):
        address = (each.findtext("{*}loc") or "").strip()
        if address:
            entries.append((address, (each.findtext("{*}lastmod") or "").strip()))
    return name == "sitemapindex", entries


def about_page(body: bytes) -> dict[str, object]:
    """Return what a page says of itself: `name`, `description`, `type`, `language`, and others.

    Texts are markup. JSON-LD counts first, then Open Graph, then the title and the description.
    """
    page = _html(body[:LARGEST_PAGE])
    thing = _thing(page)
    told = {
        "type": _type(thing),
        "name": _markup(thing.get("name") or thing.get("headline")) or _title(page),
        "description": _markup(thing.get("description")) or _description(page),
        "language": _language(thing, page),
        "duration": _first(thing, "duration", "timeRequired"),
        "published": _first(thing, "datePublished", "uploadDate", "startDate")
        or _meta(page, "article:published_time"),
        "keys": [f"isbn:{isbn}"] if _ISBN.fullmatch(isbn := _first(thing, "isbn")) else [],
    }
    return {name: value for name, value in told.items() if value}


def _no_sitemap() -> SourceError:
    return SourceError(ErrorKind.SCHEMA, Wording("There is no sitemap at this address."))


def _unpacked(body: bytes) -> bytes:
    if not body.startswith(_GZIP):
        return body
    unzip = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
    try:
        found = unzip.decompress(body, LARGEST_SITEMAP + 1)
    except zlib.error as error:
        raise _no_sitemap() from error
    if not unzip.eof or len(found) > LARGEST_SITEMAP:
        raise _no_sitemap()
    return found


def _xml(body: bytes) -> etree._Element:
    """Return the root; decoded here, so that no encoding hides a document type from the check."""
    try:
        text = _DECLARATION.sub("", body.decode("utf-8-sig"), count=1)
        if "<!doctype" in text.lower() or text.count("<") > MOST_TAGS:
            raise _no_sitemap()
        parser = etree.XMLParser(
            encoding="utf-8",
            resolve_entities=False,
            load_dtd=False,
            no_network=True,
            huge_tree=False,
        )
        return etree.fromstring(text.encode(), parser)
    except (UnicodeError, etree.XMLSyntaxError, ValueError) as error:
        raise _no_sitemap() from error


def _html(body: bytes) -> Any:
    encoding = "utf-8" if _is_utf8(body) else None
    parser = lxml.html.HTMLParser(no_network=True, huge_tree=False, encoding=encoding)
    try:
        return lxml.html.document_fromstring(body, parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError) as error:
        raise SourceError(ErrorKind.SCHEMA, Wording("It is no page.")) from error


def _is_utf8(body: bytes) -> bool:
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return True


def _thing(page: Any) -> Mapping[str, Any]:
    """Return the first thing of a type that we know in the page's JSON-LD, else an empty one."""
    things: list[Mapping[str, Any]] = []
    for script in page.iterfind(".//script[@type='application/ld+json']"):
        try:
            things += _things(json.loads(script.text or ""), _DEEPEST)
        except (ValueError, RecursionError):
            continue
    ranked = [one for name in TYPES for one in things if name in _types(one)]
    return ranked[0] if ranked else {}


def _things(value: object, depth: int) -> Iterator[Mapping[str, Any]]:
    if not depth:
        return
    if isinstance(value, list):
        for one in value:
            yield from _things(one, depth - 1)
    if isinstance(value, Mapping):
        yield value
        for name in ("@graph", "mainEntity", "itemListElement", "item"):
            yield from _things(value.get(name), depth - 1)


def _types(thing: Mapping[str, Any]) -> list[str]:
    found = thing.get("@type")
    names = found if isinstance(found, list) else [found]
    return [str(name).rpartition("/")[2].rpartition(":")[2] for name in names if name]


def _type(thing: Mapping[str, Any]) -> str:
    return next((name for name in TYPES if name in _types(thing)), "")


def _first(thing: Mapping[str, Any], *names: str) -> str:
    found = (thing.get(name) for name in names)
    return next((one.strip() for one in found if isinstance(one, str) and one.strip()), "")


def _markup(value: object) -> str:
    """Return a text of JSON-LD as markup; many sites write entities or tags into it."""
    if isinstance(value, list):
        value = next(iter(value), "")
    if isinstance(value, Mapping):
        value = value.get("@value")
    if not isinstance(value, str):
        return ""
    return value.strip() if _ENCODED.search(value) else html.escape(value.strip(), quote=False)


def _title(page: Any) -> str:
    found = _meta(page, "og:title") or page.findtext(".//title") or ""
    return html.escape(" ".join(found.split()), quote=False)


def _description(page: Any) -> str:
    found = _meta(page, "og:description") or _meta(page, "description")
    return html.escape(found, quote=False)


def _meta(page: Any, name: str) -> str:
    for each in page.iterfind(".//meta[@content]"):
        if name in {each.get("property"), (each.get("name") or "").lower()}:
            return str(each.get("content")).strip()
    return ""


def _language(thing: Mapping[str, Any], page: Any) -> str:
    told = thing.get("inLanguage")
    if isinstance(told, Mapping):
        told = told.get("alternateName")
    for found in (told, page.get("lang")):
        if isinstance(found, str) and _LANGUAGE.fullmatch(found.strip()):
            return found.strip()
    return ""

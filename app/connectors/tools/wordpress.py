"""Reads the posts and pages of a WordPress site.

API: WordPress REST API v2 (https://developer.wordpress.org/rest-api/reference/posts/), tried
against WordPress 6.1.

    address   https://blog.example.com
    user      foyer               (optional; an editor)
    password  abcd efgh …         (optional; an application password, not the account's own)

Without an account only what everybody may read is seen; with one, a delta also names what was
trashed or hidden since. Posts with a password of their own count as hidden.

Limits: none of its own; 100 posts a request. `modified_after` is strict and compares the site's
local times, which jump when clocks are set back or the site's zone is changed: a delta asks 26
hours further back and goes by `modified_gmt` itself. Paging is by number, so that a post trashed
on the way pulls others onto a page already read: lists are walked by ascending id, each page
overlapping the one before, and a walk that finds a gap steps back. The API is asked by
`?rest_route=`, which needs no pretty permalinks. Links: `/?p=<id>`, which leads to the present
address of posts and pages whatever became of their slug.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar
from urllib.parse import quote

from app.connectors.answers import Answer
from app.connectors.base import (
    Capabilities,
    Checkpoint,
    Delete,
    ErrorKind,
    Event,
    Hit,
    Link,
    Mode,
    Presence,
    Probe,
    Proof,
    Quadrant,
    SourceError,
    Spec,
    Upsert,
    packed,
    unpacked,
)
from app.connectors.headers import basic
from app.connectors.http import Http
from app.connectors.mapping import Rule, found_at, text_of
from app.connectors.moments import before, moment_of, written
from app.connectors.settings import Ask, ToolSettings, setting
from app.errors import Wording

_API = "/wp/v2"
_PAGE = 100
_ZONES = timedelta(hours=26)
_STATUSES = ("publish", "future", "draft", "pending", "private", "trash")
_TYPES = ("posts", "pages")
_FIELDS = "id,link,title,excerpt,modified_gmt,date_gmt,status,type"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings(ToolSettings):
    """Where the site is and, if wanted, who reads it."""

    user: str = setting(
        Wording("User name"), hint=Wording("An editor; only to see what was trashed or hidden.")
    )
    password: str = setting(Wording("Application password"), Ask.SECRET)


class WordPress:
    """One WordPress site."""

    spec: ClassVar[Spec] = Spec(
        kind="wordpress",
        name="WordPress",
        summary=Wording("Posts and pages of a blog or an intranet."),
        family="blog",
        quadrants=(Quadrant.CREATE,),
        settings=Settings,
        capabilities=Capabilities(delta=True, tombstones=True, live_search=True),
        proof=Proof.REAL,
        source="WordPress 6.1",
        mapping=(
            Rule("title", "title.rendered", "html"),
            Rule("summary", "excerpt.rendered", "html"),
            Rule("url", "url", "address"),
            Rule("published", "date_gmt", "day"),
            Rule("kind", default="article"),
        ),
        set_up=(
            Wording("Give the address of the site; what everybody may read needs nothing more."),
            Wording(
                "To learn of trashed posts, open Users, Profile in WordPress as an editor, and add"
                " an application password under that heading."
            ),
            Wording("Give the name of that user and the application password here."),
        ),
    )

    def __init__(self, settings: Settings, http: Http) -> None:
        """Keep the settings; nothing is asked yet."""
        self._settings = settings
        self._http = http.using(
            classify=_classified, authorise=lambda _http: basic(settings.user, settings.password)
        )

    def check(self) -> Iterator[Probe]:
        """Try the list of posts, the search and, with a password, the list of trashed ones."""
        yield self._probed(Wording("Posts and pages"), f"{_API}/posts", {"per_page": 1})
        yield self._probed(Wording("Search"), f"{_API}/search", _question("a", 1))
        if self._settings.password:
            trashed = {"per_page": 1, "status": "trash"}
            yield self._probed(Wording("Trashed posts"), f"{_API}/posts", trashed)

    def pull(self, cursor: bytes | None, mode: Mode) -> Iterator[Event]:
        """Yield posts, then pages: all in a sweep, those changed since the cursor in a delta."""
        if mode is Mode.DELTA and cursor:
            yield from self._delta(unpacked(cursor, since=str)["since"])
        else:
            yield from self._sweep(cursor)

    def probe(self, external_ids: Sequence[str]) -> Mapping[str, Presence]:
        """Ask for each post by its id: there, for signed-in readers only, or not at all."""
        return {external_id: self._presence(external_id) for external_id in external_ids}

    def search(self, query: str, limit: int) -> Sequence[Hit]:
        """Ask the site's own search."""
        found = self._asked(f"{_API}/search", _question(query, limit))
        return [self._hit(row) for row in _rows(found)][:limit]

    def link(self, external_id: str, stored: Link) -> Link:  # noqa: ARG002 (the protocol's)
        """Return the address with the id, which outlives a new slug."""
        return Link(f"{self._settings.address}/?p={quote(external_id, safe='')}")

    def _sweep(self, cursor: bytes | None) -> Iterator[Event]:
        state: Mapping[str, Any] = {"type": _TYPES[0], "place": 0, "last": 0, "since": ""}
        if cursor:
            state = unpacked(cursor, type=str, place=int, last=int, since=str)
        place, last, since = max(0, state["place"]), state["last"], state["since"]
        for kind in _TYPES[_TYPES.index(state["type"]) if state["type"] in _TYPES else 0 :]:
            for page in self._walk(kind, {}, place, last):
                since = since or before(page.answer)
                yield from (self._upsert(row) for row in page.rows if _is_open(row))
                if page.more:
                    found = packed(type=kind, place=page.place, last=page.last, since=since)
                    yield Checkpoint(found)
            place, last = 0, 0
        yield Checkpoint(packed(since=since), complete=True)

    def _delta(self, since: str) -> Iterator[Event]:
        asked: dict[str, object] = {"modified_after": written(moment_of(since) - _ZONES)}
        if self._settings.password:
            asked["status"] = ",".join(_STATUSES)
        newest = ""
        for kind in _TYPES:
            for page in self._walk(kind, asked, 0, 0):
                newest = newest or before(page.answer)
                changed = (row for row in page.rows if _modified(row) >= moment_of(since))
                yield from (self._event(row) for row in changed)
        yield Checkpoint(packed(since=newest), complete=True)

    def _walk(
        self, kind: str, asked: Mapping[str, object], place: int, last: int
    ) -> Iterator["_Page"]:
        """Yield the rows whose id is above `last`, in order; `place` is where they should begin.

        Each page begins with the last row of the one before. Where it does not, rows before it
        have gone, and the walk steps back until it finds a row that it knows.
        """
        while True:
            offset = max(0, place - 1)
            order = {"per_page": _PAGE, "offset": offset, "orderby": "id", "order": "asc"}
            fields = {"_fields": _FIELDS}
            answer = self._asked(f"{_API}/{kind}", {**order, **fields, **asked})
            rows = _rows(answer)
            if offset and (not rows or rows[0]["id"] > last):
                place = max(0, offset - _PAGE)
                continue
            place, more = offset + len(rows), len(rows) == _PAGE
            new = [row for row in rows if row["id"] > last]
            last = max([last, *(row["id"] for row in rows)])
            yield _Page(answer, new, place, last, more)
            if not more:
                return

    def _asked(self, route: str, params: Mapping[str, object]) -> Answer:
        return self._http.get("", {"rest_route": route, **params}, as_json=True)

    def _event(self, row: Mapping[str, Any]) -> Event:
        if _is_open(row):
            return self._upsert(row)
        return Delete(str(row["id"]), _presence_of(row))

    def _upsert(self, row: Mapping[str, Any]) -> Upsert:
        raw = {**row, "url": self.link(str(row["id"]), Link("")).url}
        return Upsert(str(row["id"]), {k: v for k, v in raw.items() if k != "modified_gmt"})

    def _hit(self, row: Mapping[str, Any]) -> Hit:
        post = str(row["id"])
        title = text_of(str(row.get("title", "")))
        return Hit(post, title, self.link(post, Link("")).url, "article")

    def _presence(self, external_id: str) -> Presence:
        """Ask for one post; visitors are not told the trashed from the private."""
        for kind in _TYPES if external_id.isdecimal() else ():
            route = f"{_API}/{kind}/{external_id}"
            params = {"rest_route": route, "_fields": _FIELDS}
            answer = self._http.get("", params, accept=(200, 401, 403, 404), as_json=True)
            values = answer.json()
            if not isinstance(values, dict):
                return Presence.UNKNOWN
            if answer.status == 200:
                return _presence_of(values)
            if values.get("code") == "rest_forbidden":
                return Presence.HIDDEN
            if values.get("code") != "rest_post_invalid_id":
                return Presence.UNKNOWN
        return Presence.GONE

    def _probed(self, what: Wording, route: str, params: Mapping[str, object]) -> Probe:
        try:
            _rows(self._asked(route, params))
        except SourceError as error:
            return Probe(what, ok=False, why=error.sentence)
        return Probe(what, ok=True)


@dataclass(frozen=True, slots=True)
class _Page:
    """What one step of a walk found, and where the next one begins."""

    answer: Answer
    rows: Sequence[Mapping[str, Any]]
    place: int
    last: int
    more: bool


def _classified(answer: Answer) -> SourceError | None:
    """Return what WordPress means by a 400: an inner status tells a wrong or a weak account."""
    if answer.status != 400 or answer.is_html:
        return None
    values = answer.json()
    inner = {found_at(one, "data.status") for one in _details(values)}
    if 401 in inner:
        return SourceError(
            ErrorKind.AUTH_INVALID, Wording("It does not accept the application password.")
        )
    if 403 in inner:
        return SourceError(
            ErrorKind.FORBIDDEN, Wording("The account may not see what was trashed.")
        )
    return SourceError(ErrorKind.CONFIG, Wording("It refuses the question."))


def _details(values: object) -> list[object]:
    found = found_at(values, "data.details")
    return list(found.values()) if isinstance(found, dict) else []


def _rows(answer: Answer) -> list[Mapping[str, Any]]:
    values = answer.json()
    if not isinstance(values, list) or not all(
        isinstance(row, dict) and isinstance(row.get("id"), int) for row in values
    ):
        raise SourceError(ErrorKind.SCHEMA, Wording("The list of posts is not a list."))
    return values


def _is_open(row: Mapping[str, Any]) -> bool:
    return _presence_of(row) is Presence.LIVE


def _presence_of(row: Mapping[str, Any]) -> Presence:
    if row.get("status") == "trash":
        return Presence.GONE
    protected = found_at(row, "excerpt.protected")
    return Presence.LIVE if row.get("status") == "publish" and not protected else Presence.HIDDEN


def _modified(row: Mapping[str, Any]) -> datetime:
    return moment_of(str(row.get("modified_gmt")))


def _question(query: str, limit: int) -> Mapping[str, object]:
    return {
        "search": query,
        "per_page": min(limit, _PAGE),
        "_fields": "id,title",
        "type": "post",
        "subtype": "post,page",
    }

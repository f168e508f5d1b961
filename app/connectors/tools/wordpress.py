"""Reads the posts and pages of a WordPress site.

API: WordPress REST API v2 (https://developer.wordpress.org/rest-api/reference/posts/), tried
against WordPress 6.1. Without an account only what everybody may read; with an application
password also what was trashed since.

    address   https://blog.example.com
    user      foyer               (optional)
    password  abcd efgh …         (optional; an application password, not the account's own)

Limits: none of its own; 100 posts a page. `modified_after` is strict and compares with the site's
clock, so a delta reaches two minutes back. Paging is by number, so that a post trashed on the way
moves others to a page already read: a sweep takes ids in ascending order, which only new posts
follow. Links: `/?p=<id>`, which leads to the present address whatever became of its slug.
"""

import base64
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar
from urllib.parse import quote

from app.connectors.base import (
    OVERLAP,
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
from app.connectors.http import Answer, Http
from app.connectors.mapping import Rule, text_of
from app.connectors.settings import Ask, ToolSettings, setting
from app.errors import Wording

_PAGE = 100
_TYPES = ("posts", "pages")
_FIELDS = "id,link,title,excerpt,modified_gmt,date_gmt,status,type"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings(ToolSettings):
    """Where the site is and, if wanted, who reads it."""

    user: str = setting(Wording("User name"), hint=Wording("Only to see what was trashed."))
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
        self._http = http.using(classify=_classified, authorise=lambda _http: self._headers())

    def check(self) -> Iterator[Probe]:
        """Try the list of posts and, with a password, the list of trashed ones."""
        yield self._probed(Wording("Posts and pages"), "posts", {"per_page": 1})
        if self._settings.password:
            yield self._probed(
                Wording("Trashed posts"), "posts", {"per_page": 1, "status": "trash"}
            )

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
        return _hits(self._http.get_json("wp-json/wp/v2/search", _question(query, limit)))

    def link(self, external_id: str, stored: Link) -> Link:  # noqa: ARG002 (the protocol's)
        """Return the address with the id, which outlives a new slug."""
        return Link(f"{self._settings.address}/?p={quote(external_id, safe='')}")

    def _sweep(self, cursor: bytes | None) -> Iterator[Event]:
        state: Mapping[str, Any] = {"type": _TYPES[0], "page": 1, "since": ""}
        if cursor:
            state = unpacked(cursor, type=str, page=int, since=str)
        kinds = _TYPES[_TYPES.index(state["type"]) if state["type"] in _TYPES else 0 :]
        since, page = state["since"], state["page"]
        for kind in kinds:
            while True:
                answer = self._page(kind, {"page": page, "orderby": "id", "order": "asc"})
                since = since or _moment(answer)
                rows = _rows(answer)
                yield from (self._upsert(row) for row in rows)
                if len(rows) < _PAGE:
                    break
                page += 1
                yield Checkpoint(packed(type=kind, page=page, since=since))
            page = 1
        yield Checkpoint(packed(since=since), complete=True)

    def _delta(self, since: str) -> Iterator[Event]:
        newest = ""
        for kind in _TYPES:
            for row, answer in self._changed(kind, since):
                newest = newest or _moment(answer)
                if row is not None:
                    yield self._event(row)
        yield Checkpoint(packed(since=newest or since), complete=True)

    def _changed(self, kind: str, since: str) -> Iterator[tuple[Mapping[str, Any] | None, Answer]]:
        """Yield each changed post with the answer that held it; (None, answer) after each page."""
        statuses = ["publish", "trash"] if self._settings.password else ["publish"]
        page = 1
        while True:
            asked = {
                "page": page,
                "orderby": "modified",
                "order": "asc",
                "modified_after": since,
                "status": ",".join(statuses),
            }
            answer = self._page(kind, asked)
            rows = _rows(answer)
            yield from ((row, answer) for row in rows)
            yield None, answer
            if len(rows) < _PAGE:
                return
            page += 1

    def _page(self, kind: str, asked: Mapping[str, object]) -> Answer:
        """Return one page of a list; a number after the last page is an empty list."""
        params = {"per_page": _PAGE, "_fields": _FIELDS, **asked}
        return self._http.get(f"wp-json/wp/v2/{kind}", params, accept=(200, 400), as_json=True)

    def _event(self, row: Mapping[str, Any]) -> Event:
        return Delete(str(row["id"])) if row.get("status") == "trash" else self._upsert(row)

    def _upsert(self, row: Mapping[str, Any]) -> Upsert:
        raw = {**row, "url": self.link(str(row["id"]), Link("")).url}
        return Upsert(str(row["id"]), {k: v for k, v in raw.items() if k != "modified_gmt"})

    def _presence(self, external_id: str) -> Presence:
        for kind in _TYPES:
            answer = self._http.get(
                f"wp-json/wp/v2/{kind}/{external_id}",
                {"_fields": "id"},
                accept=(200, 401, 403, 404),
            )
            if answer.status == 200:
                return Presence.LIVE
            if answer.status in {401, 403}:
                return Presence.HIDDEN
        return Presence.GONE

    def _probed(self, what: Wording, kind: str, params: Mapping[str, object]) -> Probe:
        try:
            self._http.get_json(f"wp-json/wp/v2/{kind}", params)
        except SourceError as error:
            return Probe(what, ok=False, why=error.sentence)
        return Probe(what, ok=True)

    def _headers(self) -> Mapping[str, str]:
        if not self._settings.password:
            return {}
        pair = f"{self._settings.user}:{self._settings.password}".encode()
        return {"Authorization": f"Basic {base64.b64encode(pair).decode()}"}


def _classified(answer: Answer) -> SourceError | None:
    """Return what WordPress means by a 400: the inner status tells a wrong password."""
    if answer.status != 400 or answer.is_html:
        return None
    values = answer.json()
    code = str(values.get("code", "")) if isinstance(values, dict) else ""
    if code == "rest_post_invalid_page_number":
        return None
    inner = str(values)
    if "'status': 401" in inner or "'status': 403" in inner:
        return SourceError(
            ErrorKind.AUTH_INVALID, Wording("It does not accept the application password.")
        )
    return SourceError(ErrorKind.CONFIG, Wording("It refuses the question: %(code)s", code=code))


def _rows(answer: Answer) -> list[Mapping[str, Any]]:
    values = answer.json()
    if answer.status == 400:
        return []
    if not isinstance(values, list):
        raise SourceError(ErrorKind.SCHEMA, Wording("The list of posts is not a list."))
    return values


def _moment(answer: Answer) -> str:
    """Return the server's time, the overlap earlier, as the API takes it (UTC)."""
    at = answer.server_time
    if at is None:
        raise SourceError(ErrorKind.SCHEMA, Wording("Its answers carry no date."))
    return _written(at - OVERLAP)


def _written(at: datetime) -> str:
    return (at - timedelta(microseconds=at.microsecond)).isoformat().replace("+00:00", "Z")


def _question(query: str, limit: int) -> Mapping[str, object]:
    return {"search": query, "per_page": limit, "_fields": "id,title,url", "type": "post"}


def _hits(rows: Sequence[Mapping[str, Any]]) -> list[Hit]:
    return [
        Hit(str(row["id"]), text_of(str(row.get("title", ""))), str(row.get("url", "")), "article")
        for row in rows
    ]

"""Reads the pages of a Confluence Cloud site.

API: Confluence Cloud REST API v2 for pages
(https://developer.atlassian.com/cloud/confluence/rest/v2/api-group-page/) and CQL search of v1
(https://developer.atlassian.com/cloud/confluence/advanced-searching-using-cql/). Built from the
documentation, not yet seen against the real service.

    address  https://company.atlassian.net
    user     foyer@company.com   (an Atlassian account that sees what everybody may see)
    token    ATATT…              (an API token of that account)
    spaces   HR, IT              (optional; keys of spaces, else all that the account sees)
    accounts_client_id, accounts_client_secret   (optional: an app for people's own accounts)

What is found depends on who asks: people search with their own tokens (`atlassian_accounts.py`),
never with that of the account above. A delta asks CQL for `lastmodified`, which knows minutes only
and reads them in the account's time zone: it asks 14 hours further back and goes by the version's
own time, ten minutes back since the search index lags. Then it names what is in the trash and in
the archive. A restricted page answers as one that never was, so that only those two are known to be
away. Limits: unpublished; 429 with Retry-After. Links: `/wiki/spaces/KEY/pages/<id>`, from `webui`
without the title.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

from app.connectors import atlassian_accounts
from app.connectors.answers import Answer
from app.connectors.base import (
    Capabilities,
    Checkpoint,
    Delete,
    ErrorKind,
    Event,
    Hit,
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
from app.connectors.moments import before, moment_of
from app.connectors.personal import (
    Grant,
    PersonalOAuth,
    Whose,
    as_person,
    client_id_setting,
    client_secret_setting,
)
from app.connectors.settings import Ask, ToolSettings, setting
from app.errors import Wording

_V2 = "wiki/api/v2"
_PAGE = 250
_FOUND = 100
_LAGS = timedelta(minutes=10)
_ZONES = timedelta(hours=14)
_AWAY = {"trashed": Presence.GONE, "archived": Presence.HIDDEN}
_MARKS = re.compile(r"@@@(?:end)?hl@@@")
_WEB = re.compile(r"/spaces/[^/?#]+/pages/\d+")
_KEY = re.compile(r"~?[A-Za-z0-9]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings(ToolSettings):
    """Where the site is, who reads it, and which spaces are wanted."""

    user: str = setting(Wording("E-mail address of the account"), needed=True)
    token: str = setting(Wording("API token"), Ask.SECRET, needed=True)
    spaces: str = setting(
        Wording("Spaces"), hint=Wording("Keys with commas between; all when left out.")
    )
    accounts_client_id: str = client_id_setting()
    accounts_client_secret: str = client_secret_setting()


class Confluence:
    """One Confluence Cloud site."""

    spec: ClassVar[Spec] = Spec(
        kind="confluence",
        name="Confluence Cloud",
        summary=Wording("Pages of the spaces that an account may see."),
        family="wiki",
        quadrants=(Quadrant.CREATE,),
        settings=Settings,
        capabilities=Capabilities(
            delta=True, tombstones=True, live_search=True, per_user_trim=True, own_accounts=True
        ),
        proof=Proof.DOCUMENTED,
        source="https://developer.atlassian.com/cloud/confluence/rest/v2/",
        mapping=(
            Rule("title", "title"),
            Rule("url", "url", "address"),
            Rule("published", "createdAt", "day"),
            Rule("kind", default="article"),
        ),
        set_up=(
            Wording("Make an Atlassian account for Foyer that sees what every employee may see."),
            Wording("Sign in as that account and make an API token at id.atlassian.com."),
            Wording("Enter the address of the site, the account’s e-mail address and the token."),
            Wording("Name the spaces that are wanted; personal spaces are best left out."),
            Wording(
                "For people’s own accounts: make an OAuth 2.0 integration at "
                "developer.atlassian.com, with the redirect address below as its callback URL, "
                "the permission search:confluence of the Confluence API and read:me of the User "
                "identity API, and enter its client id and secret."
            ),
        ),
        hosts=atlassian_accounts.HOSTS,
    )

    def __init__(self, settings: Settings, http: Http) -> None:
        """Keep the settings; nothing is asked yet."""
        self._settings = settings
        self._http = http.using(authorise=lambda _http: basic(settings.user, settings.token))
        self._ids: str | None = None

    def check(self) -> Iterator[Probe]:
        """Try the pages, the trash and the search."""
        yield self._probed(Wording("Pages"), lambda: next(self._pages(status="current")))
        yield self._probed(Wording("Trash"), lambda: next(self._pages(status="trashed")))
        yield self._probed(Wording("Search"), lambda: self.search("a", 1))

    def pull(self, cursor: bytes | None, mode: Mode) -> Iterator[Event]:
        """Yield all current pages in a sweep, those changed since the cursor in a delta."""
        if mode is Mode.DELTA and cursor:
            yield from self._delta(moment_of(unpacked(cursor, since=str)["since"]))
        else:
            yield from self._sweep(cursor)

    def probe(self, external_ids: Sequence[str]) -> Mapping[str, Presence]:
        """Look for the pages among the current, archived and trashed; others are unknown."""
        found = dict.fromkeys(external_ids, Presence.UNKNOWN)
        asked = [one for one in external_ids if one.isascii() and one.isdecimal()]
        for status, presence in {"current": Presence.LIVE, **_AWAY}.items():
            for start in range(0, len(asked), _PAGE):
                part = ",".join(asked[start : start + _PAGE])
                for rows, _more, _answer in self._pages(status=status, id=part):
                    found.update({str(row["id"]): presence for row in rows})
        return {one: found[one] for one in external_ids}

    def search(self, query: str, limit: int) -> Sequence[Hit]:
        """Ask the site's own search."""
        return self._found(self._http, "wiki/rest/api/search", query, limit)

    def personal(self) -> PersonalOAuth | None:
        """Return how a person lets Foyer ask, with the app that the settings name."""
        settings = self._settings
        return atlassian_accounts.oauth(
            settings.accounts_client_id, settings.accounts_client_secret
        )

    def whose(self, grant: Grant) -> Whose:
        """Return whose account it is, with the id of this site."""
        return atlassian_accounts.whose(self._as(grant), self._settings.address)

    def revoke(self, grant: Grant) -> bool:  # noqa: ARG002 (the protocol's)
        """Say that Atlassian withdraws no single token."""
        return False

    def search_as(self, grant: Grant, query: str, limit: int) -> Sequence[Hit]:
        """Ask the site's own search as the person."""
        path = atlassian_accounts.search_path(grant.place)
        return self._found(self._as(grant), path, query, limit)

    def _as(self, grant: Grant) -> Http:
        return as_person(self._http, grant, atlassian_accounts.classified)

    def _found(self, http: Http, path: str, query: str, limit: int) -> Sequence[Hit]:
        asked = {"cql": self._cql(_words(query)), "limit": min(limit, _FOUND)}
        rows = _rows(http.get_json(path, asked))
        return [hit for row in rows if (hit := self._hit(row))][:limit]

    def _sweep(self, cursor: bytes | None) -> Iterator[Event]:
        state = unpacked(cursor, **{"from": str}, since=str) if cursor else {}
        since = str(state.get("since", ""))
        for rows, more, answer in self._pages(state.get("from"), status="current", sort="id"):
            since = since or before(answer, _LAGS)
            yield from (self._upsert(row) for row in rows)
            if more:
                yield Checkpoint(packed(since=since, **{"from": more}))
        yield Checkpoint(packed(since=since), complete=True)

    def _delta(self, since: datetime) -> Iterator[Event]:
        asked = f'lastmodified >= "{since - _ZONES:%Y/%m/%d %H:%M}" order by lastmodified asc'
        newest, more = "", ""
        while True:
            params = {"cql": self._cql(asked), "limit": _FOUND, "cursor": more or None}
            answer = self._http.get("wiki/rest/api/search", params, as_json=True)
            newest = newest or before(answer, _LAGS)
            ids = [str(found_at(row, "content.id")) for row in _rows(answer.json())]
            yield from self._changed([one for one in ids if one.isdecimal()], since)
            more = _cursor(answer)
            if not more:
                break
        for status, presence in _AWAY.items():
            for rows, _more, _answer in self._pages(status=status):
                yield from (Delete(str(row["id"]), presence) for row in rows)
        yield Checkpoint(packed(since=newest), complete=True)

    def _changed(self, ids: Sequence[str], since: datetime) -> Iterator[Event]:
        if ids:
            for rows, _more, _answer in self._pages(status="current", id=",".join(ids)):
                changed = (row for row in rows if _modified(row) >= since)
                yield from (self._upsert(row) for row in changed)

    def _pages(
        self, more: str | None = None, **asked: str
    ) -> Iterator[tuple[list[Mapping[str, Any]], str, Answer]]:
        """Yield lists of pages with the mark of the next one; a mark may have run out."""
        spaces = self._space_ids()
        while True:
            params = {"limit": _PAGE, "space-id": spaces or None, "cursor": more or None, **asked}
            accept = (200, 400) if more else (200,)
            answer = self._http.get(f"{_V2}/pages", params, accept=accept, as_json=True)
            if answer.status == 400:
                raise SourceError(
                    ErrorKind.CURSOR_INVALID, Wording("It no longer knows where we were.")
                )
            more = _cursor(answer)
            yield _rows(answer.json()), more, answer
            if not more:
                return

    def _space_ids(self) -> str:
        """Return the ids of the wanted spaces, or nothing where all are wanted."""
        if self._ids is None:
            keys = self._keys()
            ids = []
            if keys:
                asked = {"keys": ",".join(keys), "limit": _PAGE}
                ids = [str(row["id"]) for row in _rows(self._http.get_json(f"{_V2}/spaces", asked))]
                if len(ids) < len(keys):
                    raise SourceError(
                        ErrorKind.CONFIG, Wording("One of the spaces is not there, or not for it.")
                    )
            self._ids = ",".join(ids)
        return self._ids

    def _keys(self) -> list[str]:
        found = [part.strip() for part in self._settings.spaces.split(",")]
        return sorted({key for key in found if _KEY.fullmatch(key)})

    def _cql(self, asked: str) -> str:
        keys = ", ".join(f'"{key}"' for key in self._keys())
        return f"type = page and {f'space in ({keys}) and ' if keys else ''}{asked}"

    def _upsert(self, row: Mapping[str, Any]) -> Upsert:
        page = str(row["id"])
        raw = {name: row[name] for name in ("id", "title", "spaceId", "createdAt") if name in row}
        return Upsert(page, {**raw, "url": self._address(page, found_at(row, "_links.webui"))})

    def _hit(self, row: Mapping[str, Any]) -> Hit | None:
        page = str(found_at(row, "content.id") or "")
        if not page.isdecimal():
            return None
        title = str(found_at(row, "content.title") or "")
        address = self._address(page, found_at(row, "content._links.webui"))
        summary = text_of(_MARKS.sub("", str(row.get("excerpt") or "")))
        return Hit(page, title, address, "article", summary)

    def _address(self, page: str, webui: object) -> str:
        """Return the page's address without its title, which may change."""
        found = _WEB.match(str(webui or ""))
        place = found.group() if found else f"/pages/viewpage.action?pageId={page}"
        return f"{self._settings.address.removesuffix('/wiki')}/wiki{place}"

    def _probed(self, what: Wording, tries: Callable[[], object]) -> Probe:
        try:
            tries()
        except SourceError as error:
            return Probe(what, ok=False, why=error.sentence)
        return Probe(what, ok=True)


def _words(query: str) -> str:
    escaped = query[:200].replace("\\", "\\\\").replace('"', '\\"')
    return f'siteSearch ~ "{escaped}"'


def _rows(values: Any) -> list[Mapping[str, Any]]:
    rows = values.get("results") if isinstance(values, dict) else None
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise SourceError(ErrorKind.SCHEMA, Wording("The list of pages is not a list."))
    return rows


def _cursor(answer: Answer) -> str:
    """Return the mark of the next list; the address around it is not followed."""
    following = answer.next_link or str(found_at(answer.json(), "_links.next") or "")
    return next(iter(parse_qs(urlsplit(following).query).get("cursor", ())), "")


def _modified(row: Mapping[str, Any]) -> datetime:
    return moment_of(str(found_at(row, "version.createdAt") or "9999-01-01T00:00:00+00:00"))

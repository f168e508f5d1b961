"""Reads the pages of a MediaWiki: an encyclopaedia, a handbook, a company's wiki.

API: MediaWiki Action API (https://www.mediawiki.org/wiki/API:Main_page), tried against
MediaWiki 1.39.

    address     https://wiki.example.com/w   (the folder in which api.php is)
    user        Ada@foyer                    (optional; a name made by Special:BotPasswords)
    password    …                            (optional; the bot password)
    namespaces  0, 4                         (optional; 0 when left out)
    extracts    yes                          (optional; needs the extension TextExtracts)

Errors come with status 200 and a header MediaWiki-API-Error. A delta reads recent changes, which
are kept for 30 to 90 days, and the logs of deletions, moves and imports: there a page is named by
`logpage`, since `pageid` is 0 or the redirect's. What an import brings keeps its old times, so that
sweeps go on beside deltas. Pages that became redirects are gone. Limits: `maxlag` is obeyed; 500
pages a request, 20 with their beginnings. Links: `index.php?curid=<id>`, which outlives moves.
"""

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, ClassVar
from urllib.parse import quote

from app.connectors.answers import Answer, retry_after
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
    text_in,
    unpacked,
)
from app.connectors.http import Http
from app.connectors.mapping import Rule, text_of
from app.connectors.moments import moment_of, written
from app.connectors.settings import Ask, ToolSettings, setting
from app.errors import Wording

_KEPT = timedelta(days=30)
_LOGS = ("delete", "move", "import")
_MOST = 500
_AT_ONCE = 50
_WITH_BEGINNINGS = 20
_COOKIE = re.compile(r"(?:^|,\s*)([^=;,\s]+)=([^;,]*)")
_KINDS = {
    "maxlag": ErrorKind.RATE_LIMITED,
    "ratelimited": ErrorKind.RATE_LIMITED,
    "readonly": ErrorKind.TRANSIENT,
    "assertuserfailed": ErrorKind.AUTH_EXPIRED,
    "readapidenied": ErrorKind.FORBIDDEN,
    "permissiondenied": ErrorKind.FORBIDDEN,
    "badcontinue": ErrorKind.CURSOR_INVALID,
    "badtimestamp": ErrorKind.CURSOR_INVALID,
}
_SENTENCES = {
    ErrorKind.RATE_LIMITED: Wording("It asks us to ask less often."),
    ErrorKind.FORBIDDEN: Wording("The account may not read this wiki."),
    ErrorKind.AUTH_EXPIRED: Wording("It has forgotten the sign-in."),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings(ToolSettings):
    """Where the wiki is, who reads it, and what of it is wanted."""

    user: str = setting(
        Wording("Bot user name"), hint=Wording("Only for a wiki that visitors may not read.")
    )
    password: str = setting(Wording("Bot password"), Ask.SECRET)
    namespaces: str = setting(
        Wording("Namespaces"),
        hint=Wording("Numbers with commas between; 0 is that of articles."),
        default="0",
    )
    extracts: bool = setting(
        Wording("Read the beginning of each page"),
        Ask.SWITCH,
        hint=Wording("Needs the extension TextExtracts in the wiki."),
        default=False,
    )


class MediaWiki:
    """One MediaWiki."""

    spec: ClassVar[Spec] = Spec(
        kind="mediawiki",
        name="MediaWiki",
        summary=Wording("Pages of a wiki."),
        family="wiki",
        quadrants=(Quadrant.CREATE,),
        settings=Settings,
        capabilities=Capabilities(delta=True, tombstones=True, live_search=True),
        proof=Proof.REAL,
        source="MediaWiki 1.39",
        mapping=(
            Rule("title", "title"),
            Rule("summary", "extract"),
            Rule("url", "url", "address"),
            Rule("language", "pagelanguage"),
            Rule("kind", default="article"),
        ),
        set_up=(
            Wording("Enter the address of the folder in which the wiki’s api.php is."),
            Wording("Visitors may read it? Then nothing else is needed."),
            Wording(
                "Otherwise make a bot password at Special:BotPasswords, with basic rights only, "
                "for an account that may read what everybody here may read."
            ),
        ),
    )

    def __init__(self, settings: Settings, http: Http) -> None:
        """Keep the settings; nothing is asked yet."""
        self._settings = settings
        self._cookies: dict[str, str] = {}
        self._plain = http.using(classify=_classified)
        self._http = http.using(
            classify=_classified,
            authorise=lambda _http: self._headers(),
            renew=lambda _http: self._cookies.clear(),
        )

    def check(self) -> Iterator[Probe]:
        """Try the pages, what changed, what was deleted and the search."""
        yield self._probed(Wording("Pages"), lambda: self._query(list="allpages", aplimit=1))
        yield self._probed(
            Wording("Recent changes"), lambda: self._query(list="recentchanges", rclimit=1)
        )
        yield self._probed(Wording("Deletions"), lambda: self._query(list="logevents", lelimit=1))
        yield self._probed(Wording("Search"), lambda: self.search("a", 1))
        if self._settings.extracts:
            yield self._probed(Wording("Beginnings of pages"), self._extracts_known, needed=False)

    def pull(self, cursor: bytes | None, mode: Mode) -> Iterator[Event]:
        """Yield the pages of each namespace in a sweep, those changed since then in a delta."""
        if mode is Mode.DELTA and cursor:
            yield from self._delta(text_in(unpacked(cursor, "since"), "since"))
        else:
            yield from self._sweep(cursor)

    def probe(self, external_ids: Sequence[str]) -> Mapping[str, Presence]:
        """Ask for the pages by their ids; a page that became a redirect is gone."""
        numbers = [one for one in external_ids if _is_page(one)]
        live = {str(row["pageid"]) for row in self._pages(numbers) if self._wanted(row)}
        return {one: Presence.LIVE if one in live else Presence.GONE for one in external_ids}

    def search(self, query: str, limit: int) -> Sequence[Hit]:
        """Ask the wiki's own search; redirects are left out."""
        found = self._query(**_question(query, limit, self._namespaces()))
        return [self._hit(row) for row in _hits(found)][:limit]

    def link(self, external_id: str, stored: Link) -> Link:  # noqa: ARG002 (the protocol's)
        """Return the address with the page's id, which outlives a new title."""
        page = quote(external_id, safe="")
        return Link(f"{self._settings.address}/index.php?curid={page}")

    def _sweep(self, cursor: bytes | None) -> Iterator[Event]:
        state = unpacked(cursor, ns=str, since=str, **{"from": str}) if cursor else {}
        wanted, since = self._namespaces(), str(state.get("since", ""))
        if state and state["ns"] not in wanted:
            raise SourceError(ErrorKind.CURSOR_INVALID, Wording("Other namespaces are wanted now."))
        more = {"gapcontinue": state["from"]} if state else {}
        for namespace in wanted[wanted.index(state["ns"]) if state else 0 :]:
            for rows, following, moment in self._listed(namespace, more):
                since = since or written(moment_of(moment) - OVERLAP)
                yield from (self._upsert(row) for row in rows if self._wanted(row))
                if following:
                    yield Checkpoint(packed(ns=namespace, since=since, **{"from": following}))
            more = {}
        yield Checkpoint(packed(since=since), complete=True)

    def _delta(self, since: str) -> Iterator[Event]:
        began = _moment(self._query(meta="siteinfo"))
        if moment_of(began) - moment_of(since) > _KEPT:
            raise SourceError(
                ErrorKind.CURSOR_INVALID, Wording("It no longer keeps all changes since then.")
            )
        logged = {page for log in _LOGS for page in self._logged(log, since)}
        yield from self._events(logged)
        seen = set(logged)
        for rows in self._changes(
            "recentchanges", "rc", since, rcend=began, rcprop="ids|timestamp"
        ):
            changed = {str(row.get("pageid", 0)) for row in rows} - seen
            yield from self._events(changed)
            seen |= changed
            if rows:
                yield Checkpoint(packed(since=str(rows[-1]["timestamp"])))
        yield Checkpoint(packed(since=written(moment_of(began) - OVERLAP)), complete=True)

    def _logged(self, log: str, since: str) -> Iterator[str]:
        asked = {"letype": log, "leprop": "ids|timestamp"}
        for rows in self._changes("logevents", "le", since, **asked):
            yield from (str(row.get("logpage", 0)) for row in rows)

    def _changes(
        self, name: str, prefix: str, since: str, **asked: str
    ) -> Iterator[list[Mapping[str, Any]]]:
        """Yield a list of what happened, oldest first, page by page."""
        limits = {f"{prefix}start": since, f"{prefix}dir": "newer", f"{prefix}limit": _MOST}
        more: Mapping[str, str] = {}
        while True:
            answer = self._query(list=name, **limits, **asked, **more)
            yield _rows(answer, name)
            more = answer.get("continue") or {}
            if not more:
                return

    def _events(self, page_ids: Collection[str]) -> Iterator[Event]:
        """Yield what became of these pages: there with a title, or gone."""
        asked = sorted((one for one in page_ids if _is_page(one)), key=int)
        for row in self._pages(asked):
            yield self._upsert(row) if self._wanted(row) else Delete(str(row["pageid"]))

    def _pages(self, page_ids: Sequence[str]) -> Iterator[Mapping[str, Any]]:
        most = _WITH_BEGINNINGS if self._settings.extracts else _AT_ONCE
        for start in range(0, len(page_ids), most):
            part = "|".join(page_ids[start : start + most])
            for rows, _more, _now in self._batches(pageids=part):
                yield from rows

    def _listed(
        self, namespace: str, more: Mapping[str, str]
    ) -> Iterator[tuple[list[Mapping[str, Any]], str, str]]:
        """Yield the pages of a namespace, with where the next ones begin and the wiki's time."""
        return self._batches(
            generator="allpages",
            gapnamespace=namespace,
            gapfilterredir="nonredirects",
            gaplimit=_WITH_BEGINNINGS if self._settings.extracts else _MOST,
            **more,
        )

    def _batches(self, **asked: object) -> Iterator[tuple[list[Mapping[str, Any]], str, str]]:
        """Yield pages with all that is told of them, however many answers that takes."""
        told: dict[int, dict[str, Any]] = {}
        more: Mapping[str, str] = {}
        while True:
            answer = self._query(**{**asked, **self._properties(), **more})
            for row in _rows(answer, "pages"):
                told.setdefault(row["pageid"], {}).update(row)
            more = answer.get("continue") or {}
            if answer.get("batchcomplete"):
                yield list(told.values()), str(more.get("gapcontinue", "")), _moment(answer)
                told = {}
            if not more:
                return

    def _properties(self) -> Mapping[str, object]:
        if not self._settings.extracts:
            return {"prop": "info"}
        beginning = {"exintro": 1, "explaintext": 1, "exlimit": _WITH_BEGINNINGS, "exchars": 600}
        return {"prop": "info|extracts", **beginning}

    def _query(self, **asked: object) -> Mapping[str, Any]:
        form = {"action": "query", "format": "json", "formatversion": 2, "curtimestamp": 1}
        asserted = {"assert": "user"} if self._settings.password else {}
        answer = self._http.get_json("api.php", {**form, "maxlag": 5, **asserted, **asked})
        if not isinstance(answer, dict) or not ("query" in answer or "batchcomplete" in answer):
            raise SourceError(ErrorKind.SCHEMA, Wording("It does not answer as a MediaWiki does."))
        return answer

    def _namespaces(self) -> list[str]:
        found = [part.strip() for part in self._settings.namespaces.split(",")]
        return sorted({one for one in found if _is_number(one)}, key=int) or ["0"]

    def _wanted(self, row: Mapping[str, Any]) -> bool:
        there = "title" in row and not row.get("missing") and not row.get("redirect")
        return there and str(row.get("ns")) in self._namespaces()

    def _upsert(self, row: Mapping[str, Any]) -> Upsert:
        page = str(row["pageid"])
        raw = {name: row[name] for name in ("pageid", "ns", "title", "pagelanguage") if name in row}
        if row.get("extract"):
            raw["extract"] = row["extract"]
        return Upsert(page, {**raw, "url": self.link(page, Link("")).url})

    def _hit(self, row: Mapping[str, Any]) -> Hit:
        page = str(row["pageid"])
        address = self.link(page, Link("")).url
        return Hit(
            page, str(row["title"]), address, "article", text_of(str(row.get("snippet", "")))
        )

    def _extracts_known(self) -> None:
        if "Unrecognized" in str(self._query(prop="extracts", exlimit=1).get("warnings", "")):
            raise SourceError(
                ErrorKind.CONFIG, Wording("The wiki does not have the extension TextExtracts.")
            )

    def _probed(self, what: Wording, tries: Callable[[], object], *, needed: bool = True) -> Probe:
        try:
            tries()
        except SourceError as error:
            return Probe(what, ok=False, why=error.sentence, needed=needed)
        return Probe(what, ok=True, needed=needed)

    def _headers(self) -> Mapping[str, str]:
        """Return the cookies of the bot's session, signing in first where there is none."""
        if self._settings.password and not self._cookies:
            self._cookies.update(self._signed_in())
        return _cookie_header(self._cookies)

    def _signed_in(self) -> Mapping[str, str]:
        asked = {"action": "query", "meta": "tokens", "type": "login"}
        form = {"format": "json", "formatversion": 2}
        answer = self._plain.get("api.php", {**asked, **form}, as_json=True)
        cookies = _cookies(answer)
        sent = {
            "action": "login",
            "lgname": self._settings.user,
            "lgpassword": self._settings.password,
            "lgtoken": _login_token(answer),
        }
        answer = self._plain.post(
            "api.php", form={**sent, **form}, headers=_cookie_header(cookies), as_json=True
        )
        values = answer.json()
        login = values.get("login") if isinstance(values, dict) else None
        if not isinstance(login, dict) or login.get("result") != "Success":
            raise SourceError(
                ErrorKind.AUTH_INVALID,
                Wording("It does not accept the bot user name and password."),
            )
        return {**cookies, **_cookies(answer)}


def _classified(answer: Answer) -> SourceError | None:
    """Return the trouble that stands in an answer with status 200 (API:Errors and warnings)."""
    if answer.status != 200 or answer.is_html:
        return None
    code = answer.headers.get("mediawiki-api-error", "")
    if not code:
        return None
    kind = _KINDS.get(code, ErrorKind.CONFIG)
    if code.startswith("internal_api_error"):
        kind = ErrorKind.TRANSIENT
    refused = Wording("It refuses the question: %(code)s", code=code[:60])
    after = retry_after(answer)
    return SourceError(kind, _SENTENCES.get(kind, refused), retry_after=after)


def _login_token(answer: Answer) -> str:
    try:
        return str(answer.json()["query"]["tokens"]["logintoken"])
    except (KeyError, TypeError) as error:
        raise SourceError(
            ErrorKind.SCHEMA, Wording("It does not answer as a MediaWiki does.")
        ) from error


def _cookies(answer: Answer) -> dict[str, str]:
    """Return the cookies that an answer sets (RFC 6265), whose headers come joined by commas."""
    return dict(_COOKIE.findall(answer.headers.get("set-cookie", "")))


def _cookie_header(cookies: Mapping[str, str]) -> Mapping[str, str]:
    pairs = "; ".join(f"{name}={value}" for name, value in cookies.items())
    return {"Cookie": pairs} if pairs else {}


def _rows(answer: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    found = answer.get("query", {}).get(name, [])
    if not isinstance(found, list):
        raise SourceError(ErrorKind.SCHEMA, Wording("It does not answer as a MediaWiki does."))
    return found


def _question(query: str, limit: int, namespaces: Sequence[str]) -> Mapping[str, object]:
    """Return a search that also tells which of its pages are redirects."""
    spaces, most = "|".join(namespaces), min(50, 2 * limit)
    words = query[:250]
    return {
        "list": "search",
        "srsearch": words,
        "srlimit": most,
        "srnamespace": spaces,
        "srprop": "snippet",
        "generator": "search",
        "gsrsearch": words,
        "gsrlimit": most,
        "gsrnamespace": spaces,
        "prop": "info",
    }


def _hits(answer: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    redirects = {row["pageid"] for row in _rows(answer, "pages") if row.get("redirect")}
    return [row for row in _rows(answer, "search") if row["pageid"] not in redirects]


def _is_page(text: str) -> bool:
    """Tell whether this is the id of a page; 0 is that of none."""
    return _is_number(text) and int(text) > 0


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and 0 < len(text) < 16


def _moment(answer: Mapping[str, Any]) -> str:
    found = answer.get("curtimestamp")
    if not isinstance(found, str):
        raise SourceError(ErrorKind.SCHEMA, Wording("Its answers carry no time."))
    return found

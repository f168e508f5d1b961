"""Reads the courses, and if wanted the videos, of a company's LinkedIn Learning.

API: LinkedIn Learning API, learningAssets
(https://learn.microsoft.com/en-us/linkedin/learning/reference/learningassets), built from it; not
yet seen against the real service.

    address        https://api.linkedin.com
    client_id      …
    client_secret  …
    locales        en_US, de_DE        (the languages of the courses)
    videos         no                  (single videos too; there are many)
    sso            no                  (open through the company's single sign-on)

Signs in by client credentials at www.linkedin.com; a token lives half an hour. A sweep asks
`q=localeAndType` for everything with what was retired, 100 a page. A delta asks `q=criteria` for
what was modified since, which knows active assets only and has been seen to end at 500 and to
repeat old ones for more than a day: near either limit everything is read instead. What was retired
is therefore named by a sweep. Limits: a number of requests a day, then 429. Links: `webLaunch` and
`ssoLaunch` as the API gives them, which are never made up; the asset's URN is its id.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar
from urllib.parse import quote, urlsplit

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
    number_in,
    packed,
    unpacked,
)
from app.connectors.http import Answer, Http
from app.connectors.mapping import Rule
from app.connectors.settings import Ask, ToolSettings, setting
from app.errors import Wording

_LOGIN = "www.linkedin.com"
_ASSETS = "v2/learningAssets"
_PAGE = 100
_MOST_CHANGED = 450  # a delta has been seen to end at 500
_LONGEST_WINDOW = timedelta(hours=24)
_FIELDS = "urn,type,title,details"
_LOCALE = re.compile(r"([a-z]{2})_([A-Z]{2})")
_SECONDS = {"SECOND": 1, "MINUTE": 60, "HOUR": 3600}


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings(ToolSettings):
    """Which application reads, and what is wanted."""

    address: str = setting(
        Wording("Address"), Ask.ADDRESS, needed=True, default="https://api.linkedin.com"
    )
    client_id: str = setting(Wording("Client id"), needed=True)
    client_secret: str = setting(Wording("Client secret"), Ask.SECRET, needed=True)
    locales: str = setting(
        Wording("Languages"), default="en_US", hint=Wording("Such as en_US, de_DE.")
    )
    videos: bool = setting(Wording("Single videos too"), Ask.SWITCH, default=False)
    sso: bool = setting(Wording("Open through single sign-on"), Ask.SWITCH, default=False)


class LinkedInLearning:
    """The LinkedIn Learning of one company."""

    spec: ClassVar[Spec] = Spec(
        kind="linkedin",
        name="LinkedIn Learning",
        summary=Wording("Courses and videos of LinkedIn Learning."),
        family="library",
        quadrants=(Quadrant.DELIVER,),
        settings=Settings,
        capabilities=Capabilities(delta=True, live_search=True),
        proof=Proof.DOCUMENTED,
        source="https://learn.microsoft.com/en-us/linkedin/learning/reference/learningassets",
        mapping=(
            Rule("title", "title", "text"),
            Rule("summary", "summary", "text"),
            Rule("url", "url", "address"),
            Rule("minutes", "seconds", "seconds"),
            Rule(
                "level",
                "level",
                words={
                    "BEGINNER": "beginner",
                    "INTERMEDIATE": "intermediate",
                    "ADVANCED": "advanced",
                    "GENERAL": "",
                },
            ),
            Rule("language", "language", "text"),
            Rule("published", "publishedAt", "epoch"),
            Rule("skills", "skills", "names"),
            Rule("attribution", "authors", "text"),
            Rule("keys", "urn", "names"),
            Rule("kind", "type", words={"COURSE": "course", "VIDEO": "video"}),
        ),
        hosts=frozenset({_LOGIN}),
        set_up=(
            Wording("In LinkedIn Learning’s administration, add an application for the API."),
            Wording("Choose the content key; reports are not needed."),
            Wording("Copy its client id and client secret."),
        ),
        minutes_between=360,
    )

    def __init__(self, settings: Settings, http: Http) -> None:
        """Keep the settings; nothing is asked yet."""
        self._settings = settings
        self._token = ""
        self._plain = http.using(classify=_classified)
        self._http = http.using(
            classify=_classified,
            authorise=lambda _http: self._headers(),
            renew=lambda _http: self._renew(),
        )

    def check(self) -> Iterator[Probe]:
        """Try the sign-in, the list of courses, and what has changed."""
        yield self._probed(Wording("Sign-in"), self._headers)
        yield self._probed(Wording("Courses"), lambda: self._asked(self._bulk(0, 0, 1)))
        yield self._probed(Wording("Search"), lambda: self._asked(self._question("safety", 1)))

    def pull(self, cursor: bytes | None, mode: Mode) -> Iterator[Event]:
        """Yield everything, with what was retired; in a delta what was modified since, if little.

        Where a delta may not have been told everything, it goes on as a sweep does.
        """
        state = unpacked(cursor, "since") if cursor else {}
        if mode is Mode.DELTA and state and "start" not in state:
            changed, since = self._changed(number_in(state, "since"))
            if changed is not None:
                yield from (self._event(row) for row in changed)
                yield Checkpoint(packed(since=since), complete=True)
                return
            state = {}
        yield from self._everything(state)

    def probe(self, external_ids: Sequence[str]) -> Mapping[str, Presence]:
        """Ask for each asset by its URN."""
        return {urn: self._presence(urn) for urn in external_ids}

    def search(self, query: str, limit: int) -> Sequence[Hit]:
        """Ask LinkedIn Learning's own search."""
        rows, _answer = self._asked(self._question(query, limit))
        return [hit for row in rows if (hit := self._hit(row)) is not None][:limit]

    def link(self, external_id: str, stored: Link) -> Link:  # noqa: ARG002 (the protocol's)
        """Return what the API gave: a launch address belongs to the company and is never made."""
        return stored

    def _everything(self, state: Mapping[str, object]) -> Iterator[Event]:
        since = number_in(state, "since") if state else 0
        part = number_in(state, "part") if state else 0
        start = number_in(state, "start") if state else 0
        self._part(part)
        while part < len(self._parts()):
            rows, answer = self._asked(self._bulk(part, start, _PAGE))
            since = since or _moment(answer)
            yield from (self._event(row) for row in rows)
            start += len(rows)
            if not rows or not _goes_on(answer, start):
                part, start = part + 1, 0
            if part < len(self._parts()):
                yield Checkpoint(packed(since=since, part=part, start=start))
        yield Checkpoint(packed(since=since), complete=True)

    def _changed(self, since: int) -> tuple[list[Mapping[str, Any]] | None, int]:
        """Return what was modified since, and the moment to go on from; None where it is much."""
        found: list[Mapping[str, Any]] = []
        moment = 0
        for part in range(len(self._parts())):
            start = 0
            while True:
                rows, answer = self._asked(self._criteria(part, since, start))
                moment = moment or _moment(answer)
                window = timedelta(milliseconds=moment - since) + OVERLAP
                if window > _LONGEST_WINDOW or _total(answer) >= _MOST_CHANGED:
                    return None, moment
                found += rows
                start += len(rows)
                if not rows or not _goes_on(answer, start):
                    break
        return found, moment

    def _parts(self) -> list[tuple[str, str, str]]:
        """Return what is asked for one after the other: (type, language, country)."""
        kinds = ("COURSE", "VIDEO") if self._settings.videos else ("COURSE",)
        locales = _LOCALE.findall(self._settings.locales)
        if not locales:
            raise SourceError(
                ErrorKind.CONFIG, Wording("Languages must be written such as en_US, de_DE.")
            )
        return [(kind, *pair) for pair in locales for kind in kinds]

    def _bulk(self, part: int, start: int, count: int) -> Mapping[str, object]:
        kind, language, country = self._part(part)
        return {
            "q": "localeAndType",
            "assetType": kind,
            "sourceLocale.language": language,
            "sourceLocale.country": country,
            "includeRetired": "true",
            "start": start,
            "count": count,
        }

    def _criteria(self, part: int, since: int, start: int) -> Mapping[str, object]:
        kind, language, country = self._part(part)
        return {
            "q": "criteria",
            "assetFilteringCriteria.assetTypes[0]": kind,
            "assetFilteringCriteria.locales[0].language": language,
            "assetFilteringCriteria.locales[0].country": country,
            "assetFilteringCriteria.lastModifiedAfter": since,
            "assetPresentationCriteria.sortBy": "RECENCY",
            "start": start,
            "count": _PAGE,
        }

    def _question(self, query: str, limit: int) -> Mapping[str, object]:
        asked = {**self._criteria(0, 0, 0), "assetPresentationCriteria.sortBy": "RELEVANCE"}
        del asked["assetFilteringCriteria.lastModifiedAfter"]
        return {**asked, "assetFilteringCriteria.keyword": query, "count": limit}

    def _part(self, number: int) -> tuple[str, str, str]:
        parts = self._parts()
        if number >= len(parts):
            raise SourceError(
                ErrorKind.CURSOR_INVALID, Wording("The languages are others than before.")
            )
        return parts[number]

    def _asked(self, params: Mapping[str, object]) -> tuple[list[Mapping[str, Any]], Answer]:
        answer = self._http.get(_ASSETS, {**params, "fields": _FIELDS}, as_json=True)
        values = answer.json()
        rows = values.get("elements") if isinstance(values, dict) else None
        if not isinstance(rows, list) or not all(
            isinstance(row, dict) and isinstance(row.get("urn"), str) for row in rows
        ):
            raise SourceError(ErrorKind.SCHEMA, Wording("The list of assets is not a list."))
        return rows, answer

    def _event(self, row: Mapping[str, Any]) -> Event:
        urn, presence = str(row["urn"]), _presence(row)
        if presence is not Presence.LIVE:
            return Delete(urn, presence)
        details = _part_of(row, "details")
        people = (_words(one.get("name")) for one in _list_of(details, "contributors"))
        raw = {
            "urn": urn,
            "type": str(row.get("type") or ""),
            "title": _words(row.get("title")),
            "summary": _words(details.get("shortDescription") or details.get("description")),
            "level": str(details.get("level") or ""),
            "seconds": _seconds(_part_of(details, "timeToComplete")),
            "language": _language(row),
            "publishedAt": details.get("publishedAt"),
            "skills": _skills(details),
            "authors": ", ".join(name for name in people if name),
            "url": self._address(row),
        }
        return Upsert(urn, raw)

    def _address(self, row: Mapping[str, Any]) -> str:
        urls = _part_of(_part_of(row, "details"), "urls")
        web, sso = str(urls.get("webLaunch") or ""), str(urls.get("ssoLaunch") or "")
        return (sso or web) if self._settings.sso else (web or sso)

    def _hit(self, row: Mapping[str, Any]) -> Hit | None:
        event = self._event(row)
        if not isinstance(event, Upsert):
            return None
        raw = event.raw
        kind = "video" if raw["type"] == "VIDEO" else "course"
        return Hit(event.external_id, str(raw["title"]), str(raw["url"]), kind, str(raw["summary"]))

    def _presence(self, urn: str) -> Presence:
        path = f"{_ASSETS}/{quote(urn, safe=':')}"
        params = {"includeRetired": "true", "fields": _FIELDS}
        answer = self._http.get(path, params, accept=(200, 400, 404), as_json=True)
        row = answer.json()
        if not isinstance(row, dict):
            return Presence.UNKNOWN
        if answer.status == 200:
            return _presence(row) if row.get("urn") == urn else Presence.UNKNOWN
        gone = answer.status == 404 and row.get("status") == 404
        return Presence.GONE if gone else Presence.UNKNOWN

    def _probed(self, what: Wording, tries: Callable[[], object]) -> Probe:
        try:
            tries()
        except SourceError as error:
            return Probe(what, ok=False, why=error.sentence)
        return Probe(what, ok=True)

    def _headers(self) -> Mapping[str, str]:
        if not self._token:
            self._renew()
        return {"Authorization": f"Bearer {self._token}"}

    def _renew(self) -> None:
        """Get an access token for the application (OAuth 2.0 client credentials, RFC 6749, 4.4)."""
        values = self._plain.post_json(
            f"https://{_LOGIN}/oauth/v2/accessToken",
            form={
                "grant_type": "client_credentials",
                "client_id": self._settings.client_id,
                "client_secret": self._settings.client_secret,
            },
        )
        token = values.get("access_token") if isinstance(values, dict) else None
        if not isinstance(token, str) or not token:
            raise SourceError(ErrorKind.SCHEMA, Wording("It gives no access token."))
        self._token = token


def _classified(answer: Answer) -> SourceError | None:
    """Return what a 401 means: of the API a token that has run out, at sign-in a wrong secret."""
    if answer.status not in {400, 401}:
        return None
    try:
        values = answer.json()
    except SourceError:
        return None
    told = values if isinstance(values, dict) else {}
    if urlsplit(answer.url).hostname == _LOGIN:
        return SourceError(
            ErrorKind.AUTH_INVALID, Wording("It does not accept the client id and secret.")
        )
    if answer.status == 401 and "serviceErrorCode" in told:
        return SourceError(ErrorKind.AUTH_EXPIRED, Wording("The access token has run out."))
    return None


def _moment(answer: Answer) -> int:
    """Return the service's time in milliseconds, the overlap earlier."""
    at: datetime | None = answer.server_time
    if at is None:
        raise SourceError(ErrorKind.SCHEMA, Wording("Its answers carry no date."))
    return int((at - OVERLAP).timestamp() * 1000)


def _total(answer: Answer) -> int:
    total = _part_of(answer.json(), "paging").get("total")
    return total if isinstance(total, int) else 0


def _goes_on(answer: Answer, start: int) -> bool:
    """Tell whether a list has a next page: by its links or, without any, by its total."""
    links = _list_of(_part_of(answer.json(), "paging"), "links")
    return any(link.get("rel") == "next" for link in links) or (
        not links and start < _total(answer)
    )


def _presence(row: Mapping[str, Any]) -> Presence:
    available = _part_of(row, "details").get("availability")
    if available == "RETIRED":
        return Presence.GONE
    return Presence.LIVE if available in {None, "AVAILABLE"} else Presence.HIDDEN


def _part_of(values: object, name: str) -> Mapping[str, Any]:
    found = values.get(name) if isinstance(values, Mapping) else None
    return found if isinstance(found, Mapping) else {}


def _list_of(values: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    found = values.get(name)
    return [one for one in found if isinstance(one, Mapping)] if isinstance(found, list) else []


def _words(value: object) -> str:
    """Return the text of a value that carries its locale."""
    return str(value.get("value") or "") if isinstance(value, Mapping) else ""


def _language(row: Mapping[str, Any]) -> str:
    return str(_part_of(_part_of(row, "title"), "locale").get("language") or "")


def _seconds(time: Mapping[str, Any]) -> int:
    duration, unit = time.get("duration"), _SECONDS.get(str(time.get("unit")), 1)
    return int(duration) * unit if isinstance(duration, int | float) else 0


def _skills(details: Mapping[str, Any]) -> list[str]:
    kinds = (
        _part_of(one, "associatedClassification") for one in _list_of(details, "classifications")
    )
    return [
        name for kind in kinds if kind.get("type") == "SKILL" and (name := _words(kind.get("name")))
    ]

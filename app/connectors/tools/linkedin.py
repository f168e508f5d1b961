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
from collections.abc import Iterator, Mapping, Sequence
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
from app.connectors.learning_assets import described, goes_on, presence_of, total_of
from app.connectors.mapping import Rule
from app.connectors.oauth import application_token
from app.connectors.probing import probed
from app.connectors.settings import Ask, ToolSettings, setting
from app.errors import Wording

_LOGIN = "www.linkedin.com"
_ASSETS = "v2/learningAssets"
_PAGE = 100
_MOST_CHANGED = 450  # a delta has been seen to end at 500
_LONGEST_WINDOW = timedelta(hours=24)
_FIELDS = "urn,type,title,details"
_LOCALE = re.compile(r"([a-z]{2})_([A-Z]{2})")


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
        yield probed(Wording("Sign-in"), self._headers)
        yield probed(Wording("Courses"), lambda: self._asked(self._bulk(0, 0, 1)))
        yield probed(Wording("Search"), lambda: self._asked(self._question("safety", 1)))

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
        page = self._asked(self._question(query, limit))
        events = [self._event(row) for row in page.rows]
        return [_hit(event) for event in events if isinstance(event, Upsert)][:limit]

    def link(self, external_id: str, stored: Link) -> Link:  # noqa: ARG002 (the protocol's)
        """Return what the API gave: a launch address belongs to the company and is never made."""
        return stored

    def _everything(self, state: Mapping[str, object]) -> Iterator[Event]:
        since = number_in(state, "since") if state else 0
        part = number_in(state, "part") if state else 0
        start = number_in(state, "start") if state else 0
        self._part(part)
        while part < len(self._parts()):
            page = self._asked(self._bulk(part, start, _PAGE))
            since = since or page.moment
            yield from (self._event(row) for row in page.rows)
            start += len(page.rows)
            if not page.rows or not goes_on(page.values, start):
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
                page = self._asked(self._criteria(part, since, start))
                moment = moment or page.moment
                window = timedelta(milliseconds=moment - since) + OVERLAP
                if window > _LONGEST_WINDOW or total_of(page.values) >= _MOST_CHANGED:
                    return None, moment
                found += page.rows
                start += len(page.rows)
                if not page.rows or not goes_on(page.values, start):
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

    def _asked(self, params: Mapping[str, object]) -> "_Page":
        answer = self._http.get(_ASSETS, {**params, "fields": _FIELDS}, as_json=True)
        values = answer.json()
        rows = values.get("elements") if isinstance(values, dict) else None
        if not isinstance(rows, list) or not all(
            isinstance(row, dict) and isinstance(row.get("urn"), str) for row in rows
        ):
            raise SourceError(ErrorKind.SCHEMA, Wording("The list of assets is not a list."))
        return _Page(rows, values, answer.server_time)

    def _event(self, row: Mapping[str, Any]) -> Event:
        urn, presence = str(row["urn"]), presence_of(row)
        if presence is not Presence.LIVE:
            return Delete(urn, presence)
        return Upsert(urn, described(row, sso=self._settings.sso))

    def _presence(self, urn: str) -> Presence:
        path = f"{_ASSETS}/{quote(urn, safe=':')}"
        params = {"includeRetired": "true", "fields": _FIELDS}
        answer = self._http.get(path, params, accept=(200, 400, 404), as_json=True)
        row = answer.json()
        if not isinstance(row, dict):
            return Presence.UNKNOWN
        if answer.status == 200:
            return presence_of(row) if row.get("urn") == urn else Presence.UNKNOWN
        gone = answer.status == 404 and row.get("status") == 404
        return Presence.GONE if gone else Presence.UNKNOWN

    def _headers(self) -> Mapping[str, str]:
        if not self._token:
            self._renew()
        return {"Authorization": f"Bearer {self._token}"}

    def _renew(self) -> None:
        self._token = application_token(
            self._plain,
            f"https://{_LOGIN}/oauth/v2/accessToken",
            client_id=self._settings.client_id,
            client_secret=self._settings.client_secret,
        )


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


@dataclass(frozen=True, slots=True)
class _Page:
    """One answer of a list: its assets, all that it says, and the service's time."""

    rows: list[Mapping[str, Any]]
    values: Mapping[str, Any]
    at: datetime | None

    @property
    def moment(self) -> int:
        """Return the service's time in milliseconds, the overlap earlier."""
        if self.at is None:
            raise SourceError(ErrorKind.SCHEMA, Wording("Its answers carry no date."))
        return int((self.at - OVERLAP).timestamp() * 1000)


def _hit(event: Upsert) -> Hit:
    raw = event.raw
    kind = "video" if raw["type"] == "VIDEO" else "course"
    return Hit(event.external_id, str(raw["title"]), str(raw["url"]), kind, str(raw["summary"]))

"""Reads the public videos of a PeerTube instance, or those of one of its channels.

API: PeerTube REST API (https://docs.joinpeertube.org/api-rest-reference.html), built from it; not
yet seen against a real instance.

    address  https://video.example.com
    channel  safety                    (optional: the name of the one channel that is wanted)

Videos of other instances that this one follows are left out, as is what it marks as not safe for
work. The list can be ordered by creation and not by change, so that each run reads it whole, 100 a
page from the oldest on, which only new videos follow; what is gone is missing from it. Limits: 50
requests in 10 seconds by default, then 429. Links: `/w/<short id>`.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar
from urllib.parse import quote

from app.connectors.base import (
    Capabilities,
    Checkpoint,
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
from app.connectors.http import Http
from app.connectors.mapping import Rule
from app.connectors.probing import probed
from app.connectors.settings import ToolSettings, setting
from app.errors import Wording

_API = "api/v1"
_PAGE = 100
_PUBLIC = 1
_SAYS = {401: Presence.HIDDEN, 403: Presence.HIDDEN, 404: Presence.GONE}  # in its own words only


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings(ToolSettings):
    """Where the instance is, and which of its videos are wanted."""

    channel: str = setting(
        Wording("Channel"), hint=Wording("A channel’s name; empty for the whole instance.")
    )


class PeerTube:
    """One PeerTube instance."""

    spec: ClassVar[Spec] = Spec(
        kind="peertube",
        name="PeerTube",
        summary=Wording("Public videos of a PeerTube instance or channel."),
        family="video",
        quadrants=(Quadrant.DELIVER,),
        settings=Settings,
        capabilities=Capabilities(live_search=True),
        proof=Proof.DOCUMENTED,
        source="https://docs.joinpeertube.org/api-rest-reference.html",
        mapping=(
            Rule("title", "name", "text"),
            Rule("summary", "description", "text"),
            Rule("url", "url", "address"),
            Rule("minutes", "duration", "seconds"),
            Rule("language", "language", "text"),
            Rule("published", "publishedAt", "day"),
            Rule("licence", "licence", "text"),
            Rule("attribution", "channel", "text"),
            Rule("keys", "keys", "names"),
            Rule("kind", default="video"),
        ),
        set_up=(
            Wording("Publish the videos that everybody may see as public."),
            Wording("Enter the instance’s address and, if wanted, the name of one channel."),
        ),
    )

    def __init__(self, settings: Settings, http: Http) -> None:
        """Keep the settings; nothing is asked yet."""
        self._settings = settings
        self._http = http

    def check(self) -> Iterator[Probe]:
        """Try the list of videos, and the search."""
        yield probed(Wording("Videos"), lambda: self._listed(0, 1))
        yield probed(Wording("Search"), lambda: self._found("video", 1))

    def pull(self, cursor: bytes | None, mode: Mode) -> Iterator[Event]:  # noqa: ARG002
        """Yield every public video, the oldest first."""
        start = number_in(unpacked(cursor, "start"), "start") if cursor else 0
        while True:
            rows, total = self._listed(start)
            yield from (self._upsert(row) for row in rows if _is_public(row))
            start += len(rows)
            if not rows or start >= total:
                yield Checkpoint(packed(), complete=True)
                return
            yield Checkpoint(packed(start=start))

    def probe(self, external_ids: Sequence[str]) -> Mapping[str, Presence]:
        """Ask for each video by its id."""
        return {video: self._presence(video) for video in external_ids}

    def search(self, query: str, limit: int) -> Sequence[Hit]:
        """Ask the instance's own search, for videos of its own."""
        rows, _total = self._found(query, limit)
        return [self._hit(row) for row in rows if _is_public(row)][:limit]

    def link(self, external_id: str, stored: Link) -> Link:  # noqa: ARG002 (the protocol's)
        """Return the address with the video's short id."""
        return Link(f"{self._settings.address}/w/{quote(external_id, safe='')}")

    def _listed(self, start: int, count: int = _PAGE) -> tuple[list[Mapping[str, Any]], int]:
        asked = {"start": start, "count": count, "sort": "createdAt", "nsfw": "false"}
        return _rows(self._http.get_json(self._path(), {**asked, **self._own()}))

    def _found(self, query: str, limit: int) -> tuple[list[Mapping[str, Any]], int]:
        asked = {"search": query, "start": 0, "count": limit, "nsfw": "false"}
        if self._settings.channel:
            return _rows(self._http.get_json(self._path(), asked))
        asked |= {"searchTarget": "local", "isLocal": "true"}
        return _rows(self._http.get_json(f"{_API}/search/videos", asked))

    def _path(self) -> str:
        if self._settings.channel:
            return f"{_API}/video-channels/{quote(self._settings.channel, safe='@')}/videos"
        return f"{_API}/videos"

    def _own(self) -> Mapping[str, object]:
        return {} if self._settings.channel else {"isLocal": "true"}

    def _upsert(self, row: Mapping[str, Any]) -> Upsert:
        video = str(row["shortUUID"])
        raw = {
            "uuid": str(row.get("uuid") or ""),
            "name": str(row["name"]),
            "description": _description(row),
            "duration": int(row.get("duration") or 0),
            "language": str(_within(row, "language", "id")),
            "licence": str(_within(row, "licence", "label")),
            "category": str(_within(row, "category", "label")),
            "channel": str(_within(row, "channel", "displayName")),
            "publishedAt": str(row.get("originallyPublishedAt") or row.get("publishedAt") or ""),
            "keys": [f"urn:uuid:{row['uuid']}"] if row.get("uuid") else [],
            "url": self.link(video, Link("")).url,
        }
        return Upsert(video, raw)

    def _hit(self, row: Mapping[str, Any]) -> Hit:
        video = str(row["shortUUID"])
        address = self.link(video, Link("")).url
        return Hit(video, str(row["name"]), address, "video", _description(row))

    def _presence(self, video: str) -> Presence:
        path = f"{_API}/videos/{quote(video, safe='')}"
        answer = self._http.get(path, accept=(200, 400, 401, 403, 404), as_json=True)
        row = answer.json()
        if answer.status in _SAYS:
            if not isinstance(row, dict) or row.get("status") != answer.status:
                raise SourceError(ErrorKind.SCHEMA, Wording("It does not say what it means."))
            return _SAYS[answer.status]
        if answer.status == 400 or not isinstance(row, dict) or not row.get("uuid"):
            return Presence.UNKNOWN
        return Presence.LIVE if _is_public(row) else Presence.HIDDEN


def _rows(values: Any) -> tuple[list[Mapping[str, Any]], int]:
    """Return the videos of an answer, and how many there are in all."""
    rows = values.get("data") if isinstance(values, dict) else None
    total = values.get("total") if isinstance(values, dict) else None
    listed = isinstance(rows, list) and all(
        isinstance(row, dict) and row.get("shortUUID") and row.get("name") for row in rows
    )
    if not listed or not isinstance(rows, list) or not isinstance(total, int):
        raise SourceError(ErrorKind.SCHEMA, Wording("The list of videos is not a list."))
    return rows, total


def _is_public(row: Mapping[str, Any]) -> bool:
    return _within(row, "privacy", "id") in {_PUBLIC, ""}


def _description(row: Mapping[str, Any]) -> str:
    return str(row.get("truncatedDescription") or row.get("description") or "")


def _within(row: Mapping[str, Any], name: str, part: str) -> object:
    found = row.get(name)
    value = found.get(part) if isinstance(found, dict) else None
    return "" if value is None else value

"""Reads the public channels of a Mattermost server's teams.

API: Mattermost API v4 (https://developers.mattermost.com/api-documentation/), built from it; not
yet seen against a real server.

    address  https://chat.example.com
    token    …        (a personal access token, or that of a bot)
    team     service  (optional: the name in the address of the one team that is wanted)

The teams are those that the token's account belongs to. Lists come 200 a page, whatever more is
asked for. They cannot be asked for changes alone: a delta reads them too and passes over what is
older than the last one, and the list of archived channels says what is gone. A channel that was
made private leaves both lists. Limits: per second, told by `X-RateLimit-Reset` with a 429 in plain
text. Links: `/team/channels/name`, which is stored, since a channel has no address by its id (as
posts have with `/team/pl/…`); `mattermost://` opens the same in the app.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
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
    number_in,
    packed,
    text_in,
    unpacked,
)
from app.connectors.http import Answer, Http, trouble_of
from app.connectors.mapping import Rule
from app.connectors.probing import probed
from app.connectors.settings import Ask, ToolSettings, setting
from app.errors import Wording

_API = "api/v4"
_PAGE = 200
_OPEN = "O"
_LISTS = ("channels", "channels/deleted")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings(ToolSettings):
    """Where the server is, and who reads it."""

    token: str = setting(Wording("Access token"), Ask.SECRET, needed=True)
    team: str = setting(
        Wording("Team"), hint=Wording("The team’s name in the address; empty for all teams.")
    )


class Mattermost:
    """One Mattermost server."""

    spec: ClassVar[Spec] = Spec(
        kind="mattermost",
        name="Mattermost",
        summary=Wording("Public channels of a Mattermost server’s teams."),
        family="chat",
        quadrants=(Quadrant.ENGAGE,),
        settings=Settings,
        capabilities=Capabilities(delta=True, tombstones=True, live_search=True),
        proof=Proof.DOCUMENTED,
        source="https://developers.mattermost.com/api-documentation/",
        mapping=(
            Rule("title", "display_name", "text"),
            Rule("summary", "purpose", "text"),
            Rule("summary", "header", "text"),
            Rule("url", "url", "address"),
            Rule("app_url", "app_url", "address"),
            Rule("kind", default="channel"),
        ),
        schemes=frozenset({"mattermost"}),
        set_up=(
            Wording("In the System Console, allow personal access tokens or bot accounts."),
            Wording("Make a bot account for Foyer and add it to the teams that are wanted."),
            Wording("Make a token for it and enter that here."),
        ),
    )

    def __init__(self, settings: Settings, http: Http) -> None:
        """Keep the settings; nothing is asked yet."""
        self._settings = settings
        self._http = http.using(
            classify=_classified,
            authorise=lambda _http: {"Authorization": f"Bearer {settings.token}"},
        )

    def check(self) -> Iterator[Probe]:
        """Try the token's teams and, in the first of them, both lists of channels."""
        teams: list[Mapping[str, Any]] = []
        yield probed(Wording("Teams"), lambda: teams.extend(self._some_teams()))
        if teams:
            first = str(teams[0]["id"])
            yield probed(Wording("Channels"), lambda: self._listed(first, _LISTS[0], 0, 1))
            yield probed(Wording("Archived channels"), lambda: self._listed(first, _LISTS[1], 0, 1))

    def pull(self, cursor: bytes | None, mode: Mode) -> Iterator[Event]:
        """Yield each team's channels and archived channels; in a delta, those changed since."""
        state = unpacked(cursor, "since") if cursor else {}
        changed = number_in(state, "since") if cursor and mode is Mode.DELTA else 0
        teams, since = self._teams()
        since = number_in(state, "since") if state and mode is Mode.SWEEP else since
        place = _place(state) if mode is Mode.SWEEP and state else ("", 0, 0)
        for team in teams:
            for number, kind in enumerate(_LISTS):
                if (team["id"], number) < place[:2]:
                    continue
                page = place[2] if (team["id"], number) == place[:2] else 0
                for page_number, rows in self._pages(team["id"], kind, page):
                    yield from self._events(team, rows, changed)
                    yield Checkpoint(
                        packed(since=since, team=team["id"], list=number, page=page_number + 1)
                    )
        yield Checkpoint(packed(since=since), complete=True)

    def probe(self, external_ids: Sequence[str]) -> Mapping[str, Presence]:
        """Ask for each channel by its id."""
        return {channel: self._presence(channel) for channel in external_ids}

    def search(self, query: str, limit: int) -> Sequence[Hit]:
        """Ask each team's own search for channels."""
        found: list[Hit] = []
        for team in self._teams()[0]:
            path = f"{_API}/teams/{team['id']}/channels/search"
            rows = _rows(self._http.post_json(path, data={"term": query}))
            found += [self._hit(team, row) for row in rows if _is_open(row)]
            if len(found) >= limit:
                break
        return found[:limit]

    def link(self, external_id: str, stored: Link) -> Link:  # noqa: ARG002 (the protocol's)
        """Return what the last harvest kept: a channel's address is made of names."""
        return stored

    def _teams(self) -> tuple[list[Mapping[str, Any]], int]:
        """Return the wanted teams by id, and the server's time in milliseconds, overlap off."""
        answer = self._http.get(f"{_API}/users/me/teams", as_json=True)
        wanted = self._settings.team.casefold()
        teams = [
            team
            for team in _rows(answer.json())
            if not team.get("delete_at") and wanted in {"", str(team.get("name")).casefold()}
        ]
        at = answer.server_time
        if at is None:
            raise SourceError(ErrorKind.SCHEMA, Wording("Its answers carry no date."))
        since = int((at - OVERLAP).timestamp() * 1000)
        return sorted(teams, key=lambda team: str(team["id"])), since

    def _some_teams(self) -> list[Mapping[str, Any]]:
        """Return the wanted teams; raise SourceError(CONFIG) where there is none."""
        teams, _since = self._teams()
        if not teams:
            raise SourceError(
                ErrorKind.CONFIG,
                Wording("The account belongs to no team that is wanted; add it to one."),
            )
        return teams

    def _pages(
        self, team: str, kind: str, page: int
    ) -> Iterator[tuple[int, list[Mapping[str, Any]]]]:
        """Yield the pages of one list of a team; a page that is not full is the last."""
        while True:
            rows = self._listed(team, kind, page)
            yield page, rows
            if len(rows) < _PAGE:
                return
            page += 1

    def _listed(
        self, team: str, kind: str, page: int, count: int = _PAGE
    ) -> list[Mapping[str, Any]]:
        asked = {"page": page, "per_page": count}
        return _rows(self._http.get_json(f"{_API}/teams/{quote(team, safe='')}/{kind}", asked))

    def _events(
        self, team: Mapping[str, Any], rows: Sequence[Mapping[str, Any]], changed: int
    ) -> Iterator[Event]:
        for row in rows:
            if int(row.get("delete_at") or 0):
                if int(row["delete_at"]) >= changed:
                    yield Delete(str(row["id"]))
            elif _is_open(row) and int(row.get("update_at") or 0) >= changed:
                yield Upsert(str(row["id"]), self._raw(team, row))

    def _raw(self, team: Mapping[str, Any], row: Mapping[str, Any]) -> Mapping[str, object]:
        link = self._link(team, row)
        kept = {name: str(row.get(name) or "") for name in ("id", "name", "header", "purpose")}
        title = str(row.get("display_name") or row["name"])
        return {
            **kept,
            "display_name": title,
            "team": str(team.get("display_name") or ""),
            "url": link.url,
            "app_url": link.app_url,
        }

    def _link(self, team: Mapping[str, Any], row: Mapping[str, Any]) -> Link:
        """Return `/team/channels/name`, and the same with the scheme of the app."""
        path = f"{quote(str(team['name']), safe='')}/channels/{quote(str(row['name']), safe='')}"
        bare = self._settings.address.partition("://")[2]
        return Link(f"{self._settings.address}/{path}", f"mattermost://{bare}/{path}")

    def _hit(self, team: Mapping[str, Any], row: Mapping[str, Any]) -> Hit:
        raw = self._raw(team, row)
        return Hit(
            str(row["id"]),
            str(raw["display_name"]),
            str(raw["url"]),
            "channel",
            str(raw["purpose"]),
        )

    def _presence(self, channel: str) -> Presence:
        path = f"{_API}/channels/{quote(channel, safe='')}"
        answer = self._http.get(path, accept=(200, 400, 403, 404), as_json=True)
        row = answer.json()
        if answer.status in {403, 404}:
            known = isinstance(row, dict) and "id" in row
            gone = answer.status == 404 and known
            return Presence.GONE if gone else Presence.UNKNOWN
        if answer.status == 400 or not isinstance(row, dict) or row.get("id") != channel:
            return Presence.UNKNOWN
        if int(row.get("delete_at") or 0):
            return Presence.GONE
        return Presence.LIVE if _is_open(row) else Presence.HIDDEN


def _classified(answer: Answer) -> SourceError | None:
    """Return a 429 with the seconds that the server names, where it names no Retry-After."""
    reset = answer.headers.get("x-ratelimit-reset", "")
    if answer.status != 429 or "retry-after" in answer.headers or not reset.isdecimal():
        return None
    trouble = trouble_of(answer)
    return SourceError(trouble.kind, trouble.sentence, retry_after=timedelta(seconds=int(reset)))


def _place(state: Mapping[str, object]) -> tuple[str, int, int]:
    return text_in(state, "team"), number_in(state, "list"), number_in(state, "page")


def _rows(values: object) -> list[Mapping[str, Any]]:
    if not isinstance(values, list) or not all(
        isinstance(row, dict) and isinstance(row.get("id"), str) and row.get("name")
        for row in values
    ):
        raise SourceError(ErrorKind.SCHEMA, Wording("What it sends is not a list of channels."))
    return values


def _is_open(row: Mapping[str, Any]) -> bool:
    return row.get("type") == _OPEN and not row.get("delete_at")

"""Reads the standard channels of the public teams of Microsoft Teams.

API: Microsoft Graph v1.0, groups and channels
(https://learn.microsoft.com/en-us/graph/api/channel-list), built from it; not yet seen against the
real service.

    address        https://graph.microsoft.com
    tenant         00000000-0000-…  (the directory's id, or a domain of it)
    client_id      …                (an app registration)
    client_secret  …                (with Team.ReadBasic.All, Channel.ReadBasic.All, Group.Read.All)
    accounts_client_id, accounts_client_secret   (optional: an app for people's own accounts)

Signs in by client credentials at login.microsoftonline.com. A team is a group; its channels are
asked for team by team. The Graph has a delta for groups and none for their channels, so that each
run reads all of them. Private and shared channels, and those of private teams, are never read.
Limits: 429 with Retry-After; page marks run out and then ask for a new beginning. Links: `webUrl`
as the Graph gives it, and the same with `msteams:` for the app. Messages are searched as the person
who asks, with their own token (`graph_accounts.py`).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar
from urllib.parse import quote, urlsplit

from app.connectors import graph_accounts
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
    text_in,
    unpacked,
)
from app.connectors.http import Answer, Http
from app.connectors.mapping import Rule
from app.connectors.oauth import application_token
from app.connectors.personal import (
    Grant,
    PersonalOAuth,
    Whose,
    as_person,
    client_id_setting,
    client_secret_setting,
)
from app.connectors.probing import probed
from app.connectors.settings import Ask, ToolSettings, setting
from app.errors import Wording

_LOGIN = graph_accounts.LOGIN
_WEB = "https://teams.microsoft.com/"
_TEAMS = 100
_MARK_AFTER = 300
_FIELDS = "id,displayName,description,membershipType,webUrl"
_RUN_OUT = frozenset({"Directory_ExpiredPageToken", "resyncRequired", "syncStateNotFound"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings(ToolSettings):
    """Which directory, and the app registration that reads it."""

    address: str = setting(
        Wording("Address"), Ask.ADDRESS, needed=True, default="https://graph.microsoft.com"
    )
    tenant: str = setting(Wording("Directory (tenant) id"), needed=True)
    client_id: str = setting(Wording("Application (client) id"), needed=True)
    client_secret: str = setting(Wording("Client secret"), Ask.SECRET, needed=True)
    accounts_client_id: str = client_id_setting()
    accounts_client_secret: str = client_secret_setting()


class Teams:
    """The teams of one directory."""

    spec: ClassVar[Spec] = Spec(
        kind="teams",
        name="Microsoft Teams",
        summary=Wording("Standard channels of the public teams of a company."),
        family="chat",
        quadrants=(Quadrant.ENGAGE,),
        settings=Settings,
        capabilities=Capabilities(per_user_trim=True, own_accounts=True),
        proof=Proof.DOCUMENTED,
        source="https://learn.microsoft.com/en-us/graph/api/channel-list",
        mapping=(
            Rule("title", "title", "text"),
            Rule("summary", "description", "text"),
            Rule("url", "url", "address"),
            Rule("app_url", "app_url", "address"),
            Rule("kind", default="channel"),
        ),
        hosts=frozenset({_LOGIN, "teams.microsoft.com"}),
        schemes=frozenset({"msteams"}),
        minutes_between=360,
        set_up=(
            Wording("Register an app for Foyer in Microsoft Entra ID."),
            Wording(
                "Give it the application permissions Group.Read.All, Team.ReadBasic.All and "
                "Channel.ReadBasic.All, and grant admin consent."
            ),
            Wording("Make a client secret and enter it here with the two ids."),
            Wording(
                "For people’s own accounts: register a second app with the platform Web and the "
                "redirect address below, give it the delegated permissions Chat.Read, "
                "ChannelMessage.Read.All, User.Read and offline_access, grant admin consent, and "
                "enter its client id and secret too."
            ),
        ),
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
        """Try the sign-in, the list of teams and, of the first one, its channels."""
        teams: list[Mapping[str, Any]] = []
        yield probed(Wording("Sign-in"), self._headers)
        yield probed(Wording("Teams"), lambda: teams.extend(self._teams("", 1)[0]))
        if teams:
            yield probed(Wording("Channels"), lambda: list(self._channels(teams[0])))

    def pull(self, cursor: bytes | None, mode: Mode) -> Iterator[Event]:  # noqa: ARG002
        """Yield every standard channel of every public team, team by team."""
        state = unpacked(cursor, "page", "done") if cursor else None
        page = text_in(state, "page") if state else ""
        done = number_in(state, "done") if state else 0
        since_mark = 0
        while True:
            teams, following = self._teams(page)
            for number, team in enumerate(teams[done:], done + 1):
                for event in self._channels(team):
                    since_mark += 1
                    yield event
                if since_mark >= _MARK_AFTER:
                    yield Checkpoint(packed(page=page, done=number))
                    since_mark = 0
            if not following:
                yield Checkpoint(packed(), complete=True)
                return
            page, done = following, 0

    def probe(self, external_ids: Sequence[str]) -> Mapping[str, Presence]:
        """Ask for each channel by its team and its id."""
        return {external_id: self._presence(external_id) for external_id in external_ids}

    def link(self, external_id: str, stored: Link) -> Link:  # noqa: ARG002 (the protocol's)
        """Return what the Graph gave: a channel's address names its team and the directory."""
        return stored

    def personal(self) -> PersonalOAuth | None:
        """Return how a person lets Foyer ask, with the app that the settings name."""
        settings = self._settings
        return graph_accounts.oauth(
            settings.address,
            settings.tenant,
            settings.accounts_client_id,
            settings.accounts_client_secret,
        )

    def whose(self, grant: Grant) -> Whose:
        """Return whose account it is."""
        return graph_accounts.whose(self._as(grant))

    def revoke(self, grant: Grant) -> bool:  # noqa: ARG002 (the protocol's)
        """Say that Microsoft withdraws no single token."""
        return False

    def search_as(self, grant: Grant, query: str, limit: int) -> Sequence[Hit]:
        """Return messages of the channels that the person may read."""
        return graph_accounts.search(self._as(grant), query, limit)

    def _as(self, grant: Grant) -> Http:
        return as_person(self._plain, grant, _classified)

    def _teams(self, page: str, limit: int = _TEAMS) -> tuple[list[Mapping[str, Any]], str]:
        """Return the public teams of a page, and the address of the next one or an empty text."""
        asked = {
            "$filter": "resourceProvisioningOptions/Any(x:x eq 'Team')",
            "$select": "id,displayName,visibility",
            "$top": limit,
        }
        rows, following = self._listed(page or "v1.0/groups", None if page else asked)
        return [row for row in rows if row.get("visibility") == "Public"], following

    def _channels(self, team: Mapping[str, Any]) -> Iterator[Upsert]:
        path = f"v1.0/teams/{quote(str(team['id']), safe='')}/channels"
        params: Mapping[str, object] | None = {"$select": _FIELDS}
        while path:
            rows, path = self._listed(path, params)
            params = None
            for row in rows:
                if row.get("membershipType") == "standard":
                    yield _upsert(team, row)

    def _listed(
        self, path: str, params: Mapping[str, object] | None
    ) -> tuple[list[Mapping[str, Any]], str]:
        values = self._http.get_json(path, params)
        rows = values.get("value") if isinstance(values, dict) else None
        if not isinstance(rows, list) or not all(
            isinstance(row, dict) and isinstance(row.get("id"), str) for row in rows
        ):
            raise SourceError(ErrorKind.SCHEMA, Wording("What the Graph sends is not a list."))
        return rows, str(values.get("@odata.nextLink") or "")

    def _presence(self, external_id: str) -> Presence:
        team, _, channel = external_id.partition("/")
        if not channel:
            return Presence.UNKNOWN
        path = f"v1.0/teams/{quote(team, safe='')}/channels/{quote(channel, safe='')}"
        answer = self._http.get(
            path, {"$select": "id,membershipType"}, accept=(200, 400, 403, 404), as_json=True
        )
        if answer.status == 200:
            row = answer.json()
            kind = row.get("membershipType") if isinstance(row, dict) else None
            return Presence.LIVE if kind == "standard" else Presence.HIDDEN
        if answer.status == 403:
            return Presence.HIDDEN
        gone = answer.status == 404 and _code(answer) in {"NotFound", "ItemNotFound"}
        return Presence.GONE if gone else Presence.UNKNOWN

    def _headers(self) -> Mapping[str, str]:
        if not self._token:
            self._renew()
        return {"Authorization": f"Bearer {self._token}"}

    def _renew(self) -> None:
        self._token = application_token(
            self._plain,
            f"https://{_LOGIN}/{quote(self._settings.tenant, safe='')}/oauth2/v2.0/token",
            client_id=self._settings.client_id,
            client_secret=self._settings.client_secret,
            scope=f"{self._settings.address}/.default",
        )


def _classified(answer: Answer) -> SourceError | None:
    """Return what a status means: of the Graph a 401 is a token that has run out."""
    if answer.status < 400:
        return None
    code = _code(answer)
    if urlsplit(answer.url).hostname == _LOGIN:
        if code in {"invalid_client", "unauthorized_client"}:
            return SourceError(
                ErrorKind.AUTH_INVALID, Wording("It does not accept the client id and secret.")
            )
        if answer.status == 400:
            return SourceError(
                ErrorKind.CONFIG, Wording("It knows no such directory; check the tenant id.")
            )
        return None
    if answer.status == 401 and code:
        return SourceError(ErrorKind.AUTH_EXPIRED, Wording("The access token has run out."))
    if answer.status == 410 or code in _RUN_OUT:
        return SourceError(
            ErrorKind.CURSOR_INVALID, Wording("It no longer knows where the reading stopped.")
        )
    return None


def _code(answer: Answer) -> str:
    try:
        values = answer.json()
    except SourceError:
        return ""
    error = values.get("error") if isinstance(values, dict) else None
    return str(error.get("code", "")) if isinstance(error, dict) else str(error or "")


def _upsert(team: Mapping[str, Any], row: Mapping[str, Any]) -> Upsert:
    """Return a channel under its team's name, since every team has a channel called General."""
    external_id = f"{team['id']}/{row['id']}"
    web = str(row.get("webUrl") or "")
    app = f"msteams:/{web.removeprefix(_WEB)}" if web.startswith(_WEB) else None
    raw = {
        "id": external_id,
        "title": f"{team.get('displayName') or ''}: {row.get('displayName') or ''}",
        "displayName": str(row.get("displayName") or ""),
        "description": str(row.get("description") or ""),
        "team": str(team.get("displayName") or ""),
        "url": web,
        "app_url": app,
    }
    return Upsert(external_id, raw)

"""Reads the public channels of a Slack workspace.

API: Slack Web API, `conversations.list` and `conversations.info`
(https://docs.slack.dev/reference/methods/conversations.list), built from it; not yet seen against
the real service.

    address  https://acme.slack.com   (the workspace's own; requests go to slack.com)
    token    xoxb-…                   (the bot token of an app with the scope channels:read)
    team     T0123ABCD                (optional: which workspace, for a token of an organisation)
    accounts_client_id, accounts_client_secret   (optional: the app's, for people's own accounts)

Channels only, and public ones alone: messages are searched in nobody's name but the reader's, with
their own token (`slack_accounts.py`). The list tells no changes, so that each run reads it whole,
200 a page; it holds the archived channels too, which are gone for readers. Every error is a 200
with `ok: false`. Limits: about 20 lists a minute (tier 2), told by Retry-After. Links:
`/archives/<channel>`, made of the channel's id (of messages `/archives/<channel>/p<moment>`), and
`slack://channel?team=…&id=…`, kept because only a harvest learns the workspace's id.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar
from urllib.parse import quote

from app.connectors import slack_accounts
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
    text_in,
    unpacked,
)
from app.connectors.http import Answer, Http, retry_after
from app.connectors.mapping import Rule
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

_API = "https://slack.com/api/"
_PAGE = 200
_ID = re.compile(r"[A-Z0-9]{2,40}")
_CODE = re.compile(r"[a-z_]{1,60}")
_MEANS: Mapping[str, tuple[ErrorKind, Wording]] = {
    **dict.fromkeys(
        ("invalid_auth", "not_authed", "account_inactive", "token_revoked", "org_login_required"),
        (ErrorKind.AUTH_INVALID, Wording("It does not accept the token.")),
    ),
    "token_expired": (
        ErrorKind.AUTH_EXPIRED,
        Wording("The token has run out; switch token rotation off for the app."),
    ),
    **dict.fromkeys(
        ("missing_scope", "no_permission", "access_denied", "team_access_not_granted"),
        (
            ErrorKind.FORBIDDEN,
            Wording("The app lacks a scope: channels:read, or for people search:read.public."),
        ),
    ),
    **dict.fromkeys(
        ("ratelimited", "rate_limited"),
        (ErrorKind.RATE_LIMITED, Wording("It asks us to ask less often.")),
    ),
    "invalid_cursor": (
        ErrorKind.CURSOR_INVALID,
        Wording("It no longer knows where the reading stopped."),
    ),
    **dict.fromkeys(
        ("internal_error", "fatal_error", "service_unavailable", "request_timeout"),
        (ErrorKind.TRANSIENT, Wording("It cannot answer at the moment.")),
    ),
}
_KNOWN_ABSENT = frozenset({"channel_not_found"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings(ToolSettings):
    """Which workspace, and the app that reads it."""

    token: str = setting(Wording("Bot token"), Ask.SECRET, needed=True)
    team: str = setting(
        Wording("Workspace id"), hint=Wording("Only for a token of a whole organisation.")
    )
    accounts_client_id: str = client_id_setting()
    accounts_client_secret: str = client_secret_setting()


class Slack:
    """One Slack workspace."""

    spec: ClassVar[Spec] = Spec(
        kind="slack",
        name="Slack",
        summary=Wording("Public channels of a Slack workspace."),
        family="chat",
        quadrants=(Quadrant.ENGAGE,),
        settings=Settings,
        capabilities=Capabilities(per_user_trim=True, own_accounts=True),
        proof=Proof.DOCUMENTED,
        source="https://docs.slack.dev/reference/methods/conversations.list",
        mapping=(
            Rule("title", "name", "text"),
            Rule("summary", "purpose.value", "html"),
            Rule("summary", "topic.value", "html"),
            Rule("url", "url", "address"),
            Rule("app_url", "app_url", "address"),
            Rule("kind", default="channel"),
        ),
        hosts=frozenset({"slack.com"}),
        schemes=frozenset({"slack"}),
        set_up=(
            Wording("Make an app for your workspace at api.slack.com/apps."),
            Wording("Give its bot the scope channels:read and nothing else."),
            Wording("Install it in the workspace and copy its bot token, which begins with xoxb-."),
            Wording(
                "For people’s own accounts: give the app the user scopes search:read.public and "
                "search:read.private and the redirect address below, and copy its client id and "
                "secret. Leave PKCE off: Slack would take the app for one without a secret."
            ),
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
        """Try the token, and the list of channels."""
        yield probed(Wording("Sign-in"), self._team)
        yield probed(Wording("Channels"), lambda: self._listed("", 1))

    def pull(self, cursor: bytes | None, mode: Mode) -> Iterator[Event]:  # noqa: ARG002
        """Yield every public channel, and of the archived ones that they are gone."""
        state = unpacked(cursor, "cursor", "team") if cursor else {}
        mark = text_in(state, "cursor") if state else ""
        team = text_in(state, "team") if state else self._team()
        while True:
            rows, mark = self._listed(mark)
            yield from (self._event(row, team) for row in rows if not row.get("is_private"))
            if not mark:
                yield Checkpoint(packed(), complete=True)
                return
            yield Checkpoint(packed(cursor=mark, team=team))

    def probe(self, external_ids: Sequence[str]) -> Mapping[str, Presence]:
        """Ask for each channel by its id; one that is not found may be private or deleted."""
        return {channel: self._presence(channel) for channel in external_ids}

    def link(self, external_id: str, stored: Link) -> Link:
        """Return the address of a channel by its id, or of a message in it; the app's as kept."""
        channel, _, moment = external_id.partition("/")
        message = f"/p{quote(moment.replace('.', ''), safe='')}" if moment else ""
        place = f"{self._settings.address}/archives/{quote(channel, safe='')}{message}"
        return Link(place, stored.app_url)

    def personal(self) -> PersonalOAuth | None:
        """Return how a person lets Foyer ask, with the app that the settings name."""
        settings = self._settings
        return slack_accounts.oauth(
            settings.accounts_client_id, settings.accounts_client_secret, settings.team
        )

    def whose(self, grant: Grant) -> Whose:
        """Return whose account it is, of this workspace."""
        return slack_accounts.whose(self._as(grant), self._settings.address, self._settings.team)

    def revoke(self, grant: Grant) -> bool:
        """Withdraw the token."""
        return slack_accounts.revoke(self._as(grant))

    def search_as(self, grant: Grant, query: str, limit: int) -> Sequence[Hit]:
        """Return messages of the channels that the person may read."""
        return slack_accounts.search(self._as(grant), query, limit)

    def _as(self, grant: Grant) -> Http:
        return as_person(self._http, grant, _classified)

    def _team(self) -> str:
        """Return the id of the workspace."""
        values = self._http.get_json(f"{_API}auth.test")
        team = self._settings.team or str(values.get("team_id") or "")
        if not _ID.fullmatch(team):
            raise SourceError(ErrorKind.SCHEMA, Wording("It does not say which workspace it is."))
        return team

    def _listed(self, mark: str, limit: int = _PAGE) -> tuple[list[Mapping[str, Any]], str]:
        """Return a page of channels and the cursor of the next one, empty after the last."""
        asked = {
            "types": "public_channel",
            "exclude_archived": "false",
            "limit": limit,
            "cursor": mark or None,
            "team_id": self._settings.team or None,
        }
        values = self._http.get_json(f"{_API}conversations.list", asked)
        rows = values.get("channels")
        if not isinstance(rows, list) or not all(_is_channel(row) for row in rows):
            raise SourceError(ErrorKind.SCHEMA, Wording("The list of channels is not a list."))
        more = values.get("response_metadata")
        following = str(more.get("next_cursor") or "") if isinstance(more, dict) else ""
        return rows, following if following != mark else ""

    def _event(self, row: Mapping[str, Any], team: str) -> Event:
        channel = str(row["id"])
        if row.get("is_archived"):
            return Delete(channel)
        link = self.link(channel, Link("", f"slack://channel?team={team}&id={quote(channel)}"))
        raw = {
            "id": channel,
            "name": str(row["name"]),
            "purpose": {"value": _said(row, "purpose")},
            "topic": {"value": _said(row, "topic")},
            "url": link.url,
            "app_url": link.app_url,
        }
        return Upsert(channel, raw)

    def _presence(self, channel: str) -> Presence:
        answer = self._http.get(f"{_API}conversations.info", {"channel": channel}, as_json=True)
        row = answer.json().get("channel")
        if not isinstance(row, dict) or row.get("id") != channel:
            return Presence.UNKNOWN
        if row.get("is_archived"):
            return Presence.GONE
        return Presence.HIDDEN if row.get("is_private") else Presence.LIVE


def _classified(answer: Answer) -> SourceError | None:
    """Return what an `ok: false` means, whatever the status; a 200 without `ok` is no answer."""
    if answer.is_html or answer.status not in {200, 429}:
        return None
    values = answer.json() if answer.status == 200 else {}
    if not isinstance(values, dict):
        return SourceError(ErrorKind.SCHEMA, Wording("It answers in another form."))
    if answer.status == 429 or values.get("ok") is True:
        return None
    code = str(values.get("error") or "")
    if code in _KNOWN_ABSENT:
        return None
    if "ok" not in values or not _CODE.fullmatch(code):
        return SourceError(ErrorKind.SCHEMA, Wording("It does not say whether that went well."))
    kind, said = _MEANS.get(
        code, (ErrorKind.CONFIG, Wording("It refuses the question: %(code)s", code=code))
    )
    return SourceError(kind, said, retry_after=retry_after(answer))


def _is_channel(row: object) -> bool:
    return isinstance(row, dict) and isinstance(row.get("id"), str) and bool(row.get("name"))


def _said(row: Mapping[str, Any], name: str) -> str:
    """Return a text of a channel without Slack's markup."""
    found = row.get(name)
    text = str(found.get("value") or "") if isinstance(found, dict) else ""
    return slack_accounts.without_marks(text)

"""Asks Slack as the person who searches, by Slack's Real-time Search API.

Slack calls `search.messages` a legacy method and recommends `assistant.search.context`
(https://docs.slack.dev/apis/web-api/real-time-search-api), which internal apps and apps of its
marketplace may use; with a person's token it needs no `action_token`. Scopes: `search:read.public`
and `search:read.private`; direct messages are not asked for. Tokens come by OAuth v2 with
`user_scope` (https://docs.slack.dev/authentication/installing-with-oauth) and are withdrawn by
`auth.revoke`. With token rotation they live twelve hours. No PKCE: switched on, it makes of the app
a public one for good (https://docs.slack.dev/authentication/using-pkce).
"""

import html
import re
from collections.abc import Mapping, Sequence
from typing import Any

from app.connectors.base import ErrorKind, Hit, SourceError
from app.connectors.http import Http
from app.connectors.mapping import found_at
from app.connectors.personal import PersonalOAuth, Whose
from app.errors import Wording

_MOST = 20  # of one question, by the vendor's word
_SCOPES = ("search:read.public", "search:read.private")
_API = "https://slack.com/api/"
_MARKED = re.compile(r"<(?P<target>[^<>|]*)(?:\|(?P<words>[^<>]*))?>")


def oauth(client_id: str, client_secret: str, team: str) -> PersonalOAuth | None:
    """Return how a person lets Foyer ask; None without an app for it."""
    if not (client_id and client_secret):
        return None
    return PersonalOAuth(
        authorise="https://slack.com/oauth/v2/authorize",
        token=f"{_API}oauth.v2.access",
        client_id=client_id,
        client_secret=client_secret,
        scopes=_SCOPES,
        scope_name="user_scope",
        more={"team": team} if team else {},
        pkce=False,
        inside="authed_user",
    )


def whose(http: Http, address: str, team: str) -> Whose:
    """Return whose account it is; raise SourceError(CONFIG) for one of another workspace."""
    values = http.get_json(f"{_API}auth.test")
    there = str(values.get("url") or "").rstrip("/")
    if there != address and not (team and values.get("team_id") == team):
        raise SourceError(
            ErrorKind.CONFIG, Wording("That is an account of another workspace: %(url)s", url=there)
        )
    return Whose(str(values.get("user") or ""), str(values.get("team_id") or ""))


def revoke(http: Http) -> bool:
    """Withdraw the token."""
    return bool(http.get_json(f"{_API}auth.revoke").get("revoked"))


def search(http: Http, query: str, limit: int) -> Sequence[Hit]:
    """Return messages of channels that the person may read."""
    asked = {
        "query": query,
        "content_types": "messages",
        "channel_types": "public_channel,private_channel",
        "limit": min(limit, _MOST),
    }
    values = http.get_json(f"{_API}assistant.search.context", asked)
    rows = found_at(values, "results.messages")
    if not isinstance(rows, list):
        raise SourceError(ErrorKind.SCHEMA, Wording("What it found is not a list."))
    return [hit for row in rows if isinstance(row, dict) and (hit := _hit(row))][:limit]


def without_marks(text: str) -> str:
    """Return Slack's markup as text: of `<address|words>` the words, of `<#C1|name>` the name."""
    return _MARKED.sub(lambda mark: mark["words"] or mark["target"], text)


def _hit(row: Mapping[str, Any]) -> Hit | None:
    channel, moment = str(row.get("channel_id") or ""), str(row.get("message_ts") or "")
    if not (channel and moment):
        return None
    names = [f"#{row['channel_name']}" if row.get("channel_name") else "", row.get("author_name")]
    title = ", ".join(str(name) for name in names if name) or channel
    url = str(row.get("permalink") or "")
    said = html.unescape(without_marks(str(row.get("content") or "")))
    return Hit(f"{channel}/{moment}", title, url, "channel", said)

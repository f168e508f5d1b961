"""Asks Microsoft Teams as the person who searches, by the search of Microsoft Graph.

API: `POST /search/query` with `chatMessage`
(https://learn.microsoft.com/en-us/graph/search-concept-chat-messages), which takes tokens of people
alone. Delegated permissions: `Chat.Read` and `ChannelMessage.Read.All`, for which an administrator
of the directory has to consent, and `User.Read` for the account's name. Signing in: the
authorisation code flow of the v2.0 endpoint with PKCE
(https://learn.microsoft.com/en-us/entra/identity-platform/v2-oauth2-auth-code-flow);
`offline_access` gives refresh tokens, each of which brings the next one. A single token cannot be
withdrawn: Foyer forgets its own, and the person can take the app's access away at
myapps.microsoft.com.

What is written in chats between people is left out: only channels' messages are shown.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from app.connectors.base import ErrorKind, Hit, SourceError
from app.connectors.http import Http
from app.connectors.mapping import found_at, text_of
from app.connectors.personal import PersonalOAuth, Whose
from app.errors import Wording

LOGIN = "login.microsoftonline.com"
_SCOPES = ("Chat.Read", "ChannelMessage.Read.All", "User.Read")
_MOST = 25
_NOT_WORDS = re.compile(r"[^\w.+#&-]+")
_MARKS = re.compile(r"</?c0>|<ddd/>")


def oauth(address: str, tenant: str, client_id: str, client_secret: str) -> PersonalOAuth | None:
    """Return how a person lets Foyer ask; None without an app for it."""
    if not (client_id and client_secret):
        return None
    place = f"https://{LOGIN}/{quote(tenant, safe='')}/oauth2/v2.0"
    return PersonalOAuth(
        authorise=f"{place}/authorize",
        token=f"{place}/token",
        client_id=client_id,
        client_secret=client_secret,
        scopes=(*(f"{address}/{name}" for name in _SCOPES), "offline_access"),
        more={"response_mode": "query", "prompt": "select_account"},
    )


def whose(http: Http) -> Whose:
    """Return whose account it is; the directory is the one that was asked to sign them in."""
    values = http.get_json("v1.0/me", {"$select": "displayName,userPrincipalName"})
    names = [values.get(name) for name in ("userPrincipalName", "displayName")]
    return Whose(next((str(name) for name in names if name), ""))


def search(http: Http, query: str, limit: int) -> Sequence[Hit]:
    """Return messages of channels that the person may read; marks of the query language are not."""
    words = _NOT_WORDS.sub(" ", query).strip()
    if not words:
        return []
    asked = {
        "entityTypes": ["chatMessage"],
        "query": {"queryString": words},
        "from": 0,
        "size": _MOST,
    }
    values = http.post_json("v1.0/search/query", data={"requests": [asked]})
    answers = values.get("value") if isinstance(values, dict) else None
    if not isinstance(answers, list):
        raise SourceError(ErrorKind.SCHEMA, Wording("What it found is not a list."))
    rows = [
        row
        for answer in answers
        for container in _list(answer, "hitsContainers")
        for row in _list(container, "hits")
    ]
    return [hit for row in rows if (hit := _hit(row))][:limit]


def _list(values: object, name: str) -> list[Any]:
    found = values.get(name) if isinstance(values, dict) else None
    return found if isinstance(found, list) else []


def _hit(row: Mapping[str, Any]) -> Hit | None:
    """Return a message of a channel; None for one of a chat."""
    message, channel = found_at(row, "resource.id"), found_at(row, "resource.channelIdentity")
    place = channel.get("channelId") if isinstance(channel, dict) else None
    if not (message and place):
        return None
    senders = ("resource.from.emailAddress.name", "resource.from.user.displayName")
    names = [found_at(row, name) for name in ("resource.subject", *senders)]
    title = next((str(name) for name in names if name), "")
    summary = text_of(_MARKS.sub("", str(row.get("summary") or "")))
    url = str(found_at(row, "resource.webLink") or "")
    return Hit(f"{place}/{message}", title or summary[:80], url, "channel", summary)

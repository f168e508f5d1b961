"""Lets people connect their own Atlassian accounts (OAuth 2.0, 3LO), and finds the site.

API: https://developer.atlassian.com/cloud/confluence/oauth-2-3lo-apps/. Scopes:
`search:confluence` for the search by CQL, `read:me` for the account's name, `offline_access` for
refresh tokens, which rotate: each is good for one question. What is asked goes through
api.atlassian.com under the site's cloud id, which `accessible-resources` names. PKCE is sent; the
documentation does not speak of it, and what a server does not know it passes over (RFC 6749, 3.1).
Atlassian documents no way to withdraw a token: Foyer forgets its own, and the person can take the
app's access away among the connected apps of their Atlassian account.

Of Confluence Cloud alone; Data Center has an OAuth provider of its own, which is not built here.
"""

import re

from app.connectors.base import ErrorKind, SourceError
from app.connectors.http import Answer, Http
from app.connectors.personal import PersonalOAuth, Whose
from app.errors import Wording

HOSTS = frozenset({"auth.atlassian.com", "api.atlassian.com"})
_API = "https://api.atlassian.com"
_ID = re.compile(r"[A-Za-z0-9-]{1,100}")
_SCOPES = ("search:confluence", "read:me", "offline_access")


def oauth(client_id: str, client_secret: str) -> PersonalOAuth | None:
    """Return how a person lets Foyer ask; None without an app for it."""
    if not (client_id and client_secret):
        return None
    return PersonalOAuth(
        authorise="https://auth.atlassian.com/authorize",
        token="https://auth.atlassian.com/oauth/token",  # noqa: S106 (an address)
        client_id=client_id,
        client_secret=client_secret,
        scopes=_SCOPES,
        more={"audience": "api.atlassian.com", "prompt": "consent"},
        sends_json=True,
    )


def whose(http: Http, address: str) -> Whose:
    """Return whose account it is, with the site's cloud id.

    Raises SourceError(CONFIG) where the person chose another site, or may not enter this one.
    """
    sites = http.get_json(f"{_API}/oauth/token/accessible-resources")
    if not isinstance(sites, list) or not all(isinstance(one, dict) for one in sites):
        raise SourceError(ErrorKind.SCHEMA, Wording("The list of sites is not a list."))
    wanted = address.removesuffix("/wiki")
    found = [str(one.get("id") or "") for one in sites if one.get("url") == wanted]
    if not found or not _ID.fullmatch(found[0]):
        said = Wording("That account was not connected with the site %(url)s.", url=wanted)
        raise SourceError(ErrorKind.CONFIG, said)
    me = http.get_json(f"{_API}/me")
    return Whose(str(me.get("email") or me.get("name") or ""), found[0])


def classified(answer: Answer) -> SourceError | None:
    """Return what a 401 of the API means: the access token has run out."""
    if answer.status != 401:
        return None
    return SourceError(ErrorKind.AUTH_EXPIRED, Wording("The access token has run out."))


def search_path(place: str) -> str:
    """Return the address of the site's search for people's tokens."""
    return f"{_API}/ex/confluence/{place}/wiki/rest/api/search"

"""The contract of people's own accounts: how a person lets Foyer ask a tool in their name.

Where what a tool finds depends on who asks, it is asked with a token of the very person who
searches. They give it by OAuth 2.0 with an authorisation code (RFC 6749, 4.1), with PKCE (RFC 7636,
S256) where the vendor lets an app that has a secret use it (RFC 9700, 2.1.1). A connector says
where its tool does that and asks with what it is handed; who may ask, and where tokens are kept, is
the host's to know.
"""

import base64
import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any, Protocol, TypeGuard, runtime_checkable
from urllib.parse import urlencode

from app.connectors.base import ErrorKind, Hit, SourceError
from app.connectors.http import Answer, Classify, Http, retry_after
from app.connectors.settings import Ask, setting
from app.errors import Wording

_LONGEST_TOKEN = 16 * 1024
_LONGEST_LIFE = 10 * 365 * 24 * 3600
_OVER: Collection[str] = frozenset(
    {
        "access_denied",
        "code_already_used",
        "consent_required",
        "interaction_required",
        "invalid_code",
        "invalid_grant",
        "invalid_refresh_token",
        "login_required",
        "token_expired",
        "token_revoked",
    }
)
_OURS: Collection[str] = frozenset(
    {
        "bad_client_secret",
        "bad_redirect_uri",
        "invalid_client",
        "invalid_client_id",
        "unauthorized_client",
    }
)
_LATER: Collection[str] = frozenset(
    {"fatal_error", "internal_error", "server_error", "temporarily_unavailable"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonalOAuth:
    """Where a person lets Foyer ask one tool, made of its settings.

    `authorise` is where their browser goes, `token` where Foyer changes codes for tokens. The
    scopes stand in the parameter `scope_name`; `more` are further parameters of the way there.
    Tokens may stand in the member `inside` of an answer; `sends_json` tells that the token endpoint
    is documented to read JSON in place of a form.
    """

    authorise: str
    token: str
    client_id: str
    client_secret: str = field(repr=False)
    scopes: tuple[str, ...]
    scope_name: str = "scope"
    more: Mapping[str, str] = field(default_factory=dict)
    pkce: bool = True
    inside: str = ""
    sends_json: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """What a person has let Foyer have; `lasts` is how long, None where the tool does not say.

    `place` is what the tool has to be told with each question, such as the id of a site.
    """

    access: str = field(repr=False)
    refresh: str = field(default="", repr=False)
    lasts: timedelta | None = None
    scopes: str = ""
    place: str = ""


@dataclass(frozen=True, slots=True)
class Whose:
    """Whose account a grant is, as the tool names them, and the grant's `place`."""

    name: str
    place: str = ""


@runtime_checkable
class AsksAsPerson(Protocol):
    """A tool that finds for each person what this person may see, asked with their own token."""

    def personal(self) -> PersonalOAuth | None:
        """Return how a person lets Foyer ask; None until the settings name an app for it."""

    def whose(self, grant: Grant) -> Whose:
        """Return whose account this is; raises SourceError, also where it is of another place."""

    def revoke(self, grant: Grant) -> bool:
        """Let the tool forget the grant; False where it has no way to. Raises SourceError."""

    def search_as(self, grant: Grant, query: str, limit: int) -> Sequence[Hit]:
        """Return what the person may see of what the words find; raises SourceError.

        AUTH_EXPIRED and AUTH_INVALID mean that the token does not count any more.
        """


def client_id_setting() -> Any:
    """Return the setting that names the app by which people connect their own accounts."""
    return setting(
        Wording("Client id for people’s own accounts"),
        hint=Wording("Optional. With it, people can have this tool searched as themselves."),
    )


def client_secret_setting() -> Any:
    """Return the setting with the secret of that app."""
    return setting(Wording("Client secret for people’s own accounts"), Ask.SECRET)


def authorise_address(oauth: PersonalOAuth, *, redirect_uri: str, state: str, verifier: str) -> str:
    """Return where the person's browser goes (RFC 6749, 4.1.1; RFC 7636, 4.3)."""
    asked = {
        "response_type": "code",
        "client_id": oauth.client_id,
        "redirect_uri": redirect_uri,
        oauth.scope_name: " ".join(oauth.scopes),
        "state": state,
        **oauth.more,
    }
    if oauth.pkce:
        asked |= {"code_challenge": challenge_of(verifier), "code_challenge_method": "S256"}
    return f"{oauth.authorise}?{urlencode(asked)}"


def challenge_of(verifier: str) -> str:
    """Return the S256 challenge of a verifier (RFC 7636, 4.2)."""
    digest = hashlib.sha256(verifier.encode("ascii")).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def redeemed(
    http: Http, oauth: PersonalOAuth, *, code: str, verifier: str, redirect_uri: str
) -> Grant:
    """Return what a code is worth (RFC 6749, 4.1.3). Raises SourceError."""
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect_uri}
    if oauth.pkce:
        form["code_verifier"] = verifier
    return _granted(http, oauth, form, {code, verifier})


def renewed(http: Http, oauth: PersonalOAuth, grant: Grant) -> Grant:
    """Return new tokens for old ones (RFC 6749, 6); a tool that rotates them gives both anew.

    Raises SourceError, AUTH_EXPIRED when only the person themselves can go on.
    """
    form = {"grant_type": "refresh_token", "refresh_token": grant.refresh}
    found = _granted(http, oauth, form, {grant.refresh, grant.access})
    return replace(
        found,
        refresh=found.refresh or grant.refresh,
        scopes=found.scopes or grant.scopes,
        place=grant.place,
    )


def as_person(http: Http, grant: Grant, classify: Classify | None) -> Http:
    """Return the client that shows the person's token, and no other, with each request."""
    shown = {"Authorization": f"Bearer {grant.access}"}
    mine = replace(http, secrets={*http.secrets, grant.access, grant.refresh} - {""})
    return mine.using(classify=classify, authorise=lambda _http: shown)


def _granted(
    http: Http, oauth: PersonalOAuth, form: Mapping[str, str], secrets: Collection[str]
) -> Grant:
    """Ask the token endpoint once: a code and a rotating token are good for one question."""
    once = replace(http.using(classify=_trouble), tries=1, secrets={*http.secrets, *secrets} - {""})
    sent = {**form, "client_id": oauth.client_id, "client_secret": oauth.client_secret}
    body: dict[str, Any] = {"data": sent} if oauth.sends_json else {"form": sent}
    values = once.post_json(oauth.token, **body)
    inner = values.get(oauth.inside) if isinstance(values, dict) and oauth.inside else None
    return _read(inner if isinstance(inner, dict) and inner.get("access_token") else values)


def _read(values: Any) -> Grant:
    """Return what a token endpoint gave (RFC 6749, 5.1); raise SourceError(SCHEMA) otherwise."""
    found = values if isinstance(values, dict) else {}
    access: object = found.get("access_token")
    refresh: object = found.get("refresh_token") or ""
    if not _is_token(access) or not (refresh == "" or _is_token(refresh)):
        raise SourceError(ErrorKind.SCHEMA, Wording("It gives no access token."))
    lasts: object = found.get("expires_in")
    scopes = found.get("scope")
    return Grant(
        access=access,
        refresh=str(refresh),
        lasts=timedelta(seconds=int(lasts)) if _is_life(lasts) else None,
        scopes=scopes[:2000] if isinstance(scopes, str) else "",
    )


def _is_token(value: object) -> TypeGuard[str]:
    """Tell whether this can be sent in a header (RFC 6750, 2.1 allows less)."""
    return (
        isinstance(value, str)
        and 0 < len(value) <= _LONGEST_TOKEN
        and all(33 <= ord(letter) < 127 for letter in value)
    )


def _is_life(value: object) -> TypeGuard[float]:
    return (
        isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < _LONGEST_LIFE
    )


def _trouble(answer: Answer) -> SourceError | None:
    """Return what a token endpoint's `error` means (RFC 6749, 5.2), whatever the status."""
    if answer.is_html:
        return None
    try:
        values = answer.json()
    except SourceError:
        return None
    code = values.get("error") if isinstance(values, dict) else None
    if not isinstance(code, str) or not code:
        return None
    told = str(values.get("error_description") or "")
    if code in _OVER or (code == "unauthorized_client" and "refresh" in told):
        return SourceError(ErrorKind.AUTH_EXPIRED, Wording("It no longer accepts this account."))
    if code in _OURS:
        said = Wording("It does not accept the app by which people connect their own accounts.")
        return SourceError(ErrorKind.CONFIG, said)
    if code in _LATER:
        return SourceError(ErrorKind.TRANSIENT, Wording("It cannot answer at the moment."))
    if answer.status == 429 or code in {"ratelimited", "rate_limited"}:
        said = Wording("It asks us to ask less often.")
        return SourceError(ErrorKind.RATE_LIMITED, said, retry_after=retry_after(answer))
    return SourceError(
        ErrorKind.CONFIG, Wording("It refuses the question: %(code)s", code=code[:60])
    )

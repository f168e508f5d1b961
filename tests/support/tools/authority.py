"""What fakes share where people let Foyer ask as them: an OAuth 2.0 server in memory.

It does what RFC 6749, 4.1 and 6, RFC 7636 and the vendors' pages say: codes are good once and for
one redirect address, refresh tokens rotate, and a used one is refused. Every token has the canary
in it. `agree` stands for the page on which a person says yes.
"""

import base64
import hashlib
import itertools
from urllib.parse import parse_qs, urlencode, urlsplit

from tests.support.tools.world import CANARY

CLIENT_ID = "foyer-app"
LASTS = 3600


class Authority:
    """Codes and tokens of people. `spoken` holds every form that came to the token endpoint."""

    def __init__(self, *, pkce=True, lasts=LASTS):
        self.pkce, self.lasts = pkce, lasts
        self.numbers = itertools.count(1)
        self.codes, self.access, self.refresh = {}, {}, {}
        self.spoken = []
        self.down = False

    def agree(self, address, person):
        """Let a person say yes at the address they were sent to; return where they come back."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        assert asked["client_id"] == CLIENT_ID
        assert asked["response_type"] == "code"
        assert self.pkce == (asked.get("code_challenge_method") == "S256")
        code = f"code-{CANARY}-{next(self.numbers)}"
        self.codes[code] = (person, asked["redirect_uri"], asked.get("code_challenge", ""))
        return f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}"

    def answer(self, form):
        """Return what a form at the token endpoint is worth: tokens, or the name of an error."""
        self.spoken.append(form)
        if (form.get("client_id"), form.get("client_secret")) != (CLIENT_ID, CANARY):
            return "invalid_client"
        if form["grant_type"] == "refresh_token":
            person = self.refresh.pop(form["refresh_token"], None)
            return self._given(person) if person else "invalid_grant"
        person, redirect_uri, challenge = self.codes.pop(form["code"], ("", "", ""))
        if not person or redirect_uri != form["redirect_uri"]:
            return "invalid_grant"
        if self.pkce and challenge != challenge_of(form["code_verifier"]):
            return "invalid_grant"
        return self._given(person)

    def whose(self, request):
        """Return whose token a request shows, or None."""
        return self.access.get(request.headers.get("Authorization", "").removeprefix("Bearer "))

    def expire(self):
        """Let every access token run out."""
        self.access.clear()

    def withdraw(self):
        """Let nobody's tokens count any more."""
        self.access.clear()
        self.refresh.clear()

    def _given(self, person):
        number = next(self.numbers)
        access, refresh = f"access-{CANARY}-{number}", f"refresh-{CANARY}-{number}"
        self.access[access] = person
        given = {"access_token": access, "token_type": "Bearer", "scope": "search"}
        if self.lasts:
            self.refresh[refresh] = person
            given |= {"refresh_token": refresh, "expires_in": self.lasts}
        return given


def form_of(request):
    """Return the fields of a posted form."""
    return {name: values[0] for name, values in parse_qs(request.content.decode()).items()}


def challenge_of(verifier):
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()

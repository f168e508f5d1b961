"""An LTI tool as far as Foyer itself asks it: its key set (RFC 7517, 5), as PyLTI1p3 gives it.

It has no list of items, so the contract suite leaves it out. Launches and Deep Linking go through
browsers: see `tests/support/lti_tool.py` for a real tool.
"""

import httpx

from tests.support.tools.world import FakeTool, json_answer

KEY = {"kty": "RSA", "kid": "1", "use": "sig", "alg": "RS256", "e": "AQAB", "n": "x" * 342}


class FakeLti(FakeTool):
    """A tool with one key."""

    kind = "lti"
    can_probe = False
    refuses = False

    def settings(self):
        return {
            "address": self.address,
            "login_url": f"{self.address}/lti/login",
            "target_link_uri": f"{self.address}/lti/launch",
            "redirect_uris": f"{self.address}/lti/launch",
            "jwks_url": f"{self.address}/lti/jwks",
        }

    def answer(self, request):
        if request.url.path == "/lti/jwks":
            return json_answer({"keys": [KEY]})
        return httpx.Response(404)

"""Headers on every answer, CSRF on every unsafe request, and addresses that stay inside Foyer.

The policy allows no inline script or style and no other host (OWASP ASVS 5.0, 3.4); unsafe
requests that a browser says come from another site are refused before their token is looked at.
Only Foyer's own hosts are answered (4.1.3), so that nobody's Host header gets into an address.
"""

import logging
from urllib.parse import urlsplit

from flask import Flask, Response, abort, request
from flask_wtf import CSRFProtect

from app.config import Config

log = logging.getLogger(__name__)

CSP = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": CSP,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}
# endpoints whose unsafe requests come from other systems and carry a proof of their own: a signed
# message, or a bearer token; they read no session cookie. lti.auth_posted only asks again by GET.
FROM_ELSEWHERE = frozenset(
    {
        "saml.acs",
        "saml.sls",
        "oidc.backchannel_logout",
        "scim.handle",
        "lti.auth_posted",
        "lti.deep_linking",
        "notices.stop",
    }
)
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_SAME_SITE = frozenset({"same-origin", "none"})
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
csrf = CSRFProtect()


def init_app(app: Flask, config: Config) -> None:
    """Protect the application."""
    https = config.https
    name = "__Host-foyer" if https else "foyer"
    app.config.update(
        SESSION_COOKIE_NAME=name,
        SESSION_COOKIE_SECURE=https,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_PATH="/",
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_CHECK_DEFAULT=False,
        WTF_CSRF_SSL_STRICT=False,
    )
    hosts = own_hosts(config)
    app.before_request(lambda: _refuse_other_hosts(hosts))
    app.before_request(_refuse_other_sites)
    csrf.init_app(app)
    app.before_request(_check_token)
    app.after_request(_harden)
    if https:
        app.after_request(_insist_on_tls)


def own_hosts(config: Config) -> frozenset[str]:
    """Return the names that Foyer answers to: its public one, where it listens, and loopback."""
    named = {_host_name(urlsplit(config.base_url).netloc), _host_name(config.bind)}
    return frozenset(named - {""}) | _LOOPBACK


def is_local_address(address: str) -> bool:
    """Tell whether the address is a path of Foyer itself, whatever a browser makes of it.

    Browsers read a backslash as a slash and drop control characters, so neither may occur.
    """
    if not address.startswith("/") or address.startswith("//") or "\\" in address:
        return False
    if any(ord(letter) < 33 or ord(letter) == 127 for letter in address):
        return False
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return not parts.scheme and not parts.netloc


def _host_name(host: str) -> str:
    """Return the name in `name:port`, in small letters; an empty text for what is none."""
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""


def _refuse_other_hosts(hosts: frozenset[str]) -> None:
    if _host_name(request.host) not in hosts:
        log.warning("refused a request for the host %.100r: see FOYER_BASE_URL", request.host)
        abort(400, "This address is not served here.")


def _refuse_other_sites() -> None:
    site = request.headers.get("Sec-Fetch-Site")
    if request.endpoint in FROM_ELSEWHERE:
        return
    if request.method not in SAFE_METHODS and site is not None and site not in _SAME_SITE:
        abort(400, "This form was sent from another site.")


def _check_token() -> None:
    known = request.endpoint is not None and request.routing_exception is None
    if known and request.method not in SAFE_METHODS and request.endpoint not in FROM_ELSEWHERE:
        csrf.protect()


def _harden(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if response.mimetype == "text/html" or request.endpoint != "static":
        response.headers.setdefault("Cache-Control", "no-store")
    return response


def _insist_on_tls(response: Response) -> Response:
    response.headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
    return response

"""Headers on every answer, CSRF on every unsafe request, and addresses that stay inside Foyer.

The policy allows no inline script or style and no other host (OWASP ASVS 5.0, 3.4); unsafe
requests that a browser says come from another site are refused before their token is looked at.
"""

from urllib.parse import urlsplit

from flask import Flask, Response, abort, request
from flask_wtf import CSRFProtect

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
# message, or a bearer token; they read no session cookie
FROM_ELSEWHERE = frozenset({"saml.acs", "saml.sls", "oidc.backchannel_logout", "scim.handle"})
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_SAME_SITE = frozenset({"same-origin", "none"})
csrf = CSRFProtect()


def init_app(app: Flask, *, https: bool) -> None:
    """Protect the application."""
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
    app.before_request(_refuse_other_sites)
    csrf.init_app(app)
    app.before_request(_check_token)
    app.after_request(_harden)
    if https:
        app.after_request(_insist_on_tls)


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


def _refuse_other_sites() -> None:
    site = request.headers.get("Sec-Fetch-Site")
    if request.endpoint in FROM_ELSEWHERE:
        return
    if request.method not in _SAFE_METHODS and site is not None and site not in _SAME_SITE:
        abort(400, "This form was sent from another site.")


def _check_token() -> None:
    known = request.endpoint is not None and request.routing_exception is None
    if known and request.method not in _SAFE_METHODS and request.endpoint not in FROM_ELSEWHERE:
        csrf.protect()


def _harden(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if response.mimetype == "text/html":
        response.headers.setdefault("Cache-Control", "no-store")
    return response


def _insist_on_tls(response: Response) -> Response:
    response.headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
    return response

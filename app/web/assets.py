"""Static files: addresses that change with their content, and texts sent compressed.

Pages themselves are not compressed here: they hold a CSRF token beside words of the reader's own
(the BREACH attack, CVE-2013-3587).
"""

import gzip
from functools import cache
from hashlib import sha256
from pathlib import Path

from flask import Flask, Response, current_app, g, request, url_for
from werkzeug.security import safe_join

_FOR_EVER = "public, max-age=31536000, immutable"
_TEXTS = {"text/css", "text/javascript", "application/javascript", "image/svg+xml"}


def asset_url(name: str) -> str:
    """Return the address of a file of `static/`, with its fingerprint; looked up once a request.

    Raises FileNotFoundError for a file that is not there.
    """
    known: dict[str, str] = g.setdefault("asset_urls", {})
    if name not in known:
        path = Path(current_app.static_folder or "") / name
        fingerprint = _fingerprint(path, path.stat().st_mtime_ns)
        known[name] = url_for("static", filename=name, v=fingerprint)
    return known[name]


def init_app(app: Flask) -> None:
    """Offer `asset_url` to templates; let browsers keep what carries a fingerprint."""
    app.add_template_global(asset_url)
    app.after_request(_serve)


@cache
def _fingerprint(path: Path, _modified_ns: int) -> str:
    return sha256(path.read_bytes()).hexdigest()[:12]


@cache
def _compressed(path: Path, _modified_ns: int) -> bytes:
    return gzip.compress(path.read_bytes(), 9, mtime=0)


def _serve(response: Response) -> Response:
    if request.endpoint != "static" or response.status_code != 200:
        return response
    if "v" in request.args:
        response.headers["Cache-Control"] = _FOR_EVER
    if response.mimetype in _TEXTS:
        _compress(response)
    return response


def _compress(response: Response) -> None:
    """Send the file compressed to a browser that takes it; byte ranges stay as they are."""
    response.vary.add("Accept-Encoding")
    if not request.accept_encodings["gzip"] or "Range" in request.headers:
        return
    name = (request.view_args or {})["filename"]
    path = Path(safe_join(current_app.static_folder or "", name) or "")
    response.close()
    response.direct_passthrough = False
    response.set_data(_compressed(path, path.stat().st_mtime_ns))
    response.headers["Content-Encoding"] = "gzip"
    response.headers.pop("ETag", None)

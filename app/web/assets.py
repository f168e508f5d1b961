"""Addresses of static files that change with their content, so that browsers may keep them."""

import hashlib
from functools import cache
from pathlib import Path

from flask import Flask, Response, current_app, request, url_for

_FOR_EVER = "public, max-age=31536000, immutable"


@cache
def _fingerprint(path: Path, _modified_ns: int) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]


def asset_url(name: str) -> str:
    """Return the address of a file of `static/`, with its fingerprint.

    Raises FileNotFoundError for a file that is not there.
    """
    path = Path(current_app.static_folder or "") / name
    return url_for("static", filename=name, v=_fingerprint(path, path.stat().st_mtime_ns))


def init_app(app: Flask) -> None:
    """Offer `asset_url` to templates and let browsers keep what carries a fingerprint."""
    app.add_template_global(asset_url)
    app.after_request(_keep)


def _keep(response: Response) -> Response:
    if request.endpoint == "static" and "v" in request.args and response.status_code == 200:
        response.headers["Cache-Control"] = _FOR_EVER
    return response

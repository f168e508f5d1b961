"""The one blueprint of editing: items, their pictures, and links."""

from flask import Blueprint, g, request

bp = Blueprint("editing", __name__)
_UPLOAD = 9 * 1024 * 1024


@bp.url_value_preprocessor
def _make_room(endpoint: str | None, _values: object) -> None:
    """Let a picture be larger than other forms; it is measured before anything reads the form."""
    if endpoint == "editing.give_picture":
        request.max_content_length = _UPLOAD


@bp.before_request
def _mark() -> None:
    g.nav = "curate"

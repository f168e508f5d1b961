"""Turns every refusal and failure into a page in plain words, with a reference number."""

import logging

from flask import Flask, Response, g, make_response, render_template, request
from flask_babel import gettext, ngettext
from flask_login import AnonymousUserMixin
from sqlalchemy.exc import DataError, IntegrityError, OperationalError
from werkzeug.exceptions import HTTPException, TooManyRequests

from app.db import complaint
from app.errors import (
    Conflict,
    FoyerError,
    Invalid,
    NotAllowed,
    NotFound,
    Unavailable,
    Untrusted,
    Wording,
    said_by,
)

log = logging.getLogger(__name__)
_LONGEST = 1000
_SAID_AS = {405: 404, 410: 404, 502: 503, 504: 503}
STATUS: dict[type[FoyerError], int] = {
    NotFound: 404,
    NotAllowed: 403,
    Invalid: 422,
    Conflict: 409,
    Untrusted: 400,
    Unavailable: 503,
}


def init_app(app: Flask) -> None:
    """Register the handlers, and for templates the filter that translates a kept sentence."""
    app.add_template_filter(translated)
    app.register_error_handler(FoyerError, _refused)
    app.register_error_handler(IntegrityError, _overtaken)
    app.register_error_handler(OperationalError, _unavailable)
    app.register_error_handler(DataError, _unreadable)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _failed)


def _refused(error: FoyerError) -> Response:
    status = next((code for kind, code in STATUS.items() if isinstance(error, kind)), 400)
    return _page(status, in_words(error))


def in_words(error: FoyerError) -> str:
    """Return what a refusal says, in the reader's language; of fields only the complaints."""
    texts = error.fields.values() if isinstance(error, Invalid) else [said_by(error, _LONGEST)]
    return " ".join(translated(text) for text in texts if text)


def translated(text: str) -> str:
    """Return a sentence that was made where no language is known, in the reader's language."""
    if not isinstance(text, Wording):
        return gettext(text) if text else ""
    values = {
        name: translated(value) if isinstance(value, Wording) else value
        for name, value in text.values.items()
    }
    return gettext(text.template, **values)


def _overtaken(error: IntegrityError) -> Response:
    """Answer a write that another request made impossible meanwhile."""
    log.warning("a write met a constraint: %s", complaint(error))
    return _page(409, "")


def _unavailable(error: OperationalError) -> Response:
    """Answer while the database is locked, read-only or away."""
    log.error("the database does not answer: %s", complaint(error))
    return _page(503, "")


def _unreadable(error: DataError) -> Response:
    """Answer a value that the database cannot even compare: nothing is called like that."""
    log.warning("the database cannot take a value: %s", type(error.orig).__name__)
    return _page(404, "")


def _http(error: HTTPException) -> Response:
    if error.response is not None:
        return make_response(error.response)
    response = _page(error.code or 500, _when(error))
    for name, value in error.get_headers():
        if name.lower() not in {"content-type", "content-length"}:
            response.headers[name] = value
    return response


def _when(error: HTTPException) -> str:
    """Return when to try again, where the refusal says so."""
    if not isinstance(error, TooManyRequests) or not isinstance(error.retry_after, int):
        return ""
    seconds = error.retry_after
    return ngettext("Try again in %(num)s second.", "Try again in %(num)s seconds.", seconds)


def _failed(error: Exception) -> Response:
    log.error("the request failed", exc_info=error)
    return _page(500, "")


def _page(status: int, detail: str) -> Response:
    """Render the error page; a plain text, should even that fail."""
    reference = g.get("request_id", "-")
    if status >= 500 and "_login_user" not in g:
        g._login_user = AnonymousUserMixin()  # who reads is in the database, which may be the fault
    try:
        known = _SAID_AS.get(status, status)
        known = known if known in {400, 403, 404, 409, 413, 422, 429, 500, 503} else 400
        name = "errors/fragment.html" if "HX-Request" in request.headers else "errors/page.html"
        body = render_template(name, status=known, detail=detail, reference=reference)
    except Exception:
        log.exception("the error page itself failed")
        return Response(
            f"Something went wrong. Reference {reference}", status, mimetype="text/plain"
        )
    return make_response(body, status)

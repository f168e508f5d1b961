"""The SCIM service over HTTP: every address below `/scim/v2`.

Who asks shows a bearer token; no cookie is looked at, and without a token there is nothing to be
seen, not even what the service can do (RFC 7644 section 2 leaves that to us). Every answer,
whatever goes wrong, is SCIM's own JSON.
"""

import json
from typing import Any

from flask import Blueprint, Response, current_app, request
from scim2_models import InvalidValueException
from scim2_server.requests import ScimRequest
from scim2_server.responses import ScimResponse

from app import clock
from app.audit import trail
from app.audit.refusals import EXTENSION as RESTRAINT
from app.audit.refusals import Restraint
from app.models import ScimToken
from app.scim import service
from app.scim.directory import Effect
from app.scim.exchange import error_response, serve, write_of
from app.scim.service import TokenRefused
from app.web.addresses import public_address
from app.web.unit_of_work import db_session

bp = Blueprint("scim", __name__)
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
_ANY = {"methods": METHODS, "strict_slashes": False, "provide_automatic_options": False}


@bp.route("/", defaults={"path": ""}, **_ANY)
@bp.route("/<path:path>", **_ANY)
def handle(path: str) -> Response:
    """Serve any SCIM request of a client whose token works."""
    session, now = db_session(), clock.now()
    token = service.token_of(session, request.headers.get("Authorization", ""), now=now)
    service.note_use(session, token, now=now)
    asked = _asked(path, token)
    answer, effects = serve(session, token.client, asked, now=now)
    write = write_of(asked)
    if write:
        _note(write, token, path, effects)
    return _response(answer)


@bp.errorhandler(Exception)
def _failed(error: Exception) -> Response:
    if isinstance(error, TokenRefused):
        _note_refusal(error)
    return _response(error_response(error))


def _note_refusal(error: TokenRefused) -> None:
    """Note a refused token by its hint, a few times a minute for each sender."""
    counts: Restraint = current_app.extensions[RESTRAINT]
    before = counts.left_out("scim.refused", request.remote_addr or "", now=clock.now())
    if before is None:
        return
    details: dict[str, Any] = {"reason": error.reason, "token": error.hint}
    details |= {"left_out_before": before} if before else {}
    trail.note("scim.refused", outcome="refused", actor="a SCIM client", **details)


def _asked(path: str, token: ScimToken) -> ScimRequest:
    """Return the request as the library reads it, its addresses from the settings alone."""
    if any(len(values) > 1 for _, values in request.args.lists()):
        raise InvalidValueException(detail="A query parameter stands twice")
    return ScimRequest(
        method="GET" if request.method == "HEAD" else request.method,
        base_url=public_address("scim.handle").rstrip("/"),
        path=f"/{path}",
        query=request.args.to_dict(),
        headers=list(request.headers.items()),
        body=request.get_data(cache=False),
        subject=frozenset(token.scopes),
    )


def _note(write: str, token: ScimToken, path: str, effects: list[Effect]) -> None:
    """Note a write for the audit log, for each person whom it concerned or, else, by itself."""
    actor, action = f"SCIM {token.client.name}", f"scim.{write}"
    for effect in effects:
        trail.note(
            action, actor=actor, subject=f"person {effect.person.email}", resource=path,
            token=token.hint, **effect.details(),
        )  # fmt: skip
    if not effects:
        trail.note(action, actor=actor, subject=path[:100], token=token.hint)


def _response(answer: ScimResponse) -> Response:
    text = "" if answer.body is None else json.dumps(answer.body)
    response = Response(text, answer.status, answer.headers)
    response.headers["Cache-Control"] = "no-store"
    return response

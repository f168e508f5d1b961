"""One SCIM request from its bytes to its answer, on behalf of a client whose token was checked."""

import json
import logging
import re
from collections.abc import Mapping
from datetime import datetime
from http import HTTPStatus
from typing import Any

from pydantic_core import to_json
from scim2_models import (
    Error,
    InvalidFilterException,
    InvalidValueException,
    SCIMException,
    UniquenessException,
)
from scim2_server.handler import ScimHandler
from scim2_server.requests import ScimRequest
from scim2_server.responses import ScimResponse
from sqlalchemy.exc import DataError, IntegrityError, OperationalError
from sqlalchemy.orm import Session
from werkzeug.exceptions import HTTPException

from app.db import complaint
from app.errors import Conflict, Invalid
from app.models import ScimClient
from app.scim import dialects, service
from app.scim.directory import Effect, People
from app.scim.protocol import speaker
from app.scim.service import TokenRefused
from app.scim.storage import SqlStorage

log = logging.getLogger(__name__)
WRITES = {"POST": "create", "PUT": "replace", "PATCH": "patch", "DELETE": "delete"}
_DIALECTS = {"POST": dialects.resource, "PUT": dialects.resource, "PATCH": dialects.patch}
_NOT_FOR_CLIENTS = re.compile(r"\s*\[type=.*|\s*For further information.*", re.DOTALL)
_RETRY_SECONDS = 5
_LONGEST_FILTER = 8000  # SQLite takes a thousand conditions, and reading more takes seconds


def write_of(request: ScimRequest) -> str | None:
    """Return what the request writes: create, replace, patch or delete; None for reading."""
    return None if request.path.endswith("/.search") else WRITES.get(request.method)


def serve(
    session: Session, client: ScimClient, request: ScimRequest, *, now: datetime
) -> tuple[ScimResponse, list[Effect]]:
    """Answer the request, and say what it did to people; `request.subject` holds the scopes.

    Raises SCIMException, or what `error_response` makes one of; then the caller rolls back.
    """
    _check_filter(request.query)
    if write_of(request):
        service.take_turn(session, client.id)
    if request.body and request.method in _DIALECTS:
        request.body = _plain(request)
    people = People(session, client, now=now)
    handler = ScimHandler(speaker(), SqlStorage(session, client.id, people, now=now))
    return handler.handle(request), people.effects


def error_response(error: Exception) -> ScimResponse:
    """Return the SCIM error for whatever went wrong (RFC 7644 section 3.12)."""
    if isinstance(error, TokenRefused):
        return _unauthorized(error)
    if isinstance(error, HTTPException):
        return _refused_before(error)
    if isinstance(error, OperationalError):
        log.error("the database does not answer: %s", complaint(error))
        return _failure(503, "The database does not answer", {"Retry-After": str(_RETRY_SECONDS)})
    found = _as_scim(error)
    if found is None:
        log.error("the request failed", exc_info=error)
        return _failure(500, "Foyer made a mistake; its log says which")
    response = speaker().error_response(found)
    if response.body and response.body.get("detail"):
        response.body["detail"] = _NOT_FOR_CLIENTS.sub("", response.body["detail"])
    return response


def _as_scim(error: Exception) -> SCIMException | None:
    """Return what a refusal is called in SCIM (RFC 7644 table 9); None for a mistake of ours."""
    if isinstance(error, SCIMException):
        return error
    if isinstance(error, Conflict):
        return UniquenessException(detail=str(error))
    if isinstance(error, IntegrityError):
        log.warning("a write met a constraint: %s", complaint(error))
        return UniquenessException(detail="Another write was quicker; send the request again")
    if isinstance(error, Invalid):
        return InvalidValueException(detail=str(error))
    if isinstance(error, DataError):
        return InvalidValueException(detail="The database cannot keep a value")
    return None


def _plain(request: ScimRequest) -> bytes:
    """Return the body in plain SCIM, whatever dialect it was in."""
    payload: Any = speaker().decode_body(request.body, request.header("Content-Type"))
    dialects.check_texts(payload)
    _check_filter(payload)
    return to_json(_DIALECTS[request.method](payload))


def _check_filter(asked: Any) -> None:
    """Raise InvalidFilterException for a filter that is longer than any directory asks."""
    parts = asked.items() if isinstance(asked, Mapping) else ()
    if any(len(str(value)) > _LONGEST_FILTER for name, value in parts if name.lower() == "filter"):
        why = f"A filter has at most {_LONGEST_FILTER} characters"
        raise InvalidFilterException(detail=why)


def _unauthorized(error: TokenRefused) -> ScimResponse:
    """Challenge as RFC 6750, section 3, says: `invalid_token` for one that was shown."""
    challenge = 'Bearer realm="SCIM"'
    if error.reason != "no bearer token":
        challenge += ', error="invalid_token"'
    return _failure(401, str(error), {"WWW-Authenticate": challenge})


def _refused_before(error: HTTPException) -> ScimResponse:
    """Put in SCIM what was refused on the way here, with headers such as Retry-After."""
    left_out = {"content-type", "content-length"}
    headers = {name: value for name, value in error.get_headers() if name.lower() not in left_out}
    return _failure(error.code or 500, error.name, headers)


def _failure(status: int, detail: str, headers: dict[str, str] | None = None) -> ScimResponse:
    body: dict[str, Any] = json.loads(Error(status=status, detail=detail).model_dump_json())
    return ScimResponse(HTTPStatus(status), body, dict(headers or {}))

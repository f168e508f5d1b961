"""The headers that several connectors send alike: HTTP Basic, and questions with a condition."""

import base64
from collections.abc import Mapping
from datetime import timedelta

from app.connectors.answers import Answer, http_date

_TELLS = timedelta(seconds=2)


def basic(user: str, password: str) -> Mapping[str, str]:
    """Return the header of HTTP Basic (RFC 7617), or none without a password."""
    if not password:
        return {}
    pair = base64.b64encode(f"{user}:{password}".encode()).decode()
    return {"Authorization": f"Basic {pair}"}


def conditions(kept: Mapping[str, str]) -> Mapping[str, str]:
    """Return the headers that ask for an answer only if it has changed (RFC 9110, 13.1).

    `kept` holds the marks of an earlier answer, as `marks` returned them.
    """
    asked = {"If-None-Match": kept.get("etag"), "If-Modified-Since": kept.get("modified")}
    return {name: value for name, value in asked.items() if value and value.isprintable()}


def marks(answer: Answer) -> Mapping[str, str]:
    """Return the marks by which to ask whether an answer has changed, empty where it has none.

    Marks of what changed in the very second of the answer are not kept: what changes later in
    that second would have the same ones (RFC 9110, 8.8.2.2; entity tags are often made of times).
    """
    headers = answer.headers
    changed, now = http_date(headers.get("last-modified", "")), answer.server_time
    if changed and now and now - changed < _TELLS:
        return {"etag": "", "modified": ""}
    return {"etag": headers.get("etag", ""), "modified": headers.get("last-modified", "")}

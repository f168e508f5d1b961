"""One structured line per request: id, endpoint, status, time, queries; nothing personal."""

import json
import logging
import secrets
import time
from datetime import UTC, datetime

from flask import Flask, Response, g, request

from app.web.unit_of_work import queries_so_far

log = logging.getLogger("foyer.request")
_FIELDS = ("request_id", "endpoint", "method", "status", "ms", "queries", "job")


class TextLines(logging.Formatter):
    """Formats a record as one line of text, so that no message passes for two (ASVS 5.0, 16.4.1).

    A trace follows on lines of its own. Times are in UTC and say so (16.2.2).
    """

    converter = staticmethod(time.gmtime)
    default_time_format = "%Y-%m-%dT%H:%M:%S"
    default_msec_format = "%s.%03dZ"

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802  (logging's name)
        """Return the line, with an escape for whatever does not print."""
        return "".join(
            one if one.isprintable() else one.encode("unicode_escape").decode("ascii")
            for one in super().formatMessage(record)
        )


class JsonLines(logging.Formatter):
    """Formats a record as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line = {"at": at, "level": record.levelname, "logger": record.name}
        line["message"] = record.getMessage()
        line |= {name: getattr(record, name) for name in _FIELDS if hasattr(record, name)}
        if record.exc_info:
            line["trace"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


def configure(level: str, form: str) -> None:
    """Send all log lines to standard error, as text or JSON."""
    handler = logging.StreamHandler()
    text = TextLines("%(asctime)s %(levelname)s %(name)s: %(message)s")
    handler.setFormatter(JsonLines() if form == "json" else text)
    logging.basicConfig(level=level, handlers=[handler], force=True)
    logging.getLogger("alembic").setLevel("WARNING")


def init_app(app: Flask) -> None:
    """Let each request be numbered, timed and logged."""
    app.before_request(_begin)
    app.after_request(_end)


def _begin() -> None:
    g.request_id = secrets.token_hex(6)
    g.began = time.perf_counter()


def _end(response: Response) -> Response:
    taken = round((time.perf_counter() - g.get("began", time.perf_counter())) * 1000, 1)
    response.headers["X-Request-Id"] = g.get("request_id", "-")
    if request.endpoint == "static":
        return response
    facts = {
        "request_id": g.get("request_id", "-"),
        "endpoint": request.endpoint or "-",
        "method": request.method,
        "status": response.status_code,
        "ms": taken,
        "queries": queries_so_far(),
    }
    log.info(
        "%(method)s %(endpoint)s %(status)s in %(ms)s ms with %(queries)s queries",
        facts,
        extra=facts,
    )
    return response

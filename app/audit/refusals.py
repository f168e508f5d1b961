"""Notes what readers were refused, a few times a minute for each, so that nobody floods the log.

What is left out is counted; the reader's next entry says how many there were.
"""

from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock
from typing import Any

from flask import Flask, current_app, request

from app import clock
from app.audit import trail
from app.web.viewer import viewer_or_none

EXTENSION = "foyer-refusals"
MOST = 5
_MINUTE = timedelta(minutes=1)
_MOST_KEYS = 10_000


@dataclass(slots=True)
class _Window:
    """One minute of somebody's refusals."""

    began: datetime
    written: int = 0
    left_out: int = 0


class Restraint:
    """Counts who was refused what in this process; when there are many, the oldest go."""

    def __init__(self) -> None:
        """Begin with nobody."""
        self._windows: OrderedDict[tuple[str, str], _Window] = OrderedDict()
        self._lock = Lock()

    def left_out(self, action: str, who: str, *, now: datetime) -> int | None:
        """Return how many were left out since the last entry; None to leave this one out too."""
        with self._lock:
            window = self._windows.setdefault((action, who), _Window(now))
            self._windows.move_to_end((action, who))
            if len(self._windows) > _MOST_KEYS:
                self._windows.popitem(last=False)
            if now - window.began >= _MINUTE:
                window.began, window.written = now, 0
            if window.written >= MOST:
                window.left_out += 1
                return None
            before, window.left_out = window.left_out, 0
            window.written += 1
            return before


def init_app(app: Flask) -> None:
    """Begin to count in this application."""
    app.extensions[EXTENSION] = Restraint()


def on_access_refused(_sender: Any, *, permission: str, **_more: Any) -> None:
    """Note that a reader asked for a page they may not know of."""
    _note("access.refused", permission=str(permission))


def on_too_many(_sender: Any, **facts: Any) -> None:
    """Note that somebody asked for something too often."""
    _note("access.too_many", **{name: str(value) for name, value in facts.items()})


def _note(action: str, **details: Any) -> None:
    """Note a refusal of this request, without the query of its address, unless there are many."""
    reader = viewer_or_none()
    who = str(reader.id) if reader else request.remote_addr or ""
    before: int | None = current_app.extensions[EXTENSION].left_out(action, who, now=clock.now())
    if before is None:
        return
    details |= {"endpoint": request.endpoint or "", "method": request.method}
    if before:
        details["left_out_before"] = before
    trail.note(action, subject=_asked_for(), outcome="refused", **details)


def _asked_for() -> str:
    """Return the path without its query; of a one-time link, which is a secret, only its form."""
    return str(request.url_rule) if "token" in (request.view_args or {}) else request.path

"""What the search page itself shows of connected tools, without asking any of them."""

import time

from flask import Flask, current_app

from app.discover import live, live_contexts
from app.discover.finding import Found
from app.discover.live import Heard, Memory, Scope
from app.discover.live_contexts import NOTHING, LiveParts
from app.harvest.live import anybody_to_ask
from app.harvest.reaching import Parts
from app.web.unit_of_work import db_session, resources
from app.web.viewer import viewer

HARVEST = "foyer-harvest"  # the parts that tests put in place of the application's own
_EXTENSION = "foyer-live"
_KNOWN_SECONDS = 15.0


class Live:
    """What one process remembers: whether there is anybody to ask, and what was heard."""

    def __init__(self) -> None:
        """Know nothing yet."""
        self.memory = Memory()
        self._anybody, self._until = False, 0.0

    def anybody(self) -> bool:
        """Tell whether any tool can be asked; looked up again every few seconds, not each time."""
        if time.monotonic() >= self._until:
            self._anybody = anybody_to_ask(db_session(), harvest_parts())
            self._until = time.monotonic() + _KNOWN_SECONDS
        return self._anybody


def init_app(app: Flask) -> None:
    """Give the application its memory."""
    app.extensions[_EXTENSION] = Live()


def remembered() -> Live:
    """Return what the current application remembers."""
    found: Live = current_app.extensions[_EXTENSION]
    return found


def harvest_parts() -> Parts:
    """Return what tools are asked with."""
    given: Parts | None = current_app.extensions.get(HARVEST)
    return given or Parts(resources().database, resources().vault)


def beside(found: Found) -> LiveParts:
    """Return what the page with these results shows: what was just heard, or the place for it."""
    ask, scope = found.ask, live.scope(found.ask)
    if scope is Scope.NOTHING or found.place or not remembered().anybody():
        return NOTHING
    if scope is Scope.FILTERED:
        return live_contexts.not_while_filtered()
    kept = remembered().memory.find(live.key_of(viewer(), ask))
    if kept is None:
        return live_contexts.to_be_asked(ask)
    return among(found, live.still_true(db_session(), kept.heard, viewer().tokens))


def among(found: Found, heard: Heard) -> LiveParts:
    """Return the live hits in their places among the results."""
    whole = found.results.shown <= len(found.results.hits)
    return live_contexts.among(found.ask, found.query, heard, found.results.hits, whole=whole)

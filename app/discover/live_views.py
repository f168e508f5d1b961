"""Connected tools on the search page: asked apart from it, so that no result waits for them.

The page has its own results at once and holds a place for the strip. htmx fills it from here, with
what is new below the results; the plain link in that place leads to the same page made whole. What
came back is kept for a moment, so that the same question again shows it where it belongs.
"""

from dataclasses import replace
from datetime import timedelta

from flask import Blueprint, current_app, g, request
from flask.typing import ResponseReturnValue

from app.discover import live, live_contexts
from app.discover.address import Ask
from app.discover.contexts import page_without_index, search_page
from app.discover.live import Kept, Scope
from app.discover.live_contexts import NOTHING, LiveParts
from app.discover.live_page import among, harvest_parts, remembered
from app.discover.views import finder, search_index
from app.harvest.live import DEADLINE, Asked, Said
from app.web.htmx import fragment, page, wanted_fragment
from app.web.i18n import language
from app.web.unit_of_work import db_session
from app.web.viewer import viewer
from search.errors import IndexMissing
from search.query import parse

bp = Blueprint("live", __name__)
_FOR_THE_PAGE = timedelta(milliseconds=80)  # of the deadline, to score and to write what came


@bp.before_request
def _mark() -> None:
    g.nav = "discover"


@bp.get("/discover/live")
def answers() -> ResponseReturnValue:
    """Show who answered and what is new: as the part that htmx asks for, else the whole page."""
    ask = replace(Ask.of(request.args), pin_to=None)
    if wanted_fragment(("live",)) is None:
        return _whole(ask)
    try:
        shown = _added(ask, again=request.args.get("again") == "1")
    except IndexMissing as missing:
        current_app.logger.error("live results have no index: %s", missing.reason)
        shown = NOTHING
    return fragment("discover/live.html", live=shown)


def _whole(ask: Ask) -> ResponseReturnValue:
    """Make the whole page; the index is asked while the tools are at it."""
    scope, shown = live.scope(ask), NOTHING
    asked = _asked(ask) if scope is Scope.ASKED else None
    try:
        found = finder().find(ask)
        seen = search_page(found)
        if asked is not None:
            shown = among(found, _kept(ask, asked).heard)
        elif scope is Scope.FILTERED:
            shown = live_contexts.not_while_filtered()
    except IndexMissing as missing:
        current_app.logger.error("the search page has no index: %s", missing.reason)
        seen = page_without_index(ask)
    return page(
        "discover/search.html", seen=seen, live=shown, search_text=seen.ask.text, whole=True
    )


def _added(ask: Ask, *, again: bool) -> LiveParts:
    """Return what is new for a page that is being read; with `again`, what came since."""
    if live.scope(ask) is not Scope.ASKED:
        return NOTHING
    kept = _heard_since(ask) if again else _kept(ask, _asked(ask))
    if kept is None:
        return NOTHING
    late = not again and kept.asked is not None
    return live_contexts.added(ask, parse(ask.text), kept.heard, again=late)


def _asked(ask: Ask) -> Kept | Asked:
    """Ask the tools now; what they said to this reader a moment ago counts too."""
    kept = remembered().memory.find(live.key_of(viewer(), ask))
    if kept is not None:
        return kept
    db_session().commit()  # while tools are waited for, nobody waits for this connection
    return live.begin(harvest_parts(), viewer(), ask)


def _kept(ask: Ask, asked: Kept | Asked) -> Kept:
    return asked if isinstance(asked, Kept) else _told(ask, asked)


def _heard_since(ask: Ask) -> Kept | None:
    """Take in what late tools have said since, and ask nobody anew."""
    kept = remembered().memory.find(live.key_of(viewer(), ask))
    return _told(ask, kept.asked) if kept and kept.asked else kept


def _told(ask: Ask, asked: Asked) -> Kept:
    """Keep what the tools say by the deadline, and the question while some are late."""
    said = asked.answers(DEADLINE - _FOR_THE_PAGE)
    request_ = finder().request(ask)
    found = live.heard(search_index(), request_, ask, said, [*dict.fromkeys((language(), "en"))])
    late = not asked.is_over and any(one.said is Said.LATE for one in said)
    return remembered().memory.keep(live.key_of(viewer(), ask), found, asked if late else None)

"""The search page, one address for every state, whole or as the part htmx asks for; items."""

from urllib.parse import parse_qsl, urlsplit

from flask import Blueprint, Response, current_app, g, request
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from app import clock
from app.access import Permission
from app.activity.via import via_of
from app.curation.queries import pages_to_read
from app.discover.address import Ask
from app.discover.contexts import SearchPage, address, page_without_index, search_page
from app.discover.finding import Finder
from app.discover.indexing import EXTENSION, SearchIndex
from app.discover.item import item_page
from app.discover.live_contexts import NOTHING, LiveParts
from app.discover.live_page import beside
from app.foryou.liking import liking
from app.foryou.whynot import why_not, why_not_on
from app.web.htmx import page, wanted_fragment
from app.web.i18n import language, today
from app.web.unit_of_work import db_session
from app.web.viewer import viewer
from search.errors import IndexMissing

bp = Blueprint("discover", __name__)
_FRAGMENTS = ("results",)


@bp.before_request
def _mark() -> None:
    g.nav = "discover"


@bp.get("/discover")
def search() -> ResponseReturnValue:
    """Show what the address asks for."""
    seen, live = _answer(Ask.of(request.args))
    whole = wanted_fragment(_FRAGMENTS) is None
    response = page(
        "discover/search.html",
        fragments=_FRAGMENTS,
        also=("facets",),
        seen=seen,
        live=live,
        search_text=seen.ask.text,
        whole=whole,
    )
    return response if whole else _moved(response, seen.ask)


@bp.get("/items/<int(max=2147483647):item_id>")
def item(item_id: int) -> ResponseReturnValue:
    """Show one item that the reader may see."""
    before = request.args.get("instead_of", "")
    about = item_page(
        db_session(),
        viewer(),
        item_id,
        via=via_of(request),
        instead_of=int(before) if is_id(before) else None,
    )
    return page("discover/item.html", about=about)


@bp.get("/items/<int(max=2147483647):item_id>/why")
def why(item_id: int) -> ResponseReturnValue:
    """Say why an item is not recommended to the reader, or that it is.

    A curator may ask for the readers of a role's page besides: `?page=` and the slug of the role.
    """
    me, slug = viewer(), request.args.get("page", "")
    answer = why_not(db_session(), me, item_id, now=clock.now())
    curates = me.may(Permission.CURATE)
    readers = why_not_on(db_session(), me, item_id, slug=slug) if curates and slug else ""
    pages = pages_to_read(db_session(), tokens=me.tokens) if curates else []
    return page(
        "discover/why.html",
        fragments=("why_not",),
        answer=answer,
        readers=readers,
        pages=[(each.role.slug, each.role.name, each.role.slug == slug) for each in pages],
    )


def is_id(text: str) -> bool:
    """Tell whether a text from an address is the id of a row."""
    return text.isascii() and text.isdigit() and len(text) < 10


def search_index() -> SearchIndex:
    """Return the search index of the current application."""
    found: SearchIndex = current_app.extensions[EXTENSION]
    return found


def finder() -> Finder:
    """Return who asks the index on behalf of the reader of the current request."""
    session, reader = db_session(), viewer()
    return Finder(
        session,
        search_index(),
        reader,
        today(),
        frozenset({language(), "en"}),
        lambda: liking(session, reader),
    )


def _answer(ask: Ask) -> tuple[SearchPage, LiveParts]:
    try:
        found = finder().find(ask)
        return search_page(found), beside(found)
    except IndexMissing as missing:
        current_app.logger.error("the search page has no index: %s", missing.reason)
        return page_without_index(ask), NOTHING


def _moved(response: Response, ask: Ask) -> Response:
    """Tell htmx the address of what it got; letters of one word make one entry of history."""
    kind = "HX-Replace-Url" if ask.continues(_asked_before()) else "HX-Push-Url"
    response.headers[kind] = address(ask)
    return response


def _asked_before() -> Ask:
    """Return what the address in the reader's browser asks for."""
    try:
        query = urlsplit(request.headers.get("HX-Current-URL", "")).query
    except ValueError:
        query = ""
    return Ask.of(MultiDict(parse_qsl(query)))

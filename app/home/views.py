"""The first page, made for its reader, all that is recommended to them, and why."""

from collections.abc import Iterable

from flask import Blueprint, g, redirect, request, url_for
from flask.typing import ResponseReturnValue

from app import clock
from app.catalogue.lookup import items_called, typed
from app.foryou.here import Here, here_of
from app.foryou.whynot import why_not
from app.home import contexts
from app.home.for_you import card_instead, for_you_page
from app.playlists.undoing import undo_in
from app.web.htmx import fragment, is_htmx, page
from app.web.i18n import today
from app.web.unit_of_work import config, db_session
from app.web.viewer import viewer

bp = Blueprint("home", __name__)
MOST_FOUND = 12
_MOST_SHOWN = 200
_LARGEST_ID = 2**31 - 1


@bp.before_request
def _mark() -> None:
    g.nav = "home"


@bp.get("/")
def index() -> ResponseReturnValue:
    """Show where the reader left off, what may be for them, and what their curators pinned."""
    shown = contexts.home_page(db_session(), viewer(), here=_here(), now=clock.now(), today=today())
    undo = undo_in(request.args, back_to=url_for("home.index"))
    return page("home/index.html", fragments=("shelves",), shown=shown, undo=undo)


@bp.get("/for-you")
def for_you() -> ResponseReturnValue:
    """Show all that is recommended, for the time that the reader says they have."""
    shown = for_you_page(db_session(), viewer(), here=_here(), now=clock.now())
    return page("home/for_you.html", fragments=("shelves",), shown=shown)


@bp.get("/for-you/next")
def next_card() -> ResponseReturnValue:
    """Show the card that takes the place of one that was dismissed; only htmx asks for it."""
    if not is_htmx():
        return redirect(url_for("home.for_you"), code=303)
    given = request.args
    shelf, cause = given.get("shelf", ""), _ids(given.getlist("cause"))
    card = card_instead(
        db_session(),
        viewer(),
        shelf,
        here=_here(),
        now=clock.now(),
        shown=_ids(given.getlist("shown")),
        cause=next(iter(cause), None),
    )
    return fragment("home/_next.html", card=card, shelf=shelf, given=given)


@bp.get("/why")
def why() -> ResponseReturnValue:
    """Explain what the recommendations draw on, and why an item is not among them."""
    shown = contexts.why_page(db_session(), viewer(), now=clock.now(), today=today())
    text = typed(request.args.get("item", ""))
    found = items_called(db_session(), text, tokens=viewer().tokens, limit=MOST_FOUND)
    one = found[0].id if len(found) == 1 else None
    answer = why_not(db_session(), viewer(), one, now=clock.now()) if one else None
    return page(
        "home/why.html",
        shown=shown,
        text=text,
        found=found,
        answer=answer,
        fewest=config().min_group_size,
    )


def _here() -> Here:
    return here_of(request.args, request.headers, request.host)


def _ids(texts: Iterable[str]) -> list[int]:
    """Return the ids in these texts, which hold one each or several with commas between."""
    found = ",".join(texts).split(",")[:_MOST_SHOWN]
    ids = [int(text) for text in found if text.isascii() and text.isdigit() and len(text) < 11]
    return [each for each in ids if 0 < each <= _LARGEST_ID]

"""Saving, finishing, liking, rating, dismissing and opening items.

The same form stands on cards, in search results and on the item's own page; through htmx each is
answered with the part that held it, which the id of the target names.
"""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from app import clock
from app.activity import instead, launches, service
from app.activity.cards import cards_by_id
from app.activity.forms import RatingForm
from app.activity.opinions import Opinion, opinion_of
from app.activity.telling import by_hand
from app.catalogue import queries as catalogue
from app.catalogue.successors import successor_of
from app.errors import NotAllowed, NotFound
from app.models import Item
from app.web.forms import back_to, valid
from app.web.htmx import fragment, is_htmx
from app.web.i18n import today
from app.web.unit_of_work import config, db_session
from app.web.viewer import viewer

bp = Blueprint("activity", __name__)
_PARTS = ("save", "actions", "card")
_PREFETCH = ("Purpose", "Sec-Purpose", "X-Moz")


def item_or_404(item_id: int) -> Item:
    """Return the item if this reader may see it; raise NotFound otherwise."""
    item = catalogue.visible_item(db_session(), item_id, tokens=viewer().tokens)
    if item is None:
        raise NotFound("There is no such item for you.")
    return item


@bp.get("/go/<int(max=2147483647):item_id>")
def go(item_id: int) -> ResponseReturnValue:
    """Go through to the item in its tool and record one launch (never for HEAD or a prefetch).

    `?in=app` goes to the tool's app, where the item has an address in it. What cannot be opened is
    answered with what is known of it and what to do instead; of what is retired and has a
    successor, with the page of that.
    """
    door = launches.door_to(db_session(), item_or_404(item_id))
    following = successor_of(db_session(), door.item, tokens=viewer().tokens)
    if following is not None:
        to = url_for("discover.item", item_id=following.id, instead_of=item_id)
        return _unseen(redirect(to, code=303))
    link = None if door.closed else launches.link_to(door)
    if link is None:
        seen = instead.in_place_of(db_session(), viewer(), door)
        return render_template("activity/gone.html", seen=seen), 410
    if request.method == "HEAD" or _is_prefetch():
        return _unseen(Response(status=204))
    via = request.args.get("via", "")
    service.launch(db_session(), viewer().id, door.item, now=clock.now(), via=via)
    if door.launcher and door.connection:
        return _unseen(door.launcher(db_session(), viewer(), door.item, door.connection))
    in_app = request.args.get("in") == "app"
    return _unseen(redirect((in_app and link.app_url) or link.url, code=303))


@bp.post("/items/<int(max=2147483647):item_id>/save")
def save(item_id: int) -> ResponseReturnValue:
    """Put the item into the reader's library."""
    return _change(item_id, service.save, now=clock.now())


@bp.post("/items/<int(max=2147483647):item_id>/unsave")
def unsave(item_id: int) -> ResponseReturnValue:
    """Take the item out of the reader's library."""
    return _change(item_id, service.unsave)


@bp.post("/items/<int(max=2147483647):item_id>/done")
def done(item_id: int) -> ResponseReturnValue:
    """Mark the item done, where no tool can tell."""
    item = item_or_404(item_id)
    service.complete_by_hand(db_session(), viewer().id, item, now=clock.now(), today=today())
    return _answered(item_id)


@bp.post("/items/<int(max=2147483647):item_id>/undone")
def undone(item_id: int) -> ResponseReturnValue:
    """Take back that the item is done, unless a tool told so."""
    item = item_or_404(item_id)
    service.uncomplete_by_hand(db_session(), viewer().id, item, now=clock.now(), today=today())
    return _answered(item_id)


@bp.post("/items/<int(max=2147483647):item_id>/dismiss")
def dismiss(item_id: int) -> ResponseReturnValue:
    """Never recommend the item to this reader again."""
    return _change(item_id, service.dismiss, now=clock.now())


@bp.post("/items/<int(max=2147483647):item_id>/undismiss")
def undismiss(item_id: int) -> ResponseReturnValue:
    """Take a dismissal back."""
    return _change(item_id, service.undismiss, now=clock.now())


@bp.post("/items/<int(max=2147483647):item_id>/like")
def like(item_id: int) -> ResponseReturnValue:
    """Say that the item was helpful."""
    return _change(item_id, service.like, now=clock.now())


@bp.post("/items/<int(max=2147483647):item_id>/unlike")
def unlike(item_id: int) -> ResponseReturnValue:
    """Take back that the item was helpful."""
    return _change(item_id, service.unlike, now=clock.now())


@bp.post("/items/<int(max=2147483647):item_id>/rate")
def rate(item_id: int) -> ResponseReturnValue:
    """Give the item stars."""
    item_or_404(item_id)
    if not _opinion(item_id).may_rate:
        raise NotAllowed(_("Open it or finish it first, then say what you think of it."))
    given = valid(RatingForm()).data
    return _change(
        item_id,
        service.rate,
        stars=int(given["stars"]),
        why=given["why"] or "",
        named=given["named"],
        now=clock.now(),
    )


@bp.post("/items/<int(max=2147483647):item_id>/unrate")
def unrate(item_id: int) -> ResponseReturnValue:
    """Take the stars back."""
    return _change(item_id, service.unrate, now=clock.now())


def _unseen(response: BaseResponse) -> BaseResponse:
    """Return the answer so that no cache keeps it and no tool is told where the reader was."""
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


def _change(item_id: int, write: Callable[..., None], **values: Any) -> ResponseReturnValue:
    """Write one change of state and answer with the part of the page that asked for it."""
    item_or_404(item_id)
    write(db_session(), viewer().id, item_id, **values)
    return _answered(item_id)


def _answered(item_id: int) -> ResponseReturnValue:
    if not is_htmx():
        return back_to(url_for("discover.item", item_id=item_id))
    return _part(item_id)


def _part(item_id: int) -> Response:
    """Render what the target names; a target of another page's own is told to load again."""
    part = request.headers.get("HX-Target", "").partition("_")[0]
    card = cards_by_id(db_session(), [item_id], person_id=viewer().id, tokens=viewer().tokens).get(
        item_id
    )
    if card is None or part not in _PARTS:
        return Response(status=204, headers={"HX-Refresh": "true"})
    if part != "actions":
        return fragment("activity/_part.html", part=part, card=card)
    return fragment(
        "activity/_part.html",
        part=part,
        card=card,
        opinion=_opinion(item_id),
        by_hand=by_hand(db_session(), viewer().id, item_id, today=today()),
    )


def _opinion(item_id: int) -> Opinion:
    at_least = config().min_group_size
    return opinion_of(db_session(), viewer().id, item_id, at_least=at_least)


def _is_prefetch() -> bool:
    return any("prefetch" in request.headers.get(name, "") for name in _PREFETCH)

"""The curators' pages about links: which want a look, and what is known of one of them."""

from flask import Blueprint, current_app, flash, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app import clock
from app.errors import NotFound
from app.links import queries, service, words
from app.links.telling import who_answers_for
from app.models import LinkCheck, LinkState
from app.web.htmx import page
from app.web.paging import Paging, page_links, page_number
from app.web.unit_of_work import db_session
from app.web.viewer import viewer

bp = Blueprint("links", __name__)
JOBS = "foyer-jobs"
_ITEM = "/<int(max=2147483647):item_id>"
_SIZE = 30


@bp.before_request
def _mark() -> None:
    g.nav = "curate"


@bp.get("")
def index() -> ResponseReturnValue:
    """List the links that want a look, or those of one state; of all tools or of one."""
    me, paging = viewer(), Paging(page_number(200), _SIZE, 0)
    state, tool = request.args.get("state", "")[:20], request.args.get("tool", "")[:80]
    state = state if state in set(LinkState) else ""
    found = queries.links_to_look_at(
        db_session(), tokens=me.tokens, state=state, tool=tool, offset=paging.offset, limit=_SIZE
    )
    return page(
        "links/index.html",
        fragments=("results",),
        found=found,
        state=state,
        tool=tool,
        tools=queries.tools_with_links(db_session(), tokens=me.tokens),
        links=page_links(Paging(paging.number, _SIZE, found.total)),
        words=words,
    )


@bp.get(_ITEM)
def show(item_id: int) -> ResponseReturnValue:
    """Show what is known of one link, and the last checks in words."""
    link = _link_or_404(item_id)
    people = queries.names_of(db_session(), who_answers_for(db_session(), link.item))
    return page(
        "links/show.html",
        link=link,
        item=link.item,
        history=queries.history_of(link),
        pages=queries.pages_with(db_session(), item_id),
        people=people,
        months=service.MONTHS,
        is_fine=bool(link.fine_until and link.fine_until > clock.now().date()),
        words=words,
    )


@bp.post(f"{_ITEM}/check")
def check(item_id: int) -> ResponseReturnValue:
    """Let a link be checked now."""
    service.check_soon(db_session(), item_id, tokens=viewer().tokens, now=clock.now())
    db_session().commit()
    current_app.extensions[JOBS].check_links_soon()
    flash(_("Foyer looks at it now. What it finds appears here within a few minutes."))
    return _back(item_id)


@bp.post(f"{_ITEM}/fine")
def fine(item_id: int) -> ResponseReturnValue:
    """Take a link for live for some months, because the curator has opened it."""
    me, text = viewer(), request.form.get("months", "")
    service.call_fine(
        db_session(),
        item_id,
        months=int(text) if text.isascii() and text.isdigit() and len(text) < 4 else 0,
        by=me.id,
        name=me.name,
        tokens=me.tokens,
        now=clock.now(),
    )
    flash(_("Thank you. Until then it counts as working."))
    return _back(item_id)


@bp.post(f"{_ITEM}/address")
def take_address(item_id: int) -> ResponseReturnValue:
    """Let the item lead to the address to which it has moved."""
    address = request.form.get("address", "")
    service.take_address(db_session(), item_id, address, tokens=viewer().tokens, now=clock.now())
    flash(_("The item leads to its new address now."))
    return _back(item_id)


def _back(item_id: int) -> ResponseReturnValue:
    return redirect(url_for(".show", item_id=item_id), code=303)


def _link_or_404(item_id: int) -> LinkCheck:
    found = queries.link_with_item(db_session(), item_id, tokens=viewer().tokens, now=clock.now())
    if found is None:
        raise NotFound(_("There is no such link for you."))
    return found

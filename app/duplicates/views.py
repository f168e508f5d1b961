"""The curators' pages about duplicates: what is taken for one thing, and what was told apart."""

from flask import Blueprint, flash, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app import clock
from app.duplicates import queries, service
from app.duplicates.forms import MergeForm, SeenForm
from app.duplicates.queries import Cluster
from app.errors import NotFound
from app.web.forms import back_to, valid
from app.web.htmx import page
from app.web.paging import Paging, page_links, page_number
from app.web.unit_of_work import db_session
from app.web.viewer import viewer

bp = Blueprint("duplicates", __name__)
_ITEM = "/items/<int(max=2147483647):item_id>"
_SIZE = 20
_MOST_FOUND = 20
_LONGEST = 200


@bp.before_request
def _mark() -> None:
    g.nav = "curate"


@bp.get("")
def index() -> ResponseReturnValue:
    """List what is taken for one thing, and why; by tool and by words of the title."""
    me, paging = viewer(), Paging(page_number(2000), _SIZE, 0)
    tool, text = request.args.get("tool", "")[:80], _words()
    found = queries.clusters(
        db_session(), tokens=me.tokens, tool=tool, text=text, offset=paging.offset, limit=_SIZE
    )
    return page(
        "duplicates/index.html",
        fragments=("results",),
        found=found,
        links=page_links(Paging(paging.number, _SIZE, found.total)),
        tools=queries.tools_with_duplicates(db_session(), tokens=me.tokens),
        tool=tool,
        text=text,
    )


@bp.get("/apart")
def apart() -> ResponseReturnValue:
    """List what curators have told apart, so that it can be taken back."""
    paging = Paging(page_number(2000), _SIZE, 0)
    found = queries.told_apart(
        db_session(), tokens=viewer().tokens, offset=paging.offset, limit=_SIZE
    )
    links = page_links(Paging(paging.number, _SIZE, found.total))
    return page("duplicates/apart.html", found=found, links=links)


@bp.post(f"{_ITEM}/split")
def split(item_id: int) -> ResponseReturnValue:
    """Keep that an item is different from those that it stood with."""
    me, form = viewer(), valid(SeenForm())
    service.split(db_session(), item_id, seen=form.ids, by=me.id, tokens=me.tokens, now=clock.now())
    flash(_("Done: they are kept apart, however often the tools are read."))
    return back_to(url_for(".index"))


@bp.get(f"{_ITEM}/merge")
def choose(item_id: int) -> ResponseReturnValue:
    """Ask which other item is the same, by its title, its address here or its number."""
    cluster = _cluster_or_404(item_id)
    item = next(member for member in cluster.members if member.id == item_id)
    text = _words() or item.title[:_LONGEST]
    return page(
        "duplicates/choose.html",
        fragments=("results",),
        item=item,
        cluster=cluster,
        text=text,
        found=queries.groups_called(
            db_session(),
            text,
            tokens=viewer().tokens,
            without=cluster.ids,
            limit=_MOST_FOUND,
        ),
    )


@bp.post(f"{_ITEM}/merge")
def merge(item_id: int) -> ResponseReturnValue:
    """Keep that two items are the same."""
    me, form = viewer(), valid(MergeForm())
    service.merge(
        db_session(),
        item_id,
        form.other.data,
        seen=form.ids,
        by=me.id,
        tokens=me.tokens,
        now=clock.now(),
    )
    flash(_("Done: they count as one, however often the tools are read."))
    return redirect(url_for(".choose", item_id=item_id), code=303)


def _cluster_or_404(item_id: int) -> Cluster:
    found = queries.cluster_of(db_session(), item_id, tokens=viewer().tokens)
    if found is None:
        raise NotFound(_("There is no such item for you."))
    return found


def _words() -> str:
    """Return the words that the reader looks for, as one line."""
    return " ".join(request.args.get("q", "").replace("\0", "").split())[:_LONGEST]

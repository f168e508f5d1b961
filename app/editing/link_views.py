"""Pinning from anywhere: an item, a pasted address, or the page that a bookmarklet was clicked on.

A GET looks only into the catalogue; another system's page is read when the curator asks for it.
"""

from typing import Any
from urllib.parse import quote

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.audit.trail import note
from app.catalogue.queries import visible_item
from app.editing.blueprint import bp
from app.editing.forms import PinForm, one_line
from app.editing.linking import (
    back_address,
    known_item,
    made_item,
    pin_to,
    places,
    read_facts,
    refuse_link,
    said_of,
    show_link,
)
from app.editing.links import checked_address
from app.errors import Invalid, NotFound
from app.models import Item
from app.web.htmx import fragment, is_htmx, page
from app.web.unit_of_work import config, db_session
from app.web.viewer import viewer


@bp.get("/curate/pin")
def pin() -> ResponseReturnValue:
    """Ask where to pin an item, or what a pasted address is; look it up in the catalogue alone."""
    item_id, url = request.args.get("item", type=int), request.args.get("url", "")
    if item_id is not None and 0 < item_id < 2**31:
        return _ask_where(_item_or_404(item_id))
    if not url:
        return _ask_address()
    try:
        url = checked_address(url)
    except Invalid as invalid:
        return _ask_address(url, said_of(invalid)["url"])
    found = known_item(url)
    if found is not None:
        return _ask_where(found, known=True)
    title = one_line(request.args.get("title", ""))[:500]
    return page("editing/unread.html", url=url, title=title, back=back_address())


@bp.post("/curate/pin/read")
def read() -> ResponseReturnValue:
    """Read a page, and show what it says of itself to be corrected; or the item that it is."""
    try:
        url = checked_address(request.form.get("url", ""))
    except Invalid as invalid:
        return _ask_address(request.form.get("url", ""), said_of(invalid)["url"], status=422)
    found = known_item(url)
    if found is not None:
        return redirect(
            url_for("editing.pin", item=found.id, back=back_address() or None), code=303
        )
    return show_link(url, read_facts(url), action=url_for("editing.add_link"))


@bp.post("/curate/pin/link")
def add_link() -> ResponseReturnValue:
    """Make an item of a page; where it is pinned too, show the draft, to be published."""
    made = made_item()
    if made.item is None:
        return refuse_link(made, action=url_for("editing.add_link"))
    note("editing.add_link", subject=f"item {made.item.id} “{made.item.title}”")
    flash(made.said)
    draft = url_for("curation.edit", slug=made.slug) if made.slug else ""
    there = draft or url_for("discover.item", item_id=made.item.id)
    return redirect(back_address() or there, code=303)


@bp.post("/curate/items/<int(max=2147483647):item_id>/pin")
def pin_item(item_id: int) -> ResponseReturnValue:
    """Pin an item to the draft of a page."""
    item, form = _item_or_404(item_id), PinForm()
    if not form.validate():
        return _ask_where(item, form=form, status=422)
    said, slug = pin_to(form.section.data, item, form.note.data)
    if is_htmx():
        return fragment("editing/_pinned.html", said=said, slug=slug)
    flash(said)
    return redirect(back_address() or url_for("curation.edit", slug=slug), code=303)


@bp.get("/curate/bookmarklet")
def bookmarklet() -> ResponseReturnValue:
    """Explain the bookmarklet, a link to be dragged into the browser's bar."""
    place = quote(config().base_url + url_for("editing.pin"), safe=":/[]")
    script = (
        f"javascript:void(open('{place}?url='+encodeURIComponent(location.href)"
        "+'&title='+encodeURIComponent(document.title.slice(0,300)),'_blank','noopener'))"
    )
    return page("editing/bookmarklet.html", script=script)


def _ask_where(
    item: Item, *, known: bool = False, form: PinForm | None = None, status: int = 200
) -> ResponseReturnValue:
    context: dict[str, Any] = {
        "item": item,
        "known": known,
        "form": form or PinForm(formdata=None),
        "places": places(item.id),
        "back": back_address(),
    }
    if is_htmx():
        return fragment("editing/_pin_form.html", status=status, **context)
    return page("editing/pin.html", status=status, **context)


def _ask_address(url: str = "", error: str = "", status: int = 200) -> ResponseReturnValue:
    return page("editing/paste.html", url=url, error=error, back=back_address(), status=status)


def _item_or_404(item_id: int) -> Item:
    item = visible_item(db_session(), item_id, tokens=viewer().tokens)
    if item is None:
        raise NotFound(_("There is no such item for you."))
    return item

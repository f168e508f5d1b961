"""Retiring an item: what takes its place, who is touched by it, and the way back."""

from flask import Response, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from app import clock
from app.care import retiring, uses
from app.care.blueprint import bp
from app.care.item_views import item_or_404
from app.care.retiring import Followed
from app.catalogue.lookup import items_called, typed
from app.catalogue.successors import successor_of
from app.errors import Invalid
from app.models import Item, Status
from app.sums import told
from app.web.errors import translated
from app.web.htmx import page
from app.web.unit_of_work import config, db_session
from app.web.viewer import viewer

_RETIRE = "/curate/items/<int(max=2147483647):item_id>/retire"
_MOST = 10


@bp.get(_RETIRE)
def retire(item_id: int) -> ResponseReturnValue:
    """Show where an item is used, and ask what takes its place; of a retired one, what does."""
    return _shown(item_or_404(item_id))


@bp.post(_RETIRE)
def retire_now(item_id: int) -> ResponseReturnValue:
    """Retire the item, with the successor that was chosen or without."""
    found = item_or_404(item_id)
    text = request.form.get("successor", "")
    known = text.isascii() and text.isdigit() and len(text) < 10
    me = viewer()
    try:
        followed = retiring.retire(
            db_session(),
            item_id,
            successor_id=int(text) if known else None,
            by=me.id,
            tokens=me.tokens,
            now=clock.now(),
        )
    except Invalid as wrong:
        return _shown(found, translated(next(iter(wrong.fields.values()))))
    flash(_said(followed))
    return redirect(url_for(".retire", item_id=item_id), code=303)


@bp.post("/curate/items/<int(max=2147483647):item_id>/bring-back")
def bring_back(item_id: int) -> ResponseReturnValue:
    """Offer a retired item again, and put back what had followed to its successor."""
    me = viewer()
    back = retiring.bring_back(db_session(), item_id, by=me.id, tokens=me.tokens, now=clock.now())
    said = [_("It is offered again."), _pins(back.pins), _steps(back.steps)]
    flash(" ".join(part for part in said if part))
    return redirect(url_for(".item", item_id=item_id), code=303)


def _shown(found: Item, error: str = "") -> Response:
    session, me = db_session(), viewer()
    retired = found.status == Status.RETIRED.value
    text = typed(request.args.get("q", ""))
    if retired:
        others: list[Item] = []
    elif text:
        others = _called(found, text)
    else:
        others = uses.suggested(session, found, tokens=me.tokens)
    used = uses.uses_of(session, found.id, now=clock.now())
    return page(
        "care/retire.html",
        fragments=("results",),
        status=422 if error else 200,
        item=found,
        retired=retired,
        successor=successor_of(session, found, tokens=me.tokens) if retired else None,
        uses=used,
        people=told(used.people, fewest=config().min_group_size),
        at_least=config().min_group_size,
        text=text,
        others=others,
        for_all=uses.everybody_sees(session, found, others) if others else frozenset(),
        error=error,
    )


def _called(found: Item, text: str) -> list[Item]:
    """Return the live items that a text names, but the item itself."""
    called = items_called(db_session(), text, tokens=viewer().tokens, limit=3 * _MOST)
    live = [one for one in called if one.status == Status.LIVE.value and one.id != found.id]
    return live[:_MOST]


def _said(followed: Followed) -> str:
    parts = [_("It is retired."), _pins(followed.pins), _steps(followed.steps)]
    groups = told(followed.people, fewest=config().min_group_size)
    if groups:
        parts.append(ngettext("%(num)s person is told.", "%(num)s people are told.", groups))
    else:
        parts.append(_("Everybody who saved it or is under way with it is told."))
    return " ".join(part for part in parts if part)


def _pins(number: int) -> str:
    if not number:
        return ""
    return ngettext("%(num)s pin follows.", "%(num)s pins follow.", number)


def _steps(number: int) -> str:
    if not number:
        return ""
    return ngettext("%(num)s step follows.", "%(num)s steps follow.", number)

"""The review queue: looked through with keys or buttons, each decision undone again."""

from collections.abc import Callable
from typing import Any

from flask import Response, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app import clock
from app.care import deeds
from app.care.blueprint import bp
from app.care.contexts import ALL, MINE, NAMES, Asked, review_page
from app.errors import NotFound
from app.web.htmx import page, wanted_fragment
from app.web.paging import page_number
from app.web.unit_of_work import db_session
from app.web.viewer import viewer

_QUEUE = "/curate/review"
_FRAGMENTS = ("results",)


@bp.get(_QUEUE)
def review() -> ResponseReturnValue:
    """Show what wants a look, the most urgent first."""
    return _shown(request.args.get("did", ""))


@bp.post(f"{_QUEUE}/keep")
def keep() -> ResponseReturnValue:
    """Keep the items that are named: they were looked at and stay."""
    me = viewer()
    return _decided(
        lambda: deeds.keep(
            db_session(),
            _items(),
            by=me.id,
            tokens=me.tokens,
            now=clock.now(),
            only_due=request.form.get("only") == "due",
        )
    )


@bp.post(f"{_QUEUE}/later")
def put_off() -> ResponseReturnValue:
    """Leave the items that are named out of the queue for two weeks."""
    me = viewer()
    return _decided(
        lambda: deeds.put_off(db_session(), _items(), by=me.id, tokens=me.tokens, now=clock.now())
    )


@bp.post(f"{_QUEUE}/undo")
def undo() -> ResponseReturnValue:
    """Take the last decision back."""
    batch = request.form.get("batch", "")[:32]

    def taken_back() -> str:
        deeds.undo(db_session(), batch, by=viewer().id, now=clock.now())
        return ""

    return _decided(taken_back, _("Taken back."))


def _decided(decide: Callable[[], str], said: str = "") -> ResponseReturnValue:
    """Do it and show the queue again; what is not there any more is said in its place."""
    did = ""
    try:
        did = decide()
    except NotFound as gone:
        said = str(gone)
    if wanted_fragment(_FRAGMENTS):
        return _shown(did, said)
    if said:
        flash(said)
    known = {name: request.args.get(name) for name in ("tool", "reason", "whose", "page")}
    arguments: dict[str, Any] = {**known, "did": did or None}
    return redirect(url_for(".review", **arguments), code=303)


def _shown(did: str, said: str = "") -> Response:
    whose = request.args.get("whose", "")
    asked = Asked(
        tool=request.args.get("tool", "")[:80],
        reason=request.args.get("reason", "") if request.args.get("reason") in NAMES else "",
        whose=whose if whose in {MINE, ALL} else "",
        number=page_number(),
        did=did[:32],
    )
    seen = review_page(db_session(), viewer(), asked)
    return page("care/review.html", fragments=_FRAGMENTS, seen=seen, said=said)


def _items() -> list[int]:
    """Return the items that the form names; what is no number is none."""
    texts = request.form.getlist("item")[: deeds.MOST_AT_ONCE]
    return [int(text) for text in texts if text.isascii() and text.isdigit() and len(text) < 10]

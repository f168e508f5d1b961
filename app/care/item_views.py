"""Who looks after one item, when it is looked at next, and when it leaves."""

from dataclasses import dataclass
from datetime import date

from flask import flash, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app import clock
from app.care import caring
from app.care.blueprint import bp
from app.care.caring import Shown
from app.care.rules import FIELDS
from app.catalogue.queries import visible_item
from app.errors import Invalid, NotFound
from app.models import Item
from app.web.errors import translated
from app.web.forms import back_to
from app.web.htmx import page
from app.web.unit_of_work import db_session
from app.web.viewer import viewer

_CARE = "/curate/items/<int(max=2147483647):item_id>/care"


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """The fields of the form as they were typed or are kept; an empty `owner` is nobody."""

    owner: str
    review_on: str
    sunset_on: str
    by_hand: frozenset[str]


@bp.get(_CARE)
def item(item_id: int) -> ResponseReturnValue:
    """Show who looks after an item and its dates, each by a rule or by hand."""
    found = item_or_404(item_id)
    shown = caring.shown(db_session(), found, now=clock.now())
    return _page(found, shown, _kept(shown))


@bp.post(_CARE)
def change(item_id: int) -> ResponseReturnValue:
    """Keep what was set by hand; what is left to the rules follows them at once."""
    found = item_or_404(item_id)
    typed = _typed(_kept(caring.shown(db_session(), found, now=clock.now())))
    try:
        wanted = caring.wanted(
            owner=typed.owner,
            review_on=typed.review_on,
            sunset_on=typed.sunset_on,
            by_hand=typed.by_hand,
        )
        caring.change(db_session(), found, wanted, now=clock.now())
    except Invalid as wrong:
        shown = caring.shown(db_session(), found, now=clock.now())
        errors = {name: translated(text) for name, text in wrong.fields.items()}
        return _page(found, shown, typed, errors)
    flash(_("Your changes are saved."))
    return back_to(url_for(".item", item_id=item_id))


def item_or_404(item_id: int) -> Item:
    """Return an item that the curator may see, live or retired; raise NotFound otherwise."""
    return _seen(db_session(), item_id)


def _seen(session: Session, item_id: int) -> Item:
    found = visible_item(session, item_id, tokens=viewer().tokens)
    if found is None:
        raise NotFound(_("There is no such item for you."))
    return found


def _page(
    found: Item, shown: Shown, typed: Typed, errors: dict[str, str] | None = None
) -> ResponseReturnValue:
    return page(
        "care/item.html",
        fragments=("care",),
        status=422 if errors else 200,
        item=found,
        shown=shown,
        typed=typed,
        errors=errors or {},
    )


def _kept(shown: Shown) -> Typed:
    return Typed(
        owner=str(shown.owner_id or ""),
        review_on=_text(shown.review_on),
        sunset_on=_text(shown.sunset_on),
        by_hand=shown.by_hand,
    )


def _typed(kept: Typed) -> Typed:
    """Return what the form says; a value that was changed is set by hand, whatever else it says."""
    values = {name: request.form.get(name, "")[:20] for name in ("owner", "review_on", "sunset_on")}
    chosen = {name for name in FIELDS if request.form.get(f"how_{name}") == "hand"}
    changed = {
        field
        for field, name in zip(FIELDS, values, strict=True)
        if field not in kept.by_hand and values[name] not in ("", getattr(kept, name))
    }
    return Typed(**values, by_hand=frozenset(chosen | changed))


def _text(day: date | None) -> str:
    return day.isoformat() if day else ""

"""Readers' reports of problems and of what they did not find, and curators' answers."""

from flask import Blueprint, flash, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app import clock
from app.catalogue.queries import visible_item
from app.errors import NotFound
from app.governance import queries, service
from app.governance.forms import PROBLEMS, ReportForm
from app.models import Item
from app.web.htmx import fragment, is_htmx, page
from app.web.unit_of_work import db_session
from app.web.viewer import viewer

bp = Blueprint("governance", __name__)
_ITEM = "/items/<int(max=2147483647):item_id>/report"
_SHOWN = 100


@bp.before_request
def _mark() -> None:
    g.nav = "curate" if request.path.startswith("/curate") else "discover"


@bp.route(_ITEM, methods=["GET", "POST"])
def report(item_id: int) -> ResponseReturnValue:
    """Ask what is wrong with an item, and pass it on to the curators."""
    item, form = _item_or_404(item_id), ReportForm()
    if request.method != "POST":
        return _form(item, form)
    if not form.validate():
        return _form(item, form, status=422)
    service.report_problem(
        db_session(),
        item.id,
        problem=form.problem.data,
        note=form.note.data,
        by=viewer().id,
        now=clock.now(),
    )
    return _thanks(item) if is_htmx() else redirect(url_for(".thanks", item_id=item.id), code=303)


@bp.get(f"{_ITEM}/thanks")
def thanks(item_id: int) -> ResponseReturnValue:
    """Thank for a report and say who looks at it."""
    return _thanks(_item_or_404(item_id))


@bp.get("/curate/reports")
def reports() -> ResponseReturnValue:
    """List the open reports to curators, the oldest first."""
    return _reports()


@bp.post("/curate/reports/<int(max=2147483647):report_id>/resolve")
def resolve(report_id: int) -> ResponseReturnValue:
    """Close a report."""
    me = viewer()
    service.resolve(db_session(), report_id, by=me.id, tokens=me.tokens, now=clock.now())
    said = _("The report is resolved.")
    if is_htmx():
        return _reports(said)
    flash(said)
    return redirect(url_for(".reports"), code=303)


@bp.post("/discover/wanted")
def want() -> ResponseReturnValue:
    """Tell the curators what the reader looked for and did not find."""
    text, note = request.form.get("text", ""), request.form.get("note", "")
    service.wish(db_session(), text, note=note, by=viewer().id, now=clock.now())
    if is_htmx():
        return fragment("governance/_wished.html")
    flash(_("Thank you. The curators have been told what is missing."))
    return redirect(url_for("discover.search", q=text), code=303)


@bp.post("/curate/wanted/<int(max=2147483647):wish_id>/answer")
def answer(wish_id: int) -> ResponseReturnValue:
    """Close what a reader did not find."""
    service.answer_wish(db_session(), wish_id, by=viewer().id, now=clock.now())
    said = _("Taken off the list.")
    if is_htmx():
        return _reports(said)
    flash(said)
    return redirect(url_for(".reports"), code=303)


def _item_or_404(item_id: int) -> Item:
    """Return an item that the reader may see, live or retired; raise NotFound otherwise."""
    item = visible_item(db_session(), item_id, tokens=viewer().tokens)
    if item is None:
        raise NotFound(_("There is no such item for you."))
    return item


def _form(item: Item, form: ReportForm, status: int = 200) -> ResponseReturnValue:
    return page(
        "governance/report.html",
        fragments=("report",),
        status=status,
        item=item,
        form=form,
        problems=PROBLEMS,
    )


def _thanks(item: Item) -> ResponseReturnValue:
    return page(
        "governance/thanks.html",
        fragments=("report",),
        item=item,
        curator=queries.curator_name(db_session(), item),
    )


def _reports(said: str = "") -> ResponseReturnValue:
    me = viewer()
    return page(
        "governance/reports.html",
        fragments=("reports",),
        found=queries.open_reports(db_session(), person_id=me.id, tokens=me.tokens, limit=_SHOWN),
        problems=PROBLEMS,
        said=said,
    )

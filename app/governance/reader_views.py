"""What readers tell the curators, each on a page of its own, and what has come of it."""

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app import clock
from app.catalogue.queries import visible_item
from app.editing.links import checked_address, item_at
from app.errors import Invalid, NotFound
from app.governance import queries, service
from app.governance.blueprint import bp
from app.governance.forms import PROBLEMS, ReportForm, SuggestionForm
from app.governance.queries import Told
from app.models import Item
from app.web.errors import translated
from app.web.htmx import fragment, is_htmx, page
from app.web.unit_of_work import config, db_session
from app.web.viewer import viewer

_ITEM = "/items/<int(max=2147483647):item_id>/report"
_SHOWN = 100


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


@bp.post("/discover/wanted")
def want() -> ResponseReturnValue:
    """Tell the curators what the reader looked for and did not find."""
    text, note = request.form.get("text", ""), request.form.get("note", "")
    service.wish(db_session(), text, note=note, by=viewer().id, now=clock.now())
    if is_htmx():
        return fragment("governance/_wished.html")
    flash(_("Thank you. The curators have been told what is missing."))
    return redirect(url_for("discover.search", q=text), code=303)


@bp.route("/suggestions/new", methods=["GET", "POST"])
def suggest() -> ResponseReturnValue:
    """Ask for a resource that is worth having, and pass it on to the curators."""
    form = SuggestionForm(request.form if request.method == "POST" else request.args)
    if request.method != "POST":
        return _suggest_page(form)
    if not form.validate():
        return _suggest_page(form, status=422)
    try:
        url = checked_address(form.url.data)
        here = item_at(db_session(), url, own=config().base_url, tokens=viewer().tokens)
        if here is not None:
            return _suggest_page(form, here=here)
        service.suggest(
            db_session(),
            url,
            note=form.note.data or "",
            role=form.role.data or "",
            by=viewer().id,
            now=clock.now(),
        )
    except Invalid as invalid:
        for name, why in invalid.fields.items():
            form[name].errors = [translated(why)]
        return _suggest_page(form, status=422)
    flash(_("Thank you. The curators look at it, and you hear what comes of it."))
    return redirect(url_for("governance.mine"), code=303)


@bp.get("/suggestions")
def mine() -> ResponseReturnValue:
    """Show a reader what they told the curators, and the answers."""
    told = queries.told_by(db_session(), viewer().id, tokens=viewer().tokens, limit=_SHOWN)
    return page("governance/mine.html", told=told, problems=PROBLEMS)


@bp.post("/suggestions/withdraw")
def withdraw() -> ResponseReturnValue:
    """Take back what one has told."""
    try:
        kind, key = Told(request.form.get("kind", "")), int(request.form.get("key", ""))
    except ValueError as error:
        raise NotFound(_("There is nothing like that of yours.")) from error
    service.withdraw(db_session(), kind, max(0, min(key, 2**31 - 1)), by=viewer().id)
    flash(_("Taken back."))
    return redirect(url_for("governance.mine"), code=303)


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


def _suggest_page(
    form: SuggestionForm, *, here: Item | None = None, status: int = 200
) -> ResponseReturnValue:
    return page(
        "governance/suggest.html",
        status=status,
        form=form,
        here=here,
        roles=queries.roles_to_name(db_session()),
    )

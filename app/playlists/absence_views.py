"""When a reader is away: what they enter themselves, so that plans and reminders leave it out."""

from flask import Blueprint, flash, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import DateField
from wtforms.validators import InputRequired

from app import clock
from app.errors import Invalid
from app.playlists import planning, queries
from app.web.htmx import page
from app.web.i18n import today
from app.web.unit_of_work import db_session
from app.web.viewer import viewer

bp = Blueprint("absences", __name__)


class AbsenceForm(FlaskForm):
    """The first and the last day of an absence."""

    first = DateField(_l("First day"), validators=[InputRequired(_l("Enter the first day."))])
    last = DateField(_l("Last day"), validators=[InputRequired(_l("Enter the last day."))])


@bp.before_request
def _mark() -> None:
    g.nav = "playlists"


@bp.route("/away", methods=["GET", "POST"])
def index() -> ResponseReturnValue:
    """Show when the reader is away, and keep what they enter."""
    form = AbsenceForm()
    if request.method != "POST":
        return _shown(form)
    if not form.validate():
        return _shown(form, status=422)
    try:
        planning.add_absence(
            db_session(),
            viewer().id,
            form.first.data,
            form.last.data,
            today=today(),
            now=clock.now(),
        )
    except Invalid as error:
        for name, sentence in error.fields.items():
            form[name].errors = [sentence]
        return _shown(form, status=422)
    flash(_("Your days away are noted. Nobody reminds you meanwhile."))
    return redirect(url_for("absences.index"), code=303)


@bp.post("/away/<int(max=2147483647):absence_id>/remove")
def remove(absence_id: int) -> ResponseReturnValue:
    """Forget an absence, and offer to note it again."""
    days = planning.remove_absence(db_session(), viewer().id, absence_id, now=clock.now())
    flash(_("Removed. Your plan counts these days again."))
    address = url_for("absences.index", first=days.first.isoformat(), last=days.last.isoformat())
    return redirect(address, code=303)


def _shown(form: AbsenceForm, status: int = 200) -> ResponseReturnValue:
    """Show the page; after a removal its address holds the days, and the form offers them again."""
    days = {} if form.is_submitted() else request.args
    return page(
        "playlists/away.html",
        absences=queries.absences_of(db_session(), viewer().id),
        form=form,
        first=form.first.raw_data[0] if form.first.raw_data else days.get("first", ""),
        last=form.last.raw_data[0] if form.last.raw_data else days.get("last", ""),
        today=today(),
        status=status,
    )

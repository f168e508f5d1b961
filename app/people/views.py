"""A reader's own settings."""

from flask import Blueprint, Response, flash, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import refresh

from app.people import queries, service
from app.people.forms import SettingsForm, SharingForm, ThemeForm
from app.web.forms import back_to, valid
from app.web.htmx import is_htmx, page
from app.web.unit_of_work import db_session
from app.web.viewer import viewer

bp = Blueprint("people", __name__)


@bp.before_request
def _mark() -> None:
    g.nav = ""


@bp.route("/settings", methods=["GET", "POST"])
def settings() -> ResponseReturnValue:
    """Show and keep language, time zone and theme."""
    me = viewer()
    form = SettingsForm(locale=me.locale or "", time_zone=me.time_zone or "", theme=me.theme)
    if request.method != "POST":
        return _settings(form)
    if not form.validate():
        return _settings(form, status=422)
    service.choose_settings(
        db_session(),
        me.id,
        locale=form.locale.data or None,
        time_zone=form.time_zone.data or None,
        theme=form.theme.data,
    )
    refresh()
    flash(_("Your settings are saved."))
    return redirect(url_for("people.settings"), code=303)


@bp.post("/settings/sharing")
def sharing() -> ResponseReturnValue:
    """Keep what the reader lets colleagues see, and whether their searches are remembered."""
    form = valid(SharingForm())
    service.choose_sharing(
        db_session(),
        viewer().id,
        shares_expertise=form.shares_expertise.data,
        keeps_searches=form.keeps_searches.data,
    )
    flash(_("Your settings are saved."))
    return redirect(url_for("people.settings"), code=303)


@bp.post("/settings/theme")
def theme() -> ResponseReturnValue:
    """Keep the theme that the button in the top bar asks for."""
    service.choose_theme(db_session(), viewer().id, valid(ThemeForm()).theme.data)
    return Response(status=204) if is_htmx() else back_to(url_for("home.index"))


def _settings(form: SettingsForm, status: int = 200) -> Response:
    shares, keeps = queries.sharing_of(db_session(), viewer().id)
    return page(
        "people/settings.html",
        form=form,
        shares_expertise=shares,
        keeps_searches=keeps,
        pauses_signals=queries.pauses_signals(db_session(), viewer().id),
        status=status,
    )

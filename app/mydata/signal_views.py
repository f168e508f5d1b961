"""What recommendations draw on: see it, pause it, delete it, take it along."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time

from flask import Blueprint, Response, flash, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext, to_utc

from app import clock
from app.access import Viewer
from app.activity import pauses, signals
from app.db import Database
from app.errors import NotFound
from app.foryou import shown as slates
from app.foryou.liking import forget_liking
from app.mydata import download as taking
from app.mydata.signal_contexts import kind_label, seen_slates, signals_page
from app.web.forms import back_to
from app.web.htmx import is_htmx, page
from app.web.paging import page_number
from app.web.unit_of_work import db_session, resources
from app.web.viewer import viewer

bp = Blueprint("signals", __name__)
MOST_SLATES = 50
_YEARS = (1970, 2200)
_MIMES = {"jsonl": "application/jsonl", "csv": "text/csv"}


@bp.before_request
def _mark() -> None:
    g.nav = ""


@bp.get("/signals")
def index() -> ResponseReturnValue:
    """Show what recommendations know of the reader, and what they did, by kind or all."""
    return _signals()


@bp.post("/signals/pause")
def pause() -> ResponseReturnValue:
    """Let nothing count that the reader does from now on."""
    pauses.pause(db_session(), viewer().id, now=clock.now())
    flash(_("Paused. What you do from now on counts for no recommendations."))
    return back_to(url_for("signals.index"))


@bp.post("/signals/resume")
def resume() -> ResponseReturnValue:
    """Let count again what the reader does."""
    pauses.resume(db_session(), viewer().id, now=clock.now())
    flash(_("What you do counts again. What you did in the pause does not."))
    return back_to(url_for("signals.index"))


@bp.post("/signals/<int(max=2147483647):signal_id>/delete")
def forget(signal_id: int) -> ResponseReturnValue:
    """Delete one of the reader's signals."""
    if not signals.forget(db_session(), viewer().id, ids=[signal_id], now=clock.now()):
        raise NotFound(_("There is no such signal of yours."))
    forget_liking(viewer().id)
    if is_htmx():
        return _signals(said=_("The signal is deleted."))
    flash(_("The signal is deleted."))
    return back_to(url_for("signals.index"))


@bp.get("/signals/delete")
def sure() -> ResponseReturnValue:
    """Ask whether the signals of one kind, of before a day, or all are to go."""
    kind, day = _kind(), _day()
    number = signals.count_of(db_session(), viewer().id, kind=kind, before=_start_of(day))
    label = kind_label(kind) if kind else ""
    return page("mydata/sure.html", kind=kind, label=label, day=day, number=number)


@bp.post("/signals/delete")
def forget_many() -> ResponseReturnValue:
    """Delete them; with all signals go the slates that the reader was shown."""
    session, me, kind, day = db_session(), viewer(), _kind(), _day()
    gone = signals.forget(session, me.id, kind=kind, before=_start_of(day), now=clock.now())
    if not kind and day is None:
        slates.forget_shown(session, me.id)
    forget_liking(me.id)
    flash(ngettext("%(num)s signal is deleted.", "%(num)s signals are deleted.", gone))
    return redirect(url_for("signals.index"), code=303)


@bp.get("/shown")
def shown() -> ResponseReturnValue:
    """Show which recommendations the reader has looked at."""
    session, me = db_session(), viewer()
    seen = seen_slates(session, me, slates.shown_to(session, me.id, MOST_SLATES))
    return page("mydata/shown.html", slates=seen, most=MOST_SLATES)


@bp.post("/shown/delete")
def forget_shown() -> ResponseReturnValue:
    """Delete what the reader was shown."""
    slates.forget_shown(db_session(), viewer().id)
    flash(_("What you were shown is deleted."))
    return redirect(url_for("signals.shown"), code=303)


@bp.get("/download/<any(jsonl, csv):form>")
def download(form: str) -> ResponseReturnValue:
    """Send everything that is kept of the reader, line by line."""
    lines = _lines(resources().database, viewer(), form)
    answer = Response(lines, mimetype=_MIMES[form])
    answer.headers["Content-Disposition"] = f'attachment; filename="foyer-my-data.{form}"'
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _signals(said: str = "") -> Response:
    """Render the page, or its list with the figures above; `said` is read out to the reader."""
    kind = request.args.get("kind", "")
    seen = signals_page(db_session(), viewer(), kind=kind, number=page_number())
    return page(
        "mydata/signals.html", fragments=("results",), also=("kinds",), seen=seen, said=said
    )


def _lines(database: Database, reader: Viewer, form: str) -> Iterator[str]:
    """Yield the lines from a session of their own, since that of the request ends before them."""
    write = taking.json_lines if form == "jsonl" else taking.csv_lines
    with database.sessions() as session:
        yield from write(taking.records_of(session, reader))


def _kind() -> str:
    found = request.values.get("kind", "")
    return _known(found) if found else ""


def _known(kind: str) -> str:
    if kind not in signals.KINDS:
        raise NotFound(_("There is no such kind of signal."))
    return kind


def _day() -> date | None:
    """Return the day before which everything is meant; raise NotFound for what is no day."""
    found = request.values.get("before", "")
    if not found:
        return None
    try:
        day = date.fromisoformat(found)
    except ValueError:
        raise NotFound(_("There is no such day.")) from None
    if not _YEARS[0] <= day.year <= _YEARS[1]:
        raise NotFound(_("There is no such day."))
    return day


def _start_of(day: date | None) -> datetime | None:
    """Return when the day begins where the reader is."""
    return to_utc(datetime.combine(day, time())).replace(tzinfo=UTC) if day else None

"""What Foyer has told a reader, how they want to be told, and the end of all mails in one click."""

from flask import Blueprint, flash, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from wtforms import RadioField, SelectMultipleField

from app import clock
from app.access import Permission
from app.errors import NotFound
from app.models import Frequency, NoticeKind
from app.notices import queries, service
from app.notices.digest import person_of_token
from app.notices.forms import CURATORS_KINDS, KINDS, ChoicesForm
from app.web.forms import back_to
from app.web.htmx import page
from app.web.paging import Paging, page_links, page_number
from app.web.unit_of_work import config, db_session
from app.web.viewer import viewer

bp = Blueprint("notices", __name__)
_SIZE = 30
ICONS = {
    NoticeKind.STEP.value: "calendar-clock",
    NoticeKind.PLAYLIST.value: "list-checks",
    NoticeKind.REVIEW.value: "clipboard-list",
    NoticeKind.ANSWER.value: "message-circle",
    NoticeKind.PAGE.value: "map",
    NoticeKind.CONTENT.value: "triangle-alert",
    NoticeKind.MESSAGE.value: "megaphone",
}


@bp.before_request
def _mark() -> None:
    g.nav = ""


@bp.get("/notices")
def index() -> ResponseReturnValue:
    """List what the reader was told, the latest first."""
    me = viewer()
    total = queries.notice_count(db_session(), me.id, tokens=me.tokens)
    paging = Paging(page_number(), _SIZE, total)
    found = queries.notices_of(
        db_session(), me.id, tokens=me.tokens, offset=paging.offset, limit=paging.size
    )
    return page("notices/index.html", notices=found, icons=ICONS, links=page_links(paging))


@bp.post("/notices/seen")
def see() -> ResponseReturnValue:
    """Note that the reader has seen what there is."""
    service.see_all(db_session(), viewer().id, now=clock.now())
    return back_to(url_for("notices.index"))


@bp.route("/notices/choices", methods=["GET", "POST"])
def choices() -> ResponseReturnValue:
    """Let the reader choose how often a mail comes, and what they want to hear of."""
    me, form = viewer(), ChoicesForm()
    kinds = [*KINDS, *(CURATORS_KINDS if me.may(Permission.CURATE) else ())]
    form.told.choices = kinds
    kept = queries.choice_of(db_session(), me.id)
    if request.method != "POST":
        muted = set(kept.muted) if kept else set()
        form.frequency.data = kept.frequency if kept else Frequency.DAILY.value
        form.told.data = [one.value for one in kinds if one.value not in muted]
        return _choices(form, stopped=bool(kept and kept.stopped_at))
    if not form.validate():
        return _choices(form, status=422)
    wanted = set(form.told.data or ())
    others = set(kept.muted if kept else ()) - {one.value for one in kinds}
    muted = {one.value for one in kinds if one.value not in wanted} | others
    service.choose(db_session(), me.id, frequency=form.frequency.data, muted=muted)
    flash(_("Saved. It holds from the next mail on."))
    return redirect(url_for("notices.choices"), code=303)


@bp.get("/notices/stop/<mail_token>")
def ask_to_stop(mail_token: str) -> ResponseReturnValue:
    """Ask whoever came from a mail whether no more mails shall come; nobody need sign in."""
    _whose(mail_token)
    return page("notices/stop.html", mail_token=mail_token, done=False)


@bp.post("/notices/stop/<mail_token>")
def stop(mail_token: str) -> ResponseReturnValue:
    """Send no more mails to whom the token names; programs that read mail may post this too."""
    service.stop_mail(db_session(), _whose(mail_token), now=clock.now())
    return page("notices/stop.html", mail_token=mail_token, done=True)


def _choices(form: ChoicesForm, *, stopped: bool = False, status: int = 200) -> ResponseReturnValue:
    return page(
        "notices/choices.html",
        status=status,
        form=form,
        how_often=_options(form.frequency),
        told=_options(form.told),
        stopped=stopped,
    )


def _options(field: RadioField | SelectMultipleField) -> list[tuple[str, str, bool]]:
    """Return value, label and whether it is chosen, as `ui.radios` takes them."""
    return [(value, label, chosen) for value, label, chosen, _attributes in field.iter_choices()]


def _whose(mail_token: str) -> int:
    person_id = person_of_token(config(), mail_token)
    if person_id is None or queries.reader_of_mail(db_session(), person_id) is None:
        raise NotFound(_("This link is not complete. Copy it whole from the mail."))
    return person_id

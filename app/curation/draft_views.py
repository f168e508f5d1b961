"""A draft as a whole: previewed, published or thrown away; versions; who may change the page."""

from datetime import date

from flask import Blueprint, flash, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app import clock
from app.curation import beside, history, notifying, preview, publishing, replacements, rights
from app.curation.answers import page_or_404
from app.curation.draft_contexts import (
    history_page,
    preview_page,
    review_page,
    suggestions_page,
    version_page,
)
from app.curation.forms import AskForm, BackForm, PersonForm, PublishForm
from app.curation.publishing import ChangedMeanwhile
from app.errors import Conflict, Invalid, NotFound
from app.models import RolePage
from app.web.errors import translated
from app.web.forms import valid
from app.web.htmx import page, wanted_fragment
from app.web.i18n import today
from app.web.unit_of_work import db_session
from app.web.viewer import viewer

bp = Blueprint("drafts", __name__)
_PAGE = "/curate/roles/<slug>"


@bp.before_request
def _mark() -> None:
    g.nav = "curate"


@bp.get(f"{_PAGE}/publish")
def review(slug: str) -> ResponseReturnValue:
    """Show what publishing the draft would change."""
    found = _draft(slug)
    if found is None:
        flash(_("There is no draft to publish."))
        return redirect(url_for("curation.edit", slug=slug), code=303)
    return _review(found, PublishForm(formdata=None, data={"revision": found.revision}))


@bp.post(f"{_PAGE}/publish")
def publish(slug: str) -> ResponseReturnValue:
    """Let readers see the draft, if it is what its publisher saw."""
    found, form = page_or_404(slug), PublishForm()
    if not form.validate():
        return _review(found, form, status=422)
    try:
        version = publishing.publish(
            db_session(),
            found.role_id,
            revision=form.revision.data,
            by=viewer().id,
            now=clock.now(),
            note=form.note.data or "",
        )
    except ChangedMeanwhile as changed:
        return _review(found, form, since=changed.since, status=409)
    if version is None:
        flash(_("Nothing was different, so readers see what they saw before."))
    else:
        flash(_("The page is published. Readers see it now."))
    return redirect(url_for("curation.edit", slug=slug), code=303)


@bp.post(f"{_PAGE}/discard")
def discard(slug: str) -> ResponseReturnValue:
    """Throw the draft away."""
    found = page_or_404(slug)
    publishing.discard(db_session(), found.role_id, by=viewer().id, now=clock.now())
    flash(_("The draft is thrown away."))
    return redirect(url_for("curation.dashboard"), code=303)


@bp.get(f"{_PAGE}/preview")
def show_preview(slug: str) -> ResponseReturnValue:
    """Show the draft as a role or a named person would see it."""
    found = _to_change(slug)
    key, text = request.args.get("as", ""), request.args.get("who", "")
    reader = preview.reader_called(db_session(), key) if key else None
    if key and reader is None:
        raise NotFound(_("There is no such reader."))
    shown = preview_page(
        db_session(),
        found,
        reader or preview.reader_of_role(found.role),
        viewer(),
        text=text,
        on=_day(request.args.get("on", "")) or today(),
    )
    return page("curation/preview.html", shown=shown)


@bp.get(f"{_PAGE}/suggestions")
def suggestions(slug: str) -> ResponseReturnValue:
    """Show what could be added to the page, and what on it wants a look."""
    found, me = _to_change(slug), viewer()
    tokens = {*me.tokens, f"role:{found.role.slug}"}
    now = clock.now()
    shown = suggestions_page(
        db_session(),
        found,
        holes=replacements.holes(db_session(), found, tokens=tokens),
        popular=beside.popular(db_session(), found, tokens=tokens, now=now),
        never_opened=beside.never_opened(db_session(), found, tokens=tokens, now=now),
        stale=beside.stale(db_session(), found, tokens=tokens, today=today()),
    )
    target = "#sections" if wanted_fragment(("beside",)) else ""
    return page("curation/suggestions.html", fragments=("beside",), shown=shown, target=target)


@bp.get(f"{_PAGE}/history")
def show_history(slug: str) -> ResponseReturnValue:
    """List who published what and when."""
    found, me = page_or_404(slug), viewer()
    shown = history_page(db_session(), found, me, on=clock.now().date())
    return page("curation/history.html", shown=shown)


@bp.get(f"{_PAGE}/history/<int(max=2147483647):number>")
def show_version(slug: str, number: int) -> ResponseReturnValue:
    """Show one version, what it changed, and what going back to it would change."""
    found, me = page_or_404(slug), viewer()
    pair = history.pair(db_session(), found.role_id, number)
    if pair is None:
        raise NotFound(_("There is no such version."))
    shown = version_page(db_session(), found, *pair, me, on=clock.now().date())
    return page("curation/version.html", shown=shown)


@bp.post(f"{_PAGE}/history/<int(max=2147483647):number>/back")
def roll_back(slug: str, number: int) -> ResponseReturnValue:
    """Let readers see an earlier version again, at once."""
    found, form = page_or_404(slug), valid(BackForm())
    made = publishing.roll_back(
        db_session(),
        found.role_id,
        number,
        latest=form.latest.data,
        by=viewer().id,
        now=clock.now(),
    )
    text = _(
        "Readers see version %(old)s again, as version %(new)s. To undo it, go back to %(before)s.",
        old=number,
        new=made.number,
        before=made.number - 1,
    )
    flash(text)
    return redirect(url_for("drafts.show_history", slug=slug), code=303)


@bp.get(f"{_PAGE}/curators")
def curators(slug: str) -> ResponseReturnValue:
    """Show who may change the page, to whoever may give it to others."""
    return _curators(page_or_404(slug), PersonForm(formdata=None))


@bp.post(f"{_PAGE}/curators")
def give(slug: str) -> ResponseReturnValue:
    """Let another curator change the page too."""
    found, form, me = page_or_404(slug), PersonForm(), viewer()
    if not form.validate():
        return _curators(found, form, status=422)
    try:
        rights.give(
            db_session(),
            found.role_id,
            form.person.data,
            until=form.until.data,
            by=me.id,
            now=clock.now(),
        )
    except Invalid as invalid:
        return _curators(found, _with_errors(form, invalid), status=422)
    notifying.given(db_session(), found, form.person.data, by=me.name, now=clock.now())
    flash(_("They can change this page now, and are told so."))
    return redirect(url_for("drafts.curators", slug=slug), code=303)


@bp.post(f"{_PAGE}/curators/<int(max=2147483647):person_id>/withdraw")
def withdraw(slug: str, person_id: int) -> ResponseReturnValue:
    """Take the page back from a curator."""
    found, me = page_or_404(slug), viewer()
    rights.withdraw(db_session(), found.role_id, person_id, by=me.id, on=clock.now().date())
    flash(_("They can no longer change this page."))
    to = "curation.edit" if person_id == me.id else "drafts.curators"
    return redirect(url_for(to, slug=slug), code=303)


@bp.post(f"{_PAGE}/curator")
def hand_over(slug: str) -> ResponseReturnValue:
    """Let another curator answer for the page."""
    found, form, me = page_or_404(slug), PersonForm(), viewer()
    if not form.validate():
        return _curators(found, form, status=422)
    try:
        rights.hand_over(
            db_session(), found.role_id, form.person.data, by=me.id, on=clock.now().date()
        )
    except Invalid as invalid:
        return _curators(found, _with_errors(form, invalid), status=422)
    notifying.handed_over(db_session(), found, form.person.data, by=me.name, now=clock.now())
    flash(_("They answer for this page now, and are told so."))
    return redirect(url_for("curation.edit", slug=slug), code=303)


@bp.post(f"{_PAGE}/take")
def take(slug: str) -> ResponseReturnValue:
    """Let the curator answer for a page for which nobody does."""
    found = page_or_404(slug)
    rights.take(db_session(), found.role_id, by=viewer().id, on=clock.now().date())
    flash(_("You answer for this page now."))
    return redirect(url_for("curation.edit", slug=slug), code=303)


@bp.post(f"{_PAGE}/ask")
def ask(slug: str) -> ResponseReturnValue:
    """Tell those who look after the page what a curator would change."""
    found, form, me = page_or_404(slug), valid(AskForm()), viewer()
    standing = rights.standing_of(db_session(), found.role_id, me.id, on=clock.now().date())
    if not standing.people:
        raise Conflict(_("Nobody looks after this page: you can change it yourself."))
    notifying.asked(
        db_session(), found, standing.people, text=form.text.data, by=me, now=clock.now()
    )
    flash(_("%(names)s is told.", names=", ".join(standing.names)))
    return redirect(url_for("curation.edit", slug=slug), code=303)


def _draft(slug: str) -> RolePage | None:
    """Return the draft of a role's page for who may change it; None where there is none."""
    found = _to_change(slug)
    return None if found.published else found


def _to_change(slug: str) -> RolePage:
    found = page_or_404(slug)
    rights.check(db_session(), found.role_id, viewer().id, on=clock.now().date())
    return found


def _review(
    found: RolePage, form: PublishForm, *, since: int | None = None, status: int = 200
) -> ResponseReturnValue:
    if found.published:
        raise Conflict(_("There is no draft any more: it is published or thrown away."))
    shown = review_page(db_session(), found, viewer(), form=form, since=since)
    return page("curation/publish.html", status=status, shown=shown)


def _curators(found: RolePage, form: PersonForm, *, status: int = 200) -> ResponseReturnValue:
    standing = rights.standing_of(db_session(), found.role_id, viewer().id, on=clock.now().date())
    return page(
        "curation/curators.html",
        status=status,
        found=found,
        standing=standing,
        person_options=[
            (str(person_id), f"{name} ({email})", form.person.data == person_id)
            for person_id, name, email in rights.curators(db_session())
        ],
        form=form,
    )


def _with_errors(form: PersonForm, invalid: Invalid) -> PersonForm:
    for name, text in invalid.fields.items():
        form[name].errors = [translated(text)]
    return form


def _day(text: str) -> date | None:
    """Return the day of an address, None where it is none."""
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None

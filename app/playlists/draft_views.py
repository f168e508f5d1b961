"""The editor of a draft: its details and its weeks. Every change is a form of its own."""

from flask import request
from flask import session as cookie
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.curation import audiences
from app.curation.seen import Overtaken, seen_of
from app.errors import Invalid
from app.models import EVERYONE
from app.playlists import desk, details, finding, ordering, removals, weeks
from app.playlists.desk_blueprint import author, bp, complaints
from app.playlists.desk_contexts import NOTHING_SAID, Said, Sheet
from app.playlists.draft_answers import (
    DRAFT,
    KEPT,
    changed,
    direction,
    draft_or_404,
    show,
    tried,
)
from app.web.unit_of_work import db_session
from app.web.viewer import viewer

_WEEK = f"{DRAFT}/weeks/<int(max=200):number>"
_DETAILS = ("title", "summary", "days", "counting", "role")
_PEOPLE = ("owner", "contact")


@bp.get(DRAFT)
def edit(slug: str) -> ResponseReturnValue:
    """Show the draft to be changed."""
    undo = cookie.pop(KEPT, None)
    said = Said(text=_("Removed."), undo=undo) if undo else NOTHING_SAID
    return show(slug, said=said)


@bp.post(f"{DRAFT}/details")
def edit_details(slug: str) -> ResponseReturnValue:
    """Keep what the draft says of itself."""
    session, typed = db_session(), _typed_details()
    was = request.form.get("seen", "")
    try:
        given = _resolved(slug, typed)
        details.edit_details(session, slug, given, was=was, author=author())
    except Invalid as invalid:
        session.rollback()
        sheet = Sheet(values=typed, seen=was, errors=complaints(invalid))
        return show(slug, sheet=sheet, status=422)
    except Overtaken as overtaken:
        session.rollback()
        return _overtaken(slug, typed, overtaken)
    return changed(slug, Said(text=_("The details are kept.")), anchor="details")


@bp.post(f"{DRAFT}/weeks")
def add_week(slug: str) -> ResponseReturnValue:
    """Add a week at the end."""
    number = weeks.add_week(db_session(), slug, request.form.get("title", ""), author=author())
    said = Said(text=_("Week %(number)s is added.", number=number))
    return changed(slug, said, anchor=f"week_{number}")


@bp.post(_WEEK)
def name_week(slug: str, number: int) -> ResponseReturnValue:
    """Keep the title of a week."""
    title = request.form.get("title", "")
    was = request.form.get("seen", "")
    try:
        weeks.name_week(db_session(), slug, number, title, was=was, author=author())
    except Invalid as invalid:
        db_session().rollback()
        sheet = Sheet(values={"title": title}, seen=was, errors=complaints(invalid))
        return show(slug, week=(number, sheet), status=422)
    except Overtaken as overtaken:
        db_session().rollback()
        sheet = Sheet(
            values={"title": title},
            seen=seen_of(overtaken.theirs["title"]),
            theirs=overtaken.theirs,
        )
        return show(slug, week=(number, sheet), status=409)
    return changed(slug, Said(text=_("The week is named.")), anchor=f"week_{number}")


@bp.post(f"{_WEEK}/move")
def move_week(slug: str, number: int) -> ResponseReturnValue:
    """Let a week change places with the one before or after it."""
    return tried(
        slug,
        lambda: weeks.move_week(db_session(), slug, number, direction(), author=author()),
        lambda place: Said(text=_("It is week %(number)s now.", number=place), quiet=True),
        anchor=f"week_{number + direction()}",
    )


@bp.post(f"{_WEEK}/remove")
def remove_week(slug: str, number: int) -> ResponseReturnValue:
    """Remove a week with its steps, and offer to put it back."""
    return tried(
        slug,
        lambda: weeks.remove_week(db_session(), slug, number, author=author()),
        lambda name: Said(text=_("The week is removed."), undo=name),
        anchor="weeks",
    )


@bp.post(f"{_WEEK}/order")
def reorder(slug: str, number: int) -> ResponseReturnValue:
    """Take over the order into which steps were dragged."""
    keys = request.form.getlist("order")
    return tried(
        slug,
        lambda: ordering.reorder(db_session(), slug, number, keys, author=author()),
        lambda _done: Said(text=_("The new order is kept."), quiet=True),
        anchor=f"week_{number}",
    )


@bp.post(f"{DRAFT}/removed/<removal>")
def put_back(slug: str, removal: str) -> ResponseReturnValue:
    """Put back what was removed."""
    keys = removals.put_back(db_session(), slug, removal, author=author())
    said = Said(text=_("It is back, as far as it can be."))
    return changed(slug, said, anchor=f"step_{keys[0]}" if keys else "weeks")


def _overtaken(slug: str, typed: dict[str, str], overtaken: Overtaken) -> ResponseReturnValue:
    """Show what was typed beside what somebody else has kept meanwhile."""
    session, draft = db_session(), draft_or_404(slug)
    names = desk.names_of(session, draft, tokens=viewer().tokens)
    now = details.fields_of(draft, details.audience_tokens(session, draft))
    theirs = {name: names.get(name, text) for name, text in overtaken.theirs.items()}
    return show(
        slug, sheet=Sheet(values=typed, seen=seen_of(*now.values()), theirs=theirs), status=409
    )


def _typed_details() -> dict[str, str]:
    form = request.form
    typed = {name: form.get(name, "") for name in (*_DETAILS, *_PEOPLE, "channel")}
    for_all = form.get("for") != "some"
    typed["audience"] = "everyone" if for_all else " ".join(sorted(form.getlist("token")))
    return typed


def _resolved(slug: str, typed: dict[str, str]) -> dict[str, str]:
    """Return the fields with ids in place of names; a name that stands there is not looked up.

    Of whom it is for, those count that there are, or were before.
    """
    session, draft = db_session(), draft_or_404(slug)
    names = desk.names_of(session, draft, tokens=viewer().tokens)
    now = details.fields_of(draft, ())
    given = dict(typed)
    known = {each.token for each in audiences.choices(session)}
    known |= {*EVERYONE, *details.audience_tokens(session, draft)}
    given["audience"] = " ".join(token for token in typed["audience"].split() if token in known)
    for name in _PEOPLE:
        same = typed[name].strip() == names[name]
        given[name] = now[name] if same else finding.person_named(session, name, typed[name])
    same = typed["channel"].strip() == names["channel"]
    given["channel"] = (
        now["channel"]
        if same
        else finding.channel_named(session, "channel", typed["channel"], tokens=viewer().tokens)
    )
    return given

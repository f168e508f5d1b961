"""The steps of a draft in its editor: found and added, changed, moved, taken out."""

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.curation.seen import Overtaken
from app.errors import Invalid
from app.models import Meet, Playlist, StepKind
from app.playlists import desk, event_fields, finding, ordering, removals, steps
from app.playlists.arranging import first_day, last_day
from app.playlists.days import days_in_week
from app.playlists.desk_blueprint import author, bp, complaints
from app.playlists.desk_contexts import Said, Sheet
from app.playlists.draft_answers import DRAFT, back, direction, draft_or_404, tried
from app.playlists.step_contexts import new_sheet, step_page
from app.web.htmx import page
from app.web.unit_of_work import db_session
from app.web.viewer import viewer

_STEP = f"{DRAFT}/steps/<key>"
_FIELDS = ("title", "note", "due_day", "minutes", "required", "meets", "person", "alternative")


@bp.get(f"{DRAFT}/items")
def find_items(slug: str) -> ResponseReturnValue:
    """Find items for a week by their titles."""
    session, draft = db_session(), draft_or_404(slug)
    text = request.args.get("q", "")[:200]
    sight = steps.tokens_for(session, draft, viewer().tokens)
    there = {row.step.item_id for row in desk.steps_to_edit(session, draft.id, tokens=())}
    return page(
        "playlists/desk/items.html",
        fragments=("found",),
        playlist=draft,
        week=_week_wanted(request.args.get("week", "")),
        text=text,
        found=finding.items_called(session, text, tokens=sight),
        there=there,
    )


@bp.post(f"{DRAFT}/items")
def add_item(slug: str) -> ResponseReturnValue:
    """Add an item to a week, after what is there already."""
    draft, week = draft_or_404(slug), _week_wanted(request.form.get("week", ""))
    item_id = request.form.get("item_id", "")
    added = steps.add_item(
        db_session(),
        slug,
        int(item_id) if item_id.isdecimal() and len(item_id) < 10 else 0,
        due_day=_last_of(draft, week),
        author=author(),
    )
    if added.is_new:
        flash(_("Added, due on day %(day)s.", day=added.step.due_day))
    else:
        flash(_("It is in this playlist already, on day %(day)s.", day=added.step.due_day))
    text = request.form.get("q", "")[:200]
    return redirect(url_for("desk.find_items", slug=slug, week=week, q=text or None), code=303)


@bp.get(f"{DRAFT}/steps/new/<any(meet,task,event):what>")
def new_step(slug: str, what: str) -> ResponseReturnValue:
    """Offer the form of somebody to meet, of an event or of a task."""
    draft = draft_or_404(slug)
    day = _last_of(draft, _week_wanted(request.args.get("week", "")))
    return step_page(draft, new_sheet(what, day), kind=what)


@bp.post(f"{DRAFT}/steps/new/<any(meet,task,event):what>")
def add_step(slug: str, what: str) -> ResponseReturnValue:
    """Add somebody to meet, an event or a task."""
    typed = _typed_step()
    try:
        given = _with_person(_with_title(typed, what))
        added = steps.add_step(db_session(), slug, StepKind(what), given, author=author())
    except Invalid as invalid:
        db_session().rollback()
        sheet = Sheet(values=typed, errors=complaints(invalid))
        return step_page(draft_or_404(slug), sheet, kind=what, status=422)
    flash(_("Added, due on day %(day)s.", day=added.step.due_day))
    return back(slug, f"step_{added.step.key}")


@bp.get(_STEP)
def edit_step(slug: str, key: str) -> ResponseReturnValue:
    """Show a step to be changed."""
    return step_page(draft_or_404(slug), None, key=key)


@bp.post(_STEP)
def save_step(slug: str, key: str) -> ResponseReturnValue:
    """Keep a step."""
    typed, form = _typed_step(), request.form
    was = form.get("seen", "")
    needs = steps.NeedsGiven(
        shown=form.getlist("need_shown"), kept=form.getlist("need"), added=form.get("need_new", "")
    )
    try:
        given = _with_person(typed, current=_person_of(slug, key))
        steps.edit_step(db_session(), slug, key, given, was=was, needs=needs, author=author())
    except Invalid as invalid:
        db_session().rollback()
        sheet = Sheet(values=typed, seen=was, errors=complaints(invalid))
        return step_page(draft_or_404(slug), sheet, key=key, status=422)
    except Overtaken as overtaken:
        db_session().rollback()
        sheet = Sheet(values=typed, theirs=overtaken.theirs)
        return step_page(draft_or_404(slug), sheet, key=key, status=409)
    flash(_("The step is kept."))
    return back(slug, f"step_{key}")


@bp.post(f"{_STEP}/move")
def move_step(slug: str, key: str) -> ResponseReturnValue:
    """Move a step one place up or down, over the edge of its week too."""
    return tried(
        slug,
        lambda: ordering.move_step(db_session(), slug, key, direction(), author=author()),
        lambda step: Said(text=_("It is due on day %(day)s now.", day=step.due_day), quiet=True),
        anchor=f"step_{key}",
    )


@bp.post(f"{_STEP}/remove")
def remove_step(slug: str, key: str) -> ResponseReturnValue:
    """Take a step out, and offer to put it back."""
    return tried(
        slug,
        lambda: removals.remove_step(db_session(), slug, key, author=author()),
        lambda name: Said(text=_("The step is removed."), undo=name),
        anchor="weeks",
    )


def _typed_step() -> dict[str, str]:
    form = request.form
    typed = {name: form.get(name, "") for name in (*_FIELDS, *event_fields.FIELDS)}
    return {name: text for name, text in typed.items() if name in form or name == "required"}


def _with_person(given: dict[str, str], current: tuple[str, str] = ("", "")) -> dict[str, str]:
    """Return the fields with the id of whom to meet; `current` is the id and name of now."""
    if given.get("meets") != steps.BY_NAME:
        return given | {"person": ""} if "meets" in given else given
    id_, name = current
    if name and given.get("person", "").strip() == name:
        return given | {"person": id_}
    found = finding.person_named(db_session(), "person", given.get("person", ""))
    if not found:
        raise Invalid({"person": _("Say whom to meet.")})
    return given | {"person": found}


def _with_title(given: dict[str, str], kind: str) -> dict[str, str]:
    """Return the fields with a title made of whom to meet, where none was typed."""
    if kind != StepKind.MEET.value or given.get("title", "").strip():
        return given
    titles = {
        Meet.BUDDY.value: _("Meet your buddy"),
        Meet.MANAGER.value: _("Meet your manager"),
        Meet.CONTACT.value: _("Meet the contact of this playlist"),
    }
    named = _("Meet %(name)s", name=given.get("person", "").strip())
    return given | {"title": titles.get(given.get("meets", ""), named)}


def _person_of(slug: str, key: str) -> tuple[str, str]:
    rows = desk.steps_to_edit(db_session(), draft_or_404(slug).id, tokens=())
    found = ((str(r.step.meets_id or ""), r.person_name) for r in rows if r.step.key == key)
    return next(found, ("", ""))


def _week_wanted(text: str) -> int:
    return max(1, min(int(text), 200)) if text.isdecimal() and len(text) < 5 else 1


def _last_of(draft: Playlist, week: int) -> int:
    """Return the day on which the last step of a week is due, or else the week's first day."""
    length = days_in_week(working=draft.working_days)
    first, last = first_day(week, length), last_day(week, length)
    rows = desk.steps_to_edit(db_session(), draft.id, tokens=())
    return max((r.step.due_day for r in rows if first <= r.step.due_day <= last), default=first)

"""The editor of a draft. Every change is a form of its own; through htmx the weeks are answered."""

from collections.abc import Callable
from typing import Any

from flask import flash, redirect, request, url_for
from flask import session as cookie
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.curation import audiences
from app.curation.seen import Overtaken, seen_of
from app.errors import Invalid, NotFound
from app.models import EVERYONE, Meet, Playlist, StepKind
from app.playlists import desk, details, finding, ordering, removals, steps, versions, weeks
from app.playlists.arranging import first_day, last_day
from app.playlists.days import days_in_week
from app.playlists.desk_blueprint import author, bp, complaints
from app.playlists.desk_contexts import NOTHING_SAID, Said, Sheet, draft_page
from app.playlists.drafts import draft_row
from app.playlists.step_contexts import new_sheet, step_page
from app.web.htmx import is_htmx, page
from app.web.unit_of_work import db_session
from app.web.viewer import viewer

_DRAFT = "/<slug>/draft"
_WEEK = f"{_DRAFT}/weeks/<int(max=200):number>"
_STEP = f"{_DRAFT}/steps/<key>"
_KEPT = "removed-from-playlist"
_DETAILS = ("title", "summary", "days", "counting", "role")
_PEOPLE = ("owner", "contact")


@bp.get(_DRAFT)
def edit(slug: str) -> ResponseReturnValue:
    """Show the draft to be changed."""
    undo = cookie.pop(_KEPT, None)
    said = Said(text=_("Removed."), undo=undo) if undo else NOTHING_SAID
    return _show(slug, said=said)


@bp.post(f"{_DRAFT}/details")
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
        return _show(slug, sheet=sheet, status=422)
    except Overtaken as overtaken:
        session.rollback()
        return _overtaken(slug, typed, overtaken)
    return _changed(slug, Said(text=_("The details are kept.")), anchor="details")


@bp.post(f"{_DRAFT}/weeks")
def add_week(slug: str) -> ResponseReturnValue:
    """Add a week at the end."""
    number = weeks.add_week(db_session(), slug, request.form.get("title", ""), author=author())
    said = Said(text=_("Week %(number)s is added.", number=number))
    return _changed(slug, said, anchor=f"week_{number}")


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
        return _show(slug, week=(number, sheet), status=422)
    except Overtaken as overtaken:
        db_session().rollback()
        sheet = Sheet(
            values={"title": title},
            seen=seen_of(overtaken.theirs["title"]),
            theirs=overtaken.theirs,
        )
        return _show(slug, week=(number, sheet), status=409)
    return _changed(slug, Said(text=_("The week is named.")), anchor=f"week_{number}")


@bp.post(f"{_WEEK}/move")
def move_week(slug: str, number: int) -> ResponseReturnValue:
    """Let a week change places with the one before or after it."""
    return _tried(
        slug,
        lambda: weeks.move_week(db_session(), slug, number, _step(), author=author()),
        lambda place: Said(text=_("It is week %(number)s now.", number=place), quiet=True),
        anchor=f"week_{number + _step()}",
    )


@bp.post(f"{_WEEK}/remove")
def remove_week(slug: str, number: int) -> ResponseReturnValue:
    """Remove a week with its steps, and offer to put it back."""
    return _tried(
        slug,
        lambda: weeks.remove_week(db_session(), slug, number, author=author()),
        lambda name: Said(text=_("The week is removed."), undo=name),
        anchor="weeks",
    )


@bp.post(f"{_WEEK}/order")
def reorder(slug: str, number: int) -> ResponseReturnValue:
    """Take over the order into which steps were dragged."""
    keys = request.form.getlist("order")
    return _tried(
        slug,
        lambda: ordering.reorder(db_session(), slug, number, keys, author=author()),
        lambda _done: Said(text=_("The new order is kept."), quiet=True),
        anchor=f"week_{number}",
    )


@bp.get(f"{_DRAFT}/items")
def find_items(slug: str) -> ResponseReturnValue:
    """Find items for a week by their titles."""
    session, draft = db_session(), _draft_or_404(slug)
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


@bp.post(f"{_DRAFT}/items")
def add_item(slug: str) -> ResponseReturnValue:
    """Add an item to a week, after what is there already."""
    draft, week = _draft_or_404(slug), _week_wanted(request.form.get("week", ""))
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


@bp.get(f"{_DRAFT}/steps/new/<any(meet,task):what>")
def new_step(slug: str, what: str) -> ResponseReturnValue:
    """Offer the form of somebody to meet or of a task."""
    draft = _draft_or_404(slug)
    day = _last_of(draft, _week_wanted(request.args.get("week", "")))
    return step_page(draft, new_sheet(what, day), kind=what)


@bp.post(f"{_DRAFT}/steps/new/<any(meet,task):what>")
def add_step(slug: str, what: str) -> ResponseReturnValue:
    """Add somebody to meet or a task."""
    typed = _typed_step()
    try:
        given = _with_person(_with_title(typed, what))
        added = steps.add_step(db_session(), slug, StepKind(what), given, author=author())
    except Invalid as invalid:
        db_session().rollback()
        sheet = Sheet(values=typed, errors=complaints(invalid))
        return step_page(_draft_or_404(slug), sheet, kind=what, status=422)
    flash(_("Added, due on day %(day)s.", day=added.step.due_day))
    return _back(slug, f"step_{added.step.key}")


@bp.get(_STEP)
def edit_step(slug: str, key: str) -> ResponseReturnValue:
    """Show a step to be changed."""
    return step_page(_draft_or_404(slug), None, key=key)


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
        return step_page(_draft_or_404(slug), sheet, key=key, status=422)
    except Overtaken as overtaken:
        db_session().rollback()
        sheet = Sheet(values=typed, theirs=overtaken.theirs)
        return step_page(_draft_or_404(slug), sheet, key=key, status=409)
    flash(_("The step is kept."))
    return _back(slug, f"step_{key}")


@bp.post(f"{_STEP}/move")
def move_step(slug: str, key: str) -> ResponseReturnValue:
    """Move a step one place up or down, over the edge of its week too."""
    return _tried(
        slug,
        lambda: ordering.move_step(db_session(), slug, key, _step(), author=author()),
        lambda step: Said(text=_("It is due on day %(day)s now.", day=step.due_day), quiet=True),
        anchor=f"step_{key}",
    )


@bp.post(f"{_STEP}/remove")
def remove_step(slug: str, key: str) -> ResponseReturnValue:
    """Take a step out, and offer to put it back."""
    return _tried(
        slug,
        lambda: removals.remove_step(db_session(), slug, key, author=author()),
        lambda name: Said(text=_("The step is removed."), undo=name),
        anchor="weeks",
    )


@bp.post(f"{_DRAFT}/removed/<removal>")
def put_back(slug: str, removal: str) -> ResponseReturnValue:
    """Put back what was removed."""
    keys = removals.put_back(db_session(), slug, removal, author=author())
    said = Said(text=_("It is back, as far as it can be."))
    return _changed(slug, said, anchor=f"step_{keys[0]}" if keys else "weeks")


def _tried(
    slug: str, change: Callable[[], Any], say: Callable[[Any], Said], *, anchor: str
) -> ResponseReturnValue:
    """Make a change and answer it; where it cannot be, say why on the page as it is."""
    try:
        done = change()
    except Invalid as invalid:
        db_session().rollback()
        text = " ".join(text for (text,) in complaints(invalid).values())
        return _show(slug, said=Said(text=text, is_wrong=True), status=422)
    return _changed(slug, say(done), anchor=anchor)


def _changed(slug: str, said: Said, *, anchor: str) -> ResponseReturnValue:
    if is_htmx():
        return _show(slug, said=said)
    if said.undo:
        cookie[_KEPT] = said.undo
    elif said.text and not said.quiet:
        flash(said.text)
    return _back(slug, anchor)


def _back(slug: str, anchor: str) -> ResponseReturnValue:
    return redirect(url_for("desk.edit", slug=slug, _anchor=anchor), code=303)


def _show(
    slug: str,
    *,
    said: Said = NOTHING_SAID,
    sheet: Sheet | None = None,
    week: tuple[int, Sheet] | None = None,
    status: int = 200,
) -> ResponseReturnValue:
    session, draft = db_session(), _draft_or_404(slug)
    shown = draft_page(
        session,
        draft,
        tokens=viewer().tokens,
        live=versions.newest(session, slug),
        said=said,
        sheet=sheet,
        week=week,
    )
    return page(
        "playlists/desk/edit.html", fragments=("weeks", "details"), status=status, shown=shown
    )


def _overtaken(slug: str, typed: dict[str, str], overtaken: Overtaken) -> ResponseReturnValue:
    """Show what was typed beside what somebody else has kept meanwhile."""
    session, draft = db_session(), _draft_or_404(slug)
    names = desk.names_of(session, draft, tokens=viewer().tokens)
    now = details.fields_of(draft, details.audience_tokens(session, draft))
    theirs = {name: names.get(name, text) for name, text in overtaken.theirs.items()}
    return _show(
        slug, sheet=Sheet(values=typed, seen=seen_of(*now.values()), theirs=theirs), status=409
    )


def _draft_or_404(slug: str) -> Playlist:
    found = draft_row(db_session(), slug)
    if found is None:
        raise NotFound(_("There is no draft of this playlist."))
    return found


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
    session, draft = db_session(), _draft_or_404(slug)
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


def _typed_step() -> dict[str, str]:
    form = request.form
    names = ("title", "note", "due_day", "minutes", "required", "meets", "person", "alternative")
    typed = {name: form.get(name, "") for name in names}
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
    rows = desk.steps_to_edit(db_session(), _draft_or_404(slug).id, tokens=())
    found = ((str(r.step.meets_id or ""), r.person_name) for r in rows if r.step.key == key)
    return next(found, ("", ""))


def _step() -> int:
    return -1 if request.form.get("direction") == "up" else 1


def _week_wanted(text: str) -> int:
    return max(1, min(int(text), 200)) if text.isdecimal() and len(text) < 5 else 1


def _last_of(draft: Playlist, week: int) -> int:
    """Return the day on which the last step of a week is due, or else the week's first day."""
    length = days_in_week(working=draft.working_days)
    first, last = first_day(week, length), last_day(week, length)
    rows = desk.steps_to_edit(db_session(), draft.id, tokens=())
    return max((r.step.due_day for r in rows if first <= r.step.due_day <= last), default=first)

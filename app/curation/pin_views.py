"""Pins as curators change them: on the edit page, from the search, and on a page of their own."""

from collections.abc import Callable
from typing import Any

from flask import flash, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app import clock
from app.curation import audiences, desk, service
from app.curation.answers import changed, pinned_text, refuse, unpinned
from app.curation.desk import PinToEdit
from app.curation.forms import (
    LARGEST_ID,
    MoveForm,
    NoteForm,
    PinForm,
    ReplaceForm,
    SettingsForm,
)
from app.curation.pin_contexts import NotePage, note_to_edit, settings_to_edit
from app.curation.said import Refused, Said, WrongNote
from app.curation.seen import Overtaken
from app.errors import Conflict, Invalid, NotFound
from app.models import RolePage
from app.web.errors import translated
from app.web.forms import back_to, valid
from app.web.htmx import fragment, is_htmx, page, wanted_fragment
from app.web.unit_of_work import db_session
from app.web.viewer import viewer

_SECTION = "/curate/sections/<int(max=2147483647):section_id>"
_PIN = "/curate/pins/<int(max=2147483647):pin_id>"


def pin(section_id: int) -> ResponseReturnValue:
    """Pin an item, from the search page or to put back what was unpinned."""
    me, given = viewer(), valid(PinForm()).data
    given.pop("csrf_token", None)
    given["audience"] = _known((given["audience"] or "").split())
    pinned = service.pin_item(
        db_session(), section_id, by=me.id, tokens=me.tokens, now=clock.now(), **given
    )
    place = desk.section_to_fill(db_session(), pinned.pin.section_id)
    if place is None:
        raise NotFound(_("This section is gone."))
    if wanted_fragment(("sections",)):
        return changed(place.page_id, Said(text=pinned_text(pinned, place)), pins=True)
    if is_htmx():
        return fragment(
            "curation/_pinned.html", pinned=pinned, place=place, said=pinned_text(pinned, place)
        )
    flash(pinned_text(pinned, place))
    return back_to(url_for("curation.edit", slug=place.role_slug))


def note(pin_id: int) -> ResponseReturnValue:
    """Show a pin's note to be changed: in its row, without script on a page of its own."""
    found, its = _pin_or_404(pin_id)
    shown = NotePage(page=found, note=note_to_edit(its))
    if is_htmx():
        return fragment("curation/_note.html", shown=shown)
    return page("curation/note.html", shown=shown)


def edit_note(pin_id: int) -> ResponseReturnValue:
    """Keep a pin's note."""
    form = NoteForm()
    typed = form.note.data or ""
    if not form.validate():
        wrong = WrongNote(pin_id=pin_id, typed=typed, error=form.note.errors[0])
        return refuse(desk.page_with_pin(db_session(), pin_id), Refused(note=wrong))
    try:
        place = service.edit_note(
            db_session(),
            pin_id,
            typed,
            seen=request.form.get("seen", ""),
            by=viewer().id,
            now=clock.now(),
            **_of_pin(),
        )
    except Overtaken as overtaken:
        wrong = WrongNote(pin_id=overtaken.id, typed=typed, theirs=overtaken.theirs["note"])
        return refuse(desk.page_with_pin(db_session(), overtaken.id), Refused(note=wrong))
    except Conflict:
        found = desk.page_of_role(db_session(), request.form.get("role", ""))
        return refuse(found, Refused(lost=typed))
    said = Said(text=_("The note is kept."), quiet=True, saved=place.id)
    return changed(place.page_id, said, anchor=f"pin_{place.id}")


def settings(pin_id: int) -> ResponseReturnValue:
    """Show when and to whom a pin is shown, to be changed."""
    return _settings_page(pin_id, None)


def edit_settings(pin_id: int) -> ResponseReturnValue:
    """Keep when and to whom a pin is shown."""
    form = SettingsForm()
    if not form.validate():
        return _settings_page(pin_id, form, status=422)
    try:
        place = service.edit_settings(
            db_session(),
            pin_id,
            starts_on=form.starts_on.data,
            ends_on=form.ends_on.data,
            audience=_known(request.form.getlist("audience"), form.only_for.data or ""),
            seen=request.form.get("seen", ""),
            by=viewer().id,
            now=clock.now(),
            **_of_pin(),
        )
    except Overtaken as overtaken:
        return _settings_page(pin_id, form, theirs=overtaken.theirs, status=409)
    except Invalid as invalid:
        for name, text in invalid.fields.items():
            field = form.only_for if name == "audience" else form[name]
            field.errors = [translated(text)]
        return _settings_page(pin_id, form, status=422)
    said = Said(text=_("Dates and readers are kept."))
    return changed(place.page_id, said, anchor=f"pin_{place.id}")


def move_pin(pin_id: int) -> ResponseReturnValue:
    """Move a pin one place up or down, over the edge of its section too."""
    step = valid(MoveForm()).step
    place = service.move_pin(db_session(), pin_id, step, by=viewer().id, now=clock.now())
    return changed(place.page_id, Said(moved=place.id, quiet=True), anchor=f"pin_{place.id}")


def reorder(section_id: int) -> ResponseReturnValue:
    """Take over the order into which pins were dragged."""
    wanted = [int(text) for text in request.form.getlist("order") if _is_id(text)]
    place = service.reorder(db_session(), section_id, wanted, by=viewer().id, now=clock.now())
    said = Said(text=_("The new order is kept."), quiet=True)
    return changed(place.page_id, said, anchor=f"section_{place.id}")


def unpin(pin_id: int) -> ResponseReturnValue:
    """Take a pin off its page and offer to put it back."""
    gone = service.unpin(db_session(), pin_id, by=viewer().id, now=clock.now(), **_of_pin())
    return unpinned(gone)


def replace(pin_id: int) -> ResponseReturnValue:
    """Let another item take over a pin's place and note."""
    me, form = viewer(), valid(ReplaceForm())
    place = service.replace_pin(
        db_session(), pin_id, form.item_id.data, by=me.id, tokens=me.tokens, now=clock.now()
    )
    said = Said(text=_("The new item has taken over place and note."))
    return changed(place.page_id, said, anchor=f"pin_{place.id}", pins=True)


ROUTES: tuple[tuple[str, str, Callable[..., ResponseReturnValue]], ...] = (
    ("POST", f"{_SECTION}/pins", pin),
    ("POST", f"{_SECTION}/order", reorder),
    ("GET", f"{_PIN}/note", note),
    ("POST", f"{_PIN}/note", edit_note),
    ("GET", f"{_PIN}/settings", settings),
    ("POST", f"{_PIN}/settings", edit_settings),
    ("POST", f"{_PIN}/move", move_pin),
    ("POST", f"{_PIN}/unpin", unpin),
    ("POST", f"{_PIN}/replace", replace),
)


def _settings_page(
    pin_id: int, form: SettingsForm | None, *, theirs: Any = None, status: int = 200
) -> ResponseReturnValue:
    found, pin = _pin_or_404(pin_id)
    shown = settings_to_edit(
        db_session(), found, pin, form=form, ticked=request.form.getlist("audience"), theirs=theirs
    )
    return page("curation/settings.html", status=status, shown=shown)


def _pin_or_404(pin_id: int) -> tuple[RolePage, PinToEdit]:
    """Return a pin whose item the curator may see, and its page; raise NotFound without."""
    found = desk.page_with_pin(db_session(), pin_id)
    pin = desk.pin_to_edit(db_session(), pin_id, tokens=viewer().tokens) if found else None
    if found is None or pin is None or not pin.title:
        raise NotFound(_("There is no such pin."))
    return found, pin


def _known(kept: list[str], added: str = "") -> tuple[str, ...]:
    """Return the tokens of an audience, those left out that nothing here has."""
    if not kept and not added:
        return ()
    return audiences.tokens_of(audiences.choices(db_session()), kept=kept, added=added, before=())


def _of_pin() -> dict[str, Any]:
    """Return what the form says of its pin, by which it is found where its id is gone."""
    item = request.form.get("item_id", "")
    return {"role": request.form.get("role", ""), "item_id": int(item) if _is_id(item) else None}


def _is_id(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 11 and int(text) <= LARGEST_ID

"""Curators change what an item says and shows; readers are given its picture."""

from flask import Response, flash, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.datastructures import FileStorage

from app import clock
from app.audit.trail import note
from app.catalogue.locks import EDITABLE
from app.editing import contexts, queries, service
from app.editing.blueprint import bp
from app.editing.contexts import Typed
from app.editing.forms import DetailsForm, chosen_names, seen_digests
from app.editing.names import roles_chosen, skills_chosen
from app.editing.service import Crossed, Edited, Wish
from app.errors import Invalid, NotFound
from app.models import Item
from app.web.errors import translated
from app.web.htmx import page
from app.web.security import is_local_address
from app.web.unit_of_work import db_session
from app.web.viewer import viewer

_ITEM = "/curate/items/<int(max=2147483647):item_id>"
_TAKEN = "picture_taken_away"
_A_YEAR = "private, max-age=31536000, immutable"


@bp.get(_ITEM)
def edit(item_id: int) -> ResponseReturnValue:
    """Show an item to its curators, to be changed."""
    return _show(_item_or_404(item_id))


@bp.post(_ITEM)
def edit_item(item_id: int) -> ResponseReturnValue:
    """Keep what was changed; it stays whatever the tool says later."""
    item, form = _item_or_404(item_id), DetailsForm()
    wish, typed = _wish(form)
    if typed.errors or wish is None:
        return _show(item, typed, status=422)
    try:
        edited = service.edit(
            db_session(),
            item_id,
            wish,
            seen=seen_digests(EDITABLE),
            person_id=viewer().id,
            tokens=viewer().tokens,
            now=clock.now(),
        )
    except Crossed as crossed:
        return _show(_item_or_404(item_id), _both(item, typed, crossed), status=409)
    _note("editing.edit_item", edited)
    flash(
        _("Saved. The tool’s next reading leaves it as it is.")
        if edited.changes
        else _("Nothing was changed.")
    )
    return redirect(_back(item_id), code=303)


@bp.post(f"{_ITEM}/again")
def take_again(item_id: int) -> ResponseReturnValue:
    """Take what the tool says of a field again, or of all."""
    wanted = request.form.getlist("field")
    edited = service.take_again(
        db_session(),
        item_id,
        EDITABLE if "all" in wanted else wanted,
        person_id=viewer().id,
        tokens=viewer().tokens,
        now=clock.now(),
    )
    _note("editing.take_again", edited)
    unknown = [name for name, (_ours, theirs) in edited.changes.items() if theirs is None]
    said = _("The tool has its say again.")
    flash(said + " " + _("What it says comes with its next reading.") if unknown else said)
    return redirect(url_for("editing.edit", item_id=item_id), code=303)


@bp.post(f"{_ITEM}/picture")
def give_picture(item_id: int) -> ResponseReturnValue:
    """Keep a picture, made small, or another description of it."""
    item, upload = _item_or_404(item_id), request.files.get("picture")
    alt = request.form.get("alt", "")
    try:
        service.give_picture(
            db_session(),
            item_id,
            _bytes(upload),
            alt=alt,
            person_id=viewer().id,
            tokens=viewer().tokens,
            now=clock.now(),
        )
    except Invalid as invalid:
        errors = {name: translated(why) for name, why in invalid.fields.items()}
        return _show(item, Typed({"alt": alt}, errors=errors), status=422)
    flash(_("The picture is saved."))
    return redirect(url_for("editing.edit", item_id=item_id, _anchor="picture"), code=303)


@bp.post(f"{_ITEM}/picture/remove")
def remove_picture(item_id: int) -> ResponseReturnValue:
    """Take the picture away, and offer to put it back."""
    me = viewer()
    gone = service.take_picture_away(db_session(), item_id, person_id=me.id, tokens=me.tokens)
    session[_TAKEN] = [item_id, *gone]
    flash(_("The picture is taken away."))
    return redirect(url_for("editing.edit", item_id=item_id, _anchor="picture"), code=303)


@bp.post(f"{_ITEM}/picture/back")
def put_picture_back(item_id: int) -> ResponseReturnValue:
    """Put back the picture that was taken away last."""
    me, kept = viewer(), session.pop(_TAKEN, None)
    if not kept or kept[0] != item_id:
        raise NotFound(_("There is no picture to put back."))
    service.put_picture_back(
        db_session(), item_id, (kept[1], kept[2]), person_id=me.id, tokens=me.tokens
    )
    flash(_("The picture is back."))
    return redirect(url_for("editing.edit", item_id=item_id, _anchor="picture"), code=303)


@bp.get("/pictures/<digest>.webp")
def picture(digest: str) -> ResponseReturnValue:
    """Give the picture of an item that the reader may see; its address changes with its bytes."""
    found = queries.picture_to_see(db_session(), digest, tokens=viewer().tokens)
    if found is None:
        raise NotFound(_("There is no such picture for you."))
    response = Response(found.data, mimetype=found.media_type)
    response.headers["Cache-Control"] = _A_YEAR
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


def _item_or_404(item_id: int) -> Item:
    me = viewer()
    item = queries.item_to_edit(db_session(), item_id, person_id=me.id, tokens=me.tokens)
    if item is None:
        raise NotFound(_("There is no such item for you."))
    return item


def _wish(form: DetailsForm) -> tuple[Wish | None, Typed]:
    """Return what the form asks for, None where something is wrong with it, and what was typed."""
    errors = {} if form.validate() else {name: why[0] for name, why in form.errors.items() if name}
    skills, skills_added = chosen_names("skill")
    roles, roles_added = chosen_names("role")
    values = {**form.values(), "skills": skills, "roles": sorted(roles)}
    if "minutes" in errors:
        values["minutes"] = request.form.get("minutes", "")
    typed = Typed(values, skills_added, roles_added, errors)
    try:
        chosen = skills_chosen(db_session(), skills, skills_added)
        meant = roles_chosen(db_session(), roles, roles_added)
    except Invalid as invalid:
        wrong = {name: translated(why) for name, why in invalid.fields.items()}
        return None, Typed(values, skills_added, roles_added, errors | wrong)
    named = {"skills": contexts.named_pairs(chosen), "roles": contexts.named_pairs(meant)}
    wish = Wish(values=values | named, skills=chosen, roles=meant)
    return (None if errors else wish), typed


def _both(item: Item, typed: Typed, crossed: Crossed) -> Typed:
    """Return what was typed where the curator changed it, and elsewhere what stands there now."""
    seen, now = seen_digests(EDITABLE), queries.values_to_edit(item)
    mine = {
        name: value if contexts.is_changed(value, seen.get(name, "")) else now[name]
        for name, value in typed.values.items()
    }
    return Typed(mine, typed.skills_added, typed.roles_added, crossed=crossed.now)


def _show(item: Item, typed: Typed | None = None, status: int = 200) -> ResponseReturnValue:
    kept = session.get(_TAKEN)
    return page(
        "editing/edit.html",
        status=status,
        seen=contexts.edit_page(db_session(), item, typed),
        labels=contexts.field_labels(),
        can_undo=bool(kept and kept[0] == item.id and not item.picture),
        back=_back(item.id),
    )


def _back(item_id: int) -> str:
    """Return where the curator came from, as the address or the form says; else the item's page."""
    wanted = request.form.get("back") or request.args.get("back", "")
    return wanted if is_local_address(wanted) else url_for("discover.item", item_id=item_id)


def _bytes(upload: FileStorage | None) -> bytes:
    """Return what was uploaded, and close the file in which a large one waits."""
    if upload is None:
        return b""
    body = upload.stream.read()
    upload.close()
    return body


def _note(action: str, edited: Edited) -> None:
    """Let the audit log tell of skills and roles too, which stand in tables of their own."""
    if edited.changes:
        fields = {
            name: {"before": before, "after": after}
            for name, (before, after) in edited.changes.items()
        }
        note(action, subject=f"item {edited.item.id} “{edited.item.title}”", fields=fields)

"""One pin to edit: its note, and when and to whom it is shown."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app.curation import audiences
from app.curation.audiences import Choice
from app.curation.desk import PinToEdit
from app.curation.forms import SettingsForm
from app.curation.said import WrongNote
from app.curation.seen import seen_of
from app.curation.service import settings_texts
from app.curation.told import label
from app.models import RolePage
from app.web.i18n import day


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteToEdit:
    """The form of a pin's note: the text in it, what is wrong with it, what somebody else wrote."""

    pin: PinToEdit
    text: str
    seen: str
    error: str = ""
    theirs: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NotePage:
    """The form of a pin's note on a page of its own."""

    page: RolePage
    note: NoteToEdit


def note_to_edit(pin: PinToEdit, wrong: WrongNote | None = None) -> NoteToEdit:
    """Return the form of a pin's note, with what was typed where that was not taken."""
    return NoteToEdit(
        pin=pin,
        text=wrong.typed if wrong else pin.note,
        seen=seen_of(pin.note),
        error=wrong.error if wrong else "",
        theirs=wrong.theirs if wrong else None,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class AudienceToEdit:
    """Whom something is for: what is chosen, all that there is, and the words for a list."""

    chosen: list[tuple[str, str]]
    offered: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingsToEdit:
    """When and to whom a pin is shown; `theirs` is what somebody else chose meanwhile, in words."""

    page: RolePage
    pin: PinToEdit
    form: SettingsForm
    seen: str
    audience: AudienceToEdit
    theirs: str


def settings_to_edit(
    session: Session,
    page: RolePage,
    pin: PinToEdit,
    *,
    form: SettingsForm | None,
    ticked: Collection[str],
    theirs: Mapping[str, str] | None,
) -> SettingsToEdit:
    """Gather the page of a pin's settings; `ticked` are the boxes of a form that comes back."""
    known = audiences.choices(session)
    kept = settings_texts(pin.starts_on, pin.ends_on, pin.audience)
    days = {"starts_on": pin.starts_on, "ends_on": pin.ends_on}
    return SettingsToEdit(
        page=page,
        pin=pin,
        form=form or SettingsForm(formdata=None, data=days),
        seen=seen_of(*kept.values()),
        audience=audience_to_edit(known, ticked if form else pin.audience),
        theirs=(settings_words(pin, known) or _("Always, for everybody who sees the page"))
        if theirs
        else "",
    )


def audience_to_edit(known: list[Choice], tokens: Collection[str]) -> AudienceToEdit:
    """Return whom something is for, to be changed."""
    return AudienceToEdit(
        chosen=[(one.token, label(one)) for one in audiences.chosen(known, tokens)],
        offered=[label(one) for one in known if one.token not in tokens],
    )


def settings_words(pin: PinToEdit, known: list[Choice]) -> str:
    """Return when and to whom a pin is shown, where that is not always and everybody."""
    parts = []
    if pin.starts_on:
        parts.append(_("from %(day)s", day=day(pin.starts_on)))
    if pin.ends_on:
        parts.append(_("until %(day)s", day=day(pin.ends_on)))
    if pin.audience:
        names = ", ".join(label(one) for one in audiences.chosen(known, pin.audience))
        parts.append(_("only for %(names)s", names=names))
    return " · ".join(parts)

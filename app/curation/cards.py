"""The sections of a role page as its curators change them: a card each, and a row for each pin."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from flask_babel import gettext as _

from app.curation.audiences import Choice
from app.curation.desk import PinToEdit, SectionToEdit, Trouble
from app.curation.forms import DetailsForm
from app.curation.pin_contexts import NoteToEdit, note_to_edit, settings_words
from app.curation.said import Refused, Said, WrongNote
from app.curation.seen import seen_of
from app.web.i18n import day

NEW = "new"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A pin's row: where it stands on the whole page, and what its curator should know.

    `note` is the form of its note where that was not taken. Where the row is fresh, a form that
    stands open for it on the page gives way to it.
    """

    pin: PinToEdit
    is_first: bool
    is_last: bool
    warning: str
    settings: str
    note: NoteToEdit | None = None
    is_fresh: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SectionCard:
    """A section to edit; its form is shown open while something in it is wrong."""

    section: SectionToEdit
    lines: list[Line]
    form: DetailsForm
    seen: str
    theirs: Mapping[str, str]
    is_open: bool
    is_first: bool
    is_last: bool


def section_prefix(section_id: int) -> str:
    """Return what the names of a section's fields begin with."""
    return f"section_{section_id}"


def filled(prefix: str, title: str, intro: str) -> DetailsForm:
    """Return the form of a section with these texts."""
    return DetailsForm(formdata=None, prefix=prefix, data={"title": title, "intro": intro})


def cards_of(
    sections: list[SectionToEdit],
    refused: Refused,
    said: Said,
    known: list[Choice],
    *,
    today: date,
) -> list[SectionCard]:
    """Return the sections to edit, with the input that was refused where it was typed."""
    cards = []
    for place, section in enumerate(sections):
        wrong = refused.section if refused.section and refused.section[0] == section.id else None
        is_first, is_last = place == 0, place == len(sections) - 1
        cards.append(
            SectionCard(
                section=section,
                lines=_lines(section, is_first, is_last, refused, said, known, today),
                form=wrong[1]
                if wrong
                else filled(section_prefix(section.id), section.title, section.intro),
                seen=seen_of(section.title, section.intro),
                theirs=refused.theirs if wrong else {},
                is_open=wrong is not None,
                is_first=is_first,
                is_last=is_last,
            )
        )
    return cards


def _lines(
    section: SectionToEdit,
    is_first: bool,
    is_last: bool,
    refused: Refused,
    said: Said,
    known: list[Choice],
    today: date,
) -> list[Line]:
    """Return the rows; at the edge of a section a pin moves on to the next one."""
    last = len(section.pins) - 1
    return [
        _line(
            pin,
            is_first=is_first and place == 0,
            is_last=is_last and place == last,
            wrong=refused.note if refused.note and refused.note.pin_id == pin.id else None,
            is_saved=said.saved == pin.id,
            known=known,
            today=today,
        )
        for place, pin in enumerate(section.pins)
    ]


def _line(
    pin: PinToEdit,
    *,
    is_first: bool,
    is_last: bool,
    wrong: WrongNote | None,
    is_saved: bool,
    known: list[Choice],
    today: date,
) -> Line:
    return Line(
        pin=pin,
        is_first=is_first,
        is_last=is_last,
        warning=_warning(pin, today),
        settings=settings_words(pin, known),
        note=note_to_edit(pin, wrong) if wrong else None,
        is_fresh=is_saved or wrong is not None,
    )


def place_of(pin_id: int, sections: list[SectionToEdit]) -> str:
    """Say where a pin stands now; nothing for one that is gone."""
    for section in sections:
        for place, pin in enumerate(section.pins, start=1):
            if pin.id == pin_id:
                return _(
                    "%(title)s is now place %(place)s of %(count)s in “%(section)s”.",
                    title=pin.title,
                    place=place,
                    count=len(section.pins),
                    section=section.title,
                )
    return ""


def _warning(pin: PinToEdit, today: date) -> str:
    if pin.trouble is Trouble.RETIRED:
        return _("Retired: readers no longer see it")
    if pin.trouble is Trouble.LIMITED:
        return _("Not everybody with this role may see it")
    if pin.starts_on and pin.starts_on > today:
        return _("Shown from %(day)s", day=day(pin.starts_on))
    if pin.ends_on and pin.ends_on < today:
        return _("Not shown since %(day)s", day=day(pin.ends_on))
    return ""

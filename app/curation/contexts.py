"""What the pages of curation show, put together and in words."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date

from flask import url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app.access import Viewer
from app.curation import desk, queries
from app.curation.asked_skills import AskedSkill, asked_of, skills_to_choose
from app.curation.desk import PinToEdit, SectionToEdit, Trouble
from app.curation.forms import DetailsForm, SkillsForm
from app.curation.service import Unpinned
from app.models import RolePage
from app.web.i18n import day


@dataclass(frozen=True, slots=True, kw_only=True)
class PageToRead:
    """A role page with what its reader may see, and the other pages."""

    page: RolePage
    shelves: list[queries.Shelf]
    skills: list[AskedSkill]
    others: list[RolePage]


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A pin's row: where it stands on the whole page, and what its curator should know."""

    pin: PinToEdit
    is_first: bool
    is_last: bool
    warning: str
    error: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SectionCard:
    """A section to edit; its form is shown open while something in it is wrong."""

    section: SectionToEdit
    lines: list[Line]
    form: DetailsForm
    is_open: bool
    is_first: bool
    is_last: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Undo:
    """How to put an unpinned item back: the form's address and fields."""

    action: str
    fields: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What a change has to say: `text` is read out, and shown unless it is `quiet`.

    Where a pin was moved, `moved` is its id and the text says its new place.
    """

    text: str = ""
    quiet: bool = False
    undo: Undo | None = None
    moved: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """Input that was not taken, to be shown where it was typed. Only one of them is set."""

    details: DetailsForm | None = None
    new_section: DetailsForm | None = None
    section: tuple[int, DetailsForm] | None = None
    note: tuple[int, str, str] | None = None
    skills: SkillsForm | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SkillsToEdit:
    """The skills that the role asks for, the names of all others, and a form to add one."""

    asked: list[AskedSkill]
    others: list[str]
    form: SkillsForm


@dataclass(frozen=True, slots=True, kw_only=True)
class PageToEdit:
    """The whole edit page."""

    page: RolePage
    review_due: bool
    details: DetailsForm
    sections: list[SectionCard]
    new_section: DetailsForm
    skills: SkillsToEdit
    said: Said


NOTHING_SAID, NOTHING_REFUSED = Said(), Refused()


def page_to_read(session: Session, reader: Viewer, page: RolePage, *, today: date) -> PageToRead:
    """Gather a role page for its reader."""
    shelves = queries.shelves_of(
        session, page.id, person_id=reader.id, tokens=reader.tokens, today=today
    )
    pages = queries.pages_to_read(session, tokens=reader.tokens)
    others = [each for each in pages if each.id != page.id]
    skills = asked_of(session, page.role_id, person_id=reader.id)
    return PageToRead(page=page, shelves=shelves, skills=skills, others=others)


def page_to_edit(
    session: Session,
    page: RolePage,
    *,
    tokens: Collection[str],
    today: date,
    said: Said = NOTHING_SAID,
    refused: Refused = NOTHING_REFUSED,
) -> PageToEdit:
    """Gather the edit page, with the input that was refused where it was typed."""
    sections = desk.sections_to_edit(session, page.id, tokens=tokens)
    return PageToEdit(
        page=page,
        review_due=desk.is_review_due(page.reviewed_on, today=today),
        details=refused.details or _filled("", page.title, page.intro),
        sections=_cards(sections, refused, today=today),
        new_section=refused.new_section or _filled(NEW, "", ""),
        skills=_skills(session, page, refused.skills),
        said=replace(said, text=_place_of(said.moved, sections)) if said.moved else said,
    )


def _skills(session: Session, page: RolePage, form: SkillsForm | None) -> SkillsToEdit:
    asked, others = skills_to_choose(session, page.role_id)
    return SkillsToEdit(asked=asked, others=others, form=form or SkillsForm(formdata=None))


NEW = "new"


def section_prefix(section_id: int) -> str:
    """Return what the names of a section's fields begin with."""
    return f"section_{section_id}"


def undo_of(gone: Unpinned) -> Undo:
    """Return the form that puts an unpinned item back as it was."""
    fields = {
        "item_id": gone.item_id,
        "note": gone.note,
        "position": gone.position,
        "starts_on": gone.starts_on or "",
        "ends_on": gone.ends_on or "",
    }
    return Undo(
        action=url_for("curation.pin", section_id=gone.section_id),
        fields={name: str(value) for name, value in fields.items()},
    )


def _filled(prefix: str, title: str, intro: str) -> DetailsForm:
    return DetailsForm(formdata=None, prefix=prefix, data={"title": title, "intro": intro})


def _cards(sections: list[SectionToEdit], refused: Refused, *, today: date) -> list[SectionCard]:
    cards = []
    for place, section in enumerate(sections):
        wrong = refused.section is not None and refused.section[0] == section.id
        prefix = section_prefix(section.id)
        is_first, is_last = place == 0, place == len(sections) - 1
        cards.append(
            SectionCard(
                section=section,
                lines=_lines(section, is_first, is_last, refused, today),
                form=refused.section[1]
                if wrong and refused.section
                else _filled(prefix, section.title, section.intro),
                is_open=wrong,
                is_first=is_first,
                is_last=is_last,
            )
        )
    return cards


def _lines(
    section: SectionToEdit, is_first: bool, is_last: bool, refused: Refused, today: date
) -> list[Line]:
    """Return the rows; at the edge of a section a pin moves on to the next one."""
    last = len(section.pins) - 1
    wrong, typed, error = refused.note or (None, "", "")
    return [
        Line(
            pin=replace(pin, note=typed) if pin.id == wrong else pin,
            is_first=is_first and place == 0,
            is_last=is_last and place == last,
            warning=_warning(pin, today),
            error=error if pin.id == wrong else "",
        )
        for place, pin in enumerate(section.pins)
    ]


def _place_of(pin_id: int, sections: list[SectionToEdit]) -> str:
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

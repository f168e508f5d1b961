"""What the pages of curation show, put together and in words."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from flask import url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app.access import Viewer
from app.curation import audiences, desk, queries
from app.curation.asked_skills import AskedSkill, asked_of, skills_to_choose
from app.curation.audiences import Choice
from app.curation.changes import done_since
from app.curation.desk import PinToEdit, SectionToEdit, Trouble
from app.curation.forms import DetailsForm, PageForm, SettingsForm, SkillsForm
from app.curation.laying import audience_tokens
from app.curation.rights import Standing
from app.curation.seen import seen_of
from app.curation.service import Unpinned, settings_texts
from app.curation.told import done_words, label
from app.models import RolePage
from app.web.i18n import day

RECENTLY = timedelta(minutes=30)


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
    settings: str
    seen: str
    theirs: str | None = None
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Undo:
    """How to put an unpinned item back: the form's address and fields."""

    action: str
    fields: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What a change has to say: `text` is read out, and shown unless it is `quiet`.

    Where a pin was moved, `moved` is its id and the text says its new place. `saved` is the id of a
    pin whose note was just kept.
    """

    text: str = ""
    quiet: bool = False
    undo: Undo | None = None
    moved: int | None = None
    saved: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WrongNote:
    """A note that was not taken: what was typed, and why; or what somebody else wrote meanwhile."""

    pin_id: int
    typed: str
    error: str = ""
    theirs: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """Input that was not taken, to be shown where it was typed. Only one form of it is set.

    `theirs` are the texts that somebody else wrote meanwhile, by field; `lost` is a note to an item
    that is no longer on the page.
    """

    details: PageForm | None = None
    new_section: DetailsForm | None = None
    section: tuple[int, DetailsForm] | None = None
    note: WrongNote | None = None
    skills: SkillsForm | None = None
    theirs: Mapping[str, str] = field(default_factory=dict)
    lost: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SkillsToEdit:
    """The skills that the role asks for, the names of all others, and a form to add one."""

    asked: list[AskedSkill]
    others: list[str]
    form: SkillsForm


@dataclass(frozen=True, slots=True, kw_only=True)
class AudienceToEdit:
    """Whom something is for: what is chosen, all that there is, and the words for a list."""

    chosen: list[tuple[str, str]]
    offered: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class PageToEdit:
    """The whole edit page.

    `is_open` is whether it can be changed here: it is a draft, and the curator may; so is a page
    whose draft went while the curator was writing. `theirs` are texts of the page that somebody
    else wrote meanwhile, `recent` what others did in the last minutes, `lost` a note to an item
    that is no longer there.
    """

    page: RolePage
    is_open: bool
    has_published: bool
    standing: Standing
    review_due: bool
    details: PageForm
    seen: str
    theirs: Mapping[str, str]
    audience: AudienceToEdit
    sections: list[SectionCard]
    new_section: DetailsForm
    skills: SkillsToEdit
    recent: list[str]
    said: Said
    lost: str | None


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
    standing: Standing,
    has_published: bool,
    viewer: Viewer,
    today: date,
    now: datetime,
    said: Said = NOTHING_SAID,
    refused: Refused = NOTHING_REFUSED,
) -> PageToEdit:
    """Gather the edit page, with the input that was refused where it was typed."""
    sections = desk.sections_to_edit(session, page.id, tokens=viewer.tokens)
    known = audiences.choices(session)
    tokens = audience_tokens(session, page.id)
    return PageToEdit(
        page=page,
        is_open=standing.may_change and (not page.published or refused is not NOTHING_REFUSED),
        has_published=has_published,
        standing=standing,
        review_due=desk.is_review_due(page.reviewed_on, today=today),
        details=refused.details or _page_form(page),
        seen=seen_of(page.title, page.intro, " ".join(tokens)),
        theirs=_their_words(refused.theirs, known) if refused.details else {},
        audience=audience_to_edit(known, tokens),
        sections=_cards(sections, refused, said, known, today=today),
        new_section=refused.new_section or _filled(NEW, "", ""),
        skills=_skills(session, page, refused.skills),
        recent=_recent(session, page, viewer, now),
        said=replace(said, text=_place_of(said.moved, sections)) if said.moved else said,
        lost=refused.lost,
    )


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
        theirs=(_settings(pin, known) or _("Always, for everybody who sees the page"))
        if theirs
        else "",
    )


def audience_to_edit(known: list[Choice], tokens: Collection[str]) -> AudienceToEdit:
    """Return whom something is for, to be changed."""
    return AudienceToEdit(
        chosen=[(one.token, label(one)) for one in audiences.chosen(known, tokens)],
        offered=[label(one) for one in known if one.token not in tokens],
    )


def _recent(session: Session, page: RolePage, viewer: Viewer, now: datetime) -> list[str]:
    if page.published:
        return []
    tokens = {*viewer.tokens, f"role:{page.role.slug}"}
    found = done_since(session, page.id, at=now - RECENTLY, not_by=viewer.id, tokens=tokens)
    return [done_words(one) for one in found]


def _their_words(theirs: Mapping[str, str], known: list[Choice]) -> dict[str, str]:
    """Return the texts of others, an audience in words."""
    words = dict(theirs)
    if "audience" in words:
        found = [label(one) for one in audiences.chosen(known, words["audience"].split())]
        words["audience"] = ", ".join(found) or _("Everybody")
    return words


def _page_form(page: RolePage) -> PageForm:
    return PageForm(formdata=None, data={"title": page.title, "intro": page.intro})


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
        "audience": " ".join(gone.audience),
    }
    return Undo(
        action=url_for("curation.pin", section_id=gone.section_id),
        fields={name: str(value) for name, value in fields.items()},
    )


def _filled(prefix: str, title: str, intro: str) -> DetailsForm:
    return DetailsForm(formdata=None, prefix=prefix, data={"title": title, "intro": intro})


def _cards(
    sections: list[SectionToEdit],
    refused: Refused,
    said: Said,
    known: list[Choice],
    *,
    today: date,
) -> list[SectionCard]:
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
                else _filled(section_prefix(section.id), section.title, section.intro),
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
        pin=replace(pin, note=wrong.typed) if wrong else pin,
        is_first=is_first,
        is_last=is_last,
        warning=_warning(pin, today),
        error=wrong.error if wrong else "",
        settings=_settings(pin, known),
        seen=seen_of(pin.note),
        theirs=wrong.theirs if wrong else None,
        is_fresh=is_saved or wrong is not None,
    )


def _settings(pin: PinToEdit, known: list[Choice]) -> str:
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

"""A role page as it is read and as it is changed, put together and in words."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app.access import Viewer
from app.curation import audiences, desk, queries
from app.curation.asked_skills import AskedSkill, asked_of, skills_to_choose
from app.curation.audiences import Choice
from app.curation.cards import NEW, SectionCard, cards_of, filled, place_of
from app.curation.changes import done_since
from app.curation.forms import DetailsForm, PageForm, SkillsForm
from app.curation.laying import audience_tokens
from app.curation.pin_contexts import AudienceToEdit, audience_to_edit
from app.curation.rights import Standing
from app.curation.said import NOTHING_REFUSED, NOTHING_SAID, Refused, Said
from app.curation.seen import seen_of
from app.curation.told import done_words, label
from app.models import RolePage

RECENTLY = timedelta(minutes=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class PageToRead:
    """A role page with what its reader may see, and the other pages."""

    page: RolePage
    shelves: list[queries.Shelf]
    skills: list[AskedSkill]
    others: list[RolePage]


@dataclass(frozen=True, slots=True, kw_only=True)
class SkillsToEdit:
    """The skills that the role asks for, the names of all others, and a form to add one."""

    asked: list[AskedSkill]
    others: list[str]
    form: SkillsForm


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
        sections=cards_of(sections, refused, said, known, today=today),
        new_section=refused.new_section or filled(NEW, "", ""),
        skills=_skills(session, page, refused.skills),
        recent=_recent(session, page, viewer, now),
        said=replace(said, text=place_of(said.moved, sections)) if said.moved else said,
        lost=refused.lost,
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

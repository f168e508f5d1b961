"""What curators do to a role's page and its sections. All of it is done to the draft.

Every change first holds its draft, so that two curators at once cannot tear it, and says who made
it. Positions of sections are always 0, 1, 2, … without gaps.
"""

from collections.abc import Collection
from datetime import date, datetime

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from app.curation import rights
from app.curation.drafts import Place, hold, make_draft, note, section_in_draft
from app.curation.layout import GONE, number, sections_of
from app.curation.order import moved
from app.curation.seen import merged
from app.curation.texts import checked
from app.errors import Conflict, NotFound, Wording
from app.models import EVERYONE, Audience, Change, Role, RolePage, Section, audience_of

TITLE, INTRO = 120, 1000


def create_page(
    session: Session,
    role_slug: str,
    *,
    by: int,
    now: datetime,
    title: str = "",
    intro: str = "",
    audience: Collection[str] = EVERYONE,
) -> RolePage:
    """Make the first draft of a job role's page, kept by its maker; readers see nothing of it yet.

    Without a title it carries the role's name. Raises NotFound for an unknown role, Conflict if the
    role has a page.
    """
    role = session.scalar(select(Role).where(Role.slug == role_slug).with_for_update())
    if role is None:
        raise NotFound(Wording("There is no such role."))
    if session.scalar(select(RolePage.id).where(RolePage.role_id == role.id).limit(1)):
        raise Conflict(Wording("This role has a page already."))
    page = RolePage(
        role_id=role.id,
        published=False,
        revision=1,
        changed_at=now,
        changed_by_id=by,
        title=checked("title", title or role.name, longest=TITLE),
        intro=checked("intro", intro, longest=INTRO),
        curator_id=by,
        audience_id=audience_of(session, audience).id,
    )
    session.add(page)
    session.flush()
    note(session, page.id, 1, Change.MADE, by=by, now=now)
    session.flush()
    return page


def edit_details(
    session: Session,
    page_id: int,
    *,
    title: str,
    intro: str,
    audience: Collection[str] | None = None,
    seen: str = "",
    by: int,
    now: datetime,
) -> int:
    """Change title, introduction and audience of a page; return the id of its draft.

    `audience` is None where it stays. `seen` says what the curator saw of the three. Raises Invalid
    for a text that is too long or missing, Overtaken if somebody else changed the same text.
    """
    mine = {
        "title": checked("title", title, longest=TITLE, required=True),
        "intro": checked("intro", intro, longest=INTRO),
    }
    draft_id = hold(
        session, make_draft(session, page_id, by=by, now=now), Change.DETAILS, by=by, now=now
    )
    present = texts_of_page(session, draft_id)
    mine["audience"] = present["audience"] if audience is None else " ".join(sorted(audience))
    kept = merged(mine, present, seen)
    session.execute(
        update(RolePage)
        .where(RolePage.id == draft_id)
        .values(
            title=kept["title"],
            intro=kept["intro"],
            audience_id=audience_of(session, kept["audience"].split(" ")).id,
        )
        .execution_options(synchronize_session="fetch")
    )
    return draft_id


def texts_of_page(session: Session, page_id: int) -> dict[str, str]:
    """Return title, introduction and audience as they are now; raise Conflict if it is gone."""
    found = session.execute(
        select(RolePage.title, RolePage.intro, Audience.key)
        .join(Audience, Audience.id == RolePage.audience_id)
        .where(RolePage.id == page_id)
    ).one_or_none()
    if found is None:
        raise Conflict(GONE)
    return {"title": found[0], "intro": found[1], "audience": found[2]}


def mark_reviewed(session: Session, role_id: int, *, by: int, on: date) -> None:
    """Note that everything on the page was looked at; a page without a curator gets this one.

    Raises NotAllowed for who may not change the page.
    """
    standing = rights.check(session, role_id, by, on=on)
    change = update(RolePage).where(RolePage.role_id == role_id)
    if standing.answers is None:
        change = change.values(reviewed_on=on, curator_id=by)
    else:
        change = change.values(reviewed_on=on)
    session.execute(change.execution_options(synchronize_session="fetch"))


def add_section(
    session: Session, page_id: int, *, title: str, intro: str = "", by: int, now: datetime
) -> Section:
    """Add a section at the end of the page's draft.

    Raises Conflict if the page is gone, Invalid for a title or intro that is no good, NotAllowed.
    """
    section = Section(
        title=checked("title", title, longest=TITLE, required=True),
        intro=checked("intro", intro, longest=INTRO),
    )
    draft_id = make_draft(session, page_id, by=by, now=now)
    hold(session, draft_id, Change.SECTION_ADDED, by=by, now=now, text=section.title)
    section.page_id = draft_id
    section.position = len(sections_of(session, draft_id))
    session.add(section)
    session.flush()
    return section


def edit_section(
    session: Session,
    section_id: int,
    *,
    title: str,
    intro: str,
    seen: str = "",
    by: int,
    now: datetime,
    role: str = "",
    key: str = "",
) -> Place:
    """Change title and introduction of a section and return where it stands.

    Raises Conflict if the section is gone, Invalid for a title or intro that is no good, Overtaken
    if somebody else changed the same text, NotAllowed.
    """
    mine = {
        "title": checked("title", title, longest=TITLE, required=True),
        "intro": checked("intro", intro, longest=INTRO),
    }
    place = section_in_draft(session, section_id, by=by, now=now, role=role, key=key)
    hold(session, place.page_id, Change.SECTION, by=by, now=now, text=mine["title"])
    section = _section(session, place)
    kept = merged(mine, {"title": section.title, "intro": section.intro}, seen, of=place.id)
    section.title, section.intro = kept["title"], kept["intro"]
    session.flush()
    return place


def move_section(session: Session, section_id: int, step: int, *, by: int, now: datetime) -> Place:
    """Move a section one place up (-1) or down (+1) and return where it stands.

    Raises Conflict if the section is gone, NotAllowed.
    """
    place = section_in_draft(session, section_id, by=by, now=now)
    title = _section(session, place).title
    hold(session, place.page_id, Change.SECTION_MOVED, by=by, now=now, text=title)
    sections = sections_of(session, place.page_id)
    one = next((each for each in sections if each.id == place.id), None)
    if one is None:
        raise Conflict(GONE)
    number(moved(sections, one, step))
    session.flush()
    return place


def remove_section(
    session: Session, section_id: int, *, by: int, now: datetime, role: str = "", key: str = ""
) -> int:
    """Remove a section with its pins from the draft and return the draft's id.

    Raises Conflict if the section is gone, NotAllowed.
    """
    place = section_in_draft(session, section_id, by=by, now=now, role=role, key=key)
    title = _section(session, place).title
    hold(session, place.page_id, Change.SECTION_REMOVED, by=by, now=now, text=title)
    session.execute(
        delete(Section).where(Section.id == place.id).execution_options(synchronize_session="fetch")
    )
    number(sections_of(session, place.page_id))
    session.flush()
    return place.page_id


def _section(session: Session, place: Place) -> Section:
    found = session.get(Section, place.id, populate_existing=True)
    if found is None or found.page_id != place.page_id:
        raise Conflict(GONE)
    return found

"""Reads a whole role page into a plain value, and makes a page be what such a value says.

Making a draft, publishing it and going back to a version are all the same: one page is laid out as
another one is or was.
"""

from collections.abc import Collection, Iterable

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session, aliased

from app.curation.content import PageContent, PinContent, SectionContent, Tokens
from app.curation.layout import GONE
from app.errors import Conflict
from app.models import Audience, Item, Person, Pin, RolePage, Section, audience_of


def content_of(session: Session, page_id: int) -> PageContent:
    """Return a page as a plain value, as it is now; raise Conflict if it is gone."""
    found = session.execute(
        select(RolePage.title, RolePage.intro, Audience.key)
        .join(Audience, Audience.id == RolePage.audience_id)
        .where(RolePage.id == page_id)
    ).one_or_none()
    if found is None:
        raise Conflict(GONE)
    title, intro, key = found
    return PageContent(
        title=title,
        intro=intro,
        audience=tuple(key.split(" ")),
        sections=_sections(session, page_id),
    )


def audience_tokens(session: Session, page_id: int) -> Tokens:
    """Return whom a page is for, sorted."""
    key = session.scalar(
        select(Audience.key)
        .join(RolePage, RolePage.audience_id == Audience.id)
        .where(RolePage.id == page_id)
    )
    return tuple(key.split(" ")) if key else ()


def lay(session: Session, page_id: int, content: PageContent) -> None:
    """Make a page be this content; sections keep their id by key, pins theirs by item.

    Items and people that are not there any more are left out. The caller holds the page's lock.
    """
    audiences = _audiences(session, content)
    session.execute(
        update(RolePage)
        .where(RolePage.id == page_id)
        .values(title=content.title, intro=content.intro, audience_id=audiences[content.audience])
        .execution_options(synchronize_session="fetch")
    )
    section_ids = _lay_sections(session, page_id, content)
    rows = _matched(session, page_id, content, section_ids)
    items, people = _there(session, content)
    for section in content.sections:
        kept = [pin for pin in section.pins if pin.item_id in items]
        for place, pin in enumerate(kept):
            row = rows.get((section.key, pin.item_id)) or Pin(item_id=pin.item_id)
            session.add(row)
            row.section_id, row.position = section_ids[section.key], place
            _lay_pin(row, pin, audiences, people)
    session.flush()
    _drop_sections(session, page_id, section_ids.values())


def _lay_pin(
    row: Pin, pin: PinContent, audiences: dict[Tokens, int], people: Collection[int]
) -> None:
    row.note, row.starts_on, row.ends_on = pin.note, pin.starts_on, pin.ends_on
    row.audience_id = None if pin.audience is None else audiences[pin.audience]
    row.pinned_at = pin.pinned_at or row.pinned_at
    row.pinned_by_id = pin.pinned_by_id if pin.pinned_by_id in people else None


def _audiences(session: Session, content: PageContent) -> dict[Tokens, int]:
    """Return the ids of all audiences that the content names."""
    own = {pin.audience for _section, pin in content.pins() if pin.audience is not None}
    return {tokens: audience_of(session, tokens).id for tokens in {content.audience, *own}}


def _sections(session: Session, page_id: int) -> tuple[SectionContent, ...]:
    own = aliased(Audience)
    rows = session.execute(
        select(Section, Pin, own.key)
        .outerjoin(Pin, Pin.section_id == Section.id)
        .outerjoin(own, own.id == Pin.audience_id)
        .where(Section.page_id == page_id)
        .order_by(Section.position, Section.id, Pin.position, Pin.id)
        .execution_options(populate_existing=True)
    )
    sections: dict[int, Section] = {}
    pins: dict[int, list[PinContent]] = {}
    for section, pin, key in rows:
        sections[section.id] = section
        found = pins.setdefault(section.id, [])
        if pin is not None:
            found.append(_pin_content(pin, key))
    return tuple(
        SectionContent(key=each.key, title=each.title, intro=each.intro, pins=tuple(pins[each.id]))
        for each in sections.values()
    )


def _pin_content(pin: Pin, key: str | None) -> PinContent:
    return PinContent(
        item_id=pin.item_id,
        note=pin.note,
        starts_on=pin.starts_on,
        ends_on=pin.ends_on,
        audience=tuple(key.split(" ")) if key else None,
        pinned_at=pin.pinned_at,
        pinned_by_id=pin.pinned_by_id,
    )


def _lay_sections(session: Session, page_id: int, content: PageContent) -> dict[str, int]:
    """Write the sections and return their ids by key; those that go stay until pins have left."""
    known = {
        row.key: row
        for row in session.scalars(
            select(Section)
            .where(Section.page_id == page_id)
            .execution_options(populate_existing=True)
        )
    }
    rows: dict[str, Section] = {}
    for place, section in enumerate(content.sections):
        row = known.get(section.key) or Section(page_id=page_id, key=section.key)
        row.title, row.intro, row.position = section.title, section.intro, place
        session.add(row)
        rows[section.key] = row
    session.flush()
    return {key: row.id for key, row in rows.items()}


def _matched(
    session: Session, page_id: int, content: PageContent, section_ids: dict[str, int]
) -> dict[tuple[str, int], Pin]:
    """Return the page's pins by the section and item that they are to be; delete all others."""
    rows = session.scalars(
        select(Pin)
        .join(Section, Section.id == Pin.section_id)
        .where(Section.page_id == page_id)
        .order_by(Pin.id)
        .execution_options(populate_existing=True)
    ).all()
    wanted = [(section.key, pin.item_id) for section, pin in content.pins()]
    here = {(row.section_id, row.item_id): row for row in rows}
    found = {
        (key, item_id): here[section_ids[key], item_id]
        for key, item_id in wanted
        if (section_ids[key], item_id) in here
    }
    free: dict[int, list[Pin]] = {}
    taken = {row.id for row in found.values()}
    for row in rows:
        if row.id not in taken:
            free.setdefault(row.item_id, []).append(row)
    for key, item_id in wanted:
        if (key, item_id) not in found and free.get(item_id):
            found[key, item_id] = free[item_id].pop(0)
    for row in (row for left in free.values() for row in left):
        session.delete(row)
    session.flush()
    return found


def _there(session: Session, content: PageContent) -> tuple[set[int], set[int]]:
    """Return which of the content's items and people still exist."""
    people = {pin.pinned_by_id for _section, pin in content.pins() if pin.pinned_by_id}
    items = session.scalars(select(Item.id).where(Item.id.in_(sorted(content.item_ids()))))
    found = session.scalars(select(Person.id).where(Person.id.in_(sorted(people))))
    return set(items), set(found)


def _drop_sections(session: Session, page_id: int, kept: Iterable[int]) -> None:
    session.execute(
        delete(Section)
        .where(Section.page_id == page_id, Section.id.not_in(list(kept)))
        .execution_options(synchronize_session="fetch")
    )

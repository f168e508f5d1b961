"""Where a curator may pin an item: the sections of the pages that they may change, as drafts are.

What is pinned goes into the page's draft; readers see it once the page is published.
"""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.curation.rights import in_charge
from app.models import Pin, Role, RolePage, Section


@dataclass(frozen=True, slots=True, kw_only=True)
class PinPlace:
    """A page with its sections as (id, title); `has_it` tells that the item is pinned there."""

    role_slug: str
    role_name: str
    sections: tuple[tuple[int, str], ...]
    has_it: bool


def places_for(
    session: Session, item_id: int | None, *, person_id: int, rules: bool, today: date
) -> list[PinPlace]:
    """Return the pages that a curator may change, by their role, in three statements.

    Of a page with a draft it is the draft's sections. Who `rules` may change every page.
    """
    rows = session.execute(
        select(Role.id, Role.slug, Role.name, RolePage.id, RolePage.published)
        .add_columns(Section.id, Section.title)
        .join(RolePage, RolePage.role_id == Role.id)
        .join(Section, Section.page_id == RolePage.id)
        .order_by(Role.name, Role.id, RolePage.published, Section.position, Section.id)
    ).all()
    charge = {} if rules else in_charge(session, {row[0] for row in rows}, on=today)
    mine = [row for row in rows if person_id in charge.get(row[0], [person_id])]
    pinned = _pages_with(session, item_id) if item_id is not None else set()
    shown = {row[0]: row[3] for row in reversed(mine)}  # the draft stands before the page
    found = []
    for role_id, page_id in reversed(shown.items()):
        sections = [row for row in mine if row[0] == role_id and row[3] == page_id]
        found.append(
            PinPlace(
                role_slug=sections[0][1],
                role_name=sections[0][2],
                sections=tuple((row[5], row[6]) for row in sections),
                has_it=page_id in pinned,
            )
        )
    return found


def place_of(session: Session, section_id: int) -> tuple[str, str, str] | None:
    """Return slug and name of the role on whose page a section stands, and the section's title."""
    row = session.execute(
        select(Role.slug, Role.name, Section.title)
        .join(RolePage, RolePage.role_id == Role.id)
        .join(Section, Section.page_id == RolePage.id)
        .where(Section.id == section_id)
    ).one_or_none()
    return (row[0], row[1], row[2]) if row else None


def _pages_with(session: Session, item_id: int) -> set[int]:
    wanted = select(Section.page_id).join(Pin, Pin.section_id == Section.id)
    return set(session.scalars(wanted.where(Pin.item_id == item_id)))

"""Tells the curators of a page when something on it can no longer be seen by its readers.

Readers meet no hole: the pin is simply not shown. Its curators get one notice for it, which leads
to where three others are offered.
"""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.curation import rights
from app.curation.desk import is_troubled
from app.errors import Wording
from app.models import (
    AudienceToken,
    Item,
    NoticeKind,
    Pin,
    Role,
    RolePage,
    Section,
)
from app.notices.service import tell


def tell_curators(session: Session, *, now: datetime) -> int:
    """Tell each page's curators of the pins that its readers do not see; return how many heard.

    Only published pages count, and each pin's item is told of once. The item is named only where
    everybody with the page's role may know of it.
    """
    known = (
        select(AudienceToken.audience_id)
        .where(
            AudienceToken.audience_id == Item.audience_id,
            AudienceToken.token.in_(["everyone", "role:" + Role.slug]),
        )
        .exists()
    )
    rows = session.execute(
        select(Role.id, Role.slug, Role.name, Item.id, Item.title, known)
        .select_from(Pin)
        .join(Section, Section.id == Pin.section_id)
        .join(RolePage, RolePage.id == Section.page_id)
        .join(Role, Role.id == RolePage.role_id)
        .join(Item, Item.id == Pin.item_id)
        .where(RolePage.published, is_troubled())
        .order_by(Role.id, Item.id)
    ).all()
    people = rights.in_charge(session, {row[0] for row in rows}, on=now.date())
    heard = 0
    for role_id, slug, name, item_id, title, is_known in rows:
        heard += tell(
            session,
            people.get(role_id, ()),
            NoticeKind.PAGE,
            key=f"hole:{role_id}:{item_id}",
            sentence=_sentence(title if is_known else "", name),
            now=now,
            path=f"/curate/roles/{slug}/suggestions",
        )
    return heard


def _sentence(title: str, role: str) -> Wording:
    if not title:
        return Wording(
            "An item on the %(role)s page can no longer be seen by its readers."
            " See what could take its place.",
            role=role,
        )
    return Wording(
        "“%(title)s” can no longer be seen on the %(role)s page. See what could take its place.",
        title=title,
        role=role,
    )

"""What curators of the sample company are in the middle of: a draft, a history, shared pages.

Made up like the people; done through the same functions as from the pages.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.curation import rights, service
from app.curation.content import PageContent, to_json
from app.curation.drafts import make_draft
from app.curation.laying import content_of
from app.models import Pin, RolePage, RolePageVersion, Section

_HELEN, _ELENI = "helen.marsh@tarnwell.example.com", "eleni.papadaki@tarnwell.example.com"


def add_page_work(
    session: Session, *, roles: Mapping[str, int], people: Mapping[str, int], now: datetime
) -> None:
    """Give two curators each other's pages; give one page two versions and a draft under way."""
    helen, eleni = people.get(_HELEN), people.get(_ELENI)
    page = _page(session, roles, "field-engineer")
    if helen is None or eleni is None or page is None or not _page(session, roles, "data-analyst"):
        return
    until = (now + timedelta(days=45)).date()
    rights.give(session, page.role_id, eleni, until=until, by=helen, now=now)
    rights.give(session, roles["data-analyst"], helen, until=None, by=eleni, now=now)
    _add_history(session, page, helen, now)
    draft_id = make_draft(session, page.id, by=helen, now=now - timedelta(hours=3))
    first = session.scalars(
        select(Pin.id)
        .join(Section, Section.id == Pin.section_id)
        .where(Section.page_id == draft_id)
        .order_by(Section.position, Pin.position)
    ).first()
    if first is not None:
        service.move_pin(session, first, 1, by=eleni, now=now - timedelta(minutes=12))


def _page(session: Session, roles: Mapping[str, int], slug: str) -> RolePage | None:
    wanted = select(RolePage).where(RolePage.role_id == roles.get(slug), RolePage.published)
    return session.scalar(wanted)


def _add_history(session: Session, page: RolePage, by: int, now: datetime) -> None:
    present = content_of(session, page.id)
    earlier = replace(present, sections=present.sections[:-1])
    _keep(session, page, 1, earlier, "The first twelve things", by, now - timedelta(days=70))
    _keep(session, page, 2, present, "Loggers and radios", by, now - timedelta(days=8))


def _keep(
    session: Session,
    page: RolePage,
    number: int,
    content: PageContent,
    note: str,
    by: int,
    at: datetime,
) -> None:
    session.add(
        RolePageVersion(
            role_id=page.role_id,
            number=number,
            content={**to_json(content), "makers": [by]},
            note=note,
            published_at=at,
            published_by_id=by,
        )
    )
    session.flush()

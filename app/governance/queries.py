"""Reads of problem reports. A curator sees those of items they see, or are responsible for."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session, joinedload

from app.models import Item, Person, ProblemReport, SearchWish, visible_to


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenReports:
    """The oldest open reports, how many there are in all, and what readers did not find."""

    total: int
    reports: list[ProblemReport]
    wishes: list[SearchWish]


def open_reports(
    session: Session, *, person_id: int, tokens: Collection[str], limit: int
) -> OpenReports:
    """Return the oldest open reports with item, tool and reporter loaded."""
    wanted = _reports_for(person_id, tokens).where(ProblemReport.resolved_at.is_(None))
    found = session.scalars(
        wanted.options(
            joinedload(ProblemReport.item).joinedload(Item.tool),
            joinedload(ProblemReport.reporter),
        )
        .order_by(ProblemReport.reported_at, ProblemReport.id)
        .limit(limit)
    )
    total = session.scalar(select(func.count()).select_from(wanted.subquery()))
    return OpenReports(
        total=total or 0, reports=list(found), wishes=_open_wishes(session, limit=limit)
    )


def report_to_resolve(
    session: Session, report_id: int, *, person_id: int, tokens: Collection[str]
) -> ProblemReport | None:
    """Return a report, open or not, that this curator may see."""
    return session.scalar(_reports_for(person_id, tokens).where(ProblemReport.id == report_id))


def wish_of(session: Session, person_id: int, text: str) -> SearchWish | None:
    """Return what this person has already said of the same words, if nobody has answered it."""
    return session.scalar(
        select(SearchWish)
        .where(
            SearchWish.person_id == person_id,
            SearchWish.text == text,
            SearchWish.answered_at.is_(None),
        )
        .limit(1)
    )


def _open_wishes(session: Session, *, limit: int) -> list[SearchWish]:
    rows = session.scalars(
        select(SearchWish)
        .where(SearchWish.answered_at.is_(None))
        .options(joinedload(SearchWish.person))
        .order_by(SearchWish.wished_at, SearchWish.id)
        .limit(limit)
    )
    return list(rows)


def curator_name(session: Session, item: Item) -> str | None:
    """Return the name of the item's curator, if it has one."""
    return session.scalar(select(Person.name).where(Person.id == item.curator_id))


def _reports_for(person_id: int, tokens: Collection[str]) -> Select[ProblemReport]:
    return (
        select(ProblemReport)
        .join(ProblemReport.item)
        .where(or_(visible_to(Item.audience_id, tokens), Item.curator_id == person_id))
    )

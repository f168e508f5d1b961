"""Reads of problem reports. A curator sees those of items they see, or are responsible for."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session, joinedload

from app.models import Item, Person, ProblemReport, visible_to


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenReports:
    """The oldest open reports, and how many there are in all."""

    total: int
    reports: list[ProblemReport]


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
    return OpenReports(total=total or 0, reports=list(found))


def report_to_resolve(
    session: Session, report_id: int, *, person_id: int, tokens: Collection[str]
) -> ProblemReport | None:
    """Return a report, open or not, that this curator may see."""
    return session.scalar(_reports_for(person_id, tokens).where(ProblemReport.id == report_id))


def curator_name(session: Session, item: Item) -> str | None:
    """Return the name of the item's curator, if it has one."""
    return session.scalar(select(Person.name).where(Person.id == item.curator_id))


def _reports_for(person_id: int, tokens: Collection[str]) -> Select[ProblemReport]:
    return (
        select(ProblemReport)
        .join(ProblemReport.item)
        .where(or_(visible_to(Item.audience_id, tokens), Item.curator_id == person_id))
    )

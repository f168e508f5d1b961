"""Writes of problem reports, and of what readers looked for and did not find."""

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app import events
from app.curation.texts import checked
from app.errors import Invalid, NotFound, Wording
from app.governance.queries import report_to_resolve, wish_of
from app.models import Item, Problem, ProblemReport, SearchWish
from app.models.searching import SEARCH_TEXT_LENGTH

NOTE = 1000
SAME_WITHIN = timedelta(days=1)


def report_problem(
    session: Session, item_id: int, *, problem: str, note: str, by: int, now: datetime
) -> ProblemReport:
    """Report a problem with an item.

    A person's report of the same item that is still open and less than a day old is changed
    instead of a second one added. Raises Invalid for an unknown problem or a note that is too
    long, NotFound if the item is gone.
    """
    if problem not in set(Problem):
        raise Invalid({"problem": Wording("Choose what is wrong.")})
    note = checked("note", note, longest=NOTE)
    _lock(session, item_id)
    report = _recent(session, item_id, by, now - SAME_WITHIN)
    if report is None:
        report = ProblemReport(item_id=item_id, reporter_id=by, reported_at=now)
        session.add(report)
    report.problem, report.note = problem, note
    session.flush()
    events.items_stirred.send(session, item_ids=[item_id], at=now)
    return report


def resolve(
    session: Session, report_id: int, *, by: int, tokens: Collection[str], now: datetime
) -> ProblemReport:
    """Close a report; the first to do so is kept.

    Raises NotFound for a report that is not there for this curator.
    """
    report = report_to_resolve(session, report_id, person_id=by, tokens=tokens)
    if report is None:
        raise NotFound("There is no such report for you.")
    if report.resolved_at is None:
        report.resolved_at, report.resolved_by_id = now, by
        session.flush()
    return report


def wish(session: Session, text: str, *, note: str, by: int, now: datetime) -> SearchWish:
    """Tell the curators what a reader looked for and did not find.

    The same words of the same reader are one wish while nobody has answered it. Raises Invalid
    for no words at all or a note that is too long.
    """
    text = checked("text", " ".join(text.split()), longest=SEARCH_TEXT_LENGTH)
    note = checked("note", note, longest=NOTE)
    if not text:
        raise Invalid({"text": Wording("Say what you were looking for.")})
    found = wish_of(session, by, text)
    if found is None:
        found = SearchWish(person_id=by, text=text, wished_at=now)
        session.add(found)
    found.note = note
    session.flush()
    return found


def answer_wish(session: Session, wish_id: int, *, by: int, now: datetime) -> SearchWish:
    """Close a wish; the first to do so is kept. Raises NotFound for one that is not there."""
    found = session.get(SearchWish, wish_id)
    if found is None:
        raise NotFound("There is no such wish.")
    if found.answered_at is None:
        found.answered_at, found.answered_by_id = now, by
        session.flush()
    return found


def _lock(session: Session, item_id: int) -> None:
    """Hold the item's row until the transaction ends, so that two clicks make one report."""
    hold = update(Item).where(Item.id == item_id).values(status=Item.status)
    held = hold.returning(Item.id).execution_options(synchronize_session=False)
    if session.execute(held).scalar() is None:
        raise NotFound("There is no such item.")


def _recent(session: Session, item_id: int, by: int, since: datetime) -> ProblemReport | None:
    return session.scalar(
        select(ProblemReport)
        .where(
            ProblemReport.item_id == item_id,
            ProblemReport.reporter_id == by,
            ProblemReport.resolved_at.is_(None),
            ProblemReport.reported_at > since,
        )
        .order_by(ProblemReport.id.desc())
        .limit(1)
    )

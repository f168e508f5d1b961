"""Writes of readers: reports, suggestions, and what they looked for and did not find."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from app import events
from app.curation.texts import checked
from app.editing.links import checked_address
from app.errors import Invalid, NotFound, Wording
from app.governance.queries import Told, open_suggestions, suggestion_of, wish_of
from app.models import Item, ItemState, Problem, ProblemReport, Role, SearchWish, Suggestion
from app.models.searching import SEARCH_TEXT_LENGTH

NOTE = 1000
MOST_OPEN = 50
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


def suggest(
    session: Session, url: str, *, note: str, role: str, by: int, now: datetime
) -> Suggestion:
    """Suggest a resource to the curators, for a job role (its slug) perhaps.

    The same address of the same reader is one suggestion while nobody has answered it. Raises
    Invalid for what is no web address, a role that is not there, a note that is too long, and once
    a reader has 50 suggestions open.
    """
    url = checked_address(url)
    note = checked("note", note, longest=NOTE)
    role_id = _role(session, role)
    found = suggestion_of(session, by, url)
    if found is None:
        if open_suggestions(session, by) >= MOST_OPEN:
            raise Invalid(
                {"url": Wording("You have suggested a lot; wait for some answers first.")}
            )
        found = Suggestion(url=url, by_id=by, made_at=now)
        session.add(found)
    found.note, found.role_id = note, role_id
    session.flush()
    return found


def withdraw(session: Session, kind: Told, key: int, *, by: int) -> None:
    """Take back what one has told oneself, answered or not; of a rating the reason, not the stars.

    `key` is the row's id, for a rating the item's. Raises NotFound for what is not one's own.
    """
    if kind is Told.RATING:
        state = session.get(ItemState, (by, key))
        if state is None or not state.why_stars:
            raise NotFound(_NOT_YOURS)
        state.why_stars, state.why_answer, state.why_answered_at = "", "", None
    else:
        owner, table = _OWNERS[kind]
        gone = session.execute(
            delete(table).where(table.id == key, owner == by).returning(table.id)
        )
        if gone.one_or_none() is None:
            raise NotFound(_NOT_YOURS)
    session.flush()


_NOT_YOURS = "There is nothing like that of yours."
_OWNERS: dict[Told, tuple[Any, Any]] = {
    Told.SUGGESTION: (Suggestion.by_id, Suggestion),
    Told.REPORT: (ProblemReport.reporter_id, ProblemReport),
    Told.WANTED: (SearchWish.person_id, SearchWish),
}


def _role(session: Session, slug: str) -> int | None:
    if not slug:
        return None
    found = session.scalar(select(Role.id).where(Role.slug == slug))
    if found is None:
        raise Invalid({"role": Wording("There is no such role.")})
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

"""What curators decide in the review queue: keep, later; and how it is taken back. None commits.

Each decision keeps what was before it, so that the last one of each item can be undone.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime, timedelta
from enum import StrEnum
from secrets import token_hex
from typing import Any

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from app.care import rules
from app.care.months import add_months
from app.care.reasons import BEFORE_SUNSET, Reason
from app.care.tending import tend
from app.errors import NotFound, Wording
from app.models import (
    CareDeed,
    Item,
    ItemCare,
    NoticeKind,
    Problem,
    ProblemReport,
    Status,
    visible_to,
)
from app.notices.service import tell

LATER = timedelta(days=14)
USUAL_MONTHS = 12  # until the next look, where no rule says anything
MOST_AT_ONCE = 100
_DATES = ("review_on", "sunset_on", "reviewed_on", "later_on")


class Deed(StrEnum):
    """What was decided."""

    KEEP = "keep"
    LATER = "later"
    RETIRE = "retire"


def keep(
    session: Session,
    item_ids: Sequence[int],
    *,
    by: int,
    tokens: Collection[str],
    now: datetime,
    only_due: bool = False,
) -> str:
    """Note that items were looked at and stay; return the name of the decision, to undo it.

    The next look is when the closest rule says, else in 12 months. What would have made an item
    leave within 30 days by a curator's word does so no longer; open words of readers that it is
    out of date are answered. With `only_due`, items with another reason are left as they are.
    Raises NotFound if none of the items is there for this curator.
    """
    found = _found(session, item_ids, tokens=tokens, only_due=only_due)
    batch = _remember(session, found, Deed.KEEP, by=by, now=now)
    today = now.date()
    for _item, care in found:
        care.reviewed_on, care.reviewed_by_id, care.later_on = today, by, None
        _let_go(care, "review_on")
        if care.sunset_on is not None and care.sunset_on <= today + BEFORE_SUNSET:
            _let_go(care, "sunset_on")
    ids = [item.id for item, _ in found]
    answer_reports(session, ids, accepted=False, by=by, now=now)
    tend(session, ids, now=now)
    _date_the_next_look(session, found, today)
    return batch


def put_off(
    session: Session, item_ids: Sequence[int], *, by: int, tokens: Collection[str], now: datetime
) -> str:
    """Leave items out of the queue for two weeks; return the name of the decision, to undo it.

    Raises NotFound if none of the items is there for this curator.
    """
    found = _found(session, item_ids, tokens=tokens)
    batch = _remember(session, found, Deed.LATER, by=by, now=now)
    for _item, care in found:
        care.later_on = now.date() + LATER
    session.flush()
    return batch


def undo(session: Session, batch: str, *, by: int, now: datetime) -> list[int]:
    """Take back what was kept or put off together; return the items.

    Items about which something else was decided since stay as they are. Raises NotFound if there is
    nothing of this curator to be taken back.
    """
    deeds = deeds_of(session, batch, by=by)
    if not deeds:
        raise NotFound(Wording("This has been taken back, or something else was decided since."))
    for deed in deeds:
        care = session.get_one(ItemCare, deed.item_id)
        for name in _DATES:
            setattr(care, name, _day(deed.before[name]))
        care.reviewed_by_id = deed.before["reviewed_by_id"]
        care.by_hand = deed.before["by_hand"]
        open_reports_again(session, deed.before["reports"])
        session.delete(deed)
    session.flush()
    ids = [deed.item_id for deed in deeds]
    tend(session, ids, now=now)
    return ids


def deeds_of(session: Session, batch: str, *, by: int) -> list[CareDeed]:
    """Return what a curator has kept or put off together and what still stands of it."""
    return list(
        session.scalars(
            select(CareDeed)
            .where(
                CareDeed.batch == batch, CareDeed.by_id == by, CareDeed.deed != Deed.RETIRE.value
            )
            .order_by(CareDeed.item_id)
        )
    )


def remember(
    session: Session,
    before: dict[int, dict[str, Any]],
    deed: Deed,
    *,
    by: int | None,
    now: datetime,
) -> str:
    """Keep what was before a decision, by the id of each item; return the decision's name."""
    batch = token_hex(8)
    session.execute(
        delete(CareDeed)
        .where(CareDeed.item_id.in_(list(before)))
        .execution_options(synchronize_session="fetch")
    )
    rows = [
        {"item_id": item_id, "batch": batch, "deed": deed.value, "by_id": by, "at": now}
        | {"before": was}
        for item_id, was in before.items()
    ]
    session.execute(insert(CareDeed), rows)
    return batch


def answer_reports(
    session: Session, item_ids: Iterable[int], *, accepted: bool, by: int | None, now: datetime
) -> None:
    """Answer readers who said that these items are out of date, and tell them."""
    open_ones = session.execute(
        select(ProblemReport.id, ProblemReport.item_id, ProblemReport.reporter_id, Item.title)
        .join(Item, Item.id == ProblemReport.item_id)
        .where(
            ProblemReport.item_id.in_(list(item_ids)),
            ProblemReport.problem == Problem.OUTDATED.value,
            ProblemReport.resolved_at.is_(None),
        )
    ).all()
    _resolve(session, [row.id for row in open_ones], accepted=accepted, by=by, at=now)
    for report_id, item_id, reporter_id, title in open_ones:
        if reporter_id is not None:
            tell(
                session,
                [reporter_id],
                NoticeKind.ANSWER,
                key=f"report:{report_id}",
                sentence=_answer(accepted, title),
                now=now,
                path=f"/items/{item_id}",
                item_id=item_id,
            )


def open_report_ids(session: Session, item_id: int) -> list[int]:
    """Return the open words of readers that an item is out of date."""
    return list(
        session.scalars(
            select(ProblemReport.id).where(
                ProblemReport.item_id == item_id,
                ProblemReport.problem == Problem.OUTDATED.value,
                ProblemReport.resolved_at.is_(None),
            )
        )
    )


def open_reports_again(session: Session, report_ids: Sequence[int]) -> None:
    """Take the answer to these reports back."""
    _resolve(session, report_ids, accepted=None, by=None, at=None)


def care_of(session: Session, item_id: int, *, now: datetime) -> ItemCare:
    """Return the row of an item's care, made and filled by the rules if it is not there yet."""
    found = session.get(ItemCare, item_id)
    if found is None:
        tend(session, [item_id], now=now)
        found = session.get_one(ItemCare, item_id)
    return found


def _found(
    session: Session, item_ids: Sequence[int], *, tokens: Collection[str], only_due: bool = False
) -> list[tuple[Item, ItemCare]]:
    wanted = (
        select(Item, ItemCare)
        .join(ItemCare, ItemCare.item_id == Item.id)
        .where(
            Item.id.in_(list(item_ids)[:MOST_AT_ONCE]),
            Item.status == Status.LIVE.value,
            visible_to(Item.audience_id, tokens),
        )
        .order_by(Item.id)
    )
    if only_due:
        wanted = wanted.where(ItemCare.reasons == int(Reason.DUE))
    found = [(item, care) for item, care in session.execute(wanted)]
    if not found:
        raise NotFound(Wording("There is nothing of this here for you any more."))
    return found


def _remember(
    session: Session,
    found: Iterable[tuple[Item, ItemCare]],
    deed: Deed,
    *,
    by: int,
    now: datetime,
) -> str:
    before = {item.id: _as_it_was(session, care, deed) for item, care in found}
    return remember(session, before, deed, by=by, now=now)


def _as_it_was(session: Session, care: ItemCare, deed: Deed) -> dict[str, Any]:
    days = {name: getattr(care, name) for name in _DATES}
    reports = care.reasons & Reason.REPORTED and deed is Deed.KEEP
    return {
        **{name: day.isoformat() if day else None for name, day in days.items()},
        "reviewed_by_id": care.reviewed_by_id,
        "by_hand": list(care.by_hand),
        "reports": open_report_ids(session, care.item_id) if reports else [],
    }


def _let_go(care: ItemCare, field: str) -> None:
    """Forget a date that was set by hand, so that the rules give the next one."""
    setattr(care, field, None)
    care.by_hand = [name for name in care.by_hand if name != field]


def _date_the_next_look(
    session: Session, found: Iterable[tuple[Item, ItemCare]], today: date
) -> None:
    """Give items of which no rule says when to look at them again the usual date."""
    standing = rules.standing(session)
    for item, care in found:
        rule = rules.closest(standing, "review_months", tool_id=item.tool_id, kind=item.kind)
        if rule is None:
            care.review_on = add_months(today, USUAL_MONTHS)
            care.by_hand = [*care.by_hand, "review_on"]
    session.flush()


def _resolve(
    session: Session,
    report_ids: Sequence[int],
    *,
    accepted: bool | None,
    by: int | None,
    at: datetime | None,
) -> None:
    for report in session.scalars(select(ProblemReport).where(ProblemReport.id.in_(report_ids))):
        report.resolved_at, report.resolved_by_id, report.accepted = at, by, accepted
    session.flush()


def _answer(accepted: bool, title: str) -> str:
    if accepted:
        return Wording(
            "You said that “%(title)s” is out of date. It has been retired, thank you.", title=title
        )
    return Wording(
        "You said that “%(title)s” is out of date. A curator has looked at it: it stays.",
        title=title,
    )


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None

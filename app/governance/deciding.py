"""Curators answer what readers told: done, or not, with words if they like; the reader hears of it.

The first answer is kept. Whoever told something hears of it once, in the portal or by mail.
"""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy.orm import Session

from app.curation.texts import checked
from app.db import Base
from app.errors import NotFound, Wording
from app.governance.queries import Entry, Told, entry_of
from app.models import ItemState, NoticeKind, ProblemReport, SearchWish, Suggestion
from app.notices.service import tell

ANSWER = 1000
PATH = "/suggestions"


def decide(
    session: Session,
    kind: Told,
    key: tuple[int, ...],
    *,
    accepted: bool,
    answer: str,
    by: int,
    tokens: Collection[str],
    now: datetime,
    item: tuple[int, str] | None = None,
) -> Entry:
    """Close an entry and tell its reader; the first decision is kept.

    `item` is what became of a suggestion: the item's id and title. Raises NotFound for an entry
    that is not there for this curator, Invalid for an answer that is too long.
    """
    words = checked("answer", answer, longest=ANSWER)
    session.get(_TABLES[kind], key, with_for_update=True, populate_existing=True)
    entry = entry_of(session, kind, key, person_id=by, tokens=tokens)
    if entry is None:
        raise NotFound("There is no such entry for you.")
    if entry.answered_at is not None:
        return entry
    _WRITES[kind](session, key, accepted, words, by, now, item[0] if item else None)
    session.flush()
    if entry.reader_id is not None and entry.reader_id != by:
        tell(
            session,
            [entry.reader_id],
            NoticeKind.ANSWER,
            key=f"{kind}:{'-'.join(map(str, key))}:{entry.at:%Y%m%d%H%M%S}",
            sentence=_sentence(entry, accepted, words, item[1] if item else entry.about),
            now=now,
            path=PATH,
            item_id=item[0] if item else entry.item_id,
        )
    return entry


_TABLES: dict[Told, type[Base]] = {
    Told.REPORT: ProblemReport,
    Told.RATING: ItemState,
    Told.SUGGESTION: Suggestion,
    Told.WANTED: SearchWish,
}


def _sentence(entry: Entry, accepted: bool, words: str, about: str) -> str:
    said = _said(entry.kind, accepted, about[:200])
    if not words:
        return said
    return Wording("%(said)s A curator writes: %(words)s", said=said, words=words)


def _said(kind: Told, accepted: bool, about: str) -> Wording:
    if accepted and kind is Told.REPORT:
        return Wording("Your report about “%(about)s” is dealt with. Thank you.", about=about)
    if accepted and kind is Told.SUGGESTION:
        return Wording("What you suggested is in: “%(about)s”. Thank you.", about=about)
    if kind is Told.RATING:
        return Wording("Your reason for the stars of “%(about)s” was read.", about=about)
    if kind is Told.WANTED:
        return Wording("The curators looked into “%(about)s”, which you missed.", about=about)
    if kind is Told.REPORT:
        return Wording(
            "Your report about “%(about)s” was looked at; it stays as it is.", about=about
        )
    return Wording("What you suggested was looked at, but not added: “%(about)s”.", about=about)


def _close_report(
    session: Session,
    key: tuple[int, ...],
    accepted: bool,
    words: str,
    by: int,
    now: datetime,
    _item_id: int | None,
) -> None:
    row = session.get_one(ProblemReport, key[0])
    row.accepted, row.answer = accepted, words
    row.resolved_at, row.resolved_by_id = now, by


def _close_rating(
    session: Session,
    key: tuple[int, ...],
    _accepted: bool,
    words: str,
    by: int,
    now: datetime,
    _item_id: int | None,
) -> None:
    row = session.get_one(ItemState, key)
    row.why_answer, row.why_answered_at, row.why_answered_by_id = words, now, by


def _close_suggestion(
    session: Session,
    key: tuple[int, ...],
    accepted: bool,
    words: str,
    by: int,
    now: datetime,
    item_id: int | None,
) -> None:
    row = session.get_one(Suggestion, key[0])
    row.accepted, row.answer, row.item_id = accepted, words, item_id
    row.answered_at, row.answered_by_id = now, by


def _close_wish(
    session: Session,
    key: tuple[int, ...],
    _accepted: bool,
    words: str,
    by: int,
    now: datetime,
    _item_id: int | None,
) -> None:
    row = session.get_one(SearchWish, key[0])
    row.answer, row.answered_at, row.answered_by_id = words, now, by


_WRITES = {
    Told.REPORT: _close_report,
    Told.RATING: _close_rating,
    Told.SUGGESTION: _close_suggestion,
    Told.WANTED: _close_wish,
}

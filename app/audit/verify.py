"""Finds out whether the audit log is as it was written, and names the first entry that is not.

The chain shows a changed, removed, added or moved entry, and the head shows a cut tail. Whoever
can write to the database could forge the whole log from some entry on; an anchor kept elsewhere
shows that too.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Self

from sqlalchemy import Row, func, select
from sqlalchemy.orm import Session

from app.audit.content import content_hash
from app.models import AuditEntry, AuditHead
from app.models.audit import NO_ENTRY

BATCH = 1000
_UNREADABLE = (ValueError, TypeError, AttributeError, RecursionError)
_ANCHOR = re.compile(r"([0-9]{1,18}):([0-9a-f]{64})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Anchor:
    """An entry's number and hash: a proof of the log until there, if it is kept elsewhere."""

    number: int
    hash: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `number:hash`; raise ValueError for anything else."""
        found = _ANCHOR.fullmatch(text.strip())
        if found is None:
            raise ValueError("an anchor is a number, a colon and 64 hexadecimal digits")
        return cls(int(found[1]), found[2])

    def __str__(self) -> str:
        return f"{self.number}:{self.hash}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """How the log is: `count` entries hang together; `broken` is the first that does not.

    `why` is empty while all is well; `head` is the newest entry, to be kept as an anchor.
    """

    count: int
    head: Anchor
    broken: int | None = None
    why: str = ""

    @property
    def good(self) -> bool:
        """Tell whether the log is as it was written."""
        return self.broken is None


class _Broken(Exception):
    """The first entry that is not as it was written."""

    def __init__(self, number: int, why: str) -> None:
        super().__init__(why)
        self.number = number


def verify(session: Session, anchor: Anchor | None = None) -> Verdict:
    """Walk the whole log, a batch of rows in memory at a time; entries may be added meanwhile."""
    row = session.execute(select(AuditHead.number, AuditHead.hash)).first()
    head = Anchor(row.number, row.hash) if row else Anchor(0, NO_ENTRY)
    last = Anchor(0, NO_ENTRY)
    try:
        if row is None:
            raise _Broken(1, "the row that remembers the newest entry is missing")
        for entry in _rows(session, head.number):
            last = _next(entry, last, anchor)
        _check_end(session, last, head, anchor)
    except _Broken as found:
        return Verdict(count=last.number, head=head, broken=found.number, why=str(found))
    return Verdict(count=last.number, head=head)


def _next(entry: Row[Any], last: Anchor, anchor: Anchor | None) -> Anchor:
    """Return the entry as the newest good one; raise _Broken when it is not good."""
    if entry.number != last.number + 1:
        missing = entry.number > last.number
        raise _Broken(
            last.number + 1 if missing else entry.number,
            "it is missing" if missing else "no entry has such a number",
        )
    if entry.previous_hash != last.hash:
        raise _Broken(entry.number, "it does not carry the hash of the entry before it")
    try:
        expected = content_hash(entry)
    except _UNREADABLE as error:
        raise _Broken(entry.number, "it cannot be read") from error
    if entry.hash != expected:
        raise _Broken(entry.number, "its content does not match its hash")
    if anchor and anchor.number == entry.number and anchor.hash != entry.hash:
        raise _Broken(entry.number, "it is not the entry of the anchor: the log was written anew")
    return Anchor(entry.number, entry.hash)


def _check_end(session: Session, last: Anchor, head: Anchor, anchor: Anchor | None) -> None:
    """Raise _Broken when entries are missing at the end, or stand beyond it."""
    if last.number != head.number:
        raise _Broken(last.number + 1, "it is missing, and so is all that followed")
    if last.hash != head.hash:
        raise _Broken(head.number, "it is not what the head remembers as the newest")
    if anchor and anchor.number > last.number:
        raise _Broken(last.number + 1, "it is missing: the anchor names a later entry")
    if anchor and anchor.number == 0 and anchor.hash != NO_ENTRY:
        raise _Broken(1, "the anchor names no entry")
    newest = select(func.coalesce(func.max(AuditHead.number), 0)).scalar_subquery()
    beyond = select(func.min(AuditEntry.number)).where(AuditEntry.number > newest)
    if (number := session.scalar(beyond)) is not None:
        raise _Broken(number, "it was added without its place in the chain")


def _rows(session: Session, until: int) -> Iterator[Row[Any]]:
    """Give the entries up to a number in their order."""
    after: int | None = None
    while batch := _batch(session, after, until, BATCH):
        yield from batch
        after = batch[-1].number


def _batch(session: Session, after: int | None, until: int, size: int) -> list[Row[Any]]:
    """Return the next rows; should one not even be read, return those before it or raise."""
    table = AuditEntry.__table__
    wanted = select(table).where(table.c.number <= until).order_by(table.c.number).limit(size)
    if after is not None:
        wanted = wanted.where(table.c.number > after)
    try:
        return list(session.execute(wanted))
    except _UNREADABLE as error:
        if size > 1:
            return _batch(session, after, until, size // 10)
        numbers = select(func.min(table.c.number))
        numbers = numbers if after is None else numbers.where(table.c.number > after)
        raise _Broken(session.scalar(numbers) or 0, "it cannot be read") from error

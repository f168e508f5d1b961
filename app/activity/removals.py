"""Takes activity away for good: out of the table, out of memory elsewhere, and not read in again.

Each removal leaves a row that names nobody. Processes that hold what people did in memory see that
there is a new one and read anew; of a statement that a tool told, the row keeps a digest, by which
a later reading recognises it.
"""

import hashlib
from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ColumnElement, delete, insert, select
from sqlalchemy.orm import Session

from app.catalogue.stored import in_parts
from app.models import Activity, Removal


def remove(session: Session, *conditions: ColumnElement[bool], now: datetime) -> int:
    """Delete the activity that meets all conditions, leave word of it, and return how much it was.

    Without a condition it raises ValueError, for that would be everybody's.
    """
    if not conditions:
        raise ValueError("activity is removed by a condition")
    gone = session.scalars(
        delete(Activity)
        .where(*conditions)
        .returning(Activity.external_id)
        .execution_options(synchronize_session="fetch")
    ).all()
    leave_word(session, gone, now=now)
    return len(gone)


def leave_word(session: Session, external_ids: Collection[str | None], *, now: datetime) -> None:
    """Note that activity with these ids (None: it had none) is gone; nothing where there is none.

    Whatever had no id shares one row.
    """
    digests: list[str | None] = [digest_of(one) for one in external_ids if one is not None]
    if len(digests) < len(external_ids):
        digests.append(None)
    if digests:
        session.execute(insert(Removal), [{"at": now, "digest": one} for one in digests])


def removed_among(session: Session, external_ids: Collection[str]) -> set[str]:
    """Return those of the ids whose activity somebody has removed."""
    digests = {digest_of(one): one for one in external_ids}
    return {
        digests[found]
        for part in in_parts(sorted(digests))
        for found in session.scalars(select(Removal.digest).where(Removal.digest.in_(part)))
        if found is not None
    }


def digest_of(external_id: str) -> str:
    """Return the SHA-256 by which a statement is recognised without being kept."""
    return hashlib.sha256(external_id.encode()).hexdigest()

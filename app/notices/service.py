"""Writes of notices. Any room tells people something with `tell`; how they hear it is decided here.

A person is told the same thing, by its key, once: reminders therefore carry the day in their key.
"""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models import Notice, NoticeKind


def tell(
    session: Session,
    people: Collection[int],
    kind: NoticeKind,
    *,
    key: str,
    sentence: str,
    now: datetime,
    path: str = "",
    item_id: int | None = None,
) -> int:
    """Tell people one thing, those who know it already left out; return how many are new.

    `people` are ids of persons; `key` (at most 200 characters) says what it is about, as
    `suggestion:12`; `sentence` is a Wording, said in each reader's language; `path` is a local
    address that leads to it. With `item_id`, only who may see that item is shown and sent it.
    """
    known = select(Notice.person_id).where(Notice.key == key, Notice.person_id.in_(list(people)))
    new = sorted(set(people) - set(session.scalars(known)))
    session.add_all(
        Notice(
            person_id=person_id,
            kind=kind.value,
            key=key,
            sentence=sentence,
            path=path,
            item_id=item_id,
            at=now,
        )
        for person_id in new
    )
    session.flush()
    return len(new)

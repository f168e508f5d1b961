"""Reads of who did what to a draft, for those who work on it at the same time."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, case, select
from sqlalchemy.orm import Session

from app.models import Change, Item, PageChange, Person, visible_to

MOST = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """One change of a draft; `text` is the title of a section.

    `who` is empty where nobody did it, `title` where it is not to be known.
    """

    who: str
    at: datetime
    what: Change
    title: str
    text: str


def done_since(
    session: Session,
    page_id: int,
    *,
    revision: int = 0,
    at: datetime | None = None,
    not_by: int | None = None,
    tokens: Collection[str],
) -> list[Done]:
    """Return the latest changes of a draft after a revision, or since a moment, newest first.

    `tokens` are those of whoever looks, the role's among them; `not_by` leaves out their own.
    """
    title = case((visible_to(Item.audience_id, tokens), Item.title), else_="")
    wanted = (
        select(Person.name, PageChange.at, PageChange.what, title, PageChange.text)
        .outerjoin(Person, Person.id == PageChange.person_id)
        .outerjoin(Item, Item.id == PageChange.item_id)
        .where(PageChange.page_id == page_id, PageChange.revision > revision)
        .order_by(PageChange.revision.desc())
        .limit(MOST)
    )
    if at is not None:
        wanted = wanted.where(PageChange.at >= at)
    if not_by is not None:
        wanted = wanted.where(
            and_(PageChange.person_id.is_not(None), PageChange.person_id != not_by)
        )
    return [
        Done(who=who or "", at=moment, what=Change(what), title=title or "", text=text)
        for who, moment, what, title, text in session.execute(wanted)
    ]

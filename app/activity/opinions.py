"""What a reader and everybody think of an item: helpful, stars, and who may say so."""

from dataclasses import dataclass

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from app.models import Activity, ItemState, Verb


@dataclass(frozen=True, slots=True, kw_only=True)
class Opinion:
    """The reader's own word on an item, and the mean of everybody's.

    `stars` is the reader's own rating, or None, `why` their reason, `named` whether curators read
    their name beside it. `mean` and `raters` are None and 0 where too few
    have rated it to speak of a group. Who has neither opened nor finished it `may_rate` it not.
    """

    liked: bool = False
    stars: int | None = None
    may_rate: bool = False
    mean: float | None = None
    raters: int = 0
    why: str = ""
    named: bool = False


def opinion_of(session: Session, person_id: int, item_id: int, *, at_least: int) -> Opinion:
    """Return what the reader and, from that many people up, everybody thinks, in one statement."""
    own = [ItemState.person_id == person_id, ItemState.item_id == item_id]
    opened = exists().where(
        Activity.person_id == person_id,
        Activity.item_id == item_id,
        Activity.verb.in_([Verb.LAUNCHED.value, Verb.COMPLETED.value]),
    )
    begun = exists().where(
        *own, ItemState.done_at.is_not(None) | (ItemState.progress > 0) | (ItemState.stars > 0)
    )
    mean, raters, liked, stars, why, named, may_rate = session.execute(
        select(
            func.avg(ItemState.stars),
            func.count(ItemState.stars),
            exists().where(*own, ItemState.liked_at.is_not(None)),
            select(ItemState.stars).where(*own).scalar_subquery(),
            select(ItemState.why_stars).where(*own).scalar_subquery(),
            select(ItemState.names_stars).where(*own).scalar_subquery(),
            opened | begun,
        ).where(ItemState.item_id == item_id)
    ).one()
    enough = raters >= at_least
    return Opinion(
        liked=bool(liked),
        stars=stars,
        why=why or "",
        named=bool(named),
        may_rate=bool(may_rate),
        mean=round(float(mean), 1) if enough else None,
        raters=raters if enough else 0,
    )

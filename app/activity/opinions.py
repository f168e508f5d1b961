"""What a reader and all others think of an item: helpful, stars, and who may say so."""

from dataclasses import dataclass

from sqlalchemy import case, exists, func, select
from sqlalchemy.orm import Session

from app.models import Activity, ItemState, Verb
from app.sums import AtLeast, told, told_mean

_NOBODY = AtLeast(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Opinion:
    """The reader's own word on an item, and the mean of the others'.

    `stars` is the reader's own rating, or None, `why` their reason, `named` whether curators read
    their name beside it. `mean` is told in halves and `raters` in groups of people; None and 0
    where too few others have rated it. Who has neither opened nor finished it `may_rate` it not.
    """

    liked: bool = False
    stars: int | None = None
    may_rate: bool = False
    mean: float | None = None
    raters: AtLeast = _NOBODY
    why: str = ""
    named: bool = False


def opinion_of(session: Session, person_id: int, item_id: int, *, at_least: int) -> Opinion:
    """Return what the reader and, in groups of that many, all others think, in one statement.

    The reader's own stars count for nothing in the mean: what they change tells of nobody else.
    """
    theirs = case((ItemState.person_id != person_id, ItemState.stars))
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
            func.avg(theirs),
            func.count(theirs),
            exists().where(*own, ItemState.liked_at.is_not(None)),
            select(ItemState.stars).where(*own).scalar_subquery(),
            select(ItemState.why_stars).where(*own).scalar_subquery(),
            select(ItemState.names_stars).where(*own).scalar_subquery(),
            opened | begun,
        ).where(ItemState.item_id == item_id)
    ).one()
    return Opinion(
        liked=bool(liked),
        stars=stars,
        why=why or "",
        named=bool(named),
        may_rate=bool(may_rate),
        mean=told_mean(float(mean or 0), raters, fewest=at_least),
        raters=told(raters, fewest=at_least),
    )

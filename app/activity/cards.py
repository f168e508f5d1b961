"""An item as a reader sees it on any page: a dataclass, filled by one statement for many."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from sqlalchemy import and_, select
from sqlalchemy.orm import Session, joinedload

from app.models import ClusterMember, Item, ItemState, Status, Tool, visible_to


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One item for one reader. `minutes` is None where the tool does not say.

    `percent` is how far the tool says they are with what is begun and not done, from 1 to 99.
    Duplicates have a `cluster` in common, and one of them is `preferred`. `picture` is the digest
    of a picture that a curator gave the item, or empty. `skills` are the names of its skills where
    the page asked for them.
    """

    id: int
    title: str
    summary: str
    kind: str
    tool_name: str
    minutes: int | None
    level: str | None
    language: str
    saved: bool = False
    done: bool = False
    dismissed: bool = False
    percent: int | None = None
    cluster: int | None = None
    preferred: bool = False
    picture: str = ""
    picture_alt: str = ""
    reason: str = ""
    note: str = ""
    badges: tuple[str, ...] = ()
    skills: tuple[str, ...] = ()

    def because(self, reason: str) -> "Card":
        """Return this card with the sentence that says why it is shown."""
        return replace(self, reason=reason)

    def noted(self, note: str) -> "Card":
        """Return this card with a curator's note."""
        return replace(self, note=note)


def cards_by_id(
    session: Session,
    ids: Collection[int],
    *,
    person_id: int,
    tokens: Collection[str],
    skilled: bool = False,
) -> dict[int, Card]:
    """Return a card for each of these items that is live and that the reader may see.

    With `skilled`, the same statement reads the names of their skills too.
    """
    if not ids:
        return {}
    statement = (
        select(Item, Tool.name, ItemState, ClusterMember)
        .join(Tool, Tool.id == Item.tool_id)
        .outerjoin(ClusterMember, ClusterMember.item_id == Item.id)
        .outerjoin(ItemState, and_(ItemState.item_id == Item.id, ItemState.person_id == person_id))
        .where(
            Item.id.in_(list(ids)),
            Item.status == Status.LIVE.value,
            visible_to(Item.audience_id, tokens),
        )
    )
    if skilled:
        statement = statement.options(joinedload(Item.skills))
    cards: dict[int, Card] = {}
    for item, tool_name, state, member in session.execute(statement).unique():
        card = card_of(item, tool_name, state, member)
        cards[item.id] = replace(card, skills=_skill_names(item)) if skilled else card
    return cards


def _skill_names(item: Item) -> tuple[str, ...]:
    return tuple(skill.name for skill in item.skills)


def cards_in_order(ids: Collection[int], found: Mapping[int, Card]) -> list[Card]:
    """Return the cards that were found, in the order of `ids`."""
    return [found[item_id] for item_id in ids if item_id in found]


def card_of(
    item: Item, tool_name: str, state: ItemState | None, member: ClusterMember | None = None
) -> Card:
    """Return the card of an item in the state it has for its reader."""
    return Card(
        id=item.id,
        title=item.title,
        summary=item.summary,
        kind=item.kind,
        tool_name=tool_name,
        minutes=item.minutes,
        level=item.level,
        language=item.language,
        picture=item.picture or "",
        picture_alt=item.picture_alt,
        saved=bool(state and state.saved_at),
        done=bool(state and state.done_at),
        dismissed=bool(state and state.dismissed_at),
        percent=_percent(state),
        cluster=member.cluster_id if member else None,
        preferred=bool(member and member.preferred),
    )


def _percent(state: ItemState | None) -> int | None:
    if state is None or state.done_at or not state.progress:
        return None
    return min(max(round(state.progress * 100), 1), 99)

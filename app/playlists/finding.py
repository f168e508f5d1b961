"""Finds what curators name while they write a playlist: people, channels, items for a step."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from app.catalogue.queries import live_items
from app.errors import Invalid, Wording
from app.models import Item, Kind, Person, Tool

MOST = 12
_FEW = 5
# Titles are read in a table of their own, in the order in which they lie there: by way of an index
# of what nearly all items have, each is looked up, which takes SQLite three times as long.
_TITLED = aliased(Item)


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundItem:
    """An item that could be a step."""

    id: int
    title: str
    kind: str
    tool_name: str
    minutes: int | None


def items_called(session: Session, text: str, *, tokens: Collection[str]) -> list[FoundItem]:
    """Return live items whose title holds every word of the text; those that begin with it first.

    Nothing for an empty text. `tokens` are those of whoever looks.
    """
    words = text.split()[:8]
    if not words:
        return []
    titled = (_TITLED.title.ilike(f"%{escaped(word)}%", escape="\\") for word in words)
    begins = Item.title.ilike(f"{escaped(text.strip())}%", escape="\\")
    rows = session.execute(
        live_items(tokens)
        .with_only_columns(Item.id, Item.title, Item.kind, Tool.name, Item.minutes)
        .join(Tool, Tool.id == Item.tool_id)
        .where(Item.id.in_(select(_TITLED.id).where(*titled)))
        .order_by(begins.desc(), func.length(Item.title), Item.title, Item.id)
        .limit(MOST)
    )
    return [
        FoundItem(id=id_, title=title, kind=kind, tool_name=tool, minutes=minutes)
        for id_, title, kind, tool, minutes in rows
    ]


def people_called(session: Session, text: str, *, limit: int = MOST) -> list[Person]:
    """Return active people with this e-mail address, or whose name holds every word of the text.

    A text of fewer than two letters names nobody.
    """
    text = text.strip()
    if len(text) < 2:
        return []
    wanted = select(Person).where(Person.active)
    if "@" in text:
        wanted = wanted.where(Person.email == text.lower())
    for word in [] if "@" in text else text.split()[:8]:
        wanted = wanted.where(Person.name.ilike(f"%{escaped(word)}%", escape="\\"))
    same = func.lower(Person.name) == text.lower()
    return list(session.scalars(wanted.order_by(same.desc(), Person.name, Person.id).limit(limit)))


def person_named(session: Session, field: str, text: str) -> str:
    """Return the id, as text, of the one person whom a text names; empty for an empty text.

    Raises Invalid for `field` where it names nobody or several; these are told apart.
    """
    if not text.strip():
        return ""
    found = people_called(session, text, limit=_FEW + 1)
    exact = [person for person in found if person.name.lower() == text.strip().lower()]
    one = found if len(found) == 1 else exact
    if len(one) == 1:
        return str(one[0].id)
    if not found:
        raise Invalid({field: Wording("There is nobody of that name.")})
    names = ", ".join(f"{person.name} ({person.email})" for person in found[:_FEW])
    raise Invalid(
        {
            field: Wording(
                "Several people are called so. Give the e-mail address: %(names)s", names=names
            )
        }
    )


def channel_named(session: Session, field: str, text: str, *, tokens: Collection[str]) -> str:
    """Return the id, as text, of the one channel that a text names; empty for an empty text.

    Raises Invalid for `field` where it names none or several.
    """
    text = text.strip()
    if not text:
        return ""
    wanted = live_items(tokens).where(Item.kind == Kind.CHANNEL.value)
    wanted = wanted.where(Item.title.ilike(f"%{escaped(text)}%", escape="\\"))
    found: Sequence[Item] = session.scalars(wanted.order_by(Item.title).limit(_FEW + 1)).all()
    exact = [item for item in found if item.title.lower() == text.lower()]
    one = found if len(found) == 1 else exact
    if len(one) >= 1:
        return str(one[0].id)
    if not found:
        raise Invalid({field: Wording("There is no such channel.")})
    names = ", ".join(item.title for item in found[:_FEW])
    raise Invalid({field: Wording("Several channels are called so: %(names)s", names=names)})


def escaped(text: str) -> str:
    """Return a text as it stands for itself in LIKE, with a backslash to escape."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")

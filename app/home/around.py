"""What stands around the shelves: what was begun, who may help, how much time there is."""

from collections.abc import Iterator, Set
from dataclasses import dataclass

from flask import url_for
from flask_babel import gettext, ngettext
from sqlalchemy.orm import Session

from app.access import Viewer
from app.discover.experts import Expert, experts
from app.foryou.service import Reader
from app.foryou.shelves import Shelved
from app.web.i18n import when

MINUTES = (10, 20, 45)
_MOST_PEOPLE = 3
_MOST_SKILLS = 6
_OF_THE_LAST = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """An item in a panel: where it leads, and a few words about it."""

    item_id: int
    title: str
    kind: str
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeChoice:
    """An answer to how much time there is; `value` is what an address holds of it."""

    label: str
    value: str
    url: str
    chosen: bool


def time_choices(minutes: int | None) -> list[TimeChoice]:
    """Return the answers that a reader may give, of which `minutes` is theirs now."""
    numbers = sorted({*MINUTES, *([minutes] if minutes else [])})
    some = [
        TimeChoice(
            label=ngettext("%(num)s minute", "%(num)s minutes", number),
            value=str(number),
            url=url_for("home.for_you", minutes=number),
            chosen=number == minutes,
        )
        for number in numbers
    ]
    anything = TimeChoice(
        label=gettext("Any"), value="", url=url_for("home.for_you"), chosen=minutes is None
    )
    return [*some, anything]


def begun_lines(found: Shelved) -> list[Line]:
    """Return what the reader can go on with, the latest first."""
    return [
        Line(
            item_id=card.id,
            title=card.title,
            kind=card.kind,
            detail=" · ".join((gettext("Opened %(when)s", when=when(at)), card.tool_name)),
        )
        for card, at in found.begun
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """Some who share what they know, under a title that names what it is where it is one thing."""

    title: str
    experts: list[Expert]


def people_around(session: Session, viewer: Viewer, reader: Reader) -> People | None:
    """Return who knows about the reader's last topic and open skills, None if nobody shares it."""
    found = experts(
        session,
        skills=_skills(reader),
        roles=(),
        but=viewer.id,
        tokens=viewer.tokens,
        limit=_MOST_PEOPLE,
    )
    return People(title=_about({each.topic for each in found}), experts=found) if found else None


def _about(topics: Set[str]) -> str:
    if len(topics) > 1:
        return gettext("People you can ask")
    return gettext("People who know about %(topic)s", topic=next(iter(topics)))


def _skills(reader: Reader) -> list[str]:
    """Return the skills of the last item the reader took up, then those their role still asks."""
    last = next(_taken_up(reader), ())
    wanted = [*last[:_OF_THE_LAST], *sorted(reader.context.gaps)]
    return [*dict.fromkeys(wanted)][:_MOST_SKILLS]


def _taken_up(reader: Reader) -> Iterator[tuple[str, ...]]:
    items = reader.offer.items
    for event in reversed(reader.context.history):
        if event.verb != "dismissed" and event.item in items:
            yield items[event.item].skills

"""What a reader sees on the first page, gathered once and in words."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime

from flask_babel import gettext, to_user_timezone
from sqlalchemy.orm import Session

from app.access import Viewer
from app.activity.cards import Card
from app.curation.queries import RolePins, pinned_for_roles
from app.foryou.here import Here
from app.foryou.service import MEMORY
from app.foryou.shelf import for_you
from app.foryou.shelves import CardShelf, Shelved, shelved
from app.home import queries
from app.home.around import Line, People, TimeChoice, begun_lines, people_around, time_choices
from app.home.queries import News
from app.home.today import Today, today_of
from app.playlists.plans import Plan
from app.playlists.queries import assigned_plans
from app.web.i18n import day
from recommender.shelves import ShelfKind

ON_A_SHELF = 4
_MOST_PINS = 40
IN_A_PANEL = 4
_NOON, _EVENING, _MORNING = 12, 18, 5


@dataclass(frozen=True, slots=True, kw_only=True)
class HomePage:
    """The whole first page; what there is nothing of is empty, and the page leaves it out.

    `elsewhere` are the items that stand on the page, but on no shelf.
    """

    greeting: str
    lead: str
    today: Today | None
    begun: list[Line]
    shelves: list[CardShelf]
    times: list[TimeChoice]
    pins: RolePins | None
    pins_note: str
    channels: list[Card]
    people: People | None
    new: list[tuple[str, int]]
    elsewhere: list[int]

    @property
    def for_you(self) -> CardShelf | None:
        """Return the shelf that stands before what curators pinned."""
        return next((each for each in self.shelves if each.kind is ShelfKind.FOR_YOU), None)

    @property
    def further(self) -> list[CardShelf]:
        """Return the shelves that stand after what curators pinned."""
        return [each for each in self.shelves if each.kind is not ShelfKind.FOR_YOU]

    @property
    def is_bare(self) -> bool:
        """Tell whether there is nothing made for this reader yet."""
        return not (self.today or self.shelves or self.pins)


@dataclass(frozen=True, slots=True, kw_only=True)
class WhyPage:
    """What the recommendations draw on: the cards as on the first page, and what is known."""

    cards: list[Card]
    role_names: tuple[str, ...]
    opened: int
    finished: int
    saved: int
    dismissed: int


def home_page(
    session: Session, reader: Viewer, *, here: Here, now: datetime, today: date
) -> HomePage:
    """Gather the first page of this reader at this moment."""
    plans = assigned_plans(session, reader.id, tokens=reader.tokens, today=today)
    asked = today_of(plans, in_a_panel=IN_A_PANEL)
    items = asked.items if asked else []
    pins = _pins(session, reader, today, beside=items)
    channels = _channels(session, reader, pins)
    news = queries.news_in_searches(session, reader.id, limit=IN_A_PANEL)
    elsewhere = [*items, *_ids(pins.cards if pins else ()), *_ids(channels)]
    found = shelved(
        session,
        reader,
        here=here,
        now=now,
        most=ON_A_SHELF,
        beside=elsewhere,
        others={item for each in news for item in each.items},
        steps=_steps(plans),
    )
    return HomePage(
        greeting=greeting(to_user_timezone(now).hour, reader.given_name),
        lead=_lead(left_off=bool(asked or found.begun)),
        today=asked,
        begun=begun_lines(found),
        shelves=found.shelves,
        times=time_choices(None),
        pins=pins,
        pins_note=_pins_note(pins),
        channels=channels,
        people=people_around(session, reader, found.reader),
        new=_new(news, found),
        elsewhere=[*elsewhere, *(card.id for card, _at in found.begun)],
    )


def why_page(session: Session, reader: Viewer, *, now: datetime, today: date) -> WhyPage:
    """Gather what stands behind the cards that the first page shows."""
    counts = queries.counts_by_verb(session, reader.id, since=now - MEMORY)
    pins = _pins(session, reader, today)
    return WhyPage(
        cards=for_you(
            session, reader, now=now, limit=ON_A_SHELF, beside=_ids(pins.cards if pins else ())
        ),
        role_names=reader.role_names,
        opened=counts.get("launched", 0),
        finished=counts.get("completed", 0),
        saved=counts.get("saved", 0),
        dismissed=counts.get("dismissed", 0),
    )


def greeting(hour: int, name: str) -> str:
    """Greet somebody by the hour of their own day."""
    if _MORNING <= hour < _NOON:
        return gettext("Good morning, %(name)s", name=name)
    if _NOON <= hour < _EVENING:
        return gettext("Good afternoon, %(name)s", name=name)
    return gettext("Good evening, %(name)s", name=name)


def _lead(*, left_off: bool) -> str:
    if left_off:
        return gettext("Here is where you left off, and what may be worth your time next.")
    return gettext("Everything you can learn with, from every tool, starts here.")


def _steps(plans: Iterable[Plan]) -> dict[int, bool]:
    """Return the items of these playlists, with whether each is the next step of one."""
    plans = list(plans)
    following = {plan.next.step.item_id for plan in plans if plan.next}
    items = (step.item_id for plan in plans for step in plan.steps)
    return {item: item in following for item in items if item is not None}


def _pins(
    session: Session, reader: Viewer, today: date, beside: Iterable[int] = ()
) -> RolePins | None:
    """Return the first pins of the reader's page, those done already after all others."""
    found = pinned_for_roles(
        session,
        roles=reader.roles,
        person_id=reader.id,
        tokens=reader.tokens,
        today=today,
        limit=_MOST_PINS,
    )
    there = frozenset(beside)
    cards = [card for card in found.cards if card.id not in there] if found else []
    if found is None or not cards:
        return None
    return replace(found, cards=sorted(cards, key=lambda card: card.done)[:ON_A_SHELF])


def _pins_note(pins: RolePins | None) -> str:
    if pins is None:
        return ""
    curator, reviewed = pins.page.curator, pins.page.reviewed_on
    parts = [
        gettext("Curated by %(name)s", name=curator.name) if curator else "",
        gettext("reviewed %(day)s", day=day(reviewed)) if reviewed else "",
    ]
    return " · ".join(part for part in parts if part)


def _channels(session: Session, reader: Viewer, pins: RolePins | None) -> list[Card]:
    """Return the channels to talk in, but for those that are pinned."""
    found = queries.channels_for(
        session, reader.id, roles=reader.roles, tokens=reader.tokens, limit=IN_A_PANEL
    )
    pinned = _ids(pins.cards if pins else ())
    return [card for card in found if card.id not in pinned]


def _ids(cards: Iterable[Card]) -> set[int]:
    return {card.id for card in cards}


def _new(news: Iterable[News], found: Shelved) -> list[tuple[str, int]]:
    counted = [(each.name, each.seen_in(found.others)) for each in news]
    return [(name, number) for name, number in counted if number]

"""What a reader sees on the first page, gathered once and in words."""

from dataclasses import dataclass, replace
from datetime import date, datetime

from flask_babel import gettext, to_user_timezone
from sqlalchemy.orm import Session

from app.access import Viewer
from app.activity.cards import Card
from app.curation.queries import RolePins, pinned_for_roles
from app.foryou.service import MEMORY
from app.foryou.shelf import for_you
from app.home import queries
from app.home.queries import Begun
from app.playlists.contexts import PlanCard, due_words, plan_card
from app.playlists.plans import DueStep, current, due_in
from app.playlists.queries import assigned_plans
from app.web.i18n import day, when

ON_A_SHELF = 4
_MOST_PINS = 40
IN_A_PANEL = 4
_NOON, _EVENING, _MORNING = 12, 18, 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """An item in a panel: where it leads, and a few words about it."""

    item_id: int
    title: str
    kind: str
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HomePage:
    """The whole first page; what there is nothing of is empty, and the page leaves it out."""

    greeting: str
    lead: str
    plan: PlanCard | None
    for_you: list[Card]
    pins: RolePins | None
    pins_note: str
    due: list[Line]
    channels: list[Card]
    begun: list[Line]
    new: list[tuple[str, int]]

    @property
    def is_bare(self) -> bool:
        """Tell whether there is nothing made for this reader yet."""
        return not (self.plan or self.for_you or self.pins)


@dataclass(frozen=True, slots=True, kw_only=True)
class WhyPage:
    """What the recommendations draw on: the cards as on the first page, and what is known."""

    cards: list[Card]
    role_names: tuple[str, ...]
    opened: int
    finished: int
    saved: int
    dismissed: int


def home_page(session: Session, reader: Viewer, *, now: datetime, today: date) -> HomePage:
    """Gather the first page of this reader at this moment."""
    plans = assigned_plans(session, reader.id, tokens=reader.tokens, today=today)
    plan = current(plans)
    begun = [] if plan else _begun(session, reader, now)
    pins = _pins(session, reader, today)
    return HomePage(
        greeting=greeting(to_user_timezone(now).hour, reader.given_name),
        lead=_lead(left_off=bool(plan or begun)),
        plan=plan_card(plan) if plan else None,
        for_you=_for_you(session, reader, pins, now),
        pins=pins,
        pins_note=_pins_note(pins),
        due=[_due_line(due) for due in due_in(plans, limit=IN_A_PANEL)],
        channels=queries.channels_for(
            session, reader.id, roles=reader.roles, tokens=reader.tokens, limit=IN_A_PANEL
        ),
        begun=begun,
        new=queries.new_in_searches(session, reader.id, tokens=reader.tokens, limit=IN_A_PANEL),
    )


def why_page(session: Session, reader: Viewer, *, now: datetime, today: date) -> WhyPage:
    """Gather what stands behind the cards that the first page shows."""
    counts = queries.counts_by_verb(session, reader.id, since=now - MEMORY)
    return WhyPage(
        cards=_for_you(session, reader, _pins(session, reader, today), now),
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


def _pins(session: Session, reader: Viewer, today: date) -> RolePins | None:
    """Return the first pins of the reader's page, those done already after all others."""
    found = pinned_for_roles(
        session,
        roles=reader.roles,
        person_id=reader.id,
        tokens=reader.tokens,
        today=today,
        limit=_MOST_PINS,
    )
    if found is None or not found.cards:
        return None
    cards = sorted(found.cards, key=lambda card: card.done)
    return replace(found, cards=cards[:ON_A_SHELF])


def _pins_note(pins: RolePins | None) -> str:
    if pins is None:
        return ""
    curator, reviewed = pins.page.curator, pins.page.reviewed_on
    parts = [
        gettext("Curated by %(name)s", name=curator.name) if curator else "",
        gettext("reviewed %(day)s", day=day(reviewed)) if reviewed else "",
    ]
    return " · ".join(part for part in parts if part)


def _for_you(session: Session, reader: Viewer, pins: RolePins | None, now: datetime) -> list[Card]:
    """Return the recommended cards; what a curator has pinned beside them is not shown twice."""
    pinned = {card.id for card in pins.cards} if pins else set()
    return for_you(session, reader, now=now, limit=ON_A_SHELF, beside=pinned)


def _due_line(due: DueStep) -> Line:
    step = due.dated.step
    detail = f"{due_words(due.dated)} · {step.tool_name}"
    return Line(item_id=step.item_id, title=step.title, kind=step.kind, detail=detail)


def _begun(session: Session, reader: Viewer, now: datetime) -> list[Line]:
    found = queries.begun(session, reader.id, tokens=reader.tokens, now=now, limit=IN_A_PANEL)
    return [_begun_line(each) for each in found]


def _begun_line(each: Begun) -> Line:
    opened = gettext("Opened %(when)s", when=when(each.opened_at))
    return Line(
        item_id=each.card.id,
        title=each.card.title,
        kind=each.card.kind,
        detail=f"{opened} · {each.card.tool_name}",
    )

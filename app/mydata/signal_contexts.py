"""What My data shows of the signals that recommendations draw on, in the reader's words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from flask import url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy.orm import Session

from app.access import Viewer
from app.activity import pauses, signals
from app.activity.signals import Signal, Total
from app.models import Person, ShownSlate
from app.mydata import queries
from app.mydata.weights import Weight, weight_of
from app.people.queries import with_roles_and_groups
from app.web.i18n import decimal, minutes
from app.web.paging import PageLinks, Paging, page_links
from recommender.signals import ActivityConfig

SIZE = 30
_SAMPLE = "sample"  # what the generated activity of the sample company names as its source


@dataclass(frozen=True, slots=True)
class KindRow:
    """One kind of signal: how many there are and how much it counts. `chosen`: it is listed."""

    kind: str
    label: str
    total: Total
    weight: Weight
    url: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class SignalRow:
    """One signal in words; `told_by` is the tool that told of it, or empty."""

    signal: Signal
    what: str
    told_by: str


@dataclass(frozen=True, slots=True)
class Basis:
    """What is known of the reader beside what they do; `roles` are (name, since or None)."""

    roles: list[tuple[str, date | None]]
    department: str
    location: str
    groups: str
    started_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalsPage:
    """What recommendations draw on: who the reader is, what they did, and whether it counts."""

    basis: Basis
    paused_since: datetime | None
    kinds: list[KindRow]
    kind: str
    total: int
    number: int
    rows: list[SignalRow]
    links: PageLinks


def signals_page(session: Session, reader: Viewer, *, kind: str, number: int) -> SignalsPage:
    """Gather the page in four statements; a `kind` that there is none of shows all."""
    totals = signals.totals_of(session, reader.id)
    known = {one.kind: one for one in totals}
    kind = kind if kind in known else ""
    total = known[kind].number if kind else sum(one.number for one in totals)
    paging = Paging(number, SIZE, total)
    rows = signals.signals_of(
        session,
        reader.id,
        tokens=reader.tokens,
        kind=kind,
        offset=paging.offset,
        limit=paging.size,
    )
    return SignalsPage(
        basis=_basis(with_roles_and_groups(session, reader.id)),
        paused_since=pauses.paused_since(session, reader.id),
        kinds=[_kind_row(one, kind) for one in totals],
        kind=kind,
        total=total,
        rows=[SignalRow(one, what(one), _told_by(one)) for one in rows],
        number=paging.number,
        links=page_links(paging, lambda page: list_address(kind, page)),
    )


def list_address(kind: str, number: int = 1) -> str:
    """Return the address of one page of the list, of one kind or of all."""
    page = number if number > 1 else None
    return url_for("signals.index", kind=kind or None, page=page, _anchor="list")


def kind_label(kind: str) -> str:
    """Return what a kind of signal is called."""
    return {
        "viewed": _("Looked at"),
        "launched": _("Opened"),
        "found": _("Opened from a search"),
        "completed": _("Finished"),
        "saved": _("Saved"),
        "liked": _("Found helpful"),
        "rated": _("Rated"),
        "spent": _("Time spent"),
        "dismissed": _("Not for me"),
    }[kind]


def what(signal: Signal) -> str:
    """Return what a signal says, with its stars or its time."""
    if signal.kind == "rated" and signal.value:
        stars = decimal(signal.value)
        return ngettext("Rated %(stars)s star", "Rated %(stars)s stars", signal.value, stars=stars)
    if signal.kind == "spent" and signal.value:
        return _("Spent %(time)s", time=minutes(max(round(signal.value / 60), 1)))
    return kind_label(signal.kind)


def _told_by(signal: Signal) -> str:
    return _("the sample company") if signal.told_by == _SAMPLE else signal.told_by


def _kind_row(total: Total, chosen: str) -> KindRow:
    kind = total.kind
    return KindRow(
        kind=kind,
        label=kind_label(kind),
        total=total,
        weight=weight_of(kind, ActivityConfig()),
        url=list_address(kind),
        chosen=kind == chosen,
    )


def _basis(person: Person | None) -> Basis:
    if person is None:
        return Basis([], "", "", "", None)
    return Basis(
        roles=[(held.role.name, held.since) for held in person.roles],
        department=person.department or "",
        location=person.location or "",
        groups=", ".join(sorted(group.name for group in person.groups)),
        started_on=person.started_on,
    )


@dataclass(frozen=True, slots=True)
class SeenSlate:
    """A shelf that the reader looked at: its name, when, and what of it they may still see."""

    shelf: str
    at: datetime
    items: list[tuple[int, str]]
    hidden: int


def seen_slates(session: Session, reader: Viewer, slates: Sequence[ShownSlate]) -> list[SeenSlate]:
    """Return the slates in words, the titles of all of them in one statement."""
    ids = {item.item_id for slate in slates for item in slate.items}
    titles = queries.titles(session, ids, tokens=reader.tokens)
    found = []
    for slate in slates:
        there = [(one.item_id, titles[one.item_id]) for one in slate.items if one.item_id in titles]
        hidden = len(slate.items) - len(there)
        found.append(SeenSlate(shelf_label(slate.shelf), slate.shown_at, there, hidden))
    return found


def shelf_label(shelf: str) -> str:
    """Return what a shelf is called; one that is not known by a name keeps its own word."""
    return {
        "for_you": _("For you"),
        "because": _("Because of something you finished"),
        "new": _("New for your role"),
        "popular": _("Popular with your role"),
        "short": _("Short ones for now"),
        "continue": _("Continue"),
    }.get(shelf, shelf)

"""What the review queue shows, in the reader's words and with addresses."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from sqlalchemy.orm import Session

from app.access import Viewer
from app.care import deeds, queue
from app.care.queue import Counts, Waiting, Wanted
from app.care.reasons import Reason
from app.catalogue.queries import visible_item
from app.models import LinkState
from app.web.i18n import day, decimal, today
from app.web.paging import PageLinks, Paging, page_links
from app.web.unit_of_work import config

SIZE = 25
NAMES: Mapping[str, Reason] = {
    "link": Reason.LINK,
    "outdated": Reason.REPORTED,
    "rated": Reason.RATED_BADLY,
    "sunset": Reason.SUNSET,
    "due": Reason.DUE,
    "stale": Reason.STALE,
    "duplicate": Reason.DUPLICATE,
    "unused": Reason.UNUSED,
}
LABELS = {
    "link": _l("Link"),
    "outdated": _l("Reported outdated"),
    "rated": _l("Rated badly"),
    "sunset": _l("Leaves soon"),
    "due": _l("Due"),
    "stale": _l("Stale"),
    "duplicate": _l("Duplicate"),
    "unused": _l("Unused"),
}
LOOKS = {Reason.LINK: "danger", Reason.REPORTED: "danger", Reason.RATED_BADLY: "warn"} | {
    Reason.SUNSET: "warn",
    Reason.DUE: "warn",
}
MINE, ALL = "mine", "all"


@dataclass(frozen=True, slots=True, kw_only=True)
class Why:
    """One reason as a badge and a sentence, with an address where more is said of it."""

    label: str
    look: str
    sentence: str
    href: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """An item in the queue; `places` says where it stands, empty where it stands nowhere."""

    item: Waiting
    why: list[Why]
    places: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """A filter with the address that sets it, or takes it away where it is set."""

    label: str
    count: int
    href: str
    selected: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What was decided last, to be read and to be taken back."""

    text: str
    batch: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewPage:
    """The whole page; `arguments` are those of its address."""

    rows: list[Row]
    counts: Counts
    reasons: list[Filter]
    whose: list[Filter]
    tools: list[tuple[str, str, bool]]
    wanted: Wanted
    arguments: dict[str, str]
    links: PageLinks
    done: Done | None

    @property
    def only_due(self) -> list[int]:
        """Return the items on this page of which nothing else is said than that they are due."""
        return [row.item.item_id for row in self.rows if row.item.only_due]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the address asks for; `whose` is empty where it leaves that to the page."""

    tool: str
    reason: str
    whose: str
    number: int
    did: str


def review_page(session: Session, reader: Viewer, asked: Asked) -> ReviewPage:
    """Gather the queue: what is the reader's own, where something of it waits, else everything."""
    who: dict[str, Any] = {"person_id": reader.id, "tokens": reader.tokens, "today": today()}
    reason = NAMES.get(asked.reason)
    wanted = Wanted(tool=asked.tool, reason=reason, mine=asked.whose == MINE)
    tallied = queue.tally(session, **who)
    counts = queue.counts(tallied, wanted)
    if not asked.whose and counts.mine:
        wanted = Wanted(tool=asked.tool, reason=reason, mine=True)
        counts = queue.counts(tallied, wanted)
    paging = Paging(asked.number, SIZE, counts.shown)
    last = min(paging.number, paging.count)
    paging = Paging(last, SIZE, counts.shown)
    found = queue.waiting(
        session,
        wanted,
        offset=paging.offset,
        limit=SIZE,
        at_least=config().min_group_size,
        **who,
    )
    arguments = {
        "reason": asked.reason if reason else "",
        "tool": asked.tool,
        "whose": asked.whose,
        "page": str(last) if last > 1 else "",
    }
    arguments = {name: value for name, value in arguments.items() if value}
    return ReviewPage(
        rows=[_row(each) for each in found],
        counts=counts,
        reasons=_reasons(counts, arguments),
        whose=_whose(counts, wanted, arguments),
        tools=[
            (slug, f"{name} ({number})", slug == asked.tool)
            for (slug, name), number in counts.by_tool.items()
            if number or slug == asked.tool
        ],
        wanted=wanted,
        arguments=arguments,
        links=page_links(paging, lambda number: _address(arguments, page=number)),
        done=_done(session, reader, asked.did) if asked.did else None,
    )


def _address(arguments: Mapping[str, str], **changes: object) -> str:
    values: dict[str, Any] = {n: text for n, text in arguments.items() if n not in changes}
    values |= {name: str(value) for name, value in changes.items() if value and value != 1}
    return url_for("care.review", **values)


def _reasons(counts: Counts, arguments: Mapping[str, str]) -> list[Filter]:
    chosen = arguments.get("reason", "")
    return [
        Filter(
            label=str(LABELS[name]),
            count=counts.by_reason.get(reason, 0),
            href=_address(arguments, reason="" if name == chosen else name, page=1),
            selected=name == chosen,
        )
        for name, reason in NAMES.items()
        if counts.by_reason.get(reason, 0) or name == chosen
    ]


def _whose(counts: Counts, wanted: Wanted, arguments: Mapping[str, str]) -> list[Filter]:
    pairs = ((_("Mine"), MINE, counts.mine), (_("Everybody’s"), ALL, counts.total))
    return [
        Filter(
            label=label,
            count=number,
            href=_address(arguments, whose=name, page=1),
            selected=wanted.mine == (name == MINE),
        )
        for label, name, number in pairs
    ]


def _done(session: Session, reader: Viewer, batch: str) -> Done | None:
    made = deeds.deeds_of(session, batch, by=reader.id)
    if not made:
        return None
    later = made[0].deed == deeds.Deed.LATER.value
    one = visible_item(session, made[0].item_id, tokens=reader.tokens) if len(made) == 1 else None
    if one is not None:
        said = (
            _("Put off: “%(title)s” comes back in two weeks.") if later else _("Kept: “%(title)s”.")
        )
        text = said % {"title": one.title}
    elif later:
        text = ngettext(
            "Put off: %(num)s item comes back in two weeks.",
            "Put off: %(num)s items come back in two weeks.",
            len(made),
        )
    else:
        text = ngettext("Kept: %(num)s item.", "Kept: %(num)s items.", len(made))
    return Done(text=text, batch=batch)


def _row(item: Waiting) -> Row:
    places = [
        ngettext("on %(num)s page", "on %(num)s pages", item.pages) if item.pages else "",
        ngettext("in %(num)s playlist", "in %(num)s playlists", item.playlists)
        if item.playlists
        else "",
    ]
    return Row(
        item=item,
        why=[why_of(reason, item) for reason in item.reasons],
        places=", ".join(place for place in places if place),
    )


def why_of(reason: Reason, item: Waiting) -> Why:
    """Return a reason in words."""
    name = next(name for name, each in NAMES.items() if each is reason)
    sentence, href = _SAID[reason](item)
    return Why(
        label=str(LABELS[name]), look=LOOKS.get(reason, "plain"), sentence=sentence, href=href
    )


def _link(item: Waiting) -> tuple[str, str]:
    since = day(item.link_since) if item.link_since else ""
    if item.link_state == LinkState.MOVED.value:
        return _("Its address has moved."), ""
    if item.link_state == LinkState.HIDDEN.value:
        return _("%(tool)s hides it from its readers.", tool=item.tool_name), ""
    if not since:
        return _("Its link is broken."), ""
    return _("Its link is broken since %(day)s.", day=since), ""


def _reported(_item: Waiting) -> tuple[str, str]:
    return _("A reader says that it is out of date."), url_for("governance.readers")


def _rated(item: Waiting) -> tuple[str, str]:
    if item.stars is None:
        return _("Readers rate it badly."), ""
    average, raters = item.stars
    return _(
        "Rated %(stars)s of 5 by %(number)s people.", stars=decimal(average), number=raters
    ), ""


def _sunset(item: Waiting) -> tuple[str, str]:
    return _("Leaves by itself on %(day)s.", day=day(item.sunset_on) if item.sunset_on else ""), ""


def _due(item: Waiting) -> tuple[str, str]:
    return _("Due for a look since %(day)s.", day=day(item.review_on) if item.review_on else ""), ""


def _stale(item: Waiting) -> tuple[str, str]:
    return _(
        "From %(day)s, not changed for long, and opened less than before.",
        day=day(item.published_on),
    ), ""


def _duplicate(item: Waiting) -> tuple[str, str]:
    return _("Another tool seems to offer the same."), url_for(
        "duplicates.choose", item_id=item.item_id
    )


def _unused(_item: Waiting) -> tuple[str, str]:
    return _("Nobody has opened it in 90 days."), ""


_SAID = {
    Reason.LINK: _link,
    Reason.REPORTED: _reported,
    Reason.RATED_BADLY: _rated,
    Reason.SUNSET: _sunset,
    Reason.DUE: _due,
    Reason.STALE: _stale,
    Reason.DUPLICATE: _duplicate,
    Reason.UNUSED: _unused,
}

"""What the reader sees of tools that were asked while they search: the strip, and live results."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from flask import url_for
from flask_babel import gettext as _
from flask_babel import ngettext, to_user_timezone

from app.discover.address import Ask
from app.discover.live import Heard, LiveHit, placed
from app.harvest.live import Answer, Said
from app.web.i18n import moment, today
from search.document import Hit
from search.highlight import Fragment, highlight, snippet
from search.query import Query

SNIPPET_WIDTH = 220
ACCOUNTS = "mydata.index"
Fragments = Sequence[tuple[str, bool]]
_ORDER = (Said.ANSWERED, Said.LATE, Said.RESTING, Said.FAILED, Said.CONNECT)
_ICONS = {
    Said.ANSWERED: "circle-check",
    Said.LATE: "clock",
    Said.RESTING: "moon",
    Said.FAILED: "triangle-alert",
    Said.CONNECT: "link",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolLine:
    """One tool of the strip: what became of the question, in a sentence."""

    name: str
    said: str
    icon: str
    sentence: str
    url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Strip:
    """Who answered, in one line, and each tool in detail. `again_url` fetches what is late."""

    summary: str
    tools: tuple[ToolLine, ...] = ()
    again_url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveRow:
    """One result that a tool gave just now. `outside` leads to the tool, not to an item's page."""

    title: Fragments
    snippet: Fragments
    kind: str
    tool_name: str
    url: str
    outside: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveParts:
    """What a search page shows of tools that can be asked.

    `ask_url` is where to ask them, empty where they were asked or are not to be; without a strip
    there is none yet. `before` are rows by the id of the result before which they stand, `last`
    those that end the list, and `more` those below all pages.
    """

    shown: bool = False
    ask_url: str = ""
    strip: Strip | None = None
    before: Mapping[int, tuple[LiveRow, ...]] = field(default_factory=dict)
    last: tuple[LiveRow, ...] = ()
    more: tuple[LiveRow, ...] = ()


NOTHING = LiveParts()


def to_be_asked(ask: Ask) -> LiveParts:
    """Return the place for what the tools will say."""
    return LiveParts(shown=True, ask_url=address(ask))


def not_while_filtered() -> LiveParts:
    """Return the strip that says why no tool is asked."""
    summary = _("Connected tools are not asked while you filter: they cannot tell what fits.")
    return LiveParts(shown=True, strip=Strip(summary=summary))


def strip(ask: Ask, heard: Heard, *, again: bool = False) -> Strip | None:
    """Return who answered, None where there was nobody to ask; with `again`, late ones may come."""
    if not heard.answers:
        return None
    answers = sorted(heard.answers, key=lambda one: _ORDER.index(one.said))
    late = again and any(one.said is Said.LATE for one in answers)
    return Strip(
        summary=" ".join(_sentences(answers)),
        tools=tuple(_line(one) for one in answers),
        again_url=address(ask, again=True) if late else "",
    )


def added(ask: Ask, query: Query, heard: Heard, *, again: bool) -> LiveParts:
    """Return what comes to a page that is being read: all new hits stand below its results."""
    rows = tuple(row(one, query) for one in heard.hits)
    return LiveParts(shown=True, strip=strip(ask, heard, again=again), more=rows)


def among(
    ask: Ask, query: Query, heard: Heard, indexed: Sequence[Hit], *, whole: bool
) -> LiveParts:
    """Return what stands on a page that is made now: each hit in its place.

    `whole` says that there is no page after this one, so that what fits least ends the list.
    """
    where = placed(indexed, heard.hits)
    places = {one.place.id for each in where.values() for one in each}
    left = tuple(row(one, query) for one in heard.hits if one.place.id not in places)
    ends = whole and bool(indexed)
    return LiveParts(
        shown=True,
        strip=strip(ask, heard),
        before={item_id: tuple(row(one, query) for one in each) for item_id, each in where.items()},
        last=left if ends else (),
        more=() if ends else left,
    )


def row(one: LiveHit, query: Query) -> LiveRow:
    """Put one live hit into words."""
    hit = one.found.hit
    marked = _marked(highlight(hit.title, query, "en", prefix=True))
    summary = snippet(hit.summary, query, "en", SNIPPET_WIDTH, prefix=True) if hit.summary else ()
    inside = one.item_id is not None
    return LiveRow(
        title=marked,
        snippet=_marked(summary),
        kind=hit.kind,
        tool_name=one.tool_name,
        url=url_for("discover.item", item_id=one.item_id) if inside else hit.url,
        outside=not inside,
    )


def address(ask: Ask, *, again: bool = False) -> str:
    """Return the address that asks the tools this."""
    arguments = {**ask.arguments(), **({"again": "1"} if again else {})}
    return url_for("live.answers", **arguments)


def _sentences(answers: Sequence[Answer]) -> Iterator[str]:
    """Yield the strip's line: who answered, who was late, who rests, who is to be connected."""
    by = {said: [one for one in answers if one.said is said] for said in _ORDER}
    if by[Said.ANSWERED]:
        yield _("Asked just now: %(tools)s.", tools=_names(by[Said.ANSWERED], _with_count))
    if by[Said.LATE]:
        yield _("Late: %(tools)s.", tools=_names(by[Said.LATE], _with_copy))
    away = by[Said.RESTING] + by[Said.FAILED]
    if away:
        yield _("Without an answer: %(tools)s.", tools=_names(away, _with_copy))
    if by[Said.CONNECT]:
        tools = _names(by[Said.CONNECT], lambda one: one.name)
        yield _("Connect your account to include %(tools)s.", tools=tools)


def _names(answers: Iterable[Answer], named: Callable[[Answer], str]) -> str:
    return ", ".join(named(one) for one in answers)


def _with_count(one: Answer) -> str:
    return _("%(tool)s (%(number)s)", tool=one.name, number=len(one.found))


def _with_copy(one: Answer) -> str:
    if one.indexed_at is None:
        return one.name
    return _("%(tool)s (as of %(time)s)", tool=one.name, time=_time(one.indexed_at))


def _line(one: Answer) -> ToolLine:
    said = {
        Said.ANSWERED: _found(one),
        Said.LATE: _("did not answer in time."),
        Said.RESTING: _("did not answer several times and is left in peace for a while."),
        Said.FAILED: _("could not answer."),
        Said.CONNECT: _("shows what you may see there once your account is connected."),
    }[one.said]
    alone = one.said in (Said.ANSWERED, Said.CONNECT)
    return ToolLine(
        name=one.name,
        said=one.said.value,
        icon=_ICONS[one.said],
        sentence=said if alone else f"{said} {_copy(one)}",
        url=url_for("mydata.index") if one.said is Said.CONNECT else "",
    )


def _found(one: Answer) -> str:
    if not one.found:
        return _("found nothing.")
    return ngettext("found %(num)s thing.", "found %(num)s things.", len(one.found))


def _copy(one: Answer) -> str:
    if one.indexed_at is None:
        return _("Nothing of it is in these results.")
    return _("The results hold what it had as of %(time)s.", time=_time(one.indexed_at))


def _time(value: datetime) -> str:
    """Write a moment, without its day where that is today."""
    local = to_user_timezone(value)
    return f"{local:%H:%M}" if local.date() == today() else moment(value)


def _marked(fragments: Iterable[Fragment]) -> Fragments:
    return [(fragment.text, fragment.match) for fragment in fragments]

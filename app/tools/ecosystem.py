"""The map of everything a company learns with: four quadrants, what overlaps, what is missing.

The quadrants are the usual ones of a learning ecosystem: deliver and enable; create, curate and
manage; engage and support; measure and optimise. A tool stands where the administrator put it,
else where its connector says, else where its family belongs.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy.orm import Session

from app.connectors.base import Quadrant
from app.connectors.registry import connector_for
from app.tools import queries
from app.tools.forms import QUADRANTS
from app.tools.queries import Overlap, ToolRow

_FAMILIES: Mapping[str, Quadrant] = {
    "blog": Quadrant.CREATE,
    "chat": Quadrant.ENGAGE,
    "community": Quadrant.ENGAGE,
    "lrs": Quadrant.MEASURE,
    "survey": Quadrant.MEASURE,
    "wiki": Quadrant.CREATE,
}
_MOST = 8


@dataclass(frozen=True, slots=True)
class Place:
    """One tool on the map: its name, what it is, how many items, and whether it needs a look."""

    slug: str
    name: str
    detail: str
    connected: bool


@dataclass(frozen=True, slots=True)
class Quarter:
    """One quadrant with its tools."""

    key: str
    title: str
    purpose: str
    places: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class Map:
    """The whole page: quadrants, what tools share, sentences about gaps.

    `twins` are sentences about items that two tools both have; `shared` are (tools, kind) pairs.
    """

    quarters: tuple[Quarter, ...]
    twins: tuple[str, ...]
    shared: tuple[tuple[str, str], ...]
    gaps: tuple[str, ...]


def quadrants_of(tool: ToolRow) -> tuple[Quadrant, ...]:
    """Return where a tool stands."""
    if tool.quadrants:
        return tuple(Quadrant(name) for name in tool.quadrants if name in set(Quadrant))
    connector = connector_for(tool.connector) if tool.connector else None
    if connector is not None:
        return connector.spec.quadrants
    return (_FAMILIES.get(tool.kind, Quadrant.DELIVER),)


def ecosystem(session: Session) -> Map:
    """Return the map of all tools, in a fixed number of statements."""
    tools = queries.tools(session)
    return Map(
        quarters=tuple(_quarters(tools)),
        twins=tuple(_twins(queries.twins(session, _MOST))),
        shared=tuple((_joined(one.tools), one.about) for one in queries.overlaps(session, _MOST)),
        gaps=tuple(_gaps(tools, queries.thin_skills(session, _MOST))),
    )


def _quarters(tools: Sequence[ToolRow]) -> Iterable[Quarter]:
    by_quadrant: dict[Quadrant, list[Place]] = defaultdict(list)
    for tool in tools:
        for quadrant in quadrants_of(tool):
            by_quadrant[quadrant].append(_place(tool))
    purposes = {
        Quadrant.DELIVER: _("What people learn with: courses, videos, simulations."),
        Quadrant.CREATE: _("Where knowledge is written, gathered and kept in order."),
        Quadrant.ENGAGE: _("Where people ask, answer and help each other."),
        Quadrant.MEASURE: _("What tells how learning goes."),
    }
    for choice in QUADRANTS:
        quadrant = Quadrant(choice.value)
        places = tuple(by_quadrant[quadrant])
        yield Quarter(quadrant.value, str(choice.label), purposes[quadrant], places)


def _place(tool: ToolRow) -> Place:
    counted = ngettext("%(num)s item", "%(num)s items", tool.live)
    return Place(tool.slug, tool.name, counted, bool(tool.connector))


def _twins(twins: Sequence[Overlap]) -> Iterable[str]:
    for twin in twins:
        yield ngettext(
            "%(num)s item is in both: %(tools)s.",
            "%(num)s items are in both: %(tools)s.",
            twin.count,
            tools=_joined(twin.tools),
        )


def _gaps(tools: Sequence[ToolRow], skills: Sequence[tuple[str, int]]) -> Iterable[str]:
    filled = {quadrant for tool in tools for quadrant in quadrants_of(tool)}
    for choice in QUADRANTS:
        if Quadrant(choice.value) not in filled:
            yield _("No tool stands in “%(quadrant)s”.", quadrant=choice.label)
    loose = [tool.name for tool in tools if not tool.connector]
    if loose:
        yield _("Not connected, so nobody keeps them up to date: %(tools)s.", tools=_joined(loose))
    silent = [tool.name for tool in tools if _is_silent(tool)]
    if silent:
        yield _("Nothing tells what people finish in: %(tools)s.", tools=_joined(silent))
    for name, count in skills:
        yield ngettext(
            "Only %(num)s item teaches %(skill)s.",
            "Only %(num)s items teach %(skill)s.",
            count,
            skill=name,
        )


def _is_silent(tool: ToolRow) -> bool:
    """Tell whether a tool that delivers learning says nothing of what people finish there."""
    if Quadrant.DELIVER not in quadrants_of(tool) or not tool.connector:
        return False
    return not tool.people_by


def _joined(names: Sequence[str], most: int = 6) -> str:
    shown = list(names[:most])
    left = len(names) - len(shown)
    if left:
        shown.append(_("%(count)s more", count=left))
    return ", ".join(shown)

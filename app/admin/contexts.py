"""What the administrator sees, in words rather than gauges."""

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy.orm import Session

from app.admin import queries
from app.admin.queries import PeopleFacts, ToolFacts
from app.discover.indexing import SearchIndex
from app.foryou.room import Room
from app.harvest import health
from recommender.report import IN_ROLE, OURS, Report
from search.errors import IndexMissing


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexFacts:
    """The search index: `documents` is None while there is none."""

    engine: str
    documents: int | None
    waiting: int
    waiting_since: datetime | None


@dataclass(frozen=True, slots=True)
class Hits:
    """For how many of 100 people ten recommendations held what they took up next."""

    people: int
    ours: int
    in_role: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelFacts:
    """The serving model; `hits` is None where there was too little activity to measure it."""

    trained_at: datetime
    hits: Hits | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Troubled:
    """A connected tool that somebody should look at, and why, in words."""

    slug: str
    name: str
    state: str
    look: str
    error: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """Everything on the overview that the database, the index and the models tell."""

    tools: list[ToolFacts]
    troubled: list[Troubled]
    people: PeopleFacts
    index: IndexFacts
    model: ModelFacts | None

    @property
    def items(self) -> int:
        """Return how many live items there are in all tools together."""
        return sum(tool.live for tool in self.tools)


def overview(
    session: Session, index: SearchIndex, engine: str, room: Room, *, now: datetime
) -> Overview:
    """Return how the portal is at `now`."""
    tools = queries.tools(session)
    return Overview(
        tools=tools,
        troubled=_troubled(session, tools, now),
        people=queries.people(session, now=now),
        index=_index(session, index, engine),
        model=_model(room),
    )


def _troubled(session: Session, tools: list[ToolFacts], now: datetime) -> list[Troubled]:
    """Return the connected tools that are not read as they should be, by name."""
    states = {one.tool_id: one for one in health.of_all(session, now=now)}
    urgent = [(tool, states[tool.tool_id]) for tool in tools if tool.tool_id in states]
    return [
        Troubled(slug=tool.slug, name=tool.name, state=one.state, look=one.look, error=one.error)
        for tool, one in urgent
        if one.look in {"danger", "warn"}
    ]


def _index(session: Session, index: SearchIndex, engine: str) -> IndexFacts:
    try:
        documents = index.count()
    except IndexMissing:
        documents = None
    waiting, since = queries.waiting_for_index(session)
    return IndexFacts(engine=engine, documents=documents, waiting=waiting, waiting_since=since)


def _model(room: Room) -> ModelFacts | None:
    model = room.models.current()
    if model is None:
        return None
    trained_at = datetime.fromtimestamp(model.trained_at, UTC)
    return ModelFacts(trained_at=trained_at, hits=_hits(Report.from_json(model.metrics)))


def _hits(report: Report) -> Hits | None:
    ours, in_role = report.row(OURS), report.row(IN_ROLE)
    if ours is None or in_role is None:
        return None
    return Hits(ours.people, round(100 * ours.hit_rate.value), round(100 * in_role.hit_rate.value))

"""The plain rows that go into a recommender and come out of it, in the ids of the caller."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple, Self

VERBS = (
    "viewed",
    "launched",
    "found",
    "completed",
    "saved",
    "liked",
    "rated",
    "spent",
    "dismissed",
)
DAY = 86_400.0


class Event(NamedTuple):
    """One thing a person did with an item, at a moment in unix seconds.

    `value` is the stars (1 to 5) of what was rated and the seconds of what was spent, else 0.
    """

    person: int
    item: int
    verb: str
    at: float
    value: float = 0.0


class ItemFacts(NamedTuple):
    """What is known about an item before anybody has touched it."""

    item: int
    skills: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    title: str = ""
    kind: str = ""
    language: str = ""
    published: float | None = None
    minutes: int | None = None
    tool: str = ""


@dataclass(frozen=True)
class Context:
    """The person a slate is for: history is newest last and includes what followed the training.

    `circles` are the groups a person is in beside roles (`dept:service`, `loc:de`, `group:pilot`);
    `started` and `role_since` are unix seconds. `minutes` is the time they say they have, `tool`
    and `origin` (an item) where they come from, `steps` the items that playlists have for them
    next, `gaps` the skills their role asks for that they have not shown, `pins` the items that
    curators pinned for their roles, each with the slug of its role. `fewest` is how many people a
    figure in a reason must speak of; less than 5 counts as 5. A `timeless` question is about no
    moment: what is taken of late does not count then, nor how long ago the person came.
    """

    person: int
    roles: tuple[str, ...]
    history: Sequence[Event]
    now: float
    assigned: frozenset[int] = frozenset()
    circles: tuple[str, ...] = ()
    started: float | None = None
    role_since: float | None = None
    minutes: int | None = None
    device: str = ""
    language: str = ""
    tool: str = ""
    origin: int | None = None
    steps: frozenset[int] = frozenset()
    gaps: frozenset[str] = frozenset()
    pins: Mapping[int, str] = field(default_factory=dict)
    fewest: int = 5
    timeless: bool = False


class ReasonCode(StrEnum):
    """Why an item is recommended; the application words it in the reader's language."""

    BECAUSE_OF = "because_of"
    OFTEN_NEXT = "often_next"
    POPULAR_IN_ROLE = "popular_in_role"
    TRENDING = "trending"
    POPULAR = "popular"
    SHARES_SKILL = "shares_skill"
    IN_ROLE = "in_role"
    NEW = "new"
    UNSEEN = "unseen"
    FIRST_MONTH = "first_month"
    CIRCLE = "circle"
    PINNED = "pinned"
    NEXT_STEP = "next_step"
    FITS_TIME = "fits_time"
    CLOSES_GAP = "closes_gap"
    SHORT = "short"
    IN_LANGUAGE = "in_language"
    FROM_TOOL = "from_tool"
    GOES_WITH = "goes_with"
    DRAWN = "drawn"


class Reason(NamedTuple):
    """One true statement; only the parameters its code speaks of are set.

    `people` counts distinct people in the `days` before `until` (unix seconds), the reader not
    among them. `minutes` is the time the item takes, `has` the time the reader said they have;
    `circle` is one of the reader's, `page` the slug of the role whose page pins the item.
    """

    code: ReasonCode
    item: int | None = None
    verb: str | None = None
    role: str | None = None
    skill: str | None = None
    people: int | None = None
    days: int | None = None
    until: float | None = None
    minutes: int | None = None
    has: int | None = None
    circle: str | None = None
    page: str | None = None
    language: str | None = None
    tool: str | None = None

    def to_json(self) -> dict[str, str | int | float]:
        """Return what is set as plain values, from which the same reason can be made again."""
        told = {name: value for name, value in self._asdict().items() if value is not None}
        return told | {"code": self.code.value}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Self:
        """Read what `to_json` wrote; raises ValueError for a code or a field it does not know."""
        unknown = values.keys() - set(cls._fields)
        if unknown:
            raise ValueError(f"a reason has no {', '.join(sorted(unknown))}")
        return cls(**{**values, "code": ReasonCode(values.get("code", ""))})


class Recommendation(NamedTuple):
    """An item, its score, why it is there, and the parts that add up to the score.

    `sources` name who proposed it. `explored` is set where it was drawn by chance for its place,
    and `propensity` is the chance with which it was. `team` is the side of an experiment that chose
    it, "a" or "b"; empty where there is none, or where both sides would have.
    """

    item: int
    score: float
    reason: Reason
    parts: Mapping[str, float]
    sources: tuple[str, ...] = ()
    explored: bool = False
    propensity: float | None = None
    team: str = ""


@dataclass(frozen=True)
class Slate:
    """Recommendations, best first."""

    recommendations: tuple[Recommendation, ...]

    @property
    def items(self) -> tuple[int, ...]:
        """Return the recommended item ids, best first."""
        return tuple(each.item for each in self.recommendations)


class Shown(NamedTuple):
    """What a person looked at, at a moment in unix seconds, and what of it they took.

    `items` are those that were examined, in the order in which they stood. Those that are not
    `taken` were refused. What is taken is taken within `JUDGED_AFTER` seconds.
    """

    person: int
    at: float
    items: tuple[int, ...]
    taken: tuple[int, ...]


JUDGED_AFTER = DAY

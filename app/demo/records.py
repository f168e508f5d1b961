"""The records of the sample company, as plain frozen data: what `content/` holds and nothing else.

Days stand for dates, so that the same files make a fresh company on any day: `started` and
`reviewed` count back from the day of loading, `due_day` and `day` count from an assignment's start
(1 is the start day itself).
"""

from dataclasses import dataclass
from datetime import date

from app.intake.text import slug


@dataclass(frozen=True, slots=True, kw_only=True)
class Company:
    """The invented company; `note` says that it is invented."""

    name: str
    about: str
    domain: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """Anything with a slug and a name: a skill, a job role, a group."""

    slug: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """A place where people work."""

    name: str
    country: str
    time_zone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """A public provider that plays one of the company's tools."""

    slug: str
    name: str
    kind: str
    home_url: str
    description: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One public, free resource. `summary` is ours, the rest are its publisher's facts.

    `minutes` and `published` are None where the source says nothing. `channel` is the external id
    of the channel in which to talk about the item. External ids are unique across all tools.
    """

    external_id: str
    tool: str
    kind: str
    source_kind: str
    title: str
    url: str
    minutes: int | None
    level: str | None
    language: str
    published: date | None
    skills: tuple[str, ...]
    roles: tuple[str, ...]
    summary: str
    audience: tuple[str, ...]
    channel: str | None
    licence: str
    attribution: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody of the sample company. `sign_in` is set for those offered on the sign-in page."""

    email: str
    name: str
    given_name: str
    roles: tuple[str, ...]
    department: str
    location: str
    time_zone: str
    locale: str
    started: int
    manager: str | None
    access: str
    groups: tuple[str, ...]
    shares_expertise: bool = False
    sign_in: str | None = None

    @property
    def tokens(self) -> frozenset[str]:
        """Return the audience tokens that this person will hold once loaded."""
        return frozenset(
            {"everyone", f"dept:{slug(self.department)}", f"loc:{slug(self.location)}"}
            | {f"role:{role}" for role in self.roles}
            | {f"group:{group}" for group in self.groups}
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Pin:
    """An item on a role page, with the curator's note or without."""

    item: str
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A part of a role page."""

    title: str
    intro: str
    pins: tuple[Pin, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RolePage:
    """A curator's page for a job role, reviewed so many days ago, with the skills it asks for."""

    role: str
    title: str
    intro: str
    curator: str
    reviewed: int
    audience: tuple[str, ...]
    skills: tuple[str, ...]
    sections: tuple[Section, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """An item of a playlist, due on its `due_day`-th day.

    Steps with the same `choice` are alternatives; `needs` are numbers of steps that come first.
    """

    item: str
    due_day: int
    note: str = ""
    choice: int | None = None
    needs: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """A step without an item: to meet `meets`, or a task; done when its day has passed."""

    title: str
    due_day: int
    minutes: int
    meets: str = ""
    required: bool = True
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """The `step`-th step (from 1), done on the assignment's `day`-th day."""

    step: int
    day: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """A playlist given to a person `start` days ago."""

    person: str
    start: int
    assigned_by: str
    buddy: str | None
    done: tuple[Done, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Playlist:
    """Ordered items across tools, and tasks; `weeks` are the titles of its weeks.

    `contact` answers questions about it.
    """

    slug: str
    title: str
    summary: str
    days: int
    role: str | None
    owner: str
    audience: tuple[str, ...]
    weeks: tuple[str, ...]
    steps: tuple[Step, ...]
    assignments: tuple[Assignment, ...]
    tasks: tuple[Task, ...] = ()
    contact: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SynonymGroup:
    """Words that find each other, or with `becomes` one way; changed so many days ago."""

    words: tuple[str, ...]
    becomes: tuple[str, ...]
    note: str
    curator: str
    changed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleCompany:
    """Everything in `content/`, loaded and checked."""

    company: Company
    sites: tuple[Site, ...]
    roles: tuple[Named, ...]
    groups: tuple[Named, ...]
    skills: tuple[Named, ...]
    tools: tuple[Tool, ...]
    items: tuple[Item, ...]
    people: tuple[Person, ...]
    role_pages: tuple[RolePage, ...]
    playlists: tuple[Playlist, ...]
    synonyms: tuple[SynonymGroup, ...]

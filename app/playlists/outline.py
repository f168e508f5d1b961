"""What a version of a playlist asks for, as plain data: what rules and comparisons work on."""

from dataclasses import dataclass

from app.playlists.moments import Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class OutlineStep:
    """A step by its key, the same in all versions; `title` is what a curator calls it.

    `needs` are the keys of the steps that it waits for. Steps with the same `choice` are
    alternatives: one of them is enough. `moment` is when it takes place, for an event with a date.
    """

    key: str
    due_day: int
    title: str = ""
    kind: str = "item"
    item_id: int | None = None
    minutes: int | None = None
    meets: str = ""
    meets_id: int | None = None
    required: bool = True
    choice: int | None = None
    note: str = ""
    moment: Moment | None = None
    place: str = ""
    link: str = ""
    needs: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Outline:
    """A version of a playlist: its own fields, the titles of its weeks by number, its steps."""

    title: str = ""
    summary: str = ""
    days: int = 1
    working_days: bool = False
    role: str = ""
    audience: frozenset[str] = frozenset()
    contact: str = ""
    channel: str = ""
    weeks: tuple[tuple[int, str], ...] = ()
    steps: tuple[OutlineStep, ...] = ()

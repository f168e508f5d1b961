"""A draft in memory, held by one curator at a time, and how it is kept.

The lock is an update of all versions of the playlist that changes nothing: it holds on SQLite and
on PostgreSQL until the transaction ends. What is read after it is what is there now.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, delete, insert, select, update
from sqlalchemy.orm import Session, aliased

from app.errors import Conflict, Invalid, NotFound, Wording
from app.models import (
    Item,
    Playlist,
    PlaylistState,
    Step,
    StepNeed,
    visible_to,
)
from app.playlists.arranging import MOST_DAYS, weeks_in
from app.playlists.choices import tidied
from app.playlists.days import days_in_week
from app.playlists.moments import written
from app.playlists.needs import Fault, Trouble, fault_in
from app.playlists.outline import OutlineStep


@dataclass(frozen=True, slots=True, kw_only=True)
class Author:
    """Who changes a playlist, what they may see, and when they do it."""

    id: int
    tokens: frozenset[str]
    now: datetime


NO_DRAFT = Wording("There is no draft of this playlist any more: it was published or dropped.")
STEP_GONE = Wording("Somebody has removed this step in the meantime.")
UNSEEN = Wording("an item for other readers")
MOST_STEPS = 300


@dataclass(slots=True, kw_only=True)
class Draft:
    """A version with all that belongs to it; `steps` are in the order in which they are due.

    `names` are what steps are called, and `needs` the keys of what each waits for, by key.
    """

    playlist: Playlist
    steps: list[Step]
    names: dict[str, str]
    needs: dict[str, set[str]]

    @property
    def week_length(self) -> int:
        """Return how many days a week of it has."""
        return days_in_week(working=self.playlist.working_days)

    @property
    def weeks(self) -> int:
        """Return how many weeks it has."""
        return weeks_in(self.playlist.days, self.week_length)

    def step(self, key: str) -> Step:
        """Return the step with this key; raise Conflict if it is gone."""
        for step in self.steps:
            if step.key == key:
                return step
        raise Conflict(STEP_GONE)

    def outline(self) -> tuple[OutlineStep, ...]:
        """Return the steps as plain data."""
        return tuple(outlined(step, self.names, self.needs) for step in self.steps)

    def choose(self, choices: dict[str, int | None]) -> None:
        """Give the steps these numbers of groups."""
        for step in self.steps:
            step.choice = choices.get(step.key)

    def choices(self) -> dict[str, int | None]:
        """Return the numbers of the steps' groups by key."""
        return {step.key: step.choice for step in self.steps}


def outlined(step: Step, names: dict[str, str], needs: dict[str, set[str]]) -> OutlineStep:
    """Return a step as plain data; of an item that is not named, nothing is told that says what."""
    title = names.get(step.key, "")
    hidden = title is UNSEEN
    return OutlineStep(
        key=step.key,
        due_day=step.due_day,
        title=title,
        kind=step.kind,
        item_id=step.item_id,
        minutes=step.minutes,
        meets=step.meets,
        meets_id=step.meets_id,
        required=step.required,
        choice=step.choice,
        note="" if hidden else step.note,
        moment=None if hidden else written(step),
        place="" if hidden else step.place,
        link="" if hidden else step.link,
        needs=frozenset(needs.get(step.key, ())),
    )


def lock(session: Session, slug: str) -> None:
    """Hold all versions of a playlist until the transaction ends; raise NotFound if none is."""
    held = session.execute(
        update(Playlist)
        .where(Playlist.slug == slug)
        .values(revision=Playlist.revision)
        .returning(Playlist.id)
        .execution_options(synchronize_session=False, changes_nothing=True)
    ).all()
    if not held:
        raise NotFound(Wording("There is no such playlist."))


def held_draft(session: Session, slug: str, *, tokens: Collection[str]) -> Draft:
    """Lock a playlist and return its draft; raise Conflict if it has none any more."""
    lock(session, slug)
    found = draft_row(session, slug)
    if found is None:
        raise Conflict(NO_DRAFT)
    return contents(session, found, tokens=tokens)


def draft_row(session: Session, slug: str) -> Playlist | None:
    """Return the draft of a playlist, or None; a template is its own draft."""
    return session.scalar(
        select(Playlist)
        .where(Playlist.slug == slug, Playlist.state == PlaylistState.DRAFT.value)
        .execution_options(populate_existing=True)
    )


def contents(session: Session, playlist: Playlist, *, tokens: Collection[str]) -> Draft:
    """Return a version with its steps and what they wait for, in two statements.

    An item that a holder of `tokens` may not see is not named.
    """
    rows = session.execute(
        select(Step, Item.title)
        .outerjoin(Item, and_(Item.id == Step.item_id, visible_to(Item.audience_id, tokens)))
        .where(Step.playlist_id == playlist.id)
        .order_by(Step.due_day, Step.position, Step.id)
        .execution_options(populate_existing=True)
    ).all()
    steps = [step for step, _title in rows]
    names = {step.key: title or step.title or UNSEEN for step, title in rows}
    return Draft(playlist=playlist, steps=steps, names=names, needs=needs_of(session, playlist.id))


def keep(session: Session, draft: Draft, author: Author) -> None:
    """Write a held draft: its order, what its steps wait for, and who changed it.

    Raises Invalid, naming the steps, if one waits for another that it cannot wait for.
    """
    draft.choose(tidied(draft.choices()))
    keys = {step.key for step in draft.steps}
    draft.needs = {key: needs & keys for key, needs in draft.needs.items() if key in keys}
    fault = fault_in(draft.outline())
    if fault is not None:
        raise Invalid({"needs": worded(fault, draft)})
    for place, step in enumerate(draft.steps):
        step.position = place
    last = max((step.due_day for step in draft.steps), default=1)
    draft.playlist.days = min(max(draft.playlist.days, last), MOST_DAYS)
    note_change(draft.playlist, author)
    session.flush()
    write_needs(session, draft)


def note_change(playlist: Playlist, author: Author) -> None:
    """Note who changed a version last."""
    playlist.revision += 1
    playlist.changed_at, playlist.changed_by_id = author.now, author.id


def worded(fault: Fault, draft: Draft) -> Wording:
    """Say what is wrong with what steps wait for, naming the steps."""
    names = [draft.names.get(key, UNSEEN) for key in fault.keys]
    if fault.trouble is Trouble.CIRCLE:
        circle = " → ".join(f"“{name}”" for name in (*names, names[0]))
        return Wording(
            "These steps would wait for each other in a circle: %(steps)s.", steps=circle
        )
    if fault.trouble is Trouble.ALTERNATIVE:
        return Wording(
            "“%(step)s” cannot wait for “%(need)s”: one of the two is enough.",
            step=names[0],
            need=names[1],
        )
    return Wording(
        "“%(step)s” waits for “%(need)s”, which would be due later, on day %(day)s. Move one of "
        "them, or take the prerequisite away.",
        step=names[0],
        need=names[1],
        day=draft.step(fault.keys[1]).due_day,
    )


def needs_of(session: Session, playlist_id: int) -> dict[str, set[str]]:
    """Return by key what each step of a version waits for."""
    needed = aliased(Step)
    rows = session.execute(
        select(Step.key, needed.key)
        .select_from(StepNeed)
        .join(Step, Step.id == StepNeed.step_id)
        .join(needed, needed.id == StepNeed.needs_id)
        .where(Step.playlist_id == playlist_id)
    )
    found: dict[str, set[str]] = {}
    for key, need in rows:
        found.setdefault(key, set()).add(need)
    return found


def write_needs(session: Session, draft: Draft) -> None:
    """Bring the rows in line with what is held, where anything differs."""
    ids = {step.key: step.id for step in draft.steps}
    if needs_of(session, draft.playlist.id) == {k: v for k, v in draft.needs.items() if v}:
        return
    session.execute(delete(StepNeed).where(StepNeed.step_id.in_(ids.values())))
    insert_needs(session, ids, draft.needs)


def insert_needs(session: Session, ids: dict[str, int], needs: dict[str, set[str]]) -> None:
    """Write what steps wait for; `ids` are the steps' ids by key, `needs` the keys by key."""
    rows = [
        {"step_id": ids[key], "needs_id": ids[need]}
        for key, each in needs.items()
        for need in sorted(each)
    ]
    if rows:
        session.execute(insert(StepNeed), rows)

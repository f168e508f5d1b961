"""What was taken out of a draft, kept beside it, so that any of it can be put back.

The last `MOST` removals are kept as JSON: steps with all their fields, what they waited for and
what waited for them, and a week with its title. What cannot be as it was is left out, not refused.
"""

import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.errors import Conflict, Wording
from app.models import Item, Person, Playlist, PlaylistWeek, Step, visible_to
from app.playlists import choices
from app.playlists.arranging import MOST_DAYS, converted
from app.playlists.days import week_of
from app.playlists.drafts import UNSEEN, Author, Draft, held_draft, keep
from app.playlists.needs import fault_in

MOST = 10
_FIELDS = (
    "key",
    "kind",
    "item_id",
    "title",
    "minutes",
    "meets",
    "meets_id",
    "required",
    "due_day",
    "note",
    "time_zone",
    "place",
    "link",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Removal:
    """Something to put back: a week by number and title, or (None) a single step."""

    name: str
    week: str | None
    number: int
    steps: tuple[str, ...]
    at: datetime


_GONE = Wording("This was put back already, or its draft is gone.")
_NOTHING_LEFT = Wording("Nothing of this can be put back: it is in the playlist already, or gone.")


def remove_step(session: Session, slug: str, key: str, *, author: Author) -> str:
    """Take a step out of a draft and return the name of the removal, with which it comes back.

    Raises Conflict if the step or the draft is gone.
    """
    draft = held_draft(session, slug, tokens=author.tokens)
    step = draft.step(key)
    name = _remember(draft, [step], None, author)
    session.execute(delete(Step).where(Step.id == step.id))
    draft.steps.remove(step)
    keep(session, draft, author)
    return name


def remember_week(
    draft: Draft, number: int, title: str, steps: Sequence[Step], author: Author
) -> str:
    """Keep a week that is about to be removed; return the name of the removal."""
    return _remember(draft, steps, {"number": number, "title": title}, author)


def put_back(session: Session, slug: str, name: str, *, author: Author) -> list[str]:
    """Put back what was removed and return the keys of the steps that came back.

    Raises Conflict if it was put back already, or if nothing of it can be.
    """
    draft = held_draft(session, slug, tokens=author.tokens)
    removal = next((each for each in draft.playlist.removed if each["name"] == name), None)
    if removal is None:
        raise Conflict(_GONE)
    steps = _possible(session, draft, removal["steps"])
    if not steps and removal["week"] is None:
        raise Conflict(_NOTHING_LEFT)
    shift = _make_room(session, draft, removal)
    for kept in steps:
        _bring_back(session, draft, kept, removal["length"], shift)
    session.flush()
    _join_again(draft, steps)
    draft.playlist.removed = [each for each in draft.playlist.removed if each["name"] != name]
    keep(session, draft, author)
    return [kept["key"] for kept in steps]


def removals_of(session: Session, playlist: Playlist, *, tokens: Collection[str]) -> list[Removal]:
    """Return what can be put back, the last one first; an unseen item is not named."""
    items = {
        step["item_id"] for each in playlist.removed for step in each["steps"] if step["item_id"]
    }
    seen = select(Item.id, Item.title).where(
        Item.id.in_(items), visible_to(Item.audience_id, tokens)
    )
    titles = dict(session.execute(seen).all()) if items else {}
    return [
        Removal(
            name=each["name"],
            week=each["week"]["title"] if each["week"] else None,
            number=each["week"]["number"] if each["week"] else 0,
            steps=tuple(
                titles.get(step["item_id"], UNSEEN) if step["item_id"] else step["title"]
                for step in each["steps"]
            ),
            at=datetime.fromisoformat(each["at"]),
        )
        for each in reversed(playlist.removed)
    ]


def _remember(
    draft: Draft, steps: Sequence[Step], week: dict[str, Any] | None, author: Author
) -> str:
    name = secrets.token_hex(8)
    removal = {
        "name": name,
        "by": author.id,
        "at": author.now.isoformat(),
        "length": draft.week_length,
        "week": week,
        "steps": [_kept(draft, step) for step in steps],
    }
    draft.playlist.removed = [*draft.playlist.removed, removal][-MOST:]
    return name


def _kept(draft: Draft, step: Step) -> dict[str, Any]:
    fields = {name: getattr(step, name) for name in _FIELDS}
    return fields | {
        "held_on": step.held_on.isoformat() if step.held_on else None,
        "held_at": step.held_at.isoformat() if step.held_at else None,
        "position": draft.steps.index(step),
        "needs": sorted(draft.needs.get(step.key, ())),
        "needed_by": sorted(key for key, needs in draft.needs.items() if step.key in needs),
        "alternatives": list(choices.alternatives(draft.choices(), step.key)),
    }


def _possible(
    session: Session, draft: Draft, kept: Sequence[dict[str, Any]]
) -> list[dict[str, Any]]:
    """Return the steps that can come back: neither they nor their item stand there already."""
    wanted = {each["item_id"] for each in kept if each["item_id"]}
    there = set(session.scalars(select(Item.id).where(Item.id.in_(wanted))))
    people = {each["meets_id"] for each in kept if each["meets_id"]}
    known = set(session.scalars(select(Person.id).where(Person.id.in_(people))))
    keys = {step.key for step in draft.steps}
    items = {step.item_id for step in draft.steps}
    return [
        each | {"meets_id": each["meets_id"] if each["meets_id"] in known else None}
        for each in kept
        if each["key"] not in keys and (not each["item_id"] or each["item_id"] in there - items)
    ]


def _make_room(session: Session, draft: Draft, removal: dict[str, Any]) -> int:
    """Put a removed week back in its place; return by how many weeks its steps have moved."""
    week = removal["week"]
    if week is None:
        return 0
    number, length = min(week["number"], draft.weeks + 1), draft.week_length
    for step in draft.steps:
        if week_of(step.due_day, in_week=length) >= number:
            step.due_day += length
    draft.playlist.days = min(draft.playlist.days + length, MOST_DAYS)
    rows = session.scalars(
        select(PlaylistWeek).where(PlaylistWeek.playlist_id == draft.playlist.id)
    )
    titles = {row.number + (row.number >= number): row.title for row in rows}
    session.execute(delete(PlaylistWeek).where(PlaylistWeek.playlist_id == draft.playlist.id))
    session.add_all(
        PlaylistWeek(playlist_id=draft.playlist.id, number=each, title=title)
        for each, title in (titles | {number: week["title"]}).items()
        if title
    )
    return number - int(week["number"])


def _bring_back(
    session: Session, draft: Draft, kept: dict[str, Any], length: int, shift: int
) -> None:
    step = Step(
        playlist_id=draft.playlist.id,
        held_on=date.fromisoformat(kept["held_on"]) if kept["held_on"] else None,
        held_at=time.fromisoformat(kept["held_at"]) if kept["held_at"] else None,
        **{name: kept[name] for name in _FIELDS},
    )
    day = converted(kept["due_day"], length, draft.week_length) + shift * draft.week_length
    step.due_day = min(max(day, 1), MOST_DAYS)
    draft.steps.insert(min(kept["position"], len(draft.steps)), step)
    draft.steps.sort(key=lambda each: each.due_day)
    draft.names[step.key] = step.title
    session.add(step)


def _join_again(draft: Draft, kept: Sequence[dict[str, Any]]) -> None:
    """Bring back what the steps waited for and stood for, as far as it can still be."""
    for each in kept:
        key = each["key"]
        links = [(key, need) for need in each["needs"]]
        links += [(waiting, key) for waiting in each["needed_by"]]
        for waiting, need in links:
            _link(draft, waiting, need)
        others = {step.key for step in draft.steps} & set(each["alternatives"])
        if others:
            draft.choose(choices.joined(draft.choices(), key, min(others)))
    if fault_in(draft.outline()):
        for each in kept:
            draft.choose(choices.left(draft.choices(), each["key"]))


def _link(draft: Draft, waiting: str, need: str) -> None:
    """Let one step wait for another, if both are there and nothing speaks against it."""
    if not {waiting, need} <= {step.key for step in draft.steps}:
        return
    tried = [
        replace(each, needs=each.needs | {need}) if each.key == waiting else each
        for each in draft.outline()
    ]
    if fault_in(tried) is None:
        draft.needs.setdefault(waiting, set()).add(need)

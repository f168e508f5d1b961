"""Lets steps follow an item to the one that takes its place, in every version of every playlist."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import delete, exists, select, update
from sqlalchemy.orm import Session

from app.models import Assignment, Item, Kind, Playlist, PlaylistState, Step
from app.playlists import choices
from app.playlists.drafts import Draft, contents, write_needs
from app.playlists.moving import carry, settle_those
from app.playlists.needs import may_be_needed

NOBODY: frozenset[str] = frozenset()


def replace_everywhere(
    session: Session,
    item_id: int,
    successor_id: int,
    *,
    now: datetime,
    only: Collection[int] | None = None,
) -> int:
    """Let every step with an item be one with its successor; return how many steps that were.

    This goes for versions that are live, drafts, or still followed by somebody; with `only`, for
    those with these ids. Where the successor is a step of the playlist already, the two become one:
    what was done of either is done, and what waited for either waits for it, as far as it can. A
    channel that playlists name to talk in follows too, to a channel.
    """
    if item_id == successor_id:
        return 0
    _replace_channel(session, item_id, successor_id, only)
    touched = _with_item(session, item_id, only)
    for playlist in touched:
        held = contents(session, playlist, tokens=NOBODY)
        _replace(session, held, item_id, successor_id, now=now)
        if playlist.state == PlaylistState.DRAFT.value:
            playlist.revision += 1
            playlist.changed_at = now
    session.flush()
    return len(touched)


def _with_item(session: Session, item_id: int, only: Collection[int] | None) -> list[Playlist]:
    """Return the versions that matter to anybody and have a step with this item, locked."""
    followed = exists().where(Assignment.playlist_id == Playlist.id)
    has_it = exists().where(Step.playlist_id == Playlist.id, Step.item_id == item_id)
    wanted = has_it & ((Playlist.state != PlaylistState.PAST.value) | followed)
    if only is not None:
        wanted &= Playlist.id.in_(only)
    held = session.scalars(
        update(Playlist)
        .where(wanted)
        .values(revision=Playlist.revision)
        .returning(Playlist.id)
        .execution_options(synchronize_session=False, changes_nothing=True)
    ).all()
    rows = select(Playlist).where(Playlist.id.in_(held)).order_by(Playlist.id)
    return list(session.scalars(rows.execution_options(populate_existing=True)))


def _replace(
    session: Session, held: Draft, item_id: int, successor_id: int, *, now: datetime
) -> None:
    step = next(each for each in held.steps if each.item_id == item_id)
    other = next((each for each in held.steps if each.item_id == successor_id), None)
    if other is None:
        step.item_id = successor_id
        return
    carry(session, {step.id: other.id})
    _merge_needs(held, step, other)
    held.choose(choices.left(held.choices(), step.key))
    held.steps.remove(step)
    held.needs.pop(step.key, None)
    write_needs(session, held)
    session.execute(delete(Step).where(Step.id == step.id))
    assigned = session.scalars(
        select(Assignment.id).where(Assignment.playlist_id == held.playlist.id)
    ).all()
    settle_those(session, assigned, now=now)


def _merge_needs(held: Draft, step: Step, other: Step) -> None:
    """Let what waits for this step wait for the other, where it can; what it waited for goes."""
    waiting = [key for key, needs in held.needs.items() if step.key in needs]
    held.needs[step.key] = set()
    for key in waiting:
        held.needs[key].discard(step.key)
        possible = may_be_needed(held.outline(), key) if key != other.key else []
        if other.key in {each.key for each in possible}:
            held.needs[key].add(other.key)


def _replace_channel(
    session: Session, item_id: int, successor_id: int, only: Collection[int] | None
) -> None:
    channel = select(Item.id).where(Item.id == successor_id, Item.kind == Kind.CHANNEL.value)
    if session.scalar(channel) is None:
        return
    change = update(Playlist).where(Playlist.channel_id == item_id)
    if only is not None:
        change = change.where(Playlist.id.in_(only))
    session.execute(change.values(channel_id=successor_id))

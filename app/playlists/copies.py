"""Copies of a version: the next draft of the same playlist, or another playlist altogether."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.intake.text import slug as slug_of
from app.models import Playlist, PlaylistWeek, Step
from app.playlists.drafts import Author, insert_needs, needs_of


def free_slug(session: Session, title: str) -> str:
    """Return a name for addresses that no playlist has, made of a title."""
    stem = slug_of(title)[:70].strip("-") or "playlist"
    taken = set(session.scalars(select(Playlist.slug).where(Playlist.slug.startswith(stem))))
    taken.add("new")
    numbers = (f"{stem}-{number}" for number in range(2, len(taken) + 3))
    return next(each for each in (stem, *numbers) if each not in taken)


def copied(session: Session, source: Playlist, author: Author, **values: object) -> Playlist:
    """Return a new version or playlist with weeks, steps and needs as in `source`, keys too.

    `values` are what the copy has instead: its slug and number at least.
    """
    fields = (
        "title",
        "summary",
        "days",
        "working_days",
        "role_id",
        "audience_id",
        "contact_id",
        "channel_id",
        "owner_id",
        "slug",
    )
    taken = {name: getattr(source, name) for name in fields} | values
    made = Playlist(**taken, changed_at=author.now, changed_by_id=author.id, removed=[])
    session.add(made)
    session.flush()
    _copy_weeks(session, source.id, made.id)
    _copy_steps(session, source.id, made.id)
    return made


def last_number(session: Session, slug: str) -> int:
    """Return the highest number of a playlist's versions."""
    return session.scalar(select(func.max(Playlist.number)).where(Playlist.slug == slug)) or 0


def _copy_weeks(session: Session, source_id: int, made_id: int) -> None:
    columns = (PlaylistWeek.number, PlaylistWeek.title)
    rows = session.execute(select(*columns).where(PlaylistWeek.playlist_id == source_id))
    session.add_all(
        PlaylistWeek(playlist_id=made_id, number=number, title=title) for number, title in rows
    )
    session.flush()


_COPIED = tuple(
    column for column in Step.__table__.columns if column.name not in {"id", "playlist_id"}
)


def _copy_steps(session: Session, source_id: int, made_id: int) -> None:
    rows = session.execute(select(*_COPIED).where(Step.playlist_id == source_id)).mappings()
    steps = [Step(playlist_id=made_id, **row) for row in rows]
    session.add_all(steps)
    session.flush()
    ids = {step.key: step.id for step in steps}
    insert_needs(session, ids, needs_of(session, source_id))

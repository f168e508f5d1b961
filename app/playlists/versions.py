"""Versions of a playlist: its draft, what publishing would change, publishing, going back, the end.

A published version is never changed: a draft with the next number takes its place. People under
way keep the version that they have or move on, as the curator says; what they have done follows
by the key of the step, and nothing of it is lost.
"""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import and_, delete, select, update
from sqlalchemy.orm import Session

from app.curation.texts import checked
from app.errors import Conflict, Invalid, NotFound, Wording
from app.models import (
    AssignmentRule,
    Audience,
    Item,
    NoticeKind,
    Person,
    Playlist,
    PlaylistState,
    Role,
    Step,
    audience_of,
    visible_to,
)
from app.notices.service import tell
from app.playlists.copies import copied, free_slug, last_number
from app.playlists.differences import Differences, differences
from app.playlists.drafts import (
    NO_DRAFT,
    UNSEEN,
    Author,
    contents,
    draft_row,
    lock,
    note_change,
)
from app.playlists.moving import move_on
from app.playlists.outline import Outline
from app.playlists.weeks import titles_of

WHY, TITLE = 500, 120


class Moving(StrEnum):
    """What becomes of people under way when a version is published."""

    KEEP = "keep"
    NOT_BEGUN = "not-begun"
    ALL = "all"


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """A version that is live now, and how many people have moved on to it."""

    playlist: Playlist
    moved: int


def create(session: Session, title: str, *, author: Author, is_template: bool = False) -> Playlist:
    """Make a playlist of one empty week as a draft; raise Invalid for a title that is no good."""
    title = checked("title", title, longest=TITLE, required=True)
    made = Playlist(
        slug=free_slug(session, title),
        title=title,
        days=7,
        state=PlaylistState.DRAFT.value,
        is_template=is_template,
        owner_id=author.id,
        audience_id=audience_of(session).id,
        changed_at=author.now,
        changed_by_id=author.id,
    )
    session.add(made)
    session.flush()
    return made


def copy(
    session: Session, source: Playlist, title: str, *, author: Author, is_template: bool = False
) -> Playlist:
    """Make another playlist of any version, as the draft of the curator who copies it.

    Raises Invalid for a title that is no good.
    """
    title = checked("title", title, longest=TITLE, required=True)
    return copied(
        session,
        source,
        author,
        slug=free_slug(session, title),
        title=title,
        number=1,
        state=PlaylistState.DRAFT.value,
        is_template=is_template,
        owner_id=author.id,
    )


def begin_draft(session: Session, slug: str, *, author: Author, number: int = 0) -> Playlist:
    """Return the draft of a playlist, making it of its newest published version or of `number`.

    Raises NotFound for an unknown playlist or version, Conflict where an old version is wanted
    while there is a draft.
    """
    lock(session, slug)
    draft = draft_row(session, slug)
    if draft is not None:
        if number:
            raise Conflict(
                Wording("There is a draft of this playlist already: publish or drop it first.")
            )
        return draft
    source = version(session, slug, number) if number else newest(session, slug)
    if source is None:
        raise NotFound(Wording("There is no such version."))
    return copied(
        session,
        source,
        author,
        number=last_number(session, slug) + 1,
        state=PlaylistState.DRAFT.value,
    )


def drop_draft(session: Session, slug: str) -> bool:
    """Delete the draft; return whether anything of the playlist is left.

    Raises Conflict if there is no draft any more.
    """
    lock(session, slug)
    draft = draft_row(session, slug)
    if draft is None:
        raise Conflict(NO_DRAFT)
    session.delete(draft)
    session.flush()
    left = session.scalar(select(Playlist.id).where(Playlist.slug == slug).limit(1)) is not None
    if not left:
        session.execute(delete(AssignmentRule).where(AssignmentRule.slug == slug))
    return left


def publish(
    session: Session, slug: str, *, moving: Moving, why: str, revision: int, author: Author
) -> Published:
    """Let the draft take the place of the live version; `why` is kept with it.

    `revision` is that of the draft when its differences were shown. Raises Conflict if the draft
    is gone or was changed since, Invalid for a draft without steps or a reason that is too long.
    """
    why = checked("why", why, longest=WHY)
    lock(session, slug)
    draft = draft_row(session, slug)
    if draft is None:
        raise Conflict(NO_DRAFT)
    _check(session, draft, revision)
    live = newest(session, slug)
    session.execute(
        update(Playlist)
        .where(Playlist.slug == slug, Playlist.state == PlaylistState.LIVE.value)
        .values(state=PlaylistState.PAST.value)
    )
    draft.state, draft.why = PlaylistState.LIVE.value, why
    draft.published_at, draft.published_by_id = author.now, author.id
    draft.removed = []
    note_change(draft, author)
    session.flush()
    moved = _move(session, draft, moving, author) if live is not None else 0
    return Published(playlist=draft, moved=moved)


def retire(session: Session, slug: str, *, author: Author) -> None:
    """Offer a playlist no more; people under way finish, and no rule gives it.

    Raises NotFound for an unknown playlist, Conflict if it is not live.
    """
    lock(session, slug)
    live = _with_state(session, slug, PlaylistState.LIVE)
    if live is None:
        raise Conflict(Wording("This playlist is not offered at present."))
    live.state = PlaylistState.PAST.value
    note_change(live, author)
    session.flush()


def offer_again(session: Session, slug: str, *, author: Author) -> None:
    """Offer the newest published version again; raise Conflict if one is live or none ever was."""
    lock(session, slug)
    if _with_state(session, slug, PlaylistState.LIVE) is not None:
        raise Conflict(Wording("This playlist is offered already."))
    last = newest(session, slug)
    if last is None:
        raise Conflict(Wording("This playlist was never published."))
    last.state = PlaylistState.LIVE.value
    note_change(last, author)
    session.flush()


def newest(session: Session, slug: str) -> Playlist | None:
    """Return the version published last, live or not; None if none ever was."""
    return session.scalar(
        select(Playlist)
        .where(Playlist.slug == slug, Playlist.state != PlaylistState.DRAFT.value)
        .order_by(Playlist.number.desc())
        .limit(1)
        .execution_options(populate_existing=True)
    )


def version(session: Session, slug: str, number: int) -> Playlist | None:
    """Return a published version by its number."""
    return session.scalar(
        select(Playlist).where(
            Playlist.slug == slug,
            Playlist.number == number,
            Playlist.state != PlaylistState.DRAFT.value,
        )
    )


def outline_of(session: Session, playlist: Playlist, *, tokens: Collection[str]) -> Outline:
    """Return a version as plain data, in five statements however many steps it has.

    Neither items nor a channel are named that a holder of `tokens` may not see.
    """
    held = contents(session, playlist, tokens=tokens)
    columns = select(Role.name, Person.name, Item.title, Audience.key).select_from(Playlist)
    role, contact, channel, audience = session.execute(
        columns.join(Audience, Audience.id == Playlist.audience_id)
        .outerjoin(Role, Role.id == Playlist.role_id)
        .outerjoin(Person, Person.id == Playlist.contact_id)
        .outerjoin(Item, and_(Item.id == Playlist.channel_id, visible_to(Item.audience_id, tokens)))
        .where(Playlist.id == playlist.id)
    ).one()
    return Outline(
        title=playlist.title,
        summary=playlist.summary,
        days=playlist.days,
        working_days=playlist.working_days,
        role=role or "",
        audience=frozenset(audience.split()),
        contact=contact or "",
        channel=channel or (UNSEEN if playlist.channel_id else ""),
        weeks=tuple(sorted(titles_of(session, playlist.id).items())),
        steps=held.outline(),
    )


def what_differs(
    session: Session, before: Playlist, after: Playlist, *, tokens: Collection[str]
) -> Differences:
    """Return what differs between two versions."""
    return differences(
        outline_of(session, before, tokens=tokens), outline_of(session, after, tokens=tokens)
    )


def _check(session: Session, draft: Playlist, revision: int) -> None:
    if draft.is_template:
        raise Conflict(Wording("A template is not published: copy it into a playlist."))
    if draft.revision != revision:
        raise Conflict(
            Wording("Somebody has changed the draft meanwhile: look at the differences again.")
        )
    if session.scalar(select(Step.id).where(Step.playlist_id == draft.id).limit(1)) is None:
        raise Invalid({"steps": Wording("A playlist needs at least one step.")})


def _move(session: Session, draft: Playlist, moving: Moving, author: Author) -> int:
    if moving is Moving.KEEP:
        return 0
    people = move_on(session, draft, now=author.now, only_not_begun=moving is Moving.NOT_BEGUN)
    told = Wording(
        "“%(title)s” has a new version. What you have done stays done.", title=draft.title
    )
    tell(
        session,
        people,
        NoticeKind.PLAYLIST,
        key=f"playlist:{draft.slug}:{draft.number}",
        sentence=told,
        path=f"/playlists/{draft.slug}",
        now=author.now,
    )
    return len(people)


def _with_state(session: Session, slug: str, state: PlaylistState) -> Playlist | None:
    wanted = select(Playlist).where(Playlist.slug == slug, Playlist.state == state.value)
    return session.scalar(wanted.execution_options(populate_existing=True))

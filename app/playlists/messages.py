"""What a curator writes to everybody who is under way with a playlist."""

import hashlib
from datetime import datetime

from sqlalchemy.orm import Session

from app.curation.texts import checked
from app.errors import Invalid, Wording
from app.models import NoticeKind, Playlist
from app.notices.service import tell
from app.playlists.cohort_reading import people_under_way

LONGEST = 1000


def key_of(playlist: Playlist, text: str, *, now: datetime) -> str:
    """Return what names a message: the same text on the same day is the same message."""
    digest = hashlib.sha256(text.encode()).hexdigest()[:16]
    return f"message:{playlist.slug}:{now.date().isoformat()}:{digest}"


def write_to_all(
    session: Session, playlist: Playlist, text: str, *, name: str, now: datetime
) -> str:
    """Tell everybody under way what a curator writes; return the text as it was sent.

    Raises Invalid for no words at all, too many, or a playlist that nobody is under way with.
    """
    text = checked("text", text, longest=LONGEST).strip()
    if not text:
        raise Invalid({"text": Wording("Write something.")})
    people = people_under_way(session, playlist.slug, today=now.date())
    if not people:
        raise Invalid({"text": Wording("Nobody is under way at present.")})
    tell(
        session,
        people,
        NoticeKind.MESSAGE,
        key=key_of(playlist, text, now=now),
        sentence=Wording(
            "%(name)s on “%(playlist)s”: %(text)s", name=name, playlist=playlist.title, text=text
        ),
        path=f"/playlists/{playlist.slug}",
        now=now,
    )
    return text

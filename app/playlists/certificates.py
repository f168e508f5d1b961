"""Certificates: what a finished plan says, and the number by which colleagues check it.

The number holds the assignment and a seal over what the certificate says (HMAC-SHA-256 under a key
of its own, derived by HKDF, RFC 5869), so that nothing of it has to be stored and none can be made
up. It is good as long as the plan is finished.
"""

import base64
import hmac
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, tzinfo

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy import case, select
from sqlalchemy.orm import Session

from app import clock
from app.models import Assignment, Person, Playlist, visible_to

_SEALED = 10  # letters of 5 bits
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_MOST_DIGITS = 10
_LARGEST_ID = 2**31 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """What a certificate says of a finished plan; `number` is how it is checked.

    `finished_on` is the day where its holder lives. For who may not know of the playlist, `title`
    is empty and `version` 0.
    """

    number: str
    name: str
    title: str
    version: int
    finished_on: date


def certificate_of(
    secret_key: str, assignment: Assignment, playlist: Playlist, name: str, zone: tzinfo
) -> Certificate | None:
    """Return the certificate of a person called `name` who lives in the time zone `zone`.

    None while the plan is not finished.
    """
    if assignment.finished_at is None:
        return None
    return Certificate(
        number=number_of(secret_key, assignment, playlist),
        name=name,
        title=playlist.title,
        version=playlist.number,
        finished_on=assignment.finished_at.astimezone(zone).date(),
    )


def checked(
    session: Session,
    secret_key: str,
    number: str,
    *,
    tokens: Collection[str],
    time_zone: str,
) -> Certificate | None:
    """Return the certificate that has this number; None for any other text.

    What was learnt is told to holders of `tokens` who may see the playlist, to others only whose
    it is and of which day: whoever shows a number wants that to be known. Who has no time zone of
    their own lives in `time_zone`.
    """
    plain = "".join(number.upper().split()).replace("-", "")
    digits, seal = plain[:-_SEALED], plain[-_SEALED:]
    if not digits.isascii() or not digits.isdigit() or len(digits) > _MOST_DIGITS:
        return None
    if int(digits) > _LARGEST_ID or not set(seal) <= set(_LETTERS):
        return None
    seen = case((visible_to(Playlist.audience_id, tokens), 1), else_=0)
    row = session.execute(
        select(Assignment, Playlist, Person.name, Person.time_zone, seen)
        .join(Playlist, Playlist.id == Assignment.playlist_id)
        .join(Person, Person.id == Assignment.person_id)
        .where(Assignment.id == int(digits), Assignment.finished_at.is_not(None))
    ).one_or_none()
    if row is None:
        return None
    assignment, playlist, name, zone, is_seen = row
    home = clock.zone(zone, time_zone)
    found = certificate_of(secret_key, assignment, playlist, name, home)
    if found is None or not hmac.compare_digest(found.number.replace("-", ""), plain):
        return None
    return found if is_seen else replace(found, title="", version=0)


def number_of(secret_key: str, assignment: Assignment, playlist: Playlist) -> str:
    """Return the number of a finished plan, such as `12-ABCDE-FGHIJ`."""
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"foyer certificates 1")
    finished = assignment.finished_at
    said = (
        str(assignment.id),
        str(assignment.person_id),
        playlist.slug,
        str(playlist.number),
        f"{finished:%Y-%m-%d}" if finished else "",
    )
    key = derived.derive(secret_key.encode())
    seal = hmac.digest(key, "\n".join(said).encode(), "sha256")
    letters = base64.b32encode(seal).decode()[:_SEALED]
    return f"{assignment.id}-{letters[:5]}-{letters[5:]}"

"""Moments in cursors: those of the tool's own clock, somewhat earlier so that nothing is lost."""

from datetime import UTC, datetime, timedelta

from app.connectors.answers import Answer
from app.connectors.base import OVERLAP, ErrorKind, SourceError
from app.errors import Wording


def before(answer: Answer, overlap: timedelta = OVERLAP) -> str:
    """Return when the tool answered, the overlap earlier; raise SourceError(SCHEMA) without a date.

    Written as RFC 3339 in UTC, to the second.
    """
    at = answer.server_time
    if at is None:
        raise SourceError(ErrorKind.SCHEMA, Wording("Its answers carry no date."))
    return written(at - overlap)


def written(at: datetime) -> str:
    """Return a moment as RFC 3339 writes it in UTC, to the second."""
    return at.astimezone(UTC).replace(microsecond=0).isoformat().replace("+00:00", "Z")


def moment_of(text: str) -> datetime:
    """Return the moment that a text of a cursor means, UTC where it names no zone.

    Raises SourceError(CURSOR_INVALID) for anything else.
    """
    try:
        found = datetime.fromisoformat(text)
        return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    except (ValueError, OverflowError) as error:
        raise SourceError(
            ErrorKind.CURSOR_INVALID, Wording("“%(moment)s” is no moment.", moment=text[:40])
        ) from error

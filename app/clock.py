"""The one place where Foyer reads the time; everything below a view takes `now` as an argument."""

from datetime import UTC, datetime


def now() -> datetime:
    """Return the present moment, timezone-aware, in UTC."""
    return datetime.now(UTC)

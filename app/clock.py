"""The one place where Foyer reads the time; everything below a view takes `now` as an argument."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError


def now() -> datetime:
    """Return the present moment, timezone-aware, in UTC."""
    return datetime.now(UTC)


def zone(own: str | None, company: str) -> ZoneInfo:
    """Return somebody's time zone by its name, `company` where they have none or an unknown one."""
    try:
        return ZoneInfo(own or company)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo(company)

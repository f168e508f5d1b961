"""Reads times and durations as XML Schema writes them (xs:dateTime, xs:duration)."""

import re
from datetime import UTC, datetime, timedelta

_DURATION = re.compile(
    r"P(?:(\d{1,3})Y)?(?:(\d{1,4})M)?(?:(\d{1,5})D)?"
    r"(?:T(?:(\d{1,6})H)?(?:(\d{1,8})M)?(?:(\d{1,9})(?:\.\d+)?S)?)?"
)


def moment(text: str) -> datetime:
    """Return the time in UTC, which SAML means where no zone is given; raise ValueError."""
    found = datetime.fromisoformat(text.strip())
    try:
        return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    except OverflowError as error:
        raise ValueError("this time is beyond the calendar") from error


def duration(text: str) -> timedelta | None:
    """Return the duration, a year as 365 days and a month as 30; None for what is not one."""
    match = _DURATION.fullmatch(text.strip())
    if match is None or not any(match.groups()):
        return None
    years, months, days, hours, minutes, seconds = (int(one or 0) for one in match.groups())
    return timedelta(
        days=365 * years + 30 * months + days, hours=hours, minutes=minutes, seconds=seconds
    )

"""What is asked of the audit log's page; whatever cannot be read is left out."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from flask import request
from flask_babel import to_utc

from app.audit.contexts import GROUPS
from app.audit.queries import Filter

_YEARS = range(2000, 2200)
_OUTCOMES = ("done", "refused")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The filters as the reader chose them, and the number before which to go on."""

    person: str
    group: str
    outcome: str
    since: date | None
    until: date | None
    before: int | None

    def filter(self) -> Filter:
        """Return the filter; days are the reader's own, and the last one counts in."""
        following = self.until + timedelta(days=1) if self.until else None
        return Filter(
            rooms=GROUPS.get(self.group, ()),
            person=self.person,
            outcome=self.outcome,
            since=_midnight(self.since),
            until=_midnight(following),
        )

    def address(self, before: int | None = None) -> dict[str, Any]:
        """Return the arguments of this list's address from another number on."""
        asked = {
            "person": self.person,
            "group": self.group,
            "outcome": self.outcome,
            "since": self.since,
            "until": self.until,
            "before": before,
        }
        return {name: value for name, value in asked.items() if value}


def asked() -> Asked:
    """Read the request's address."""
    group, outcome = request.args.get("group", ""), request.args.get("outcome", "")
    return Asked(
        person=" ".join(request.args.get("person", "").replace("\0", "").split())[:100],
        group=group if group in GROUPS else "",
        outcome=outcome if outcome in _OUTCOMES else "",
        since=_day("since"),
        until=_day("until"),
        before=_number("before"),
    )


def _day(name: str) -> date | None:
    try:
        found = date.fromisoformat(request.args.get(name, ""))
    except ValueError:
        return None
    return found if found.year in _YEARS else None


def _number(name: str) -> int | None:
    text = request.args.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def _midnight(day: date | None) -> datetime | None:
    """Return when the day begins where the reader is."""
    return to_utc(datetime.combine(day, time.min)).replace(tzinfo=UTC) if day else None

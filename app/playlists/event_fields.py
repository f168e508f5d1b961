"""What an editor says of an event: its date and time of day, its place, and where to join it.

The fields are texts, as browsers send them: 2026-11-24, 14:00, Europe/Berlin. A date without a time
of day, or the other way round, is refused, and so is a time that clocks pass over.
"""

from collections.abc import Mapping
from datetime import date, time
from zoneinfo import available_timezones

from app.curation.texts import checked
from app.errors import Invalid, Wording
from app.intake.text import web_address
from app.models import Kind, Step
from app.playlists.moments import skipped_to

FIELDS = ("date", "time", "zone", "place", "link")
ZONES = (
    "UTC",
    *sorted(name for name in available_timezones() if "/" in name and not name.startswith("Etc/")),
)
_PLACE, _LINK = 200, 2000
_YEARS = range(2000, 2100)


def is_event(step: Step, item_kind: str | None) -> bool:
    """Tell whether a step is an event, in words or by the kind of its item."""
    return (item_kind or step.kind) == Kind.EVENT.value


def texts_of(step: Step) -> dict[str, str]:
    """Return the fields of an event as the texts that its form shows; empty for what is not."""
    return {
        "date": step.held_on.isoformat() if step.held_on else "",
        "time": f"{step.held_at:%H:%M}" if step.held_at else "",
        "zone": step.time_zone,
        "place": step.place,
        "link": step.link,
    }


def take(step: Step, given: Mapping[str, str]) -> None:
    """Write the fields that are given, the others staying as they are.

    An empty date takes the moment away. Raises Invalid, naming the field, for what is no good.
    """
    texts = texts_of(step) | {name: given[name].strip() for name in FIELDS if name in given}
    step.held_on, step.held_at, step.time_zone = _moment(texts)
    step.place = checked("place", texts["place"], longest=_PLACE)
    step.link = _link(texts["link"])


def _moment(texts: Mapping[str, str]) -> tuple[date | None, time | None, str]:
    if not (texts["date"] or texts["time"]):
        return None, None, ""
    if not texts["date"]:
        raise Invalid({"date": Wording("Give a date too, or leave the time empty.")})
    if not texts["time"]:
        raise Invalid({"time": Wording("Give a time too, or leave the date empty.")})
    day, at, zone = _day(texts["date"]), _time(texts["time"]), _zone(texts["zone"])
    shown = skipped_to(day, at, zone)
    if shown is not None:
        raise Invalid(
            {
                "time": Wording(
                    "There is no %(time)s on this day in %(zone)s: the clocks go forward, to "
                    "%(shown)s. Give another time.",
                    time=f"{at:%H:%M}",
                    zone=zone,
                    shown=f"{shown:%H:%M}",
                )
            }
        )
    return day, at, zone


def _day(text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise Invalid({"date": Wording("Give the date as year-month-day: 2026-11-24.")}) from None
    if day.year not in _YEARS:
        raise Invalid({"date": Wording("Give a date between the years 2000 and 2099.")})
    return day


def _time(text: str) -> time:
    try:
        at = time.fromisoformat(text)
    except ValueError:
        raise Invalid({"time": Wording("Give the time as hours and minutes: 14:00.")}) from None
    return at.replace(second=0, microsecond=0, tzinfo=None)


def _zone(text: str) -> str:
    if text not in ZONES:
        raise Invalid({"zone": Wording("Choose a time zone.")})
    return text


def _link(text: str) -> str:
    if len(text) > _LINK:
        raise Invalid({"link": Wording("This address is too long: at most 2000 characters.")})
    try:
        return web_address(text) if text else ""
    except ValueError as error:
        raise Invalid({"link": error.args[0]}) from error

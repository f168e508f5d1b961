"""Plans as a calendar file (RFC 5545, with the name and the interval of RFC 7986).

Each step that is still to be done is an event of a whole day, but one with a date of its own has
its hours, in UTC, and its place; without a length it takes an hour. What is done, spare or taken
out of the playlist is left out: a calendar that follows the address drops it too. A step keeps its
UID in all versions of its playlist.
"""

from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, timedelta

from flask_babel import gettext
from icalendar import Calendar, Event, vText

from app.models import Assignment
from app.playlists.plans import Plan
from app.playlists.progress import SETTLED, DatedStep
from app.playlists.step_lines import meets_line
from app.web.i18n import minutes

HOURS = 4
_USUAL_MINUTES = 60
_VERSIONS = 1000  # more than anybody moves steps within one version


def calendar_of(plans: Iterable[Plan], *, home: str, host: str, link: Callable[[str], str]) -> str:
    """Return the calendar of these plans in the language of the request.

    `home` is the address of the list of playlists, `link` gives that of a playlist by its slug,
    `host` ends the UIDs. The text has lines of at most 75 octets that end in CRLF.
    """
    made = Calendar()
    name = gettext("My plan in Foyer")
    made.add("prodid", "-//Foyer//Plans//EN")
    made.add("version", "2.0")
    made.add("calscale", "GREGORIAN")
    made.add("method", "PUBLISH")
    made.add("name", name)
    made.add("x-wr-calname", vText(name))
    made.add("url", home)
    made.add("refresh-interval", timedelta(hours=HOURS), parameters={"VALUE": "DURATION"})
    made.add("x-published-ttl", vText(f"PT{HOURS}H"))
    for plan in plans:
        for each in plan.dated:
            if plan.assignment and each.state not in SETTLED:
                made.add_component(_event(each, plan, plan.assignment, host=host, link=link))
    return made.to_ical().decode()


def _event(
    each: DatedStep, plan: Plan, given: Assignment, *, host: str, link: Callable[[str], str]
) -> Event:
    changed = _changed_at(each, plan, given)
    address = f"{link(plan.playlist.slug)}#step_{each.step.id}"
    event = Event()
    event.add("uid", f"{each.step.key}.{plan.playlist.slug}.{given.person_id}@{host}")
    event.add("dtstamp", changed)
    event.add("last-modified", changed)
    event.add("sequence", plan.playlist.number * _VERSIONS + given.revision)
    event.add("summary", _summary(each))
    starts, ends = _span(each)
    event.add("dtstart", starts)
    event.add("dtend", ends)
    event.add("transp", "OPAQUE" if each.step.held else "TRANSPARENT")
    event.add("status", "CONFIRMED")
    if each.step.place:
        event.add("location", each.step.place)
    event.add("url", each.step.link or address)
    event.add("description", _description(each, plan, address))
    return event


def _span(each: DatedStep) -> tuple[date, date]:
    """Return where the event begins and ends: moments in UTC, or else days."""
    if each.step.held is None:
        return each.due_on, each.due_on + timedelta(days=1)
    starts = each.step.held.at.astimezone(UTC)
    return starts, starts + timedelta(minutes=each.step.minutes or _USUAL_MINUTES)


def _changed_at(each: DatedStep, plan: Plan, given: Assignment) -> datetime:
    """Return when anything of an event changed last, as far as is known, in whole seconds."""
    moments = (
        given.assigned_at,
        given.changed_at,
        plan.playlist.published_at,
        each.step.changed_at,
    )
    return max(moment for moment in moments if moment).astimezone(UTC).replace(microsecond=0)


def _summary(each: DatedStep) -> str:
    step = each.step
    if step.meets:
        return gettext("%(title)s (with %(name)s)", title=step.title, name=step.meets.name)
    return step.title


def _description(each: DatedStep, plan: Plan, address: str) -> str:
    step = each.step
    facts = [step.tool_name, minutes(step.minutes) if step.minutes else ""]
    facts.append("" if step.required else gettext("Optional"))
    parts = [
        plan.playlist.title,
        " · ".join(fact for fact in facts if fact),
        _who(each),
        gettext("One of several, any is enough.") if step.choice is not None else "",
        step.note,
        step.link,
        address,
    ]
    return "\n".join(part for part in parts if part)


def _who(each: DatedStep) -> str:
    said, meets = meets_line(each.step), each.step.meets
    return " · ".join(part for part in (meets.name if meets else "", said) if part)

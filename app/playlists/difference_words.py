"""What differs between two versions of a playlist, in the words of the page that publishes."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _

from app.playlists.differences import Differences, FieldChange
from app.playlists.moments import Moment
from app.playlists.outline import OutlineStep
from app.web.errors import translated
from app.web.i18n import day, minutes


@dataclass(frozen=True, slots=True)
class Changed:
    """A field in words, as it was and as it is."""

    name: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class ChangedStep:
    """A step of both versions that is another now."""

    title: str
    changes: list[Changed]


@dataclass(frozen=True, slots=True, kw_only=True)
class DifferenceWords:
    """All that differs, in words."""

    details: list[Changed]
    added: list[str]
    removed: list[str]
    changed: list[ChangedStep]
    reordered: bool


def in_words(
    found: Differences, audience_name: Callable[[str], str], person_name: Callable[[int], str]
) -> DifferenceWords:
    """Put differences into words; names of audiences and people are looked up."""
    lookups: dict[str, Callable[[Any], str]] = {"audience": audience_name, "person": person_name}
    return DifferenceWords(
        details=[_changed(each, lookups) for each in found.details],
        added=[_step(step) for step in found.added],
        removed=[_step(step) for step in found.removed],
        changed=[
            ChangedStep(
                translated(each.step.title),
                [_changed(change, lookups) for change in each.changes if change.name != "kind"],
            )
            for each in found.changed
        ],
        reordered=found.reordered,
    )


def moment_words(moment: Moment) -> str:
    """Say when an event takes place, on its own clock: 24 November, 14:00 (Europe/Berlin)."""
    return f"{day(moment.day)}, {moment.at:%H:%M} ({moment.zone})"


def _step(step: OutlineStep) -> str:
    if step.moment:
        return f"{translated(step.title)}, {moment_words(step.moment)}"
    return _("%(title)s, day %(day)s", title=translated(step.title), day=step.due_day)


def _changed(change: FieldChange, lookups: dict[str, Callable[[Any], str]]) -> Changed:
    words = _words(change.name, lookups)
    return Changed(_name(change.name), words(change.before), words(change.after))


def _name(name: str) -> str:
    names = {
        "title": _("Title"),
        "summary": _("Summary"),
        "days": _("Days"),
        "working_days": _("Days that count"),
        "role": _("Role"),
        "audience": _("Who may see it"),
        "contact": _("Contact"),
        "channel": _("Channel"),
        "weeks": _("Titles of weeks"),
        "due_day": _("Day"),
        "moment": _("When"),
        "place": _("Place"),
        "link": _("Address to join"),
        "required": _("Required"),
        "minutes": _("Minutes"),
        "note": _("Note"),
        "item_id": _("Item"),
        "meets": _("Whom to meet"),
        "meets_id": _("Person to meet"),
        "needs": _("Waits for"),
        "choice": _("Alternatives"),
    }
    return names.get(name, name)


def _words(name: str, lookups: dict[str, Callable[[Any], str]]) -> Callable[[Any], str]:
    """Return how a value of this field is said."""
    special: dict[str, Callable[[Any], str]] = {
        "audience": lambda tokens: ", ".join(sorted(map(lookups["audience"], tokens))),
        "weeks": lambda weeks: ", ".join(f"{number}. {title}" for number, title in weeks),
        "needs": _listed,
        "choice": _listed,
        "required": lambda value: _("yes") if value else _("no"),
        "working_days": lambda value: _("working days") if value else _("all days"),
        "minutes": lambda value: minutes(value) if value else "",
        "moment": lambda value: moment_words(value) if value else _("no date yet"),
        "channel": translated,
        "meets_id": lambda value: lookups["person"](value) if value else "",
        "item_id": lambda _value: _("another item"),
        "meets": _meets,
    }
    return special.get(name, str)


def _listed(titles: Iterable[str]) -> str:
    return ", ".join(_("“%(title)s”", title=translated(title)) for title in titles)


def _meets(value: str) -> str:
    words = {"buddy": _("buddy"), "manager": _("manager"), "contact": _("contact")}
    return words.get(value, "")

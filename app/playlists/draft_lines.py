"""The rows of the editor: each step of a version in words, and what is wrong with it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app import clock
from app.models import Kind, Meet, Playlist, StepKind
from app.playlists import choices, desk
from app.playlists.days import week_of
from app.playlists.desk import StepToEdit
from app.playlists.difference_words import moment_words
from app.playlists.drafts import contents
from app.playlists.moments import moment_of
from app.web.i18n import minutes


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A step's row in the editor; `facts` are in words."""

    key: str
    title: str
    kind: str
    facts: list[str]
    note: str
    waits_for: list[str]
    instead_of: list[str]
    warning: str
    is_first: bool
    is_last: bool
    item_id: int | None


def lines_by_week(
    session: Session, playlist: Playlist, tokens: Collection[str], length: int, weeks: int
) -> dict[int, list[Line]]:
    """Return the rows of each week; at the edge of a week a step moves on to the next one."""
    rows = desk.steps_to_edit(session, playlist.id, tokens=tokens)
    held = contents(session, playlist, tokens=tokens)
    titles = {row.step.key: row.title or _("an item for other readers") for row in rows}
    by_week: dict[int, list[StepToEdit]] = {}
    for row in rows:
        by_week.setdefault(week_of(row.step.due_day, in_week=length), []).append(row)
    groups = held.choices()
    return {
        number: [
            _line(
                row,
                needs=[titles[key] for key in sorted(held.needs.get(row.step.key, ()))],
                others=[titles[key] for key in choices.alternatives(groups, row.step.key)],
                is_first=number == 1 and place == 0,
                is_last=number == weeks and place == len(here) - 1,
            )
            for place, row in enumerate(here)
        ]
        for number, here in by_week.items()
    }


def _line(
    row: StepToEdit, *, needs: list[str], others: list[str], is_first: bool, is_last: bool
) -> Line:
    return Line(
        key=row.step.key,
        title=row.title or _("An item for other readers"),
        kind=row.kind,
        facts=_facts(row),
        note=row.step.note if row.title else "",
        waits_for=needs,
        instead_of=others,
        warning=_warning(row),
        is_first=is_first,
        is_last=is_last,
        item_id=row.step.item_id if row.title else None,
    )


def _facts(row: StepToEdit) -> list[str]:
    step, moment = row.step, moment_of(row.step, row.kind)
    return [
        moment_words(moment) if moment else _("Day %(day)s", day=step.due_day),
        _("no date yet") if row.kind == Kind.EVENT.value and not moment else "",
        step.place if row.kind == Kind.EVENT.value else "",
        row.tool_name,
        meets_words(step.meets, row.person_name) if step.kind == StepKind.MEET.value else "",
        minutes(row.minutes) if row.minutes else "",
        "" if step.required else _("Optional"),
    ]


def is_over(row: StepToEdit, now: datetime) -> bool:
    """Tell whether a step is an event that has begun already."""
    moment = moment_of(row.step, row.kind)
    return moment is not None and moment.starts_at < now


def _warning(row: StepToEdit) -> str:
    if row.is_retired:
        return _("Retired: readers no longer see it")
    if row.step.kind == StepKind.ITEM.value and not row.title:
        return _("You may not see this item")
    if row.step.kind == StepKind.MEET.value and not (row.step.meets or row.person_name):
        return _("Nobody to meet is named any more")
    if is_over(row, clock.now()):
        return _("This date is past")
    return ""


def meets_words(meets: str, name: str) -> str:
    """Say whom a step asks to meet."""
    words = {
        Meet.BUDDY.value: _("Their buddy"),
        Meet.MANAGER.value: _("Their manager"),
        Meet.CONTACT.value: _("The contact of the playlist"),
    }
    return words.get(meets) or name

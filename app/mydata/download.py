"""Everything that Foyer keeps of a person's learning, as lines that they can take with them.

Each line is one thing, and says `what` it is. Items that the person may not see any more stand
without id and title.
"""

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy.orm import Session

from app.access import Viewer
from app.activity import signals
from app.audit.export import csv_line
from app.foryou.shown import shown_to
from app.models import ShownSlate
from app.mydata import queries
from app.people.queries import with_roles_and_groups
from app.playlists.feeds import feed_of
from app.playlists.queries import absences_of

Record = Mapping[str, Any]
COLUMNS = ("what", "at", "item", "title", "details")
_MOST_SLATES = 10_000


def records_of(session: Session, reader: Viewer) -> Iterator[Record]:
    """Yield what is kept of the reader, in this order.

    Profile, signals, states, playlists and absences, searches, what they told the curators, slates.

    Moments are in UTC, by ISO 8601.
    """
    yield from _profile(session, reader)
    for signal in signals.export(session, reader.id, tokens=reader.tokens):
        yield _record("signal", signal.at, signal.item_id, signal.title) | {
            "kind": signal.kind,
            "told_by": signal.told_by,
            "value": signal.value,
            "via": signal.via,
            "counts": signal.counts,
        }
    yield from _states(session, reader)
    yield from _plans(session, reader)
    yield from _searches(session, reader)
    yield from _told(session, reader)
    yield from _slates(session, reader)


def json_lines(records: Iterator[Record]) -> Iterator[str]:
    """Yield each record as one line of JSON (jsonlines.org)."""
    for record in records:
        yield json.dumps(record, ensure_ascii=False) + "\n"


def csv_lines(records: Iterator[Record]) -> Iterator[str]:
    """Yield a head and a line for each record; what has no column stands in `details` as JSON."""
    yield csv_line(COLUMNS) + "\r\n"
    for record in records:
        rest = {name: value for name, value in record.items() if name not in COLUMNS}
        cells = [record.get(name) for name in COLUMNS[:-1]]
        yield csv_line([*cells, json.dumps(rest, ensure_ascii=False)]) + "\r\n"


def _record(
    what: str, at: datetime | None, item: int | None = None, title: str = ""
) -> dict[str, Any]:
    return {"what": what, "at": _plain(at), "item": item, "title": title}


def _profile(session: Session, reader: Viewer) -> Iterator[Record]:
    person = with_roles_and_groups(session, reader.id)
    if person is None:
        return
    names = ("name", "email", "department", "location", "started_on", "locale", "time_zone")
    choices = ("shares_expertise", "keeps_searches", "pauses_signals")
    yield _record("profile", person.created_at) | {
        **{name: _plain(getattr(person, name)) for name in (*names, *choices)},
        "roles": [{"role": one.role.name, "since": _plain(one.since)} for one in person.roles],
        "groups": sorted(group.name for group in person.groups),
    }
    for span in queries.pauses_of(session, reader.id):
        yield _record("pause", span.since) | {"until": _plain(span.until)}


def _states(session: Session, reader: Viewer) -> Iterator[Record]:
    moments = ("saved_at", "done_at", "dismissed_at", "liked_at", "rated_at", "why_answered_at")
    names = (*moments, "stars", "why_stars", "names_stars", "why_answer", "progress")
    for state, item_id, title in queries.states_of(session, reader.id, tokens=reader.tokens):
        values = {name: _plain(getattr(state, name)) for name in names}
        yield _record("state", None, item_id, title) | values


def _plans(session: Session, reader: Viewer) -> Iterator[Record]:
    """Yield the reader's playlists, days away and calendar address, of which no copy is kept."""
    for given, title in queries.assignments_of(session, reader.id, tokens=reader.tokens):
        yield _record("playlist", given.assigned_at, title=title) | {
            "starts_on": _plain(given.starts_on),
            "finished_at": _plain(given.finished_at),
        }
    for step in queries.steps_of(session, reader.id, tokens=reader.tokens):
        yield _record("step", step.done_at, step.item_id, step.title) | {
            "by_hand": step.by_hand,
            "planned_on": _plain(step.planned_on),
        }
    for absence in absences_of(session, reader.id):
        yield _record("absence", None) | {
            "first_day": _plain(absence.starts_on),
            "last_day": _plain(absence.ends_on),
        }
    feed = feed_of(session, reader.id)
    if feed:
        yield _record("calendar address", feed.made_at) | {"read_at": _plain(feed.read_at)}


def _searches(session: Session, reader: Viewer) -> Iterator[Record]:
    for recent in queries.recent_searches(session, reader.id):
        yield _record("recent search", recent.searched_at, title=recent.text) | {
            "asked": recent.arguments,
            "results": recent.results,
            "times": recent.times,
        }
    for kept in queries.kept_searches(session, reader.id):
        yield _record("kept search", kept.saved_at, title=kept.name) | {"asked": kept.arguments}


def _told(session: Session, reader: Viewer) -> Iterator[Record]:
    for row in queries.suggestions_of(session, reader.id):
        yield _record("suggestion", row.made_at) | {
            "url": row.url,
            "note": row.note,
            "accepted": row.accepted,
            "answer": row.answer,
        }
    for report, item_id, title in queries.reports_of(session, reader.id, tokens=reader.tokens):
        yield _record("report", report.reported_at, item_id, title) | {
            "problem": report.problem,
            "note": report.note,
            "accepted": report.accepted,
            "answer": report.answer,
        }
    for wish in queries.wishes_of(session, reader.id):
        yield _record("looked for and not found", wish.wished_at, title=wish.text) | {
            "note": wish.note,
            "answer": wish.answer,
        }


def _slates(session: Session, reader: Viewer) -> Iterator[Record]:
    slates = shown_to(session, reader.id, _MOST_SLATES)
    ids = {one.item_id for slate in slates for one in slate.items}
    titles = queries.titles(session, ids, tokens=reader.tokens)
    for slate in slates:
        yield _record("shown", slate.shown_at) | {
            "shelf": slate.shelf,
            "model": slate.model,
            "items": _shown_items(slate, titles),
        }


def _shown_items(slate: ShownSlate, titles: Mapping[int, str]) -> list[dict[str, Any]]:
    return [
        {
            "position": one.position,
            "item": one.item_id if one.item_id in titles else None,
            "title": titles.get(one.item_id, ""),
            "score": one.score,
            "team": one.team,
            "chance": one.propensity,
        }
        for one in slate.items
    ]


def _plain(value: Any) -> Any:
    """Return a value as JSON has it: moments in UTC, days and moments as text."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return value.isoformat() if isinstance(value, date) else value

"""What curators and administrators change about the search. None of it commits.

Changes of synonyms happen one after the other, and their times only grow, so that whoever keeps
them in memory can tell by one small statement that something has changed (`app.discover.tuning`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.curation.texts import checked
from app.discover import tuning
from app.errors import Conflict, Invalid, NotFound, Wording
from app.models import RankingChoice, SynonymGroup
from app.tending import queries
from app.tending.groups import MOST_LINES, NOTE, Line, Wanted, key_of, lines_in
from search.rank import BOOSTS

MOST_GROUPS = 2000
_TICK = timedelta(microseconds=1)
_GONE = Wording("This group is not there any more.")
_CHANGED = Wording("Somebody has changed this group in the meantime.")
_CHOSEN = Wording("Somebody has chosen other boosts in the meantime. Please try yours again.")
_TWICE = Wording("There is a group that says exactly this already.")
_FULL = Wording("There are too many groups: at most %(most)d.", most=MOST_GROUPS)


@dataclass(frozen=True, slots=True)
class Pasted:
    """What became of pasted lines."""

    added: list[Wanted]
    refused: list[Line]


def add_group(
    session: Session, wanted: Wanted, *, note: str, by: int, now: datetime
) -> SynonymGroup:
    """Add a group; raise Invalid if there is one that says the same, or the note is too long."""
    note = checked("note", note, longest=NOTE)
    known, moment = _locked(session, now)
    if len(known) >= MOST_GROUPS:
        raise Invalid({"words": _FULL})
    if wanted.key in known:
        raise Invalid({"words": _TWICE})
    group = _added(session, wanted, note, by, moment)
    tuning.changed(session)
    return group


def edit_group(
    session: Session,
    group_id: int,
    wanted: Wanted,
    *,
    note: str,
    seen: str,
    by: int,
    now: datetime,
) -> SynonymGroup:
    """Change a group that is as it was when `seen`, an ISO time, was the time of its change.

    Raises NotFound if it is gone, Conflict if it has changed since, Invalid as for adding one.
    """
    note = checked("note", note, longest=NOTE)
    known, moment = _locked(session, now)
    group = _unchanged(session, group_id, seen)
    if known.get(wanted.key, group_id) != group_id:
        raise Invalid({"words": _TWICE})
    group.words, group.becomes, group.note = [*wanted.words], [*wanted.becomes], note
    group.changed_at, group.changed_by_id = moment, by
    session.flush()
    tuning.changed(session)
    return group


def remove_group(session: Session, group_id: int, *, seen: str, now: datetime) -> SynonymGroup:
    """Delete a group that is as it was when `seen` was the time of its change, and return it.

    Raises NotFound if it is gone, Conflict if it has changed since.
    """
    _locked(session, now)
    group = _unchanged(session, group_id, seen)
    session.delete(group)
    session.flush()
    tuning.changed(session)
    return group


def add_lines(session: Session, text: str, *, by: int, now: datetime) -> Pasted:
    """Add the groups of all pasted lines that are good; say of each other line what is wrong.

    Raises Invalid if there is no line at all, or more than can be read at once.
    """
    lines = list(islice(lines_in(text), MOST_LINES + 1))
    if not lines:
        raise Invalid({"lines": Wording("There is no line in it.")})
    if len(lines) > MOST_LINES:
        most = Wording("These are too many lines: at most %(most)d at once.", most=MOST_LINES)
        raise Invalid({"lines": most})
    known, moment = _locked(session, now)
    added: list[Wanted] = []
    refused: list[Line] = []
    for line in lines:
        complaint = _complaint(line, known)
        if line.wanted is None or complaint:
            refused.append(Line(line.number, line.text, complaint=complaint))
            continue
        known[line.wanted.key] = _added(session, line.wanted, "", by, moment).id
        added.append(line.wanted)
    tuning.changed(session)
    return Pasted(added, refused)


def choose_boosts(
    session: Session,
    boosts: Mapping[str, float],
    *,
    figures: Mapping[str, Any],
    note: str,
    seen: int,
    by: int,
    now: datetime,
) -> RankingChoice:
    """Make these boosts live, where they differ from the table's own; earlier ones are kept.

    `seen` is the id of the choice that was live when they were tried. Raises Conflict if another
    one is by now, Invalid naming a boost that is not known or not between 0 and 1.
    """
    note = checked("note", note, longest=NOTE)
    different = differences(boosts)
    session.execute(
        update(RankingChoice)
        .values(note=RankingChoice.note)
        .execution_options(synchronize_session=False, changes_nothing=True)
    )
    if queries.newest_choice_id(session) != seen:
        raise Conflict(_CHOSEN)
    row = RankingChoice(
        boosts=different, figures=dict(figures), note=note, chosen_at=now, chosen_by_id=by
    )
    session.add(row)
    session.flush()
    tuning.changed(session)
    return row


def differences(boosts: Mapping[str, float]) -> dict[str, float]:
    """Return the boosts that differ from the table's own.

    Raises Invalid naming each that is not known or not between 0 and 1.
    """
    bad = {name: Wording("Foyer knows no such boost.") for name in boosts.keys() - BOOSTS.keys()}
    bad |= {
        name: Wording("Give a number from 0 to 1.")
        for name, share in boosts.items()
        if name in BOOSTS and not 0 <= share <= 1
    }
    if bad:
        raise Invalid(bad)
    return {name: share for name, share in boosts.items() if share != BOOSTS[name]}


def still_known(boosts: Mapping[str, float]) -> dict[str, float]:
    """Return those boosts of an earlier choice that the table still has."""
    return {name: share for name, share in boosts.items() if name in BOOSTS}


def _locked(session: Session, now: datetime) -> tuple[dict[Any, int], datetime]:
    """Let nobody else change groups meanwhile; return all by what they say, and when it is.

    Writing what is there already locks on SQLite too, where `FOR UPDATE` does nothing.
    """
    session.execute(
        update(SynonymGroup)
        .values(note=SynonymGroup.note)
        .execution_options(synchronize_session=False, changes_nothing=True)
    )
    rows = session.execute(
        select(
            SynonymGroup.id, SynonymGroup.words, SynonymGroup.becomes, SynonymGroup.changed_at
        ).order_by(SynonymGroup.id)
    ).all()
    known = {key_of(words, becomes): group_id for group_id, words, becomes, _at in rows}
    return known, max([now, *(at + _TICK for _id, _words, _becomes, at in rows)])


def _unchanged(session: Session, group_id: int, seen: str) -> SynonymGroup:
    found = queries.group_row(session, group_id)
    if found is None:
        raise NotFound(_GONE)
    if found.group.changed_at.isoformat() != seen:
        raise Conflict(_CHANGED)
    return found.group


def _added(session: Session, wanted: Wanted, note: str, by: int, moment: datetime) -> SynonymGroup:
    group = SynonymGroup(
        words=[*wanted.words],
        becomes=[*wanted.becomes],
        note=note,
        changed_at=moment,
        changed_by_id=by,
    )
    session.add(group)
    session.flush()
    return group


def _complaint(line: Line, known: Mapping[Any, int]) -> str:
    if line.wanted is None:
        return line.complaint
    if len(known) >= MOST_GROUPS:
        return _FULL
    return _TWICE if line.wanted.key in known else ""

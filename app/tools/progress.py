"""How far a reading is that somebody waits for: not begun yet, under way, or ended."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy.orm import Session

from app.models import Connection, HarvestRun, RunState
from app.tools import queries
from app.tools.runs import RunFacts, read_so_far, run_facts

_LOOKED_AT = 3  # a reading of items, and that of what people did after it, and one to spare


@dataclass(frozen=True, slots=True)
class Progress:
    """One reading that is waited for; `run` is None until it has begun.

    `after` is the newest reading that was there when it was asked for. `said` is for those who
    hear the page: it changes with each tenfold, not with each item.
    """

    title: str
    text: str
    said: str
    after: int
    run: RunFacts | None
    stopping: bool = False

    @property
    def ended(self) -> bool:
        """Tell whether nothing is waited for any more."""
        return self.run is not None and not self.run.running


def newest_ended(session: Session, connection_id: int) -> int:
    """Return the id of the newest reading that has ended, 0 without one."""
    found = queries.runs(session, connection_id, _LOOKED_AT)
    return next((run.id for run in found if run.state != RunState.RUNNING.value), 0)


def progress(
    session: Session, connection: Connection, *, after: int | None, now: datetime
) -> Progress | None:
    """Return the reading under way, or the one that was asked for after this one."""
    found = queries.runs(session, connection.id, _LOOKED_AT)
    held = connection.running_until is not None and connection.running_until > now
    running = next((run for run in found if held and run.state == RunState.RUNNING.value), None)
    if running is not None:
        since = running.id - 1 if after is None else after
        return _under_way(running, since, stopping=connection.stop_wanted)
    if after is None:
        return None
    ended = _asked_for([run for run in found if run.id > after])
    if ended is not None:
        return _over(ended, after)
    waits = _("The worker begins in a moment.")
    text = _("The worker begins in a moment. If it does not within a minute, see whether it runs.")
    return Progress(_("Waiting for the worker"), text, waits, after, None)


def _asked_for(found: Sequence[HarvestRun]) -> HarvestRun | None:
    """Return the newest that has ended, rather one of items than of what people did."""
    ended = [run for run in found if run.state != RunState.RUNNING.value]
    items = [run for run in ended if run.mode != "activity"]
    return next(iter(items or ended), None)


def _under_way(run: HarvestRun, after: int, *, stopping: bool) -> Progress:
    facts = run_facts(run)
    text = _("So far: %(counts)s.", counts=facts.summary)
    return Progress(_doing(run), text, _coarsely(run), after, facts, stopping)


def _doing(run: HarvestRun) -> str:
    if run.dry:
        return _("Trying a reading")
    return {
        "delta": _("Reading what changed"),
        "sweep": _("Reading everything"),
        "activity": _("Reading what people did"),
    }[run.mode]


def _over(run: HarvestRun, after: int) -> Progress:
    facts = run_facts(run)
    said = _(
        "%(reading)s: %(state)s. %(counts)s.",
        reading=facts.title,
        state=facts.state,
        counts=facts.summary,
    )
    return Progress(facts.title, facts.summary, said, after, facts)


def _coarsely(run: HarvestRun) -> str:
    """Return how much is read by its first digit only: 40, 300, 7000."""
    read = read_so_far(run.counts or {})
    if not read:
        return _("The reading has begun.")
    unit = 10 ** (len(str(read)) - 1)
    count = read // unit * unit
    return ngettext("%(num)s item read so far.", "%(num)s items read so far.", count)

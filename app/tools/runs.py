"""One reading of a tool in words: what it was, how it ended, what it counted."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext

from app.models import HarvestRun, RunState
from app.tools.previews import LABELS
from app.web.errors import translated

_LONGEST = 160


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field that would change, in words; `before` is empty where nothing was known."""

    field: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Sampled:
    """One item of a trial: the fields that would change, and why it could not be taken."""

    name: str
    changes: tuple[FieldChange, ...] = ()
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RunFacts:
    """A run, for the list and for its own page."""

    id: int
    title: str
    state: str
    look: str
    icon: str
    summary: str
    asked_by: str
    started_at: datetime
    error: str
    error_kind: str
    dry: bool
    done: bool
    running: bool
    counts: tuple[tuple[str, int], ...]
    samples: tuple[tuple[str, tuple[Sampled, ...]], ...]


def run_facts(run: HarvestRun) -> RunFacts:
    """Return the run in words."""
    state = RunState(run.state)
    return RunFacts(
        id=run.id,
        title=_title(run),
        state=_states()[state],
        look=_LOOKS.get(state, "plain"),
        icon=_ICONS.get(state, "circle-check"),
        summary=_summary(run),
        asked_by=run.asked_by,
        started_at=run.started_at,
        error=run.error,
        error_kind=run.error_kind,
        dry=run.dry,
        done=state is RunState.DONE,
        running=state is RunState.RUNNING,
        counts=tuple(_counts(run.counts or {})),
        samples=tuple(_samples(run.samples or {})),
    )


_LOOKS = {
    RunState.DONE: "accent",
    RunState.HALTED: "warn",
    RunState.FAILED: "danger",
    RunState.QUARANTINED: "warn",
}
_ICONS = {
    RunState.RUNNING: "refresh-cw",
    RunState.HALTED: "triangle-alert",
    RunState.STOPPED: "circle-dot",
    RunState.FAILED: "circle-x",
    RunState.QUARANTINED: "triangle-alert",
}


def _states() -> dict[RunState, str]:
    return {
        RunState.RUNNING: _("under way"),
        RunState.DONE: _("done"),
        RunState.HALTED: _("goes on later"),
        RunState.STOPPED: _("stopped"),
        RunState.FAILED: _("failed"),
        RunState.QUARANTINED: _("needs your word"),
    }


def _title(run: HarvestRun) -> str:
    if run.dry:
        return _("Trial reading")
    return {
        "delta": _("What changed"),
        "sweep": _("Everything"),
        "activity": _("What people did"),
    }[run.mode]


def _labels() -> dict[str, str]:
    return {
        "new": _("New"),
        "changed": _("Changed"),
        "unchanged": _("Unchanged"),
        "removed": _("Taken away"),
        "held": _("Waiting for your word"),
        "failed": _("Not taken"),
        "activities": _("Done by people"),
        "requests": _("Requests"),
        "retries": _("Asked again"),
    }


def _counts(counts: Mapping[str, int]) -> Iterable[tuple[str, int]]:
    for name, label in _labels().items():
        if counts.get(name) or name in {"new", "changed", "unchanged"}:
            yield label, counts.get(name, 0)


def read_so_far(counts: Mapping[str, int]) -> int:
    """Return how many items a run has read."""
    return sum(counts.get(name, 0) for name in ("new", "changed", "unchanged"))


def _summary(run: HarvestRun) -> str:
    """Return the counts that matter as one line."""
    counts = run.counts or {}
    done = counts.get("activities", 0)
    if run.mode == "activity":
        return ngettext("%(num)s done by people", "%(num)s done by people", done)
    read = read_so_far(counts)
    parts = [ngettext("%(num)s item read", "%(num)s items read", read)]
    if counts.get("new"):
        parts.append(ngettext("%(num)s new", "%(num)s new", counts["new"]))
    if counts.get("changed"):
        parts.append(ngettext("%(num)s changed", "%(num)s changed", counts["changed"]))
    if counts.get("removed"):
        parts.append(ngettext("%(num)s taken away", "%(num)s taken away", counts["removed"]))
    if counts.get("held"):
        parts.append(
            ngettext("%(num)s waits for your word", "%(num)s wait for your word", counts["held"])
        )
    if counts.get("failed"):
        parts.append(ngettext("%(num)s not taken", "%(num)s not taken", counts["failed"]))
    if done:
        parts.append(ngettext("%(num)s done by people", "%(num)s done by people", done))
    return ", ".join(parts)


def _samples(samples: Mapping[str, Any]) -> Iterable[tuple[str, tuple[Sampled, ...]]]:
    for name, label in _labels().items():
        found: Sequence[Any] = samples.get(name) or ()
        if found:
            yield label, tuple(_sampled(one) for one in found)


def _sampled(one: Any) -> Sampled:
    if not isinstance(one, Mapping):
        return Sampled(str(one))
    return Sampled(
        str(one.get("name", "")),
        tuple(
            FieldChange(_field(each["field"]), _value(each["before"]), _value(each["after"]))
            for each in one.get("differences") or ()
        ),
        tuple(_problem(each) for each in one.get("problems") or ()),
    )


def _field(name: str) -> str:
    own = {"status": _("State"), "published_on": LABELS["published"]}
    return str(own.get(name) or LABELS.get(name, name))


def _problem(problem: Mapping[str, Any]) -> str:
    reason = translated(problem["reason"])
    return f"{_field(problem['field'])}: {reason}" if problem["field"] else reason


def _value(value: object) -> str:
    if value is None:
        return ""
    text = ", ".join(str(one) for one in value) if isinstance(value, list) else str(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"

"""Writes how connected tools are as monitoring systems read it.

The Prometheus text exposition format, version 0.0.4:
https://prometheus.io/docs/instrumenting/exposition_formats/
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from app.harvest.health import Health
from search import breaker

COUNTED = ("new", "changed", "unchanged", "removed", "held", "failed", "activities")

Labels = Mapping[str, str]
Value = tuple[Labels, float]


@dataclass(frozen=True, slots=True)
class Gauge:
    """One metric: its name, what it means, and its values for one tool."""

    name: str
    help: str
    values: Callable[[Health, datetime], Iterable[Value]]


def exposition(tools: Sequence[tuple[str, Health]], *, now: datetime) -> str:
    """Return the metrics of (slug, health) pairs as text; what is not known has no line."""
    return "".join(line + "\n" for gauge in GAUGES for line in _lines(gauge, tools, now))


def escaped(value: str) -> str:
    """Return a label's value with backslash, quote and line feed escaped, as the format asks."""
    return value.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")


def _lines(gauge: Gauge, tools: Sequence[tuple[str, Health]], now: datetime) -> Iterator[str]:
    yield f"# HELP {gauge.name} {gauge.help}"
    yield f"# TYPE {gauge.name} gauge"
    for slug, health in tools:
        for labels, value in gauge.values(health, now):
            named = {"tool": slug, "connector": health.kind, **labels}
            pairs = ",".join(f'{name}="{escaped(text)}"' for name, text in named.items())
            yield f"{gauge.name}{{{pairs}}} {_number(value)}"


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) else repr(float(value))


def _enabled(health: Health, _now: datetime) -> Iterable[Value]:
    yield {}, health.enabled


def _running(health: Health, _now: datetime) -> Iterable[Value]:
    yield {}, health.running


def _trouble(health: Health, _now: datetime) -> Iterable[Value]:
    if health.error_kind:
        yield {"kind": health.error_kind}, 1


def _last_ok_age(health: Health, _now: datetime) -> Iterable[Value]:
    if health.age is not None:
        yield {}, health.age.total_seconds()


def _next_run(health: Health, now: datetime) -> Iterable[Value]:
    if health.next_run_at is not None:
        yield {}, (health.next_run_at - now).total_seconds()


def _items(health: Health, _now: datetime) -> Iterable[Value]:
    """Yield the items by state; those hidden are among the retired, those held among the live."""
    for state in ("live", "retired", "hidden", "held"):
        yield {"state": state}, getattr(health, state)


def _last_run(health: Health, _now: datetime) -> Iterable[Value]:
    if health.last_run is not None:
        for fate in COUNTED:
            yield {"mode": health.last_run.mode, "fate": fate}, health.counts.get(fate, 0)


def _breaker(health: Health, now: datetime) -> Iterable[Value]:
    yield {}, not breaker.may_ask(health.breaker, now=now)


GAUGES = (
    Gauge("foyer_tool_enabled", "1 if the tool is read by itself, 0 if paused.", _enabled),
    Gauge("foyer_tool_running", "1 while the tool is being read.", _running),
    Gauge("foyer_tool_trouble", "1 with the kind of trouble at the last reading.", _trouble),
    Gauge(
        "foyer_tool_last_ok_age_seconds",
        "Seconds since the last good reading; absent if there was none.",
        _last_ok_age,
    ),
    Gauge(
        "foyer_tool_next_run_seconds",
        "Seconds until the next reading, negative if overdue; absent if none is planned.",
        _next_run,
    ),
    Gauge(
        "foyer_tool_items",
        "Items by state; hidden ones are among the retired, held ones among the live.",
        _items,
    ),
    Gauge("foyer_tool_last_run_items", "What the last reading counted, by fate.", _last_run),
    Gauge("foyer_tool_breaker_open", "1 while the tool is not asked after failures.", _breaker),
)

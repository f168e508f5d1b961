"""Reports on what tools offer: one tool, all of them, and both as a table to download."""

from collections.abc import Iterable, Sequence

from flask import Response
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.audit.export import csv_line
from app.care import reports as figures
from app.care.blueprint import bp
from app.care.reports import OLDEST, ToolLine, ToolReport
from app.errors import NotFound
from app.web.htmx import page
from app.web.i18n import today
from app.web.unit_of_work import config, db_session
from app.web.viewer import viewer

_ALL = "/curate/tools/report"
_TOOL = "/curate/tools/<slug>/report"


@bp.get(_ALL)
def reports() -> ResponseReturnValue:
    """Compare what the tools offer."""
    return page("care/reports.html", lines=_lines(), at_least=config().min_group_size)


@bp.get(f"{_ALL}.csv")
def reports_csv() -> ResponseReturnValue:
    """Give the comparison of the tools as a table."""
    return _csv("tools.csv", [_HEADINGS, *(_cells(line) for line in _lines())])


@bp.get(_TOOL)
def report(slug: str) -> ResponseReturnValue:
    """Say what one tool offers: how much, how old, how much used, and what needs care."""
    return page(
        "care/report.html",
        seen=_report_or_404(slug),
        ages=age_labels(),
        at_least=config().min_group_size,
    )


@bp.get(f"{_TOOL}.csv")
def report_csv(slug: str) -> ResponseReturnValue:
    """Give the report on one tool as a table of figures with their names."""
    return _csv(f"{slug}.csv", [("part", "name", "number"), *_rows(_report_or_404(slug))])


def age_labels() -> Sequence[tuple[str, str]]:
    """Return the names of ages in the reader's words, the youngest first."""
    return (
        ("0", _("less than half a year")),
        ("1", _("half a year to a year")),
        ("2", _("one to two years")),
        ("3", _("two to five years")),
        (OLDEST, _("more than five years")),
    )


def _lines() -> list[ToolLine]:
    return figures.overview(
        db_session(), tokens=viewer().tokens, today=today(), at_least=config().min_group_size
    )


def _report_or_404(slug: str) -> ToolReport:
    found = figures.report_of(
        db_session(),
        slug,
        tokens=viewer().tokens,
        today=today(),
        at_least=config().min_group_size,
    )
    if found is None:
        raise NotFound(_("There is no such tool."))
    return found


_HEADINGS = (
    "tool",
    "items",
    "older than two years",
    "launches in 90 days, at least",
    "completions in 90 days, at least",
    "people in 90 days, at least",
    "never opened",
    "wants a look",
    "broken or moved links",
    "also in other tools",
)


def _cells(line: ToolLine) -> Sequence[object]:
    use = map(int, (line.launches, line.completions, line.people)) if line.people else ("", "", "")
    return (
        line.tool.name,
        line.items,
        line.older,
        *use,
        line.never_opened,
        line.waiting,
        line.broken,
        line.shared,
    )


def _rows(seen: ToolReport) -> Iterable[Sequence[object]]:
    yield "items", "all", seen.items
    yield from (("kind", kind, number) for kind, number in sorted(seen.by_kind.items()))
    yield from (("age", label, seen.by_age.get(name, 0)) for name, label in age_labels())
    if seen.people:
        yield "use in 90 days, at least", "people", int(seen.people)
        yield "use in 90 days, at least", "launches", int(seen.launches)
        yield "use in 90 days, at least", "completions", int(seen.completions)
    yield "care", "never opened", seen.never_opened
    yield "care", "wants a look", seen.waiting
    yield "care", "nobody looks after it", seen.without_owner
    yield from (("links", state, number) for state, number in sorted(seen.links.items()))
    yield from (("also in", name, number) for _slug, name, number in seen.overlaps)
    for one in seen.coverage:
        yield "skills taught", one.role, one.taught
        yield "skills asked for", one.role, one.asked


def _csv(name: str, rows: Iterable[Sequence[object]]) -> Response:
    text = "".join(csv_line(cells) + "\r\n" for cells in rows)
    response = Response(text, mimetype="text/csv")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Cache-Control"] = "no-store"
    return response

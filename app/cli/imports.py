"""Bringing files in: what is wrong, what changes and how it ended, in words and exit codes."""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, TextIO, TypeVar

import click

from app import clock
from app.activity.imports import ActivityImporter
from app.catalogue.imports.items import ItemImporter
from app.catalogue.imports.mappings import NAMED, translated, words_for
from app.cli.audited import AuditedPeople
from app.cli.mappings import mapping_named
from app.cli.portal import Portal, pass_portal
from app.cli.progress import bar
from app.intake.reader import FORMS, Line, UnreadableError, count_lines, form_of, read
from app.intake.report import SAMPLES, Difference, Fate, Outcome, Problem, Report
from app.intake.run import Importer, Run
from app.intake.text import shown
from app.people import columns

SOME_LINES_BAD = 1
FILE_UNREADABLE = 2
INTERRUPTED = 130
F = TypeVar("F", bound=Callable[..., Any])
_SIGNS = {Fate.NEW: "+", Fate.CHANGED: "~", Fate.UNCHANGED: "=", Fate.FAILED: "!"}


@click.group(name="import")
def group() -> None:
    """Bring items, people or activity in from a file (JSONL or CSV).

    Every bad line is named on standard error with its number, field and reason; the good ones are
    kept. Importing the same file again changes nothing. docs/import.md lists the fields.

    \b
    Exit codes: 0 all lines are good, 1 some are bad, 2 the file cannot be read, 130 interrupted.
    """


def _options(command: F) -> F:
    """Add what all three imports understand."""
    file = click.argument("file", type=click.Path(path_type=Path))
    form = click.option("--format", "form", type=click.Choice(list(FORMS)), help="Not by ending.")
    dry = click.option("--dry-run", is_flag=True, help="Print what would change, change nothing.")
    errors = click.option(
        "--errors", type=click.Path(path_type=Path), help="Also write bad lines here, as JSONL."
    )
    return file(form(dry(errors(command))))


@group.command()
@_options
@click.option("--mapping", help=f"Whose words the file speaks: {', '.join(NAMED)}, or a JSON file.")
@pass_portal
def items(portal: Portal, /, mapping: str | None, **options: Any) -> None:
    """Import items of any tool.

    \b
      foyer import items catalogue.jsonl --dry-run
      foyer import items courses.csv --mapping moodle.json --errors bad.jsonl
    """
    words = _or_unreadable(lambda: words_for(mapping))

    def ours(line: Line) -> Line:
        return replace(line, values=translated(line.values, words))

    _import(portal, ItemImporter(clock.now()), ours=ours, **options)


@group.command()
@_options
@click.option("--allow-access", is_flag=True, help="Let lines make curators, managers and admins.")
@click.option("--mapping", help="Whose words: a provider's or SCIM client's slug, or a JSON file.")
@pass_portal
def people(portal: Portal, /, allow_access: bool, mapping: str | None, **options: Any) -> None:
    """Import people, with their roles, groups and managers.

    With a mapping, columns are read as that provider's attributes are (docs/mapping.md); then only
    its rules give access, and no line takes any away.

    \b
      foyer import people staff.csv
      foyer import people export.csv --mapping hr.json --dry-run
    """
    if mapping:
        options["ours"] = _or_unreadable(lambda: _in_our_words(portal, mapping, allow_access))
    importer = AuditedPeople(
        clock.now(), allow_access=allow_access, only_raises=mapping is not None
    )
    _import(portal, importer, **options)


@group.command()
@_options
@pass_portal
def activity(portal: Portal, /, **options: Any) -> None:
    """Import what people did: launches, completions, saved and dismissed items.

    \b
      foyer import activity completions.jsonl
    """
    _import(portal, ActivityImporter(clock.now()), **options)


def _in_our_words(portal: Portal, name: str, allow_access: bool) -> Callable[[Line], Line]:
    """Return what reads a line through the mapping; raise UnreadableError when there is none."""
    with portal.database.sessions() as session:
        mapping = mapping_named(session, name)

    def ours(line: Line) -> Line:
        return replace(
            line, values=columns.translated(line.values, mapping, allow_access=allow_access)
        )

    return ours


def _import(
    portal: Portal,
    importer: Importer[Any],
    *,
    file: Path,
    form: str | None,
    dry_run: bool,
    errors: Path | None,
    ours: Callable[[Line], Line] = lambda line: line,
) -> None:
    """Import the file and end with the exit code that says how it went."""
    lines = _or_unreadable(lambda: _lines(file, form))
    transaction = portal.database.transaction
    with ExitStack() as stack:
        copy = stack.enter_context(_or_unreadable(lambda: _written(errors))) if errors else None
        report = Report(on_problem=lambda one: _complain(one, copy), on_remark=_remark)
        stack.callback(_follow, portal, report, dry_run)
        progress = stack.enter_context(bar(file.name, _or_unreadable(lambda: count_lines(file))))
        run = Run(importer, transaction, report, write=not dry_run)
        try:
            _or_unreadable(lambda: run.take(map(ours, lines), progress))
        except KeyboardInterrupt:
            click.echo(f"\nInterrupted. {_summary(report)}", err=True)
            click.echo("What was read so far is kept; run it again to go on.", err=True)
            raise SystemExit(INTERRUPTED) from None
    if dry_run:
        _show(report)
    click.echo(f"{'Dry run: ' if dry_run else ''}{_summary(report)}")
    if not report.all_good:
        raise SystemExit(SOME_LINES_BAD)


def _or_unreadable(action: Callable[[], Any]) -> Any:
    """Return what the action returns; end with exit code 2 when a file cannot be read."""
    try:
        return action()
    except UnreadableError as error:
        click.echo(f"Error: {error}", err=True)
        raise SystemExit(FILE_UNREADABLE) from error


def _lines(file: Path, form: str | None) -> Iterator[Line]:
    return read(file, form_of(file, form))


def _written(path: Path) -> TextIO:
    """Return the file, open and empty; raise UnreadableError when it cannot be written."""
    try:
        return path.open("w", encoding="utf-8")
    except OSError as error:
        raise UnreadableError(f"{path} cannot be written: {error.strerror}") from error


def _follow(portal: Portal, report: Report, dry_run: bool) -> None:
    """Let the worker bring the index up to date with whatever was committed."""
    if not dry_run and report.counts[Fate.NEW] + report.counts[Fate.CHANGED]:
        portal.jobs.follow_index_soon()


def _complain(problem: Problem, copy: TextIO | None) -> None:
    click.echo(f"line {problem.line}: {problem.field}: {problem.reason}", err=True)
    if copy:
        copy.write(json.dumps(asdict(problem), ensure_ascii=False) + "\n")


def _remark(remark: Problem) -> None:
    click.echo(f"line {remark.line}: note on {remark.field}: {remark.reason}", err=True)


def _summary(report: Report) -> str:
    counts = ", ".join(f"{report.counts[fate]:,} {fate.value}" for fate in Fate)
    return f"{report.lines:,} lines: {counts}; {report.problems:,} problems."


def _show(report: Report) -> None:
    """Print what a dry run found: samples of each fate, changes field by field."""
    for fate in Fate:
        if report.counts[fate]:
            click.echo(f"{fate.value.capitalize()}: {report.counts[fate]:,}")
        for line, outcome in report.samples[fate]:
            _show_outcome(line, outcome)
        if report.counts[fate] > SAMPLES:
            click.echo(f"  … and {report.counts[fate] - SAMPLES:,} more")


def _show_outcome(line: int, outcome: Outcome) -> None:
    click.echo(f"  {_SIGNS[outcome.fate]} line {line}: {outcome.name}")
    for difference in outcome.differences:
        click.echo(f"      {difference.field}: {_before_and_after(difference)}")
    for problem in outcome.problems:
        click.echo(f"      {problem.field}: {problem.reason}")


def _before_and_after(difference: Difference) -> str:
    before, after = difference.before, difference.after
    return f"{_said(before)} → {_said(after)}"


def _said(value: object) -> str:
    if value in (None, "", [], ()):
        return "nothing"
    if isinstance(value, list | tuple):
        return shown(", ".join(map(str, value)), 100)
    return shown(value, 100)

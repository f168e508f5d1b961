"""How good search and recommendations are, in figures."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from pathlib import Path

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from app.cli.portal import Portal, pass_portal
from app.discover import judging, tuning
from app.discover.indexing import SearchIndex
from app.discover.quality import Asked, Report
from app.foryou import training
from app.models import Item
from search.errors import IndexMissing
from search.evaluate import Figures
from search.judged import Reading
from search.synonyms import NO_SYNONYMS

NOTHING_MEASURED, BAD_LINES = 1, 3
_NAMED = 3
_HEADINGS = f"{'':14}{'queries':>8}{'nDCG@10':>9}{'MRR@10':>9}{'hit rate':>10}{'no result':>11}"


@click.group(name="evaluate", invoke_without_command=True)
@click.pass_context
def group(context: click.Context) -> None:
    """Measure recommendations or search; without a word, recommendations."""
    if context.invoked_subcommand is None:
        context.invoke(recommendations)


@group.command()
@click.option(
    "--cut",
    type=click.FloatRange(0.3, 0.95),
    default=0.8,
    show_default=True,
    help="Share of the activity to learn from; the rest is what it is tried on.",
)
@click.option("--seed", type=click.IntRange(0), default=training.SEED, show_default=True)
@pass_portal
def recommendations(portal: Portal, cut: float, seed: int) -> None:
    """Measure the recommender against popularity, on activity it has not seen.

    Another cut and another seed show whether a result hangs on how the activity was parted.
    """
    with portal.database.transaction() as session:
        report = training.judge(session, now=clock.now(), seed=seed, train_share=cut)
    click.echo(report)


@group.command()
@click.option(
    "--judged",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="File of judged queries; else FOYER_JUDGED_QUERIES, else the sample company's.",
)
@click.option("--role", metavar="SLUG", default="", help="Ask as somebody who has this job role.")
@click.option(
    "--without",
    type=click.Choice(["boosts", "synonyms"]),
    multiple=True,
    help="Leave out what lifts items, or the curators' synonyms; may be given twice.",
)
@click.option(
    "--worst",
    type=click.IntRange(0, 1000),
    default=10,
    show_default=True,
    help="How many of the queries that did worst to print.",
)
@pass_portal
def search(
    portal: Portal, judged: Path | None, role: str, without: tuple[str, ...], worst: int
) -> None:
    """Measure search by judged queries, asked as readers ask.

    A judged query is a line of JSON: what people type, and how well items answer it (3 exactly, 2
    good, 1 helps), by tool and the id that the item has there.

    \b
      {"query": "ohms law", "items": {"phet/phet-ohms-law": 3}, "note": "known by its name"}

    \b
    Exit codes: 0 measured, 1 nothing could be measured, 3 measured, but lines were left out.
    """
    reading = _reading(judged or portal.config.judged_queries)
    with portal.database.sessions() as session:
        report = _measured(session, portal.index, reading, role, without)
        poor = report.worst(worst)
        shown = {found for one in poor for found in (*one.found[:_NAMED], *one.wanted)}
        titles = dict(session.execute(select(Item.id, Item.title).where(Item.id.in_(shown))).all())
    _print(report, poor, titles)
    _end(reading, report)


def _measured(
    session: Session, index: SearchIndex, reading: Reading, role: str, without: Collection[str]
) -> Report:
    if role and role not in judging.role_slugs(session):
        raise click.UsageError(f"There is no job role {role!r}.")
    live = tuning.current(session)
    synonyms = NO_SYNONYMS if "synonyms" in without else live.synonyms
    try:
        return judging.measured(
            session,
            index,
            reading.queries,
            replace(live, synonyms=synonyms),
            today=clock.now().date(),
            role=role,
            boosted="boosts" not in without,
        )
    except IndexMissing as missing:
        raise click.ClickException("There is no search index. Run: foyer reindex") from missing


def _reading(path: Path | None) -> Reading:
    if path is None:
        raise click.UsageError("There are no judged queries; name a file with --judged FILE.")
    try:
        reading = judging.read_file(path)
    except (OSError, ValueError) as error:
        raise click.ClickException(f"{path} cannot be read: {error}") from error
    for bad in reading.bad:
        click.echo(f"{path.name}, {bad}", err=True)
    return reading


def _print(report: Report, poor: tuple[Asked, ...], titles: Mapping[int, str]) -> None:
    if report.figures is None:
        return
    click.echo(_HEADINGS)
    for name, figures in (*report.by_kind().items(), ("all", report.figures)):
        click.echo(_row(name, figures))
    if poor:
        click.echo("\nWorst:")
    for asked in poor:
        for line in _story(asked, titles):
            click.echo(line)


def _row(name: str, figures: Figures) -> str:
    return (
        f"{name:14}{figures.queries:>8}{figures.ndcg:>9.3f}{figures.mrr:>9.3f}"
        f"{figures.hit_rate:>10.3f}{figures.zero_results:>11.3f}"
    )


def _story(asked: Asked, titles: Mapping[int, str]) -> list[str]:
    """Tell of one query what was found first, and the best that were wanted but not there."""
    judged = asked.judged
    asker = f" (as {judged.role})" if judged.role else ""
    best = sorted(asked.wanted, key=lambda one: -asked.wanted[one])
    absent = [titles[one] for one in best if one not in asked.found][:_NAMED]
    found = [titles[one] for one in asked.found[:_NAMED]]
    return [
        f"  {asked.ndcg:.2f}  {judged.query}{asker}",
        f"        found:  {' · '.join(found) or 'nothing'}",
        *([f"        absent: {' · '.join(absent)}"] if absent else []),
    ]


def _end(reading: Reading, report: Report) -> None:
    """Say what could not be asked, and end with the code that says so."""
    for judged in report.skipped:
        click.echo(f"Left out, none of its items is here: {judged.query}", err=True)
    if report.figures is None:
        raise click.ClickException("No judged query could be asked.")
    if reading.bad:
        raise SystemExit(BAD_LINES)

"""The audit log on the command line: whether it is whole, all of it for another system, its end."""

import json
from datetime import UTC, datetime

import click

from app.audit import export as lines
from app.audit import queries
from app.audit.content import line
from app.audit.verify import Anchor, verify
from app.cli.portal import Portal, pass_portal
from app.models import AuditEntry


class AnchorType(click.ParamType[Anchor]):
    """An anchor as `foyer audit verify` prints it."""

    name = "n:hash"

    def convert(
        self, value: str, param: click.Parameter | None, ctx: click.Context | None
    ) -> Anchor:
        """Return the anchor or complain."""
        try:
            return Anchor.parse(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)


@click.group(name="audit")
def group() -> None:
    """Look into the audit log, which docs/audit.md explains."""


@group.command(name="verify")
@click.option("--anchor", type=AnchorType(), help="What an earlier run printed, kept elsewhere.")
@pass_portal
def verify_log(portal: Portal, anchor: Anchor | None) -> None:
    """Check that no entry was changed, removed, added or moved.

    Prints an anchor to keep elsewhere: with it, a later run shows even a log written anew by
    somebody who may write to the database. Ends with 1 when the log is broken.

    \b
      foyer audit verify
      foyer audit verify --anchor 1204:9f2c…
    """
    with portal.database.transaction() as session:
        verdict = verify(session, anchor)
    if not verdict.good:
        click.echo(f"Entry {verdict.broken} is broken: {verdict.why}.", err=True)
        click.echo(f"The {verdict.count:,} entries before it hang together.", err=True)
        raise SystemExit(1)
    click.echo(f"{verdict.count:,} entries hang together.")
    click.echo("Keep this elsewhere, to check against it another time:")
    click.echo(f"  foyer audit verify --anchor {verdict.head}")


@group.command()
@click.option("--since", type=click.DateTime(), help="Leave out what is older (UTC).")
@click.option("--format", "form", type=click.Choice(["jsonl", "csv"]), default="jsonl")
@pass_portal
def export(portal: Portal, since: datetime | None, form: str) -> None:
    """Write the entries to standard output, oldest first.

    \b
      foyer audit export > audit.jsonl
      foyer audit export --since 2026-11-01 --format csv > november.csv
    """
    write = lines.as_csv if form == "csv" else lines.as_json
    if form == "csv":
        click.echo(lines.csv_head())
    with portal.database.sessions() as session:
        for entry in queries.oldest_first(session, since.replace(tzinfo=UTC) if since else None):
            click.echo(write(entry))


@group.command()
@click.option("-n", "count", type=click.IntRange(1, 10_000), default=20, help="How many entries.")
@pass_portal
def tail(portal: Portal, count: int) -> None:
    """Print the newest entries, the newest last.

    \b
      foyer audit tail -n 50
    """
    with portal.database.sessions() as session:
        found = queries.newest(session, queries.Filter(), limit=count)
    for entry in reversed(found):
        click.echo(_in_short(entry))


def _in_short(entry: AuditEntry) -> str:
    at = entry.at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%SZ")
    parts = [str(entry.number), at, entry.outcome, entry.action, entry.actor, entry.address]
    details = json.dumps(entry.details, ensure_ascii=False) if entry.details else ""
    return line(" | ".join(part for part in (*parts, entry.subject, details) if part), 2000)

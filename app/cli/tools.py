"""Connected tools from the command line: how they are, for people and monitoring; reading one."""

from collections.abc import Mapping

import click
from sqlalchemy import select

from app import clock
from app.cli.portal import Portal, pass_portal
from app.connectors.base import Mode
from app.errors import Conflict
from app.harvest import checking, health
from app.harvest.metrics import exposition
from app.harvest.reaching import Parts
from app.harvest.running import run as run_harvest
from app.models import Connection, HarvestRun, RunState, Tool
from app.vault import Vault

_COUNTED = ("new", "changed", "unchanged", "removed", "held", "failed")
_WELL = frozenset({RunState.DONE.value, RunState.QUARANTINED.value})
NOT_WELL = 1


@click.group(name="tools")
def group() -> None:
    """Look after connected tools.

    \b
    Exit codes: 0 it went well, 1 the tool was in the way.
    """


@group.command(name="list")
@pass_portal
def list_tools(portal: Portal) -> None:
    """Print every connected tool with its state, its items and its next run."""
    with portal.database.sessions() as session:
        names = {one.id: one.slug for one in session.scalars(select(Tool))}
        found = health.of_all(session, now=clock.now())
    for one in found:
        due = f"{one.next_run_at:%Y-%m-%d %H:%M} UTC" if one.next_run_at else "only by hand"
        click.echo(f"{names[one.tool_id]} ({one.kind}): {one.state}; {one.live:,} items; {due}")
        if one.error:
            click.echo(f"    {one.error}")


@group.command()
@pass_portal
def metrics(portal: Portal) -> None:
    """Print how every connected tool is, in the Prometheus text format.

    \b
      foyer tools metrics > /var/lib/node_exporter/foyer.prom
    """
    now = clock.now()
    with portal.database.sessions() as session:
        names = {one.id: one.slug for one in session.scalars(select(Tool))}
        found = [(names[one.tool_id], one) for one in health.of_all(session, now=now)]
        text = exposition(found, now=now)
    click.echo(text, nl=False)


@group.command()
@click.argument("tool")
@click.option("--sweep", is_flag=True, help="Read everything, not only what changed.")
@click.option("--dry-run", is_flag=True, help="Print what would change, change nothing.")
@pass_portal
def run(portal: Portal, tool: str, sweep: bool, dry_run: bool) -> None:
    """Read a tool now, in this process. After Ctrl-C the next run goes on where this one was.

    \b
      foyer tools run our-wiki
      foyer tools run our-wiki --sweep
      foyer tools run our-wiki --dry-run
    """
    mode = Mode.SWEEP if sweep else None
    try:
        done = run_harvest(
            _parts(portal), _connection(portal, tool), mode, dry=dry_run, asked_by="command line"
        )
    except Conflict as error:
        raise click.ClickException(str(error)) from error
    if dry_run:
        _show_samples(done)
    counts = ", ".join(f"{done.counts.get(name, 0):,} {name}" for name in _COUNTED)
    click.echo(f"{'Dry run' if dry_run else done.mode.capitalize()} {done.state}: {counts}.")
    if done.error:
        click.echo(str(done.error), err=True)
    if done.state not in _WELL:
        raise SystemExit(NOT_WELL)


@group.command()
@click.argument("tool")
@pass_portal
def check(portal: Portal, tool: str) -> None:
    """Try everything that a tool's connector claims, and print what works.

    \b
      foyer tools check our-wiki
    """
    probes = checking.check(_parts(portal), _connection(portal, tool))
    for probe in probes:
        click.echo(f"{'ok' if probe.ok else 'no'}  {probe.what}")
        if probe.why:
            click.echo(f"    {probe.why}")
    if not all(probe.ok or not probe.needed for probe in probes):
        raise SystemExit(NOT_WELL)


def _parts(portal: Portal) -> Parts:
    vault = Vault(portal.config.secret_key)
    return Parts(portal.database, vault, after_commit=portal.jobs.after_commit)


def _connection(portal: Portal, slug: str) -> int:
    """Return the connection of the tool with this slug; raise ClickException without one."""
    with portal.database.sessions() as session:
        found = session.scalar(
            select(Connection.id).join(Tool, Tool.id == Connection.tool_id).where(Tool.slug == slug)
        )
    if found is None:
        raise click.ClickException(f"There is no connected tool {slug}. See: foyer tools list")
    return found


def _show_samples(run: HarvestRun) -> None:
    """Print what a dry run found: samples of each fate, changes field by field."""
    for fate, samples in run.samples.items():
        click.echo(f"{fate.capitalize()}: {run.counts.get(fate, 0):,}")
        for one in samples if isinstance(samples, list) else ():
            _show_sample(one)


def _show_sample(sample: Mapping[str, object]) -> None:
    click.echo(f"  {sample.get('name')} ({sample.get('external_id')})")
    differences, problems = sample.get("differences"), sample.get("problems")
    for one in differences if isinstance(differences, list) else ():
        click.echo(f"      {one['field']}: {one['before']} → {one['after']}")
    for one in problems if isinstance(problems, list) else ():
        click.echo(f"      {one['field']}: {one['reason']}")

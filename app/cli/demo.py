"""The sample company, restored to the day it is loaded."""

import click

from app import clock
from app.cli import upkeep
from app.cli.portal import Portal, pass_portal
from app.demo import loader


@click.group(name="demo")
def group() -> None:
    """Look after the sample company."""


@group.command()
@click.option("--yes", is_flag=True, help="Also when other people are in the database.")
@pass_portal
def reset(portal: Portal, yes: bool) -> None:
    """Empty the database and load the sample company, with dates that count from today.

    Run 'foyer reindex' and 'foyer train' afterwards.
    """
    _only_where_switched_on(portal)
    now = clock.now()
    with portal.database.transaction() as session:
        others = loader.other_people(session)
        if others and not yes:
            raise click.UsageError(
                f"{others} people in this database are not of the sample company. "
                "They and all that belongs to them would be deleted; --yes says so."
            )
        loader.clear(session, now=now)
        loaded = loader.load(session, now=now)
    portal.jobs.follow_index_soon()
    click.echo(f"Loaded the sample company: {loaded}.")


@group.command()
@pass_portal
@click.pass_context
def prepare(context: click.Context, portal: Portal) -> None:
    """Make whatever is missing: tables, sample company, search index, trained model.

    What is there already stays, so that doing it again takes a moment.
    """
    _only_where_switched_on(portal)
    context.invoke(upkeep.migrate)
    with portal.database.transaction() as session:
        new = loader.is_empty(session)
        loaded = loader.load(session, now=clock.now()) if new else None
    if loaded:
        click.echo(f"Loaded the sample company: {loaded}.")
    if new or not portal.index.ready():
        context.invoke(upkeep.reindex)
    if new or portal.models.current() is None:
        context.invoke(upkeep.train, force=new)


def _only_where_switched_on(portal: Portal) -> None:
    if not portal.config.demo:
        raise click.UsageError("The sample company is for FOYER_DEMO=1 only.")

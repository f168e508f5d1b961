"""The sample company, restored to the day it is loaded."""

import click

from app import clock
from app.cli.portal import Portal, pass_portal
from app.demo import loader


@click.group(name="demo")
def group() -> None:
    """Look after the sample company."""


@group.command()
@click.option("--yes", is_flag=True, help="Also when other people are in the database.")
@click.option("--if-empty", is_flag=True, help="Do nothing unless the database is empty.")
@pass_portal
def reset(portal: Portal, yes: bool, if_empty: bool) -> None:
    """Empty the database and load the sample company, with dates that count from today.

    Run 'foyer reindex' and 'foyer train' afterwards.
    """
    if not portal.config.demo:
        raise click.UsageError("The sample company is for FOYER_DEMO=1 only.")
    now = clock.now()
    with portal.database.transaction() as session:
        if if_empty and not loader.is_empty(session):
            click.echo("The database is in use already; it stays as it is.")
            return
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

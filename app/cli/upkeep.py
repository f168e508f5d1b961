"""Keeping Foyer in order: tables, index, recommender, settings."""

import time
from dataclasses import replace

import click
from sqlalchemy.engine import make_url

from app import migrations
from app.catalogue.queries import all_item_ids
from app.cli.portal import Portal, pass_portal
from app.cli.progress import Said, bar
from app.config import Config, setting_names, variable
from app.db import Database
from app.foryou import running
from app.foryou.engines import ENGINES, taste_by
from recommender.history import Promotion
from recommender.spark import EngineError
from recommender.store import TrainingUnderWay

GO_ON = "'foyer train' goes on where it stood if you run it soon."


@click.command()
@pass_portal
def migrate(portal: Portal) -> None:
    """Bring the database's tables up to date; makes them the first time."""
    database = Database(portal.config.database_url)
    if migrations.is_current(database.engine):
        click.echo("The database is up to date.")
    else:
        migrations.upgrade(database.engine)
        click.echo("The database has been brought up to date.")
    database.close()


@click.command()
@pass_portal
def reindex(portal: Portal) -> None:
    """Build the search index anew, beside the one that serves.

    Searching goes on meanwhile. An interruption leaves the present index as it is.
    """
    began = time.monotonic()
    with portal.database.transaction() as session:
        total = len(all_item_ids(session))
        with bar("Indexing", total) as progress:
            count = portal.index.rebuild(session, progress)
    portal.database.analyse()
    click.echo(f"Indexed {count:,} items in {time.monotonic() - began:.1f} s.")


@click.command()
@click.option("--force", is_flag=True, help="Let the model serve even if it measures worse.")
@click.option("--engine", type=click.Choice(ENGINES), help="What factorises, if not as set.")
@click.option("--spark-url", help="Master of the Spark that trains, if not as set.")
@click.option("--spark-folder", help="Folder that its cluster and Foyer reach, if not as set.")
@pass_portal
def train(
    portal: Portal,
    force: bool,
    engine: str | None,
    spark_url: str | None,
    spark_folder: str | None,
) -> None:
    """Train the recommender on what people did.

    The model serves at once if it is not worse than the one that serves now, and than popularity
    within each role. Ctrl-C ends it: begun again soon, it goes on where it stood.
    """
    config = replace(
        portal.config,
        training_engine=engine or portal.config.training_engine,
        spark_url=spark_url or portal.config.spark_url,
        spark_folder=spark_folder or portal.config.spark_folder,
    )
    promotion = _trained(portal, config, force=force)
    word = "The new model serves" if promotion.accepted else "The model before it serves on"
    click.echo(f"{word}: {promotion.why}.")


def _trained(portal: Portal, config: Config, *, force: bool) -> Promotion:
    taste = taste_by(config)
    try:
        if taste is not None:
            taste.check()
        with running.ending_softly():
            return running.run(
                portal.database,
                portal.models,
                force=force,
                tell=Said(),
                engine=config.training_engine,
                taste=taste,
            )
    except EngineError as error:
        raise click.ClickException(f"{error} The model before it serves on.") from error
    except (running.Stopped, KeyboardInterrupt) as ended:
        raise click.ClickException(f"It has ended early. {GO_ON}") from ended
    except TrainingUnderWay as error:
        raise click.ClickException("Another training is under way.") from error


@click.command()
@pass_portal
def config(portal: Portal) -> None:
    """Print every setting as it stands; secrets are masked."""
    for name in setting_names():
        value = getattr(portal.config, name)
        shown = "" if value is None else str(value)
        click.echo(f"{variable(name)}={_masked(name, shown)}")


def _masked(name: str, value: str) -> str:
    if name == "secret_key":
        return "********"
    if name == "database_url":
        return make_url(value).render_as_string(hide_password=True)
    return value

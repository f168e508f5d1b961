"""What every command works with: the settings, and the parts that it asks for."""

from functools import cached_property

import click

from app import migrations
from app.config import Config
from app.db import Database
from app.discover.indexing import SearchIndex
from app.jobs import Jobs
from recommender.store import ModelStore


class Portal:
    """One Foyer as the command line sees it; each part is made when it is first asked for."""

    def __init__(self, config: Config) -> None:
        """Keep the settings."""
        self.config = config

    @cached_property
    def database(self) -> Database:
        """Return the database, all tables there; raise ClickException when they are not."""
        database = Database(self.config.database_url)
        if not migrations.is_current(database.engine):
            database.close()
            raise click.ClickException("The database is not up to date. Run: foyer migrate")
        return database

    @cached_property
    def index(self) -> SearchIndex:
        """Return the search index."""
        config = self.config
        return SearchIndex(config.index_dir, config.search_engine, config.semantic_dir)

    @cached_property
    def models(self) -> ModelStore:
        """Return the trained models."""
        return ModelStore(self.config.models_dir)

    @cached_property
    def jobs(self) -> Jobs:
        """Return the job queue."""
        return Jobs(self.config)

    def close(self) -> None:
        """Give back what was opened."""
        opened = vars(self)
        for name in ("database", "index"):
            if name in opened:
                opened[name].close()


pass_portal = click.make_pass_decorator(Portal)

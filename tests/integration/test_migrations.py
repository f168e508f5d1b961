"""Migrations: they make what the models say, forwards and back, on both databases."""

import pytest
from alembic import command
from sqlalchemy import inspect

from app import migrations
from app.db import Base, Database


@pytest.fixture(params=["sqlite", "postgresql"])
def blank(request, tmp_path):
    """Return an empty database of each kind."""
    if request.param == "sqlite":
        database = Database(f"sqlite:///{tmp_path}/blank.db")
        yield database
    else:
        url = request.getfixturevalue("postgresql_url")
        _make_again(Database(url), "blank")
        database = Database(url.replace("/postgres?", "/blank?"))
        yield database
    database.close()


def _make_again(server, name):
    engine = server.engine.execution_options(isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(f"DROP DATABASE IF EXISTS {name}")
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    server.close()


def test_it_makes_exactly_the_tables_of_the_models(blank):
    migrations.upgrade(blank.engine)
    with blank.engine.begin() as connection:
        command.check(migrations._config(connection))


def test_it_goes_back_to_nothing(blank):
    migrations.upgrade(blank.engine)
    migrations.downgrade(blank.engine)
    assert set(inspect(blank.engine).get_table_names()) <= {"alembic_version"}


def test_it_knows_whether_the_tables_are_current(blank):
    before = migrations.is_current(blank.engine)
    migrations.upgrade(blank.engine)
    assert (before, migrations.is_current(blank.engine)) == (False, True)


def test_it_names_every_constraint():
    unnamed = [
        table.name
        for table in Base.metadata.tables.values()
        for constraint in table.constraints
        if constraint.name is None
    ]
    assert unnamed == []

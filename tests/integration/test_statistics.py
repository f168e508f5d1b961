"""The database plans by what is in it: statistics are there after it has looked at its rows."""

from sqlalchemy import text

from tests.support.factories import Factory


def test_it_knows_its_rows_after_looking_at_them(sqlite):
    with sqlite.transaction() as session:
        Factory(session).role("planner")
    sqlite.analyse()
    with sqlite.engine.connect() as connection:
        known = connection.execute(text("SELECT tbl FROM sqlite_stat1")).scalars().all()
    assert "role" in known


def test_it_looks_at_its_rows_on_postgresql_too(postgresql):
    postgresql.analyse()
    with postgresql.engine.connect() as connection:
        looked = text("SELECT last_analyze FROM pg_stat_user_tables WHERE relname = 'person'")
        assert connection.execute(looked).scalar()

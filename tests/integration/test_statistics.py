"""The database plans by what is in it: statistics are there after it has looked at its rows."""

from sqlalchemy import insert, text

from app.models import Item, audience_of
from tests.support.factories import NOW, Factory


def test_it_knows_its_rows_after_looking_at_them(sqlite):
    with sqlite.transaction() as session:
        Factory(session).role("planner")
    sqlite.analyse()
    with sqlite.engine.connect() as connection:
        known = connection.execute(text("SELECT tbl FROM sqlite_stat1")).scalars().all()
    assert "role" in known


def test_it_knows_that_nearly_all_rows_share_a_value(sqlite):
    with sqlite.transaction() as session:
        tool, audience = Factory(session).tool().id, audience_of(session).id
        rows = [
            {
                "tool_id": tool,
                "external_id": str(number),
                "kind": "course",
                "title": "Pumps",
                "url": "https://pumps.example.org",
                "audience_id": audience,
                "locked": [],
                "content_hash": "",
                "created_at": NOW,
                "updated_at": NOW,
            }
            for number in range(1500)
        ]
        session.execute(insert(Item), rows)
    sqlite.analyse()
    with sqlite.engine.connect() as connection:
        wanted = text("SELECT stat FROM sqlite_stat1 WHERE idx = 'ix_item_status_kind'")
        assert connection.execute(wanted).scalar() == "1500 1500 1500"


def test_it_looks_at_its_rows_on_postgresql_too(postgresql):
    postgresql.analyse()
    with postgresql.engine.connect() as connection:
        looked = text("SELECT last_analyze FROM pg_stat_user_tables WHERE relname = 'person'")
        assert connection.execute(looked).scalar()

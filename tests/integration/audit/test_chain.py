"""Appending to the audit log and finding out whether it is as it was written."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text
from sqlalchemy.exc import DatabaseError

from app.audit import verify as verifying
from app.audit.content import content_hash
from app.audit.service import Event, append
from app.audit.verify import Anchor, verify
from app.models import AuditEntry
from tests.support.emptying import guard, unguard
from tests.support.factories import NOW

FIXED = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
DETAILS = st.dictionaries(
    st.text(max_size=8),
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
        max_leaves=6,
    ),
    max_size=4,
)


def test_it_numbers_without_a_gap_whoever_writes_at_the_same_time(log):
    def write(writer):
        for number in range(10):
            log.add(f"test.{writer}", subject=str(number))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(write, range(8)))
    assert (log.verdict().good, log.verdict().count) == (True, 80)


def test_it_leaves_no_gap_when_a_change_is_taken_back(log):
    log.add("test.one")
    with log.database.sessions() as session:
        append(session, [Event(action="test.lost", actor="Ada")] * 3, now=NOW)
        session.rollback()
    log.add("test.two")
    assert (log.verdict().good, log.verdict().count) == (True, 2)


@FIXED
@given(details=DETAILS, words=st.text(max_size=30), when=st.timedeltas(timedelta(), timedelta(1)))
def test_it_stores_exactly_what_it_hashed(session, details, words, when):
    event = Event(action="test.any", actor=words, subject=words, request_id=words, details=details)
    append(session, [event, event], now=NOW + when)
    session.expire_all()
    assert verify(session).good


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_entry SET actor = 'Eve' WHERE number = 1",
        "UPDATE audit_entry SET actor = actor",
        "DELETE FROM audit_entry WHERE number = 1",
        "DELETE FROM audit_entry",
    ],
)
def test_it_is_not_changed_by_a_statement(log, statement):
    log.add("test.one", "test.two")
    with pytest.raises(DatabaseError, match="only grows"), log.database.engine.begin() as raw:
        raw.exec_driver_sql(statement)
    assert (log.verdict().good, log.verdict().count) == (True, 2)


def test_it_is_not_replaced_on_sqlite(sqlite):
    with sqlite.transaction() as session:
        append(session, [Event(action="test.one", actor="Ada")], now=NOW)
    columns = "number, at, action, outcome, actor, subject, address, request_id, details"
    copied = f"SELECT {columns}, hash, hash FROM audit_entry"
    replaced = f"INSERT OR REPLACE INTO audit_entry ({columns}, previous_hash, hash) {copied}"
    with pytest.raises(DatabaseError, match="only grows"), sqlite.engine.begin() as raw:
        raw.exec_driver_sql(replaced)


OTHER = {
    "at": NOW + timedelta(microseconds=1),
    "action": "test.other",
    "outcome": "refused",
    "actor_id": 8,
    "actor": "Eve",
    "subject": "",
    "address": "10.0.0.1",
    "request_id": "f00",
    "details": {"count": 3, "of": ["é", 1.5]},
    "previous_hash": "1" * 64,
    "hash": "2" * 64,
}


@pytest.fixture(params=["sqlite", "postgresql"])
def filled(request):
    """Return a database with twelve entries, unguarded, within a transaction taken back later."""
    database = request.getfixturevalue(request.param)
    with database.engine.connect() as connection:
        outer = connection.begin()
        session = database.sessions(bind=connection, join_transaction_mode="create_savepoint")
        details = {"count": 2, "of": ["é", 1.5], "nested": {"a": {"b": [None, True]}}}
        event = Event(
            action="test.one",
            actor="Ada",
            actor_id=7,
            subject="x",
            address="127.0.0.1",
            request_id="abc",
            details=details,
        )
        append(session, [event] * 12, now=NOW)
        session.commit()
        unguard(connection)
        yield session
        session.close()
        outer.rollback()


@pytest.mark.parametrize("number", [1, 6, 12])
@pytest.mark.parametrize("column", OTHER)
def test_it_finds_any_changed_value_and_names_its_entry(filled, column, number):
    change = AuditEntry.__table__.update().where(AuditEntry.number == number)
    filled.execute(change.values({column: OTHER[column]}))
    assert verify(filled).broken == number


def test_it_finds_a_changed_entry_whose_hash_was_made_to_fit(filled):
    row = filled.get(AuditEntry, 5)
    row.actor = "Eve"
    row.hash = content_hash(row)
    filled.flush()
    assert verify(filled).broken == 6


@FIXED
@given(details=DETAILS)
def test_it_finds_any_other_details(filled, details):
    row = filled.get(AuditEntry, 5, populate_existing=True)
    same = json.dumps(row.details, sort_keys=True) == json.dumps(details, sort_keys=True)
    kept = filled.begin_nested()
    try:
        stored = json.dumps(details).replace("NaN", "null").replace("Infinity", "0")
        change = text("UPDATE audit_entry SET details = :details WHERE number = 5")
        if filled.get_bind().dialect.name == "postgresql":
            change = text(
                "UPDATE audit_entry SET details = CAST(:details AS json) WHERE number = 5"
            )
        filled.execute(change, {"details": stored})
        assert verify(filled).broken == (None if same else 5)
    finally:
        kept.rollback()


@pytest.mark.parametrize("number", [1, 5, 12])
def test_it_finds_a_missing_entry(filled, number):
    filled.execute(AuditEntry.__table__.delete().where(AuditEntry.number == number))
    verdict = verify(filled)
    assert (verdict.broken, verdict.count) == (number, number - 1)
    assert "missing" in verdict.why


def test_it_finds_a_missing_tail(filled):
    filled.execute(AuditEntry.__table__.delete().where(AuditEntry.number > 8))
    assert verify(filled).broken == 9


def test_it_finds_entries_in_another_order(filled):
    for old, new in ((4, 99), (5, 4), (99, 5)):
        change = AuditEntry.__table__.update().where(AuditEntry.number == old)
        filled.execute(change.values(number=new))
    assert verify(filled).broken == 4


@pytest.mark.parametrize("number", [0, -3, 13, 50])
def test_it_finds_an_entry_beside_the_chain(filled, number):
    copy = filled.execute(select(AuditEntry.__table__)).mappings().first()
    filled.execute(AuditEntry.__table__.insert().values({**copy, "number": number}))
    assert verify(filled).broken == number


@pytest.mark.parametrize("values", ["number = 11", "number = 13", f"hash = '{'3' * 64}'"])
def test_it_finds_a_changed_head(filled, values):
    filled.execute(text(f"UPDATE audit_head SET {values}"))
    assert verify(filled).broken in {11, 12, 13}


def test_it_finds_a_lost_head(filled):
    filled.execute(text("DELETE FROM audit_head"))
    assert not verify(filled).good


@pytest.mark.parametrize(
    ("column", "value"),
    [("details", "{"), ("details", '{"a": "\\ud800"}'), ("details", "[" * 2000), ("at", "noon")],
)
def test_it_names_an_entry_that_cannot_even_be_read(sqlite, column, value):
    with sqlite.transaction() as session:
        append(session, [Event(action="test.one", actor="Ada")] * 30, now=NOW)
    with sqlite.engine.begin() as raw:
        unguard(raw)
        change = text(f"UPDATE audit_entry SET {column} = :value WHERE number = 23")
        raw.execute(change, {"value": value})
    with sqlite.transaction() as session:
        verdict = verify(session)
    assert (verdict.broken, verdict.count, verdict.why) == (23, 22, "it cannot be read")


def test_it_finds_a_log_written_anew_by_its_anchor(log):
    log.add("test.one", "test.two")
    kept = log.verdict().head
    log.add("test.three")
    assert log.verdict(kept).good
    _write_anew(log)
    assert (log.verdict().good, log.verdict(kept).broken) == (True, 2)


def test_it_finds_a_tail_cut_with_its_head_by_the_anchor(log):
    log.add("test.one")
    one = log.verdict().head
    log.add("test.two")
    two = log.verdict().head
    with log.database.engine.begin() as raw:
        unguard(raw)
        raw.exec_driver_sql("DELETE FROM audit_entry WHERE number = 2")
        raw.execute(text("UPDATE audit_head SET number = 1, hash = :hash"), {"hash": one.hash})
        guard(raw)
    assert (log.verdict(one).good, log.verdict(two).broken) == (True, 2)


def _write_anew(log):
    """Forge the whole log as somebody could who may write to the database."""
    with log.database.engine.begin() as raw:
        unguard(raw)
        raw.exec_driver_sql("DELETE FROM audit_entry")
        raw.execute(text("UPDATE audit_head SET number = 0, hash = :none"), {"none": "0" * 64})
        guard(raw)
    log.add("test.one", "test.forged", "test.three")


def test_it_reads_no_more_than_a_batch_at_once(filled, monkeypatch):
    monkeypatch.setattr(verifying, "BATCH", 5)
    assert (verify(filled).good, verify(filled).count) == (True, 12)


@pytest.mark.parametrize("bad", ["", "12", "12:", "12:abc", f"-1:{'0' * 64}", f"²:{'0' * 64}"])
def test_it_reads_no_anchor_out_of_anything_else(bad):
    with pytest.raises(ValueError, match="anchor"):
        Anchor.parse(bad)

"""Takes every row away again after a test that commits to a database which others share."""

from sqlalchemy import update

from app.db import Base
from app.models import AuditHead
from app.models.audit import NO_ENTRY

_GUARDS = ("audit_entry_no_update", "audit_entry_no_delete", "audit_entry_no_replace")


def unguard(connection):
    """Take away what keeps the audit log from changing; on PostgreSQL until `guard`."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("ALTER TABLE audit_entry DISABLE TRIGGER USER")
    else:
        for name in _GUARDS:
            connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {name}")


def guard(connection):
    """Let the audit log only grow again (PostgreSQL; a SQLite database is one test's own)."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("ALTER TABLE audit_entry ENABLE TRIGGER USER")


def empty(database):
    """Delete every row; the audit log begins anew."""
    with database.engine.begin() as connection:
        unguard(connection)
        for table in reversed(Base.metadata.sorted_tables):
            if table is not AuditHead.__table__:
                connection.execute(table.delete())
        connection.execute(update(AuditHead).values(number=0, hash=NO_ENTRY))
        guard(connection)

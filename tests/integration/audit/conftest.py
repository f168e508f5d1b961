"""An audit log whose entries are committed, and taken away again."""

import pytest

from app.audit.service import Event, append
from app.audit.verify import verify
from tests.support.emptying import empty
from tests.support.factories import NOW


class Log:
    """The audit log of one database."""

    def __init__(self, database):
        self.database = database

    def add(self, *actions, **values):
        """Append entries in a transaction of their own."""
        with self.database.transaction() as session:
            written = [Event(action=action, actor="Ada", **values) for action in actions]
            append(session, written, now=NOW)

    def verdict(self, anchor=None):
        """Return what checking the log says now."""
        with self.database.transaction() as session:
            return verify(session, anchor)


@pytest.fixture
def log(database):
    """Return the log of each kind of database in turn; none of its entries stay."""
    yield Log(database)
    empty(database)

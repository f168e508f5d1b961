"""Link checks with a clock of their own, whose waits take no time."""

import datetime as dt

from sqlalchemy import select

from app.harvest.reaching import Parts, over_the_network
from app.links import due
from app.links.checking import Checker, check_due
from app.links.checking import over_the_network as by_address
from app.models import Item, LinkCheck
from app.vault import Vault
from tests.support.factories import NOW


class Checking:
    """Checks links of one database; `now` moves on by what is slept, and by what a test adds."""

    def __init__(self, database, **parts):
        self.database = database
        self.now = NOW
        self.slept = 0.0
        self.ending = False
        self.others = {"make_http": over_the_network} | parts
        self.make_client = by_address
        self.budget = dt.timedelta(days=1)

    def sleep(self, seconds):
        self.slept += seconds
        self.now += dt.timedelta(seconds=seconds)

    @property
    def checker(self):
        parts = Parts(
            self.database,
            Vault("secret"),
            now=lambda: self.now,
            ending=lambda: self.ending,
            **self.others,
        )
        return Checker(
            parts,
            sleep=self.sleep,
            chance=lambda _low, _high: 0.0,
            make_client=lambda hosts: self.make_client(hosts),
            budget=self.budget,
        )

    def check(self, **later):
        """Check what is due after some time has passed; return what was found."""
        self.now += dt.timedelta(**later)
        return check_due(self.checker)

    def enrol(self):
        """Let all links be known, and due now."""
        with self.database.transaction() as session:
            due.enrol(session, now=self.now)
        self.all_due()

    def all_due(self):
        """Let every link be due now."""
        with self.database.transaction() as session:
            for row in session.scalars(select(LinkCheck)):
                row.next_at = self.now

    def rows(self):
        """Return the checks by the ids of the items in their tools."""
        with self.database.sessions() as session:
            found = select(Item.external_id, LinkCheck).join(LinkCheck)
            return dict(map(tuple, session.execute(found)))

    def states(self):
        """Return the states by the ids of the items in their tools."""
        return {external_id: row.state for external_id, row in self.rows().items()}

    def addresses(self):
        """Return the addresses by the ids of the items in their tools."""
        with self.database.sessions() as session:
            return dict(map(tuple, session.execute(select(Item.external_id, Item.url))))

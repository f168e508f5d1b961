"""A GET changes nothing, nor does a HEAD or a browser that fetches ahead (ASVS 5.0, 3.5).

Every route of the portal is asked for, and the rows of every table are compared. What may write is
listed here, and in docs/security.md with its reason.
"""

import pytest
from sqlalchemy import MetaData, text

AWAY = {one: {"pending_sign_in"} for one in ("saml.start", "oidc.start", "identity.try_out")}
AWAY["lti.pick"] = {"lti_launch", "tool_account"}
LAUNCH = {"activity.go": {"activity"}}
FEED = {"calendar.feed": {"calendar_feed"}}  # that it was read, for its owner to see
TOLD = {"mydata.callback": {"audit_entry", "audit_head"}}  # a return that nobody waits for
REFUSALS = {"audit_entry", "audit_head", "sign_in_record"}
AHEAD = {"Sec-Purpose": "prefetch;prerender", "Purpose": "prefetch"}


class Rows:
    """Tells which tables a request changed; reads them only when the file says that any did."""

    def __init__(self, engine):
        self._connection = engine.connect()
        tables = MetaData()
        tables.reflect(engine)
        self._tables = sorted(tables.tables)
        self._version, self._held = self._now(), self._read()

    def changed(self):
        """Return the names of the tables that have changed since the last call."""
        version = self._now()
        if version == self._version:
            return set()
        before, self._held, self._version = self._held, self._read(), version
        return {name for name in self._tables if before[name] != self._held[name]}

    def close(self):
        self._connection.close()

    def _now(self):
        self._connection.rollback()
        return self._connection.execute(text("PRAGMA data_version")).scalar()

    def _read(self):
        return {
            name: sorted(map(repr, self._connection.execute(text(f'SELECT * FROM "{name}"'))))
            for name in self._tables
        }


@pytest.fixture
def rows(portal):
    rows = Rows(portal.app.extensions["foyer"].database.engine)
    yield rows
    rows.close()


def status_of(client, address, method="GET", headers=None):
    with client.http.open(address, method=method, headers=headers) as response:
        return response.status_code


def walk(portal, rows, client, method="GET", headers=None):
    """Return what each route wrote, the log of refusals apart, and the routes that answered."""
    written, answered = {}, set()
    for rule in portal.rules("GET"):
        status = status_of(client, portal.address(rule, "GET"), method, headers)
        found = rows.changed() - (REFUSALS if status >= 400 else set())
        written |= {rule.endpoint: found} if found else {}
        answered |= {rule.endpoint} if status < 400 else set()
    return written, answered


def test_it_writes_launches_and_sign_ins_under_way_and_nothing_else(portal, rows):
    written, answered = walk(portal, rows, portal.admin)
    assert written == AWAY | LAUNCH | FEED | TOLD
    # these want a message of the provider's or tool's or a token, which nobody sends here
    elsewhere = {"saml.sls", "oidc.callback", "scim.handle", "lti.auth"}
    assert answered == {rule.endpoint for rule in portal.rules("GET")} - elsewhere


@pytest.mark.parametrize(("method", "headers"), [("HEAD", {}), ("GET", AHEAD)])
def test_it_records_no_launch_for_looking_ahead(portal, rows, method, headers):
    written, _answered = walk(portal, rows, portal.admin, method, headers)
    assert written == AWAY


def test_it_writes_sign_ins_under_way_for_a_visitor_and_nothing_else(portal, rows):
    written, _answered = walk(portal, rows, portal.visitor)
    assert written == FEED | {one: AWAY[one] for one in ("saml.start", "oidc.start")}


def test_it_signs_nobody_out_by_a_link(portal, leaving, rows):
    for address in ("/sign-out", "/settings/sessions/end-others", "/settings/sessions/1/end"):
        assert status_of(portal.admin, address) == 405
    assert status_of(portal.visitor, f"/signed-out?ticket={leaving}") == 200
    assert rows.changed() == set()
    assert portal.admin.get("/settings").status == 200


def test_it_writes_when_a_token_was_used_and_nothing_else(portal, rows, scim_token):
    bearer = {"Authorization": f"Bearer {scim_token}"}
    for path in ("Users", "Groups", "Schemas", "ServiceProviderConfig"):
        assert status_of(portal.visitor, f"/scim/v2/{path}", headers=bearer) == 200
        assert rows.changed() <= {"scim_token"}

"""Whoever asks too often is asked to wait; nobody else is."""

from pathlib import Path

import pytest
from limits.storage import MemoryStorage

from app import events
from app.config import Config
from app.models import AuditEntry
from app.web import limits
from app.web.limits import LIMITS, WRITE, By, limit_of

DOCUMENTED = Path(__file__).parents[3] / "docs" / "sessions.md"
ALL = [*LIMITS.values(), WRITE]


class CountingStore(MemoryStorage):
    """A store that several processes could share."""

    STORAGE_SCHEME = ["counting"]  # noqa: RUF012


class BrokenStore(CountingStore):
    """A store that does not answer; it counts how often it was asked."""

    STORAGE_SCHEME = ["broken"]  # noqa: RUF012
    asked = 0

    def acquire_entry(self, *_args, **_options):
        BrokenStore.asked += 1
        raise ConnectionError("the store is away")


def test_it_is_what_the_documentation_says():
    lines = DOCUMENTED.read_text().splitlines()
    start = lines.index("| Group | Requests a minute | Counted by | Routes |") + 2
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[start:]]
    rows = {cell[0]: (int(cell[1]), cell[2]) for cell in cells[: cells.index([""])]}
    assert rows == {one.group: (one.amount, one.by.value) for one in ALL}


@pytest.fixture
def settings():
    """Return settings that differ from the usual ones; see `config`."""
    return {}


@pytest.fixture
def config(sqlite, tmp_path, settings):
    return Config.from_env(
        {
            "FOYER_DATA_DIR": str(tmp_path / "data"),
            "FOYER_SECRET_KEY": "for tests only",
            **settings,
        }
    )


@pytest.fixture(autouse=True)
def _few(monkeypatch):
    """Let three requests be as many as anybody may send."""
    few = {name: limits.Limit(one.group, 3, one.by) for name, one in LIMITS.items()}
    monkeypatch.setattr(limits, "LIMITS", few)
    monkeypatch.setattr(limits, "WRITE", limits.Limit("write", 3, By.PERSON))


@pytest.fixture
def heard():
    """Return a list of what is told about refusals."""
    heard = []

    def listen(_sender, **told):
        heard.append(told)

    events.too_many.connect(listen)
    yield heard
    events.too_many.disconnect(listen)


def statuses(count, ask):
    return [ask().status for _ in range(count)]


def link(visitor, **environ):
    return visitor.get("/sign-in/link/x", environ_base=environ)


def write(client):
    return client.post("/settings/theme", {"theme": "dark"})


def test_it_refuses_the_request_that_is_too_many(visitor):
    assert statuses(4, lambda: link(visitor)) == [404, 404, 404, 429]


def test_it_says_how_long_to_wait_in_plain_words(visitor):
    statuses(3, lambda: link(visitor))
    page = link(visitor)
    assert page.text("h1") == "A little slower, please"
    assert 0 < int(page.headers["Retry-After"]) <= 60
    assert "Content-Security-Policy" in page.headers


def test_it_answers_htmx_with_a_part_of_a_page(as_employee):
    statuses(3, lambda: as_employee.htmx("/discover", "results"))
    page = as_employee.htmx("/discover", "results")
    assert (page.status, page.html.lstrip().startswith("<!doctype")) == (429, False)


def test_it_answers_a_provisioning_system_in_its_own_words(visitor):
    statuses(3, lambda: visitor.get("/scim/v2/Users"))
    page = visitor.get("/scim/v2/Users")
    assert page.response.mimetype == "application/scim+json"
    assert (page.status, page.response.get_json(force=True)["status"]) == (429, "429")
    assert 0 < int(page.headers["Retry-After"]) <= 60


def test_it_counts_addresses_apart(visitor):
    statuses(4, lambda: link(visitor, REMOTE_ADDR="192.0.2.1"))
    assert link(visitor, REMOTE_ADDR="192.0.2.2").status == 404


def test_it_counts_a_network_of_ipv6_together(visitor):
    asked = [link(visitor, REMOTE_ADDR=f"2001:db8:0:1::{n}").status for n in range(4)]
    assert asked == [404, 404, 404, 429]
    assert link(visitor, REMOTE_ADDR="2001:db8:0:2::1").status == 404


@pytest.mark.parametrize("address", ["", "nonsense", "fe80::1%eth0", ":::"])
def test_it_takes_any_address(visitor, address):
    assert link(visitor, REMOTE_ADDR=address).status == 404


def test_it_does_not_believe_what_a_sender_says_of_its_address(visitor):
    asked = [
        visitor.get("/sign-in/link/x", headers={"X-Forwarded-For": f"192.0.2.{n}"}).status
        for n in range(4)
    ]
    assert asked[-1] == 429


def test_it_counts_people_apart_though_they_share_an_address(as_employee, as_curator):
    assert statuses(4, lambda: write(as_employee)) == [303, 303, 303, 429]
    assert write(as_curator).status == 303


def test_it_counts_every_unsafe_request_as_a_write(as_employee, app):
    unsafe = [
        (rule.endpoint, method)
        for rule in app.url_map.iter_rules()
        for method in rule.methods - {"GET", "HEAD", "OPTIONS"}
    ]
    assert all(limit_of(*one) is not None for one in unsafe)


def test_it_does_not_count_pages(as_employee):
    assert set(statuses(6, lambda: as_employee.get("/settings"))) == {200}


def test_it_counts_searches(as_employee):
    assert statuses(4, lambda: as_employee.get("/discover?q=x"))[-1] == 429


def test_it_tells_of_a_refusal_once_a_minute_for_each_sender(visitor, heard):
    statuses(6, lambda: link(visitor))
    statuses(5, lambda: link(visitor, REMOTE_ADDR="192.0.2.2"))
    assert heard == [{"group": "one-time link", "by": "address"}] * 2


def test_it_leaves_one_entry_in_the_audit_log(as_employee, session, employee):
    statuses(6, lambda: write(as_employee))
    entry = session.query(AuditEntry).one()
    assert (entry.action, entry.outcome, entry.actor_id) == (
        "access.too_many",
        "refused",
        employee.id,
    )


def test_it_names_only_routes_that_there_are(app):
    sample_only = {"sample.sign_in"}
    assert set(LIMITS) - sample_only <= {rule.endpoint for rule in app.url_map.iter_rules()}


class TestSwitchedOff:
    @pytest.fixture
    def settings(self):
        return {"FOYER_RATE_LIMITS": "0"}

    def test_it_refuses_nobody(self, visitor):
        assert 429 not in statuses(6, lambda: link(visitor))


class TestSharedStore:
    @pytest.fixture
    def settings(self):
        return {"FOYER_RATE_LIMIT_STORE": "counting://"}

    def test_it_refuses_the_request_that_is_too_many(self, visitor):
        assert statuses(4, lambda: link(visitor)) == [404, 404, 404, 429]
        assert 0 < int(link(visitor).headers["Retry-After"]) <= 60


class TestStoreThatIsDown:
    @pytest.fixture
    def settings(self):
        return {"FOYER_RATE_LIMIT_STORE": "broken://"}

    def test_it_lets_everybody_through_and_says_so(self, visitor, caplog):
        BrokenStore.asked = 0
        assert 429 not in statuses(6, lambda: link(visitor))
        assert "cannot be counted" in caplog.text
        assert BrokenStore.asked == 1, "it was asked again at once, which would slow requests down"

"""People's own accounts in tools: connected, asked with, renewed, forgotten."""

import datetime as dt
import threading
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from sqlalchemy import delete, select

from app.connectors.base import ErrorKind, SourceError
from app.errors import Untrusted
from app.harvest import live, own_accounts, own_tokens, service
from app.harvest.live import Said
from app.harvest.reaching import reached
from app.models import (
    Connection,
    Item,
    LoginSession,
    PendingAccount,
    Person,
    PersonalAccount,
)
from app.vault import Vault
from tests.support.factories import Factory
from tests.support.tools.authority import LASTS
from tests.support.tools.confluence import FakeConfluence
from tests.support.tools.contract import forms_of
from tests.support.tools.slack import FakeSlack
from tests.support.tools.teams import FakeTeams
from tests.support.tools.world import CANARY

HERE = "https://foyer.test/my-data/accounts/callback"
SECRETS = ("token", "client_secret", "accounts_client_secret")
BOTH = pytest.mark.parametrize("database", ["sqlite", "postgresql"], indirect=True)
LONG = dt.timedelta(seconds=20)


class Company:
    """A tool that trims by person, connected to a fake, and people who are signed in."""

    def __init__(self, harvesting, fake):
        self.harvesting, self.fake = harvesting, fake
        harvesting.handle = fake.handle
        settings = fake.settings()
        address = settings.pop("address")
        secrets = {name: settings.pop(name) for name in SECRETS if name in settings}
        self.connection_id = harvesting.connect(fake.kind, address, secrets, settings=settings)
        self.people = {}

    @property
    def parts(self):
        return self.harvesting.parts

    @property
    def connection(self):
        with self.harvesting.database.transaction() as session:
            found = session.get_one(Connection, self.connection_id)
            session.expunge_all()
            return found

    def person(self, name):
        """Return the ids of a person and of their session."""
        if name not in self.people:
            with self.harvesting.database.transaction() as session:
                person = Factory(session).person(name, email=f"{name}@example.org")
                moment = self.harvesting.now
                row = LoginSession(
                    token_hash=name,
                    person_id=person.id,
                    method="test",
                    started_at=moment,
                    last_seen_at=moment,
                    proved_at=moment,
                    expires_at=moment + dt.timedelta(days=1),
                )
                session.add(row)
                session.flush()
                self.people[name] = (person.id, row.id)
        return self.people[name]

    def leave(self, name):
        """Return the address at the tool to which a person leaves."""
        person_id, session_id = self.person(name)
        who = {"person_id": person_id, "session_id": session_id}
        with self.harvesting.database.transaction() as session:
            own_accounts.begin(session, self.parts, self.connection, **who)
        with self.harvesting.database.transaction() as session:
            return own_accounts.way_there(
                session, self.parts, self.connection, redirect_uri=HERE, **who
            )

    def come_back(self, address, name, session_of=None):
        """Bring back what the tool gave."""
        asked = {key: values[0] for key, values in parse_qs(urlsplit(address).query).items()}
        person_id, session_id = self.person(name)
        with self.harvesting.database.transaction() as session:
            back = own_accounts.take_back(
                session,
                self.parts,
                asked["state"],
                person_id=person_id,
                session_id=self.person(session_of)[1] if session_of else session_id,
            )
        connection = self.connection
        found = own_accounts.exchange(
            self.parts, connection, back, code=asked["code"], redirect_uri=HERE
        )
        with self.harvesting.database.transaction() as session:
            own_tokens.keep_new(session, self.parts, connection, person_id, found.grant, found.name)

    def forget(self, name):
        """Forget a person's account, after asking the tool to; return what the tool said."""
        who = {"person_id": self.person(name)[0], "connection_id": self.connection_id}
        told = own_accounts.revoke(self.parts, **who)
        with self.harvesting.database.transaction() as session:
            own_accounts.forget(session, **who)
        return told

    def connected(self, *names):
        """Let people connect the accounts that are called as they are."""
        for name in names:
            self.come_back(self.fake.authority.agree(self.leave(name), name), name)

    def ask(self, name, words="pump"):
        """Return what the tool says to a person who searches."""
        person_id = self.person(name)[0] if name else None
        [answer] = live.ask(
            self.parts,
            words,
            tokens=frozenset({"everyone"}),
            person_id=person_id,
            deadline=LONG,
        )
        return answer

    def seen(self, name):
        return sorted(f"{one.hit.title} {one.hit.summary}" for one in self.ask(name).found)

    def accounts(self):
        with self.harvesting.database.transaction() as session:
            rows = session.scalars(select(PersonalAccount).order_by(PersonalAccount.id)).all()
            session.expunge_all()
            return rows

    def account(self):
        [row] = self.accounts()
        return row

    def later(self, **time):
        self.harvesting.now += dt.timedelta(**time)


@pytest.fixture
def database(request):
    """Return a SQLite database; each kind in turn where a test asks for BOTH."""
    return request.getfixturevalue(getattr(request, "param", "sqlite"))


@pytest.fixture
def slack(harvesting):
    return Company(harvesting, FakeSlack())


@pytest.fixture
def confluence(harvesting):
    return Company(harvesting, FakeConfluence())


@pytest.fixture(params=[FakeConfluence, FakeSlack, FakeTeams])
def company(request, harvesting):
    return Company(harvesting, request.param())


class TestTheWayThereAndBack:
    @BOTH
    def test_an_account_is_kept_sealed_with_its_name(self, company):
        company.connected("ada")
        row = company.account()
        assert "ada" in row.name
        assert row.expires_at == company.harvesting.now + dt.timedelta(seconds=LASTS)
        assert not any(form in str(vars(row)) for form in forms_of(CANARY))
        assert CANARY in own_tokens.opened(company.parts.vault, row.tokens).access

    @BOTH
    def test_a_name_that_no_database_keeps_is_kept_as_far_as_it_goes(self, slack):
        name = "A\0da <b>&amp; " + "x" * 300
        slack.come_back(slack.fake.authority.agree(slack.leave("ada"), name), "ada")
        row = slack.account()
        assert row.name.startswith("Ada <b>")
        assert "<b>&amp; x" in row.name
        assert len(row.name) <= 200

    def test_nothing_on_the_way_is_kept_in_clear(self, slack):
        address = slack.leave("ada")
        state = parse_qs(urlsplit(address).query)["state"][0]
        with slack.harvesting.database.transaction() as session:
            row = vars(session.scalars(select(PendingAccount)).one())
        assert state not in str(row)

    @BOTH
    def test_a_state_is_good_once(self, slack):
        back = slack.fake.authority.agree(slack.leave("ada"), "ada")
        slack.come_back(back, "ada")
        with pytest.raises(Untrusted):
            slack.come_back(back, "ada")

    def test_a_state_is_of_one_person(self, slack):
        back = slack.fake.authority.agree(slack.leave("ada"), "ada")
        with pytest.raises(Untrusted):
            slack.come_back(back, "mallory")
        assert slack.accounts() == []
        slack.come_back(back, "ada")

    @BOTH
    def test_a_state_is_of_one_session(self, slack):
        back = slack.fake.authority.agree(slack.leave("ada"), "ada")
        with pytest.raises(Untrusted):
            slack.come_back(back, "ada", session_of="mallory")
        assert slack.accounts() == []

    def test_a_state_does_not_last(self, slack):
        back = slack.fake.authority.agree(slack.leave("ada"), "ada")
        slack.later(minutes=16)
        with pytest.raises(Untrusted):
            slack.come_back(back, "ada")

    def test_leaving_again_ends_the_way_before(self, slack):
        first = slack.fake.authority.agree(slack.leave("ada"), "ada")
        slack.leave("ada")
        with pytest.raises(Untrusted):
            slack.come_back(first, "ada")

    @BOTH
    def test_signing_out_ends_the_way_there_and_not_the_account(self, slack):
        slack.connected("ada")
        slack.leave("ada")
        with slack.harvesting.database.transaction() as session:
            session.execute(delete(LoginSession))
        with slack.harvesting.database.transaction() as session:
            assert session.scalars(select(PendingAccount)).all() == []
        assert slack.ask("ada").said is Said.ANSWERED

    def test_a_code_that_the_tool_does_not_take_leaves_nothing(self, slack):
        back = slack.fake.authority.agree(slack.leave("ada"), "ada")
        slack.fake.authority.codes.clear()
        with pytest.raises(SourceError) as caught:
            slack.come_back(back, "ada")
        assert slack.accounts() == []
        assert not any(form in repr(caught.value) for form in forms_of(CANARY))

    def test_another_account_of_the_person_takes_the_place_of_the_first(self, slack):
        slack.connected("ada")
        slack.come_back(slack.fake.authority.agree(slack.leave("ada"), "ada2"), "ada")
        assert "ada2" in slack.account().name

    def test_a_secret_key_that_has_changed_ends_the_way_back_in_words(self, slack):
        back = slack.fake.authority.agree(slack.leave("ada"), "ada")
        slack.harvesting.vault = Vault("another")
        with pytest.raises(Untrusted):
            slack.come_back(back, "ada")


class TestAsking:
    @BOTH
    def test_each_finds_what_they_alone_may_see(self, company):
        company.fake.say("Pump for Ada", "ada")
        company.fake.say("Pump for Grace", "grace")
        company.connected("ada", "grace")
        [ada], [grace] = company.seen("ada"), company.seen("grace")
        assert "for Ada" in ada
        assert "for Grace" in grace
        assert company.fake.searched == ["ada", "grace"]

    def test_without_an_account_it_is_named_and_not_asked(self, company):
        company.fake.say("Pump for Ada", "ada")
        company.connected("ada")
        before = len(company.fake.requests)
        for name in ("mallory", None):
            assert (company.ask(name).said, company.ask(name).found) == (Said.CONNECT, ())
        assert len(company.fake.requests) == before
        assert company.fake.searched == []

    def test_the_companys_token_is_never_shown_while_somebody_searches(self, company):
        company.connected("ada")
        own = own_tokens.opened(company.parts.vault, company.account().tokens)
        before = len(company.fake.requests)
        company.ask("ada")
        shown = {one.headers.get("Authorization") for one in company.fake.requests[before:]}
        assert shown == {f"Bearer {own.access}"}
        assert "the company" not in company.fake.searched

    def test_without_an_app_for_it_the_tool_is_not_named(self, slack):
        slack.connected("ada")
        with slack.harvesting.database.transaction() as session:
            row = session.get_one(Connection, slack.connection_id)
            row.settings = {**row.settings, "accounts_client_id": ""}
        assert live.ask(slack.parts, "pump", tokens=["everyone"], person_id=1) == []

    def test_what_the_catalogue_holds_for_others_stays_hidden(self, confluence):
        number = confluence.fake.say("Pump board", "ada")
        confluence.connected("ada")
        with confluence.harvesting.database.transaction() as session:
            make = Factory(session)
            tool = session.get_one(Connection, confluence.connection_id).tool_id
            hidden = make.item("Pump board", audience=["group:board"])
            make.item("Open to all")
            session.query(Item).update({"tool_id": tool})
            hidden.external_id = number
        assert confluence.seen("ada") == []

    def test_somebody_who_is_kept_out_is_not_asked_for(self, slack):
        slack.connected("ada")
        with slack.harvesting.database.transaction() as session:
            session.query(Person).update({"active": False})
        assert slack.ask("ada").said is Said.CONNECT
        assert slack.fake.searched == []

    def test_an_app_that_the_tool_does_not_know_is_nobodys_trouble(self, company):
        company.connected("ada")
        company.later(hours=2)
        with company.harvesting.database.transaction() as session:
            row = session.get_one(Connection, company.connection_id)
            wrong = company.parts.vault.seal("wrong-secret")
            row.secrets = {**row.secrets, "accounts_client_secret": wrong}
        assert company.ask("ada").said is Said.FAILED
        assert company.account().trouble == ""


class TestRenewing:
    def test_what_is_about_to_end_is_renewed_first(self, company):
        company.fake.say("Pump", "ada")
        company.connected("ada")
        before = company.account()
        company.later(seconds=LASTS - 30)
        company.fake.authority.expire()
        assert len(company.seen("ada")) == 1
        after = company.account()
        assert after.tokens != before.tokens
        assert after.expires_at == company.harvesting.now + dt.timedelta(seconds=LASTS)
        assert after.renewing_until is None

    def test_what_the_tool_ended_before_its_time_is_renewed_too(self, company):
        company.fake.say("Pump", "ada")
        company.connected("ada")
        company.fake.authority.expire()
        assert len(company.seen("ada")) == 1

    @BOTH
    def test_two_requests_at_once_renew_once(self, slack):
        slack.fake.say("Pump", "ada")
        slack.connected("ada")
        slack.later(hours=2)
        slack.fake.authority.expire()
        both, answer = threading.Barrier(2), slack.fake.answer
        slow = threading.Event()

        def slowly(request):
            if "token" in request.url.path or "oauth.v2" in request.url.path:
                slow.wait(0.2)
            return answer(request)

        slack.fake.answer = slowly
        seen = []

        def ask():
            both.wait(5)
            seen.append(slack.seen("ada"))

        threads = [threading.Thread(target=ask) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(20)
        assert [len(each) for each in seen] == [1, 1]
        grants = [form["grant_type"] for form in slack.fake.authority.spoken]
        assert grants.count("refresh_token") == 1
        assert slack.account().trouble == ""
        assert len(slack.seen("ada")) == 1

    @BOTH
    def test_a_lease_that_somebody_took_to_the_grave_ends(self, slack):
        slack.fake.say("Pump", "ada")
        slack.connected("ada")
        slack.later(hours=2)
        slack.harvesting.change(
            PersonalAccount, renewing_until=slack.harvesting.now - dt.timedelta(seconds=1)
        )
        assert len(slack.seen("ada")) == 1

    def test_a_tool_that_is_away_keeps_the_account_as_it_is(self, slack):
        slack.fake.say("Pump", "ada")
        slack.connected("ada")
        slack.later(hours=2)
        handle = slack.harvesting.handle
        slack.harvesting.handle = lambda _request: httpx.Response(503)
        assert slack.ask("ada").said is Said.FAILED
        row = slack.account()
        assert (row.trouble, row.renewing_until) == ("", None)
        slack.harvesting.handle = handle
        assert len(slack.seen("ada")) == 1

    @BOTH
    def test_when_the_tool_ends_it_for_good_the_person_has_to_connect_again(self, company):
        company.connected("ada")
        company.later(hours=2)
        company.fake.authority.withdraw()
        assert company.ask("ada").said is Said.CONNECT
        assert company.account().trouble
        spoken = len(company.fake.requests)
        assert company.ask("ada").said is Said.CONNECT
        assert len(company.fake.requests) == spoken
        company.connected("ada")
        assert company.account().trouble == ""
        assert company.ask("ada").said is Said.ANSWERED

    def test_a_token_without_a_refresh_token_is_given_up_when_it_no_longer_counts(self, slack):
        slack.fake.authority.lasts = None
        slack.connected("ada")
        assert slack.account().expires_at is None
        slack.fake.authority.withdraw()
        assert slack.ask("ada").said is Said.CONNECT
        assert slack.account().trouble

    def test_a_secret_key_that_has_changed_says_connect_again(self, harvesting, slack):
        slack.connected("ada")
        row, connection = slack.account(), slack.connection
        another = replace(slack.parts, vault=Vault("another"))
        with (
            reached(slack.parts, connection) as tool,
            pytest.raises(SourceError) as caught,
        ):
            own_tokens.ask_as(another, connection, tool, row.id, "pump", 10)
        assert caught.value.kind is ErrorKind.AUTH_EXPIRED
        assert slack.account().trouble


class TestForgetting:
    def test_the_tool_forgets_too_where_it_can(self, slack):
        slack.connected("ada")
        assert slack.forget("ada") is True
        assert slack.fake.authority.access == {}
        assert slack.accounts() == []

    def test_ours_is_gone_whatever_the_tool_does(self, company):
        company.connected("ada", "grace")
        company.harvesting.handle = lambda _request: httpx.Response(503)
        assert company.forget("ada") is False
        assert "grace" in company.account().name
        assert company.forget("ada") is False

    @BOTH
    def test_it_is_gone_with_the_person_and_with_the_connection(self, slack):
        slack.connected("ada", "grace")
        with slack.harvesting.database.transaction() as session:
            session.execute(delete(Person).where(Person.id == slack.person("ada")[0]))
        assert "grace" in slack.account().name
        with slack.harvesting.database.transaction() as session:
            row = session.get_one(Connection, slack.connection_id)
            service.disconnect(session, row, keep_items=True, now=slack.harvesting.now)
        assert slack.accounts() == []

    @pytest.mark.parametrize(
        "changed", [{"address": "https://other.slack.com"}, {"accounts_client_id": "another"}]
    )
    def test_it_is_gone_when_the_tool_is_another_or_the_app(self, slack, changed):
        slack.connected("ada")
        resettled(slack, **changed)
        assert slack.accounts() == []

    def test_it_stays_when_something_else_is_changed(self, slack):
        slack.connected("ada")
        resettled(slack)
        assert len(slack.accounts()) == 1

    def test_what_was_begun_before_the_tool_moved_is_not_kept(self, slack):
        back = slack.fake.authority.agree(slack.leave("ada"), "ada")
        before = slack.connection
        resettled(slack, address="https://other.slack.com")
        slack.__class__ = type("Old", (Company,), {"connection": before})
        with pytest.raises(SourceError):
            slack.come_back(back, "ada")
        assert slack.accounts() == []


def resettled(company, **changed):
    with company.harvesting.database.transaction() as session:
        row = session.get_one(Connection, company.connection_id)
        spec = company.fake.connector_class.spec
        service.resettle(
            session, company.parts.vault, row, spec, {**company.fake.settings(), **changed}
        )


def test_a_person_sees_the_tools_where_they_can_have_one(slack):
    person_id, _session = slack.person("ada")

    def listed():
        with slack.harvesting.database.transaction() as session:
            found = own_accounts.tools_of(session, slack.parts, person_id)
            return [(one.offered, bool(one.account)) for one in found]

    assert listed() == [(True, False)]
    slack.connected("ada")
    assert listed() == [(True, True)]
    slack.harvesting.change(Connection, enabled=False)
    assert listed() == [(False, True)]
    slack.forget("ada")
    assert listed() == []

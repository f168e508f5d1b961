"""Coming in as somebody else, or fresh without a proof, through a provider that is real."""

import time
from datetime import timedelta

import pytest

from app.auth import records
from app.models import (
    AuditEntry,
    GroupMember,
    Identity,
    IdentityProvider,
    LoginSession,
    PendingSignIn,
    Person,
    Purpose,
    SignInRecord,
)
from app.people import cleaning
from app.scim import service as scim
from tests.support.saml import flow

AMARA = "amara.okafor@example.org"
TRANSIENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:transient"
GIVES_ADMIN = {"rules": [{"field": "groups", "value": "x", "gives": "access", "name": "admin"}]}


@pytest.fixture
def row(session, provider):
    """Return the row of the SAML provider."""
    return session.query(IdentityProvider).filter_by(slug=provider.slug).one()


@pytest.fixture
def come_in(provider):
    """Return a function that takes a browser through the provider."""

    def came(client, **said):
        started = flow.start(client, provider.slug, "/library")
        return flow.come_back(client, started, provider.answer(started, **said))

    return came


@pytest.fixture
def reasons(session):
    """Return a function that gives why sign-ins were refused, as the audit log says it."""

    def given(action="auth.sign_in"):
        session.rollback()
        found = session.query(AuditEntry).filter_by(action=action, outcome="refused")
        return [entry.details["reason"] for entry in found.order_by(AuditEntry.number)]

    return given


@pytest.fixture
def admin(make, session):
    """Return an administrator who was appointed in Foyer and whom no provider knows."""
    person = make.person("Amara Okafor", email=AMARA, access="admin")
    session.commit()
    return person


def is_linked(session):
    session.rollback()
    return bool(session.query(Identity).count())


@pytest.mark.parametrize("appointed_by", ["", "a-provider-that-was-removed"])
def test_it_finds_no_administrator_by_address_alone(
    visitor, admin, session, come_in, reasons, appointed_by
):
    admin.access_from = appointed_by
    session.commit()
    page = come_in(visitor)
    assert page.status == 400
    assert "one-time link" in page.words
    assert reasons() == ["an administrator appointed elsewhere is not found by address alone"]
    assert not is_linked(session)
    assert session.query(LoginSession).count() == 0


def test_it_links_no_administrator_by_a_sign_in_however_it_began(admin, session, come_in, sign_in):
    assert come_in(sign_in(admin)).status == 400
    assert not is_linked(session)


@pytest.fixture
def tried(provider):
    """Return a function that lets a client try the provider out and gives the record's page."""

    def shown(client):
        started = flow.read_request(client.http.get(f"/admin/providers/{provider.slug}/try"))
        return flow.come_back(client, started, provider.answer(started)).location

    return shown


def test_it_links_an_administrator_who_has_tried_it_and_says_so(
    admin, session, tried, come_in, sign_in, visitor
):
    client = sign_in(admin)
    record = tried(client)
    assert f"{record}/link" in client.get(record).html
    assert not is_linked(session)
    assert client.post(f"{record}/link").status == 303
    assert come_in(visitor).location == "/library"


def test_it_links_no_administrator_to_what_another_tried(admin, make, session, tried, sign_in):
    record = tried(sign_in(admin))
    other = sign_in(make.person("Bea Boss", access="admin"))
    assert other.post(f"{record}/link").status == 409
    assert not is_linked(session)


def test_it_links_nothing_that_was_tried_long_ago(admin, session, tried, sign_in):
    client = sign_in(admin)
    record = tried(client)
    kept = session.query(SignInRecord).one()
    kept.at -= timedelta(minutes=31)
    session.commit()
    assert client.post(f"{record}/link").status == 409
    assert not is_linked(session)


def test_it_finds_an_administrator_whom_the_provider_may_appoint(
    admin, row, session, come_in, visitor
):
    row.mapping = GIVES_ADMIN
    session.commit()
    assert come_in(visitor, attributes={"mail": [AMARA], "groups": ["x"]}).status == 303
    assert is_linked(session)


@pytest.mark.parametrize("by_scim", [True, False])
def test_it_finds_an_administrator_whom_the_same_company_appointed(
    admin, row, session, come_in, visitor, moment, by_scim
):
    source = scim.add_client(session, "Entra", now=moment) if by_scim else row
    admin.access_from = source.slug
    session.commit()
    assert come_in(visitor).status == 303


def test_it_knows_nobody_by_a_name_that_passes(visitor, session, come_in, reasons):
    page = come_in(visitor, name_id_format=TRANSIENT)
    assert page.status == 400
    assert "persistent NameID" in page.words
    assert reasons() == ["the NameID is transient: the provider must send a persistent one"]
    assert session.query(Person).count() == 0


def test_it_says_in_a_try_that_names_must_last(admin, provider, sign_in):
    client = sign_in(admin)
    started = flow.read_request(client.http.get(f"/admin/providers/{provider.slug}/try"))
    answer = provider.answer(started, name_id_format=TRANSIENT)
    shown = client.get(flow.come_back(client, started, answer).location)
    assert "the provider must send a persistent one" in shown.words


@pytest.mark.parametrize(
    "name", ["Amara", "amara ", " amara", "ａmara", "amarа", "AMARA", "amara\u00ad", "ámara"]
)
def test_it_takes_another_spelling_of_a_name_for_nobody_it_knows(
    visitor, session, come_in, name, app
):
    assert come_in(visitor, name_id="amara").status == 303
    assert come_in(visitor, name_id=name).status == 400
    session.rollback()
    assert session.query(Identity).count() == 1


def test_it_uses_up_a_visit_to_a_provider_that_is_switched_off_meanwhile(
    visitor, provider, row, session
):
    started = flow.start(visitor, provider.slug)
    row.enabled = False
    session.commit()
    assert flow.come_back(visitor, started, provider.answer(started)).status == 400
    row.enabled = True
    session.commit()
    assert session.query(PendingSignIn).one().used_at is not None
    assert flow.come_back(visitor, started, provider.answer(started)).status == 400


def test_it_uses_up_a_visit_that_a_used_assertion_answers(visitor, provider, session):
    first = flow.start(visitor, provider.slug)
    assert flow.come_back(visitor, first, provider.answer(first, assertion_id="_a")).status == 303
    again = flow.start(visitor, provider.slug)
    assert flow.come_back(visitor, again, provider.answer(again, assertion_id="_a")).status == 400
    session.rollback()
    assert all(one.used_at for one in session.query(PendingSignIn))


def test_it_takes_a_sign_in_of_unknown_age_for_no_fresh_proof(
    make, session, sign_in, openid_provider
):
    admin = make.person(access="admin")
    silent = sign_in(admin, provider_id=openid_provider.id, subject="a")
    assert silent.post("/admin/train").location.startswith("/sign-in/prove")
    trained = sign_in(admin).post("/admin/train")
    assert trained.location.startswith("/admin/recommendations?")


def test_it_keeps_what_providers_proved_though_strangers_send_junk(session, row, moment):
    common = {"now": moment, "purpose": Purpose.SIGN_IN}
    records.keep(session, row.id, accepted=True, subject="amara", **common)
    for _ in range(records.KEPT + 5):
        records.keep(session, row.id, accepted=False, **common)
    kept = session.query(SignInRecord)
    assert kept.filter_by(subject="amara").count() == 1
    assert kept.filter_by(subject="").count() == records.KEPT


def test_it_ends_no_session_by_a_visit_of_another_person(visitor, come_in, session, moment):
    assert come_in(visitor).status == 303
    later = moment + timedelta(minutes=1)
    before = session.query(LoginSession).one().token_hash
    assert come_in(visitor, name_id="other", attributes={"mail": [AMARA]}).status == 400
    session.rollback()
    kept = session.query(LoginSession).one()
    assert kept.token_hash == before
    assert kept.expires_at > later


def test_it_lets_somebody_in_at_once_who_is_in_thousands_of_groups(visitor, row, session, provider):
    row.mapping = {"groups_as_they_are": True}
    session.commit()
    names = [f"g{number}" for number in range(2000)]
    started = flow.start(visitor, provider.slug)
    sent = {"mail": [AMARA], "groups": names, "roles": names[:300]}
    answer = provider.answer(started, attributes=sent)
    begun = time.process_time()
    assert flow.come_back(visitor, started, answer).status == 303
    assert time.process_time() - begun < 5
    assert session.query(GroupMember).count() == 2000


def test_it_reads_a_distinguished_name_of_white_space_at_once():
    begun = time.process_time()
    for _ in range(20):
        assert cleaning.name_in(f"a=x{' ' * 1900}x,b=y")
    assert time.process_time() - begun < 0.1

"""Whom a provider speaks of: by its own name for them, by address if it may, and nobody else."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from app.auth import pending, records
from app.auth.arrivals import Arrival, person_of
from app.auth.recognition import recognise
from app.errors import Untrusted
from app.models import Identity, IdentityProvider, Person, Purpose, SignInRecord
from tests.support.factories import NOW, Factory

ADMIN_RULE = {"field": "groups", "value": "admins", "gives": "access", "name": "admin"}


def provider_in(session, slug="entra", **values):
    values = {"email_domains": ["example.org"]} | values
    provider = IdentityProvider(
        slug=slug,
        name=slug.title(),
        protocol="saml",
        entity_id=f"https://{slug}.test",
        created_at=NOW,
        updated_at=NOW,
        **values,
    )
    session.add(provider)
    session.flush()
    return provider


def arrival(subject="ada-1", **attributes):
    sent = {"mail": "ada@example.org", "displayName": "Ada Byron"} | attributes
    values = {name: (value,) for name, value in sent.items() if value is not None}
    return Arrival(subject=subject, attributes=values, message_id="_1", fingerprint="ab")


@pytest.fixture
def provider(session):
    return provider_in(session)


@pytest.fixture
def come(session, provider):
    """Return a function that lets somebody come from the provider."""

    def came(*args, **attributes):
        return person_of(session, provider, arrival(*args, **attributes), now=NOW)

    return came


@pytest.fixture
def refused(session, provider):
    """Return a function that gives the sentence with which somebody is refused."""

    def sentence(*args, at=provider, **attributes):
        with pytest.raises(Untrusted) as refusal:
            person_of(session, at, arrival(*args, **attributes), now=NOW)
        assert refusal.value.reason
        return refusal.value.sentence

    return sentence


def test_it_adds_whom_nobody_knows_and_knows_them_next_time(session, come):
    ada = come()
    assert (ada.email, ada.name, ada.access) == ("ada@example.org", "Ada Byron", "employee")
    assert come() is ada
    assert session.scalar(select(Identity.subject)) == "ada-1"


def test_it_knows_somebody_by_subject_whatever_their_address(come):
    ada = come()
    assert come(mail="ada@elsewhere.test", displayName="Ada King") is ada
    assert (ada.email, ada.name) == ("ada@example.org", "Ada King")


def test_it_takes_subjects_to_the_letter(come, refused):
    come()
    assert "another way" in refused("ADA-1")


def test_it_finds_somebody_by_address_at_the_first_visit(make, come):
    ada = make.person("Ada", email="ada@example.org")
    assert come(mail="ADA@example.org") is ada
    assert ada.name == "Ada Byron"


@pytest.mark.parametrize("domains", [[], ["example.com"], ["ample.org"]])
def test_it_trusts_no_address_that_the_provider_may_not_speak_for(make, provider, refused, domains):
    make.person(email="ada@example.org")
    provider.email_domains = domains
    assert "may not sign in" in refused()


def test_it_lets_a_provider_speak_for_every_domain_if_so_set(provider, come):
    provider.email_domains = ["*"]
    assert come(mail="ada@else.test").email == "ada@else.test"


def test_it_still_knows_people_when_the_provider_speaks_for_no_domain(provider, come):
    ada = come()
    provider.email_domains = []
    assert come() is ada


def test_it_never_lets_a_second_provider_take_somebody_over(session, come, refused):
    come()
    other = provider_in(session, "other", email_domains=["*"])
    assert "another way" in refused("ada-1", at=other)
    assert "another way" in refused("evil", at=other)
    assert session.query(Identity).count() == 1


def test_it_never_gives_a_reused_address_the_old_account(come, refused):
    come()
    assert "another way" in refused("ada-2")


@pytest.mark.parametrize("word", ["false", "False", "0", ""])
def test_it_finds_and_adds_nobody_by_an_unproven_address(session, refused, word):
    assert "not verified" in refused(email_verified=word)
    assert session.query(Person).count() == 0


def test_it_takes_no_unproven_address_from_somebody_it_knows(come):
    ada = come(email_verified="true")
    come(mail="boss@example.org", email_verified="false")
    assert ada.email == "ada@example.org"


def test_it_lets_an_address_move_within_the_providers_domains(come):
    assert come() is come(mail="ada.king@example.org")
    assert come().email == "ada@example.org"


def test_it_refuses_an_address_that_has_become_somebody_elses(make, come, refused):
    come()
    make.person(email="ben@example.org")
    assert "somebody else" in refused(mail="ben@example.org")


@pytest.mark.parametrize("known", [True, False])
def test_it_refuses_whoever_has_left(make, come, refused, known):
    person = come() if known else make.person(email="ada@example.org")
    person.active = False
    assert "no longer" in refused()


def test_it_adds_nobody_when_the_provider_may_not(make, provider, come, refused):
    provider.creates_people = False
    assert "not in the directory yet" in refused()
    make.person(email="ada@example.org")
    assert come().email == "ada@example.org"


@pytest.mark.parametrize("subject", ["", "  ", "x" * 1025, "a\x00b", "a\nb", "\ud800"])
def test_it_refuses_a_subject_that_cannot_be_kept_whole(refused, subject):
    assert "who you are" in refused(subject)


@pytest.mark.parametrize("mail", [None, "", "nobody", "\u212aate@example.org"])
def test_it_refuses_somebody_new_without_an_address(refused, mail):
    assert "e-mail address" in refused(mail=mail)


def test_it_gives_access_by_rule_and_takes_it_back(provider, come):
    provider.mapping = {"rules": [ADMIN_RULE]}
    ada = come(groups="Admins")
    assert (ada.access, ada.access_from) == ("admin", "entra")
    assert come().access == "employee"


def test_it_says_when_the_mapping_cannot_be_used(provider, refused):
    provider.mapping = {"rules": "?"}
    assert "not set up" in refused()


def test_it_tells_what_a_visit_changed(session, provider, come):
    come()
    visit = recognise(session, provider, arrival(department="Sales"), now=NOW)
    assert [(one.field, one.after) for one in visit.taken.changes] == [("department", "Sales")]
    assert (visit.is_new, visit.is_first) == (False, False)


def test_it_notes_when_an_identity_was_last_used(session, provider, come):
    come()
    later = NOW.replace(hour=12)
    person_of(session, provider, arrival(), now=later)
    assert session.scalar(select(Identity.last_used_at)) == later


@pytest.fixture
def own_database(database):
    """Return a database whose commits are real, emptied again at the end."""
    yield database
    with database.transaction() as session:
        for table in (Identity, IdentityProvider, Person):
            session.query(table).delete()


@pytest.mark.parametrize("known", [True, False])
def test_it_lets_two_first_visits_at_once_agree_on_one_person(own_database, known):
    with own_database.transaction() as session:
        number = provider_in(session).id
        if known:
            Factory(session).person(email="ada@example.org")

    def visit(session, request_id):
        provider = session.get(IdentityProvider, number)
        pending.begin(session, provider, request_id=request_id, browser="b", next_url="/", now=NOW)
        return person_of(session, provider, arrival(), now=NOW).id

    def second_visit():
        with own_database.transaction() as session:
            return visit(session, "second")

    with ThreadPoolExecutor(1) as elsewhere:
        with own_database.transaction() as session:
            first = visit(session, "first")
            second = elsewhere.submit(second_visit)
            with pytest.raises(TimeoutError):
                second.result(timeout=0.3)
        assert second.result(timeout=10) == first
    with own_database.transaction() as session:
        assert session.query(Identity).count() == session.query(Person).count() == 1


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    sent=st.dictionaries(
        st.sampled_from(["mail", "displayName", "sn", "manager", "roles", "groups", "ou", "x"])
        | st.text(st.characters(codec=None), max_size=5),
        st.lists(st.text(st.characters(codec=None), max_size=120), max_size=3).map(tuple),
    ),
    subject=st.text(st.characters(codec=None), max_size=20),
)
def test_it_takes_or_refuses_whatever_a_provider_sends(session, provider, sent, subject):
    provider.mapping = {"groups_as_they_are": True}
    trial = session.begin_nested()
    for name, values in ((subject, sent), ("a", {"email": ("a@example.org",)} | sent)):
        came = Arrival(subject=name, attributes=values, message_id="_1", fingerprint="ab")
        with suppress(Untrusted):
            visit = recognise(session, provider, came, now=NOW)
            assert visit.person.access == "employee"
            records.keep(
                session,
                provider.id,
                now=NOW,
                purpose=Purpose.SIGN_IN,
                accepted=True,
                subject=name,
                received=values,
                made=records.as_made(visit.made, visit.taken),
            )
    trial.rollback()


def test_it_keeps_the_newest_records_of_each_provider(session, provider):
    other = provider_in(session, "other")
    values = {"now": NOW, "purpose": Purpose.SIGN_IN, "accepted": True}
    records.keep(session, other.id, **values)
    for number in range(records.KEPT + 2):
        records.keep(session, provider.id, subject=str(number), **values)
    subjects = session.scalars(
        select(SignInRecord.subject).where(SignInRecord.provider_id == provider.id)
    ).all()
    assert sorted(map(int, subjects)) == list(range(2, records.KEPT + 2))
    assert session.query(SignInRecord).filter_by(provider_id=other.id).count() == 1


def test_it_keeps_little_of_much_and_no_secrets():
    much = {f"a{number:03}": ["x" * 400] * 30 for number in range(200)}
    kept = records.capped(much)
    assert len(kept) == 100
    assert {len(values) for values in kept.values()} == {20}
    assert {len(value) for values in kept.values() for value in values} == {300}
    secrets = ["pw", "userPassword", "http://x.test/claims/pwd", "access_token", "client-secret"]
    assert set(map(tuple, records.capped({name: ["s3"] for name in secrets}).values())) == {
        ("(left out)",)
    }
    assert records.capped({"a\x00b": ["c\x00"]}) == {"a\ufffdb": ["c\ufffd"]}

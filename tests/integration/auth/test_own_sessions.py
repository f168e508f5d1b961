"""Sessions as their owner sees and ends them, and the way out to the provider."""

from datetime import timedelta

import pytest

from app.auth import contexts, departures, queries, service
from app.errors import NotFound
from app.models import Identity, LoginSession

LIFE = service.Lifetimes(idle=timedelta(hours=1), longest=timedelta(hours=3))


@pytest.fixture
def provider(make):
    return make.provider("contoso")


@pytest.fixture
def begin(session, now):
    """Return a function that begins a session of a person and returns its number."""

    def begun(person, at=now, **origin):
        token = service.start_session(
            session,
            person,
            method="test",
            user_agent="Firefox/1 Windows",
            lifetimes=LIFE,
            now=at,
            origin=service.Origin(**origin),
        )
        return service.viewer_of(session, token, now=at).session_id

    return begun


def test_it_lists_open_sessions_this_one_first(session, make, begin, provider, now):
    person = make.person()
    this = begin(person)
    begin(person, now - timedelta(hours=2))
    other = begin(person, now + timedelta(minutes=5), provider_id=provider.id)
    begin(make.person())
    shown = contexts.open_sessions(session, person.id, now=now, this=this)
    assert [(one.id, one.provider, one.is_this) for one in shown] == [
        (this, "", True),
        (other, "Contoso", False),
    ]


def test_it_ends_a_session_of_this_person_alone(session, make, begin):
    mine, theirs = make.person(), make.person()
    number = begin(theirs)
    with pytest.raises(NotFound):
        service.end_session_of(session, mine.id, number)
    service.end_session_of(session, theirs.id, number)
    assert session.query(LoginSession).count() == 0


def test_it_ends_all_sessions_but_one(session, make, begin):
    person = make.person()
    kept, _other = begin(person), begin(person)
    assert service.end_sessions_of(session, person.id, but=kept) == 1
    assert [row.id for row in session.query(LoginSession)] == [kept]


def test_it_never_takes_a_proof_back(session, make, begin, now):
    number = begin(make.person())
    for at in (now + timedelta(minutes=9), now - timedelta(days=1)):
        service.prove(session, number, at=at)
    assert session.get(LoginSession, number).proved_at == now + timedelta(minutes=9)


def test_it_counts_from_when_the_provider_saw_the_person(session, make, begin, provider, now):
    earlier = now - timedelta(hours=5)
    number = begin(make.person(), provider_id=provider.id, authenticated_at=earlier)
    assert session.get(LoginSession, number).proved_at == earlier


def test_it_believes_no_proof_from_the_future(session, make, begin, now):
    number = begin(make.person(), authenticated_at=now + timedelta(hours=5))
    assert session.get(LoginSession, number).proved_at == now


def test_it_knows_where_somebody_is_going_for_ten_minutes(session, make, begin, provider, now):
    number = begin(make.person(), provider_id=provider.id, subject="x")
    ticket, _provider = departures.begin(session, number, now=now)
    late = now + departures.LIFE
    assert departures.destination(session, ticket, now=now) is provider
    assert departures.destination(session, ticket, now=late) is None
    assert departures.destination(session, f"{ticket}x", now=now) is None


def test_it_goes_nowhere_from_a_session_of_our_own(session, make, begin, now):
    assert departures.begin(session, begin(make.person()), now=now) is None


def test_it_knows_the_providers_of_a_person_that_are_switched_on(session, make, provider, now):
    person, other = make.person(), make.person()
    session.add(
        Identity(
            provider_id=provider.id,
            subject="x",
            person_id=person.id,
            created_at=now,
            last_used_at=now,
        )
    )
    session.flush()
    assert queries.providers_of(session, person.id) == [provider]
    assert queries.providers_of(session, other.id) == []
    provider.enabled = False
    session.flush()
    assert queries.providers_of(session, person.id) == []

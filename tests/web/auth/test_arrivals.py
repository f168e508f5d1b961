"""Coming back from a provider: signed in, proved anew, tried out or refused, and what is kept."""

from datetime import timedelta

import pytest
from flask_login import login_user

from app.auth import arrivals, pending
from app.auth import service as auth
from app.auth.arrivals import Arrival
from app.errors import FoyerError, Untrusted
from app.models import (
    AuditEntry,
    Identity,
    IdentityProvider,
    LoginSession,
    PendingSignIn,
    Person,
    Purpose,
    SignInRecord,
)
from app.web.unit_of_work import db_session
from tests.support.factories import NOW
from tests.support.pages import PageClient

MINUTE = timedelta(minutes=1)
SENT = {"mail": ("ada@example.org",), "displayName": ("Ada Byron",), "title": ("Engineer",)}


@pytest.fixture
def provider(session):
    provider = IdentityProvider(
        slug="entra",
        name="Entra ID",
        protocol="saml",
        entity_id="https://entra.test",
        enabled=True,
        email_domains=["example.org"],
        created_at=NOW,
        updated_at=NOW,
    )
    session.add(provider)
    session.commit()
    return provider


@pytest.fixture
def ada(make, session):
    ada = make.person("Ada", email="ada@example.org")
    session.commit()
    return ada


@pytest.fixture
def token(session, ada):
    """Return the token of Ada's open session."""
    lifetimes = auth.Lifetimes(idle=24 * 60 * MINUTE, longest=24 * 60 * MINUTE)
    token = auth.start_session(
        session, ada, method="x", user_agent="x", lifetimes=lifetimes, now=NOW
    )
    session.commit()
    return token


@pytest.fixture
def open_session(session, token):
    """Return Ada's open session, in which she proved herself two hours ago."""
    found = session.query(LoginSession).filter_by(token_hash=auth.hashed(token)).one()
    found.proved_at = NOW - 120 * MINUTE
    session.commit()
    return found


@pytest.fixture
def ask(session, provider):
    """Return a function that sends a browser to the provider and gives the number of that."""

    def asked(purpose=Purpose.SIGN_IN, next_url="/discover?q=c%2B%2B", **values):
        row = pending.begin(
            session,
            provider,
            request_id=f"_{purpose}",
            browser="b",
            next_url=next_url,
            now=NOW,
            purpose=purpose,
        )
        for name, value in values.items():
            setattr(row, name, value)
        session.commit()
        return row.id

    return asked


@pytest.fixture
def come_back(app, session, provider):
    """Return a function that lets a browser come back, as the protocols do it."""

    def came(asked, attributes=SENT, during=arrivals.welcome, **values):
        values = {"subject": "ada-1", "message_id": "_m1", "fingerprint": "ab:cd"} | values
        arrival = Arrival(attributes=attributes, **values)
        with app.test_request_context("/saml/entra/acs", method="POST"):
            own = db_session()
            found = own.get(PendingSignIn, asked)
            found.used_at = NOW
            own.commit()
            try:
                answer = during(own.get(IdentityProvider, provider.id), found, arrival)
            except FoyerError as error:
                answer = app.handle_user_exception(error)
            answer = app.process_response(app.make_response(answer))
        session.expire_all()
        return answer

    return came


@pytest.fixture
def record(session):
    """Return a function that gives the only record."""
    return lambda: session.query(SignInRecord).one()


@pytest.fixture
def audit(session):
    """Return a function that gives the only entry of the audit log."""
    return lambda: session.query(AuditEntry).one()


def test_it_signs_in_and_goes_exactly_where_the_browser_wanted(app, ask, come_back):
    answer = come_back(ask())
    assert (answer.status_code, answer.location) == (303, "/discover?q=c%2B%2B")
    client = PageClient(app)
    cookie = answer.headers["Set-Cookie"].split(";")[0].partition("=")
    client.http.set_cookie(cookie[0], cookie[2])
    assert "Ada Byron" in client.get("/settings").words


@pytest.mark.parametrize("url", ["//evil.test", "https://evil.test/", "/\t/evil.test", "/\\evil"])
def test_it_goes_nowhere_else(ask, come_back, url):
    assert come_back(ask(next_url=url)).location == "/"


def test_it_keeps_what_the_provider_says_of_its_session(app, session, provider, ask, come_back):
    told = {"session_index": "s-1", "subject_format": "persistent", "id_token": "e30.e30.x"}
    hour_ago = NOW - 60 * MINUTE
    come_back(ask(), authenticated_at=hour_ago, ends_by=NOW + MINUTE, **told)
    kept = session.query(LoginSession).one()
    assert (kept.provider_id, kept.subject, kept.session_index) == (provider.id, "ada-1", "s-1")
    assert (kept.method, kept.proved_at, kept.expires_at) == ("Entra ID", hour_ago, NOW + MINUTE)
    assert kept.id_token_sealed != told["id_token"]
    assert app.extensions["foyer"].vault.open(kept.id_token_sealed) == told["id_token"]


def test_it_ends_the_session_that_was_open_in_that_browser(session, open_session, ask, come_back):
    come_back(ask(session_id=open_session.id))
    assert [row.method for row in session.query(LoginSession)] == ["Entra ID"]


def test_it_records_what_was_received_and_made(ask, come_back, record):
    come_back(ask())
    assert record().received == {name: list(values) for name, values in SENT.items()}
    made = record().made
    assert made["fields"] == {"email": "ada@example.org", "name": "Ada Byron"}
    assert made["origins"] == {"email": "mail", "name": "displayName"}
    assert (made["unread"], made["is_new"], made["access"]) == (["title"], True, None)
    assert {"field": "email", "before": "", "after": "ada@example.org"} in made["changes"]


def test_it_writes_who_came_how_into_the_audit_log(session, ask, come_back, audit):
    come_back(ask())
    entry = audit()
    assert (entry.action, entry.outcome, entry.actor) == ("auth.sign_in", "done", "Ada Byron")
    assert entry.actor_id == session.query(Person).one().id
    assert entry.details["provider"] == "entra"
    assert (entry.details["message"], entry.details["fingerprint"]) == ("_m1", "ab:cd")
    assert entry.details["changes"][0]["field"] == "email"


def test_it_refuses_with_a_page_a_record_and_an_entry(session, ask, come_back, record, audit):
    answer = come_back(ask(), attributes={"mail": ("ada@else.test",)})
    assert answer.status_code == 400
    assert "may not sign in people with your address" in answer.get_data(as_text=True)
    assert "domain" not in answer.get_data(as_text=True)
    assert (record().accepted, record().subject) == (False, "ada-1")
    assert "domain" in record().reason
    assert record().made["fields"] == {"email": "ada@else.test"}
    assert (audit().outcome, audit().details["reason"]) == ("refused", record().reason)
    assert audit().details["message"] == "_m1"
    assert session.query(Person).count() == session.query(LoginSession).count() == 0


def test_it_uses_up_the_sign_in_though_it_was_refused(session, ask, come_back):
    come_back(ask(), subject="")
    assert session.query(PendingSignIn).one().used_at == NOW


def test_it_refuses_a_session_that_is_over_already(session, ask, come_back):
    assert come_back(ask(), ends_by=NOW).status_code == 400
    assert session.query(LoginSession).count() == 0


def test_it_notes_a_refusal_once(session, ask, come_back):
    def twice(provider, found, arrival):
        try:
            return arrivals.welcome(provider, found, arrival)
        except Untrusted as refusal:
            arrivals.refuse(provider, refusal, pending=found)

    assert come_back(ask(), subject="", during=twice).status_code == 400
    assert session.query(SignInRecord).count() == session.query(AuditEntry).count() == 1


def test_it_notes_a_refusal_without_a_provider_or_an_arrival(session, ask, come_back, audit):
    def unread(_provider, _pending, _arrival):
        arrivals.refuse(None, Untrusted("No.", "not XML"), size=3)

    assert come_back(ask(), during=unread).status_code == 400
    assert audit().details == {"reason": "not XML", "size": 3}
    assert session.query(SignInRecord).count() == 0


def test_it_proves_the_reader_anew_in_the_session_that_asked(
    session, ada, open_session, ask, come_back, audit
):
    asked = ask(Purpose.STEP_UP, person_id=ada.id, session_id=open_session.id)
    assert come_back(asked).location == "/discover?q=c%2B%2B"
    kept = session.query(LoginSession).one()
    assert (kept.id, kept.proved_at) == (open_session.id, NOW)
    assert (audit().action, audit().outcome) == ("auth.prove", "done")


def test_it_gives_the_session_a_new_token_and_the_browser_that_token(
    session, ada, app, open_session, token, ask, come_back
):
    asked = ask(Purpose.STEP_UP, person_id=ada.id, session_id=open_session.id)
    answer = come_back(asked)
    carried = app.session_interface.get_signing_serializer(app).loads(
        next(one for one in answer.headers.getlist("Set-Cookie") if one.startswith("foyer="))
        .partition("=")[2]
        .partition(";")[0]
    )["_user_id"]
    now_good = session.query(LoginSession).one().token_hash
    assert (now_good == auth.hashed(carried), now_good == auth.hashed(token)) == (True, False)


@pytest.mark.parametrize(
    ("sentence", "values"),
    [
        ("somebody else", {"attributes": {"mail": ("eve@example.org",)}, "subject": "eve-1"}),
        ("did not ask you again", {"authenticated_at": NOW - 2 * MINUTE}),
    ],
)
def test_it_proves_nobody_else_and_nothing_old(
    session, ada, open_session, ask, come_back, audit, sentence, values
):
    asked = ask(Purpose.STEP_UP, person_id=ada.id, session_id=open_session.id)
    answer = come_back(asked, **values)
    assert answer.status_code == 400
    assert sentence in answer.get_data(as_text=True)
    assert session.query(LoginSession).one().proved_at < NOW
    assert session.query(Person).count() == 1
    assert (audit().action, audit().outcome) == ("auth.prove", "refused")


def test_it_takes_a_proof_from_just_before_it_was_asked_for(
    session, ada, open_session, ask, come_back
):
    asked = ask(Purpose.STEP_UP, person_id=ada.id, session_id=open_session.id)
    come_back(asked, authenticated_at=NOW - timedelta(seconds=59))
    assert session.query(LoginSession).one().proved_at == NOW - timedelta(seconds=59)


@pytest.mark.parametrize("over", ["ended", "expired", "another's"])
def test_it_proves_nothing_when_the_session_is_over(
    session, make, ada, open_session, ask, come_back, over
):
    asked = ask(Purpose.STEP_UP, person_id=ada.id, session_id=open_session.id)
    if over == "ended":
        session.delete(open_session)
    elif over == "expired":
        open_session.expires_at = NOW
    else:
        open_session.person_id = make.person().id
    session.commit()
    answer = come_back(asked)
    assert answer.status_code == 400
    assert "no longer signed in" in answer.get_data(as_text=True)


def test_it_remembers_the_session_from_which_a_browser_leaves(app, provider, token):
    with app.test_request_context("/"):
        own = db_session()
        reader = auth.viewer_of(own, token, now=NOW)
        login_user(reader)
        asked = {"request_id": "r", "browser": "b", "next_url": "/", "now": NOW}
        row = pending.begin(own, own.get(IdentityProvider, provider.id), **asked)
        assert row.session_id == reader.session_id


def test_it_tries_a_sign_in_and_changes_nothing(session, ada, ask, come_back, record):
    answer = come_back(ask(Purpose.TEST))
    assert answer.location.endswith(f"/{record().id}")
    assert "entra" in answer.location
    assert (record().accepted, record().purpose, record().person_id) == (True, "test", ada.id)
    assert record().made["changes"] == [
        {"field": "name", "before": "Ada", "after": "Ada Byron"},
    ]
    assert session.get(Person, ada.id).name == "Ada"
    assert session.query(Identity).count() == session.query(LoginSession).count() == 0


def test_it_tells_after_a_try_why_a_sign_in_would_be_refused(session, ask, come_back, record):
    answer = come_back(ask(Purpose.TEST), attributes={"mail": ("ada@else.test",)})
    assert answer.status_code == 303
    assert (record().accepted, "domain" in record().reason) == (False, True)
    assert record().made["fields"] == {"email": "ada@else.test"}
    assert session.query(Person).count() == 0


def test_it_says_after_a_try_that_somebody_would_be_added(session, ask, come_back, record):
    come_back(ask(Purpose.TEST))
    assert (record().made["is_new"], record().person_id) == (True, None)
    assert session.query(Person).count() == 0

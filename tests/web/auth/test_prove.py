"""Administrators show again who they are before they change something."""

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from app.config import Config
from app.demo import files
from app.models import Identity, LoginSession
from app.web.guard import ROUTES, STEP_UP
from tests.support.factories import NOW

ADMIN = next(one for one in files.load().people if one.access == "admin")


@pytest.fixture
def config(sqlite, tmp_path):
    return Config.from_env(
        {
            "FOYER_DATA_DIR": str(tmp_path / "data"),
            "FOYER_SECRET_KEY": "for tests only",
            "FOYER_DEMO": "1",
        }
    )


@pytest.fixture
def admin(make):
    return make.person(ADMIN.name, email=ADMIN.email, access="admin")


@pytest.fixture
def as_admin(sign_in, admin):
    return sign_in(admin)


@pytest.fixture
def signed_in_long_ago(session, as_admin):
    """Let the administrator have signed in half an hour and a minute ago."""

    def came_by(method, **values):
        row = session.query(LoginSession).one()
        row.proved_at, row.method = NOW - timedelta(minutes=31), method
        for name, value in values.items():
            setattr(row, name, value)
        session.commit()

    came_by("sample company")
    return came_by


@pytest.fixture
def provider(make):
    """Return an OpenID provider that is switched on."""
    return make.provider("contoso", protocol="oidc")


def asked(page):
    """Return the address to come back to if the page sends on to the question, else None."""
    parts = urlsplit(page.location or "")
    return parse_qs(parts.query)["next"][0] if parts.path == "/sign-in/prove" else None


def test_it_lets_who_has_just_signed_in_change_things(as_admin, app):
    as_admin.post("/admin/train")
    assert app.extensions["foyer-jobs"].waiting() == 1


def test_it_asks_before_a_change_and_changes_nothing(as_admin, app, signed_in_long_ago):
    page = as_admin.post("/admin/train", {"next": "/admin"})
    assert (page.status, asked(page)) == (303, "/admin")
    assert app.extensions["foyer-jobs"].waiting() == 0


def test_it_comes_back_to_the_page_that_sent_the_form(as_admin, signed_in_long_ago):
    referrer = "http://localhost/admin/people?q=zoe"
    page = as_admin.post("/admin/train", headers={"Referer": referrer})
    assert asked(page) == "/admin/people?q=zoe"


@pytest.mark.parametrize("wanted", ["https://evil.example", "//evil.example", "/\t/evil.example"])
def test_it_never_comes_back_elsewhere(as_admin, signed_in_long_ago, wanted):
    assert asked(as_admin.post("/admin/train", {"next": wanted})) == "/"


def test_it_tells_htmx_to_leave_for_the_question(as_admin, signed_in_long_ago):
    page = as_admin.post("/admin/train", {"next": "/admin"}, htmx_target="main")
    assert page.status == 200
    assert page.headers["HX-Redirect"].startswith("/sign-in/prove?next=")


def test_it_shows_pages_without_asking(as_admin, signed_in_long_ago):
    assert as_admin.get("/admin/people").status == 200


def test_it_does_not_ask_for_what_everybody_may_change(as_admin, signed_in_long_ago):
    assert as_admin.post("/settings/theme", {"theme": "dark"}).location == "/"


def test_it_asks_before_every_change_an_administrator_makes(app, as_admin, signed_in_long_ago):
    wanting = [
        rule
        for rule in app.url_map.iter_rules()
        if "POST" in rule.methods and ROUTES[rule.endpoint] in STEP_UP
    ]
    urls = app.url_map.bind("localhost")
    for rule in wanting:
        values = {name: 1 if "int" in str(rule) else "x" for name in rule.arguments}
        page = as_admin.post(urls.build(rule.endpoint, values, method="POST"))
        assert asked(page) is not None, rule.endpoint
    assert wanting


def test_it_asks_people_of_the_sample_company_by_a_button(as_admin, app, signed_in_long_ago):
    page = as_admin.get("/sign-in/prove?next=/admin/people")
    assert "Please show that it is you" in page.words
    form = page.all("form", action="/sign-in/sample/prove")[0]
    assert as_admin.post(form.get("action"), {"next": "/admin/people"}).location == "/admin/people"
    as_admin.post("/admin/train")
    assert app.extensions["foyer-jobs"].waiting() == 1


def test_it_takes_no_word_for_it_from_who_is_not_of_the_sample_company(make, sign_in, session):
    stranger = sign_in(make.person(access="admin"))
    before = session.query(LoginSession).one().proved_at
    assert stranger.post("/sign-in/sample/prove").status == 404
    session.expire_all()
    assert session.query(LoginSession).one().proved_at == before


def test_it_takes_no_word_for_it_in_a_session_that_a_provider_began(
    as_admin, signed_in_long_ago, provider, session
):
    signed_in_long_ago("oidc", provider_id=provider.id)
    assert as_admin.post("/sign-in/sample/prove").status == 404
    assert asked(as_admin.post("/admin/train")) is not None


def ways(page):
    """Return where the page's buttons lead."""
    return [link for link in page.links() if "/start" in link]


def test_it_sends_a_reader_to_the_provider_that_began_the_session(
    as_admin, signed_in_long_ago, provider
):
    signed_in_long_ago("oidc", provider_id=provider.id)
    page = as_admin.get("/sign-in/prove?next=/admin/people?q%3Dzoe")
    asked = parse_qs(urlsplit(ways(page)[0]).query)
    assert urlsplit(ways(page)[0]).path == "/oidc/contoso/start"
    assert asked == {"prove": ["1"], "next": ["/admin/people?q=zoe"]}


def test_it_sends_a_reader_who_came_by_link_to_their_provider(
    as_admin, signed_in_long_ago, provider, session, admin
):
    session.add(
        Identity(
            provider_id=provider.id,
            subject="x",
            person_id=admin.id,
            created_at=NOW,
            last_used_at=NOW,
        )
    )
    signed_in_long_ago("one-time link")
    assert len(ways(as_admin.get("/sign-in/prove"))) == 1


def test_it_says_how_to_get_a_new_link(as_admin, signed_in_long_ago):
    signed_in_long_ago("one-time link")
    assert f"foyer admin create --email {ADMIN.email}" in as_admin.get("/sign-in/prove").words


def test_it_does_not_send_anybody_to_a_provider_that_is_switched_off(
    as_admin, signed_in_long_ago, provider
):
    provider.enabled = False
    signed_in_long_ago("oidc", provider_id=provider.id)
    page = as_admin.get("/sign-in/prove")
    assert ways(page) == []
    assert "foyer admin create" in page.words

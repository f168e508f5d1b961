"""Signing in as somebody of the sample company, which exists only where it is switched on."""

import pytest

from app.config import Config
from app.demo import files
from app.models import AuditEntry
from tests.support.pages import PageClient

AMARA = next(one for one in files.load().people if one.sign_in and one.access == "employee")


@pytest.fixture
def config(request, sqlite, tmp_path):
    return Config.from_env(
        {
            "FOYER_DATA_DIR": str(tmp_path / "data"),
            "FOYER_SECRET_KEY": "for tests only",
            "FOYER_DEMO": getattr(request, "param", "1"),
        }
    )


@pytest.fixture
def amara(make, session):
    person = make.person(AMARA.name, email=AMARA.email, roles=[make.role("field-engineer")])
    session.commit()
    return person


@pytest.fixture
def without_the_sample_company(config):
    """Say that the test runs with FOYER_DEMO=0; see its `config` parameter."""
    return config


off = pytest.mark.parametrize("config", ["0"], indirect=True)


def test_it_offers_people_with_what_they_do(visitor, amara):
    page = visitor.get("/sign-in")
    assert AMARA.name in page.words
    assert AMARA.sign_in in page.words


def test_it_says_that_the_people_are_made_up(visitor, amara):
    assert "made up" in visitor.get("/sign-in").words


def test_it_offers_everybody_else_in_a_list(visitor, make, session, amara):
    other = next(one for one in files.load().people if not one.sign_in)
    make.person(other.name, email=other.email)
    session.commit()
    assert [option.startswith(other.name) for option in visitor.get("/sign-in").texts("option")]


def test_it_does_not_offer_people_who_are_not_of_the_sample_company(visitor, make, session):
    make.person("Real Person")
    session.commit()
    assert "Real Person" not in visitor.get("/sign-in").words


def test_it_says_how_to_load_the_sample_company_where_it_is_missing(visitor):
    assert "foyer demo reset" in visitor.get("/sign-in").words


def test_it_signs_in_and_goes_to_the_first_page(visitor, amara):
    page = visitor.post("/sign-in/sample", {"person_id": amara.id})
    assert (page.status, page.location) == (303, "/")


@pytest.mark.parametrize("address", ["/playlists", "/discover?q=C%2B%2B&kind=video&page=2"])
def test_it_goes_on_to_the_address_that_was_wanted(visitor, amara, address):
    sign_in = visitor.get("/sign-in", query_string={"next": address})
    carried = sign_in.all("input", name="next")[0].get("value")
    assert visitor.post("/sign-in/sample", {"person_id": amara.id, "next": carried}).location == (
        address
    )


@pytest.mark.parametrize("address", ["https://elsewhere.example", "//elsewhere.example", "/\\x"])
def test_it_never_goes_on_to_another_site(visitor, amara, address):
    form = {"person_id": amara.id, "next": address}
    assert visitor.post("/sign-in/sample", form).location == "/"


def test_it_refuses_to_be_somebody_who_is_not_of_the_sample_company(visitor, make, session):
    person = make.person("Real Person", access="admin")
    session.commit()
    assert visitor.post("/sign-in/sample", {"person_id": person.id}).status == 404


@pytest.mark.parametrize("number", ["", "0", "999999", "x", "1;2", "9" * 40])
def test_it_answers_404_for_a_number_that_is_nobodys(visitor, amara, number):
    assert visitor.post("/sign-in/sample", {"person_id": number}).status == 404


@off
def test_it_is_not_there_unless_it_is_switched_on(app, amara, without_the_sample_company):
    assert PageClient(app).post("/sign-in/sample", {"person_id": amara.id}).status == 404


@off
def test_it_shows_nobody_unless_it_is_switched_on(visitor, amara, without_the_sample_company):
    page = visitor.get("/sign-in")
    assert AMARA.name not in page.words
    assert "administrator" in page.words


def test_it_notes_for_the_audit_log_who_came_in(visitor, amara, session):
    visitor.post("/sign-in/sample", {"person_id": amara.id})
    entry = session.query(AuditEntry).one()
    assert (entry.action, entry.actor_id, entry.details["method"]) == (
        "auth.sign_in",
        amara.id,
        "sample company",
    )

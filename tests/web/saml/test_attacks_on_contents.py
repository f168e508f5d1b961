"""Rows 11 to 18, 25 and 26 of docs/attacks.md: signed by the provider, but not for this visit."""

from datetime import timedelta

import pytest

from app.models import Identity, IdentityProvider, LoginSession, Person
from tests.support.pages import PageClient
from tests.support.saml import changes, flow
from tests.support.saml.mint import HOLDER_OF_KEY, RESPONDER, attributes, mint

MINUTE = timedelta(minutes=1)
TEN_YEARS = timedelta(days=3652)


@pytest.mark.parametrize(
    "wrong",
    [
        {"audiences": ("https://other.example/metadata",)},
        {"audiences": ()},
        {"destination": "https://other.example/acs"},
        {"recipient": "https://other.example/acs"},
        {"issuer": "https://other.example/metadata"},
        {"assertion_issuer": "https://other.example/metadata"},
        {"assertion_issuer": None},
    ],
    ids=lambda wrong: " ".join(wrong),
)
@pytest.mark.parametrize("sign", ["assertion", "both"])
def test_row_11_it_refuses_what_is_for_or_from_another(kept_out, provider, started, wrong, sign):
    kept_out(provider.answer(started, {"sign": sign}, **wrong))


@pytest.mark.parametrize(
    "field",
    ["audiences", "destination", "recipient", "confirmed_until", "not_before", "not_on_or_after"],
)
def test_row_12_it_refuses_what_lacks(kept_out, provider, started, field):
    kept_out(provider.answer(started, **{field: None}))


@pytest.mark.parametrize("field", ["destination", "recipient"])
@pytest.mark.parametrize(
    "pattern", ["{acs}.evil.test/", "https://evil.test/?x={acs}", "{acs}/", "{acs}?", "{acs}#x"]
)
def test_row_12_it_refuses_addresses_that_only_contain_ours(
    kept_out, provider, started, field, pattern
):
    kept_out(provider.answer(started, **{field: pattern.format(acs=started.acs)}))


def test_row_12_it_refuses_ten_years(kept_out, provider, started, moment):
    kept_out(provider.answer(started, not_on_or_after=moment + TEN_YEARS))


@pytest.mark.parametrize(
    ("field", "minutes"),
    [
        ("not_on_or_after", -6),
        ("not_before", 6),
        ("confirmed_until", -6),
        ("confirmed_from", 6),
        ("session_ends", -6),
    ],
)
def test_row_13_it_refuses_what_is_too_old_or_too_new(
    kept_out, provider, started, moment, field, minutes
):
    kept_out(provider.answer(started, **{field: moment + minutes * MINUTE}))


@pytest.mark.parametrize(
    "wrong",
    [
        {"methods": (HOLDER_OF_KEY,)},
        {"methods": ()},
        {"conditions": 0},
        {"conditions": 2},
        {"version": "1.1"},
        {"assertion_version": "1.1"},
        {"status": RESPONDER},
        {"statements": 0},
        {"name_id": None},
        {"name_id": ""},
        {"name_id": "   "},
    ],
    ids=str,
)
def test_row_14_it_refuses_what_is_no_bearer_assertion_of_today(kept_out, provider, started, wrong):
    kept_out(provider.answer(started, **wrong))


@pytest.mark.parametrize(
    "wrong",
    [
        {"in_response_to": None, "confirmed_request": None},
        {"in_response_to": "_bogus", "confirmed_request": "_bogus"},
        {"in_response_to": None},
        {"in_response_to": "_bogus"},
        {"in_response_to": ""},
    ],
    ids=["unasked", "bogus", "stripped", "another on the wrapper", "empty"],
)
def test_row_15_it_refuses_what_nobody_asked_for(kept_out, provider, started, wrong):
    kept_out(provider.answer(started, **wrong))


def test_row_16_it_refuses_the_answer_to_another_browser(app, kept_out, provider, started):
    elsewhere = flow.start(PageClient(app), provider.slug)
    kept_out(provider.answer(elsewhere))


def test_row_16_it_refuses_an_answer_of_two_minds(visitor, kept_out, provider, started):
    second = flow.start(visitor, provider.slug)
    kept_out(provider.answer(started, confirmed_request=second.request_id))


def test_row_17_it_refuses_a_request_added_to_what_was_not_asked(kept_out, provider, started):
    kept_out(provider.answer(started, confirmed_request=None))


def test_row_17_it_refuses_it_also_where_unasked_answers_are_welcome(
    visitor, refused, open_provider
):
    started = flow.start(visitor, open_provider.slug)
    xml = open_provider.answer(started, confirmed_request=None)
    refused(flow.come_back(visitor, started, xml))


def test_row_18_it_refuses_a_replay_in_the_same_browser(visitor, refused, provider, started):
    xml = provider.answer(started)
    assert flow.come_back(visitor, started, xml).status == 303
    refused(flow.come_back(visitor, started, xml))


def test_row_18_it_refuses_a_replay_with_the_cookies_of_before(
    app, visitor, refused, provider, started
):
    earlier = PageClient(app)
    earlier.http._cookies.update(visitor.http._cookies)
    xml = provider.answer(started)
    assert flow.come_back(visitor, started, xml).status == 303
    refused(flow.come_back(earlier, started, xml))
    assert earlier.get("/").location.startswith("/sign-in")


def test_row_18_it_refuses_a_replay_in_another_browser(app, visitor, refused, provider, started):
    xml = provider.answer(started)
    assert flow.come_back(visitor, started, xml).status == 303
    another = PageClient(app)
    flow.start(another, provider.slug)
    refused(flow.come_back(another, started, xml))
    assert another.get("/").location.startswith("/sign-in")


@pytest.mark.parametrize("other_id", [False, True])
def test_row_18_it_refuses_a_replay_of_what_was_not_asked_for(
    app, visitor, refused, open_provider, other_id
):
    unasked = flow.unasked(app, open_provider.slug)
    xml = open_provider.answer(unasked, response_id="_first")
    assert flow.come_back(visitor, unasked, xml).status == 303
    assert visitor.get("/").location.startswith("/sign-in"), "an unasked answer signs nobody in"
    again = changes.edit(xml, "_first", "_second") if other_id else xml
    another = PageClient(app)
    refused(flow.come_back(another, unasked, again))
    assert another.get("/").location.startswith("/sign-in")


def test_row_18_it_refuses_a_used_assertion_for_a_new_request(visitor, refused, provider, started):
    xml = provider.answer(started, assertion_id="_once")
    assert flow.come_back(visitor, started, xml).status == 303
    again = flow.start(visitor, provider.slug)
    refused(flow.come_back(visitor, again, provider.answer(again, assertion_id="_once")))


def test_row_25_it_refuses_a_provider_that_speaks_for_another_s_people(
    visitor, refused, provider, other_provider, make, session
):
    make.person("Amara Okafor", email="amara.okafor@example.org")
    session.commit()
    started = flow.start(visitor, other_provider.slug)
    refused(flow.come_back(visitor, started, other_provider.answer(started)))
    assert session.query(Identity).count() == 0


TWO_FACED = [
    ["helen@example.org"],
    ["HELEN@EXAMPLE.ORG"],
    ["helen@example.org@example.net"],
    ['"helen@example.org"@example.net'],
    ["helen@example.org, x@example.net"],
    ["helen@example.org;x@example.net"],
    ["helen@example.org x@example.net"],
    ["helen@example.org\tx@example.net"],
    ["helen@example.org\n@example.net"],
    ["Helen <helen@example.org>, x@example.net"],
    ["x@example.net <helen@example.org>"],
    ["helen@example.org", "x@example.net"],
    ["x@example.net", "helen@example.org"],
    ["helen@ｅxample.org"],
    ["helen@example。org"],
    ["helen%example.org@example.net"],
    ["helen@example.org.example.net"],
    ["helen@example.org."],
]


@pytest.mark.parametrize("both", [False, True])
def test_row_25_it_gives_nobody_up_to_addresses_with_two_faces(
    app, provider, other_provider, make, session, both
):
    helen = make.person("Helen Marsh", email="helen@example.org", access="admin")
    session.commit()
    for number, addresses in enumerate(TWO_FACED):
        visitor = PageClient(app)
        started = flow.start(visitor, other_provider.slug)
        facts = {"mail": addresses, "cn": ["Helen Marsh"]}
        if both:
            facts = {"mail": ["x@example.net"], "email": addresses, "emailAddress": addresses}
        xml = other_provider.answer(started, name_id=f"n{number}", attributes=facts)
        flow.come_back(visitor, started, xml)
        session.rollback()
        assert session.query(Identity).filter_by(person_id=helen.id).count() == 0, addresses
        assert session.query(LoginSession).filter_by(person_id=helen.id).count() == 0, addresses


def test_row_25_it_refuses_a_provider_that_signs_as_another(
    kept_out, provider, other_provider, started
):
    kept_out(mint(provider.says(started), other_provider.pair))


def test_row_25_it_refuses_a_provider_that_answers_for_another(kept_out, other_provider, started):
    kept_out(other_provider.answer(started))


def test_row_25_it_refuses_an_answer_at_another_s_door(
    app, visitor, refused, provider, other_provider, started
):
    door = flow.unasked(app, other_provider.slug).acs
    there = flow.Started(request_id=started.request_id, acs=door, audience=started.audience)
    refused(flow.come_back(visitor, there, provider.answer(started)))


def test_row_25_it_takes_one_name_at_two_providers_for_two_people(
    app, visitor, provider, other_provider, started, session
):
    flow.come_back(visitor, started, provider.answer(started, name_id="same"))
    another = PageClient(app)
    there = flow.start(another, other_provider.slug)
    facts = attributes(email="amara@example.net", name="Amara Other")
    flow.come_back(another, there, other_provider.answer(there, name_id="same", attributes=facts))
    session.rollback()
    assert len({row.person_id for row in session.query(Identity).filter_by(subject="same")}) == 2
    assert session.query(Person).count() == 2


def test_row_25_it_refuses_a_provider_that_is_switched_off(kept_out, provider, started, session):
    session.query(IdentityProvider).update({"enabled": False})
    session.commit()
    xml = provider.answer(started)
    kept_out(xml)


def test_row_26_it_refuses_an_answer_in_a_browser_that_did_not_ask(
    app, refused, provider, started, sessions_open
):
    victim = PageClient(app)
    refused(flow.come_back(victim, started, provider.answer(started)))
    assert victim.get("/").location.startswith("/sign-in")
    assert sessions_open() == 0


def test_row_26_it_refuses_an_answer_in_a_browser_that_asked_for_another(
    app, refused, provider, started
):
    victim = PageClient(app)
    flow.start(victim, provider.slug)
    refused(flow.come_back(victim, started, provider.answer(started)))
    assert victim.get("/").location.startswith("/sign-in")

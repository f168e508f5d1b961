"""Each rule on its own, with an assertion that breaks this rule and no other."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from app.errors import Untrusted
from app.saml import checks
from tests.support.factories import NOW
from tests.support.saml import mint

ACS = "https://learn.example.org/saml/acme/acs"
AUDIENCE = "https://learn.example.org/saml/acme/metadata"
ISSUER = "https://acme.idp.example.org/metadata"
MINUTE = timedelta(minutes=1)
EXPECTED = checks.Expected(issuer=ISSUER, audience=AUDIENCE, address=ACS)
HONEST = mint.Answer(
    **mint.honest(issuer=ISSUER, acs=ACS, audience=AUDIENCE, request_id="_asked", now=NOW)
)


def answer(change=None, **fields):
    """Return an honest answer with these fields changed, and whatever `change` does to its tree."""
    response = mint.write(replace(HONEST, **fields))
    assertion = response.find("saml:Assertion", mint.NAMES)
    if change:
        change(assertion)
    return checks.Answer(response=response, assertion=assertion, expected=EXPECTED, now=NOW)


def reason(broken):
    with pytest.raises(Untrusted) as caught:
        checks.examine(broken)
    return caught.value.reason


def on(path, **attributes):
    """Return a change of the attributes of the element at this path."""

    def change(assertion):
        assertion.find(path, mint.NAMES).attrib.update(attributes)

    return change


def test_it_gives_what_an_honest_assertion_says():
    facts = checks.examine(answer(assertion_id="_a1", session_ends=NOW + 90 * MINUTE))
    assert (facts.assertion_id, facts.request_id, facts.subject) == ("_a1", "_asked", "amara")
    assert facts.attributes["mail"] == ("amara.okafor@example.org",)
    assert facts.ends_by == NOW + 90 * MINUTE
    assert facts.authenticated_at == NOW
    assert facts.session_index == "at-the-provider-1"


@pytest.mark.parametrize(
    ("rule", "fields"),
    [
        ("version", {"version": "1.1"}),
        ("version", {"assertion_version": "2.1"}),
        ("identifier", {"assertion_id": ""}),
        ("identifier", {"assertion_id": "_" * 301}),
        ("issuer", {"issuer": "https://other.example.org"}),
        ("issuer", {"assertion_issuer": ISSUER + "/"}),
        ("Issuer", {"assertion_issuer": None}),
        ("destination", {"destination": None}),
        ("destination", {"destination": ""}),
        ("destination", {"destination": ACS + ".evil.test/"}),
        ("destination", {"destination": ACS.upper()}),
        ("Conditions", {"conditions": 0}),
        ("Conditions", {"conditions": 2}),
        ("conditions", {"not_before": None}),
        ("conditions", {"not_on_or_after": None}),
        ("conditions", {"not_before": NOW - 30 * MINUTE, "not_on_or_after": NOW + 36 * MINUTE}),
        ("conditions", {"not_before": NOW + 6 * MINUTE, "not_on_or_after": NOW + 10 * MINUTE}),
        ("conditions", {"not_before": NOW - 9 * MINUTE, "not_on_or_after": NOW - 5 * MINUTE}),
        ("audience", {"audiences": None}),
        ("audience", {"audiences": []}),
        ("audience", {"audiences": ["https://other.example.org", AUDIENCE + "/"]}),
        ("NameID", {"name_id": None}),
        ("subject", {"name_id": ""}),
        ("subject", {"name_id": " \n "}),
        ("subject", {"name_id": "x" * 1025}),
        ("confirmation", {"methods": ()}),
        ("confirmation", {"methods": (mint.HOLDER_OF_KEY,)}),
        ("confirmation", {"recipient": None}),
        ("confirmation", {"recipient": "https://evil.test/?x=" + ACS}),
        ("confirmation", {"confirmed_until": None}),
        ("confirmation", {"confirmed_until": NOW}),
        ("confirmation", {"confirmed_from": NOW + 6 * MINUTE}),
        ("confirmation", {"confirmed_request": None}),
        ("confirmation", {"in_response_to": None}),
        ("confirmation", {"in_response_to": "_other"}),
        ("confirmation", {"in_response_to": "", "confirmed_request": ""}),
        ("AuthnStatement", {"statements": 0}),
        ("AuthnStatement", {"statements": 2}),
        ("statement", {"authenticated_at": NOW + 6 * MINUTE}),
        ("statement", {"session_ends": NOW}),
        ("statement", {"session_index": "x" * 301}),
    ],
)
def test_it_refuses_by_the_rule(rule, fields):
    assert reason(answer(**fields)).startswith(rule + ":")


@pytest.mark.parametrize(
    "fields",
    [
        {"issuer": None},
        {"not_before": NOW + 5 * MINUTE},
        {"not_on_or_after": NOW - 4 * MINUTE, "not_before": NOW - 9 * MINUTE},
        {"not_before": NOW - 5 * MINUTE, "not_on_or_after": NOW + 60 * MINUTE},
        {"audiences": ["https://other.example.org", AUDIENCE]},
        {"methods": (mint.HOLDER_OF_KEY, mint.BEARER)},
        {"authenticated_at": NOW + 5 * MINUTE},
        {"session_index": None},
        {"attributes": {}},
    ],
)
def test_it_takes_what_keeps_every_rule(fields):
    assert checks.examine(answer(**fields)).subject == "amara"


def test_it_knows_an_answer_that_nobody_asked_for():
    facts = checks.examine(answer(in_response_to=None, confirmed_request=None))
    assert facts.request_id == ""


def test_it_refuses_a_condition_that_it_does_not_understand():
    def change(assertion):
        conditions = assertion.find("saml:Conditions", mint.NAMES)
        etree.SubElement(conditions, f"{{{mint.SAML}}}Condition")

    assert reason(answer(change)).startswith("conditions:")


def test_it_asks_every_restriction_for_its_audience():
    def change(assertion):
        conditions = assertion.find("saml:Conditions", mint.NAMES)
        other = etree.SubElement(conditions, f"{{{mint.SAML}}}AudienceRestriction")
        etree.SubElement(other, f"{{{mint.SAML}}}Audience").text = "https://other.example.org"

    assert reason(answer(change)).startswith("audience:")


def test_it_refuses_a_name_that_is_meant_for_another():
    change = on("saml:Subject/saml:NameID", SPNameQualifier="https://other.example.org")
    assert reason(answer(change)).startswith("subject:")


@pytest.mark.parametrize("between", [etree.Comment("x"), etree.Comment("")])
def test_it_reads_a_name_to_its_end(between):
    def change(assertion):
        name = assertion.find("saml:Subject/saml:NameID", mint.NAMES)
        name.text, between.tail = "amara", ".evil.test"
        name.append(between)

    with pytest.raises(Untrusted):
        checks.subject(answer(change))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "now",
        "2026-11-12",
        "2026-11-12T09:00:00",
        "2026-11-12T09:00:00+01:00",
        "2026-11-12T09:00:00.1234567+00:01",
        "2026-W46-4",
        "9999-12-31T23:59:59Z",
        "0001-01-01T00:00:00Z",
    ],
)
def test_it_refuses_what_is_no_moment_in_utc(text):
    change = on("saml:AuthnStatement", AuthnInstant=text)
    assert "moment" in reason(answer(change))


@pytest.mark.parametrize("text", ["2026-11-12T09:00:00Z", "2026-11-12T09:00:00.1234567Z"])
def test_it_reads_moments_as_providers_write_them(text):
    change = on("saml:AuthnStatement", AuthnInstant=text)
    assert checks.examine(answer(change)).authenticated_at.replace(microsecond=0) == NOW


def test_it_remembers_an_assertion_until_no_rule_would_take_it():
    facts = checks.examine(answer(not_on_or_after=NOW + 20 * MINUTE))
    late = replace(answer(not_on_or_after=NOW + 20 * MINUTE), now=facts.good_until)
    with pytest.raises(Untrusted):
        checks.conditions(late)


def test_it_gathers_the_values_of_a_name_that_stands_twice():
    def change(assertion):
        statement = assertion.find("saml:AttributeStatement", mint.NAMES)
        again = etree.SubElement(statement, f"{{{mint.SAML}}}Attribute", Name="mail")
        etree.SubElement(again, f"{{{mint.SAML}}}AttributeValue").text = " second@example.org "

    found = checks.examine(answer(change)).attributes["mail"]
    assert found == ("amara.okafor@example.org", "second@example.org")


@given(st.text(max_size=200).filter(lambda text: text != ACS))
def test_it_takes_no_other_address_than_its_own(text):
    changed = answer()
    changed.response.attrib.pop("Destination")
    try:
        changed.response.set("Destination", text)
    except ValueError:
        return
    assert reason(changed).startswith("destination:")


@given(st.integers(-10_000, 10_000), st.integers(-10_000, 10_000))
def test_it_takes_an_assertion_in_its_window_alone(opens, ends):
    first, last = NOW + timedelta(seconds=opens), NOW + timedelta(seconds=ends)
    fits = first - checks.SKEW <= NOW < last + checks.SKEW and last - first <= checks.LONGEST
    try:
        checks.conditions(answer(not_before=first, not_on_or_after=last))
    except Untrusted:
        assert not fits
    else:
        assert fits

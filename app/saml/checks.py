"""What a signed assertion must say before anybody is signed in by it: one rule, one function.

python3-saml proves that the assertion is signed by the provider and, in strict mode, refuses what
is wrong in it. It does not refuse what is *missing*, and compares some addresses only in part; so
these rules look once more, at the signed assertion alone wherever a rule can. Each names the
section of the OASIS standards that it follows: Core, Bindings, Profiles of SAML 2.0.

Clocks: `Conditions` and `AuthnInstant` may be SKEW off, which is what python3-saml allows too. A
bearer confirmation is good until its own NotOnOrAfter and no second longer: python3-saml says so
first, and so does this.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from app.errors import Untrusted
from app.saml.encoding import NAMES, SAML, moment, text_of
from app.saml.refusals import late, unproven

SKEW = timedelta(minutes=5)
LONGEST = timedelta(minutes=65)
_BEARER = "urn:oasis:names:tc:SAML:2.0:cm:bearer"
_UNDERSTOOD = {f"{{{SAML}}}{name}" for name in ("AudienceRestriction", "OneTimeUse")} | {
    f"{{{SAML}}}ProxyRestriction"
}
_LONGEST_NAME = 1024
_LONGEST_ID = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """Whom the answer must come from and whom it must be for, from our own settings alone."""

    issuer: str
    audience: str
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A response and the assertion in it whose signature holds, to be looked at now."""

    response: Any
    assertion: Any
    expected: Expected
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What an assertion says that keeps every rule.

    `request_id` is the request that it answers, empty for an answer that nobody asked for;
    `good_until` is when no rule here would let it pass any more.
    """

    assertion_id: str
    request_id: str
    good_until: datetime
    subject: str
    subject_format: str
    authenticated_at: datetime
    session_index: str
    ends_by: datetime | None
    attributes: Mapping[str, tuple[str, ...]]


def examine(answer: Answer) -> Facts:
    """Return what the assertion says; raise Untrusted naming the first rule that it breaks."""
    for rule in RULES:
        rule(answer)
    name = _one(answer.assertion, "saml:Subject/saml:NameID")
    statement = _one(answer.assertion, "saml:AuthnStatement")
    ends_by = statement.get("SessionNotOnOrAfter")
    return Facts(
        assertion_id=answer.assertion.get("ID"),
        request_id=confirmation(answer).get("InResponseTo", ""),
        good_until=_window(answer.assertion)[1] + SKEW,
        subject=text_of(name),
        subject_format=name.get("Format", "")[:200],
        authenticated_at=moment(statement.get("AuthnInstant", "")),
        session_index=statement.get("SessionIndex", ""),
        ends_by=moment(ends_by) if ends_by else None,
        attributes=_attributes(answer.assertion),
    )


def version(answer: Answer) -> None:
    """Refuse any version but 2.0, in the response and the assertion (Core 4.1)."""
    for element in (answer.response, answer.assertion):
        if element.get("Version") != "2.0":
            raise unproven(f"version: it is {element.get('Version')!r}, not 2.0")


def identifier(answer: Answer) -> None:
    """Refuse an assertion without an ID by which it can be known again (Core 1.3.4, 2.3.3)."""
    found = answer.assertion.get("ID", "")
    if not 1 <= len(found) <= _LONGEST_ID:
        raise unproven("identifier: the assertion's ID is missing or too long")


def issuer(answer: Answer) -> None:
    """Refuse another issuer than the provider; the response may name none (Profiles 4.1.4.2)."""
    named = [text_of(_one(answer.assertion, "saml:Issuer"))]
    named += [text_of(one) for one in _all(answer.response, "saml:Issuer")]
    for found in named:
        if found != answer.expected.issuer:
            raise unproven(f"issuer: {found!r} is not {answer.expected.issuer!r}")


def destination(answer: Answer) -> None:
    """Refuse an answer that was not sent to exactly our address (Core 3.2.2, Bindings 3.5.5.2)."""
    found = answer.response.get("Destination")
    if found != answer.expected.address:
        raise unproven(f"destination: {found!r} is not {answer.expected.address!r}")


def conditions(answer: Answer) -> None:
    """Refuse an assertion without one Conditions that is open now (Core 2.5.1, 2.5.1.2).

    Both ends must be there and at most LONGEST apart; a condition that we do not understand makes
    the assertion worthless (Core 2.5.1.1).
    """
    opens, ends = _window(answer.assertion)
    if ends - opens > LONGEST:
        raise unproven(f"conditions: they hold for {ends - opens}, longer than {LONGEST}")
    if not opens - SKEW <= answer.now < ends + SKEW:
        raise late(f"conditions: {answer.now} is not between {opens} and {ends}")
    for condition in _one(answer.assertion, "saml:Conditions"):
        if condition.tag not in _UNDERSTOOD:
            raise unproven(f"conditions: {condition.tag} is not understood")


def audience(answer: Answer) -> None:
    """Refuse what is not restricted to us; every restriction must name us (Core 2.5.1.4)."""
    restrictions = _all(answer.assertion, "saml:Conditions/saml:AudienceRestriction")
    if not restrictions:
        raise unproven("audience: the assertion is restricted to none")
    for restriction in restrictions:
        named = [text_of(one) for one in _all(restriction, "saml:Audience")]
        if answer.expected.audience not in named:
            raise unproven(f"audience: {answer.expected.audience!r} is not in {named!r}")


def subject(answer: Answer) -> None:
    """Refuse a missing, empty or composed NameID, or one in another's name (Core 2.2.2, 8.3.7)."""
    name = _one(answer.assertion, "saml:Subject/saml:NameID")
    text = text_of(name)
    if not text.strip() or len(text) > _LONGEST_NAME or len(name):
        raise unproven("subject: NameID is empty, too long, or more than a text")
    qualifier = name.get("SPNameQualifier")
    if qualifier and qualifier != answer.expected.audience:
        raise unproven(f"subject: NameID is meant for {qualifier!r}")


def confirmation(answer: Answer) -> Any:
    """Return the first bearer confirmation that is made for us and good now (Profiles 4.1.4.2).

    It has our address as Recipient, a NotOnOrAfter, and the InResponseTo that stands on the
    response too; both lack it where nobody asked. Raises Untrusted when there is none.
    """
    refusal = unproven("confirmation: there is no bearer confirmation")
    for one in _all(answer.assertion, "saml:Subject/saml:SubjectConfirmation"):
        if one.get("Method") != _BEARER:
            continue
        try:
            return _confirmed(answer, one)
        except Untrusted as why:
            refusal = why
    raise refusal


def statement(answer: Answer) -> None:
    """Refuse an assertion that does not say when the person proved themselves (Core 2.7.2).

    Nor may the provider's session be over, or its name be longer than we keep.
    """
    found = _one(answer.assertion, "saml:AuthnStatement")
    if moment(found.get("AuthnInstant", "")) > answer.now + SKEW:
        raise late("statement: AuthnInstant lies ahead")
    ends = found.get("SessionNotOnOrAfter")
    if ends is not None and moment(ends) <= answer.now:
        raise late("statement: the provider's session is over")
    if len(found.get("SessionIndex", "")) > _LONGEST_ID:
        raise unproven("statement: SessionIndex is too long")


RULES: tuple[Callable[[Answer], Any], ...] = (
    version,
    identifier,
    issuer,
    destination,
    conditions,
    audience,
    subject,
    confirmation,
    statement,
)


def _confirmed(answer: Answer, one: Any) -> Any:
    data = _one(one, "saml:SubjectConfirmationData")
    if data.get("Recipient") != answer.expected.address:
        raise unproven(f"confirmation: Recipient is {data.get('Recipient')!r}")
    if data.get("InResponseTo") != answer.response.get("InResponseTo"):
        raise unproven("confirmation: InResponseTo is another than the response's")
    if data.get("InResponseTo") == "":
        raise unproven("confirmation: InResponseTo is empty")
    if data.get("NotOnOrAfter") is None:
        raise unproven("confirmation: NotOnOrAfter is missing")
    opens = data.get("NotBefore")
    if opens is not None and moment(opens) > answer.now + SKEW:
        raise late("confirmation: it is not good yet")
    if moment(data.get("NotOnOrAfter")) <= answer.now:
        raise late("confirmation: it is not good any more")
    return data


def _window(assertion: Any) -> tuple[datetime, datetime]:
    found = _one(assertion, "saml:Conditions")
    ends = [found.get(name) for name in ("NotBefore", "NotOnOrAfter")]
    if None in ends:
        raise unproven("conditions: NotBefore or NotOnOrAfter is missing")
    return moment(ends[0]), moment(ends[1])


def _attributes(assertion: Any) -> dict[str, tuple[str, ...]]:
    """Return the values under each name, in their order; a name that stands twice has them all."""
    found: dict[str, list[str]] = {}
    for attribute in _all(assertion, "saml:AttributeStatement/saml:Attribute"):
        values = (text_of(one).strip() for one in _all(attribute, "saml:AttributeValue"))
        found.setdefault(attribute.get("Name"), []).extend(value for value in values if value)
    return {name: tuple(values) for name, values in found.items()}


def _all(element: Any, path: str) -> list[Any]:
    found: list[Any] = element.xpath(path, namespaces=NAMES)
    return found


def _one(element: Any, path: str) -> Any:
    found = _all(element, path)
    if len(found) != 1:
        raise unproven(f"{path.rpartition(':')[2]}: there are {len(found)}, not one")
    return found[0]

"""Rows 19 to 22 and 24 of docs/attacks.md: junk, hosts, sign-outs, addresses, a stolen key."""

import base64
from datetime import timedelta
from urllib.parse import quote, urlsplit

import pytest

from app.auth import service
from app.models import IdentityProvider, LoginSession
from tests.support.pages import Page, PageClient
from tests.support.saml import flow
from tests.support.saml.keys import key_pair
from tests.support.saml.logout import logout_request, logout_response, redirect_query

XXE = '<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]><r>&x;</r>'
LAUGHS = (
    '<!DOCTYPE r [<!ENTITY a "ha">'
    + "".join(
        f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefgh", "bcdefghi", strict=True)
    )
    + "]><r>&i;</r>"
)
EVIL = [
    "https://evil.test/",
    "//evil.test/",
    "///evil.test/",
    "////evil.test",
    "/\\evil.test/",
    "\\\\evil.test/",
    "/\t/evil.test",
    "/\n/evil.test",
    "/\r\n/evil.test",
    "\t//evil.test",
    " //evil.test",
    "/ /evil.test",
    "/%09/evil.test\t",
    "https:evil.test",
    "https:/evil.test",
    "http:///evil.test",
    "javascript:alert(1)",
    "data:text/html,evil",
    "/\x00/evil.test",
    "https://127.0.0.1:8000@evil.test/",
    "//evil.test\\@127.0.0.1:8000/",
    "/x\r\nSet-Cookie: a=b",
    "evil.test",
    "",
]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "!!! not base64 !!!",
        "QQ",
        "\x00",
        "Ä" * 40,
        base64.b64encode(b"").decode(),
        base64.b64encode(b"no xml at all").decode(),
        base64.b64encode(b"<unfinished").decode(),
        base64.b64encode(b"<other/>").decode(),
        base64.b64encode(b"\xff\xfe\x00\x00").decode(),
        base64.b64encode(XXE.encode()).decode(),
        base64.b64encode(XXE.encode("utf-16")).decode(),
        base64.b64encode(LAUGHS.encode()).decode(),
        base64.b64encode(b"<!DOCTYPE r SYSTEM 'http://evil.test/x.dtd'><r/>").decode(),
        base64.b64encode(b"<a>" * 5000 + b"</a>" * 5000).decode(),
        base64.b64encode(b"<a>" * 400_000).decode(),
        "A" * 400_000,
    ],
    ids=[
        "empty", "bad base64", "short", "NUL", "letters", "nothing", "no xml", "unfinished",
        "other xml", "no letters", "external entity", "UTF-16", "billion laughs", "foreign DTD",
        "deep", "long and deep", "long",
    ],
)  # fmt: skip
def test_row_19_it_refuses_junk_in_words(visitor, kept_out, text):
    kept_out(text)


@pytest.mark.parametrize("doctype", ["<!DOCTYPE samlp:Response>", XXE.split("<r>")[0]])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_row_19_it_refuses_a_document_type_before_a_good_answer(
    kept_out, provider, started, doctype, encoding
):
    kept_out((doctype + provider.answer(started).decode()).encode(encoding))


def test_row_19_it_refuses_a_form_without_a_message(visitor, provider, started, refused):
    refused(Page(visitor.http.post(urlsplit(started.acs).path, data={})))


def test_row_19_it_refuses_more_than_a_megabyte(visitor, provider, started):
    page = flow.come_back(visitor, started, "A" * 2_000_000)
    assert page.status in {400, 413}
    assert "Reference" in page.words


def test_row_19_it_does_not_take_an_answer_from_an_address(visitor, provider, started):
    packed = base64.b64encode(provider.answer(started)).decode()
    path = urlsplit(started.acs).path
    assert visitor.get(path, query_string={"SAMLResponse": packed}).status == 405
    posted = visitor.http.post(path, query_string={"SAMLResponse": packed})
    assert posted.status_code == 400


@pytest.mark.parametrize("header", ["X-Forwarded-Host", "Forwarded", "X-Forwarded-Server"])
def test_row_20_it_asks_to_be_answered_at_its_configured_address_alone(
    app, visitor, provider, header
):
    start = flow.endpoint(app, "start", provider.slug)
    asked = flow.read_request(visitor.http.get(start, headers={header: _elsewhere(header)}))
    assert asked.acs.startswith("http://127.0.0.1:8000/saml/")
    assert asked.audience.startswith("http://127.0.0.1:8000/saml/")


@pytest.mark.parametrize("header", ["X-Forwarded-Host", "Forwarded", "X-Forwarded-Server"])
def test_row_20_it_refuses_an_answer_made_for_another_host(kept_out, provider, started, header):
    other = started.acs.replace("127.0.0.1:8000", "other.example")
    xml = provider.answer(started, destination=other, recipient=other)
    kept_out(xml, headers={header: _elsewhere(header)})


def test_row_20_it_does_not_answer_to_another_name(app, visitor, provider, started, sessions_open):
    """Not even with the cookies of this visit, which a browser would not send there."""
    for cookie in list(visitor.http._cookies.values()):
        visitor.http.set_cookie(cookie.key, cookie.value, domain="other.example")
    other = started.acs.replace("127.0.0.1:8000", "other.example")
    xml = provider.answer(started, destination=other, recipient=other)
    page = flow.come_back(visitor, started, xml, headers={"Host": "other.example"})
    assert page.status == 400
    assert "Reference" in page.words
    start = flow.endpoint(app, "start", provider.slug)
    assert visitor.http.get(start, headers={"Host": "other.example"}).status_code == 400
    assert sessions_open() == 0


def _elsewhere(header):
    return "host=other.example" if header == "Forwarded" else "other.example"


@pytest.fixture
def signed_in(visitor, provider, started):
    """Return the visitor, signed in through the provider as amara."""
    assert flow.come_back(visitor, started, provider.answer(started)).status == 303
    return visitor


@pytest.fixture
def sign_out(app, provider, moment):
    """Return a function that brings a message of single logout to our door."""
    path = flow.endpoint(app, "sls", provider.slug)

    def brought(client, message, pair, **how):
        return client.get(f"{path}?{redirect_query(message, pair, **how)}")

    brought.address = "http://127.0.0.1:8000" + path
    return brought


@pytest.fixture
def order(provider, sign_out, moment):
    """Return a function that writes a LogoutRequest of the provider."""

    def written(**changes):
        fields = {
            "issuer": provider.entity_id,
            "destination": sign_out.address,
            "name_id": "amara",
            "session_index": "at-the-provider-1",
            "now": moment,
        }
        return logout_request(**(fields | changes))

    return written


def test_row_21_it_obeys_the_provider_s_own_order(
    signed_in, sign_out, order, provider, sessions_open
):
    page = sign_out(signed_in, order(), provider.pair, relay_state="theirs")
    assert page.location.startswith(provider.slo + "?")
    assert sessions_open() == 0


@pytest.mark.parametrize("name_id", ["amara", "helen"])
def test_row_21_it_refuses_an_unsigned_order(
    signed_in, sign_out, order, refused, sessions_open, name_id
):
    refused(sign_out(signed_in, order(name_id=name_id), None), "saml.logout")
    assert sessions_open() == 1


@pytest.mark.parametrize("how", [{"algorithm": "rsa-sha1"}, {}], ids=["SHA-1", "stranger"])
def test_row_21_it_refuses_a_weak_or_strange_signature(
    signed_in, sign_out, order, provider, refused, sessions_open, how
):
    pair = provider.pair if how else key_pair("stranger")
    refused(sign_out(signed_in, order(), pair, **how), "saml.logout")
    assert sessions_open() == 1


@pytest.mark.parametrize(
    "change",
    [
        lambda query: query.replace("RelayState=theirs", "RelayState=mine"),
        lambda query: query.replace("RelayState=theirs&", ""),
        lambda query: query.split("&SigAlg")[0],
        lambda query: query.split("&Signature")[0],
        lambda query: query.replace("rsa-sha256", "rsa-sha1"),
        lambda query: query + "&SAMLRequest=again",
        lambda query: query.replace("SAMLRequest=", "SAMLResponse="),
    ],
    ids=["relay state", "no relay state", "stripped", "half", "other algorithm", "twice", "kind"],
)
def test_row_21_it_refuses_a_changed_order(
    signed_in, app, order, provider, refused, sessions_open, change
):
    query = change(redirect_query(order(), provider.pair, relay_state="theirs"))
    path = flow.endpoint(app, "sls", provider.slug)
    refused(signed_in.get(f"{path}?{query}"), "saml.logout")
    assert sessions_open() == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"destination": "https://other.example/sls"},
        {"destination": "http://127.0.0.1:8000/saml/acme/sls.evil.test"},
        {"issuer": "https://other.example/metadata"},
        {"minutes_ago": 60},
        {"over": 10},
    ],
    ids=" ".join,
)
def test_row_21_it_refuses_an_order_that_is_old_or_for_another(
    signed_in, sign_out, order, provider, refused, sessions_open, moment, wrong
):
    wrong = dict(wrong)
    if ago := wrong.pop("minutes_ago", None):
        wrong["now"] = moment - timedelta(minutes=ago)
    if over := wrong.pop("over", None):
        wrong["not_on_or_after"] = moment - timedelta(minutes=over)
    refused(sign_out(signed_in, order(**wrong), provider.pair), "saml.logout")
    assert sessions_open() == 1


def test_row_21_it_keeps_the_session_of_whom_an_order_does_not_name(
    signed_in, sign_out, order, provider, sessions_open
):
    sign_out(signed_in, order(name_id="helen", session_index=None), provider.pair)
    sign_out(signed_in, order(session_index="another"), provider.pair)
    assert sessions_open() == 1


def test_row_21_it_keeps_sessions_that_another_provider_orders_to_end(
    signed_in, app, order, other_provider, refused, sessions_open
):
    path = flow.endpoint(app, "sls", other_provider.slug)
    message = order(issuer=other_provider.entity_id, destination="http://127.0.0.1:8000" + path)
    signed_in.get(f"{path}?{redirect_query(message, other_provider.pair)}")
    assert sessions_open() == 1


@pytest.mark.parametrize("signed", [True, False])
def test_row_21_it_refuses_news_of_a_sign_out_that_nobody_began(
    signed_in, sign_out, provider, refused, moment, sessions_open, signed
):
    message = logout_response(
        issuer=provider.entity_id,
        destination=sign_out.address,
        in_response_to="_never",
        now=moment,
    )
    pair = provider.pair if signed else None
    refused(sign_out(signed_in, message, pair, kind="SAMLResponse"), "saml.logout")
    assert sessions_open() == 1


@pytest.mark.parametrize(
    "query",
    [
        "",
        "SAMLRequest=",
        "SAMLRequest=%00",
        "SAMLRequest=!!!",
        "SAMLRequest=QUJD",
        "SAMLResponse=QUJD&SAMLRequest=QUJD",
        redirect_query(XXE.encode(), None),
        redirect_query(LAUGHS.encode(), None),
        redirect_query(b"<a>" * 300_000, None),
        redirect_query(b" " * 20_000_000, None),
    ],
    ids=["none", "empty", "NUL", "bad", "not packed", "both", "XXE", "laughs", "deep", "bomb"],
)
def test_row_21_it_refuses_junk_at_the_way_out(app, visitor, provider, refused, query):
    refused(visitor.get(f"{flow.endpoint(app, 'sls', provider.slug)}?{query}"), "saml.logout")


def test_row_22_it_goes_where_the_visit_began_whatever_the_relay_state_says(app, provider):
    for evil in EVIL:
        client = PageClient(app)
        started = flow.start(client, provider.slug, "/library?from=start")
        page = flow.come_back(client, started, provider.answer(started), relay_state=evil)
        assert page.location == "/library?from=start", evil


def test_row_22_it_stays_inside_when_nobody_asked_and_a_relay_state_leads_out(app, open_provider):
    unasked = flow.unasked(app, open_provider.slug)
    for evil in EVIL:
        client = PageClient(app)
        xml = open_provider.answer(unasked)
        sent_on = flow.come_back(client, unasked, xml, relay_state=evil)
        assert sent_on.location.startswith(open_provider.sso + "?"), evil
        started = flow.read_request(sent_on.response)
        assert flow.come_back(client, started, open_provider.answer(started)).location == "/", evil


def test_row_22_it_forgets_an_address_that_leads_out(app, provider):
    for evil in EVIL:
        client = PageClient(app)
        started = flow.start(client, provider.slug, evil)
        assert flow.come_back(client, started, provider.answer(started)).location == "/", evil


def test_row_22_it_offers_no_way_out_on_the_sign_in_page(visitor, provider, other_provider):
    for evil in EVIL:
        page = visitor.get(f"/sign-in?next={quote(evil)}")
        ways = [link for link in page.links() if "/start" in link]
        assert len(ways) == 2
        assert not any("evil" in link for link in ways), evil


def test_row_22_it_goes_straight_to_the_only_provider_and_nowhere_else(visitor, provider):
    for evil in EVIL:
        page = visitor.get(f"/sign-in?next={quote(evil)}")
        assert page.location.startswith(f"/saml/{provider.slug}/start"), evil
        assert "evil" not in page.location, evil


def test_row_24_it_takes_nobody_whom_a_stolen_key_brings_unasked(kept_out, provider, app, started):
    """A message minted with the real key is real; what is left is to leave it few openings."""
    kept_out(provider.answer(flow.unasked(app, provider.slug)))


def test_row_24_it_takes_no_assertion_that_is_good_for_long(kept_out, provider, started, moment):
    kept_out(provider.answer(started, not_on_or_after=moment + timedelta(minutes=70)))


def test_row_24_it_asks_for_fresh_proof_before_an_administrator_s_change(
    visitor, provider, started, make, session, moment
):
    amara = make.person("Amara Okafor", email="amara.okafor@example.org", access="admin")
    amara.access_from = provider.slug
    session.commit()
    earlier = moment - timedelta(hours=2)
    flow.come_back(visitor, started, provider.answer(started, authenticated_at=earlier))
    session.rollback()
    assert session.query(LoginSession).one().proved_at == earlier
    assert visitor.post("/admin/train").location.startswith("/sign-in/prove")


def test_row_24_it_logs_what_the_provider_s_own_log_can_be_compared_with(
    visitor, provider, started, newest_entry
):
    flow.come_back(visitor, started, provider.answer(started, assertion_id="_known"))
    entry = newest_entry("auth.sign_in")
    assert entry.outcome == "done"
    said = {str(value) for value in entry.details.values()}
    assert {"_known", provider.pair.fingerprint, provider.entity_id} <= said


def test_row_24_it_ends_every_session_of_the_provider_at_once(
    signed_in, provider, session, sessions_open
):
    row = session.query(IdentityProvider).filter_by(slug=provider.slug).one()
    assert service.end_sessions_at(session, row.id) == 1
    session.commit()
    assert signed_in.get("/").location.startswith("/sign-in")


def test_row_24_it_believes_no_key_that_was_taken_out_of_the_metadata(
    kept_out, provider, started, session
):
    stolen = provider.answer(started)
    provider.pairs = [key_pair("fresh")]
    session.query(IdentityProvider).update({"metadata_xml": provider.metadata()})
    session.commit()
    kept_out(stolen)

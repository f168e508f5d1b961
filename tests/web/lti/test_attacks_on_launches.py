"""Authentication requests that no launch of this person asked for (LTI Security 1.0, 5.1.1)."""

from datetime import timedelta

from app.models import LtiLaunch
from tests.support.lti_tool import Form


def errors(page):
    """Return the error that the tool is told; the page must carry no token."""
    fields = Form(page.html).fields
    assert "id_token" not in fields
    assert page.status == 400
    return fields["error"]


def is_shown_here(page):
    """Tell whether the refusal stays here: no form that could lead to the tool."""
    return page.status == 400 and 'id="message"' not in page.html


def test_it_refuses_a_hint_that_was_used(begun, refused):
    assert begun.browser.ask(begun.asked).status == 200
    assert errors(begun.browser.ask(begun.asked)) == "invalid_request"
    assert refused() == ["the launch is unknown, used up or too old"]


def test_it_refuses_a_hint_that_is_two_minutes_old(begun, clock):
    clock.ahead = timedelta(seconds=121)
    assert errors(begun.browser.ask(begun.asked)) == "invalid_request"


def test_it_takes_a_hint_until_then(begun, clock):
    clock.ahead = timedelta(seconds=110)
    assert begun.browser.ask(begun.asked).status == 200


def test_it_tells_nobody_s_name_to_who_brings_another_s_launch(
    begun, browse, sign_in, make, simulation, refused
):
    other = browse(sign_in(make.person()))
    own = other.login(other.leave(f"/go/{simulation.id}"))
    assert errors(other.ask(begun.asked)) == "login_required"
    mixed = begun.asked | {"login_hint": own["login_hint"]}
    assert errors(other.ask(mixed)) == "invalid_request"
    assert refused()[0] == "login_hint names somebody else"
    assert begun.browser.ask(begun.asked).status == 200, "the launch itself is still good"


def test_it_tells_a_tool_that_nobody_is_signed_in(begun, visitor):
    page = visitor.get("/lti/auth", query_string=begun.asked)
    assert errors(page) == "login_required"
    assert Form(page.html).fields["state"] == begun.asked["state"]


def test_it_sends_nobody_to_an_address_that_is_not_registered(begun, refused):
    uri = begun.asked["redirect_uri"]
    others = [
        uri + "/",
        uri + "?x=1",
        uri + "#x",
        uri + "er",
        uri + "\n",
        uri[:-1],
        uri.upper(),
        uri.replace("127.0.0.1", "127.0.0.1.evil.example"),
        uri.replace("http://", "http://evil.example@"),
        uri.replace("/launch", "/%6caunch"),
        "https://evil.example/launch",
        "javascript:alert(1)",
        "",
    ]
    pages = [begun.browser.ask(begun.asked | {"redirect_uri": other}) for other in others]
    assert [is_shown_here(page) for page in pages] == [True] * len(others)
    assert refused() == ["redirect_uri is not registered"] * len(others)


def test_it_goes_to_any_address_that_is_registered(begun, lab):
    page = begun.browser.ask(begun.asked | {"redirect_uri": f"{lab.url}/other"})
    assert Form(page.html).action == f"{lab.url}/other"


def test_it_answers_no_tool_that_it_does_not_know(begun):
    for client_id in ("", "x", "00000000-0000-0000-0000-000000000000"):
        assert is_shown_here(begun.browser.ask(begun.asked | {"client_id": client_id}))


def test_it_keeps_one_tool_s_launch_from_another(begun, make, session, running_lab, config, browse):
    other = running_lab.connect(session, make.tool("other-lab"))
    running_lab.register(other, config.base_url)
    page = begun.browser.ask(begun.asked | {"client_id": running_lab.values.client_id})
    assert errors(page) == "login_required"


WRONG = (
    ("response_type", "code", "unsupported_response_type"),
    ("response_type", "id_token token", "unsupported_response_type"),
    ("response_mode", "fragment", "invalid_request"),
    ("response_mode", "", "invalid_request"),
    ("scope", "openid profile", "invalid_scope"),
    ("scope", "", "invalid_scope"),
    ("prompt", "login", "invalid_request"),
    ("prompt", "", "invalid_request"),
    ("nonce", "", "invalid_request"),
    ("login_hint", "", "invalid_request"),
    ("login_hint", "ä", "login_required"),
    ("lti_message_hint", "", "invalid_request"),
    ("lti_message_hint", "guessed", "invalid_request"),
)


def test_it_answers_the_one_kind_of_request_that_there_is(begun):
    found = [
        (name, value, errors(begun.browser.ask(begun.asked | {name: value})))
        for name, value, _code in WRONG
    ]
    assert found == list(WRONG)
    assert begun.browser.ask(begun.asked).status == 200


def test_it_refuses_a_parameter_that_stands_twice(begun):
    for name, value in begun.asked.items():
        assert is_shown_here(begun.browser.ask([*begun.asked.items(), (name, value)])), name


def test_it_refuses_what_is_too_long(begun):
    for name in ("state", "nonce"):
        assert is_shown_here(begun.browser.ask(begun.asked | {name: "x" * 2001}))


def test_it_launches_nothing_that_is_gone_meanwhile(begun, session, simulation):
    simulation.status = "retired"
    session.commit()
    assert errors(begun.browser.ask(begun.asked)) == "access_denied"


def test_it_lets_a_launch_be_used_once_by_one_of_two(begun, session):
    pages = [begun.browser.ask(begun.asked) for _ in range(3)]
    assert [page.status for page in pages] == [200, 400, 400]
    assert session.query(LtiLaunch).one().used_at is not None


def test_it_believes_no_post_about_a_tool_that_it_does_not_know(visitor, lab):
    page = visitor.post("/lti/auth", {"client_id": "x", "redirect_uri": "https://evil.example"})
    assert is_shown_here(page)
    known = {"client_id": lab.values.client_id, "redirect_uri": "https://evil.example"}
    assert is_shown_here(visitor.post("/lti/auth", known))

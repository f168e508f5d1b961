"""Launches into a foreign tool, from the click to the tool's own page."""

from datetime import timedelta
from urllib.parse import parse_qsl, urlsplit

import pytest

from app.lti import keys
from app.lti.claims import LTI
from app.models import Activity, LtiLaunch, LtiLink, ToolAccount
from tests.support.lti_tool import Form

MEMBER = "http://purl.imsglobal.org/vocab/lis/v2/membership#"


@pytest.fixture
def in_the_lab(browse, sign_in, lab, simulation):
    """Return a function that launches the simulation for a person, and what the lab was told."""

    def launched(person):
        answer = browse(sign_in(person)).open(f"/go/{simulation.id}")
        assert answer.status_code == 200, answer.text
        return lab.launches[-1]

    return launched


def test_it_begins_a_launch_at_the_tool_s_own_door(browse, sign_in, employee, lab, simulation):
    away = urlsplit(browse(sign_in(employee)).leave(f"/go/{simulation.id}"))
    said = dict(parse_qsl(away.query))
    assert f"{away.scheme}://{away.netloc}{away.path}" == f"{lab.url}/login"
    assert said["iss"] == lab.values.issuer
    assert said["client_id"] == lab.values.client_id
    assert said["lti_deployment_id"] == lab.values.deployment_id
    assert said["target_link_uri"] == simulation.url
    assert str(employee.id) not in {said["login_hint"], said["lti_message_hint"]}
    assert employee.email not in away.query


def test_it_launches_somebody_else_s_tool(in_the_lab, employee, simulation, lab, session):
    told = in_the_lab(employee)
    assert told[LTI + "message_type"] == "LtiResourceLinkRequest"
    assert told[LTI + "resource_link"]["id"] == str(simulation.id)
    assert told[LTI + "resource_link"]["title"] == "Pump start-up"
    assert told[LTI + "target_link_uri"] == simulation.url
    assert told[LTI + "launch_presentation"]["return_url"].endswith(f"/items/{simulation.id}")
    assert told["exp"] - told["iat"] == 300
    assert session.query(Activity).filter_by(verb="launched").count() == 1


def test_it_tells_no_name_unless_the_connection_says_so(
    in_the_lab, employee, lab, connection, session
):
    told = in_the_lab(employee)
    assert not {"name", "email", "given_name"} & told.keys()
    connection.settings = lab.settings(share_names="1")
    session.commit()
    assert in_the_lab(employee)["email"] == employee.email


def test_it_knows_a_person_by_one_name_in_each_tool(
    in_the_lab, employee, curator, make, session, browse, sign_in, running_lab
):
    first, again = in_the_lab(employee)["sub"], in_the_lab(employee)["sub"]
    assert first == again != in_the_lab(curator)["sub"]
    other_tool = make.tool("other-lab")
    running_lab.connect(session, other_tool)
    item = make.item("Elsewhere", tool=other_tool, url=f"{running_lab.url}/launch")
    session.commit()
    said = dict(parse_qsl(urlsplit(browse(sign_in(employee)).leave(f"/go/{item.id}")).query))
    assert said["login_hint"] != first
    assert session.query(ToolAccount).count() == 3


@pytest.mark.parametrize(
    ("access", "roles"),
    [
        ("employee", ["Learner"]),
        ("manager", ["Learner"]),
        ("curator", ["Instructor", "ContentDeveloper"]),
        ("admin", ["Instructor", "ContentDeveloper"]),
    ],
)
def test_it_tells_what_a_person_is_in_the_tool(in_the_lab, make, access, roles):
    told = in_the_lab(make.person(access=access))
    assert told[LTI + "roles"] == [MEMBER + role for role in roles]


def test_it_tells_the_tool_what_it_wanted_to_be_told(in_the_lab, employee, session, simulation):
    session.add(LtiLink(item_id=simulation.id, custom={"level": "2"}))
    session.commit()
    assert in_the_lab(employee)[LTI + "custom"] == {"level": "2"}


def test_it_goes_on_when_the_key_changes_between_launches(
    in_the_lab, employee, visitor, app, session, clock
):
    in_the_lab(employee)
    vault = app.extensions["foyer"].vault
    first = [key["kid"] for key in visitor.get("/lti/jwks").response.json["keys"]]
    keys.prepare_next(session, vault, now=clock.now())
    session.commit()
    announced = [key["kid"] for key in visitor.get("/lti/jwks").response.json["keys"]]
    assert announced[:1] == first
    in_the_lab(employee)
    keys.use_next(session, now=clock.now())
    session.commit()
    in_the_lab(employee)
    assert [key["kid"] for key in visitor.get("/lti/jwks").response.json["keys"]] == [
        announced[1],
        announced[0],
    ]
    clock.ahead = timedelta(days=31)
    assert [key["kid"] for key in visitor.get("/lti/jwks").response.json["keys"]] == announced[1:]


def test_it_publishes_keys_without_their_secrets(visitor):
    page = visitor.get("/lti/jwks")
    assert [sorted(key) for key in page.response.json["keys"]] == [
        ["alg", "e", "kid", "kty", "n", "use"]
    ]
    assert page.headers["Cache-Control"] == "public, max-age=300"


def test_it_gives_the_state_back_as_it_came(begun):
    page = begun.browser.ask(begun.asked | {"state": 'a"><b>&ü'})
    assert Form(page.html).fields["state"] == 'a"><b>&ü'


def test_it_lets_its_form_lead_to_the_tool_and_nowhere_else(begun, lab):
    page = begun.browser.ask(begun.asked)
    policy = dict(
        part.split(" ", 1) for part in page.headers["Content-Security-Policy"].split("; ")
    )
    nonce = page.all("script")[0].get("nonce")
    assert policy["form-action"] == lab.url
    assert policy["script-src"] == f"'nonce-{nonce}'"
    assert policy["default-src"] == "'none'"
    assert policy["frame-ancestors"] == "'none'"
    assert page.all("button"), "without script nobody could go on"


def test_it_answers_a_tool_that_asks_by_post(begun, visitor):
    page = visitor.post("/lti/auth", begun.asked, headers={"Sec-Fetch-Site": "cross-site"})
    assert page.status == 303
    assert begun.browser.arrive(begun.browser.client.follow(page)).status_code == 200


def test_it_keeps_no_hint_that_could_be_used(begun, session):
    kept = session.query(LtiLaunch).one()
    assert begun.asked["lti_message_hint"] not in {kept.hint_hash, kept.data_hash}


def test_it_opens_a_plain_link_that_was_picked_without_a_launch(
    browse, sign_in, employee, make, lab_tool, connection, session
):
    item = make.item("Manual", tool=lab_tool, source_kind="link", url="https://docs.example.org/m")
    session.commit()
    assert browse(sign_in(employee)).leave(f"/go/{item.id}") == "https://docs.example.org/m"
    assert session.query(LtiLaunch).count() == 0

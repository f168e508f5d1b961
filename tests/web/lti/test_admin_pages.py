"""What an administrator copies into the tool, and the change of Foyer's key on a page."""

import pytest

from app.models import AuditEntry


@pytest.fixture
def as_admin(sign_in, make):
    """Return a client signed in as an administrator who has just proved it."""
    return sign_in(make.person(access="admin"))


def test_it_shows_what_to_enter_in_the_tool(as_admin, lab, connection, config):
    page = as_admin.get("/admin/tools/lab/lti")
    shown = page.texts("code")
    assert shown == [
        config.base_url,
        lab.values.client_id,
        str(connection.id),
        f"{config.base_url}/lti/auth",
        f"{config.base_url}/lti/jwks",
    ]
    assert f"{lab.url}/other" in page.words


def test_it_keeps_the_names_when_settings_change(as_admin, lab, connection, session):
    connection.settings = lab.settings(target_link_uri=f"{lab.url}/other", share_names="1")
    session.commit()
    page = as_admin.get("/admin/tools/lab/lti")
    assert lab.values.client_id in page.texts("code")
    assert "e-mail address" in page.words


def test_it_knows_no_tool_of_another_kind(as_admin, make, session):
    make.tool("wiki")
    session.commit()
    assert as_admin.get("/admin/tools/wiki/lti").status == 404


def test_it_says_that_settings_are_missing(as_admin, connection, session, sign_in, make):
    connection.settings = {"address": "https://lab.example.org"}
    session.commit()
    page = as_admin.get("/admin/tools/lab/lti")
    assert page.status == 503
    assert "settings are not complete" in page.words


def test_it_changes_the_key_in_two_steps(as_admin, signing_key, session):
    assert as_admin.post("/admin/tools/lti/keys/use").status == 409
    page = as_admin.follow(as_admin.post("/admin/tools/lti/keys/prepare"))
    assert "Published, comes next" in page.words
    page = as_admin.follow(as_admin.post("/admin/tools/lti/keys/use"))
    assert "Still published" in page.words
    assert "Published, comes next" not in page.words
    actions = [row.action for row in session.query(AuditEntry).order_by(AuditEntry.number)]
    assert actions == ["lti.prepare_key", "lti.use_key"]


def test_it_says_when_there_is_no_key_yet(as_admin):
    assert "No key yet" in as_admin.get("/admin/tools/lti/keys").words

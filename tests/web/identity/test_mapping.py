"""Saying what attributes mean, and trying it on the last sign-in."""

from app.models import IdentityProvider, SignInRecord
from tests.support.factories import NOW

RULE = {
    "rule_field": ["groups", "groups"],
    "rule_value": ["LXP-Curators", ""],
    "rule_gives": ["access", "role"],
    "rule_name": ["curator", ""],
}


def kept(session):
    session.expire_all()
    return session.query(IdentityProvider).one().mapping


def remember(session, provider, received):
    values = {"at": NOW, "purpose": "sign-in", "accepted": True, "subject": "amara-1", "made": {}}
    session.add(SignInRecord(provider_id=provider.id, received=received, **values))
    session.commit()


def test_it_keeps_a_rule_and_leaves_out_empty_rows(as_admin, session, enrolled):
    as_admin.post("/admin/providers/acme/mapping", RULE)
    assert kept(session)["rules"] == [
        {"field": "groups", "value": "LXP-Curators", "gives": "access", "name": "curator"}
    ]


def test_it_shows_the_rule_again_with_rows_to_spare(as_admin, enrolled):
    as_admin.post("/admin/providers/acme/mapping", RULE)
    values = [e.get("value") for e in as_admin.get("/admin/providers/acme/mapping").all(
        "input", name="rule_value")]  # fmt: skip
    assert values == ["LXP-Curators", "", "", "", ""]


def test_it_refuses_an_access_level_that_there_is_not_and_keeps_what_was_typed(
    as_admin, session, enrolled
):
    page = as_admin.post("/admin/providers/acme/mapping", RULE | {"rule_name": ["emperor", ""]})
    typed = [e.get("value") for e in page.all("input", name="rule_name")]
    assert (page.status, typed[0], kept(session)) == (422, "emperor", {})


def test_it_reads_an_attribute_under_the_name_it_is_told(as_admin, session, enrolled):
    as_admin.post("/admin/providers/acme/mapping", {"source_department": "Kostenstelle\nou"})
    assert kept(session)["sources"] == {"department": ["Kostenstelle", "ou"]}


def test_it_tries_a_rule_on_the_last_sign_in_without_keeping_it(as_admin, session, enrolled):
    remember(session, enrolled, {"mail": ["amara@example.org"], "groups": ["LXP-Curators"]})
    page = as_admin.post("/admin/providers/acme/mapping", RULE | {"preview": "1"})
    assert "Accesscurator" in page.texts("tr")
    assert kept(session) == {}


def test_it_offers_the_groups_of_the_last_sign_in_for_rules(as_admin, session, enrolled):
    remember(session, enrolled, {"groups": ["Field service", "LXP-Curators"]})
    page = as_admin.get("/admin/providers/acme/mapping")
    offered = [option.get("value") for option in page.by_id("known_values").iter("option")]
    assert offered == ["Field service", "LXP-Curators"]

"""Where a hit that no item stands for opens, and who may see it."""

from types import SimpleNamespace

import pytest

from app.connectors.base import Hit, Link
from app.connectors.mapping import Rule
from app.harvest.livehits import EVERYONE, NOBODY, audience_of_new, may_see, opened_at

TOOL = "https://wiki.example.org"
SPEC = SimpleNamespace(hosts=frozenset({"cloud.example.com"}), mapping=())


class Plain:
    spec = SPEC


class Linking(Plain):
    def link(self, external_id, stored):
        return Link(f"https://rooms.example.net/#/{external_id}")


class Keeping(Plain):
    def link(self, external_id, stored):
        return stored


def opened(connector, url, at=TOOL):
    found = opened_at(connector, at, Hit("7", "Pumps", url, "article"))
    return found.url if found else None


@pytest.mark.parametrize(
    ("url", "leads"),
    [
        ("https://wiki.example.org/pumps", True),
        ("https://cloud.example.com/pumps", True),
        ("http://wiki.example.org/pumps", False),
        ("https://wiki.example.org:8443/pumps", False),
        ("http://cloud.example.com/pumps", False),
        ("https://evil.example.com/?https://wiki.example.org", False),
        ("https://wiki.example.org.evil.test/", False),
        ("https://wiki.example.org@evil.test/", False),
        ("javascript:alert(1)", False),
        ("//wiki.example.org/pumps", False),
        ("https://wiki.example.org\\@evil.test/", False),
        ("", False),
    ],
)
def test_a_hit_leads_to_its_own_tool_alone(url, leads):
    for connector in (Plain(), Keeping()):
        assert opened(connector, url) == (url if leads else None)


def test_a_tool_of_the_companys_network_may_have_no_certificate():
    assert opened(Plain(), "http://wiki/pumps", at="http://wiki") == "http://wiki/pumps"


def test_the_address_that_the_connector_makes_counts_first():
    assert opened(Linking(), "https://evil.test/") == "https://rooms.example.net/#/7"


def of(*rules, own=None):
    mapping = None if own is None else [rule.as_json() for rule in own]
    return audience_of_new(
        SimpleNamespace(mapping=mapping), SimpleNamespace(mapping=rules, hosts=frozenset())
    )


NAMED = [Rule("title", "t"), Rule("url", "u"), Rule("kind", default="course")]


def test_a_new_item_is_for_everyone_unless_a_rule_says_otherwise():
    assert of() == EVERYONE
    assert of(Rule("audience", transform="names", default=["role:a", "role:b"])) == {
        "role:a",
        "role:b",
    }


def test_an_audience_that_depends_on_the_item_is_nobody_before_it_is_known():
    assert of(Rule("audience", "groups", "names", default="everyone")) == NOBODY
    assert of(own=[*NAMED, Rule("audience", "groups", "names")]) == NOBODY
    assert not may_see(NOBODY, EVERYONE)


def test_the_rules_of_the_administrator_count_in_place_of_the_connectors():
    pilot = Rule("audience", transform="names", default="group:pilot")
    assert of(pilot, own=NAMED) == EVERYONE
    assert of(own=[*NAMED, pilot]) == {"group:pilot"}


def test_rules_that_cannot_be_read_let_nobody_see():
    assert audience_of_new(SimpleNamespace(mapping=[{"field": "title"}]), SPEC) == NOBODY

"""Attributes become a profile: three naming flavours, rules, and no access without a rule."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.access import Access
from app.errors import Invalid
from app.people.mapping import FIELDS, AttributeMapping, profile
from app.people.rules import folded

CLAIMS = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/"
WINDOWS = "http://schemas.microsoft.com/ws/2008/06/identity/claims/"
FLAVOURS = {
    "plain": {
        "mail": ["Ada@Example.org"],
        "givenName": ["Ada"],
        "sn": ["Byron"],
        "displayName": ["Ada Byron"],
        "department": ["Field Service"],
        "memberOf": ["Pilots"],
    },
    "OIDC": {
        "email": ["ada@example.org"],
        "given_name": ["Ada"],
        "family_name": ["Byron"],
        "name": ["Ada Byron"],
        "department": ["Field Service"],
        "groups": ["Pilots"],
    },
    "claim URIs": {
        f"{CLAIMS}emailaddress": ["ada@example.org"],
        f"{CLAIMS}givenname": ["Ada"],
        f"{CLAIMS}surname": ["Byron"],
        "http://schemas.microsoft.com/identity/claims/displayname": ["Ada Byron"],
        f"{CLAIMS}department": ["Field Service"],
        f"{WINDOWS}groups": ["Pilots"],
    },
    "OIDs": {
        "urn:oid:0.9.2342.19200300.100.1.3": ["ada@example.org"],
        "urn:oid:2.5.4.42": ["Ada"],
        "urn:oid:2.5.4.4": ["Byron"],
        "urn:oid:2.16.840.1.113730.3.1.241": ["Ada Byron"],
        "urn:oid:2.5.4.11": ["Field Service"],
        "urn:oid:1.3.6.1.4.1.5923.1.5.1.1": ["Pilots"],
    },
}
LINKS = [
    {"http://schemas.microsoft.com/claims/groups.link": ["https://graph.example/x"]},
    {"_claim_names": ['{"groups": "src1"}']},
    {"_claim_names.groups": ["src1"]},
    {"hasgroups": ["true"]},
]


def mapping(*rules, **parts):
    named = [dict(zip(("field", "value", "gives", "name"), rule, strict=True)) for rule in rules]
    return AttributeMapping.from_json({"rules": named, **parts})


def made(received, *rules, **parts):
    return profile(mapping(*rules, **parts), received)


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_it_reads_every_naming_flavour_alike(flavour):
    ada = made(FLAVOURS[flavour], groups_as_they_are=True)
    assert (ada.email, ada.name, ada.given_name) == ("ada@example.org", "Ada Byron", "Ada")
    assert (ada.department, ada.groups) == ("Field Service", ("Pilots",))
    assert set(ada.origins.values()) == set(FLAVOURS[flavour])


def test_it_reads_attribute_names_in_any_case():
    assert made({"MAIL": ["ada@example.org"]}).origins == {"email": "MAIL"}


def test_it_takes_the_first_source_that_says_something():
    ada = made({"mail": [" ", ""], "email": ["ada@example.org"], "upn": ["x@example.org"]})
    assert ada.email == "ada@example.org"
    assert ada.unread == ("mail", "upn")


def test_it_reads_what_a_mapping_names_and_nothing_else():
    ada = made({"mail": ["a@example.org"], "post": ["b@example.org"]}, sources={"email": ["post"]})
    assert ada.email == "b@example.org"


@pytest.mark.parametrize("name", [[], ["ada@example.org"]])
def test_it_puts_a_name_together_from_its_parts(name):
    ada = made({"name": name, "givenName": ["Ada"], "sn": ["Byron"]})
    assert (ada.name, ada.origins["name"]) == ("Ada Byron", "givenName, sn")


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        ("Grace@Example.org", "grace@example.org"),
        ("e-17", "e-17"),
        ("uid=grace,ou=People,dc=example,dc=org", "grace"),
        ("CN=Hopper\\, Grace,OU=People,DC=example", "Hopper, Grace"),
        ("cn=Grace,mail=grace@example.org,dc=x", "grace@example.org"),
    ],
)
def test_it_reads_a_manager_as_address_id_or_distinguished_name(sent, read):
    assert made({"manager": [sent]}).manager == read


@pytest.mark.parametrize(
    "address", ["nobody", "a@b", "ada@example.org?bcc=eve@example.org", "\u212aate@example.org"]
)
def test_it_reads_no_address_that_is_none_or_passes_for_another(address):
    ada = made({"mail": [address]})
    assert (ada.email, ada.said) == ("", frozenset())
    assert ada.remarks[0].values == {"field": "email"}


def test_it_cleans_what_could_not_be_shown():
    ada = made({"displayName": ["Ada\x00 <b>Byron</b>\u202e"], "department": ["x" * 500]})
    assert (ada.name, ada.department) == ("Ada Byron", "x" * 100)


def test_it_reads_no_id_that_would_have_to_be_cut():
    assert "external_id" not in made({"employeeNumber": ["1" * 201]}).said


def test_it_reads_only_languages_that_the_pages_speak():
    assert made({"locale": ["de_AT"]}).locale == "de"
    assert "locale" not in made({"locale": ["xx"]}).said


def test_it_tells_an_empty_value_from_one_that_was_not_sent():
    assert made({"department": [""]}).said == {"department"}
    assert made({}).said == frozenset()


def test_it_makes_job_roles_of_roles_in_their_order():
    assert made({"roles": ["Mentor", "Field engineer", "mentor"]}).roles == (
        "Mentor",
        "Field engineer",
    )


def test_it_lets_rules_say_what_values_stand_for():
    ada = made(
        {"roles": ["FE-1", "Mentor"], "groups": ["g-77"], "department": ["IT"]},
        ("roles", "fe-1", "role", "Field engineer"),
        ("groups", "G-77", "group", "Pilots"),
        ("department", "it", "role", "Administrator"),
    )
    assert set(ada.roles) == {"Mentor", "Field engineer", "Administrator"}
    assert ada.groups == ("Pilots",)


def test_it_makes_no_groups_of_a_directory_without_a_rule():
    ada = made({"groups": ["a", "b"]})
    assert "groups" not in ada.said
    assert ada.unread == ("groups",)
    assert "no rule" in ada.remarks[0]


def test_it_names_groups_by_the_first_part_of_a_distinguished_name():
    ada = made({"memberOf": ["CN=Pilots,OU=Groups,DC=example"]}, groups_as_they_are=True)
    assert ada.groups == ("Pilots",)


def test_it_parts_values_only_where_the_mapping_says_so():
    admin = ("groups", "admins", "access", "admin")
    assert made({"groups": ["x;admins"]}, admin).access is Access.EMPLOYEE
    assert made({"groups": ["x;admins"]}, admin, separator=";").access is Access.ADMIN


@pytest.mark.parametrize("link", LINKS)
def test_it_says_when_groups_were_left_out_for_being_too_many(link):
    ada = made(link, ("groups", "g", "role", "Mentor"), ("groups", "g", "group", "Pilots"))
    assert {"roles", "groups"}.isdisjoint(ada.said)
    assert "link" in ada.remarks[0]


def test_it_leaves_roles_when_a_part_of_what_makes_them_is_hidden():
    ada = made(LINKS[0] | {"roles": ["Mentor"]}, ("groups", "g", "role", "Buddy"))
    assert "roles" not in ada.said


def test_it_gives_the_highest_level_of_all_rules_that_hold():
    rules = [("groups", "a", "access", "curator"), ("department", "b", "access", "manager")]
    assert made({"department": ["B"], "groups": ["A"]}, *rules).access is Access.CURATOR
    assert made({"department": ["B"]}, *rules).access is Access.MANAGER
    assert made({}, *rules).access is Access.EMPLOYEE


def test_it_speaks_of_access_only_if_a_rule_does():
    assert made({"roles": ["admin"], "access": ["admin"], "groups": ["admin"]}).access is None


@pytest.mark.parametrize(
    "group", ["Foyer-\u212auratoren", "Foyer-Kuratoren;x", "<b>Foyer-Kuratoren</b>", "Foyer"]
)
def test_it_takes_no_group_for_one_that_looks_like_it(group):
    rule = ("groups", "foyer-kuratoren", "access", "curator")
    assert made({"groups": [group]}, rule).access is Access.EMPLOYEE
    assert made({"groups": ["FOYER-KURATOREN"]}, rule).access is Access.CURATOR


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ([], "mapping"),
        ({"mail": "email"}, "mapping"),
        ({"sources": []}, "sources"),
        ({"sources": {"access": ["admin"]}}, "sources"),
        ({"sources": {"email": "mail"}}, "sources.email"),
        ({"sources": {"email": ["ma\nil"]}}, "sources.email"),
        ({"sources": {"email": ["m"] * 31}}, "sources.email"),
        ({"rules": {}}, "rules"),
        ({"rules": ["x"]}, "rules.1"),
        ({"rules": [{"field": "access", "value": "x", "gives": "role", "name": "y"}]}, "rules.1"),
        ({"rules": [{"field": "groups", "value": "", "gives": "role", "name": "y"}]}, "rules.1"),
        ({"rules": [{"field": "groups", "value": "x", "gives": "all", "name": "y"}]}, "rules.1"),
        ({"rules": [{"field": "groups", "value": "x", "gives": "access", "name": "y"}]}, "rules.1"),
        ({"rules": [{"field": "groups", "value": "x", "gives": "role", "name": "!"}]}, "rules.1"),
        ({"groups_as_they_are": "yes"}, "groups_as_they_are"),
        ({"separator": ""}, None),
        ({"separator": "x"}, "separator"),
    ],
)
def test_it_names_what_is_wrong_with_a_mapping(data, field):
    if field is None:
        assert AttributeMapping.from_json(data) == AttributeMapping()
        return
    with pytest.raises(Invalid) as refused:
        AttributeMapping.from_json(data)
    assert list(refused.value.fields) == [field]


LINES = st.text(st.characters(codec="utf-8", categories=["L", "N", "P"]), min_size=1, max_size=12)
WORDS = LINES | st.sampled_from(["admins", "Admins", "ADMIN", "curator", "it", "\u212a"])
RULES = st.fixed_dictionaries(
    {"field": st.sampled_from(FIELDS), "value": WORDS}
    | {"gives": st.just("access"), "name": st.sampled_from(list(Access))}
) | st.fixed_dictionaries(
    {"field": st.sampled_from(FIELDS), "value": WORDS}
    | {"gives": st.sampled_from(["role", "group"]), "name": st.sampled_from(["Mentor", "C++"])}
)
MAPPINGS = st.fixed_dictionaries(
    {},
    optional={
        "sources": st.dictionaries(st.sampled_from(FIELDS), st.lists(LINES, max_size=3)),
        "rules": st.lists(RULES, max_size=5),
        "groups_as_they_are": st.booleans(),
        "separator": st.sampled_from(["", ";", "|", ","]),
    },
)
NAMES = st.sampled_from(
    [name for flavour in FLAVOURS.values() for name in flavour]
    + ["roles", "access", "role", "manager", "employeeNumber", "locale", "MAIL", "hasgroups"]
)
RECEIVED = st.dictionaries(NAMES | LINES, st.lists(WORDS | st.text(max_size=9), max_size=4))
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from([*FIELDS, "rules", "sources", "field", "value", "gives", "name", "x"]),
            inner,
            max_size=4,
        )
    ),
)


@given(data=MAPPINGS)
def test_it_is_the_same_when_stored_and_read_again(data):
    read = AttributeMapping.from_json(data)
    assert AttributeMapping.from_json(read.to_json()) == read


@given(data=ANYTHING)
def test_it_takes_any_json_or_names_what_is_wrong(data):
    try:
        read = AttributeMapping.from_json(data)
    except Invalid as refused:
        read, named = None, refused.fields
    assert read or all(named.values())


@given(data=MAPPINGS, received=RECEIVED)
def test_it_never_gives_access_without_a_rule_whose_value_is_there(data, received):
    read = AttributeMapping.from_json(data)
    given_access = profile(read, received).access
    if given_access not in (None, Access.EMPLOYEE):
        values = {
            folded(part)
            for texts in received.values()
            for one in texts
            for part in (one, *(one.split(read.separator) if read.separator else ()))
        }
        assert any(
            rule.gives == "access" and rule.name == given_access and folded(rule.value) in values
            for rule in read.rules
        )


@given(data=MAPPINGS, received=RECEIVED, random=st.randoms())
def test_it_does_not_care_in_which_order_attributes_come(data, received, random):
    read = AttributeMapping.from_json(data)
    items = list(received.items())
    random.shuffle(items)
    assert profile(read, dict(items)) == profile(read, received)


@given(received=RECEIVED)
def test_it_makes_only_what_the_directory_can_keep(received):
    ada = profile(AttributeMapping(groups_as_they_are=True), received)
    assert len(ada.name) <= 200
    assert all(len(one) <= 80 for one in (*ada.roles, *ada.groups))
    texts = (ada.name, ada.department, ada.manager, *ada.roles, *ada.groups)
    assert not any(ord(letter) < 32 for text in texts for letter in text)


def test_it_compares_letters_with_accents_in_any_case():
    ada = made({"groups": ["ÜBUNG"]}, ("groups", "übung", "role", "Mentor"))
    assert ada.roles == ("Mentor",)

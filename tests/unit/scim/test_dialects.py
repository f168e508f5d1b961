"""Request bodies as Entra ID and Okta send them, and what they come to, through the library too."""

import json

import pytest
from scim2_models import InvalidValueException, Meta
from scim2_server.conditions import Conditions

from app.scim import dialects
from app.scim.protocol import CORE_GROUP, CORE_USER, ENTERPRISE, speaker
from app.scim.rows import model_of

PATCH_OP = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
WORK = [{"value": "amara@example.org", "type": "work", "primary": True}]
AMARA = {"userName": "amara", "title": "Engineer", "active": True, "emails": WORK}
LED = {**AMARA, ENTERPRISE: {"manager": {"value": "m-1"}, "department": "Lab"}}
TEAM = {"displayName": "Team", "members": [{"value": "u-1"}, {"value": "u-2"}]}
MANAGER = f"{ENTERPRISE}:manager"


def patched(kind, before, *operations):
    """Return a resource after a PATCH, as it is kept."""
    payload = {"schemas": [PATCH_OP], "Operations": list(operations)}
    body = json.dumps(dialects.patch(payload)).encode()
    resource = model_of(kind).model_validate({"id": "1", **before})
    resource.meta = Meta(resource_type=kind)
    with speaker().provider:
        read = speaker().read_patch(
            speaker().get_resource_type(kind), body, "application/scim+json"
        )
        speaker().apply_patch(resource, read, Conditions())
    after = resource.model_dump()
    return {name: value for name, value in after.items() if name not in {"id", "meta", "schemas"}}


def added(kind, body):
    """Return a resource as a POST leaves it."""
    text = json.dumps(dialects.resource(body)).encode()
    with speaker().provider:
        read = speaker().read_creation(
            speaker().get_resource_type(kind), text, "application/scim+json"
        )
    return {name: value for name, value in read.model_dump().items() if name != "schemas"}


def without(body, *names):
    return {name: value for name, value in body.items() if name not in names}


def led_by(value):
    return {**AMARA, ENTERPRISE: {"manager": {"value": value}}}


def op(kind, path=None, **value):
    return {"op": kind, **({"path": path} if path else {}), **value}


USERS = {
    "entra: false as a text": (
        [op("Replace", "active", value="False")],
        {**AMARA, "active": False},
    ),
    "entra: no path": ([op("Replace", value={"active": "False"})], {**AMARA, "active": False}),
    "entra: a wrapped boolean": (
        [op("Replace", "active", value=[{"$ref": None, "value": "False"}])],
        {**AMARA, "active": False},
    ),
    "entra: a wrapped text": (
        [op("Replace", "title", value=[{"$ref": None, "value": "Lead"}])],
        {**AMARA, "title": "Lead"},
    ),
    "entra: several operations": (
        [op("Replace", "title", value="Lead"), op("Add", "nickName", value="Ama")],
        {**AMARA, "title": "Lead", "nickName": "Ama"},
    ),
    "entra: dotted keys": (
        [op("Add", value={"name.givenName": "Amara", "name.familyName": "Okafor"})],
        {**AMARA, "name": {"givenName": "Amara", "familyName": "Okafor"}},
    ),
    "entra: a dotted path": (
        [op("Add", "name.formatted", value="Amara O.")],
        {**AMARA, "name": {"formatted": "Amara O."}},
    ),
    "entra: a work address": (
        [op("Replace", 'emails[type eq "work"].value', value="a@example.org")],
        {**AMARA, "emails": [{**WORK[0], "value": "a@example.org"}]},
    ),
    "entra: a filter as a key": (
        [op("Add", value={'emails[type eq "work"].value': "a@example.org", "title": "Lead"})],
        {**AMARA, "title": "Lead", "emails": [{**WORK[0], "value": "a@example.org"}]},
    ),
    "entra: a phone there is none of": (
        [op("Add", 'phoneNumbers[type eq "mobile"].value', value="+41 79")],
        {**AMARA, "phoneNumbers": [{"type": "mobile", "value": "+41 79"}]},
    ),
    "entra: replacing a phone there is none of": (
        [op("Replace", 'phoneNumbers[type eq "mobile"].value', value="+41 79")],
        {**AMARA, "phoneNumbers": [{"type": "mobile", "value": "+41 79"}]},
    ),
    "entra: a part of an address there is none of": (
        [op("Add", 'addresses[type eq "work"].locality', value="Basel")],
        {**AMARA, "addresses": [{"type": "work", "locality": "Basel"}]},
    ),
    "entra: a role by a boolean in quotes": (
        [op("Replace", 'roles[primary eq "True"].value', value="Lead")],
        {**AMARA, "roles": [{"primary": True, "value": "Lead"}]},
    ),
    "entra: a manager as a text": ([op("Add", MANAGER, value="m-2")], led_by("m-2")),
    "entra: a manager in a list": ([op("Add", MANAGER, value=[{"value": "m-2"}])], led_by("m-2")),
    "entra: a manager as it should be": (
        [op("Add", MANAGER, value={"value": "m-2"})],
        led_by("m-2"),
    ),
    "entra: a manager's value": ([op("Add", f"{MANAGER}.value", value="m-2")], led_by("m-2")),
    "entra: a manager as a key": ([op("Add", value={MANAGER: "m-2"})], led_by("m-2")),
    "entra: a manager inside the extension": (
        [op("Replace", value={ENTERPRISE: {"manager": "m-2"}})],
        led_by("m-2"),
    ),
    "a manager without a URN": ([op("replace", "manager", value="m-2")], led_by("m-2")),
    "entra: a department by its URN": (
        [op("Add", f"{ENTERPRISE}:department", value="Lab")],
        {**AMARA, ENTERPRISE: {"department": "Lab"}},
    ),
    "entra: a removal that names the value": (
        [op("Remove", "title", value="Engineer")],
        without(AMARA, "title"),
    ),
    "entra: an extension that nobody knows": (
        [op("Add", "urn:ietf:params:scim:schemas:extension:x:2.0:User:y", value="1")],
        AMARA,
    ),
    "null removes": ([op("replace", "title", value=None)], without(AMARA, "title")),
    "addresses as texts": (
        [op("replace", "emails", value=["a@example.org"])],
        {**AMARA, "emails": [{"value": "a@example.org"}]},
    ),
    "okta: switched off": ([op("replace", value={"active": False})], {**AMARA, "active": False}),
    "okta: read-only parts among the rest": (
        [
            op(
                "replace",
                value={
                    "id": "1",
                    "schemas": [CORE_USER],
                    "groups": [],
                    "meta": {},
                    "title": "Lead",
                },
            )
        ],
        {**AMARA, "title": "Lead"},
    ),
}
LED_USERS = {
    "entra: no manager any more": [op("Remove", MANAGER)],
    "entra: no manager, named": [op("Remove", MANAGER, value="m-1")],
    "entra: an empty manager": [op("Replace", MANAGER, value="")],
    "okta: an empty manager object": [
        op("replace", MANAGER, value={"value": "", "displayName": ""})
    ],
}
GROUPS = {
    "entra: one more": ([op("Add", "members", value=[{"$ref": None, "value": "u-3"}])], "123"),
    "entra: one that is there": ([op("Add", "members", value=[{"value": "u-2"}])], "12"),
    "entra: fewer, by a list": ([op("Remove", "members", value=[{"value": "u-1"}])], "2"),
    "entra: fewer, by a filter": ([op("Remove", 'members[value eq "u-1"]')], "2"),
    "fewer, by one object": ([op("remove", "members", value={"value": "u-1"})], "2"),
    "nobody": ([op("Remove", "members")], ""),
    "one that is not there": ([op("Remove", 'members[value eq "u-9"]')], "12"),
    "by a bare text": ([op("add", "members", value="u-3")], "123"),
    "okta: all anew": ([op("replace", "members", value=[{"value": "u-3", "display": "x"}])], "3"),
    "okta: add and remove in one": (
        [op("remove", 'members[value eq "u-1"]'), op("add", "members", value=[{"value": "u-4"}])],
        "24",
    ),
    "okta: no path": ([op("replace", value={"members": [{"value": "u-1"}]})], "1"),
}


@pytest.mark.parametrize(("operations", "after"), USERS.values(), ids=USERS)
def test_it_reads_what_changes_in_a_user(operations, after):
    assert patched("User", AMARA, *operations) == after


@pytest.mark.parametrize("operations", LED_USERS.values(), ids=LED_USERS)
def test_it_reads_that_there_is_no_manager(operations):
    assert patched("User", LED, *operations) == {**AMARA, ENTERPRISE: {"department": "Lab"}}


@pytest.mark.parametrize(("operations", "after"), GROUPS.values(), ids=GROUPS)
def test_it_reads_who_belongs_to_a_group(operations, after):
    members = patched("Group", TEAM, *operations).get("members") or []
    assert [one["value"] for one in members] == [f"u-{number}" for number in after]


def test_it_reads_a_group_that_okta_renames():
    operation = op("replace", value={"id": "1", "displayName": "New"})
    assert patched("Group", TEAM, operation)["displayName"] == "New"


BODIES = {
    "entra: a new user": (
        {
            "schemas": [CORE_USER, ENTERPRISE],
            "externalId": "0a21",
            "userName": "amara@example.org",
            "active": True,
            "emails": [{"primary": True, "type": "work", "value": "amara@example.org"}],
            "meta": {"resourceType": "User"},
            "name": {"formatted": "Amara Okafor", "familyName": "Okafor", "givenName": "Amara"},
            "roles": [],
            ENTERPRISE: {"department": "Lab", "manager": "m-1"},
        },
        {
            "externalId": "0a21",
            "userName": "amara@example.org",
            "active": True,
            "emails": [{"primary": True, "type": "work", "value": "amara@example.org"}],
            "name": {"formatted": "Amara Okafor", "familyName": "Okafor", "givenName": "Amara"},
            ENTERPRISE: {"department": "Lab", "manager": {"value": "m-1"}},
        },
    ),
    "okta: a new user": (
        {
            "schemas": [CORE_USER],
            "userName": "amara@example.org",
            "name": {"givenName": "Amara", "familyName": "Okafor"},
            "emails": [{"primary": True, "value": "amara@example.org", "type": "work"}],
            "displayName": "Amara Okafor",
            "locale": "en-US",
            "externalId": "00ujl29u0le5T6Aj10h7",
            "groups": [],
            "active": True,
        },
        {
            "userName": "amara@example.org",
            "name": {"givenName": "Amara", "familyName": "Okafor"},
            "emails": [{"primary": True, "value": "amara@example.org", "type": "work"}],
            "displayName": "Amara Okafor",
            "locale": "en-US",
            "externalId": "00ujl29u0le5T6Aj10h7",
            "active": True,
        },
    ),
    "empty entries and an empty manager": (
        {
            "schemas": [CORE_USER],
            "userName": "a",
            "emails": [{"type": "work", "value": ""}, {"type": "home", "value": "a@b.org"}],
            ENTERPRISE: {"manager": {"value": ""}},
        },
        {"userName": "a", "emails": [{"type": "home", "value": "a@b.org"}]},
    ),
}


@pytest.mark.parametrize(("body", "after"), BODIES.values(), ids=BODIES)
def test_it_reads_a_new_user(body, after):
    assert added("User", body) == after


def test_it_reads_a_new_group():
    body = {"schemas": [CORE_GROUP], "displayName": "Team", "members": ["u-1"]}
    assert added("Group", body) == {"displayName": "Team", "members": [{"value": "u-1"}]}


@pytest.mark.parametrize(
    "payload", [None, 1, "x", [], {}, {"Operations": 1}, {"Operations": [1, None, []]}]
)
def test_it_leaves_to_the_library_what_it_does_not_know(payload):
    assert dialects.patch(payload) == payload
    assert dialects.resource(payload) == payload


@pytest.mark.parametrize("payload", ["\0", {"a": ["\0"]}, {"\0": 1}, [{"a": {"b": "x\0"}}]])
def test_it_refuses_what_no_database_can_keep(payload):
    with pytest.raises(InvalidValueException):
        dialects.check_texts(payload)

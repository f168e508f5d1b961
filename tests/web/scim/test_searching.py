"""Searches as Entra and Okta make them: filters, pages, order, parts, and totals that are true."""

from datetime import timedelta
from itertools import count

import pytest

from app.scim.protocol import PAGE, speaker
from tests.support.factories import NOW
from tests.web.scim.conftest import SCIM_JSON

NAMES = ["bea", "Cem", "adil", "dora"]


@pytest.fixture
def four(entra, monkeypatch):
    """Return the directory with four users, each added a second after the one before."""
    moments = (NOW + timedelta(seconds=number) for number in count())
    monkeypatch.setattr("app.clock.now", lambda: next(moments))
    for name in NAMES:
        entra.add(f"{name}@example.org", displayName=name, externalId=f"x-{name}")
    return entra


def names(answer):
    return [one["displayName"] for one in answer.json["Resources"]]


@pytest.mark.parametrize(
    "text",
    [
        'userName eq "CEM@example.org"',
        'externalId eq "x-Cem"',
        'displayName eq "cem"',
        'emails[type eq "work"].value eq "cem@work.example"',
        'emails.value eq "CEM@work.example"',
        'userName eq "cem@example.org" and externalId eq "x-Cem"',
        'USERNAME SW "ce"',
    ],
)
def test_it_finds_one(four, text):
    found = four.get("/Users", filter='userName eq "cem@example.org"').json["Resources"][0]
    mail = {"value": "cem@work.example", "type": "work"}
    four.patch(f"/Users/{found['id']}", {"op": "add", "path": "emails", "value": [mail]})
    answer = four.get("/Users", filter=text)
    assert (answer.json["totalResults"], names(answer)) == (1, ["Cem"])


@pytest.mark.parametrize("text", ['userName eq "nobody"', 'externalId eq "X-CEM"', 'id eq "1"'])
def test_it_answers_with_an_empty_list_when_there_is_nobody(four, text):
    answer = four.get("/Users", filter=text)
    assert (answer.status_code, answer.json["totalResults"]) == (200, 0)
    assert answer.json.get("Resources", []) == []


@pytest.mark.parametrize(
    ("query", "found", "start"),
    [
        ({}, NAMES, 1),
        ({"startIndex": 1, "count": 2}, NAMES[:2], 1),
        ({"startIndex": 3, "count": 2}, NAMES[2:], 3),
        ({"startIndex": 4, "count": 50}, NAMES[3:], 4),
        ({"startIndex": 0, "count": 1}, NAMES[:1], 1),
        ({"startIndex": -7, "count": 1}, NAMES[:1], 1),
        ({"startIndex": 5}, [], 5),
        ({"startIndex": 10**30}, [], 10**30),
        ({"count": 0}, [], 1),
        ({"count": -1}, [], 1),
        ({"count": 10**30}, NAMES, 1),
        ({"filter": 'displayName ne "bea"', "startIndex": 2, "count": 1}, ["adil"], 2),
    ],
)
def test_it_pages_with_true_totals(four, query, found, start):
    answer = four.get("/Users", **query).json
    assert answer["totalResults"] == (3 if "filter" in query else 4)
    assert [one["displayName"] for one in answer.get("Resources", [])] == found
    assert (answer["itemsPerPage"], answer["startIndex"]) == (len(found), start)


def test_it_gives_no_more_at_once_than_it_says(entra):
    most = entra.get("/ServiceProviderConfig").json["filter"]["maxResults"]
    for query, size in (({"count": "100000"}, most), ({}, PAGE), ({"count": "7"}, 7)):
        read, _ = speaker().read_search_query(speaker().searched_types("Users"), query)
        assert read.count == size


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"sortBy": "userName"}, ["adil", "bea", "Cem", "dora"]),
        ({"sortBy": "userName", "sortOrder": "descending", "count": 2}, ["dora", "Cem"]),
        ({"sortBy": "externalId", "startIndex": 2}, ["adil", "bea", "dora"]),
        ({"sortBy": "title", "filter": 'displayName co "d"'}, ["adil", "dora"]),
    ],
)
def test_it_sorts_before_it_pages(four, query, found):
    assert names(four.get("/Users", **query)) == found


def test_it_gives_the_parts_that_are_asked_for(four):
    answer = four.get("/Users", attributes="userName", count=1).json["Resources"][0]
    assert set(answer) == {"schemas", "id", "userName"}
    answer = four.get("/Users", excludedAttributes="displayName", count=1).json["Resources"][0]
    assert "displayName" not in answer
    assert "userName" in answer


def test_it_searches_by_post_too(four):
    body = {
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"],
        "filter": 'displayName eq "bea"',
    }
    for path in ("/Users/.search", "/.search"):
        answer = four.ask("POST", path, body)
        assert (answer.status_code, answer.json["totalResults"]) == (200, 1)
    assert answer.mimetype == SCIM_JSON


def test_it_tells_whether_somebody_belongs_to_a_group(four):
    one, other = (four.get("/Users").json["Resources"][n]["id"] for n in (0, 1))
    group = four.add_group("Pilots", one)
    for text in (f'members eq "{one}"', f'members[value eq "{one}"]'):
        answer = four.get("/Groups", filter=f'id eq "{group["id"]}" and {text}', attributes="id")
        assert answer.json["totalResults"] == 1
    assert four.get("/Groups", filter=f'members eq "{other}"').json["totalResults"] == 0


def test_it_leaves_members_out_when_nobody_asks_for_them(four):
    one = four.get("/Users").json["Resources"][0]["id"]
    path = f"/Groups/{four.add_group('Pilots', one)['id']}"
    assert four.get(path).json["members"][0]["value"] == one
    assert "members" not in four.get(path, excludedAttributes="members").json
    listed = four.get("/Groups", excludedAttributes="members", filter='displayName eq "pilots"')
    assert "members" not in listed.json["Resources"][0]


def test_it_keeps_two_groups_of_one_name(four):
    assert four.add_group("Pilots")["id"] != four.add_group("Pilots")["id"]
    assert four.get("/Groups", filter='displayName eq "Pilots"').json["totalResults"] == 2


def test_it_keeps_members_whom_it_does_not_know(four):
    group = four.add_group("Pilots", "someone-else")
    assert four.get(f"/Groups/{group['id']}").json["members"] == [{"value": "someone-else"}]

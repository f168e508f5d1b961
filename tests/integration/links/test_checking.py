"""Checking links: the tool first, then the address, each host at its pace, nothing for ever."""

import datetime as dt
import itertools
from email.utils import format_datetime

import httpx
import pytest
from sqlalchemy import select

from app.connectors.base import Capabilities, ErrorKind, LaunchKind, Presence, SourceError
from app.errors import Wording
from app.harvest import breakers
from app.links.checking import over_the_network
from app.models import Connection, Item, ItemPresence, LinkCheck, LinkHost, Notice, Section
from tests.support.factories import NOW

HOUR = dt.timedelta(hours=1)


def test_the_tool_is_asked_and_its_addresses_are_left_alone(checking, connected, script, web):
    connected("a", "b", "c")
    script.there = {"a": Presence.LIVE, "b": Presence.HIDDEN, "c": Presence.GONE}
    checking.check(hours=1)
    assert checking.states() == {"a": "live", "b": "hidden", "c": "flaky"}
    checking.check(hours=2)
    assert checking.states() == {"a": "live", "b": "hidden", "c": "gone"}
    assert web.asked == []


def test_what_the_tool_cannot_say_is_asked_of_the_address(checking, connected, script, web):
    connected("a", "b")
    script.there = {"a": Presence.LIVE}
    web.answers["https://lab.test/b"] = 404
    checking.check(hours=1)
    assert {asked for _method, asked in web.asked} == {"https://lab.test/b"}
    assert checking.rows()["b"].asked == "address"


def test_a_tool_is_asked_for_fifty_items_at_once(checking, connected, script):
    connected(*(f"item-{number}" for number in range(120)))
    checking.check(hours=2)
    assert [len(asked) for asked in script.probed] == [50, 50, 20]


@pytest.mark.parametrize("kind", [ErrorKind.AUTH_INVALID, ErrorKind.FORBIDDEN, ErrorKind.SCHEMA])
def test_a_tool_that_refuses_to_answer_proves_nothing(checking, connected, script, web, kind):
    connected("a")
    web.answers["https://lab.test/a"] = 404

    def refuse(_ids):
        raise SourceError(kind, Wording("No."))

    script.found("scripted").probe = refuse
    checking.others["connector_for"] = lambda _kind: refusing(script, refuse)
    for _ in range(4):
        checking.check(hours=12)
    assert checking.states() == {"a": "unknown"}
    assert web.asked == []


def refusing(script, refuse):
    found = script.found("scripted")
    found.probe = lambda self, external_ids: refuse(external_ids)
    return found


def test_a_tool_in_trouble_is_left_alone_as_its_harvest_leaves_it(checking, connected, script):
    connected("a")

    def down(_ids):
        script.probed.append(["asked"])
        raise SourceError(ErrorKind.TRANSIENT, Wording("Down."))

    checking.others["connector_for"] = lambda _kind: refusing(script, down)
    checking.check(hours=1)
    with checking.database.sessions() as session:
        connection_id = session.scalar(select(Connection.id))
        assert breakers.state_of(session, connection_id).failures == 1
    assert checking.states() == {"a": "unknown"}


def test_a_tool_that_is_being_read_is_not_asked_beside_that(checking, connected, script):
    connected("a", running_until=NOW + dt.timedelta(days=1))
    checking.check(hours=2)
    assert script.probed == []


def test_what_the_harvest_retired_is_not_checked(checking, connected, script):
    connected("a")
    checking.check(hours=1)
    with checking.database.transaction() as session:
        session.scalars(select(Item)).one().status = "retired"
        item_id = session.scalars(select(Item.id)).one()
        session.add(ItemPresence(item_id=item_id, presence="gone", since=NOW))
    script.probed.clear()
    checking.check(days=40)
    assert script.probed == []


def test_what_opens_by_a_launch_alone_is_never_asked_by_its_address(
    checking, connected, script, web
):
    script.capabilities = Capabilities(launches=frozenset({LaunchKind.LTI13}))
    connected("a")
    checking.check(hours=1)
    assert web.asked == []
    assert checking.states() == {"a": "unknown"}


def test_a_head_that_is_refused_is_followed_by_a_get(checking, linked, web):
    linked("a")
    web.answers["https://web.test/a"] = lambda request: 200 if request.method == "GET" else 405
    checking.check(hours=1)
    assert [method for method, _ in web.asked] == ["HEAD", "GET"]
    assert checking.states() == {"a": "live"}


def test_a_get_says_what_it_has_seen_before(checking, linked, web):
    linked("a")

    def answer(request):
        if request.method == "HEAD":
            return 501
        return 304 if request.headers.get("if-none-match") == '"one"' else (200, {"etag": '"one"'})

    web.answers["https://web.test/a"] = answer
    checking.check(hours=1)
    assert checking.rows()["a"].status_code == 200
    checking.check(days=30)
    assert (checking.rows()["a"].status_code, checking.states()["a"]) == (304, "live")


def test_a_host_is_asked_once_a_second_at_most_and_hosts_in_turn(checking, linked, web):
    linked(*(f"page-{number}" for number in range(10)))
    linked(*(f"other-{number}" for number in range(10)), host="other.test")
    times = []
    for number in range(10):
        for host, name in (("web.test", "page"), ("other.test", "other")):
            address = f"https://{host}/{name}-{number}"
            web.answers[address] = lambda _request, host=host: times.append((host, checking.now))
    web.answers = {
        address: lambda request, note=note: note(request) or 200
        for address, note in web.answers.items()
    }
    checking.check(hours=2)
    for host in ("web.test", "other.test"):
        own = [moment for one, moment in times if one == host]
        assert len(own) == 10
        assert min(b - a for a, b in itertools.pairwise(own)) >= dt.timedelta(seconds=1)
    assert times[-1][1] - times[0][1] < dt.timedelta(seconds=15)


def test_a_host_that_is_down_costs_a_few_questions(checking, linked, web):
    linked(*(f"page-{number}" for number in range(50)))
    for number in range(50):
        web.answers[f"https://web.test/page-{number}"] = httpx.ConnectError("down")
    checking.check(hours=2)
    assert len(web.asked) <= 6
    assert set(checking.states().values()) <= {"unknown", "flaky"}


@pytest.mark.parametrize("way", ["seconds", "date"])
def test_a_host_that_asks_for_patience_is_given_it(checking, linked, web, way):
    linked("a", "b")
    checking.now = NOW + HOUR
    until = checking.now + 3 * HOUR
    asked = "10800" if way == "seconds" else format_datetime(until, usegmt=True)
    date = format_datetime(checking.now, usegmt=True)
    web.answers["https://web.test/a"] = web.answers["https://web.test/b"] = (
        429,
        {"Retry-After": asked, "Date": date},
    )
    checking.check()
    assert len(web.asked) == 1
    checking.check(hours=2)
    assert len(web.asked) == 1
    checking.check(hours=2)
    assert len(web.asked) == 2


def test_trouble_without_end_never_makes_a_link_gone(checking, linked, web):
    linked("a")
    web.answers["https://web.test/a"] = 503
    for _ in range(20):
        checking.check(days=1)
    assert checking.states() == {"a": "flaky"}


def test_gone_needs_two_looks_an_hour_apart(checking, linked, web):
    linked("a")
    web.answers["https://web.test/a"] = 404
    checking.check(hours=1)
    checking.all_due()
    checking.check(minutes=5)
    assert checking.states() == {"a": "flaky"}
    checking.check(hours=2)
    assert checking.states() == {"a": "gone"}
    web.answers["https://web.test/a"] = 200
    checking.check(days=3)
    assert checking.states() == {"a": "live"}


def test_an_address_that_has_moved_is_changed_here(checking, linked, web):
    linked("old")
    web.answers["https://web.test/old"] = 301, {"location": "/new"}
    checking.check(hours=1)
    row = checking.rows()["old"]
    assert checking.addresses() == {"old": "https://web.test/new"}
    assert (row.state, row.history[0]["found"]) == ("live", "moved")


def test_a_locked_address_is_not_changed_but_proposed(checking, linked, web):
    linked("old", locked=["url"])
    web.answers["https://web.test/old"] = 301, {"location": "/new"}
    checking.check(hours=1)
    assert checking.addresses() == {"old": "https://web.test/old"}
    row = checking.rows()["old"]
    assert (row.state, row.moved_to) == ("moved", "https://web.test/new")


def test_an_address_that_leads_to_another_site_is_proposed(checking, linked, web):
    linked("old")
    web.answers["https://web.test/old"] = 301, {"location": "https://parked.test/old"}
    checking.check(hours=1)
    assert checking.addresses() == {"old": "https://web.test/old"}
    assert checking.states() == {"old": "moved"}


def test_a_private_address_is_refused(checking, linked):
    checking.make_client = over_the_network
    linked("a", host="127.0.0.1")
    linked("b", host="169.254.169.254")
    checking.check(hours=1)
    assert set(checking.states().values()) == {"unknown"}
    assert "Foyer does not ask there" in checking.rows()["a"].detail


def test_only_the_own_host_of_a_private_connection_is_opened(checking, connected, script, web):
    connected("a", private=True)
    checking.check(hours=1)
    assert web.hosts == ["lab.test"]


def test_a_run_ends_when_its_time_is_over_and_the_next_one_goes_on(checking, linked, web):
    linked(*(f"page-{number}" for number in range(30)))
    checking.budget = dt.timedelta(seconds=10)
    checking.check()
    assert 8 <= len(web.asked) <= 12
    checking.budget = dt.timedelta(hours=1)
    checking.check()
    assert len(web.asked) == 30


def test_a_process_that_ends_stops_between_two_questions(checking, linked, web):
    linked("a", "b", "c")

    def last(_request):
        checking.ending = True
        return 200

    for each in "abc":
        web.answers[f"https://web.test/{each}"] = last
    checking.check(hours=1)
    assert len(web.asked) == 1
    checking.ending = False
    assert sorted(checking.states().values()).count("live") == 1


def test_new_links_are_spread_and_what_is_pinned_comes_first(checking, made):
    with made() as make:
        items = [make.item(f"Item {number}") for number in range(200)]
        make.role_page()
        section = make.session.scalars(select(Section)).one()
        make.pin(section, items[7])
        make.playlist([items[9]])
        wanted = {items[7].external_id, items[9].external_id}
    checking.check()
    checked = {key for key, row in checking.rows().items() if row.checked_at}
    assert wanted <= checked
    assert len(checked) < 20


def test_what_a_curator_called_fine_is_left_alone_until_then(checking, linked, web):
    linked("a")
    checking.check(hours=1)
    web.asked.clear()
    with checking.database.transaction() as session:
        session.scalars(select(LinkCheck)).one().fine_until = (NOW + dt.timedelta(days=90)).date()
    checking.check(days=40)
    assert web.asked == []
    checking.check(days=60)
    assert web.asked


def test_curators_of_what_is_pinned_hear_once_that_it_is_gone(checking, made, connected, script):
    connected("a", "b")
    script.there = dict.fromkeys("ab", Presence.GONE)
    with made() as make:
        items = {item.external_id: item for item in make.session.scalars(select(Item))}
        curator, owner = make.person("Ada"), make.person("Ben")
        make.role_page(curator_id=curator.id)
        make.pin(make.session.scalars(select(Section)).one(), items["a"])
        make.playlist([items["a"]], owner_id=owner.id)
        people = {curator.id, owner.id}
    for _ in range(5):
        checking.check(days=3)
    with checking.database.sessions() as session:
        told = session.scalars(select(Notice)).all()
    assert {notice.person_id for notice in told} == people
    assert len(told) == 2
    assert told[0].sentence == "“a” cannot be found any more."


def test_the_pace_is_kept_between_two_processes(checking, linked, web):
    linked("a", "b")
    checker = checking.checker
    checker.pace.take("web.test")
    with checking.database.sessions() as session:
        free_at = session.scalars(select(LinkHost.free_at)).one()
    assert free_at > checking.now
    checking.budget = dt.timedelta(hours=1)
    checking.check(hours=1)
    assert len(web.asked) == 2


def test_no_check_is_kept_beyond_the_last_dozen(checking, linked):
    linked("a")
    for _ in range(20):
        checking.check(days=20)
    assert len(checking.rows()["a"].history) == 12

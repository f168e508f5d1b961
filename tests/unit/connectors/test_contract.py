"""What every connector keeps, shown against a fake of its tool."""

import json
import re
import sys
from urllib.parse import urlsplit

import httpx
import pytest

from app.catalogue.records import ToolRecord
from app.connectors.base import (
    Account,
    Checkpoint,
    Delete,
    Did,
    ErrorKind,
    Fail,
    Harvests,
    Launches,
    LaunchKind,
    Link,
    Mode,
    Presence,
    ReportsActivity,
    Searches,
    SourceError,
)
from app.connectors.mapping import rules_from
from app.connectors.personal import AsksAsPerson
from app.connectors.registry import CONNECTORS
from app.connectors.settings import secret_names, settings_of
from app.errors import Wording
from app.harvest.records import Reader
from tests.support.factories import NOW
from tests.support.tools import FAKES, contract
from tests.support.tools.contract import (
    checkpoints,
    everything,
    everything_of,
    forms_of,
    ids,
    raised,
    upserts,
)
from tests.support.tools.faults import (
    FAULTS,
    PASSING,
    REFUSALS,
    UNREADABLE,
    Once,
    answers,
)
from tests.support.tools.world import CANARY

TITLE = 'R&D <Intro> "Q"'
ELSEWHERE = "elsewhere.test"
SHOWN_SECRETS = forms_of(CANARY)
SENSIBLE = {
    "401": {ErrorKind.AUTH_INVALID, ErrorKind.AUTH_EXPIRED},
    "403": {ErrorKind.FORBIDDEN, ErrorKind.AUTH_INVALID, ErrorKind.AUTH_EXPIRED},
    "404": {ErrorKind.CONFIG, ErrorKind.FORBIDDEN},
    "429 in seconds": {ErrorKind.RATE_LIMITED},
    "429 at a time": {ErrorKind.RATE_LIMITED},
    "500": {ErrorKind.TRANSIENT},
    "503 with a page": {ErrorKind.TRANSIENT},
    "timeout": {ErrorKind.TRANSIENT},
    "dropped": {ErrorKind.TRANSIENT},
    "cut": {ErrorKind.TRANSIENT},
    "empty": {ErrorKind.SCHEMA, ErrorKind.TRANSIENT},
    "a page with 200": {ErrorKind.SCHEMA, ErrorKind.TRANSIENT, ErrorKind.CONFIG},
    "bad JSON": {ErrorKind.SCHEMA, ErrorKind.TRANSIENT},
    "log in": {ErrorKind.AUTH_EXPIRED, ErrorKind.AUTH_INVALID, ErrorKind.SCHEMA},
    "expired": {ErrorKind.AUTH_INVALID, ErrorKind.AUTH_EXPIRED},
}
WHERE_ERRORS_ARE_TOLD = (
    "code",
    "error",
    "errorcode",
    "errcode",
    "exception",
    "message",
    "detail",
    "error_description",
    "debuginfo",
)
TELLS_THE_SECRET = dict.fromkeys(WHERE_ERRORS_ARE_TOLD, CANARY)


def can(name):
    return lambda kind: getattr(kind.connector_class.spec.capabilities, name)


def does(protocol):
    return lambda kind: issubclass(kind.connector_class, protocol)


def fakes(*conditions):
    """Parametrise over the fakes of the tools that meet the conditions."""
    chosen = [each for each in FAKES if all(is_so(each()) for is_so in conditions)]
    return pytest.mark.parametrize("fake", chosen, ids=lambda each: each.kind, indirect=True)


@pytest.fixture
def fake(request):
    """Return a fake with nothing in it."""
    return request.param()


def filled(fake, number=None):
    """Return the ids of so many new items."""
    return [fake.add(f"Course {count}") for count in range(number or fake.many)]


def delta(fake, events):
    """Return what changed since these events, as a process that has just started reads it."""
    return contract.since(fake.connector(), events)


def mapped(fake, event):
    """Return the fields of an upsert by the connector's own rules."""
    return contract.mapped(fake.connector_class.spec, event)


def record(fake, event):
    """Return an upsert as the catalogue takes it, and what is wrong with it."""
    spec = fake.connector_class.spec
    reader = Reader(ToolRecord(slug="tool", name="Tool"), spec.mapping, spec.schemes, [CANARY])
    taken = reader.take(event, now=NOW)
    return taken.record, list(taken.complaints)


def is_told(text):
    """Tell whether a text tells a secret, however it is written."""
    return any(secret in text for secret in SHOWN_SECRETS)


def trouble(pull):
    """Return the kind of SourceError that reading ends with, or None if it ends well."""
    try:
        list(pull)
    except SourceError as error:
        return error.kind
    return None


def test_every_registered_connector_that_asks_a_tool_has_a_fake():
    asking = [
        kind for kind in CONNECTORS if issubclass(kind, Harvests | ReportsActivity | Searches)
    ]
    assert sorted(fake.kind for fake in FAKES) == sorted(kind.spec.kind for kind in asking)


@fakes()
class TestWhatItSaysOfItself:
    def test_it_says_what_the_tool_is_and_how_to_set_it_up(self, fake):
        spec = fake.connector_class.spec
        assert re.fullmatch(r"[a-z0-9-]{2,40}", spec.kind)
        assert spec.name
        assert isinstance(spec.summary, Wording)
        assert spec.summary.endswith(".")
        assert spec.quadrants
        assert spec.family
        assert spec.source
        assert 2 <= len(spec.set_up) <= 5
        assert all(isinstance(step, Wording) for step in spec.set_up)

    def test_it_claims_what_it_implements(self, fake):
        kind, claims = fake.connector_class, fake.connector_class.spec.capabilities
        assert claims.live_search == issubclass(kind, Searches)
        assert claims.own_accounts == issubclass(kind, AsksAsPerson)
        assert claims.activity == issubclass(kind, ReportsActivity)
        assert claims.activity == bool(kind.spec.account_kinds)
        assert not (claims.delta or claims.tombstones) or issubclass(kind, Harvests)
        assert claims.delta or not claims.tombstones
        assert claims.launches <= set(LaunchKind)

    def test_its_mapping_survives_being_kept(self, fake):
        rules = fake.connector_class.spec.mapping
        if issubclass(fake.connector_class, Harvests):
            kept = json.loads(json.dumps([rule.as_json() for rule in rules]))
            assert rules_from(kept) == rules

    def test_it_asks_for_settings_in_words(self, fake):
        asked = settings_of(fake.connector_class.spec.settings)
        assert asked[0].name == "address"
        assert all(isinstance(one.label, Wording) for one in asked)
        assert {one.name for one in asked if CANARY in str(fake.settings().get(one.name))} <= (
            secret_names(fake.connector_class.spec.settings)
        )

    def test_its_module_names_the_page_of_the_vendor(self, fake):
        words = sys.modules[fake.connector_class.__module__].__doc__
        assert "https://" in words
        assert "address " in words


@fakes(does(Harvests))
class TestASweep:
    def test_it_yields_every_item_once_and_ends_complete(self, fake):
        added = filled(fake)
        contract.every_item_came_once(everything(fake.connector()), added)

    def test_it_ends_complete_where_there_is_nothing(self, fake):
        events = everything(fake.connector())
        assert ids(events) == []
        assert events[-1].complete

    def test_it_goes_on_from_each_of_its_checkpoints(self, fake):
        filled(fake)
        contract.it_goes_on_from_each_checkpoint(fake.connector, everything(fake.connector()))

    def test_it_keeps_its_place_often_and_in_few_bytes(self, fake):
        filled(fake)
        contract.places_were_kept(everything(fake.connector()))

    def test_it_reads_the_same_twice(self, fake):
        filled(fake)
        first = everything(fake.connector())
        fake.tick(60)
        contract.both_read_the_same(first, everything(fake.connector()))

    def test_it_no_longer_yields_what_was_removed(self, fake):
        first, second = filled(fake, 2)
        fake.tick()
        fake.remove(first)
        assert ids(everything(fake.connector())) == [second]


@fakes(does(Harvests), can("delta"))
class TestADelta:
    def test_it_yields_what_is_new_and_what_has_changed(self, fake):
        first, *_ = filled(fake, 3)
        events = everything(fake.connector())
        fake.tick(60)
        fake.change(first, "A new title")
        new = fake.add("Another course")
        found = delta(fake, events)
        assert {first, new} <= set(ids(found))
        assert found[-1].complete

    def test_it_yields_nothing_of_a_tool_at_rest(self, fake):
        filled(fake, 3)
        events = everything(fake.connector())
        fake.tick(60)
        second = delta(fake, events)
        fake.tick(60)
        assert ids(delta(fake, second)) == []

    def test_it_reads_an_item_as_the_sweep_does(self, fake):
        changed = filled(fake, 3)[0]
        fake.tick(60)
        events = everything(fake.connector())
        fake.tick(60)
        fake.change(changed, "A new title")
        [again] = [one for one in upserts(delta(fake, events)) if one.external_id == changed]
        [swept] = [
            one for one in upserts(everything(fake.connector())) if one.external_id == changed
        ]
        assert again == swept

    def test_it_loses_nothing_of_the_second_of_its_cursor(self, fake):
        first = filled(fake, 2)[0]
        events = everything(fake.connector())
        fake.change(first, "Changed in the very second")
        new = fake.add("Made in the very second")
        found = delta(fake, events)
        assert {first, new} <= set(ids(found))
        again = fake.add("Made in that second, and later than the delta")
        assert again in ids(delta(fake, found))

    def test_it_loses_nothing_that_changes_while_it_is_read(self, fake):
        first = filled(fake)[0]
        asked = []

        def busy(request):
            answer = fake.handle(request)
            asked.append(request)
            fake.tick(10)
            if len(asked) == 2:
                fake.change(first, "Changed on the way")
            return answer

        events = everything(fake.connector(busy))
        if len(asked) < 2:
            fake.change(first, "Changed on the way")
        titles = {one.external_id: one for one in upserts(events)}
        titles |= {one.external_id: one for one in upserts(delta(fake, events))}
        assert record(fake, titles[first])[0].title == fake.seen("Changed on the way")

    def test_without_a_cursor_it_reads_everything(self, fake):
        added = filled(fake, 3)
        assert sorted(ids(fake.connector().pull(None, Mode.DELTA))) == sorted(added)


@fakes(does(Harvests), can("tombstones"))
class TestATombstone:
    def test_a_delta_names_what_was_removed(self, fake):
        first, second = filled(fake, 2)
        events = everything(fake.connector())
        fake.tick(60)
        fake.remove(first)
        deletes = [one for one in delta(fake, events) if isinstance(one, Delete)]
        assert first in [one.external_id for one in deletes]
        assert second not in [one.external_id for one in deletes]


@fakes(does(Harvests))
class TestAnItem:
    def test_its_title_arrives_as_a_reader_should_see_it(self, fake):
        added = fake.add(TITLE)
        [event] = [one for one in upserts(everything(fake.connector())) if one.external_id == added]
        found, problems = record(fake, event)
        assert problems == []
        assert found.title == fake.seen(TITLE)

    def test_it_is_taken_without_complaint(self, fake):
        filled(fake, 2)
        for event in upserts(everything(fake.connector())):
            found, problems = record(fake, event)
            assert problems == []
            assert found.external_id == event.external_id

    def test_its_addresses_can_be_followed_and_tell_nothing(self, fake):
        filled(fake, 2)
        allowed = {f"{scheme}" for scheme in fake.connector_class.spec.schemes} | {"https"}
        for event in upserts(everything(fake.connector())):
            fields = mapped(fake, event)
            assert urlsplit(str(fields["url"])).scheme == "https"
            assert urlsplit(str(fields.get("app_url") or "https:")).scheme in allowed
            assert "token=" not in str(event.raw)

    def test_it_can_be_kept_as_json(self, fake):
        filled(fake, 2)
        for event in upserts(everything(fake.connector())):
            assert json.loads(json.dumps(event.raw)) == event.raw
            assert 0 < len(event.external_id) <= 300


@fakes(does(Harvests), does(Launches))
class TestALink:
    def test_it_is_made_without_asking_and_as_the_harvest_stored_it(self, fake):
        filled(fake, 2)
        connector = fake.connector()
        events = everything(connector)
        asked = len(fake.requests)
        contract.links_are_as_harvested(connector, events)
        assert len(fake.requests) == asked

    def test_it_survives_an_id_that_was_made_up(self, fake):
        stored = Link(f"{fake.address}/stored")
        address = fake.connector().link('"><script>@evil.test/../', stored).url
        assert urlsplit(address).hostname in {
            urlsplit(fake.address).hostname,
            *fake.connector_class.spec.hosts,
            *fake.link_hosts,
        }
        assert "<" not in address


@fakes(does(Harvests))
class TestAProbe:
    def test_it_tells_what_is_there_from_what_is_not(self, fake):
        live, removed, *_ = filled(fake, 4)
        fake.tick()
        fake.remove(removed)
        found = fake.connector().probe([live, removed])
        assert set(found) == {live, removed}
        if fake.can_probe:
            assert found[live] is Presence.LIVE
            assert found[removed] in {Presence.GONE, Presence.HIDDEN}
        assert found[live] is not Presence.GONE
        assert found[removed] is not Presence.LIVE or not fake.can_probe

    def test_it_never_calls_a_hidden_item_gone(self, fake):
        hidden, *_ = filled(fake, 2)
        fake.tick()
        if fake.hides:
            fake.hide(hidden)
            assert fake.connector().probe([hidden])[hidden] in {Presence.HIDDEN, Presence.UNKNOWN}

    def test_it_knows_nothing_of_what_never_was(self, fake):
        never = "987654"
        assert fake.connector().probe([never])[never] in {Presence.GONE, Presence.UNKNOWN}

    def test_it_asks_nothing_about_nothing(self, fake):
        assert dict(fake.connector().probe([])) == {}

    @pytest.mark.parametrize("fault", ["500", "timeout", "log in", "401", "bad JSON"])
    def test_it_calls_nothing_gone_while_the_tool_is_in_trouble(self, fake, fault):
        live = filled(fake, 2)[0]
        connector = fake.connector(Once(fake.handle, {**FAULTS, **REFUSALS}[fault], for_good=True))
        try:
            found = connector.probe([live])[live]
        except SourceError:
            return
        assert found in {Presence.UNKNOWN, Presence.HIDDEN, Presence.LIVE}


@fakes(can("live_search"))
class TestALiveSearch:
    def test_its_hits_are_text_and_known_by_the_id_of_the_harvest(self, fake):
        added = fake.add(TITLE)
        fake.add("Something else")
        hits = fake.connector().search("R&D", 5)
        assert hits[0].title == fake.seen(TITLE)
        if issubclass(fake.connector_class, Harvests):
            assert hits[0].external_id == added
        for hit in hits:
            assert not re.search(r"&#?\w+;|<(span|em|b|mark|strong)\b", hit.title + hit.summary)
            assert urlsplit(hit.url).scheme == "https"
            assert hit.kind

    def test_it_returns_no_more_than_it_was_asked_for(self, fake):
        filled(fake, 8)
        assert 0 < len(fake.connector().search("Course", 3)) <= 3

    @pytest.mark.parametrize("words", ['"', "a AND (", "&limit=1000#", "%00", "ü" * 200, "*:*"])
    def test_it_asks_any_words(self, fake, words):
        fake.add("Something")
        fake.connector().search(words, 3)

    @pytest.mark.parametrize("fault", sorted({**FAULTS, **REFUSALS}))
    def test_it_says_what_is_wrong(self, fake, fault):
        handle = Once(fake.handle, {**FAULTS, **REFUSALS}[fault], for_good=True)
        with pytest.raises(SourceError) as caught:
            fake.connector(handle).search("Course", 3)
        assert caught.value.kind in SENSIBLE[fault]


@fakes()
class TestACheck:
    def test_it_finds_everything_in_order(self, fake):
        filled(fake, 2)
        probes = list(fake.connector().check())
        assert probes
        assert [one for one in probes if not one.ok] == []
        assert all(isinstance(one.what, Wording) for one in probes)

    def test_it_says_which_credentials_are_wrong_and_raises_nothing(self, fake):
        filled(fake, 2)
        secrets = secret_names(fake.connector_class.spec.settings)
        if not secrets or not fake.refuses:
            return
        wrong = fake.connector(**dict.fromkeys(secrets, "wrong-" + "x" * 20))
        failing = [one for one in wrong.check() if not one.ok]
        assert failing
        assert all(isinstance(one.why, Wording) and one.why for one in failing)

    @pytest.mark.parametrize("fault", sorted({**FAULTS, **REFUSALS}))
    def test_it_raises_nothing_whatever_happens(self, fake, fault):
        filled(fake, 2)
        handle = Once(fake.handle, {**FAULTS, **REFUSALS}[fault], for_good=True)
        failing = [one for one in fake.connector(handle).check() if not one.ok]
        assert failing
        assert all(one.why for one in failing)

    def test_it_tells_no_secret_that_the_tool_repeats(self, fake):
        for status in (200, 400, 401, 403, 500):
            told = answers(status, json=TELLS_THE_SECRET)
            probes = list(fake.connector(Once(fake.handle, told, for_good=True)).check())
            assert not is_told(repr(probes) + "".join(str(one.why) for one in probes))


@fakes(does(Harvests))
class TestTrouble:
    @pytest.mark.parametrize("fault", sorted({**FAULTS, **REFUSALS}))
    def test_it_ends_a_pull_with_a_kind_that_says_what_it_is(self, fake, fault):
        filled(fake, 3)
        handle = Once(fake.handle, {**FAULTS, **REFUSALS}[fault], for_good=True)
        assert raised(everything_of(fake.connector(handle))).kind in SENSIBLE[fault]

    @pytest.mark.parametrize("fault", sorted({**PASSING, **UNREADABLE}))
    def test_once_it_changes_nothing(self, fake, fault):
        filled(fake, 3)
        clean = upserts(everything(fake.connector()))
        handle = Once(fake.handle, {**PASSING, **UNREADABLE}[fault])
        assert upserts(everything(fake.connector(handle))) == clean

    @pytest.mark.parametrize("fault", ["503 with a page", "cut"])
    def test_once_on_the_way_it_changes_nothing(self, fake, fault):
        filled(fake)
        clean = upserts(everything(fake.connector()))
        for at in {len(fake.requests) // 2, len(fake.requests) - 1}:
            handle = Once(fake.handle, PASSING[fault], at)
            assert upserts(everything(fake.connector(handle))) == clean

    @pytest.mark.parametrize("fault", ["503 with a page", "401"])
    def test_a_pull_that_was_broken_off_is_never_complete(self, fake, fault):
        added = filled(fake)
        everything(fake.connector())
        asked = len(fake.requests)
        for at in {0, 1, 2, asked // 2, asked - 1}:
            handle = Once(fake.handle, {**FAULTS, **REFUSALS}[fault], at, for_good=True)
            events = []
            try:
                events.extend(everything_of(fake.connector(handle)))
            except SourceError:
                assert not any(one.complete for one in checkpoints(events))
            else:
                failed = any(isinstance(one, Fail) for one in events)
                assert failed or sorted(ids(events)) == sorted(added)

    def test_wrong_credentials_are_not_tried_again(self, fake):
        filled(fake, 2)
        handle = Once(fake.handle, REFUSALS["401"], for_good=True)
        raised(everything_of(fake.connector(handle)))
        assert handle.asked < 4
        assert fake.slept == []

    def test_it_tells_no_secret_that_the_tool_repeats(self, fake):
        for status in (200, 400, 401, 403, 500):
            told = answers(status, json=TELLS_THE_SECRET)
            error = raised(everything_of(fake.connector(Once(fake.handle, told, for_good=True))))
            assert not is_told(f"{error} {error!r} {error.sentence} {error.sentence.values}")


@fakes()
class TestASecret:
    def test_it_is_in_nothing_that_leaves_the_connector(self, fake):
        filled(fake)
        connector = fake.connector()
        said = [repr(list(connector.check()))]
        if issubclass(fake.connector_class, Harvests):
            said.append(repr(everything(connector)))
        if issubclass(fake.connector_class, Searches):
            said.append(repr(connector.search("Course", 3)))
        assert not is_told("".join(said))

    def test_it_is_in_no_address_that_is_asked(self, fake):
        filled(fake)
        connector = fake.connector()
        list(connector.check())
        if issubclass(fake.connector_class, Harvests):
            everything(connector)
        if issubclass(fake.connector_class, Searches):
            connector.search("Course", 3)
        assert fake.requests
        assert not is_told(" ".join(str(request.url) for request in fake.requests))


@fakes(does(Harvests))
class TestAnotherHost:
    def test_it_is_not_asked_because_an_answer_names_it(self, fake):
        filled(fake)
        asked = []

        def misled(request):
            asked.append(request)
            answer = fake.handle(request)
            host = urlsplit(fake.address).netloc
            headers = [
                (name, value.replace(host, ELSEWHERE)) for name, value in answer.headers.items()
            ]
            body = answer.read().replace(host.encode(), ELSEWHERE.encode())
            kept = [(k, v) for k, v in headers if k.lower() != "content-length"]
            return httpx.Response(answer.status_code, headers=kept, content=body)

        assert trouble(everything_of(fake.connector(misled))) in {
            None,
            ErrorKind.CONFIG,
            ErrorKind.SCHEMA,
        }
        assert ELSEWHERE not in {request.url.host for request in asked}

    def test_it_is_not_asked_because_of_a_redirect(self, fake):
        filled(fake, 2)
        asked = []

        def redirected(request):
            asked.append(request.url.host)
            fake.handle(request)
            return httpx.Response(302, headers={"Location": f"https://{ELSEWHERE}/", "Date": "x"})

        assert raised(everything_of(fake.connector(redirected))).kind is ErrorKind.CONFIG
        assert ELSEWHERE not in asked


SPOILT = [b"garbage", b"{}", b"[]", b"null", b"\xff\xfe", b'{"since"']


@fakes(does(Harvests))
class TestACursor:
    @pytest.mark.parametrize("cursor", SPOILT)
    def test_one_that_is_spoilt_is_refused_by_a_delta(self, fake, cursor):
        if fake.connector_class.spec.capabilities.delta:
            filled(fake, 2)
            error = raised(fake.connector().pull(cursor, Mode.DELTA))
            assert error.kind is ErrorKind.CURSOR_INVALID

    @pytest.mark.parametrize("cursor", SPOILT)
    def test_one_that_is_spoilt_is_refused_by_a_sweep_that_has_places(self, fake, cursor):
        filled(fake)
        if len(checkpoints(everything(fake.connector()))) > 1:
            error = raised(everything_of(fake.connector(), cursor))
            assert error.kind is ErrorKind.CURSOR_INVALID

    def test_values_of_another_kind_are_no_accident(self, fake):
        filled(fake)
        for event in checkpoints(everything(fake.connector())):
            mode = Mode.DELTA if event.complete else Mode.SWEEP
            if event.complete and not fake.connector_class.spec.capabilities.delta:
                continue
            for spoilt in spoilt_values(event.cursor):
                assert trouble(fake.connector().pull(spoilt, mode)) in {
                    None,
                    ErrorKind.CURSOR_INVALID,
                    ErrorKind.CONFIG,
                }

    def test_one_that_the_tool_no_longer_knows_asks_for_a_new_beginning(self, fake):
        if fake.forgets:
            filled(fake)
            events = everything(fake.connector())
            fake.forget()
            error = raised(fake.connector().pull(events[-1].cursor, Mode.DELTA))
            assert error.kind is ErrorKind.CURSOR_INVALID


def spoilt_values(cursor):
    """Yield the cursor with each of its values turned into something else."""
    try:
        values = json.loads(cursor)
    except ValueError:
        return
    for name in values if isinstance(values, dict) else ():
        for other in ({"a": 1}, None, ["x"]):
            yield json.dumps({**values, name: other}).encode()


@fakes(can("activity"))
class TestActivity:
    @pytest.fixture
    def person(self, fake):
        kind = fake.connector_class.spec.account_kinds[0]
        return Account(kind, fake.person(kind))

    def test_it_says_who_completed_what(self, fake, person):
        item = fake.add("A course")
        fake.complete(item, person)
        events = list(fake.connector().activity(None, [person]))
        done = [one for one in events if isinstance(one, Did) and one.verb == "completed"]
        assert [(one.account.name, one.external_id or one.address) for one in done] == [
            (person.name, fake.told_of(item))
        ]
        assert done[0].at.tzinfo is not None
        assert abs((done[0].at - fake.now).total_seconds()) < 1
        assert events[-1].complete

    def test_it_says_it_under_the_same_id_again(self, fake, person):
        item = fake.add("A course")
        fake.complete(item, person)
        first = dids(fake.connector().activity(None, [person]))
        fake.tick(60)
        assert dids(fake.connector().activity(None, [person])) == first

    def test_what_comes_later_is_found_from_the_cursor_on(self, fake, person):
        first, second = filled(fake, 2)
        fake.complete(first, person)
        events = list(fake.connector().activity(None, [person]))
        fake.complete(second, person)
        found = dids(fake.connector().activity(events[-1].cursor, [person]))
        assert fake.told_of(second) in {one.external_id or one.address for one in found.values()}

    def test_it_goes_on_from_each_of_its_checkpoints(self, fake, person):
        for item in filled(fake, 5):
            fake.complete(item, person)
        events = list(fake.connector().activity(None, [person]))
        for place, event in enumerate(events):
            if isinstance(event, Checkpoint):
                rest = dids(fake.connector().activity(event.cursor, [person]))
                assert {**dids(events[:place]), **rest} == dids(events)

    @pytest.mark.parametrize("cursor", SPOILT)
    def test_a_spoilt_cursor_is_refused(self, fake, person, cursor):
        error = raised(fake.connector().activity(cursor, [person]))
        assert error.kind is ErrorKind.CURSOR_INVALID

    @pytest.mark.parametrize("fault", sorted({**FAULTS, **REFUSALS}))
    def test_trouble_is_said_and_nothing_is_complete(self, fake, person, fault):
        item = fake.add("A course")
        fake.complete(item, person)
        handle = Once(fake.handle, {**FAULTS, **REFUSALS}[fault], for_good=True)
        error = raised(fake.connector(handle).activity(None, [person]))
        assert error.kind in SENSIBLE[fault]


def dids(events):
    return {event.id: event for event in events if isinstance(event, Did)}

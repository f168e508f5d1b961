"""What is special about LinkedIn Learning: deltas that end early, retired courses, launch links."""

import pytest

from app.connectors.base import Delete, ErrorKind, Link, Mode, Presence, SourceError, Upsert
from app.connectors.mapping import apply
from tests.support.tools.linkedin import FakeLinkedIn


@pytest.fixture
def fake():
    return FakeLinkedIn()


def swept(fake, **settings):
    return list(fake.connector(**settings).pull(None, Mode.SWEEP))


def upserts(events):
    return [event for event in events if isinstance(event, Upsert)]


def changed(fake, events):
    return list(fake.connector().pull(events[-1].cursor, Mode.DELTA))


def finders(fake):
    return [r.url.params["q"] for r in fake.requests if "q" in r.url.params]


def test_a_delta_asks_for_what_was_modified(fake):
    fake.add("Old")
    fake.tick(60)
    events = swept(fake)
    fake.tick(60)
    fake.add("New")
    fake.requests.clear()
    assert [event.raw["title"] for event in upserts(changed(fake, events))] == ["New"]
    assert finders(fake) == ["criteria"]


def test_a_delta_that_nears_the_cap_reads_everything(fake):
    events = swept(fake)
    fake.tick(60)
    for number in range(700):
        fake.add(f"Course {number}")
    assert len(upserts(changed(fake, events))) == 700
    assert finders(fake)[-1] == "localeAndType"


def test_a_delta_over_more_than_a_day_reads_everything(fake):
    fake.add("Old")
    events = swept(fake)
    fake.tick(60 * 25)
    found = changed(fake, events)
    assert [event.raw["title"] for event in upserts(found)] == ["Old"]
    fake.requests.clear()
    fake.tick(60)
    changed(fake, found)
    assert finders(fake) == ["criteria"]


def test_everything_that_a_delta_reads_goes_on_where_it_was_broken_off(fake):
    events = swept(fake)
    fake.tick(60 * 25)
    added = [fake.add(f"Course {number}") for number in range(250)]
    whole = changed(fake, events)
    at = next(place for place, event in enumerate(whole) if not isinstance(event, Upsert))
    rest = list(fake.connector().pull(whole[at].cursor, Mode.DELTA))
    assert {e.external_id for e in upserts(whole[:at]) + upserts(rest)} == set(added)


def test_a_sweep_names_what_was_retired(fake):
    retired = fake.add("Retired")
    fake.remove(retired)
    assert [event for event in swept(fake) if isinstance(event, Delete)] == [
        Delete(retired, Presence.GONE)
    ]


def test_an_asset_that_is_neither_available_nor_retired_is_hidden(fake):
    asset = fake.add("Soon")
    fake.assets[asset]["availability"] = "SOMETHING_ELSE"
    assert fake.connector().probe([asset]) == {asset: Presence.HIDDEN}


def test_it_opens_by_the_launch_address_that_was_given(fake):
    fake.add("Welding")
    assert upserts(swept(fake))[0].raw["url"] == "https://www.linkedin.com/learning/course-100"
    through = upserts(swept(fake, sso="yes"))[0].raw["url"]
    assert through.startswith("https://www.linkedin.com/checkpoint/")
    kept = Link("https://www.linkedin.com/kept")
    assert fake.connector().link("urn:li:lyndaCourse:100", kept) == kept


def test_it_keeps_what_is_said_of_a_course(fake):
    urn = fake.add("Welding")
    fields = apply(fake.connector_class.spec.mapping, upserts(swept(fake))[0].raw).fields
    assert fields["keys"] == [urn]
    assert (fields["kind"], fields["level"], fields["minutes"]) == ("course", "beginner", 84)
    assert (fields["skills"], fields["attribution"]) == (["Welding"], "Ada Lovelace")
    assert fields["published"].isoformat() == "2023-11-14"


def test_a_token_that_runs_out_is_renewed_on_the_way(fake):
    for number in range(150):
        fake.add(f"Course {number}")
    pull = fake.connector().pull(None, Mode.SWEEP)
    next(pull)
    fake.expire()
    assert len(upserts(pull)) == 149
    assert fake.issued == 2


def test_every_language_is_read(fake):
    swept(fake, locales="en_US, de_DE", videos="yes")
    asked = [
        (r.url.params["sourceLocale.language"], r.url.params["assetType"])
        for r in fake.requests
        if "q" in r.url.params
    ]
    assert asked == [("en", "COURSE"), ("en", "VIDEO"), ("de", "COURSE"), ("de", "VIDEO")]


def test_languages_that_cannot_be_read_are_named(fake):
    probes = list(fake.connector(locales="English").check())
    assert [probe.ok for probe in probes] == [True, False, False]
    with pytest.raises(SourceError) as caught:
        swept(fake, locales="English")
    assert caught.value.kind is ErrorKind.CONFIG


def test_a_sweep_that_was_broken_off_in_a_language_no_longer_wanted_begins_anew(fake):
    cursor = b'{"part":3,"since":1,"start":100}'
    with pytest.raises(SourceError) as caught:
        list(fake.connector().pull(cursor, Mode.SWEEP))
    assert caught.value.kind is ErrorKind.CURSOR_INVALID

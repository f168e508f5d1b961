"""What a pull must keep whatever is read: asserted alike of fakes and of real servers.

`connect` is always a function without arguments that gives the connector as a process that has
just started would have it.
"""

import base64
import json
from urllib.parse import quote, quote_plus

import pytest

from app.connectors.base import Checkpoint, Delete, Link, Mode, SourceError, Upsert
from app.connectors.mapping import apply

MOST_BETWEEN = 600  # events from one checkpoint to the next
LARGEST_CURSOR = 64 * 1024


def everything_of(connector, cursor=None):
    """Return a pull of all there is, not yet read."""
    mode = Mode.SWEEP if connector.spec.capabilities.sweep else Mode.DELTA
    return connector.pull(cursor, mode)


def everything(connector, cursor=None):
    """Return the events of a pull of all there is."""
    return list(everything_of(connector, cursor))


def since(connector, events):
    """Return the events of a delta that goes on where these ended."""
    return list(connector.pull(events[-1].cursor, Mode.DELTA))


def upserts(events):
    return [event for event in events if isinstance(event, Upsert)]


def ids(events):
    return [event.external_id for event in upserts(events)]


def by_id(events):
    return {event.external_id: event for event in upserts(events)}


def deletes(events):
    return {event.external_id: event.presence for event in events if isinstance(event, Delete)}


def checkpoints(events):
    return [event for event in events if isinstance(event, Checkpoint)]


def mapped(spec, event):
    """Return the fields of an upsert by the connector's own rules."""
    return apply(spec.mapping, event.raw).fields


def link_of(spec, event):
    """Return where an upsert says that its item opens."""
    fields = mapped(spec, event)
    return Link(str(fields["url"]), fields.get("app_url"))


def raised(pull):
    """Return the SourceError that reading ends with; fail if it ends well."""
    with pytest.raises(SourceError) as caught:
        list(pull)
    return caught.value


def forms_of(secret):
    """Return the ways in which a secret may be written."""
    encoded = base64.b64encode(secret.encode()).decode().rstrip("=")
    return (secret, quote(secret, safe=""), quote_plus(secret), encoded)


def every_item_came_once(events, expected):
    """Assert that a pull yielded these items and ended with its only complete checkpoint."""
    assert sorted(ids(events)) == sorted(expected)
    assert [one.complete for one in checkpoints(events)].count(True) == 1
    assert isinstance(events[-1], Checkpoint)
    assert events[-1].complete


def places_were_kept(events):
    """Assert that checkpoints came often enough and that their cursors are small."""
    between = 0
    for event in events:
        between = 0 if isinstance(event, Checkpoint) else between + 1
        assert between <= MOST_BETWEEN
    for event in checkpoints(events):
        assert isinstance(event.cursor, bytes)
        assert len(event.cursor) <= LARGEST_CURSOR


def it_goes_on_from_each_checkpoint(connect, events):
    """Assert that a pull that died after any checkpoint is completed by the next one."""
    for place, event in enumerate(events):
        if isinstance(event, Checkpoint) and not event.complete:
            rest = everything(connect(), event.cursor)
            assert {*ids(events[:place]), *ids(rest)} == set(ids(events))
            assert len(ids(rest)) < len(ids(events))
            assert rest[-1].complete


def both_read_the_same(first, second):
    """Assert that two pulls of an unchanged tool yielded the same bytes for the same items."""
    assert ids(first) == ids(second)
    assert [json.dumps(one.raw) for one in upserts(first)] == [
        json.dumps(one.raw) for one in upserts(second)
    ]


def links_are_as_harvested(connector, events):
    """Assert that links made without asking are those that the harvest stored."""
    found = {one.external_id: link_of(connector.spec, one) for one in upserts(events)}
    assert {one: connector.link(one, stored) for one, stored in found.items()} == found

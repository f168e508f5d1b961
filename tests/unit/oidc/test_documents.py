"""JSON from a provider: one form is taken, everything else refused with a ValueError."""

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.oidc.documents import document

REFUSED = {
    "nothing": b"",
    "no JSON": b"<html>",
    "a list": b"[]",
    "a number that JSON has not": b'{"exp": NaN}',
    "half of a surrogate pair": b'{"sub": "\\ud800"}',
    "NUL": b'{"sub": "a\\u0000b"}',
    "NUL in a name": b'{"a\\u0000b": 1}',
    "UTF-16": '{"sub": "a"}'.encode("utf-16"),
    "too deep for Python": b'{"a":' + b"[" * 100_000,
    "too deep for us": b'{"a":' + b"[" * 50 + b"]" * 50 + b"}",
    "a number too long to read": b'{"exp": ' + b"9" * 10_000 + b"}",
}


@pytest.mark.parametrize("body", REFUSED.values(), ids=REFUSED.keys())
def test_it_refuses(body):
    with pytest.raises(ValueError, match=r"."):
        document(body)


@given(st.binary(max_size=200))
def test_it_gives_an_object_or_a_value_error_for_any_bytes(body):
    with suppress(ValueError):
        assert isinstance(document(body), dict)


def test_it_reads_an_object():
    value = {"sub": "Zoë", "groups": ["a", {"b": [1.5, True, None]}]}
    assert document(json.dumps(value).encode()) == value

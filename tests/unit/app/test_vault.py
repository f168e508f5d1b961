"""Sealing what the database must hold: opened under the same key only, readable by nobody."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.vault import CannotOpenError, Vault

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1).filter(
    lambda text: not text.startswith("env:")
)


@pytest.fixture(scope="module")
def vault():
    return Vault("a secret key", environ={"IDP_SECRET": "from outside"})


@given(text=TEXTS)
def test_it_opens_whatever_it_sealed(vault, text):
    assert vault.open(vault.seal(text)) == text


def test_it_seals_the_same_text_differently_each_time(vault):
    assert vault.seal("client secret") != vault.seal("client secret")


def test_it_leaves_nothing_readable(vault):
    sealed = vault.seal("-----BEGIN PRIVATE KEY----- client secret")
    raw = base64.urlsafe_b64decode(sealed)
    assert not any(word in raw for word in (b"BEGIN", b"PRIVATE", b"client", b"secret"))


def test_it_does_not_open_under_another_key(vault):
    with pytest.raises(CannotOpenError):
        Vault("another secret key").open(vault.seal("client secret"))


@pytest.mark.parametrize("place", [0, 12, 40, -1])
def test_it_does_not_open_what_was_tampered_with(vault, place):
    raw = bytearray(base64.urlsafe_b64decode(vault.seal("client secret")))
    raw[place] ^= 1
    with pytest.raises(CannotOpenError):
        vault.open(base64.urlsafe_b64encode(bytes(raw)).decode())


@pytest.mark.parametrize("junk", ["x", "gAAAAA", "ÄÖÜ", "client secret", "\0", " "])
def test_it_does_not_open_what_was_never_sealed(vault, junk):
    with pytest.raises(CannotOpenError):
        vault.open(junk)


def test_it_keeps_the_name_of_a_variable_and_reads_it_when_opened(vault):
    assert vault.seal("env:IDP_SECRET") == "env:IDP_SECRET"
    assert vault.open("env:IDP_SECRET") == "from outside"


def test_it_says_which_variable_is_missing(vault):
    with pytest.raises(CannotOpenError, match="OTHER"):
        vault.open("env:OTHER")


@pytest.mark.parametrize("name", ["FOYER_SECRET_KEY", "FOYER_DATABASE_URL"])
def test_it_hands_out_no_setting_of_the_portal(name):
    with pytest.raises(CannotOpenError):
        Vault("key", {name: "the portal's own"}).open(f"env:{name}")


def test_it_keeps_the_empty_text_empty(vault):
    assert (vault.seal(""), vault.open("")) == ("", "")

"""The search page with the process that finds by meaning: there, gone, hanging."""

import socket
import time

import pytest
from sqlalchemy import select

from app.config import Config
from app.discover.encoding import answers
from app.discover.meaning import socket_at
from app.models import Item
from search.semantic import Neighbours
from search.semantic_server import serving
from tests.support.encoder import WordEncoder

SAYS = "Nothing has these words, so here is what is about something similar."


@pytest.fixture
def config(sqlite, tmp_path):
    """Return settings with which the search finds by meaning."""
    return Config.from_env(
        {
            "FOYER_DATA_DIR": str(tmp_path / "data"),
            "FOYER_SECRET_KEY": "for tests only",
            "FOYER_RATE_LIMITS": "0",
            "FOYER_SEMANTIC": "1",
        }
    )


@pytest.fixture
def seals(make, index_now):
    """Let there be an item about seals, one of them a secret, and one about money."""
    make.item("Changing a seal", kind="video")
    make.item("Secret seal", audience=("role:boss",))
    make.item("Budget")
    index_now()


@pytest.fixture
def meaning(config, session, seals):
    """Let a process find by meaning, with a small encoder over all titles."""
    encoder, near = WordEncoder(), Neighbours(WordEncoder.dimensions)
    near.put({item.id: encoder.encode([item.title])[0] for item in session.scalars(select(Item))})
    with serving(socket_at(config.semantic_dir), answers(encoder, near)):
        yield


@pytest.fixture
def hanging(config, seals):
    """Let a process take questions and never answer."""
    config.semantic_dir.mkdir(parents=True, exist_ok=True)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(socket_at(config.semantic_dir)))
        listener.listen()
        yield


def in_time(client, address):
    """Return the page, asked again while its answer was late; that one is kept."""
    deadline = time.monotonic() + 10
    page = client.get(address)
    while not page.all("li", class_="result") and time.monotonic() < deadline:
        page = client.get(address)
    return page


def test_it_finds_what_holds_no_word_but_is_about_it_and_says_so(meaning, as_employee, titles):
    page = in_time(as_employee, "/discover?q=gasket")
    assert titles(page) == ["Changing a seal"]
    assert SAYS in page.text("main")
    assert page.text("h1").startswith("1 ")


def test_it_finds_so_only_what_the_reader_may_see(meaning, sign_in, make, titles):
    boss = sign_in(make.person(roles=[make.role("boss")]))
    assert set(titles(in_time(boss, "/discover?q=gasket"))) == {"Changing a seal", "Secret seal"}


def test_it_keeps_to_the_words_that_it_finds(meaning, as_employee, titles):
    page = as_employee.get("/discover?q=budget")
    assert titles(page) == ["Budget"]
    assert SAYS not in page.text("main")


def test_it_keeps_to_the_words_where_they_are_taken_exactly(meaning, as_employee, titles):
    in_time(as_employee, "/discover?q=gasket")
    assert titles(as_employee.get("/discover?q=gasket&exact=1")) == []


def test_it_answers_by_words_alone_without_the_process(seals, as_employee, titles):
    assert titles(as_employee.get("/discover?q=seal")) == ["Changing a seal"]
    assert titles(as_employee.get("/discover?q=gasket")) == []


def test_it_answers_by_words_alone_while_the_process_hangs(hanging, as_employee, titles):
    assert titles(as_employee.get("/discover?q=seal")) == ["Changing a seal"]
    assert titles(as_employee.get("/discover?q=gasket")) == []

"""Asking the process that knows the vectors: answers, and how little it costs without any."""

import json
import socket
import stat
import struct
import threading
import time
from contextlib import contextmanager

import pytest

from search.semantic_client import SemanticClient
from search.semantic_server import serving
from search.semantic_wire import LONGEST_TEXT

SOON = 5.0


@pytest.fixture
def path(tmp_path):
    return tmp_path / "socket"


@pytest.fixture
def patient(path):
    """Return a client that waits as long as a busy machine may take."""
    return SemanticClient(path, budget=SOON)


def wait_for(condition):
    deadline = time.monotonic() + SOON
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.005)
    return condition()


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self):
        self.now = 100.0

    def __call__(self):
        return self.now


@contextmanager
def saying(path, reply):
    """Let a process answer each question with these bytes; None: never."""
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(path))
    listener.listen()
    opened = []

    def accept():
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            opened.append(connection)
            if reply is not None:
                connection.recv(2000)
                connection.sendall(reply)
                connection.close()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield opened
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        for connection in opened:
            connection.close()


def test_it_answers_what_is_similar(path, patient):
    with serving(path, lambda text: {7: 0.5, 2**40: len(text) / 10}):
        assert patient.similar("  pump\n care ") == {7: 0.5, 2**40: 0.9}


def test_only_its_user_may_open_the_socket(path):
    with serving(path, lambda _text: {}):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert not path.exists()


def test_what_a_killed_process_left_is_no_obstacle(path, patient):
    left = socket.socket(socket.AF_UNIX)
    left.bind(str(path))
    left.close()
    with serving(path, lambda _text: {1: 1.0}):
        assert patient.similar("pump") == {1: 1.0}


def test_many_ask_at_once_and_each_gets_its_own_answer(path, patient):
    found = {}
    with serving(path, lambda text: {int(text): 1.0}):
        threads = [
            threading.Thread(target=lambda one=one: found.update(patient.similar(str(one))))
            for one in range(20)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert sorted(found) == list(range(20))


def test_no_words_are_not_asked(path, patient):
    assert patient.similar(" \n") == {}
    assert not patient.resting


def test_answers_are_kept_for_a_minute(path):
    asked, clock = [], Clock()
    client = SemanticClient(path, budget=SOON, clock=clock)
    with serving(path, lambda text: asked.append(text) or {1: 1.0}):
        assert client.similar("pump") == client.similar("pump ") == {1: 1.0}
        assert asked == ["pump"]
        clock.now += 61
        client.similar("pump")
    assert asked == ["pump", "pump"]


def test_a_long_text_is_cut(path, patient):
    asked = []
    with serving(path, lambda text: asked.append(text) or {}):
        patient.similar("pump " * 5000)
    assert len(asked[0]) <= LONGEST_TEXT


def test_without_a_process_there_is_nothing_at_once(path, patient):
    began = time.monotonic()
    assert patient.similar("pump") == {}
    assert time.monotonic() - began < SOON
    assert patient.resting


def test_a_process_that_hangs_is_waited_for_once(path):
    client = SemanticClient(path, budget=0.05)
    with saying(path, None):
        client.similar("first")
        began = time.monotonic()
        for number in range(200):
            assert client.similar(f"question {number}") == {}
        assert time.monotonic() - began < 0.25


def test_a_process_that_hangs_holds_few_threads(path):
    clock = Clock()
    client = SemanticClient(path, budget=0.01, clock=clock)
    before = threading.active_count()
    with saying(path, None):
        for number in range(200):
            client.similar(f"question {number}")
        assert threading.active_count() - before <= 4


def test_a_late_answer_is_there_the_next_time(path):
    go = threading.Event()
    client = SemanticClient(path, budget=0.01)
    with serving(path, lambda _text: go.wait(SOON) and {1: 1.0}):
        assert client.similar("pump") == {}
        go.set()
        assert wait_for(lambda: client.similar("pump") == {1: 1.0})


def test_it_waits_again_when_an_answer_was_in_time(path):
    clock = Clock()
    client = SemanticClient(path, budget=SOON, clock=clock)
    assert client.similar("pump") == {}
    assert client.resting
    with serving(path, lambda _text: {1: 1.0}):
        clock.now += 2
        client.similar("valve")
        assert wait_for(lambda: not client.resting)
        assert client.similar("pump") == {1: 1.0}


def packed(message):
    data = json.dumps(message).encode()
    return struct.pack(">I", len(data)) + data


@pytest.mark.parametrize(
    "reply",
    [
        b"",
        b"\x00",
        b"HTTP/1.1 200 OK\r\n\r\n",
        struct.pack(">I", 2**31) + b"[]",
        struct.pack(">I", 5) + b"[[1,",
        packed({"1": 2}),
        packed([1, 2]),
        packed([["one", "two"]]),
        packed(None),
    ],
)
def test_garbage_is_no_answer(path, patient, reply):
    with saying(path, reply):
        assert patient.similar("pump") == {}
    assert patient.resting


def test_a_question_that_is_none_ends_nothing(path, patient):
    with serving(path, lambda _text: {1: 1.0}):
        with socket.socket(socket.AF_UNIX) as other:
            other.connect(str(path))
            other.sendall(packed([1, 2, 3]))
            assert other.recv(10) == b""
        assert patient.similar("pump") == {1: 1.0}


def test_an_error_in_answering_ends_nothing(path, patient, caplog):
    def answer(text):
        if text == "bad":
            raise RuntimeError("no such weight")
        return {1: 1.0}

    with serving(path, answer):
        assert patient.similar("bad") == {}
        assert SemanticClient(path, budget=SOON).similar("pump") == {1: 1.0}
    assert "no such weight" in caplog.text

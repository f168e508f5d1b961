"""How the process that knows the vectors is spoken to: a length, then that many bytes of JSON.

A question is a text, an answer a list of pairs: a document's number and its cosine. Both ends run
on one machine, over a socket that is a file which only their user may open.
"""

import json
import struct
from collections.abc import Mapping
from socket import socket
from typing import Any

LONGEST_TEXT = 1000  # characters of a question; more says no more about what is looked for
_LENGTH = struct.Struct(">I")
_MOST_BYTES = 100_000


def send_text(connection: socket, text: str) -> None:
    """Send a question. Raises OSError."""
    _send(connection, text[:LONGEST_TEXT])


def receive_text(connection: socket) -> str:
    """Receive a question. Raises OSError, and ValueError for anything else."""
    text = _receive(connection)
    if not isinstance(text, str):
        raise ValueError("a question is a text")
    return text[:LONGEST_TEXT]


def send_similar(connection: socket, similar: Mapping[int, float]) -> None:
    """Send an answer. Raises OSError."""
    _send(connection, list(similar.items()))


def receive_similar(connection: socket) -> dict[int, float]:
    """Receive an answer. Raises OSError, and ValueError for anything else."""
    pairs = _receive(connection)
    try:
        return {int(found): float(cosine) for found, cosine in pairs}
    except TypeError as error:
        raise ValueError("an answer is a list of pairs") from error


def _send(connection: socket, message: Any) -> None:
    data = json.dumps(message).encode()
    connection.sendall(_LENGTH.pack(len(data)) + data)


def _receive(connection: socket) -> Any:
    (length,) = _LENGTH.unpack(_exactly(connection, _LENGTH.size))
    if length > _MOST_BYTES:
        raise ValueError("the message is too long")
    return json.loads(_exactly(connection, length))


def _exactly(connection: socket, number: int) -> bytes:
    found = bytearray()
    while len(found) < number:
        some = connection.recv(number - len(found))
        if not some:
            raise ConnectionError("the other end has gone")
        found += some
    return bytes(found)

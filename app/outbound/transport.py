"""Carries requests over connections that go to a checked address and end by a deadline.

The name is resolved where the connection is made, once: what was checked is what is connected
to. TLS, SNI and the Host header keep the name.
"""

import ipaddress
import re
import socket
import ssl
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import httpcore
import httpx

from app.errors import Unavailable, Wording
from app.outbound.rules import OutboundRefused, Rules

Resolver = Callable[[str, int], Sequence[str]]

_DROPPED = {
    httpcore.RemoteProtocolError: httpx.RemoteProtocolError,
    httpcore.ReadError: httpx.ReadError,
    httpcore.WriteError: httpx.WriteError,
}
_NUMBER_AT_END = re.compile(r"(?:^|\.)(?:\d+|0x[0-9a-f]*)\.?$", re.IGNORECASE)
_ends_at: ContextVar[float] = ContextVar("_ends_at", default=float("inf"))


def system_resolver(host: str, port: int) -> Sequence[str]:
    """Return the addresses that the machine's resolver knows for the name; raise OSError.

    It takes as long as that resolver is set to take, whatever the deadline of the exchange.
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(answer[4][0]) for answer in found))


class Transport(httpx.BaseTransport):
    """Checks each request's address and hands it to a pool whose connections are checked too."""

    def __init__(
        self, rules: Rules, seconds: float, trust: ssl.SSLContext, resolve: Resolver
    ) -> None:
        """Take where Foyer may go and how many seconds an exchange may last."""
        self._rules, self._seconds = rules, seconds
        self._pool = httpcore.ConnectionPool(
            ssl_context=trust,
            max_keepalive_connections=10,
            keepalive_expiry=5.0,
            network_backend=_Network(rules, resolve),
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send the request; the extension `ends_at` gives the deadline of a longer exchange."""
        self._rules.check_address(request.url)
        own_end = time.monotonic() + self._seconds
        _ends_at.set(request.extensions.get("ends_at", own_end))
        url = request.url
        inner = httpcore.Request(
            method=request.method,
            url=httpcore.URL(
                scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path
            ),
            headers=request.headers.raw,
            content=request.stream,
            extensions=request.extensions,
        )
        with _errors_of_httpx():
            answer = self._pool.handle_request(inner)
        return httpx.Response(
            status_code=answer.status, headers=answer.headers, stream=_Stream(answer)
        )

    def close(self) -> None:
        """Close the connections."""
        self._pool.close()


class _Stream(httpx.SyncByteStream):
    """The body of an answer, with the errors of httpx."""

    def __init__(self, answer: httpcore.Response) -> None:
        self._answer = answer

    def __iter__(self) -> Iterator[bytes]:
        with _errors_of_httpx():
            yield from self._answer.iter_stream()

    def close(self) -> None:
        with _errors_of_httpx():
            self._answer.close()


@contextmanager
def _errors_of_httpx() -> Iterator[None]:
    try:
        yield
    except httpcore.TimeoutException as error:
        raise httpx.TimeoutException(str(error)) from error
    except tuple(_DROPPED) as error:
        raise _DROPPED[type(error)](str(error)) from error
    except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.UnsupportedProtocol) as error:
        raise httpx.TransportError(str(error)) from error


class _Network(httpcore.NetworkBackend):
    """Resolves a name once, checks every answer and connects to what was checked."""

    def __init__(self, rules: Rules, resolve: Resolver) -> None:
        self._rules, self._resolve = rules, resolve
        self._sockets = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        addresses = self._rules.check_answers(host, self._answers(host, port))
        failure: Exception = httpcore.ConnectError("no address")
        for address in addresses:
            try:
                stream = self._sockets.connect_tcp(
                    address, port, _left(timeout), local_address, socket_options
                )
                return _Deadlined(stream)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure

    def _answers(self, host: str, port: int) -> Sequence[str]:
        literal = host.strip("[]")
        try:
            return [str(ipaddress.ip_address(literal))]
        except ValueError:
            pass
        if _NUMBER_AT_END.search(literal):
            raise OutboundRefused(
                Wording("%(host)s is a number and not the name of a host", host=host)
            )
        try:
            return self._resolve(literal, port)
        except (OSError, UnicodeError) as error:
            raise Unavailable(host, Wording("the name is not known")) from error


class _Deadlined(httpcore.NetworkStream):
    """A connection on which no single step outlasts the deadline of the whole exchange."""

    def __init__(self, inner: httpcore.NetworkStream) -> None:
        self._inner = inner

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, _left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, _left(timeout))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        return _Deadlined(self._inner.start_tls(ssl_context, server_hostname, _left(timeout)))

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


def _left(timeout: float | None) -> float:
    """Return the seconds that the next step may take; raise ReadTimeout when none are left."""
    left = _ends_at.get() - time.monotonic()
    if left <= 0:
        raise httpcore.ReadTimeout("the deadline of the exchange has passed")
    return min(left, timeout if timeout is not None else left)

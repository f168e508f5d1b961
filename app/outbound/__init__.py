"""Fetches from other systems without being led to where Foyer must not go (SSRF).

Every address that an administrator, a provider's metadata or a connector names is fetched through
this module. An address is parsed once; its host is resolved once per connection, every answer is
checked, and the connection goes to the very address that was checked, while TLS still proves the
name. A name that answers differently the next moment (DNS rebinding) therefore changes nothing.
Redirects are followed only by `fetch`, hop by hop, each hop checked like the first. The whole
exchange has one deadline and a body one size, counted after decompression.

ASVS 5.0: 1.3.6, 13.2.4, 15.3.2, 12.3.2.
"""

import functools
import logging
import re
import ssl
import time
import zlib
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta
from http.cookiejar import CookieJar, DefaultCookiePolicy

import httpx

from app.errors import Unavailable, Wording
from app.outbound.rules import OutboundRefused, Rules, parsed
from app.outbound.transport import Resolver, Transport, system_resolver

__all__ = [
    "Dropped",
    "Fetched",
    "OutboundRefused",
    "Resolver",
    "Rules",
    "client",
    "fetch",
    "glance",
    "parsed",
]

TIMEOUT = timedelta(seconds=10)
MOST_REDIRECTS = 3

for _name in ("httpx", "httpcore"):  # their lines would carry whole addresses, and cookies
    logging.getLogger(_name).setLevel(logging.WARNING)
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_FOR_ANY_HOST = frozenset({"accept", "accept-language", "user-agent"})


class Dropped(Unavailable):
    """The other system closed the connection before it answered anything.

    So ends a connection that idled in the pool for longer than the other side keeps one; the next
    request is given a fresh one.
    """


@dataclass(frozen=True, slots=True)
class Fetched:
    """What another system answered; `url` is where the last redirect led."""

    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes


def client(
    private_hosts: Collection[str] = (),
    *,
    timeout: timedelta = TIMEOUT,
    trust: ssl.SSLContext | None = None,
    resolve: Resolver = system_resolver,
) -> httpx.Client:
    """Return an HTTP client that reaches public addresses only, and what `private_hosts` names.

    `timeout` bounds each exchange as a whole. A host in `private_hosts` may also have a private
    or loopback address, any port, and plain http. Certificates are checked against `trust`,
    else against the file in SSL_CERT_FILE, else against certifi's. No proxy and no netrc of the
    environment is used, no cookie is kept, no redirect is followed. Use it with `fetch`; close it.
    """
    rules = Rules(frozenset(private_hosts))
    seconds = timeout.total_seconds()
    return httpx.Client(
        transport=Transport(rules, seconds, trust or _usual_trust(), resolve),
        timeout=seconds,
        follow_redirects=False,
        trust_env=False,
        cookies=CookieJar(DefaultCookiePolicy(allowed_domains=())),
        headers={"User-Agent": "Foyer", "Accept-Encoding": "gzip"},
    )


def fetch(
    client: httpx.Client,
    url: str,
    *,
    largest: int,
    redirects: int = 0,
    headers: Mapping[str, str] | None = None,
    form: Mapping[str, str] | None = None,
    content: bytes | None = None,
    put: bool = False,
) -> Fetched:
    """Fetch the address, following up to `redirects` (at most 3) redirects.

    A `form`, or any other `content` whose type stands in `headers`, is sent by POST, or by PUT.

    Any status is an answer. Headers of the caller but Accept and the like stay with the first
    host, and so does what is sent. Raises OutboundRefused for an address that must not be fetched
    and for a body of more than `largest` bytes, Unavailable when the system does not answer, and
    of that kind Dropped when it closed the connection instead.
    """
    target, sent = parsed(url), httpx.Headers(headers)
    ends_at = time.monotonic() + (client.timeout.read or TIMEOUT.total_seconds())
    sends = form is not None or content is not None
    for left in range(min(redirects, MOST_REDIRECTS), -1, -1):
        request = client.build_request(
            _method(sends=sends, put=put), target, headers=sent, data=form, content=content
        )
        request.extensions["ends_at"] = ends_at
        answer = _exchange(client, request, largest)
        location = answer.headers.get("location", "")
        if answer.status not in _REDIRECTS or not location or not redirects:
            return answer
        if sends:
            raise OutboundRefused(
                Wording("%(host)s redirects what was sent to it", host=target.host)
            )
        if not left:
            break
        target, sent = _next_hop(target, location, sent)
    raise OutboundRefused(
        Wording(
            "%(host)s redirects more than %(times)s times",
            host=target.host,
            times=min(redirects, MOST_REDIRECTS),
        )
    )


def _method(*, sends: bool, put: bool) -> str:
    if not sends:
        return "GET"
    return "PUT" if put else "POST"


def glance(
    client: httpx.Client,
    url: str,
    *,
    method: str = "HEAD",
    headers: Mapping[str, str] | None = None,
) -> Fetched:
    """Ask for the address and read of the answer no more than status and headers.

    No redirect is followed. Raises as `fetch` does.
    """
    request = client.build_request(method, parsed(url), headers=headers)
    request.extensions["ends_at"] = time.monotonic() + (
        client.timeout.read or TIMEOUT.total_seconds()
    )
    return _exchange(client, request, None)


@functools.cache
def _usual_trust() -> ssl.SSLContext:
    return httpx.create_ssl_context()


def _next_hop(
    here: httpx.URL, location: str, sent: httpx.Headers
) -> tuple[httpx.URL, httpx.Headers]:
    """Return where a redirect leads and the headers that may go there."""
    parsed_location = parsed(location)
    try:
        target = here.join(parsed_location)
    except (httpx.InvalidURL, ValueError) as error:
        raise _unreadable_redirect(here.host) from error
    if here.scheme == "https" and target.scheme != "https":
        raise OutboundRefused(
            Wording(
                "%(host)s redirects from https to %(scheme)s",
                host=here.host,
                scheme=target.scheme,
            )
        )
    if (here.scheme, here.host, here.port) == (target.scheme, target.host, target.port):
        return target, sent
    return target, httpx.Headers({k: v for k, v in sent.items() if k.lower() in _FOR_ANY_HOST})


def _exchange(client: httpx.Client, request: httpx.Request, largest: int | None) -> Fetched:
    """Send the request and read the answer; with `largest` None its body is not read."""
    host = request.url.host
    try:
        response = _begun(client, request)
        try:
            body = b"" if largest is None else _body(response, largest)
        finally:
            response.close()
    except httpx.TimeoutException as error:
        raise Unavailable(host, Wording("it did not answer in time")) from error
    except httpx.HTTPError as error:
        raise Unavailable(
            host, Wording("it cannot be reached: %(why)s", why=_why(error))
        ) from error
    return Fetched(str(request.url), response.status_code, response.headers, body)


def _begun(client: httpx.Client, request: httpx.Request) -> httpx.Response:
    """Return the answer with its body still to be read; raise Dropped when there is none."""
    host = request.url.host
    try:
        return client.send(request, stream=True, auth=None)
    except (httpx.RemoteProtocolError, httpx.ReadError, httpx.WriteError) as error:
        if isinstance(error.__context__, httpx.InvalidURL):
            raise _unreadable_redirect(host) from error
        raise Dropped(host, Wording("it cannot be reached: %(why)s", why=_why(error))) from error
    except httpx.InvalidURL as error:  # httpx reads Location though it does not follow it
        raise _unreadable_redirect(host) from error


def _why(error: Exception) -> str:
    """Return what a failure says, without the number that only the system knows."""
    return re.sub(r"^\[Errno -?\d+\] ", "", str(error))[:200]


def _unreadable_redirect(host: str) -> OutboundRefused:
    return OutboundRefused(Wording("%(host)s redirects to what cannot be read", host=host))


def _body(response: httpx.Response, largest: int) -> bytes:
    """Read the body piece by piece; raise OutboundRefused once it is too large, unpacked."""
    host, body = response.request.url.host, bytearray()
    unpack = _unpacker(host, response.headers.get("content-encoding", ""))
    for piece in response.iter_raw():
        body += unpack(piece, largest + 1 - len(body))
        if len(body) > largest:
            raise OutboundRefused(
                Wording("%(host)s sends more than %(most)s bytes", host=host, most=largest)
            )
    return bytes(body)


def _unpacker(host: str, encoding: str) -> Callable[[bytes, int], bytes]:
    """Return what unpacks a piece into at most so many bytes."""
    if encoding.strip().lower() in {"", "identity"}:
        return lambda piece, most: piece[:most]
    if encoding.strip().lower() not in {"gzip", "x-gzip"}:
        raise OutboundRefused(
            Wording("%(host)s sends an encoding that was not asked for", host=host)
        )
    unzip = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)

    def unpack(piece: bytes, most: int) -> bytes:
        try:
            return unzip.decompress(piece, most)
        except zlib.error as error:
            raise Unavailable(host, Wording("it sends a damaged gzip body")) from error

    return unpack

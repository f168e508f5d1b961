"""Says which addresses Foyer may fetch from, and which a name may lead to.

`ipaddress.is_global` alone is not enough: it lets through IPv6 addresses that carry a private
IPv4 address inside (NAT64, 6to4, ISATAP), site-local and multicast ones, and a few blocks of the
IANA special-purpose registries.
"""

import ipaddress
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import httpx

from app.errors import FoyerError, Unavailable, Wording

PORTS = frozenset({80, 443})

_Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_NEVER_IN_ADDRESS = re.compile(r"[\x00-\x20\x7f-\xa0\\]")
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_ISATAP = frozenset({0x00005EFE, 0x02005EFE})  # RFC 5214, 6.1
# where clouds tell a machine its own credentials, beside the link-local 169.254.169.254
_CLOUDS = frozenset(
    ipaddress.ip_address(address)
    for address in ("100.100.100.200", "168.63.129.16", "fd00:ec2::254", "fd20:ce::254")
)
_NOT_PUBLIC = tuple(
    ipaddress.ip_network(block)
    for block in ("192.0.0.0/24", "192.88.99.0/24", "64:ff9b:1::/48", "3fff::/20", "5f00::/16")
)


class OutboundRefused(FoyerError, ValueError):
    """Foyer does not fetch this: the address, where it leads, or what came back."""


def parsed(url: str) -> httpx.URL:
    """Return the address parsed, by the parser that also connects; raise OutboundRefused."""
    if _NEVER_IN_ADDRESS.search(url):
        raise OutboundRefused(
            Wording("the address contains a space, a backslash or a control character")
        )
    try:
        return httpx.URL(url)
    except (httpx.InvalidURL, ValueError) as error:
        raise OutboundRefused(
            Wording("the address cannot be read: %(why)s", why=str(error)[:200])
        ) from error


@dataclass(frozen=True, slots=True)
class Rules:
    """Where Foyer may go: to public addresses, and to these hosts wherever they are."""

    private_hosts: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        plain = frozenset(plain_host(name) for name in self.private_hosts)
        object.__setattr__(self, "private_hosts", plain)

    def check_address(self, url: httpx.URL) -> None:
        """Raise OutboundRefused unless the scheme, host and port of the address are allowed."""
        host = plain_host(url.raw_host.decode("ascii"))
        private = host in self.private_hosts
        if url.scheme != "https" and not (private and url.scheme == "http"):
            raise OutboundRefused(Wording("only addresses that begin with https:// are fetched"))
        if not host:
            raise OutboundRefused(Wording("the address names no host"))
        if url.userinfo:
            raise OutboundRefused(Wording("the address contains a user name or password"))
        if not private and (url.port or 443) not in PORTS:
            raise OutboundRefused(
                Wording("port %(port)s of %(host)s is not 443 or 80", port=url.port, host=host)
            )

    def check_answers(self, host: str, answers: Sequence[str]) -> list[str]:
        """Return the addresses to connect to; raise OutboundRefused if any is not allowed."""
        if not answers:
            raise Unavailable(host, Wording("the name has no address"))
        addresses = [_parsed_address(host, answer) for answer in answers]
        allowed = _is_company if plain_host(host) in self.private_hosts else is_public
        for address in addresses:
            if not allowed(address):
                raise OutboundRefused(
                    Wording(
                        "%(host)s leads to %(address)s, which is not a public address",
                        host=host,
                        address=address,
                    )
                )
        return [str(address) for address in addresses]


def is_public(address: _Address) -> bool:
    """Tell whether the address, and every IPv4 address inside it, is one of the open internet."""
    outside = address in _NAT64 or _is_public_outside(address)  # a gateway's prefix: RFC 6052
    return outside and address not in _CLOUDS and all(map(_is_public_outside, _inside(address)))


def _is_public_outside(address: _Address) -> bool:
    site_local = isinstance(address, ipaddress.IPv6Address) and address.is_site_local
    return (
        address.is_global
        and not (address.is_multicast or address.is_reserved or site_local)
        and not any(address in block for block in _NOT_PUBLIC)
    )


def _is_company(address: _Address) -> bool:
    """Tell whether a host named in `private_hosts` may be there: never the link's own addresses.

    There, and at a few addresses more, clouds tell machines their credentials (169.254.169.254).
    """
    never = (
        address in _CLOUDS
        or address.is_link_local
        or address.is_multicast
        or address.is_unspecified
    )
    reserved = address.is_reserved and not address.is_loopback
    return is_public(address) or not (never or reserved or any(_inside(address)))


def _inside(address: _Address) -> Iterator[ipaddress.IPv4Address]:
    """Yield the IPv4 addresses that an IPv6 address carries and a network may unwrap."""
    if not isinstance(address, ipaddress.IPv6Address):
        return
    number = int(address)
    if address.sixtofour:
        yield address.sixtofour
    if address.teredo:
        yield from address.teredo
    if address in _NAT64 or (number >> 32) & 0xFFFFFFFF in _ISATAP:
        yield ipaddress.IPv4Address(number & 0xFFFFFFFF)


def _parsed_address(host: str, answer: str) -> _Address:
    try:
        address = ipaddress.ip_address(answer)
    except ValueError as error:
        raise OutboundRefused(
            Wording("%(host)s leads to “%(answer)s”, which is no address", host=host, answer=answer)
        ) from error
    return getattr(address, "ipv4_mapped", None) or address


def plain_host(host: str) -> str:
    """Return the host in the one form in which hosts are compared."""
    return host.strip("[]").rstrip(".").lower()

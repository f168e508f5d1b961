"""Fetching from other systems: where Foyer goes, where it never goes, and how much it takes."""

import datetime as dt
import gzip
import logging
import socket
import ssl
import time
import tracemalloc
from contextlib import contextmanager

import pytest

from app import outbound
from app.errors import Unavailable
from app.outbound import Dropped, OutboundRefused
from tests.support.sites import HERE, Site, certificate

LITTLE = 1000

WRITTEN_OTHERWISE = [
    "http://good.test\\@127.0.0.1/",
    "https://127.1/",
    "https://2130706433/",
    "https://0x7f.1/",
    "https://0x7f000001/",
    "https://0177.0.0.1/",
    "https://①②⑦.⓪.⓪.①/",
    "https://good.test@127.0.0.1/",
    "https://user:secret@good.test/",
    "https://good.test\t/",
    "https://good.test/\r\nHost: other.test",
    " https://good.test/",
    "https://good.test:22/",
    "https://good.test:99999/",
    "https://good.test:x/",
    "http://good.test/",
    "ftp://good.test/",
    "file:///etc/passwd",
    "gopher://good.test/",
    "//good.test/",
    "https:///path",
    "https://[::1/",
    "",
]
NOT_PUBLIC = [
    "127.0.0.1",
    "10.0.0.1",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "0.0.0.0",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "168.63.129.16",
    "192.0.0.8",
    "192.0.0.9",
    "192.88.99.1",
    "198.18.0.1",
    "203.0.113.5",
    "::",
    "::1",
    "::127.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:169.254.169.254",
    "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::808:808",
    "2002:7f00:1::",
    "2002:a9fe:a9fe::1",
    "2001:0:7f00:1::1",
    "2606:4700::5efe:7f00:1",
    "2606:4700::200:5efe:a00:1",
    "fc00::1",
    "fd12::1",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
    "2001:db8::1",
    "3fff::1",
]


class Names:
    """A resolver that knows what a test tells it, and remembers what it was asked."""

    def __init__(self, *answers, otherwise=("127.0.0.1",)):
        self.answers, self.otherwise, self.asked = list(answers), otherwise, []

    def __call__(self, host, port):
        self.asked.append(host)
        return self.answers.pop(0) if self.answers else self.otherwise


@pytest.fixture
def site():
    site = Site()
    yield site
    site.close()


@pytest.fixture
def dialled(monkeypatch):
    """Return the addresses that a connection was tried to; nobody answers."""
    found = []

    def connect(_socket, address):
        found.append(address[0])
        raise ConnectionRefusedError

    monkeypatch.setattr(socket.socket, "connect", connect)
    return found


@contextmanager
def going_out(resolve=None, private_hosts=(HERE,), **how):
    with outbound.client(private_hosts, resolve=resolve or Names(), **how) as client:
        yield client


def got(url, *, resolve=None, private_hosts=(HERE,), largest=LITTLE, trust=None, **how):
    with going_out(resolve, private_hosts, trust=trust) as client:
        return outbound.fetch(client, url, largest=largest, **how)


def refused(url, **how):
    with pytest.raises(OutboundRefused) as caught:
        got(url, **how)
    return str(caught.value)


@pytest.mark.parametrize("url", WRITTEN_OTHERWISE)
def test_it_refuses_addresses_that_can_be_read_in_two_ways_or_are_not_https(url):
    names = Names()
    refused(url, resolve=names)
    assert names.asked == []


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_it_refuses_a_name_that_leads_to_an_address_that_is_not_public(address):
    assert "not a public address" in refused("https://good.test/", resolve=Names([address]))


@pytest.mark.parametrize("address", [one for one in NOT_PUBLIC if "%" not in one])
def test_it_refuses_such_an_address_written_out(address):
    host = f"[{address}]" if ":" in address else address
    names = Names()
    refused(f"https://{host}/", resolve=names)
    assert names.asked == []


def test_it_refuses_a_name_one_of_whose_addresses_is_private():
    assert "10.0.0.1" in refused("https://good.test/", resolve=Names(["8.8.8.8", "10.0.0.1"]))


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700::1111", "64:ff9b::808:808"])
def test_it_goes_to_public_addresses(dialled, address):
    with pytest.raises(Unavailable):
        got("https://good.test/", resolve=Names([address]))
    assert dialled == [address]


@pytest.mark.parametrize("name", ["localhost", "localhost.", "LOCALHOST"])
def test_it_refuses_this_machine_by_the_real_resolver(name):
    with pytest.raises((OutboundRefused, Unavailable)):
        got(f"https://{name}/", resolve=outbound.system_resolver)


@pytest.mark.parametrize(
    "address",
    [
        "169.254.169.254",
        "fe80::1",
        "::ffff:169.254.169.254",
        "2002:a9fe:a9fe::1",
        "64:ff9b::a9fe:a9fe",
        "100.100.100.200",
        "168.63.129.16",
        "fd00:ec2::254",
    ],
)
def test_it_never_reaches_where_clouds_keep_credentials_even_for_a_private_host(address):
    assert "not a public address" in refused(f"http://{HERE}/", resolve=Names([address]))


def test_it_connects_to_the_address_it_checked_when_the_name_answers_otherwise_next(dialled):
    names = Names(["8.8.8.8"], ["127.0.0.1"])
    with pytest.raises(Unavailable):
        got("https://good.test/", resolve=names)
    assert (names.asked, dialled) == (["good.test"], ["8.8.8.8"])


def test_it_resolves_a_name_once_per_connection(site):
    site.says("/", b"hello", Content_Length="5")
    names = Names(["127.0.0.1"], otherwise=("10.0.0.1",))
    assert got(site.url(), resolve=names).body == b"hello"
    assert names.asked == [HERE]


def test_it_tries_the_next_address_when_one_does_not_answer(site):
    site.says("/", b"hello")
    assert got(site.url(), resolve=Names(["::1", "127.0.0.1"])).body == b"hello"


def test_it_reaches_a_private_host_by_http_and_any_port_with_its_name(site):
    site.says("/a?b=c", b"hello")
    found = got(site.url("/a?b=c"), headers={"Authorization": "Bearer x"})
    assert (found.status, found.body) == (200, b"hello")
    _path, headers = site.requests[0]
    assert headers["host"] == f"{HERE}:{site.port}"
    assert headers["authorization"] == "Bearer x"


def test_it_refuses_the_same_server_under_a_name_that_is_not_listed(site):
    refused(site.url(host="other.test"))
    assert site.requests == []


def test_it_writes_no_address_into_the_log(site, caplog):
    caplog.set_level(logging.DEBUG)
    site.says("/?key=secret", **{"Set-Cookie": "session=secret"})
    got(site.url("/?key=secret"))
    assert "secret" not in caplog.text


@pytest.mark.parametrize("listed", [[HERE.upper()], [f"{HERE}."]])
def test_it_knows_a_private_host_however_it_is_written(site, listed):
    site.says("/", b"hello")
    assert got(site.url(), private_hosts=listed).body == b"hello"


def test_it_knows_a_private_address_of_ipv6_in_brackets(dialled):
    with pytest.raises(Unavailable):
        got("http://[::1]:81/", private_hosts=["[::1]"])
    assert dialled == ["::1"]


def test_it_uses_no_proxy_of_the_environment(site, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    site.says("/", b"hello")
    assert got(site.url()).status == 200


def test_it_sends_a_form(site):
    assert got(site.url("/token"), form={"code": "a b"}).body == b"code=a+b"


def test_it_sends_no_form_on_to_where_a_redirect_leads(site):
    site.redirects("/token", "/elsewhere")
    assert "redirects what was sent" in refused(site.url("/token"), form={"code": "x"}, redirects=1)


def test_it_follows_redirects_only_when_asked(site):
    site.redirects("/old", "/new")
    site.says("/new", b"hello")
    assert got(site.url("/old")).status == 302
    found = got(site.url("/old"), redirects=1)
    assert (found.body, found.url) == (b"hello", site.url("/new"))


def test_it_follows_at_most_three_redirects(site):
    site.redirects("/", "/")
    assert "more than 3 times" in refused(site.url(), redirects=9)
    assert len(site.requests) == 4


@pytest.mark.parametrize(
    "target",
    [
        "http://10.0.0.1/",
        "https://169.254.169.254/latest/meta-data",
        "http://unlisted.test/",
        "file:///etc/passwd",
        "https://here.test\\@127.0.0.1/",
        "//127.0.0.1/",
    ],
)
def test_it_checks_each_hop_like_the_first(site, target):
    site.redirects("/", target)
    refused(site.url(), redirects=3)
    assert len(site.requests) == 1


@pytest.mark.parametrize("redirects", [0, 3])
@pytest.mark.parametrize("target", ["https://[::1/", "javascript:alert(1)"])
def test_it_stops_at_a_redirect_that_cannot_be_read(site, target, redirects):
    site.redirects("/", target)
    refused(site.url(), redirects=redirects)
    assert len(site.requests) == 1


def test_a_connection_that_is_closed_unanswered_is_told_from_no_connection(site):
    site.server.RequestHandlerClass = lambda *_: None
    with pytest.raises(Dropped):
        got(site.url())
    site.close()
    with pytest.raises(Unavailable) as caught:
        got(site.url())
    assert not isinstance(caught.value, Dropped)


def test_it_keeps_credentials_and_cookies_to_the_host_they_are_for(site):
    site.says("/", status=302, Location=site.url("/there", "there.test"), Set_Cookie="a=b")
    site.says("/there", status=302, Location=site.url("/end", "there.test"))
    site.says("/end", b"hello")
    headers = {"Authorization": "Bearer x", "X-Api-Key": "y", "Accept": "text/xml"}
    hosts = (HERE, "there.test")
    assert got(site.url(), private_hosts=hosts, headers=headers, redirects=3).body == b"hello"
    for _path, sent in site.requests[1:]:
        assert not {"authorization", "x-api-key", "cookie"} & set(sent)
        assert sent["accept"] == "text/xml"


def test_it_keeps_no_cookie_for_the_next_fetch(site):
    site.says("/", Set_Cookie="a=b; Path=/")
    with going_out() as client:
        for _ in range(2):
            outbound.fetch(client, site.url(), largest=LITTLE)
    assert "cookie" not in site.requests[1][1]


def test_it_takes_a_body_of_just_the_largest_size_and_no_byte_more(site):
    site.says("/fits", b"x" * LITTLE)
    site.says("/over", b"x" * (LITTLE + 1))
    assert len(got(site.url("/fits")).body) == LITTLE
    assert "more than 1000 bytes" in refused(site.url("/over"))


def test_it_stops_reading_an_endless_body(site):
    site.says("/", (b"x" * 10_000 for _ in range(10**9)))
    refused(site.url())


def test_it_counts_a_gzip_body_as_large_as_it_unpacks(site):
    site.says("/fits", gzip.compress(b"hello"), Content_Encoding="gzip")
    site.says("/bomb", gzip.compress(b"\0" * 50_000_000), Content_Encoding="gzip")
    assert got(site.url("/fits")).body == b"hello"
    tracemalloc.start()
    refused(site.url("/bomb"), largest=1_000_000)
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 10_000_000


@pytest.mark.parametrize("encoding", ["br", "gzip, gzip", "deflate", "zstd"])
def test_it_refuses_an_encoding_it_did_not_ask_for(site, encoding):
    site.says("/", b"x", Content_Encoding=encoding)
    refused(site.url())


def test_it_says_that_a_damaged_body_cannot_be_had(site):
    site.says("/", b"no gzip at all", Content_Encoding="gzip")
    with pytest.raises(Unavailable):
        got(site.url())


def _drip():
    while True:
        time.sleep(0.05)
        yield b"x"


def _drip_headers(connection):
    """Answer one header line after the other without end."""
    connection.recv(1000)
    connection.sendall(b"HTTP/1.1 200 OK\r\n")
    try:
        while True:
            connection.sendall(b"X: y\r\n")
            time.sleep(0.05)
    except OSError:
        connection.close()


def _timed_out(url):
    began = time.monotonic()
    quarter = dt.timedelta(seconds=0.25)
    with going_out(timeout=quarter) as client, pytest.raises(Unavailable, match="in time"):
        outbound.fetch(client, url, largest=10**6, redirects=3)
    return time.monotonic() - began


def test_it_gives_up_on_a_body_that_drips(site):
    site.says("/", _drip())
    assert _timed_out(site.url()) < 1


def test_it_gives_up_on_headers_that_drip(site):
    site.server.finish_request = lambda connection, _address: _drip_headers(connection)
    assert _timed_out(site.url()) < 1


def test_it_counts_the_redirects_into_the_deadline(site):
    site.says("/", (time.sleep(0.15) or b"" for _ in range(1)), status=302, Location="/slow")
    site.says("/slow", (time.sleep(0.15) or b"" for _ in range(2)))
    assert _timed_out(site.url()) < 0.45


def test_it_says_so_when_nobody_listens_and_when_a_name_is_unknown(site):
    def unknown(host, port):
        raise OSError("no such name")

    site.close()
    with pytest.raises(Unavailable, match="cannot be reached"):
        got(site.url())
    with pytest.raises(Unavailable, match="name is not known"):
        got(site.url(), resolve=unknown)
    with pytest.raises(Unavailable, match="no address"):
        got(site.url(), resolve=Names([]))


def test_it_says_so_when_the_answer_is_no_http(site):
    site.server.finish_request = lambda connection, _address: connection.sendall(b"SSH-2.0\r\n\r\n")
    with pytest.raises(Unavailable):
        got(site.url())


@pytest.fixture
def secure(tmp_path):
    """Return a TLS server whose certificate is for `right.test`, and who trusts it."""
    path = certificate("right.test", tmp_path)
    site = Site(tls=path)
    site.says("/", b"hello")
    yield site, ssl.create_default_context(cafile=path)
    site.close()


def test_it_proves_the_name_over_tls_although_it_connects_to_an_address(secure):
    site, trust = secure
    url = site.url(host="right.test", scheme="https")
    assert got(url, private_hosts=["right.test"], trust=trust).body == b"hello"
    assert site.requests[0][1]["host"] == f"right.test:{site.port}"


def test_it_refuses_a_certificate_for_another_name(secure):
    site, trust = secure
    with pytest.raises(Unavailable, match="CERTIFICATE_VERIFY_FAILED"):
        got(site.url(scheme="https"), trust=trust)
    assert site.requests == []


def test_it_refuses_a_certificate_that_nobody_vouches_for(secure):
    site, _trust = secure
    with pytest.raises(Unavailable, match="CERTIFICATE_VERIFY_FAILED"):
        got(site.url(host="right.test", scheme="https"), private_hosts=["right.test"])


def test_it_refuses_to_go_on_from_https_to_http(secure):
    site, trust = secure
    site.redirects("/", site.url("/x", "right.test"))
    url = site.url(host="right.test", scheme="https")
    assert "from https to http" in refused(
        url, private_hosts=["right.test"], trust=trust, redirects=1
    )

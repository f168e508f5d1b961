"""The client that connectors are given: where it goes, how often it asks, what it tells."""

import base64
import datetime as dt
import json
import random
import socket
import threading
from email.utils import format_datetime
from urllib.parse import quote

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as some

from app import outbound
from app.connectors import http as client_module
from app.connectors.answers import Answer, http_date, retry_after
from app.connectors.base import ErrorKind, SourceError
from app.connectors.http import PATIENCE, TRIES, Http, Meter, longest_wait
from app.errors import Wording
from tests.support.sites import Site
from tests.support.tools.wire import WIRE_FAULTS, Proxy, read_message, written
from tests.support.tools.world import on_the_wire

BASE = "https://tool.test"
SECRET = "s3cret/with+signs&ö"
DATE = dt.datetime(2026, 11, 12, 9, 0, tzinfo=dt.UTC)


class Script:
    """A tool that answers what a test wrote down, the last answer again and again."""

    def __init__(self, *answers):
        self.answers, self.requests, self.slept = list(answers), [], []

    def __call__(self, request):
        request.read()
        self.requests.append(request)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return on_the_wire(answer)

    def http(self, **how):
        client = httpx.Client(transport=httpx.MockTransport(self))
        usual = {"sleep": self.slept.append, "chance": lambda low, high: high, "base": BASE}
        return Http(client=client, **{**usual, **how})

    @property
    def hosts(self):
        return [request.url.host for request in self.requests]


def ok(**values):
    return httpx.Response(200, json=values)


def says(status, **headers):
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.Response(status, headers={"Date": format_datetime(DATE, usegmt=True), **named})


def refused(call, *args, **how):
    with pytest.raises(SourceError) as caught:
        call(*args, **how)
    return caught.value


def answer_with(**headers):
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(BASE, 429, named, b"")


class TestWhenItAsksAgain:
    @pytest.mark.parametrize("first", [says(429), says(500), says(503), says(408), says(425)])
    def test_it_asks_again_where_trouble_may_pass(self, first):
        tool = Script(first, ok(a=1))
        assert tool.http().get_json("x") == {"a": 1}

    @pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 302])
    def test_it_asks_once_where_asking_again_is_of_no_use(self, status):
        tool = Script(says(status))
        refused(tool.http().get, "x")
        assert (len(tool.requests), tool.slept) == (1, [])

    def test_it_tries_five_times(self):
        tool = Script(says(500))
        assert refused(tool.http().get, "x").kind is ErrorKind.TRANSIENT
        assert len(tool.requests) == TRIES == 5

    def test_it_tries_as_often_as_it_is_told(self):
        tool = Script(says(500))
        refused(tool.http(tries=1).get, "x")
        assert len(tool.requests) == 1

    def test_it_tries_no_more_often_because_a_token_is_hard_to_get(self):
        tool = Script(says(500))
        plain = tool.http()
        refused(plain.using(authorise=lambda http: plain.get_json("token")).get, "x")
        assert len(tool.requests) == TRIES

    def test_it_waits_the_seconds_that_the_tool_asks_for(self):
        tool = Script(says(429, Retry_After="7"), ok())
        tool.http(chance=lambda low, high: low).get_json("x")
        assert sum(tool.slept) == 7

    def test_it_waits_until_the_time_that_the_tool_names_by_the_clock_of_the_tool(self):
        moment = format_datetime(DATE + dt.timedelta(seconds=9), usegmt=True)
        tool = Script(says(503, Retry_After=moment), ok())
        tool.http(chance=lambda low, high: low).get_json("x")
        assert sum(tool.slept) == 9

    def test_a_time_that_has_passed_is_no_wait(self):
        moment = format_datetime(DATE - dt.timedelta(days=1), usegmt=True)
        assert retry_after(answer_with(retry_after=moment, date=_now())) == dt.timedelta()

    def test_it_does_not_wait_longer_than_its_patience_and_says_how_long_was_asked(self):
        tool = Script(says(429, Retry_After="3600"))
        error = refused(tool.http().get, "x")
        assert (error.kind, error.retry_after) == (ErrorKind.RATE_LIMITED, dt.timedelta(hours=1))
        assert (len(tool.requests), tool.slept) == (1, [])

    @given(some.integers(1, TRIES), some.floats(0, 1), some.integers(0, 60))
    def test_it_waits_what_was_asked_and_a_random_share_of_a_growing_time(
        self, tries, share, after
    ):
        tool = Script(*[says(429, Retry_After=str(after))] * tries, ok())
        if tries == TRIES:
            return
        tool.http(chance=lambda low, high: low + share * (high - low)).get_json("x")
        most = [min(30.0, 0.5 * 2**number) for number in range(tries)]
        assert sum(tool.slept) == pytest.approx(tries * after + share * sum(most))
        assert all(0 <= longest_wait(number + 1) <= 30 for number in range(tries))

    @given(some.text(max_size=60))
    def test_any_header_can_stand_where_a_time_should(self, text):
        found = retry_after(answer_with(retry_after=text))
        assert found is None or dt.timedelta() <= found <= dt.timedelta(days=1)

    @pytest.mark.parametrize(
        "text",
        ["9" * 5000, "-5", "1e9", "٣", "Mon, 01 Jan 0001 00:00:00 +2359", "soon", "", "Fri, 99"],
    )
    def test_nonsense_is_no_time(self, text):
        assert retry_after(answer_with(retry_after=text)) in {None, dt.timedelta()}

    @pytest.mark.parametrize(
        "text",
        [
            "Sun, 06 Nov 1994 08:49:37 GMT",
            "Sunday, 06-Nov-94 08:49:37 GMT",
            "Sun Nov  6 08:49:37 1994",
        ],
    )
    def test_it_reads_the_three_forms_of_a_date(self, text):
        assert http_date(text) == dt.datetime(1994, 11, 6, 8, 49, 37, tzinfo=dt.UTC)

    def test_it_asks_at_once_where_a_connection_was_closed_before_any_answer(self):
        tool = Script(httpx.RemoteProtocolError("Server disconnected"), ok(a=1))
        assert tool.http(tries=1).get_json("x") == {"a": 1}
        assert tool.slept == []

    def test_it_does_not_do_so_for_ever(self):
        tool = Script(httpx.RemoteProtocolError("Server disconnected"))
        assert refused(tool.http(tries=2).get, "x").kind is ErrorKind.TRANSIENT
        assert len(tool.requests) == 4

    def test_it_asks_again_for_json_that_was_broken(self):
        tool = Script(httpx.Response(200, text="{"), ok(a=1))
        assert tool.http().get_json("x") == {"a": 1}

    def test_it_does_not_take_a_page_to_sign_in_for_an_answer(self):
        page = httpx.Response(200, html="<form><input type='password'></form>")
        tool = Script(page)
        assert refused(tool.http().get_json, "x").kind is ErrorKind.AUTH_EXPIRED
        assert len(tool.requests) == 1


def _now():
    return format_datetime(DATE, usegmt=True)


class TestATokenThatRanOut:
    def http(self, tool, renewed):
        def expired(answer):
            if answer.status == 401:
                return SourceError(ErrorKind.AUTH_EXPIRED, Wording("It has run out."))
            return None

        return tool.http().using(classify=expired, renew=renewed.append)

    def test_it_is_renewed_once_and_the_question_asked_again(self):
        renewed, tool = [], Script(says(401), ok(a=1))
        assert self.http(tool, renewed).get_json("x") == {"a": 1}
        assert len(renewed) == 1

    def test_a_new_one_that_is_refused_too_ends_it(self):
        renewed, tool = [], Script(says(401))
        assert refused(self.http(tool, renewed).get, "x").kind is ErrorKind.AUTH_EXPIRED
        assert (len(renewed), len(tool.requests)) == (1, 2)


class TestWhereItGoes:
    @pytest.mark.parametrize(
        "path",
        [
            "https://elsewhere.test/next",
            "http://tool.test/next",
            "https://tool.test:8443/next",
            "https://tool.test.elsewhere.test/next",
            "https://tool.test@elsewhere.test/next",
            "https://someone:password@tool.test/next",
            "ftp://tool.test/",
            "https://tool.test\\@elsewhere.test/",
            "https://[",
        ],
    )
    def test_it_is_not_led_away_by_an_address_that_the_tool_gave(self, path):
        tool = Script(ok())
        assert refused(tool.http().get, path).kind is ErrorKind.CONFIG
        assert tool.requests == []

    @pytest.mark.parametrize(
        "path", ["/next", "next", "//elsewhere.test/next", "https://tool.test:443/n"]
    )
    def test_it_stays_where_the_tool_is(self, path):
        tool = Script(ok())
        tool.http().get(path)
        assert tool.hosts == ["tool.test"]

    def test_an_address_may_stand_inside_a_question(self):
        tool = Script(ok())
        tool.http().get("x?url=https://elsewhere.test/")
        assert tool.hosts == ["tool.test"]

    def test_it_goes_to_hosts_that_its_kind_of_tool_names_by_https_alone(self):
        tool = Script(ok())
        http = tool.http(hosts=frozenset({"api.test"}))
        http.get("https://api.test/x")
        assert refused(http.get, "http://api.test/x").kind is ErrorKind.CONFIG
        assert refused(http.get, "https://api.test:444/x").kind is ErrorKind.CONFIG
        assert tool.hosts == ["api.test"]

    @pytest.mark.parametrize(
        "location",
        [
            "https://elsewhere.test/",
            "//elsewhere.test/",
            "http://tool.test/",
            "https://tool.test:1/",
            "javascript:alert(1)",
            "https://[",
            "\\\\elsewhere.test",
        ],
    )
    def test_it_follows_no_redirect_away_from_the_tool(self, location):
        tool = Script(says(302, Location=location), ok())
        http = tool.http().using(authorise=lambda _http: {"Authorization": f"Bearer {SECRET}"})
        if "[" in location or "\\" in location:
            tool.answers[0] = says(302, Location=quote(location, safe=":/[\\"))
        assert refused(_plain_header(http).get, "x").kind is ErrorKind.CONFIG
        assert tool.hosts == ["tool.test"]

    def test_it_follows_redirects_on_the_tool(self):
        tool = Script(says(301, Location="/y?z=1"), ok(a=1))
        assert tool.http().get_json("x") == {"a": 1}
        assert str(tool.requests[1].url) == f"{BASE}/y?z=1"

    def test_it_follows_three_redirects_and_no_more(self):
        tool = Script(says(301, Location="/again"))
        assert refused(tool.http().get, "x").kind is ErrorKind.CONFIG
        assert len(tool.requests) == 4

    def test_it_sends_nothing_on_that_was_posted(self):
        tool = Script(says(307, Location="/y"))
        refused(tool.http().post, "x", form={"a": 1})
        assert len(tool.requests) == 1


def _plain_header(http):
    return http.using(authorise=lambda _http: {"Authorization": "Bearer token-of-ascii"})


class TestWhatItAsks:
    def test_parameters_are_written_one_for_each_entry_and_none_for_nothing(self):
        tool = Script(ok())
        tool.http().get("x?a=1", {"b": [1, 2], "c": None, "d": True, "e": "ö&="})
        assert tool.requests[0].url.query == b"a=1&b=1&b=2&d=1&e=%C3%B6%26%3D"

    def test_a_form_and_json_are_posted_as_what_they_are(self):
        tool = Script(ok())
        tool.http().post("x", form={"a": "b c"})
        tool.http().post("x", data={"a": [1]})
        assert [request.content for request in tool.requests] == [b"a=b+c", b'{"a": [1]}']
        assert [request.headers["Content-Type"] for request in tool.requests] == [
            "application/x-www-form-urlencoded",
            "application/json",
        ]

    @pytest.mark.parametrize(
        ("link", "target"),
        [
            ('<https://tool.test/p?page=2>; rel="next"', f"{BASE}/p?page=2"),
            ('<https://a.test/1>; rel="prev", </p?page=3>; rel=next', f"{BASE}/p?page=3"),
            ('</p?page=4>; title="x"; rel="last next"', f"{BASE}/p?page=4"),
            ('</p?page=5,6>; REL="NEXT"; x=y', f"{BASE}/p?page=5,6"),
            ('</p>; rel="nextpage"', None),
            ('</p>; rel="prev", </q>; rel="first"', None),
            ("nonsense", None),
            ("", None),
        ],
    )
    def test_it_finds_the_next_page_of_a_list(self, link, target):
        assert Answer(f"{BASE}/list", 200, {"link": link}, b"").next_link == target


class TestItsBudget:
    class Enough(Exception):
        pass

    def stopping(self, after):
        def stop():
            stop.asked += 1
            if stop.asked > after:
                raise self.Enough

        stop.asked = 0
        return Meter(stop=stop)

    def test_it_is_asked_before_each_request(self):
        tool = Script(ok())
        http = tool.http(meter=self.stopping(1))
        http.get("x")
        with pytest.raises(self.Enough):
            http.get("x")
        assert len(tool.requests) == 1

    def test_it_is_asked_each_second_of_a_wait(self):
        tool = Script(says(429, Retry_After="30"))
        with pytest.raises(self.Enough):
            tool.http(meter=self.stopping(5)).get("x")
        assert (len(tool.requests), sum(tool.slept)) == (1, 4)

    def test_a_refusal_of_the_budget_is_not_tried_again(self):
        error = SourceError(ErrorKind.TRANSIENT, Wording("The time is over."))

        def stop():
            raise error

        tool = Script(ok())
        assert refused(tool.http(meter=Meter(stop=stop)).get, "x") is error
        assert (tool.requests, tool.slept) == ([], [])

    def test_it_counts_what_was_asked(self):
        tool = Script(says(500), ok(a=1))
        http = tool.http()
        http.get_json("x")
        assert (http.meter.requests, http.meter.retries, http.meter.bytes) == (2, 1, 7)
        assert http.meter.waited == sum(tool.slept) == 0.5


class TestSecrets:
    @pytest.mark.parametrize(
        "written_down",
        [
            SECRET,
            quote(SECRET),
            quote(SECRET, safe=""),
            quote(SECRET, safe="").replace("%2F", "%2f"),
            json.dumps(SECRET),
            base64.b64encode(SECRET.encode()).decode(),
            base64.b64encode(f"foyer:{SECRET}".encode()).decode(),
            base64.b64encode(f"a:{SECRET}".encode()).decode(),
            base64.b64encode(f"ab:{SECRET}".encode()).decode(),
            base64.urlsafe_b64encode(f"ab:{SECRET}:more".encode()).decode(),
        ],
    )
    def test_they_are_taken_out_however_they_are_written(self, written_down):
        said = Script(ok()).http(secrets=[SECRET]).redacted(f"wrong: {written_down}, sorry")
        assert said.strip('"').replace('"', "") == "wrong: •••, sorry"

    @given(some.text(min_size=12, max_size=40), some.binary(max_size=5), some.binary(max_size=5))
    def test_no_way_of_base64_hides_them(self, secret, before, after):
        text = base64.b64encode(before + secret.encode("utf-8", "replace") + after).decode()
        secret = secret.encode("utf-8", "replace").decode()
        assert Script(ok()).http(secrets=[secret]).redacted(f"x {text} y") == "x ••• y"

    def test_what_a_tool_says_is_told_without_them(self):
        def repeats(answer):
            return SourceError(ErrorKind.CONFIG, Wording("It says: %(what)s", what=answer.text))

        tool = Script(httpx.Response(400, text=f"bad token {SECRET}"))
        error = refused(tool.http(secrets=[SECRET]).using(classify=repeats).get, "x")
        assert str(error) == "It says: bad token •••"
        assert error.sentence.template == "It says: %(what)s"

    def test_a_token_that_was_got_with_them_is_one_too(self):
        def repeats(answer):
            return SourceError(ErrorKind.CONFIG, Wording("It says: %(what)s", what=answer.text))

        tool = Script(httpx.Response(400, text="bad: short-lived-token"))
        http = tool.http().using(
            classify=repeats,
            authorise=lambda _http: {"Authorization": "Bearer short-lived-token"},
        )
        assert str(refused(http.get, "x")) == "It says: bad: •••"

    def test_an_error_of_the_connection_is_told_without_them(self):
        tool = Script(httpx.ConnectError(f"no way to https://tool.test/?token={quote(SECRET)}"))
        error = refused(tool.http(secrets=[SECRET], tries=1).get, "x")
        assert "•••" in str(error)

    def test_what_is_no_secret_stays(self):
        assert Script(ok()).http(secrets=["", "abc", SECRET]).redacted("abc def") == "abc def"


@pytest.fixture
def proxied():
    """Return how to reach a real server through a proxy that always does one thing."""
    site, proxies, body = Site(), [], b'{"a": "' + b"b" * 2000 + b'"}'
    site.says("/x", body, Content_Type="application/json", Content_Length=str(len(body)))

    def through(fault):
        proxy = Proxy(site.url("", host="127.0.0.1"), share=1, faults=[fault])
        proxies.append(proxy)
        return proxy

    yield through
    for each in [*proxies, site]:
        each.close()


@pytest.fixture
def going_out():
    """Return how to make the client as the host does, over real sockets."""
    clients = []

    def made(base, *, private=True, timeout=0.3, **how):
        hosts = ("127.0.0.1",) if private else ()
        client = outbound.client(hosts, timeout=dt.timedelta(seconds=timeout))
        clients.append(client)
        return Http(base, client, **{"sleep": lambda _seconds: None, **how})

    yield made
    for client in clients:
        client.close()


KINDS = {
    **dict.fromkeys(WIRE_FAULTS, ErrorKind.TRANSIENT),
    **dict.fromkeys(("429 in seconds", "429 at a time"), ErrorKind.RATE_LIMITED),
    **dict.fromkeys(("empty", "a page with 200", "bad JSON"), ErrorKind.SCHEMA),
    "log in": ErrorKind.AUTH_EXPIRED,
    "expired": ErrorKind.AUTH_INVALID,
}


class TestOverTheWire:
    @pytest.mark.parametrize("fault", sorted(WIRE_FAULTS))
    def test_everything_that_goes_wrong_is_a_kind_of_trouble(self, proxied, going_out, fault):
        http = going_out(proxied(fault).url, tries=1)
        assert refused(http.get_json, "x").kind is KINDS[fault]

    @pytest.mark.parametrize("fault", ["dropped", "cut", "nonsense", "500", "empty", "reset"])
    def test_what_goes_wrong_once_is_read_the_next_time(self, proxied, going_out, fault):
        proxy = proxied(fault)

        def mends(_seconds):
            proxy.share = 0

        http = going_out(proxy.url, sleep=mends, chance=random.Random(1).uniform)
        assert http.get_json("x")["a"].startswith("b")

    def test_it_does_not_reach_a_private_address_that_nobody_allowed(self, going_out):
        site = Site()
        try:
            http = going_out(site.url(host="127.0.0.1"), private=False)
            assert refused(http.get, "x").kind is ErrorKind.CONFIG
            assert site.requests == []
        finally:
            site.close()

    def test_a_redirect_does_not_reach_one_either(self, going_out):
        site, other = Site(), Site()
        try:
            site.redirects("/x", other.url("/secret", host="127.0.0.1"))
            http = going_out(site.url("", host="127.0.0.1"))
            assert refused(http.get, "x").kind is ErrorKind.CONFIG
            assert other.requests == []
        finally:
            site.close()
            other.close()

    def test_an_answer_that_is_too_large_is_given_up(self, monkeypatch, proxied, going_out):
        monkeypatch.setattr(client_module, "LARGEST", 1000)
        proxy = proxied("500")
        proxy.share = 0
        assert refused(going_out(proxy.url).get, "x").kind is ErrorKind.CONFIG

    def test_a_connection_that_died_while_it_idled_costs_nothing(self, going_out):
        with ClosesIdle() as server:
            http = going_out(server.url, tries=1, timeout=5)
            assert [http.get_json("x") for _ in range(3)] == [{"a": 1}] * 3
            assert http.meter.waited == 0


class ClosesIdle:
    """A server that keeps a connection open and closes it at the next request, unanswered."""

    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            with client:
                read_message(client)
                answer = written(200, b'{"a": 1}').replace(b"Connection: close\r\n", b"")
                client.sendall(answer.replace(b"\r\nConnection: close", b""))
                client.recv(10)
                client.shutdown(socket.SHUT_RDWR)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.listener.close()


def test_its_patience_is_shorter_than_the_time_of_a_run():
    assert dt.timedelta(minutes=1) == PATIENCE


@pytest.mark.parametrize(
    ("headers", "left"),
    [
        ({"X-RateLimit-Remaining": "41"}, 41),
        ({"RateLimit-Remaining": "7"}, 7),
        ({"X-Rate-Limit-Remaining": "0"}, 0),
        ({"X-RateLimit-Remaining": "many"}, None),
        ({"X-RateLimit-Remaining": "9" * 40}, None),
        ({}, None),
    ],
)
def test_it_remembers_how_many_requests_the_tool_says_are_left(headers, left):
    answers = [httpx.Response(200, headers=headers), httpx.Response(200)]
    wire = httpx.MockTransport(lambda _request: on_the_wire(answers.pop(0)))
    http = Http("https://tool.test", httpx.Client(transport=wire))
    http.get("a")
    http.get("b")
    assert http.meter.quota == left


@pytest.mark.parametrize("body", [b"[" + b"{}," * 2_000_000 + b"{}]", b"[" * 3_000_000])
def test_json_of_too_many_values_is_not_parsed(body):
    answer = Answer(BASE, 200, {}, body)
    with pytest.raises(SourceError) as raised:
        answer.json()
    assert raised.value.sentence == "The tool sends too many values in one answer."

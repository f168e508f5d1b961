"""What goes wrong between Foyer and a tool, done on purpose and the same way each time.

Each fault is a function from a request and the answer that the tool would have given to another
answer, or to an error of the connection. `Faulty` stands before a fake and lets a share of the
requests meet one, drawn by a generator with a seed.
"""

import datetime as dt
import random
from email.utils import format_datetime, parsedate_to_datetime

import httpx

SORRY = "<!doctype html><title>Sorry</title><h1>Service Unavailable</h1><p>Please come back.</p>"
LOGIN = (
    "<!doctype html><title>Log in</title><form method=post action=/login>"
    '<input name=user><input name=pass type="password"><button>Log in</button></form>'
)


class Cut(httpx.SyncByteStream):
    """A body that ends in the middle."""

    def __init__(self, body):
        self.body = body

    def __iter__(self):
        yield self.body[: len(self.body) // 2]
        raise httpx.RemoteProtocolError("peer closed connection without complete message body")


def answers(status, *, text=None, html=None, json=None, **headers):
    """Return the fault of answering so."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    if status == 200 and html is None:
        named.setdefault("Content-Type", "application/json")
    return lambda request, answer: httpx.Response(
        status, text=text, html=html, json=json, headers=named
    )


def asks_to_wait_until(request, answer):
    """Answer 429 with a date three seconds ahead of the tool's clock."""
    moment = parsedate_to_datetime(answer.headers["Date"]) + dt.timedelta(seconds=3)
    headers = {"Retry-After": format_datetime(moment, usegmt=True)}
    return httpx.Response(429, json={"error": "slow down"}, headers=headers)


def times_out(request, answer):
    """Never answer."""
    raise httpx.ReadTimeout("nothing came", request=request)


def drops(request, answer):
    """Close the connection before any answer."""
    raise httpx.RemoteProtocolError("Server disconnected without sending a response.")


def cuts(request, answer):
    """Close the connection in the middle of the body."""
    headers = {k: v for k, v in answer.headers.items() if k.lower() != "content-length"}
    return httpx.Response(answer.status_code, headers=headers, stream=Cut(answer.read()))


def expires(request, answer):
    """Answer as to a token that has run out."""
    return httpx.Response(401, json={"error": "token_expired"})


UNAUTHORISED, FORBIDDEN, MISSING = answers(401, json={}), answers(403, json={}), answers(404)
PASSING = {
    "429 in seconds": answers(429, json={}, Retry_After="3"),
    "429 at a time": asks_to_wait_until,
    "500": answers(500, json={}),
    "503 with a page": answers(503, html=SORRY, Retry_After="5"),
    "timeout": times_out,
    "dropped": drops,
    "cut": cuts,
}
UNREADABLE = {
    "empty": answers(200, text=""),
    "a page with 200": answers(200, html=SORRY),
    "bad JSON": answers(200, text='{"half": ['),
}
REFUSALS = {"401": UNAUTHORISED, "403": FORBIDDEN, "404": MISSING}
FAULTS = {**PASSING, **UNREADABLE, "log in": answers(200, html=LOGIN), "expired": expires}


class Faulty:
    """The `handle` of a fake behind a bad line: a share of all requests meets a fault.

    Which requests is drawn; the faults take turns, in their order. `met` tells which were met.
    """

    def __init__(self, handle, seed, share=0.2, faults=FAULTS):
        self.handle, self.share, self.faults = handle, share, dict(faults)
        self.chance = random.Random(seed)
        self.met = []

    def __call__(self, request):
        answer = self.handle(request)
        if self.chance.random() >= self.share:
            return answer
        name = list(self.faults)[len(self.met) % len(self.faults)]
        self.met.append(name)
        return dated(self.faults[name](request, answer), answer)


class Once:
    """The `handle` of a fake of which one request, counted from 0, or all from it on go wrong."""

    def __init__(self, handle, fault, at=0, for_good=False):
        self.handle, self.fault, self.at, self.for_good = handle, fault, at, for_good
        self.asked = -1

    def __call__(self, request):
        self.asked += 1
        answer = self.handle(request)
        meets = self.asked >= self.at if self.for_good else self.asked == self.at
        return dated(self.fault(request, answer), answer) if meets else answer


def dated(response, answer):
    """Return the response with the tool's clock."""
    response.headers.setdefault("Date", answer.headers["Date"])
    return response

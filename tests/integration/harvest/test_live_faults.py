"""Tools behind real sockets that hang, drip, refuse and talk nonsense, asked again and again."""

import datetime as dt
import threading
import time
from contextlib import ExitStack
from pathlib import Path

import pytest

from app.harvest import live
from app.harvest.live import Said
from app.harvest.reaching import Parts, over_the_network
from app.vault import Vault
from tests.support.factories import NOW
from tests.support.live_tools import LiveTools
from tests.support.tools.serving import Served
from tests.support.tools.wire import Proxy
from tests.support.tools.wordpress import FakeWordPress

FAULTS = {
    "hangs": "hanging",
    "drips": "dripping",
    "refuses": "429 in seconds",
    "babbles": "nonsense",
    "garbles": "bad JSON",
}
EVERYBODY = frozenset({"everyone"})
DEADLINE = dt.timedelta(seconds=0.4)
MARGIN = 2.0  # seconds by which this machine may be late, whatever else it does
RESTS_AFTER = 3


@pytest.fixture
def tools(sqlite):
    """Return tools on sockets: one that answers, and one for each fault."""
    found = LiveTools(sqlite, Vault("secret"))
    found.parts = Parts(sqlite, found.vault, now=lambda: NOW, make_http=over_the_network)
    fake = FakeWordPress()
    fake.add("Pump seals")
    with ExitStack() as open_:
        served = open_.enter_context(Served(fake))
        found.connect("answers", fake, address=served.url)
        for slug, fault in FAULTS.items():
            proxy = Proxy(served.url, share=1.0, faults=[fault])
            open_.callback(proxy.close)
            found.connect(slug, fake, address=proxy.url)
        yield found


def asked(tools):
    """Ask once; return what each tool said, and the seconds it took."""
    began = time.monotonic()
    answers = live.ask(tools.parts, "pump", tokens=EVERYBODY, deadline=DEADLINE)
    return {one.tool: one for one in answers}, time.monotonic() - began


def sockets():
    names = []
    for one in Path("/proc/self/fd").iterdir():
        try:
            names.append(str(one.readlink()))
        except FileNotFoundError:
            continue
    return sum(name.startswith("socket:") for name in names)


def own_threads():
    return [one for one in threading.enumerate() if "_ask" in one.name]


def test_every_question_is_answered_by_the_deadline_and_nothing_is_left_over(tools):
    before = sockets()
    said = []
    for _ in range(RESTS_AFTER + 2):
        answers, took = asked(tools)
        assert took < DEADLINE.total_seconds() + MARGIN
        assert answers["answers"].said is Said.ANSWERED
        assert [one.hit.title for one in answers["answers"].found] == ["Pump seals"]
        said.append({slug: answers[slug].said for slug in FAULTS})
    assert said[0]["hangs"] is said[0]["drips"] is Said.LATE
    assert {said[0][slug] for slug in ("refuses", "babbles", "garbles")} == {Said.FAILED}
    for slug in ("hangs", "drips", "refuses", "babbles"):
        assert said[-1][slug] is Said.RESTING, slug
    ends_at = time.monotonic() + 15
    while own_threads() and time.monotonic() < ends_at:
        own_threads()[0].join(0.1)
    assert own_threads() == []
    assert sockets() <= before + len(FAULTS)  # what the fakes have not closed yet

"""Checks the links that are due: the tools first, then addresses, each host at its pace.

One run takes some minutes at most and can be interrupted between any two questions; whatever was
found is written at once, and what was not come to stays due. A tool that is being read at this
moment, or that rests after failures, is left for later, as its harvest looks at the same things.
"""

import logging
import random
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import httpx

from app.harvest import reaching
from app.links import due, noting, probing
from app.links.answers import Found
from app.links.asking import TIMEOUT, Asker
from app.links.due import DueLink
from app.links.pace import HostRests, Pace, host_of
from app.links.states import Finding
from app.links.telling import watched_among
from app.models import Connection
from app.outbound import client

BUDGET = timedelta(minutes=4)
_BATCH = 200
_UNTIL_ASKED_AGAIN = timedelta(hours=6)
log = logging.getLogger(__name__)
MakeClient = Callable[[Collection[str]], httpx.Client]


class Enough(Exception):
    """The run has taken its time, or the process is to end."""


def over_the_network(private_hosts: Collection[str]) -> httpx.Client:
    """Return the client for addresses, which reaches no private one but those hosts'."""
    return client(private_hosts, timeout=TIMEOUT)


@dataclass(frozen=True, slots=True)
class Checker:
    """What a check works with; tests give their own clock, waits and clients.

    Without `enrols` only links are checked that are known already, as in the sample company, whose
    links lead to other people's sites.
    """

    parts: reaching.Parts
    sleep: Callable[[float], None] = time.sleep
    chance: Callable[[float, float], float] = random.uniform
    make_client: MakeClient = over_the_network
    budget: timedelta = BUDGET
    enrols: bool = True

    @property
    def pace(self) -> Pace:
        """Return what gives turns at hosts."""
        return Pace(self.parts.database, self.parts.now, self.sleep, self.chance)


@dataclass(slots=True)
class _Run:
    """One run: when it ends at the latest, and what it found."""

    checker: Checker
    ends_at: datetime
    found: Counter[Finding] = field(default_factory=Counter)

    def go_on(self) -> None:
        """Raise Enough when the run has to end."""
        parts = self.checker.parts
        if parts.ending() or parts.now() >= self.ends_at:
            raise Enough


def check_due(checker: Checker) -> Counter[Finding]:
    """Check the links that are due, those first that have waited longest; return what was found."""
    parts = checker.parts
    run = _Run(checker, parts.now() + checker.budget)
    if checker.enrols:
        with parts.database.transaction() as session:
            due.enrol(session, now=parts.now())
    try:
        while batch := _batch(checker):
            for links in _by_tool(batch):
                _check_tool(run, links)
    except Enough:
        pass
    if run.found:
        log.info("links checked: %s", dict(run.found))
    return run.found


def _batch(checker: Checker) -> Sequence[DueLink]:
    with checker.parts.database.sessions() as session:
        return due.links(session, now=checker.parts.now(), limit=_BATCH)


def _by_tool(batch: Iterable[DueLink]) -> Iterator[list[DueLink]]:
    """Yield the links of each tool; those that are asked of addresses alone come together."""
    found: dict[int | None, list[DueLink]] = defaultdict(list)
    for link in batch:
        found[link.connection.id if link.connection else None].append(link)
    yield from found.values()


def _check_tool(run: _Run, links: Sequence[DueLink]) -> None:
    parts, connection = run.checker.parts, links[0].connection
    left = list(links)
    if connection and probing.asks_tools(parts, connection):
        left = [
            link
            for start in range(0, len(links), probing.AT_ONCE)
            for link in _probe(run, connection, links[start : start + probing.AT_ONCE])
        ]
    if probing.opens_by_address(parts, connection):
        _ask(run, connection, left)
    else:
        said = probing.NOT_BY_ADDRESS
        for link in left:
            _note(run, [(link, Found(finding=Finding.UNCLEAR, said=said))], noting.TOOL)


def _probe(run: _Run, connection: Connection, links: Sequence[DueLink]) -> list[DueLink]:
    """Ask the tool for its items; return those that are to be asked of their addresses."""
    checker, parts = run.checker, run.checker.parts
    run.go_on()
    try:
        told = probing.asked(
            parts, connection, [link.external_id for link in links], checker.pace, run.go_on
        )
    except HostRests as rests:
        _postpone(run, links, rests.until)
        return []
    answered = [link for link in links if link.external_id in told.found]
    known = [(link, told.found[link.external_id]) for link in answered]
    where = [link for link, found in known if found.finding is Finding.MOVED]
    _note(run, [pair for pair in known if pair[0] not in where], noting.TOOL)
    if not told.by_address:
        wait = told.trouble.retry_after if told.trouble else None
        _postpone(run, links, parts.now() + (wait or _UNTIL_ASKED_AGAIN))
        return []
    return [*where, *(link for link in links if link not in answered)]


def _ask(run: _Run, connection: Connection | None, links: Sequence[DueLink]) -> None:
    """Ask the addresses of these links, the hosts in turn."""
    if not links:
        return
    own = reaching.own_host(str(connection.settings.get("address", ""))) if connection else ""
    private = [own] if own and connection and connection.private else []
    with run.checker.make_client(private) as http:
        asker = Asker(http, run.checker.pace, run.go_on)
        for link in _in_turns(links):
            run.go_on()
            try:
                found = asker.look(link.url, link.etag)
            except HostRests as rests:
                _postpone(run, [link], rests.until)
                continue
            _note(run, [(link, found)], noting.ADDRESS)


def _in_turns(links: Iterable[DueLink]) -> list[DueLink]:
    """Return the links so that a host comes again after the others have had their turn."""
    turns: Counter[str] = Counter()
    placed = []
    for link in links:
        host = host_of(link.url)
        turns[host] += 1
        placed.append((turns[host], link))
    return [link for _turn, link in sorted(placed, key=lambda one: one[0])]


def _note(run: _Run, pairs: Sequence[tuple[DueLink, Found]], asked: str) -> None:
    """Write down what was found of some links, in one transaction."""
    parts = run.checker.parts
    if not pairs:
        return
    with parts.database.transaction() as session:
        watched = watched_among(session, [link.item_id for link, _found in pairs])
        for link, found in pairs:
            noting.note(
                session,
                link.item_id,
                found,
                asked=asked,
                watched=link.item_id in watched,
                now=parts.now(),
                url=link.url if asked == noting.ADDRESS else "",
            )
            run.found[found.finding] += 1
    parts.after_commit(session)


def _postpone(run: _Run, links: Sequence[DueLink], until: datetime) -> None:
    with run.checker.parts.database.transaction() as session:
        noting.postpone(session, [link.item_id for link in links], until)

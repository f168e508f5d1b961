"""Asks the process that knows the vectors, and never waits long for it.

A page waits for one short budget. Once an answer was late or missing, no page waits at all: now
and then a question is asked without waiting, and when one was answered in time, all wait again.
Answers are kept for a minute, late ones too, so that the pages of one search agree.
"""

import logging
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from socket import AF_UNIX, SOCK_STREAM, socket
from threading import Event, Lock, Thread

from search.semantic_wire import LONGEST_TEXT, receive_similar, send_text

BUDGET_SECONDS = 0.06
_PROBE_SECONDS = 1.0
_PATIENCE_SECONDS = 3.0
_KEPT = 500
_KEPT_SECONDS = 60.0
log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Asked:
    """A question under way; `similar` stays empty if nothing came of it."""

    done: Event = field(default_factory=Event)
    similar: Mapping[int, float] = field(default_factory=dict)


class SemanticClient:
    """Asks over a socket, from any number of threads; never raises and never waits longer."""

    def __init__(
        self,
        path: Path,
        budget: float = BUDGET_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Name the socket and the time that a question may take; nothing is opened yet."""
        self._path = path
        self._budget = budget
        self._clock = clock
        self._lock = Lock()
        self._kept: OrderedDict[str, tuple[float, Mapping[int, float]]] = OrderedDict()
        self._resting = False
        self._next_probe = 0.0

    @property
    def resting(self) -> bool:
        """Tell whether nobody waits for answers now."""
        return self._resting

    def similar(self, text: str) -> Mapping[int, float]:
        """Give what is most similar to a text, with its cosine; nothing if not known in time."""
        key = " ".join(text.split())[:LONGEST_TEXT]
        if not key:
            return {}
        now = self._clock()
        with self._lock:
            until, kept = self._kept.get(key, (0.0, {}))
            if now < until:
                return kept
            waits = not self._resting
            if not waits and now < self._next_probe:
                return {}
            self._next_probe = now + _PROBE_SECONDS
        asked = _Asked()
        Thread(target=self._ask, args=(key, asked), daemon=True).start()
        if not waits:
            return {}
        if not asked.done.wait(self._budget):
            self._rest("it took too long")
        return asked.similar

    def _ask(self, key: str, asked: _Asked) -> None:
        began = self._clock()
        try:
            found = self._exchange(key)
        except (OSError, ValueError) as error:
            self._rest(str(error))
        else:
            asked.similar = found
            self._keep(key, found, in_time=self._clock() - began <= self._budget)
        asked.done.set()

    def _exchange(self, text: str) -> Mapping[int, float]:
        with socket(AF_UNIX, SOCK_STREAM) as connection:
            connection.settimeout(_PATIENCE_SECONDS)
            connection.connect(str(self._path))
            send_text(connection, text)
            return receive_similar(connection)

    def _keep(self, key: str, found: Mapping[int, float], *, in_time: bool) -> None:
        with self._lock:
            self._kept[key] = (self._clock() + _KEPT_SECONDS, found)
            self._kept.move_to_end(key)
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
            again = self._resting and in_time
            if again:
                self._resting = False
        if again:
            log.info("searching by meaning again")

    def _rest(self, why: str) -> None:
        with self._lock:
            begins, self._resting = not self._resting, True
        if begins:
            log.warning("searching by words alone: %s", why)

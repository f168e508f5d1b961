"""Lets a few harvests of one process run at once, so that other jobs always find a thread."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta


class Turns:
    """So many turns; one that is not to be had at once is not waited for."""

    def __init__(self, most: int) -> None:
        """Offer `most` turns."""
        self._most = most
        self._taken = 0
        self._changed = threading.Condition()

    @contextmanager
    def one(self) -> Iterator[bool]:
        """Take a turn for as long as the block lasts; say whether there was one."""
        with self._changed:
            mine = self._taken < self._most
            self._taken += mine
        try:
            yield mine
        finally:
            with self._changed:
                self._taken -= mine
                self._changed.notify_all()

    def wait_for_all(self, patience: timedelta) -> bool:
        """Wait until no turn is taken, at most so long; tell whether that came to be."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._taken, timeout=patience.total_seconds())

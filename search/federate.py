"""Asks several sources at once and always answers by one deadline, whatever they do.

A source that hangs costs nobody else anything: its thread is left to end by itself. What it says
too late is no part of the answer, but may be asked for once more. Who answered, who was late and
who failed is part of the answer.
"""

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from queue import Empty, SimpleQueue
from typing import Generic, TypeVar

T = TypeVar("T")
NOBODY: Mapping[str, timedelta] = {}


@dataclass(frozen=True, slots=True)
class Outcome(Generic[T]):
    """What became of one question: an answer, an error, or neither in time.

    `took` is how long the source needed; the whole time that it was given where it was late.
    """

    answer: T | None
    error: Exception | None
    took: timedelta

    @property
    def late(self) -> bool:
        """Tell whether the source had not answered by the deadline."""
        return self.answer is None and self.error is None


class Round(Generic[T]):
    """Questions that were put to their sources, all at once, and the answers that have come.

    A question is a function that returns the source's answer, which is not None, or raises. It
    runs in a thread of its own and should end by itself soon after the deadline.
    """

    def __init__(self, questions: Mapping[str, Callable[[], T]]) -> None:
        """Ask every source now."""
        self._names = tuple(questions)
        self._answers: SimpleQueue[tuple[str, Outcome[T]]] = SimpleQueue()
        self._found: dict[str, Outcome[T]] = {}
        self._lock = threading.Lock()
        self._began = time.monotonic()
        for name, question in questions.items():
            told = (name, question, self._answers, self._began)
            threading.Thread(target=_ask, args=told, daemon=True).start()

    def wait(
        self, deadline: timedelta, budgets: Mapping[str, timedelta] = NOBODY
    ) -> dict[str, Outcome[T]]:
        """Return one outcome for each source by the deadline, in their order.

        The deadline is counted from the beginning; what has a smaller budget of its own is waited
        for no longer than that. Asked again later, it tells what has come since.
        """
        given = {name: min(deadline, budgets.get(name, deadline)) for name in self._names}
        with self._lock:
            while left := [given[name] for name in self._names if name not in self._found]:
                seconds = self._began + max(left).total_seconds() - time.monotonic()
                try:
                    name, outcome = self._answers.get(timeout=max(0.0, seconds))
                except Empty:
                    break
                self._found[name] = outcome
            return {
                name: self._found.get(name, Outcome(None, None, given[name]))
                for name in self._names
            }


def ask_all(
    questions: Mapping[str, Callable[[], T]],
    *,
    deadline: timedelta,
    budgets: Mapping[str, timedelta] = NOBODY,
) -> dict[str, Outcome[T]]:
    """Ask every source at once; return one outcome for each by the deadline, in their order."""
    return Round(questions).wait(deadline, budgets)


def _ask(
    name: str,
    question: Callable[[], T],
    answers: "SimpleQueue[tuple[str, Outcome[T]]]",
    began: float,
) -> None:
    answer: T | None = None
    error: Exception | None = None
    try:
        answer = question()
    except Exception as failure:  # whatever a source does, the others are heard
        error = failure
    answers.put((name, Outcome(answer, error, timedelta(seconds=time.monotonic() - began))))

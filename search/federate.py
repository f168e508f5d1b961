"""Asks several sources at once and always answers by one deadline, whatever they do.

A source that hangs costs nobody else anything: its thread is left to end by itself, and what it
says too late is dropped. Who answered, who was late and who failed is part of the answer.
"""

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from queue import Empty, SimpleQueue
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Outcome(Generic[T]):
    """What became of one question: an answer, an error, or neither in time.

    `took` is how long the source needed; the whole deadline where it was late.
    """

    answer: T | None
    error: Exception | None
    took: timedelta

    @property
    def late(self) -> bool:
        """Tell whether the source had not answered by the deadline."""
        return self.answer is None and self.error is None


def ask_all(
    questions: Mapping[str, Callable[[], T]], *, deadline: timedelta
) -> dict[str, Outcome[T]]:
    """Ask every source at once; return one outcome for each by the deadline, in their order.

    A question is a function that returns the source's answer, which is not None, or raises. It
    runs in a thread of its own and should end by itself soon after the deadline.
    """
    answers: SimpleQueue[tuple[str, Outcome[T]]] = SimpleQueue()
    began = time.monotonic()
    for name, question in questions.items():
        run = threading.Thread(target=_ask, args=(name, question, answers, began), daemon=True)
        run.start()
    ends_at = began + deadline.total_seconds()
    found: dict[str, Outcome[T]] = {}
    while len(found) < len(questions):
        try:
            name, outcome = answers.get(timeout=max(0.0, ends_at - time.monotonic()))
        except Empty:
            break
        found[name] = outcome
    return {name: found.get(name, Outcome(None, None, deadline)) for name in questions}


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

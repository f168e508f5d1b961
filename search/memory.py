"""What has been found out about words in one state of an index, kept as long as its reader."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from search.plan import Alternative, Clause

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")
_MOST = 4096


class Kept(Generic[Key, Value]):
    """Answers by question; when there are too many, all are forgotten. Threads may share it."""

    def __init__(self) -> None:
        """Know nothing."""
        self._known: dict[Key, Value] = {}

    def get(self, key: Key, find: Callable[[], Value]) -> Value:
        """Give the answer, which is found out once."""
        try:
            return self._known[key]
        except KeyError:
            if len(self._known) >= _MOST:
                self._known = {}
            found = self._known[key] = find()
            return found


@dataclass(frozen=True)
class Memory:
    """Words written as one and in two, what an audience finds, known words by first letter.

    `usual` holds the most frequent languages, by how many.
    """

    joined: Kept[str, tuple[Alternative, ...]] = field(default_factory=Kept)
    parted: Kept[str, tuple[Alternative, ...]] = field(default_factory=Kept)
    held: Kept[tuple[Clause, frozenset[str]], bool] = field(default_factory=Kept)
    words: Kept[str, tuple[str, ...]] = field(default_factory=Kept)
    usual: Kept[int, frozenset[str]] = field(default_factory=Kept)

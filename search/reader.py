"""What an engine has to offer: a folder that holds an index, and one committed state to be asked.

An engine knows how to store documents and to answer small questions about a `Match`; what makes a
search of them stands in `search.engine`, once for all engines.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Protocol

from search.bm25 import Statistics, Term
from search.completion import Title, Wanted
from search.document import Document, Sort
from search.memory import Memory
from search.plan import Demand, Match
from search.rank import Candidate

Counts = Mapping[str, Mapping[str, int]]


class Reader(Protocol):
    """One committed state of an index, read by any number of threads."""

    @property
    def languages(self) -> frozenset[str]:
        """The languages of the documents."""

    @property
    def size(self) -> int:
        """The number of all documents."""

    @property
    def memory(self) -> Memory:
        """What has been found out about words, kept as long as the reader."""

    def is_stale(self) -> bool:
        """Tell whether somebody has committed since this state."""

    def close(self) -> None:
        """Let go of files."""

    def check_files(self) -> None:
        """Raise whatever the engine raises when a file has been damaged, if it can tell."""

    def ids(self) -> frozenset[int]:
        """List the ids of all documents."""

    def count(self, match: Match, facets: tuple[str, ...]) -> tuple[int, Counts]:
        """Count the matching documents, and for each facet those with each of its values."""

    def frequency(self, field: str, term: str) -> int:
        """Count the documents that hold a term, whoever may see them."""

    def starting(self, field: str, beginning: str) -> list[str]:
        """List the terms of a field that have a beginning, whoever may see them."""

    def best(self, match: Match, number: int) -> list[Candidate]:
        """Give the best by score, at least `number` if there are as many, never part of a tie.

        Best first, equals by id. Without words all scores are 1 and `browse_key` orders.
        """

    def holding(self, ids: Sequence[int], demands: Sequence[Demand]) -> list[frozenset[int]]:
        """Tell for each demand which of these documents meet it."""

    def ordered(self, match: Match, sort: Sort, number: int) -> list[Candidate]:
        """Give the first documents of an order that has nothing to do with words."""

    def siblings(self, clusters: Collection[int], audience: frozenset[str]) -> list[Candidate]:
        """Give all documents of these clusters that this audience may see."""

    def complete(self, match: Match, wanted: Wanted, number: int) -> list[tuple[Candidate, Title]]:
        """Give documents that match and hold what is wanted, with their titles, best first."""

    def statistics(self, terms: Collection[Term]) -> Statistics:
        """Tell what scoring these terms of texts from elsewhere takes."""

    def skills(self, match: Match, prefix: str) -> dict[str, int]:
        """Count the matches per skill name in which a word has this folded beginning."""


class Engine(Protocol):
    """A way to store an index in a folder of its own."""

    @property
    def name(self) -> str:
        """The name by which configuration chooses it."""

    @property
    def layout(self) -> int:
        """A number that changes whenever older indexes cannot be read any more."""

    def create(self, folder: Path, documents: Iterable[Document]) -> int:
        """Build an index in an empty folder, durably, and say how many documents it holds."""

    def write(self, folder: Path, put: Iterable[Document], delete: Iterable[int]) -> None:
        """Replace, add and delete documents in one durable commit."""

    def open(self, folder: Path) -> Reader:
        """Open the last commit; raises whatever the engine raises when it is missing or torn."""

"""What came of an import: counts, samples of each outcome, and every problem with its line."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from app.intake.fields import Complaint

SAMPLES = 20


class Fate(StrEnum):
    """What became of a line."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Difference:
    """One field that changes, before and after, as values a reader understands."""

    field: str
    before: object
    after: object


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became, or in a dry run would become, of one record."""

    name: str
    fate: Fate
    differences: tuple[Difference, ...] = ()
    problems: tuple[Complaint, ...] = ()


@dataclass(frozen=True, slots=True)
class Problem:
    """A complaint with the number of its line."""

    line: int
    field: str
    reason: str


@dataclass(slots=True)
class Report:
    """Grows while the import runs, so that an interrupted one still tells how far it came.

    `on_problem` and `on_remark` are told of each as it is found; only counts and the first few
    samples of each fate are kept, so that a file of any length fits.
    """

    on_problem: Callable[[Problem], None] = lambda _problem: None
    on_remark: Callable[[Problem], None] = lambda _remark: None
    counts: Counter[Fate] = field(default_factory=Counter)
    problems: int = 0
    samples: dict[Fate, list[tuple[int, Outcome]]] = field(
        default_factory=lambda: {fate: [] for fate in Fate}
    )
    _remarked: Counter[tuple[str, str]] = field(default_factory=Counter)

    def note(self, line: int, outcome: Outcome) -> None:
        """Count the outcome of a line, and tell of its problems."""
        self.counts[outcome.fate] += 1
        if len(self.samples[outcome.fate]) < SAMPLES:
            self.samples[outcome.fate].append((line, outcome))
        for problem in outcome.problems:
            self.complain(line, problem)

    def complain(self, line: int, problem: Complaint) -> None:
        """Tell of a problem with a line whose outcome is counted elsewhere."""
        self.problems += 1
        self.on_problem(Problem(line, problem.field, problem.reason))

    def remark(self, line: int, remark: Complaint) -> None:
        """Tell of a remark; what holds for a whole column is told once."""
        self._remarked[remark.field, remark.reason] += 1
        if self._remarked[remark.field, remark.reason] == 1:
            self.on_remark(Problem(line, remark.field, remark.reason))

    @property
    def lines(self) -> int:
        """Return how many records were read."""
        return self.counts.total()

    @property
    def all_good(self) -> bool:
        """Tell whether no line had a problem."""
        return not self.problems

"""What an evaluation found, as it is printed, stored with a model, and judged."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from recommender.figures import Figure

OURS, SERVING, POPULARITY, IN_ROLE = "ours", "serving", "popularity", "popularity in role"
EVERYBODY = "all"
BUCKETS = ((0, 0, "0"), (1, 3, "1-3"), (4, None, "4+"))
ROLE = "role:"
FORMAT = 2


class Against(StrEnum):
    """How the serving model took part in the evaluation."""

    NOBODY = "nobody"
    ITSELF = "itself"
    RECIPE = "recipe"
    SAME = "same"


@dataclass(frozen=True)
class Row:
    """One ranker's figures for one group of people.

    `group` is everybody, a bucket of how many items people had met, or `role:` and a slug. Each
    person counts once, with the mean over their `moments`. `coverage` is the share of the catalogue
    among the first ten, `first` the largest share of first places that one item has; sets have no
    interval. `margin` is by how much ours has the better nDCG, person by person; `no_loss` the
    share of draws in which ours loses at most 2 % of this ranker's nDCG.
    """

    ranker: str
    group: str
    people: int
    moments: int
    ndcg: Figure
    recall: Figure
    hit_rate: Figure
    novelty: Figure
    diversity: Figure
    margin: Figure
    no_loss: float
    coverage: float
    first: float

    def to_json(self) -> dict[str, Any]:
        """Return the row as plain values, a figure as a list of its three numbers."""
        values = asdict(self).items()
        return {key: list(one) if isinstance(one, Figure) else one for key, one in values}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> "Row":
        """Read what `to_json` wrote."""
        read: dict[str, Any] = {
            key: Figure(*one) if isinstance(one, list) else one for key, one in values.items()
        }
        return cls(**read)


@dataclass(frozen=True)
class Report:
    """What an evaluation found; `cut` is the moment (unix seconds) that parts past and future.

    `serving` is the name of the model that ours was compared with, and `against` says how.
    """

    cut: float
    rows: tuple[Row, ...]
    against: str = Against.NOBODY
    serving: str = ""

    def row(self, ranker: str, group: str = EVERYBODY) -> Row | None:
        """Find the figures of a ranker, None if there was nobody to measure it on."""
        found = (row for row in self.rows if (row.ranker, row.group) == (ranker, group))
        return next(found, None)

    def of(self, ranker: str) -> Iterator[Row]:
        """Return a ranker's figures for every group, everybody first."""
        return (row for row in self.rows if row.ranker == ranker)

    def to_json(self) -> dict[str, Any]:
        """Return the report as plain values."""
        return {
            "report": FORMAT,
            "cut": self.cut,
            "rows": [row.to_json() for row in self.rows],
            "against": str(self.against),
            "serving": self.serving,
        }

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> "Report":
        """Read what `to_json` wrote.

        Nothing measured, or measured in a former way, gives a report without rows.
        """
        if values.get("report") != FORMAT:
            return cls(values.get("cut", 0.0), ())
        rows = tuple(Row.from_json(row) for row in values["rows"])
        return cls(values["cut"], rows, values["against"], values["serving"])

    def __str__(self) -> str:
        head = (
            f"{'ranker':<20}{'group':<18}{'people':>7}{'nDCG@10':>9}{'95 %':>15}{'recall@20':>11}"
            f"{'hit@10':>8}{'coverage':>10}{'novelty':>9}{'diversity':>11}{'first':>7}"
            "   ours better by"
        )
        return "\n".join([head, *map(_line, self.rows)])


def _line(row: Row) -> str:
    margin = "" if row.ranker == OURS else f"{row.margin.low:+.4f} .. {row.margin.high:+.4f}"
    return (
        f"{row.ranker:<20}{row.group[:17]:<18}{row.people:>7}{row.ndcg.value:>9.4f}"
        f"{row.ndcg.low:>8.4f}-{row.ndcg.high:.4f}{row.recall.value:>11.4f}"
        f"{row.hit_rate.value:>8.3f}{row.coverage:>10.3f}{row.novelty.value:>9.2f}"
        f"{row.diversity.value:>11.3f}{row.first:>7.3f}   {margin}"
    )

"""Data sets for measuring recommenders, and the ways of cutting them into past and questions.

Public data sets are read from folders of yours; none comes with the project. Each person and item
counts once as a pair, at the first time they met.
"""

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from recommender.arrays import Floats, Ints, Mask, Times
from recommender.planted import planted

HELD_OUT = 0.2
COLD_HISTORIES = (0, 1, 2, 3, 10)
FEW = 3


@dataclass(frozen=True, slots=True)
class Archive:
    """Who took what when, by time: `person`, `item` and `at` (unix seconds) are as long.

    `roles` has a row for each person, with positions in `role_names` or -1; the first column is the
    role, the others are what else is known (`groups`). `text` has a line for each item. `taste` and
    `role_taste` are the truth of planted data, people x items and what a role tells of it.
    """

    name: str
    person: Ints
    item: Ints
    at: Times
    roles: NDArray[np.int64]
    role_names: tuple[str, ...]
    text: tuple[str, ...]
    taste: Floats | None = None
    role_taste: Floats | None = None

    @property
    def shape(self) -> tuple[int, int]:
        """The numbers of people and items."""
        return len(self.roles), len(self.text)

    def matrix(self, chosen: Mask) -> sparse.csr_matrix:
        """Return people x items with the times of the chosen pairs."""
        cells = (self.at[chosen], (self.person[chosen], self.item[chosen]))
        return sparse.csr_matrix(cells, shape=self.shape)


@dataclass(frozen=True, slots=True)
class Questions:
    """For each row the history (times), the roles and the items that really followed.

    `among` says which items may be recommended, None for all; `people` are rows of the archive.
    """

    name: str
    people: Ints
    history: sparse.csr_matrix
    roles: NDArray[np.int64]
    relevant: tuple[frozenset[int], ...]
    among: Ints | None = None

    def known(self) -> Ints:
        """Return how many items each row's history has."""
        return np.diff(self.history.indptr)


@dataclass(frozen=True, slots=True)
class Trial:
    """What may be trained on (people x items with times), and the questions to answer then."""

    archive: Archive
    train: sparse.csr_matrix
    questions: tuple[Questions, ...]

    @property
    def now(self) -> float:
        """The moment of the latest pair that may be known."""
        return float(self.train.data.max())


def mars(folder: Path) -> Archive:
    """Read MARS (workplace learning): first views, the job of those who told it, words of items."""
    views = table(folder / "implicit_ratings_en.csv")
    jobs = {row["user_id"]: row["job"] for row in table(folder / "users_en.csv")}
    facts = {row["item_id"]: row for row in table(folder / "items_en.csv")}
    people = sorted({row["user_id"] for row in views})
    items = sorted({row["item_id"] for row in views}, key=int)
    names = tuple(sorted({job for job in jobs.values() if job not in {"", "N/A"}}))
    roles = [[names.index(jobs[each]) if jobs.get(each) in names else -1] for each in people]
    pairs = ((row["user_id"], row["item_id"], _moment(row["created_at"])) for row in views)
    text = tuple(_words(facts[each]) if each in facts else "" for each in items)
    return _archive("MARS", pairs, people, items, np.array(roles), names, text)


def _words(facts: dict[str, str]) -> str:
    tags = " ".join(re.findall(r"'([^']+)'", facts["Software"] + facts["Theme"] + facts["Job"]))
    return f"{facts['name']} {tags} {facts['description']}"


def ml100k(folder: Path, everything: bool = False) -> Archive:
    """Read MovieLens 100k: occupations as roles; with `everything`, age and gender beside them."""
    ratings = rows(folder / "u.data", "\t")
    people = sorted(rows(folder / "u.user", "|"), key=lambda row: int(row[0]))
    films = sorted(rows(folder / "u.item", "|"), key=lambda row: int(row[0]))
    kept = [[row[3], f"age {int(row[1]) // 10}", f"gender {row[2]}"] for row in people]
    held = [row if everything else row[:1] for row in kept]
    names = tuple(sorted({each for row in held for each in row}))
    roles = np.array([[names.index(each) for each in row] for row in held])
    pairs = ((row[0], row[1], float(row[3])) for row in ratings)
    text = tuple(_film(row) for row in films)
    ids = [row[0] for row in people], [row[0] for row in films]
    return _archive("ML-100k", pairs, *ids, roles, names, text)


GENRES = (
    *("unknown", "action", "adventure", "animation", "children", "comedy", "crime"),
    *("documentary", "drama", "fantasy", "noir", "horror", "musical", "mystery", "romance"),
    *("science-fiction", "thriller", "war", "western"),
)


def _film(row: Sequence[str]) -> str:
    flags = zip(GENRES, row[-len(GENRES) :], strict=True)
    return " ".join([row[1], *(genre for genre, flag in flags if flag == "1")])


def made_up(
    rho: float, seed: int = 0, people: int = 6000, items: int = 2000, roles: int = 40
) -> Archive:
    """Draw planted data in which a role explains `rho` of a person's taste."""
    world = planted(rho, people, items, roles, seed)
    log = world.dataset.events
    order = np.argsort(log.at, kind="stable")
    return Archive(
        f"planted {rho:g}",
        log.person[order],
        log.item[order],
        log.at[order],
        world.role_of[:, None],
        tuple(f"role-{role}" for role in range(roles)),
        ("",) * items,
        world.taste,
        world.role_taste[world.role_of],
    )


def _archive(
    name: str,
    pairs: Iterable[tuple[str, str, float]],
    people: Sequence[str],
    items: Sequence[str],
    roles: NDArray[np.int64],
    role_names: tuple[str, ...],
    text: tuple[str, ...],
) -> Archive:
    """Give numbers to people and items; keep the first time that each pair met, in order of time.

    Pairs of the same second stay in the order of the file, which says nothing about their items.
    """
    person_at = {each: number for number, each in enumerate(people)}
    item_at = {each: number for number, each in enumerate(items)}
    first: dict[tuple[int, int], float] = {}
    for person, item, at in pairs:
        key = (person_at[person], item_at[item])
        first[key] = min(at, first.get(key, at))
    both = np.array(list(first), dtype=np.int64)
    at = np.array(list(first.values()))
    order = np.argsort(at, kind="stable")
    return Archive(name, both[order, 0], both[order, 1], at[order], roles, role_names, text)


def chrono(archive: Archive) -> Trial:
    """Train on the first 80 % of each person's pairs, ask for the rest."""
    nth, count = _places(archive)
    return _continued(archive, nth < np.ceil((1 - HELD_OUT) * count), "chrono")


def last_out(archive: Archive) -> Trial:
    """Train on all but the last item of everybody with two or more, ask for that."""
    nth, count = _places(archive)
    return _continued(archive, (nth < count - 1) | (count == 1), "lloo")


def one_cut(archive: Archive, share: float = 1 - HELD_OUT) -> Trial:
    """Train on the first pairs of all by time, 80 %, ask for what people took up afterwards."""
    cut = np.quantile(archive.at, share)
    return _continued(archive, archive.at <= cut, "global")


def newcomers(archive: Archive, seed: int = 0) -> Trial:
    """Train on 80 % of the people; ask for the others when only their first few items are known.

    Asked for is what follows the third item, however few of the three are known, so that 0 to 3
    compare; for longer histories it is what follows them.
    """
    nth, count = _places(archive)
    people = np.random.default_rng(seed).permutation(len(archive.roles))
    held = np.zeros(len(people), np.bool_)
    held[people[: int(HELD_OUT * len(people))]] = True
    questions = []
    for known in COLD_HISTORIES:
        start = max(known, FEW)
        asked = held[archive.person] & (count > start)
        past, future = asked & (nth < known), asked & (nth >= start)
        questions.append(_questions(archive, f"cold-{known}", past, future))
    return Trial(archive, archive.matrix(~held[archive.person]), tuple(questions))


def new_items(archive: Archive, seed: int = 0) -> Trial:
    """Train without a fifth of the items; ask which of those each person took."""
    items = np.random.default_rng(seed).permutation(len(archive.text))
    fresh = np.sort(items[: int(HELD_OUT * items.size)])
    cold = np.isin(archive.item, fresh)
    train = archive.matrix(~cold)
    warm = np.isin(archive.person, archive.person[~cold])
    asked = _questions(archive, "cold items", ~cold, cold & warm)
    return Trial(archive, train, (replace(asked, among=fresh),))


def _continued(archive: Archive, past: Mask, name: str) -> Trial:
    return Trial(archive, archive.matrix(past), (_questions(archive, name, past, ~past),))


def _questions(archive: Archive, name: str, past: Mask, future: Mask) -> Questions:
    people = np.unique(archive.person[future])
    wanted = archive.matrix(future)[people]
    known = archive.matrix(past)[people]
    relevant = tuple(frozenset(each.tolist()) for each in np.split(wanted.indices, _cuts(wanted)))
    return Questions(name, people, known, archive.roles[people], relevant)


def _cuts(matrix: sparse.csr_matrix) -> Ints:
    return matrix.indptr[1:-1]


def _places(archive: Archive) -> tuple[Ints, Ints]:
    """Return for each pair which of its person's it is, from 0, and how many they have."""
    order = np.argsort(archive.person, kind="stable")
    count = np.bincount(archive.person, minlength=len(archive.roles))
    nth = np.empty(order.size, np.int64)
    start = np.repeat(np.cumsum(count) - count, count)
    nth[order] = np.arange(order.size) - start
    return nth, count[archive.person]


def _moment(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


def table(path: Path) -> list[dict[str, str]]:
    """Read a CSV file with headings."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def rows(path: Path, separator: str) -> Iterator[list[str]]:
    """Read the rows of a MovieLens file, with or without a line of headings."""
    for line in path.read_text(encoding="latin-1").splitlines():
        if line[:1].isdigit():
            yield line.split(separator)

"""Items alike in their skills and words, which needs nobody to have touched them.

A brand-new item is placed among the known ones by this alone.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from scipy import sparse

from recommender.arrays import Arrays, Floats, Ints, blank
from recommender.data import ItemFacts
from recommender.dataset import Interactions
from recommender.profile import Profile
from recommender.scorers.cosine import cosines
from recommender.table import Table, strongest

_WORD = re.compile(r"\w[\w+#.]*")


@dataclass(frozen=True)
class ContentConfig:
    """`skill` is the weight of a shared skill against a shared word of the title."""

    keep: int = 50
    carried: int = 20
    skill: float = 2.0
    commonest: float = 0.2
    memory: int = 10
    recency: float = 4.0
    dislike: float = 0.3
    least: float = 0.1

    def fit(self, data: Interactions) -> "Content":
        """Weigh the terms of every item by rarity and find the items most alike."""
        terms = [self.terms(facts) for facts in data.facts]
        spread = Counter(term for each in terms for term in each)
        most = max(self.commonest * len(terms), 5)
        words = tuple(sorted(term for term, count in spread.items() if count <= most))
        rarity = np.log1p(len(terms) / np.array([spread[term] for term in words], np.float32))
        vectors = _vectors(terms, words, rarity)
        alike = sparse.csr_matrix((len(terms), len(terms)), dtype=np.float32)
        if vectors.nnz:
            alike = cosines(vectors.T.tocsr(), self.keep)
            alike.data[alike.data < self.least] = 0.0
        return Content(words, rarity, Table.of(vectors), Table.of(alike), self)

    def terms(self, facts: ItemFacts) -> dict[str, float]:
        """Return the terms of an item with their weights, before rarity counts."""
        words = {word.strip("."): 1.0 for word in _WORD.findall(facts.title.lower())}
        return words | {f"skill:{skill}": self.skill for skill in facts.skills}


def _vectors(
    terms: Sequence[dict[str, float]], words: tuple[str, ...], rarity: Floats
) -> sparse.csr_matrix:
    """Return items x words: rows of length 1, or empty."""
    code = {word: number for number, word in enumerate(words)}
    cells = [
        (row, code[term], weight)
        for row, each in enumerate(terms)
        for term, weight in each.items()
        if term in code
    ]
    rows, columns, weights = np.array(cells, dtype=np.float64).reshape(-1, 3).T
    columns = columns.astype(np.int64)
    shape = (len(terms), len(words))
    matrix = sparse.csr_matrix((weights * rarity[columns], (rows.astype(int), columns)), shape)
    length = np.sqrt(np.asarray(matrix.multiply(matrix).sum(axis=1)).ravel())
    return sparse.diags_array(1 / np.maximum(length, 1e-9)) @ matrix


@dataclass(frozen=True)
class Content:
    """Terms and their rarity, the items' unit vectors over them, and who is like whom."""

    words: tuple[str, ...]
    rarity: Floats
    vectors: Table
    table: Table
    config: ContentConfig

    def __call__(self, profile: Profile, out: Floats | None = None) -> Floats:
        """Return the mean cosine with the history, the latest weighing most."""
        out = blank(self.table.start.size - 1, out)
        at, value = self.found(profile)
        out[at] = value
        return out

    def found(self, profile: Profile) -> tuple[Ints, Floats]:
        """Return the same of the items that have any: their positions, ascending, and values."""
        config = self.config
        return self.table.summed(*profile.voices(config.memory, config.recency, config.dislike))

    def cosines(self, items: Sequence[ItemFacts]) -> sparse.csr_matrix:
        """Return the strongest cosines of items unknown to the model with known items."""
        theirs = _vectors([self.config.terms(facts) for facts in items], self.words, self.rarity)
        cosines = theirs @ self.vectors.matrix(len(self.words)).T
        return strongest(sparse.csr_matrix(cosines, dtype=np.float32), self.config.keep)

    def arrays(self) -> Arrays:
        """Return what is stored."""
        return {
            "words": np.array(self.words, dtype=np.str_),
            "rarity": self.rarity,
            "vector_start": self.vectors.start,
            "vector_column": self.vectors.column,
            "vector_value": self.vectors.value,
            "start": self.table.start,
            "column": self.table.column,
            "value": self.table.value,
        }

    @classmethod
    def load(cls, arrays: Arrays, config: ContentConfig) -> Self:
        """Return the inverse of `arrays`."""
        vectors = Table(arrays["vector_start"], arrays["vector_column"], arrays["vector_value"])
        table = Table(arrays["start"], arrays["column"], arrays["value"])
        return cls(tuple(arrays["words"].tolist()), arrays["rarity"], vectors, table, config)


def carrying(cosines: sparse.csr_matrix, keep: int, doubt: float = 0.3) -> sparse.csr_matrix:
    """Return rows that average known items by likeness, `doubt` keeping them below full weight."""
    near = strongest(cosines, keep)
    total = np.asarray(near.sum(axis=1)).ravel()
    weights = sparse.diags_array(1 / (total + doubt)) @ near
    return sparse.csr_matrix(weights, dtype=np.float32)

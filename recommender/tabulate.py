"""The figures of every ranker's answers, by group of people, as rows of a report."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np

from recommender.arrays import Ints, Mask, different, numbered
from recommender.dataset import Dataset
from recommender.figures import (
    SHORT,
    Bootstrap,
    Likeness,
    Wide,
    hit,
    ndcg,
    novelty,
    recall,
)
from recommender.log import EventLog
from recommender.replay import Query, met_items
from recommender.report import BUCKETS, EVERYBODY, OURS, ROLE, Row
from recommender.table import firsts

FEWEST_NAMED = 5
"""A group is reported from so many people on."""

TOLERATED = 0.02
"""The share of its nDCG by which a group may lose against another ranker."""


def groups_of(queries: Sequence[Query]) -> list[tuple[str, Mask]]:
    """Return everybody, the buckets of history, and the roles, each with people enough to name."""
    length = met_items(queries)
    people = np.array([query.context.person for query in queries])
    groups = [(EVERYBODY, length >= 0)]
    for low, high, name in BUCKETS:
        groups.append((name, (length >= low) & (length <= (np.inf if high is None else high))))
    for role in sorted({role for query in queries for role in query.context.roles}):
        mask = np.array([role in query.context.roles for query in queries])
        groups.append((ROLE + role, mask))
    enough = (np.unique(people[mask]).size >= FEWEST_NAMED for _, mask in groups)
    return [group for group, named in zip(groups, enough, strict=True) if named]


@dataclass(frozen=True)
class Table:
    """Every ranker's answers with what each is worth: columns in the order of a row's figures.

    `items` is the size of the catalogue, `draws` those of the bootstrap.
    """

    person: Ints
    answers: Mapping[str, list[list[int]]]
    worth: Mapping[str, Wide]
    items: int
    draws: int

    @classmethod
    def of(
        cls,
        past: Dataset,
        queries: Sequence[Query],
        answers: Mapping[str, list[list[int]]],
        items: int,
        draws: int,
    ) -> Self:
        """Work out what each answer is worth."""
        share, unseen = _known_by(past)
        alike = Likeness.of(past.items)

        def worth(query: Query, ranked: Sequence[int]) -> tuple[float, ...]:
            wanted = query.relevant
            return (
                ndcg(ranked, wanted),
                recall(ranked, wanted),
                hit(ranked, wanted),
                novelty(ranked, share, unseen),
                alike.diversity(ranked),
            )

        found = {
            name: np.array([worth(*each) for each in zip(queries, given, strict=True)])
            for name, given in answers.items()
        }
        person = np.array([query.context.person for query in queries], np.int64)
        return cls(person, answers, found, items, draws)

    def rows(self, group: str, mask: Mask, seed: int) -> list[Row]:
        """Return the figures of every ranker for one group."""
        at = np.flatnonzero(mask)
        people, number = np.unique(self.person[at], return_inverse=True)
        draws = Bootstrap.of(people.size, self.draws, seed)
        each = {name: _per_person(worth[at], number) for name, worth in self.worth.items()}
        found = []
        for name, values in each.items():
            ndcg_each, ours = values[:, 0], each[OURS][:, 0]
            coverage, first = _spread([self.answers[name][one] for one in at.tolist()], self.items)
            row = Row(
                ranker=name,
                group=group,
                people=int(people.size),
                moments=int(at.size),
                ndcg=draws.figure(ndcg_each),
                recall=draws.figure(values[:, 1]),
                hit_rate=draws.figure(values[:, 2]),
                novelty=draws.figure(values[:, 3]),
                diversity=draws.figure(values[:, 4]),
                margin=draws.figure(ours - ndcg_each),
                no_loss=_no_loss(draws, ours, ndcg_each),
                coverage=coverage,
                first=first,
            )
            found.append(row)
        return found


def _known_by(past: Dataset) -> tuple[dict[int, float], float]:
    """Return the share of people who touched each item in the past, and that for untouched ones."""
    log = EventLog.of(past.events)
    items, everybody = different(log.item), different(log.person).size + 1
    met = log.person.astype(np.int64)
    met *= items.size
    met += numbered(items, log.item)
    met.sort()
    people = np.bincount(firsts(met)[0] % max(items.size, 1), minlength=items.size)
    shares = (people + 1) / everybody
    known = dict(zip(items.tolist(), np.minimum(shares, 1.0).tolist(), strict=True))
    return known, 1 / everybody


def _per_person(values: Wide, number: Ints) -> Wide:
    """Return the mean over each person's moments, so that the busy count no more than others."""
    counts = np.bincount(number)
    sums = [np.bincount(number, column) for column in values.T]
    found: Wide = np.stack(sums, axis=1) / counts[:, None]
    return found


def _no_loss(draws: Bootstrap, ours: Wide, theirs: Wide) -> float:
    """Return the share of draws in which ours loses no more than is tolerated."""
    slack = draws.means(ours - (1 - TOLERATED) * theirs)
    return float((slack >= 0).mean())


def _spread(answers: Sequence[Sequence[int]], items: int) -> tuple[float, float]:
    """Return the share of the catalogue that is shown, and of first places the commonest item's."""
    shown = {item for answer in answers for item in answer[:SHORT]}
    first = [answer[0] for answer in answers if answer]
    commonest = int(np.unique(first, return_counts=True)[1].max()) if first else 0
    return len(shown) / max(items, 1), commonest / max(len(first), 1)

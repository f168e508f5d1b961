"""What recommenders are compared with: the usual models, each tuned on the training part alone.

Every model is a function from a trial to scores for its questions, rows x items. Settings are
chosen by nDCG@10 on the last fifth of each person's history within the training part. Where
somebody's history is empty, every model answers with what is popular.
"""

import re
import warnings
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from implicit.bpr import BayesianPersonalizedRanking
from implicit.cpu.als import AlternatingLeastSquares
from implicit.nearest_neighbours import BM25Recommender
from scipy import linalg, sparse

from bench.adapter import System, factory
from bench.recommender_data import Archive, Questions, Trial, chrono
from bench.recommender_metrics import LONG, measured, top
from recommender.arrays import Floats, Ints

Answer = Callable[[Questions], Floats]
Fit = Callable[..., Answer]
MOST_TUNED_ON = 1000


@dataclass(frozen=True, slots=True)
class Rival:
    """A model and the settings to choose from; `cold` says whether it can answer for newcomers."""

    fit: Fit
    choices: Sequence[Mapping[str, Any]] = ({},)
    cold: bool = True


def popularity(train: sparse.csr_matrix, _trial: Trial) -> Answer:
    """Rank by the number of people who took an item."""
    count = np.bincount(train.indices, minlength=train.shape[1]).astype(np.float32)
    return lambda questions: np.tile(count, (len(questions.people), 1))


def in_role(train: sparse.csr_matrix, trial: Trial, pseudo_count: float = 1000.0) -> Answer:
    """Rank by P(item | role), smoothed towards the whole by a Dirichlet prior."""
    roles = trial.archive.roles[:, 0]
    whole = np.bincount(train.indices, minlength=train.shape[1]) + 1e-3
    whole = whole / whole.sum()
    shape = (roles.max() + 1, len(roles))
    people = np.flatnonzero(roles >= 0)
    members = sparse.csr_matrix((np.ones(people.size), (roles[people], people)), shape=shape)
    counts = (members @ train).toarray()
    total = counts.sum(axis=1, keepdims=True)
    shares = (counts + pseudo_count * whole) / (total + pseudo_count)
    shares = np.vstack([shares, whole]).astype(np.float32)
    return lambda questions: shares[questions.roles[:, 0]]


def als(train: sparse.csr_matrix, _trial: Trial, factors: int, alpha: float, reg: float) -> Answer:
    """Implicit's alternating least squares; the person is folded in from the history."""
    model = AlternatingLeastSquares(
        factors, alpha=alpha, regularization=reg, iterations=15, random_state=0, num_threads=1
    )
    model.fit(train, show_progress=False)

    def answer(questions: Questions) -> Floats:
        history = _ones(questions.history)
        people = model.recalculate_user(np.arange(history.shape[0]), history)
        scores: Floats = people @ model.item_factors.T
        return scores

    return answer


def bpr(train: sparse.csr_matrix, _trial: Trial, factors: int, rate: float, rounds: int) -> Answer:
    """Implicit's Bayesian personalised ranking; it knows only people it was trained with."""
    model = BayesianPersonalizedRanking(
        factors, learning_rate=rate, iterations=rounds, random_state=0, num_threads=1
    )
    model.fit(train, show_progress=False)

    def answer(questions: Questions) -> Floats:
        scores: Floats = model.user_factors[questions.people] @ model.item_factors.T
        return scores

    return answer


def bm25(train: sparse.csr_matrix, _trial: Trial, keep: int, k1: float, b: float) -> Answer:
    """Implicit's item-item neighbours with BM25 weights, of whose format it warns itself."""
    model = BM25Recommender(keep, K1=k1, B=b, num_threads=1)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Method expects CSR input")
        model.fit(train, show_progress=False)
    return lambda questions: (_ones(questions.history) @ model.similarity).toarray()


def ease(train: sparse.csr_matrix, _trial: Trial, ridge: float) -> Answer:
    """Embarrassingly shallow autoencoder (Steck 2019), in closed form."""
    gram = (train.T @ train).toarray().astype(np.float64)
    gram[np.diag_indices_from(gram)] += ridge
    inverse = linalg.inv(gram, overwrite_a=True, check_finite=False)
    weights = -inverse / np.diag(inverse)
    np.fill_diagonal(weights, 0.0)
    return lambda questions: _ones(questions.history) @ weights.astype(np.float32)


def by_chance(train: sparse.csr_matrix, _trial: Trial) -> Answer:
    """Rank at random."""
    chance = np.random.default_rng(0)
    return lambda questions: chance.random((len(questions.people), train.shape[1]), np.float32)


def words(_train: sparse.csr_matrix, trial: Trial) -> Answer:
    """Rank by the mean cosine of TF-IDF vectors with what the person took."""
    spoken = [Counter(re.findall(r"\w+", line.lower())) for line in trial.archive.text]
    code = {
        word: number for number, word in enumerate(sorted({w for each in spoken for w in each}))
    }
    cells = [(row, code[w], n) for row, each in enumerate(spoken) for w, n in each.items()]
    rows, columns, counts = np.array(cells, dtype=np.int64).reshape(-1, 3).T
    spread = np.bincount(columns, minlength=len(code))
    weight = (1 + np.log(counts)) * np.log(len(spoken) / spread)[columns]
    vectors = sparse.csr_matrix((weight, (rows, columns)), shape=(len(spoken), len(code)))
    length = np.sqrt(np.asarray(vectors.multiply(vectors).sum(axis=1)).ravel())
    unit = sparse.diags_array(1 / np.maximum(length, 1e-9)) @ vectors
    return lambda questions: ((_ones(questions.history) @ unit) @ unit.T).toarray()


OURS, TIMELESS = "ours", "ours, no times given"
ROLE_ORACLE, BEST = "best possible from the role", "best possible"
FLOOR = "popularity"
CHANCE, WORDS = "by chance", "TF-IDF cosine"
IN_ROLE = "popularity in role"
RIVALS: dict[str, Rival] = {
    FLOOR: Rival(popularity),
    IN_ROLE: Rival(in_role, [{"pseudo_count": each} for each in (100.0, 1000.0, 10000.0)]),
    "item-item BM25": Rival(
        bm25,
        [
            {"keep": keep, "k1": k1, "b": b}
            for keep, k1, b in (
                *((20, 1.2, 0.75), (50, 1.2, 0.75), (200, 1.2, 0.75)),
                *((50, 1.2, 0.2), (200, 1.2, 0.2), (200, 50.0, 0.5), (1000, 50.0, 0.2)),
            )
        ],
    ),
    "implicit ALS": Rival(
        als,
        [
            {"factors": factors, "alpha": alpha, "reg": reg}
            for factors, alpha, reg in (
                *((32, 1.0, 1.0), (32, 5.0, 1.0), (32, 5.0, 10.0), (32, 10.0, 50.0)),
                *((64, 1.0, 1.0), (64, 5.0, 10.0), (64, 20.0, 5.0), (64, 20.0, 50.0)),
                *((128, 1.0, 10.0), (128, 5.0, 50.0)),
            )
        ],
    ),
    "implicit BPR": Rival(
        bpr,
        [
            {"factors": factors, "rate": rate, "rounds": rounds}
            for factors, rate, rounds in ((64, 0.01, 60), (64, 0.01, 200), (64, 0.05, 100))
        ],
        cold=False,
    ),
    "EASE": Rival(ease, [{"ridge": each} for each in (10.0, 50.0, 200.0, 500.0, 1000.0)]),
}


FOR_NEW_ITEMS = {CHANCE: Rival(by_chance), WORDS: Rival(words)}
"""What can rank items that nobody has touched."""


def tuned(rival: Rival, trial: Trial) -> Mapping[str, Any]:
    """Return the settings that would have served best on the end of the training part."""
    if len(rival.choices) == 1:
        return rival.choices[0]
    inner = rehearsal(trial)
    asked = inner.questions[0]
    return max(
        rival.choices,
        key=lambda choice: _gain(rival.fit(_ones(inner.train), inner, **choice), asked),
    )


def rehearsal(trial: Trial) -> Trial:
    """Return the training part cut in two, with at most a thousand people to ask about."""
    cells = sparse.coo_matrix(trial.train)
    order = np.argsort(cells.data, kind="stable")
    past: Archive = replace(
        trial.archive, person=cells.row[order], item=cells.col[order], at=cells.data[order]
    )
    inner = chrono(past)
    asked = inner.questions[0]
    if len(asked.people) <= MOST_TUNED_ON:
        return inner
    kept = np.random.default_rng(0).choice(len(asked.people), MOST_TUNED_ON, replace=False)
    return replace(inner, questions=(chosen(asked, np.sort(kept)),))


def chosen(questions: Questions, rows: Ints) -> Questions:
    """Return only some rows of the questions."""
    return replace(
        questions,
        people=questions.people[rows],
        history=questions.history[rows],
        roles=questions.roles[rows],
        relevant=tuple(questions.relevant[row] for row in rows),
    )


def answers(trial: Trial, rival: Rival) -> dict[str, Ints]:
    """Tune a rival and return for each set of questions the first twenty items of every row."""
    train = _ones(trial.train)
    answer = rival.fit(train, trial, **tuned(rival, trial))
    popular = popularity(train, trial)
    found = {}
    for asked in trial.questions:
        scores = np.array(answer(asked), np.float32)
        if rival is not RIVALS[IN_ROLE]:
            unknown = asked.known() == 0
            scores[unknown] = popular(asked)[unknown]
        found[asked.name] = top(scores, _known(asked), asked.among)
    return found


def oracle(trial: Trial, taste: Floats) -> dict[str, Ints]:
    """Answer every question from the truth, people x items."""
    return {
        asked.name: top(taste[asked.people], _known(asked), asked.among)
        for asked in trial.questions
    }


def ours(trial: Trial, timed: bool = True) -> dict[str, Ints]:
    """Answer every question by the recommender of this project, as anybody could ask it."""
    system = trained(trial, timed)
    return {asked.name: ask(system, trial, asked) for asked in trial.questions}


def trained(trial: Trial, timed: bool = True) -> System:
    """Return our recommender, trained on the past of a trial, with its times or without."""
    archive = trial.archive
    system = factory(archive.shape[1], archive.role_names, archive.text)
    system.fit(_ones(trial.train), trial.train if timed else None, archive.roles, trial.now)
    return system


def ask(system: System, trial: Trial, asked: Questions) -> Ints:
    """Return our first twenty items for every row."""
    many = LONG if asked.among is None else asked.history.shape[1]
    given = system.recommend(_ones(asked.history), asked.roles, many, trial.now)
    return given if asked.among is None else _only(given, asked.among)


def _only(given: Ints, among: Ints) -> Ints:
    """Return the first twenty of each row that are among the given items, -1 for none."""
    found = np.full((len(given), LONG), -1, np.int64)
    for row, items in enumerate(given):
        kept = items[np.isin(items, among)][:LONG]
        found[row, : kept.size] = kept
    return found


def _gain(answer: Answer, asked: Questions) -> float:
    best = top(np.asarray(answer(asked)), _known(asked), asked.among)
    return measured(best, asked, asked.history.shape[1]).ndcg


def _known(asked: Questions) -> list[Ints]:
    return np.split(asked.history.indices, asked.history.indptr[1:-1])


def _ones(matrix: sparse.csr_matrix) -> sparse.csr_matrix:
    ones = sparse.csr_matrix(matrix, dtype=np.float32, copy=True)
    ones.data[:] = 1.0
    return ones

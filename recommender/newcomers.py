"""How far to trust each feature where nobody says when: learnt from people held out of a model.

A model is fitted to most of the people. Of the others it is told a few items each, all at one
instant, and asked what else they took. The prior is what is popular, in the person's role and
circles too. What speaks for an item beside it is weighed by a conditional logit; how much all of
that counts, with one item known and with many, is what gives the best slates. A likelihood alone
would not do: it asks about everything somebody takes, and a slate is about its first ten.

Every bit of trust must earn something, so that who is new never gets less than what is popular.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product

import numpy as np

from recommender.arrays import Floats, Mask
from recommender.blend import BlendConfig, stages
from recommender.candidates import propose
from recommender.data import Context, Event
from recommender.dataset import Dataset
from recommender.features import COLUMN, NAMES
from recommender.live import Live
from recommender.log import EventLog
from recommender.measures import measured
from recommender.model import Model, fit
from recommender.pipeline import sight_of
from recommender.pool import Eligibility
from recommender.rules import barred_ids
from recommender.settings import Settings
from recommender.tuning import Choices, Moment, Wide, fitted, scale_of

HELD_OUT = 0.2
KNOWN = (0, 1, 2, 1, 3, 5, 1, 10)
"""How many items are told of somebody, in turn."""
MOST_QUESTIONS = 2000
LEAST = 60
TAKES = 2
"""How many takes of a question the logit learns from."""
RIDGE = 100.0
SHARES = (0.0, 0.05, 0.1, 0.2, 0.35, 0.6, 1.0, 1.6, 2.5)
ROLE_SHARES = (0.0, 0.25, 0.5, 0.75, 1.0)
POPULAR = "popular_ever"
_GROUPS = [COLUMN["role"], COLUMN["circle"]]
_PRIOR = np.isin(NAMES, [POPULAR, "role", "circle"])
TOP = 10
HURDLE, UNDATED_HURDLE = 0.02, 0.35
"""How much more than the prior the rest must gain before it counts for `CAREFUL` or more. Where no
times are known the items that are told are drawn, and tell more of somebody than their first ones
would."""
CAREFUL = 0.2
SURE = 3.0
"""How many standard errors above the prior, or above what is popular alone, anything must gain."""


@dataclass(frozen=True)
class Question:
    """The candidates for somebody of whom `evidence` items are known, and which of them they took.

    `wanted` is how many they took in all.
    """

    features: Floats
    taken: Mask
    evidence: int
    wanted: int

    def moments(self, chance: np.random.Generator) -> Iterator[Moment]:
        """Give a few choices, each between one thing that was taken and all that was not."""
        rows, others = np.flatnonzero(self.taken), np.flatnonzero(~self.taken)
        some = min(TAKES, rows.size)
        stage = stages(self.evidence, None)
        for row in chance.choice(rows, some, replace=False).tolist():
            yield Moment(self.features[[row, *others]], 0, stage, 1 / some)

    def gain(self, scores: Floats) -> float:
        """Return nDCG@10 of the candidates in the order of their scores."""
        top = np.argsort(-scores, kind="stable")[:TOP]
        discount = 1 / np.log2(np.arange(2, TOP + 2))
        found = float((discount[: top.size] * self.taken[top]).sum())
        return found / float(discount[: self.wanted].sum())


def learn_timeless(dataset: Dataset, settings: Settings, seed: int) -> BlendConfig:
    """Return the weights for questions about no moment, learnt from a fifth of the people.

    With fewer than `LEAST` questions those given stay.
    """
    chance = np.random.default_rng(seed)
    log = EventLog.of(dataset.events)
    people = chance.permutation(np.unique(log.person))
    held = people[: int(HELD_OUT * people.size)]
    told = replace(dataset, events=log.where(~np.isin(log.person, held)))
    asked = log.where(np.isin(log.person, held))
    questions = list(_questions(fit(told, settings, seed), dataset, asked, chance))
    return _learnt(questions, settings.timeless, HURDLE if dataset.dated else UNDATED_HURDLE)


def _questions(
    model: Model, dataset: Dataset, log: EventLog, chance: np.random.Generator
) -> Iterator[Question]:
    """Ask about the people of a log with some of their items known: the first, or any."""
    facts = {each.item: each for each in dataset.items}
    eligible = Eligibility(facts.keys() | set(model.items.tolist()), facts)
    live = Live(model)
    taken = _taken(log)
    people = chance.permutation(list(taken)).tolist()[:MOST_QUESTIONS]
    rounds = min(len(KNOWN), MOST_QUESTIONS // max(len(people), 1))
    for turn, person in enumerate(people):
        items = taken[person] if dataset.dated else chance.permutation(taken[person]).tolist()
        for n in range(rounds):
            known = KNOWN[(turn + n) % len(KNOWN)]
            if known < len(items):
                context = _context(dataset, person, items[:known])
                yield _question(model, live, context, items[known:], eligible)


def _taken(log: EventLog) -> dict[int, list[int]]:
    """Return the items of each person, in the order in which they first took them."""
    found: dict[int, dict[int, None]] = {}
    for event in log.where(np.argsort(log.at, kind="stable")).rows():
        found.setdefault(event.person, {})[event.item] = None
    return {person: list(items) for person, items in found.items()}


def _context(dataset: Dataset, person: int, items: Sequence[int]) -> Context:
    """Return somebody of whom some items are known, nobody knows since when."""
    return Context(
        person,
        dataset.people_roles.get(person, ()),
        [Event(person, item, "launched", dataset.now) for item in sorted(items)],
        dataset.now,
        circles=dataset.circles.get(person, ()),
        timeless=True,
    )


def _question(
    model: Model, live: Live, context: Context, later: Sequence[int], eligible: Eligibility
) -> Question:
    sight = sight_of(model, context, eligible, eligible.items, live)
    barred = sight.pool.positions(barred_ids(context, ()))
    at = propose(sight, barred, model.settings.rules.shortlist).at
    taken = np.isin(at, sight.pool.positions(later))
    return Question(measured(sight, at), taken, int(sight.recent.size), len(later))


def _learnt(questions: Sequence[Question], given: BlendConfig, hurdle: float) -> BlendConfig:
    """Return the given weights with groups worth what they earn, and the rest as it is learnt.

    What the rest earns is seen on each half of the questions with what the other half taught.
    """
    known = [each for each in questions if each.evidence and each.taken.any()]
    table = given.table()
    if len(questions) >= LEAST:
        table[_GROUPS, :2] = _role_share(questions)
    if len(known) < LEAST:
        return BlendConfig.of(table)
    earlier, later = known[: len(known) // 2], known[len(known) // 2 :]
    prior = np.where(_PRIOR, table[:, 1], 0)
    first, second = _beside(earlier, table), _beside(later, table)
    halves = (earlier, second), (later, first)
    curves = _curves(
        [
            (each, each.features @ prior, each.features @ beside)
            for half, beside in halves
            for each in half
        ]
    )
    few, many = _shares(curves, hurdle)
    beside = _beside(known, table)
    table[:, 1] = prior + many * beside
    table[:, 2] = (few - many) * beside
    return BlendConfig.of(table)


def _role_share(questions: Sequence[Question]) -> float:
    """Return how much the groups of people should count beside what is popular."""
    scores = [
        (each, each.features[:, COLUMN[POPULAR]], each.features[:, _GROUPS].sum(axis=1))
        for each in questions
    ]
    gains = np.array(
        [
            [each.gain(popular + np.float32(share) * lift) for share in ROLE_SHARES]
            for each, popular, lift in scores
        ]
    )
    return ROLE_SHARES[int(np.argmax(_sure_of(gains)))]


def _beside(questions: Sequence[Question], table: Floats) -> Floats:
    """Return the weight of each feature beside the prior that makes what was taken likeliest."""
    chance = np.random.default_rng(len(questions))
    moments = [moment for each in questions for moment in each.moments(chance)]
    scale = scale_of(moments)
    before = table * scale[:, None]
    free = np.zeros(before.shape, np.bool_)
    free[~_PRIOR, 1] = True
    found = fitted(Choices.of(moments, scale), before, before, RIDGE, free)
    beside: Floats = np.where(_PRIOR, 0, found[:, 1] / scale)
    return beside


def _curves(scores: Sequence[tuple[Question, Floats, Floats]]) -> dict[int, Wide]:
    """Return the gain with each of `SHARES` of the rest beside the prior, by items known.

    What it gains over the prior alone is counted only as far as it is sure.
    """
    known = np.array([each.evidence for each, _, _ in scores])
    gains = np.array(
        [
            [each.gain(prior + np.float32(share) * beside) for share in SHARES]
            for each, prior, beside in scores
        ]
    )
    return {n: _sure_of(gains[known == n]) for n in np.unique(known).tolist()}


def _sure_of(gains: Wide) -> Wide:
    """Return the mean gain of each column, less `SURE` standard errors of its lead on the first."""
    lead = gains - gains[:, :1]
    doubt = lead.std(axis=0) / np.sqrt(len(gains))
    found: Wide = gains.mean(axis=0) - SURE * doubt
    return found


def _shares(curves: Mapping[int, Wide], hurdle: float) -> tuple[float, float]:
    """Return what the rest should count beside the prior with one item known, and with many."""

    def earned(few: float, many: float) -> float:
        found = []
        for known, curve in curves.items():
            share = many + (few - many) * 2 / (1 + known)
            gain = np.interp(share, SHARES, curve) / max(curve[0], 1e-9)
            found.append(gain - hurdle * min(share / CAREFUL, 1.0))
        return float(np.mean(found))

    return max(product(SHARES, SHARES), key=lambda shares: earned(*shares))

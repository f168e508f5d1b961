"""A made-up portal in which the moment decides too, to measure what a context is worth.

What somebody takes follows from what is popular, their own taste, their role, department and
location, what they came for (the next step of a playlist, a skill that the role lacks, what a
curator pinned) and where they stand (the minutes at hand, a phone, their language, the tool they
come from). Every share is known, so the best possible slate is known for each visit. Half-way,
some change their role and with it their taste.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from recommender.arrays import Floats, Ints
from recommender.data import DAY, Context, Event, ItemFacts
from recommender.dataset import Dataset

SPAN_DAYS = 120.0
MINUTES = (5, 10, 15, 20, 30, 45, 60, 90)
HANDY = 15
TOOLS = ("moodle", "wiki", "video")
LANGUAGES = ("en", "en", "en", "de")
DRAWN = 3


@dataclass(frozen=True, slots=True)
class Shares:
    """How much each thing counts in log preference."""

    popular: float = 0.6
    own: float = 0.7
    role: float = 1.0
    circle: float = 0.7
    step: float = 2.5
    gap: float = 1.0
    pin: float = 1.0
    minutes: float = 2.0
    device: float = 1.0
    language: float = 1.0
    tool: float = 1.0


@dataclass(frozen=True, slots=True)
class Visit:
    """A person at a moment, the log preference for every item then, and what they take (ids).

    Items met before have minus infinity.
    """

    context: Context
    preference: Floats
    taken: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ContextWorld:
    """What happened before the cut, to train on, and the visits after it."""

    dataset: Dataset
    visits: tuple[Visit, ...]


@dataclass(slots=True)
class _Person:
    """Somebody as the portal sees them, and their own taste."""

    number: int
    roles: tuple[int, int]
    changed: float
    circles: tuple[str, ...]
    language: str
    playlist: int | None
    own: Floats
    history: list[Event] = field(default_factory=list)

    def role(self, at: float) -> int:
        return self.roles[at >= self.changed]


class _Portal:
    """Items, playlists, pins and what the groups of people like."""

    def __init__(self, items: int, roles: int, chance: np.random.Generator, shares: Shares) -> None:
        self.shares = shares
        self.chance = chance
        self.popular = -shares.popular * np.log(chance.permutation(items) + 1.0)
        self.by_role = shares.role * chance.standard_normal((roles, items))
        circles = (*(f"dept:{n}" for n in range(6)), *(f"loc:{n}" for n in range(4)))
        drawn = shares.circle * chance.standard_normal((len(circles), items))
        self.by_circle = dict(zip(circles, drawn, strict=True))
        self.facts = tuple(self._item(item) for item in range(items))
        self.minutes = np.array([each.minutes for each in self.facts])
        self.languages = np.array([each.language for each in self.facts])
        self.tools = np.array([each.tool for each in self.facts])
        self.skills = np.array([int(each.skills[0].removeprefix("skill-")) for each in self.facts])
        self.playlists = chance.permutation(items)[: items // 4 * 2].reshape(-1, 5)
        self.wanted = chance.integers(0, self.skills.max() + 1, (roles, 4))
        self.pins = chance.integers(0, items, (roles, 3))

    def _item(self, item: int) -> ItemFacts:
        draw = self.chance.choice
        return ItemFacts(
            item,
            (f"skill-{item % 40}",),
            language=str(draw(LANGUAGES)),
            minutes=int(draw(MINUTES)),
            tool=str(draw(TOOLS)),
        )

    def context(self, person: _Person, at: float) -> Context:
        """Return the visit as the portal knows it: some tell their minutes, some come by phone."""
        role = person.role(at)
        met = {event.item for event in person.history}
        shown = {int(self.skills[item]) for item in met}
        chance = self.chance
        steps: frozenset[int] = frozenset()
        if person.playlist is not None:
            left = [item for item in self.playlists[person.playlist].tolist() if item not in met]
            steps = frozenset(left[:1])
        return Context(
            person.number,
            (f"role-{role}",),
            tuple(person.history),
            at,
            circles=person.circles,
            started=0.0,
            role_since=person.changed if 0 < person.changed <= at else 0.0,
            minutes=int(chance.choice((10, 30))) if chance.random() < 0.5 else None,
            device="phone" if chance.random() < 0.4 else "desktop",
            language=person.language,
            tool=str(chance.choice(TOOLS)) if chance.random() < 0.4 else "",
            steps=steps,
            gaps=frozenset(f"skill-{s}" for s in set(self.wanted[role].tolist()) - shown),
            pins=dict.fromkeys(self.pins[role].tolist(), f"role-{role}"),
        )

    def preference(self, person: _Person, context: Context) -> Floats:
        """Return the log preference for every item, minus infinity for what was met before."""
        shares = self.shares
        found = self.popular + person.own + self.by_role[person.role(context.now)]
        for circle in person.circles:
            found = found + self.by_circle[circle]
        gaps = [int(skill.removeprefix("skill-")) for skill in context.gaps]
        found += shares.gap * np.isin(self.skills, gaps)
        found[list(context.steps)] += shares.step
        found[list(context.pins)] += shares.pin
        found -= shares.language * (self.languages != context.language)
        found += shares.tool * (self.tools == context.tool)
        if context.minutes is not None:
            found -= shares.minutes * (self.minutes > context.minutes)
        if context.device == "phone":
            found -= shares.device * (self.minutes > HANDY)
        found[[event.item for event in person.history]] = -np.inf
        preference: Floats = found.astype(np.float32)
        return preference


def contextual(
    people: int = 1500,
    items: int = 400,
    roles: int = 8,
    seed: int = 0,
    shares: Shares | None = None,
) -> ContextWorld:
    """Draw people who come 1 to 25 times in four months; the last fifth of that is asked about."""
    chance = np.random.default_rng(seed)
    portal = _Portal(items, roles, chance, shares or Shares())
    crowd = [_person(number, portal, chance) for number in range(people)]
    count = np.clip(chance.lognormal(2.0, 0.7, people), 1, 25).astype(int)
    who = np.repeat(np.arange(people), count)
    when = np.sort(chance.random(who.size)) * SPAN_DAYS * DAY
    cut = 0.8 * SPAN_DAYS * DAY
    log: list[Event] = []
    visits: list[Visit] = []
    for number, at in zip(chance.permutation(who).tolist(), when.tolist(), strict=True):
        visit = _visit(portal, crowd[number], at)
        crowd[number].history.append(Event(number, visit.taken[0], "launched", at))
        if at > cut:
            visits.append(visit)
        else:
            log.append(crowd[number].history[-1])
    held = {each.number: (f"role-{each.role(cut)}",) for each in crowd}
    circles = {each.number: each.circles for each in crowd}
    dataset = Dataset(log, held, portal.facts, cut, circles, dict.fromkeys(held, 0.0))
    return ContextWorld(dataset, tuple(visits))


def _person(number: int, portal: _Portal, chance: np.random.Generator) -> _Person:
    first, second = chance.integers(0, len(portal.by_role), 2).tolist()
    moves = chance.random() < 0.15
    own = portal.shares.own * chance.standard_normal(len(portal.facts)).astype(np.float32)
    follows = int(chance.integers(len(portal.playlists))) if chance.random() < 0.5 else None
    return _Person(
        number,
        (first, second if moves else first),
        SPAN_DAYS * DAY * float(chance.uniform(0.3, 0.7)) if moves else 0.0,
        (f"dept:{chance.integers(6)}", f"loc:{chance.integers(4)}"),
        "de" if chance.random() < 0.3 else "en",
        follows,
        own,
    )


def _visit(portal: _Portal, person: _Person, at: float) -> Visit:
    """Draw what somebody takes by the Gumbel trick: the first now, the others would be next."""
    context = portal.context(person, at)
    preference = portal.preference(person, context)
    drawn: Ints = np.argsort(-(preference + portal.chance.gumbel(size=preference.size)))
    return Visit(context, preference, tuple(drawn[:DRAWN].tolist()))


WITHOUT: Mapping[str, Mapping[str, object]] = {
    "role": {"roles": (), "role_since": None},
    "since when the role": {"role_since": None},
    "department and location": {"circles": ()},
    "next step of a playlist": {"steps": frozenset()},
    "skills the role lacks": {"gaps": frozenset()},
    "pins": {"pins": {}},
    "minutes at hand": {"minutes": None},
    "device": {"device": ""},
    "language": {"language": ""},
    "tool they come from": {"tool": ""},
    "history": {"history": ()},
}
"""What a context is without each of its parts."""


def without(visit: Visit, part: str) -> Context:
    """Return the visit's context without one part of `WITHOUT`."""
    return replace(visit.context, **WITHOUT[part])  # type: ignore[arg-type]

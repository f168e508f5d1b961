"""What the sample company's people did, drawn from a seeded model and not from anybody's life.

The model
---------
Population. Every person p has job roles, interests and a time in the company; every item i has
skills in order (the first is its main skill), roles for which it is meant, a level, a language
and an audience. A person only ever meets items whose audience meets their tokens.

Popularity. Each item draws an appeal a(i) from a Pareto distribution with shape 1.3, cut off at
12. A few items are known to everyone, most to few: a long tail.

Interests. Each person draws 2 to 4 skills, without replacement, with chances proportional to how
often a skill occurs among the items meant for the main role (weight 1) and the others (0.15).

Taste. The weight of item i for person p is the product

    w(p, i) = a(i) * role(p, i) * (1 + 4 * shared(p, i)) * language(p, i) * ready(p, i)

with role = 8 when the item is meant for the main role, 4 for a further role, 1.2 when it is meant
for nobody in particular and 0.3 otherwise; shared = the number of interests among its skills;
language = 1 for English, 3 for the person's own other language, 0.05 for a foreign one; ready =
0.35 for an intermediate and 0.12 for an advanced item while the person has not met its main skill
at the level below, else 1.

Order. The items that share a main skill form a chain from beginner to advanced, the more
appealing first within a level. After each item the person goes on to the next untaken one of the
same chain with probability 0.45, and draws from w otherwise. This is what makes "after this,
people took that" something that can be learnt.

Time. A person takes 11 to 20 items in the whole window; who has been here for a part s of it
takes the square root of s as many, for newcomers are keen. The density of the moments doubles
every 75 days towards the present; they lie on weekdays between 8 and 18 o'clock where the person
lives. Nothing happens before the first day.

Record. A view (chance 0.7), then a launch; then a completion after the item's minutes, with a
chance that falls from 0.85 for a few minutes to 0.3 for whole terms (long ones end some weeks
later, and those not over by now are not recorded); sometimes a like (0.1). In between some items
are saved for later (0.2 for each one taken), and a few, drawn against the person's taste, are
viewed and dismissed (0.05).

Every person and every item has a random stream of their own, derived from the seed and from the
e-mail address or external id: adding one person changes nobody else's past.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zlib import crc32
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from app.demo.records import Item, Person

Weights = npt.NDArray[np.float64]

SEED = 20_261
DAYS_PER_MONTH = 30.4
TAKES = (11, 20)
DOUBLING = timedelta(days=75)
PARETO_SHAPE, MOST_APPEAL = 1.3, 12.0
FOR_MAIN_ROLE, FOR_FURTHER_ROLE, FOR_NOBODY, FOR_OTHERS = 8.0, 4.0, 1.2, 0.3
PER_INTEREST = 4.0
OWN_LANGUAGE, FOREIGN_LANGUAGE = 3.0, 0.05
NOT_READY = {"intermediate": 0.35, "advanced": 0.12}
GO_ON, VIEW_FIRST, LIKE, SAVE, DISMISS = 0.45, 0.7, 0.1, 0.2, 0.05
_RANK = {None: 0, "beginner": 0, "intermediate": 1, "advanced": 2}


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that somebody did; `verb` is one of `app.models.activity.Verb`, `at` in UTC."""

    person_email: str
    item_external_id: str
    verb: str
    at: datetime


def generate(
    people: Sequence[Person],
    items: Sequence[Item],
    now: datetime,
    months: int = 6,
    seed: int = SEED,
) -> list[Event]:
    """Return what these people did with these items in the months before `now`, oldest first.

    `now` is timezone-aware; so are the events, in UTC. The same arguments give the same events.
    """
    shelf = _Shelf.of(items, seed)
    since = now - timedelta(days=months * DAYS_PER_MONTH)
    events = [
        event for person in people for event in _Past(person, shelf, since, now, seed).events()
    ]
    return sorted(events, key=lambda event: (event.at, event.person_email, event.verb))


def _stream(seed: int, name: str) -> np.random.Generator:
    return np.random.default_rng([seed, crc32(name.encode())])


@dataclass(frozen=True, slots=True)
class _Shelf:
    """The items with their appeal, and for each main skill the order in which they are taken."""

    items: tuple[Item, ...]
    appeal: Weights
    chains: dict[str, list[int]]

    @classmethod
    def of(cls, items: Sequence[Item], seed: int) -> "_Shelf":
        """Draw the appeal of each item and put the items of one main skill into order."""
        draws = [_stream(seed, item.external_id).pareto(PARETO_SHAPE) + 1 for item in items]
        appeal = np.minimum(np.array(draws, dtype=np.float64), MOST_APPEAL)
        chains: dict[str, list[int]] = {}
        for i in sorted(range(len(items)), key=lambda i: (_RANK[items[i].level], -appeal[i])):
            chains.setdefault(items[i].skills[0], []).append(i)
        return cls(tuple(items), appeal, chains)

    def after(self, index: int) -> list[int]:
        """Return the items that follow in the chain of this one."""
        chain = self.chains[self.items[index].skills[0]]
        return chain[chain.index(index) + 1 :]


class _Past:
    """One person's past: what they care for, then what they took, then what was recorded."""

    def __init__(
        self, person: Person, shelf: _Shelf, since: datetime, now: datetime, seed: int
    ) -> None:
        """Draw the interests of `person`, and with them their taste."""
        self.person, self.shelf, self.now = person, shelf, now
        self.zone = ZoneInfo(person.time_zone)
        self.start = max(since, _first_morning(person, now, self.zone))
        self.share = max((now - self.start) / (now - since), 0.0)
        self.random = _stream(seed, person.email)
        self.met: dict[str, int] = {}
        self.free = np.array([bool(person.tokens & set(i.audience)) for i in shelf.items])
        interests = self._interests()
        self.taste = shelf.appeal * [_liking(person, item, interests) for item in shelf.items]

    def events(self) -> list[Event]:
        """Return everything recorded about this person, the first time for each item and verb."""
        recorded: list[Event] = []
        last: int | None = None
        for moment in self._moments():
            if not self.free.any():
                break
            last = self._next(last)
            recorded += self._taking(self.shelf.items[last], moment)
            if self.random.random() < SAVE:
                recorded += self._glance(self.taste, moment, ["saved"])
            if self.random.random() < DISMISS:
                recorded += self._glance(1 / self.taste, moment, ["viewed", "dismissed"])
        past = sorted((e for e in recorded if e.at <= self.now), key=lambda e: e.at, reverse=True)
        return list({(event.item_external_id, event.verb): event for event in past}.values())

    def _interests(self) -> frozenset[str]:
        counts: dict[str, float] = {}
        for item in self.shelf.items:
            weight = 1.0 if self.person.roles[0] in item.roles else 0.15
            for skill in item.skills:
                counts[skill] = counts.get(skill, 0.0) + weight
        skills = sorted(counts)
        chances = np.array([counts[skill] for skill in skills])
        size = min(int(self.random.integers(2, 5)), len(skills))
        drawn = self.random.choice(skills, size=size, replace=False, p=chances / chances.sum())
        return frozenset(str(skill) for skill in drawn)

    def _moments(self) -> list[datetime]:
        """Return when the person takes items: later is denser, and only in working hours."""
        wanted = round(self.random.integers(TAKES[0], TAKES[1] + 1) * self.share**0.5)
        span = max((self.now - self.start) / DOUBLING, 1e-9)
        draws = np.log2(1 + self.random.random(wanted) * (2**span - 1)) / span
        days = [self.start + float(draw) * (self.now - self.start) for draw in draws]
        moments = [self._at_work(day) for day in days]
        return sorted(moment for moment in moments if self.start <= moment <= self.now)

    def _at_work(self, moment: datetime) -> datetime:
        """Return a moment of the same day, or of the Friday before, between 8 and 18 o'clock."""
        local = moment.astimezone(self.zone)
        day = local.date() - timedelta(days=max(local.weekday() - 4, 0))
        opening = datetime.combine(day, time(8), self.zone)
        worked = timedelta(minutes=float(self.random.uniform(0, 600)))
        return (opening + worked).astimezone(UTC).replace(microsecond=0)

    def _next(self, last: int | None) -> int:
        """Return the item taken next, which is then no longer free, and remember its level."""
        following = [i for i in self.shelf.after(last) if self.free[i]] if last is not None else []
        if following and self.random.random() < GO_ON:
            chosen = following[0]
        else:
            chosen = self._drawn(self.taste * [self._ready(item) for item in self.shelf.items])
        item = self.shelf.items[chosen]
        self.free[chosen] = False
        self.met[item.skills[0]] = max(self.met.get(item.skills[0], -1), _RANK[item.level])
        return chosen

    def _ready(self, item: Item) -> float:
        if self.met.get(item.skills[0], -1) >= _RANK[item.level] - 1 >= 0:
            return 1.0
        return NOT_READY.get(item.level or "", 1.0)

    def _drawn(self, weights: Weights) -> int:
        chances = weights * self.free
        return int(self.random.choice(len(chances), p=chances / chances.sum()))

    def _taking(self, item: Item, moment: datetime) -> list[Event]:
        verbs = []
        if self.random.random() < VIEW_FIRST:
            verbs.append((moment, "viewed"))
        launched = moment + timedelta(seconds=int(self.random.integers(20, 240)))
        verbs.append((launched, "launched"))
        if item.kind != "channel" and self.random.random() < _completion(item.minutes):
            finished = launched + self._effort(item.minutes)
            verbs.append((finished, "completed"))
            if self.random.random() < LIKE:
                verbs.append((finished + timedelta(minutes=1), "liked"))
        return [self._event(at, item, verb) for at, verb in verbs]

    def _glance(self, weights: Weights, moment: datetime, verbs: list[str]) -> list[Event]:
        """Record verbs on an item that is met on the way and not taken; a dismissed one is gone."""
        if not self.free.any():
            return []
        chosen = self._drawn(weights)
        if "dismissed" in verbs:
            self.free[chosen] = False
        at = moment - timedelta(minutes=int(self.random.integers(1, 9)))
        item = self.shelf.items[chosen]
        return [
            self._event(max(at, self.start) + timedelta(seconds=30 * n), item, verb)
            for n, verb in enumerate(verbs)
        ]

    def _effort(self, minutes: int | None) -> timedelta:
        """Return how long finishing takes: a sitting, or for what is long some weeks."""
        needed = float(minutes or 20) * self.random.uniform(1.0, 1.5)
        if needed <= 180:
            return timedelta(minutes=round(needed))
        return timedelta(days=round(min(needed / 45, 120)), minutes=int(self.random.integers(90)))

    def _event(self, at: datetime, item: Item, verb: str) -> Event:
        return Event(self.person.email, item.external_id, verb, at)


def _first_morning(person: Person, now: datetime, zone: ZoneInfo) -> datetime:
    day = now.date() - timedelta(days=person.started)
    return datetime.combine(day, time(8), zone).astimezone(UTC)


def _liking(person: Person, item: Item, interests: frozenset[str]) -> float:
    if person.roles[0] in item.roles:
        role = FOR_MAIN_ROLE
    elif set(person.roles) & set(item.roles):
        role = FOR_FURTHER_ROLE
    else:
        role = FOR_OTHERS if item.roles else FOR_NOBODY
    own = OWN_LANGUAGE if item.language == person.locale else FOREIGN_LANGUAGE
    language = 1.0 if item.language == "en" else own
    return role * (1 + PER_INTEREST * len(interests & set(item.skills))) * language


def _completion(minutes: int | None) -> float:
    """Return the chance of finishing: 0.85 for a few minutes, 0.3 for what takes whole terms."""
    if minutes is None:
        return 0.6
    return float(np.clip(0.95 - 0.08 * np.log2(1 + minutes / 4), 0.3, 0.85))

"""One long ranked slate laid out on shelves: each with its own point, and nothing twice on a page.

A shelf is a question put to the slate in the slate's own order, so that whatever ranks it ranks
the shelves too. A shelf with too little to show is left out rather than filled.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from recommender.data import DAY, Context, Reason, Recommendation
from recommender.stock import Stock, causes


class ShelfKind(StrEnum):
    """What a shelf is for."""

    CONTINUE = "continue"
    FOR_YOU = "for_you"
    BECAUSE = "because"
    SHORT = "short"
    NEW = "new"
    POPULAR = "popular"


ORDER = (
    ShelfKind.FOR_YOU,
    ShelfKind.BECAUSE,
    ShelfKind.SHORT,
    ShelfKind.NEW,
    ShelfKind.POPULAR,
)
"""What a slate fills, the most used first; an item stands on the first shelf that wants it."""

IN_A_HURRY = (
    ShelfKind.SHORT,
    ShelfKind.FOR_YOU,
    ShelfKind.BECAUSE,
    ShelfKind.NEW,
    ShelfKind.POPULAR,
)
"""The same for somebody who says how much time they have."""


@dataclass(frozen=True)
class ShelvesConfig:
    """How much a shelf holds, and with how little (`fewest`) it is still worth a title.

    Of what was begun, `begun` are laid out, since some may be gone when it is shown. Without
    minutes of the reader's own, `minutes` make an item short. The last `causes` signals are tried
    for what a shelf may follow from.
    """

    most: int = 4
    begun: int = 8
    minutes: int = 10
    new_days: int = 30
    causes: int = 5
    fewest: Mapping[ShelfKind, int] = field(
        default_factory=lambda: {
            ShelfKind.CONTINUE: 1,
            ShelfKind.FOR_YOU: 1,
            ShelfKind.BECAUSE: 3,
            ShelfKind.SHORT: 2,
            ShelfKind.NEW: 2,
            ShelfKind.POPULAR: 2,
        }
    )


@dataclass(frozen=True, slots=True)
class Shelf:
    """Items with one point in common, as they are recommended there; what was begun is not.

    `cause` is what a `BECAUSE` shelf follows from, `minutes` what the items of a `SHORT` one fit.
    """

    kind: ShelfKind
    items: tuple[int, ...]
    picks: tuple[Recommendation, ...] = ()
    cause: Reason | None = None
    minutes: int | None = None


def lay_out(
    stock: Stock,
    *,
    begun: Iterable[int] = (),
    taken: Iterable[int] = (),
    config: ShelvesConfig | None = None,
) -> tuple[Shelf, ...]:
    """Return the shelves of a page in their order, without what is `taken` elsewhere on it.

    `begun` is what the reader opened and has not finished, latest first; it is not asked whether
    it is in the slate.
    """
    config = config or ShelvesConfig()
    standing = _Standing(stock.twins, taken)
    left_off = Shelf(ShelfKind.CONTINUE, tuple(standing.free(begun))[: config.begun])
    shelves = [left_off] if len(left_off.items) >= config.fewest[left_off.kind] else []
    standing.put(left_off.items)
    for kind in order_for(stock.context):
        shelf = _shelf(stock, kind, standing, config)
        if shelf is not None:
            shelves.append(shelf)
            standing.put(shelf.items)
    return tuple(shelves)


def order_for(context: Context) -> tuple[ShelfKind, ...]:
    """Return the order of the slate's shelves: for who says how much time they have, what fits."""
    return ORDER if context.minutes is None else IN_A_HURRY


def next_on(
    stock: Stock,
    kind: ShelfKind,
    *,
    taken: Iterable[int],
    cause: int | None = None,
    config: ShelvesConfig | None = None,
) -> Recommendation | None:
    """Return what comes next on a shelf of this kind, when something has left it, or None.

    `taken` is all that stands on the page, `cause` the item from which a `BECAUSE` shelf follows.
    """
    wanted = _wanted(stock, kind, config or ShelvesConfig(), cause)
    return next(iter(_Standing(stock.twins, taken).picked(wanted)), None)


class _Standing:
    """What stands on the page already, duplicates included."""

    def __init__(self, twins: Mapping[int, frozenset[int]], taken: Iterable[int]) -> None:
        self._twins = twins
        self._there: set[int] = set()
        self.put(taken)

    def put(self, items: Iterable[int]) -> None:
        """Note that these items stand there now."""
        for item in items:
            self._there |= self._same_as(item)

    def free(self, items: Iterable[int]) -> Iterator[int]:
        """Yield the items that do not stand there yet, of twins the first."""
        met = set(self._there)
        for item in items:
            if item not in met:
                met |= self._same_as(item)
                yield item

    def picked(self, wanted: Iterable[Recommendation]) -> list[Recommendation]:
        """Return the recommendations whose items do not stand there yet, of twins the first."""
        by_item = {each.item: each for each in wanted}
        return [by_item[item] for item in self.free(by_item)]

    def _same_as(self, item: int) -> frozenset[int]:
        return self._twins.get(item, frozenset((item,)))


def _shelf(
    stock: Stock, kind: ShelfKind, standing: _Standing, config: ShelvesConfig
) -> Shelf | None:
    if kind is not ShelfKind.BECAUSE:
        picks = standing.picked(_wanted(stock, kind, config))
        minutes = _minutes(stock, config) if kind is ShelfKind.SHORT else None
        return _filled(kind, picks, config, minutes=minutes)
    for cause in causes(stock, config.causes):
        picks = standing.picked(_wanted(stock, kind, config, cause.item))
        shelf = _filled(kind, picks, config, cause=cause)
        if shelf is not None:
            return shelf
    return None


def _filled(
    kind: ShelfKind,
    picks: Sequence[Recommendation],
    config: ShelvesConfig,
    *,
    cause: Reason | None = None,
    minutes: int | None = None,
) -> Shelf | None:
    """Return the shelf with as much as it holds, None where that is too little."""
    if len(picks) < config.fewest[kind]:
        return None
    kept = tuple(picks[: config.most])
    return Shelf(kind, tuple(each.item for each in kept), kept, cause, minutes)


def _wanted(
    stock: Stock, kind: ShelfKind, config: ShelvesConfig, cause: int | None = None
) -> list[Recommendation]:
    """Return what a shelf of this kind wants of the slate, best first."""
    if kind is ShelfKind.FOR_YOU:
        return list(stock.slate)
    if kind is ShelfKind.POPULAR:
        return _popular(stock)
    if kind is ShelfKind.SHORT:
        minutes = _minutes(stock, config)
        return [each for each in stock.slate if _fits(stock, each, minutes)]
    if kind is ShelfKind.NEW:
        return [each for each in stock.slate if _is_new(stock, each, config.new_days)]
    if kind is ShelfKind.BECAUSE and cause is not None:
        alike = frozenset(stock.alike(cause))
        return [each for each in stock.slate if each.reason.item == cause or each.item in alike]
    return []


def _popular(stock: Stock) -> list[Recommendation]:
    """Return what people of the role take, what most of them take first, with their number."""
    found = [
        each._replace(reason=stock.counted[each.item])
        for each in stock.slate
        if each.item in stock.counted
    ]
    return sorted(found, key=lambda each: -(each.reason.people or 0))


def _minutes(stock: Stock, config: ShelvesConfig) -> int:
    return config.minutes if stock.context.minutes is None else stock.context.minutes


def _fits(stock: Stock, each: Recommendation, minutes: int) -> bool:
    facts = stock.items.get(each.item)
    return bool(facts and facts.minutes and facts.minutes <= minutes)


def _is_new(stock: Stock, each: Recommendation, days: int) -> bool:
    """Tell whether it appeared of late, and is meant for a role of the person or taken there."""
    facts = stock.items.get(each.item)
    if facts is None or facts.published is None:
        return False
    of_late = 0 <= stock.context.now - facts.published <= days * DAY
    meant = not set(facts.roles).isdisjoint(stock.context.roles)
    return of_late and (meant or each.item in stock.counted)

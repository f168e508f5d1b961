"""The matrix of measures: a row per candidate, a column per feature, in the order of `FEATURES`.

Values are around 0 to a few: logs of counts against their mean, deviations, shares, or 0 and 1.
"""

import numpy as np

from recommender.arrays import Floats, Ints, Mask
from recommender.counts import SUMS
from recommender.data import DAY, Context
from recommender.features import COLUMN, NAMES
from recommender.freshness import FRESH_DAYS
from recommender.pool import role_term, skill_term
from recommender.sight import Sight
from recommender.table import among

THEME_MEMORY = 10
AROUND = 5
SHORT_MINUTES, LONG_MINUTES = 10, 30
ROLE_DAYS = 30.0
NEWCOMER_DAYS = 60.0
HANDHELD = frozenset({"phone", "mobile"})
COUNTERS = (
    ("popular", "weight", 0.1),
    ("starts", "starts", 0.1),
    ("trend_1", "day", 0.3),
    ("trend_7", "week", 0.3),
    ("trend_30", "month", 0.3),
    ("popular_180", "half_year", 0.3),
    ("popular_ever", "ever", 0.1),
)
"""The features that are counters, their sums, and the share of the mean that is added to them."""
TIMELESS = COUNTERS[-1:]
"""The only one that counts where nobody says when."""


def measured(sight: Sight, at: Ints) -> Floats:
    """Return candidates x features for positions of the pool."""
    out = np.zeros((at.size, len(NAMES)), np.float32)
    _from_history(sight, at, out)
    if sight.recent.size:
        _order(sight, at, out)
        _themes(sight, at, out)
    _groups(sight, at, out)
    _counters(sight, at, out)
    _moment(sight, at, out)
    _newer(sight, at, out)
    return out


def _put(out: Floats, name: str, values: Floats | Mask) -> None:
    out[:, COLUMN[name]] = values


def _from_history(sight: Sight, at: Ints, out: Floats) -> None:
    pool, profile = sight.pool, sight.profile
    scorers = pool.model.scorers
    if profile.evidence:
        factors = pool.inherited(scorers.taste.factors, at)
        carried = pool.inherited(np.ones(pool.model.items.size, np.float32), at)
        late, long = sight.taste
        _put(out, "taste", (factors @ late.vector - late.shift * carried).astype(np.float32))
        _put(out, "taste_long", factors @ long.vector - long.shift)
        _put(out, "content_last", scorers.content.table.along(int(profile.items[0]), at))
    if profile.evidence or profile.disliked.size:
        for name in ("near", "near_long", "content"):
            _put(out, name, sight.inherited(getattr(sight, name), at))
    if sight.recent.size:
        for name in ("pairs", "pairs_long", "next", "next_last", "steps"):
            _put(out, name, getattr(sight, name).along(at))


def _order(sight: Sight, at: Ints, out: Floats) -> None:
    """Measure where candidates stand in the catalogue, whose order is that of the ids."""
    size = sight.pool.model.items.size
    met = np.sort(sight.profile.items)
    latest = sight.profile.items[:THEME_MEMORY]
    if not met.size:
        return
    known = at < size
    ahead = np.where(known, at - latest[0], size)
    for name, distance in (
        ("order_next", 1),
        ("order_second", 2),
        ("order_third", 3),
        ("order_back", -1),
    ):
        _put(out, name, ahead == distance)
    _put(out, "order_around", ((ahead > 3) & (ahead < 8)) | ((ahead < -1) & (ahead > -8)))
    nearest = np.abs(at[:, None] - latest[None, :]).min(axis=1)
    _put(out, "order_beside", known & (nearest == 1))
    _put(out, "order_seen", known & among(met, at - 1))
    if latest.size > 1:
        stride = latest[0] - latest[1]
        _put(out, "order_stride", (ahead == stride) & (stride != 0))
    around = np.searchsorted(met, at + AROUND, "right") - np.searchsorted(met, at - AROUND)
    _put(out, "order_dense", np.where(known, np.log1p(around), 0))


def _themes(sight: Sight, at: Ints, out: Floats) -> None:
    """Measure what skills candidates share with the last item and with the latest ones."""
    model = sight.pool.model
    latest = sight.profile.items[:THEME_MEMORY]
    known = np.flatnonzero(at < model.items.size)
    if not (latest.size and known.size and model.themes.value.size):
        return
    themes = model.themes
    which, cell = themes.cells(latest)
    share, last = np.zeros(themes.width, np.float32), np.zeros(themes.width, np.float32)
    np.add.at(share, themes.column[cell], np.float32(1 / latest.size))
    last[themes.column[cell[which == 0]]] = 1
    row, cell = themes.cells(at[known])
    count = np.bincount(row, minlength=known.size)
    both = np.bincount(row, last[themes.column[cell]], minlength=known.size)
    shared = np.bincount(row, share[themes.column[cell]], minlength=known.size)
    either = np.maximum(count + last.sum() - both, 1)
    out[known, COLUMN["theme"]] = shared / np.maximum(count, 1)
    out[known, COLUMN["theme_last"]] = both / either


def _groups(sight: Sight, at: Ints, out: Floats) -> None:
    model, context = sight.pool.model, sight.context
    known = at < model.items.size
    fade = np.float32(sight.fade(model.settings.role.half_life_days))
    for name, prior, held in (
        ("role", model.scorers.role, context.roles),
        ("circle", model.circles, context.circles),
    ):
        if held:
            added = {one: sight.added_in(one) for one in set(held)}
            lift = prior.lift(sorted(set(held)), at[known], added)
            out[known, COLUMN[name]] = np.clip(lift, -4, 4) * min(float(fade) * 2, 1.0)
    out[:, COLUMN["role_new"]] = out[:, COLUMN["role"]] * _newness(context)
    if _days_since(context.started, context) <= NEWCOMER_DAYS:
        places = np.where(known, at, -1)
        first = [model.reach.first.people(role, places) for role in context.roles]
        if first:
            _put(out, "first_month", np.log1p(np.max(first, axis=0)).astype(np.float32))


def _newness(context: Context) -> np.float32:
    """Return 1 for who began in their role today, half for each `ROLE_DAYS`, 0 if unknown."""
    since = context.role_since if context.role_since is not None else context.started
    return np.float32(0.5 ** (_days_since(since, context) / ROLE_DAYS))


def _days_since(moment: float | None, context: Context) -> float:
    """Return the days since a moment; infinite for none and for what is to come."""
    if moment is None or moment > context.now:
        return np.inf
    return (context.now - moment) / DAY


def _counters(sight: Sight, at: Ints, out: Floats) -> None:
    """Measure how much is done with candidates, as logs against the mean item."""
    share = sight.counted(at)
    for name, source, floor in TIMELESS if sight.context.timeless else COUNTERS:
        _put(out, name, np.log(share[SUMS.index(source)] + np.float32(floor)))


def _moment(sight: Sight, at: Ints, out: Floats) -> None:
    """Measure what only this moment asks for: pins, steps, gaps, time, device, language, origin."""
    context = sight.context
    for name, ids in (("pinned", context.pins), ("step", context.steps)):
        if ids:
            _put(out, name, among(np.sort(sight.pool.positions(ids)), at))
    if context.origin is not None:
        _put(out, "origin", sight.from_origin.along(at))
    pool = sight.pool
    if context.gaps:
        _put(out, "gap", among(sight.closing, at))
    if context.minutes:
        _put(out, "time", _fits(pool.minutes[at], context.minutes))
    if context.device in HANDHELD:
        _put(out, "device", _handy(pool.minutes[at]))
    if context.language:
        _put(out, "language", pool.language.are(context.language, at))
    if context.tool:
        out[:, COLUMN["origin"]] += pool.tool.are(context.tool, at)


def _fits(takes: Ints, has: int) -> Floats:
    """Return 1 for what fits the time, -1 for what does not, 0 where its minutes are unknown."""
    return np.where(takes < 0, 0, np.where(takes <= has, 1, -1)).astype(np.float32)


def _handy(takes: Ints) -> Floats:
    """Return 1 for what takes little time, falling to -1 for what takes long, 0 if unknown."""
    middle = (SHORT_MINUTES + LONG_MINUTES) / 2
    short = (middle - takes) / (middle - SHORT_MINUTES)
    return np.where(takes < 0, 0, np.clip(short, -1, 1)).astype(np.float32)


def _newer(sight: Sight, at: Ints, out: Floats) -> None:
    """Measure how new candidates are, and whether newer ones match roles and skills."""
    pool, size = sight.pool, sight.pool.model.items.size
    known = at < size
    faded = np.float32(
        0.5 ** max((sight.context.now - pool.model.trained_at) / DAY / FRESH_DAYS, 0)
    )
    out[known, COLUMN["fresh"]] = pool.model.fresh[at[known]] * faded
    newer = at[~known] - size
    out[~known, COLUMN["fresh"]] = pool.fresh[newer]
    if newer.size:
        out[~known, COLUMN["match"]] = matches(sight)[newer]


def matches(sight: Sight) -> Floats:
    """Return for each newer item: 2 for a role of the person, 1 for each skill of their history."""
    pool, context, items = sight.pool, sight.context, sight.items
    found = np.zeros(len(pool.newer), np.float32)
    met = {event.item for event in context.history if event.verb != "dismissed"}
    skills = {skill for item in met if item in items for skill in items[item].skills}
    for term in map(role_term, set(context.roles)):
        found[pool.by_term.get(term, [])] += 2.0
    for term in map(skill_term, skills):
        found[pool.by_term.get(term, [])] += 1.0
    return np.minimum(found, 4.0)

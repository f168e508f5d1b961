"""What speaks for an item: the measures that are taken of every candidate, each with a name.

Every contribution to a score bears the name of one part; several measures may belong to it.
"""

from typing import NamedTuple

PARTS = (
    "taste",
    "near",
    "next",
    "order",
    "role",
    "circle",
    "popular",
    "trend",
    "content",
    "theme",
    "pinned",
    "step",
    "gap",
    "time",
    "device",
    "language",
    "origin",
    "fresh",
    "match",
)
"""`taste` to `theme` come from activity: folded-in taste, items the same people took, what people
took afterwards, the neighbour in a course or catalogue, the person's roles, their department,
location and groups, what everybody takes, what is taken of late, alike in words and skills, the
same theme as the last item. `pinned` to `origin` come from the moment: a curator's page, the next
step of a playlist, a skill the role lacks, the minutes at hand, the device, the language, the item
or tool the person comes from. `fresh` and `match` are for new items."""


class Feature(NamedTuple):
    """One measure of an item for a person: its name and the part of the score it belongs to."""

    name: str
    part: str


FEATURES = (
    Feature("taste", "taste"),
    Feature("taste_long", "taste"),
    Feature("near", "near"),
    Feature("near_long", "near"),
    Feature("pairs", "next"),
    Feature("pairs_long", "next"),
    Feature("next", "next"),
    Feature("next_last", "next"),
    Feature("steps", "next"),
    Feature("order_next", "order"),
    Feature("order_second", "order"),
    Feature("order_third", "order"),
    Feature("order_back", "order"),
    Feature("order_around", "order"),
    Feature("order_beside", "order"),
    Feature("order_seen", "order"),
    Feature("order_stride", "order"),
    Feature("order_dense", "order"),
    Feature("content", "content"),
    Feature("content_last", "content"),
    Feature("theme", "theme"),
    Feature("theme_last", "theme"),
    Feature("role", "role"),
    Feature("role_new", "role"),
    Feature("first_month", "role"),
    Feature("circle", "circle"),
    Feature("popular", "popular"),
    Feature("popular_180", "popular"),
    Feature("popular_ever", "popular"),
    Feature("starts", "popular"),
    Feature("trend_1", "trend"),
    Feature("trend_7", "trend"),
    Feature("trend_30", "trend"),
    Feature("pinned", "pinned"),
    Feature("step", "step"),
    Feature("gap", "gap"),
    Feature("time", "time"),
    Feature("device", "device"),
    Feature("language", "language"),
    Feature("origin", "origin"),
    Feature("fresh", "fresh"),
    Feature("match", "match"),
)
"""The measures, in the order of the columns of every matrix of them.

`pairs` are items taken within a few places of each other, `steps` those right after or before,
`order_*` speak of the place in the catalogue: the one after the last item, two and three after it,
the one before, a few around, next to anything of the history, after anything of it, as far from
the last as that from the one before, and how much of the surroundings is known. `role_new` is
`role` again for who holds it since not long ago, `first_month` what people of the role finished
when they were as new as the person is. `starts` counts what visits began with, `trend_7` and the
like fade by half in so many days, `popular_ever` never.
"""

NAMES = tuple(feature.name for feature in FEATURES)
COLUMN = {name: column for column, name in enumerate(NAMES)}
PART_OF = tuple(PARTS.index(feature.part) for feature in FEATURES)

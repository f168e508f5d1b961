"""The names of what speaks for an item: every contribution to a score bears one of them."""

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

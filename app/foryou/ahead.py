"""In what others are ahead of an item, in words: one for every part of a score.

Each goes on from "The best are, on average:" and says no more than that, since it is an average
that was compared.
"""

from collections.abc import Callable, Iterable

from flask_babel import gettext

AHEAD: dict[str, Callable[[], str]] = {
    "taste": lambda: gettext("closer to what you take up lately"),
    "near": lambda: gettext("taken more by those who took what you took"),
    "next": lambda: gettext("taken more often right after what you did"),
    "order": lambda: gettext("closer in their tool to what you did last"),
    "role": lambda: gettext("taken more by people with your role"),
    "circle": lambda: gettext("taken more by people around you"),
    "popular": lambda: gettext("taken by more people"),
    "trend": lambda: gettext("taken more in these days"),
    "content": lambda: gettext("closer in skills and words to what you did"),
    "theme": lambda: gettext("closer to the theme of what you did last"),
    "pinned": lambda: gettext("pinned more often for your role"),
    "step": lambda: gettext("more often the next step of your playlists"),
    "gap": lambda: gettext(
        "more often about a skill that your role asks for and you have not shown"
    ),
    "time": lambda: gettext("a better fit for the time you have"),
    "device": lambda: gettext("a better fit for the device you are on"),
    "language": lambda: gettext("more often in your language"),
    "origin": lambda: gettext("closer to where you come from"),
    "fresh": lambda: gettext("newer"),
    "match": lambda: gettext("closer to your role and your skills"),
}


def ahead_in(parts: Iterable[str]) -> tuple[str, ...]:
    """Return the words for these parts; a part without words is passed over."""
    return tuple(AHEAD[part]() for part in parts if part in AHEAD)

"""Texts that two curators write at once: what each of them saw decides, and nothing is lost.

A form carries `seen`, digests of the texts as they stood when it was shown. A text that only one of
the two has changed is taken from that one; only what both have changed is a conflict, and then both
texts are shown. Pure.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from app.errors import Conflict, Wording

_LENGTH = 12


def digest(text: str) -> str:
    """Return twelve hexadecimal digits of the text's SHA-256."""
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()[:_LENGTH]


def seen_of(*texts: str) -> str:
    """Return what a form carries of the texts that it shows."""
    return ".".join(digest(text) for text in texts)


@dataclass(frozen=True, slots=True)
class Merged:
    """The texts to keep, and the present ones of those that both have changed."""

    texts: Mapping[str, str]
    theirs: Mapping[str, str]


class Overtaken(Conflict):
    """Somebody else has changed a text since the form was shown.

    `theirs` holds the present texts by field, of those that both have changed; `id` is what they
    belong to.
    """

    def __init__(self, theirs: Mapping[str, str], id: int = 0) -> None:  # noqa: A002
        """Keep the texts."""
        super().__init__(Wording("Somebody has changed this text in the meantime."))
        self.theirs = dict(theirs)
        self.id = id


def merge(mine: Mapping[str, str], now: Mapping[str, str], seen: str) -> Merged:
    """Return what becomes of texts that were `seen` in the order of `now`.

    A form that does not say what it saw has seen nothing. A text that somebody has emptied
    meanwhile is no conflict: there is nothing in it to lose.
    """
    known = [*seen.split("."), *([""] * len(now))]
    texts, theirs = {}, {}
    for was, (name, present) in zip(known, now.items(), strict=False):
        wanted = mine[name]
        if wanted == present or digest(wanted) == was:
            texts[name] = present
        elif digest(present) == was or not present:
            texts[name] = wanted
        else:
            theirs[name] = present
    return Merged(texts, theirs)


def merged(
    mine: Mapping[str, str], now: Mapping[str, str], seen: str, *, of: int = 0
) -> Mapping[str, str]:
    """Return the texts to keep; raise Overtaken if both have changed one. `of` is what has them."""
    found = merge(mine, now, seen)
    if found.theirs:
        raise Overtaken(found.theirs, of)
    return found.texts

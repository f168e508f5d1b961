"""Steps of which one is enough: numbers that alternatives share, as plain data.

A group has two members or more; a step stands in one group at most. Keys are those of steps.
"""

from collections import Counter
from collections.abc import Mapping

Choices = Mapping[str, int | None]


def joined(choices: Choices, key: str, other: str) -> dict[str, int | None]:
    """Return the groups with `key` made an alternative to `other`, out of its group before.

    Both have to be among the choices; a step is no alternative to itself.
    """
    if key == other:
        return tidied(choices)
    out = {**choices, key: None}
    number = out[other]
    if number is None:
        number = max((each for each in out.values() if each is not None), default=0) + 1
    return tidied({**out, key: number, other: number})


def left(choices: Choices, key: str) -> dict[str, int | None]:
    """Return the groups with this step in none of them."""
    return tidied({**choices, key: None})


def tidied(choices: Choices) -> dict[str, int | None]:
    """Return the groups without those of a single member."""
    sizes = Counter(choices.values())
    return {
        key: number if number is not None and sizes[number] > 1 else None
        for key, number in choices.items()
    }


def alternatives(choices: Choices, key: str) -> tuple[str, ...]:
    """Return the other steps of this one's group, in their order."""
    number = choices.get(key)
    if number is None:
        return ()
    return tuple(other for other, its in choices.items() if its == number and other != key)

"""Words that mean the same in this company, as curators say: acronyms, house words, translations.

They are applied when a question is asked, never when a document is written, so that a change needs
no new index and can be tried out before anybody else sees it.
"""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Group:
    """Words or phrases that find each other; with `becomes`, `words` also find what that holds."""

    words: tuple[str, ...]
    becomes: tuple[str, ...] = ()


class Synonyms:
    """All groups, looked up by what was typed. Immutable; equal groups make equal synonyms."""

    def __init__(self, groups: Iterable[Group] = ()) -> None:
        """Keep the groups; any text will do, and one that says nothing is never found."""
        self.groups = tuple(groups)

    def __eq__(self, other: object) -> bool:
        """Tell whether the same groups are in both."""
        return isinstance(other, Synonyms) and self.groups == other.groups

    def __hash__(self) -> int:
        """Hash by the groups."""
        return hash(self.groups)


NO_SYNONYMS = Synonyms()

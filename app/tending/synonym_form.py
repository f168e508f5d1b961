"""What a curator has typed about one group, kept as it was typed until it is good."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.curation.texts import plain
from app.models import SynonymGroup
from app.tending.groups import Wanted, checked

_LONGEST = 5000


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """The fields of the form. `words` and `becomes` hold a word or phrase a line.

    `query` is a search to try it with; `seen` is the time of change of the group that was shown.
    """

    words: str = ""
    becomes: str = ""
    one_way: bool = False
    note: str = ""
    query: str = ""
    seen: str = ""

    @classmethod
    def of(cls, form: Mapping[str, str]) -> "Typed":
        """Read a posted form; a field that is missing is empty."""
        return cls(
            words=plain(form.get("words", "")[:_LONGEST]),
            becomes=plain(form.get("becomes", "")[:_LONGEST]),
            one_way=form.get("direction") == "one-way",
            note=plain(form.get("note", "")[:_LONGEST]),
            query=plain(form.get("query", "")[:300]),
            seen=form.get("seen", "")[:40],
        )

    @classmethod
    def as_kept(cls, group: SynonymGroup) -> "Typed":
        """Return the form filled with a group."""
        return cls(
            words="\n".join(group.words),
            becomes="\n".join(group.becomes),
            one_way=bool(group.becomes),
            note=group.note,
            seen=group.changed_at.isoformat(),
        )

    def wanted(self) -> Wanted:
        """Return the group that this says; raise Invalid naming the field that is wrong."""
        return checked(_lines(self.words), _lines(self.becomes), one_way=self.one_way)


def _lines(text: str) -> Sequence[str]:
    return plain(text).splitlines()

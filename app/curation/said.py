"""What a change of a role page has to say: that it is done, how to undo it, or what is wrong."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from flask import url_for

from app.curation.forms import DetailsForm, PageForm, SkillsForm
from app.curation.service import Unpinned


@dataclass(frozen=True, slots=True, kw_only=True)
class Undo:
    """How to put an unpinned item back: the form's address and fields."""

    action: str
    fields: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What a change has to say: `text` is read out, and shown unless it is `quiet`.

    Where a pin was moved, `moved` is its id and the text says its new place. `saved` is the id of a
    pin whose note was just kept.
    """

    text: str = ""
    quiet: bool = False
    undo: Undo | None = None
    moved: int | None = None
    saved: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WrongNote:
    """A note that was not taken: what was typed, and why; or what somebody else wrote meanwhile."""

    pin_id: int
    typed: str
    error: str = ""
    theirs: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """Input that was not taken, to be shown where it was typed. Only one form of it is set.

    `theirs` are the texts that somebody else wrote meanwhile, by field; `lost` is a note to an item
    that is no longer on the page.
    """

    details: PageForm | None = None
    new_section: DetailsForm | None = None
    section: tuple[int, DetailsForm] | None = None
    note: WrongNote | None = None
    skills: SkillsForm | None = None
    theirs: Mapping[str, str] = field(default_factory=dict)
    lost: str | None = None


NOTHING_SAID, NOTHING_REFUSED = Said(), Refused()


def undo_of(gone: Unpinned) -> Undo:
    """Return the form that puts an unpinned item back as it was."""
    fields = {
        "item_id": gone.item_id,
        "note": gone.note,
        "position": gone.position,
        "starts_on": gone.starts_on or "",
        "ends_on": gone.ends_on or "",
        "audience": " ".join(gone.audience),
    }
    return Undo(
        action=url_for("curation.pin", section_id=gone.section_id),
        fields={name: str(value) for name, value in fields.items()},
    )

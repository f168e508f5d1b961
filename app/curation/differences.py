"""What differs between two states of a role page, as a short list that a curator can read.

Pure: it compares two values of `app.curation.content`. A section is known by its key, a pin by its
item; of what only changed places, the fewest that explain the new order count as moved.
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from app.curation.content import PageContent, PinContent, SectionContent

T = TypeVar("T")


class What(StrEnum):
    """What is different."""

    TITLE = "title"
    INTRO = "intro"
    AUDIENCE = "audience"
    SECTION_ADDED = "section-added"
    SECTION_REMOVED = "section-removed"
    SECTION_RENAMED = "section-renamed"
    SECTION_INTRO = "section-intro"
    SECTION_MOVED = "section-moved"
    PIN_ADDED = "pin-added"
    PIN_REMOVED = "pin-removed"
    PIN_MOVED = "pin-moved"
    PIN_NOTE = "pin-note"
    PIN_DATES = "pin-dates"
    PIN_AUDIENCE = "pin-audience"


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One difference. `section` is the title of the section in which it is found.

    Texts stand in `before` and `after`; so do the titles of the sections between which a pin moved.
    The pins themselves are there for dates and audiences.
    """

    what: What
    section: str = ""
    item_id: int | None = None
    before: str = ""
    after: str = ""
    old: PinContent | None = None
    new: PinContent | None = None


def differences(before: PageContent, after: PageContent) -> list[Difference]:
    """Return what is different, first the page, then its sections and pins in their order."""
    return [*_of_page(before, after), *_of_sections(before, after), *_of_pins(before, after)]


def _of_page(before: PageContent, after: PageContent) -> Iterator[Difference]:
    if before.title != after.title:
        yield Difference(what=What.TITLE, before=before.title, after=after.title)
    if before.intro != after.intro:
        yield Difference(what=What.INTRO, before=before.intro, after=after.intro)
    if before.audience != after.audience:
        pair = " ".join(before.audience), " ".join(after.audience)
        yield Difference(what=What.AUDIENCE, before=pair[0], after=pair[1])


def _of_sections(before: PageContent, after: PageContent) -> Iterator[Difference]:
    old = {section.key: section for section in before.sections}
    new = {section.key: section for section in after.sections}
    for key, section in old.items():
        if key not in new:
            yield Difference(what=What.SECTION_REMOVED, section=section.title)
    moved = _moved([key for key in old if key in new], [key for key in new if key in old])
    for key, section in new.items():
        if key not in old:
            yield Difference(what=What.SECTION_ADDED, section=section.title)
        else:
            yield from _of_section(old[key], section, is_moved=key in moved)


def _of_section(
    old: SectionContent, new: SectionContent, *, is_moved: bool
) -> Iterator[Difference]:
    if old.title != new.title:
        pair = old.title, new.title
        yield Difference(
            what=What.SECTION_RENAMED, section=new.title, before=pair[0], after=pair[1]
        )
    if old.intro != new.intro:
        yield Difference(
            what=What.SECTION_INTRO, section=new.title, before=old.intro, after=new.intro
        )
    if is_moved:
        yield Difference(what=What.SECTION_MOVED, section=new.title)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """Where a pin stands."""

    key: str
    section: str
    pin: PinContent


def _of_pins(before: PageContent, after: PageContent) -> Iterator[Difference]:
    old, new = _places(before), _places(after)
    for item_id, place in old.items():
        if item_id not in new:
            yield Difference(
                what=What.PIN_REMOVED, section=place.section, item_id=item_id, old=place.pin
            )
    moved = _moved_pins(old, new)
    for item_id, place in new.items():
        if item_id not in old:
            yield Difference(
                what=What.PIN_ADDED,
                section=place.section,
                item_id=item_id,
                after=place.pin.note,
                new=place.pin,
            )
        else:
            yield from _of_pin(old[item_id], place, is_moved=item_id in moved)


def _of_pin(old: _Place, new: _Place, *, is_moved: bool) -> Iterator[Difference]:
    one, two = old.pin, new.pin

    def found(what: What, before: str = "", after: str = "") -> Difference:
        return Difference(
            what=what,
            section=new.section,
            item_id=two.item_id,
            before=before,
            after=after,
            old=one,
            new=two,
        )

    if is_moved:
        yield found(What.PIN_MOVED, old.section, new.section)
    if one.note != two.note:
        yield found(What.PIN_NOTE, one.note, two.note)
    if (one.starts_on, one.ends_on) != (two.starts_on, two.ends_on):
        yield found(What.PIN_DATES)
    if one.audience != two.audience:
        yield found(What.PIN_AUDIENCE)


def _places(page: PageContent) -> dict[int, _Place]:
    """Return where each item stands first; loaded pages may hold one twice."""
    found: dict[int, _Place] = {}
    for section, pin in page.pins():
        place = _Place(key=section.key, section=section.title, pin=pin)
        found.setdefault(pin.item_id, place)
    return found


def _moved_pins(old: dict[int, _Place], new: dict[int, _Place]) -> frozenset[int]:
    """Return the items that stand in another section, or at another place in theirs."""
    both = [item_id for item_id in new if item_id in old]
    moved = {item_id for item_id in both if old[item_id].key != new[item_id].key}
    for key in {new[item_id].key for item_id in both}:
        stayed = {one for one in both if new[one].key == key and one not in moved}
        moved |= _moved([o for o in old if o in stayed], [n for n in new if n in stayed])
    return frozenset(moved)


def _moved(before: Sequence[T], after: Sequence[T]) -> frozenset[T]:
    """Return the fewest of the same things that explain how one order became the other."""
    place = {one: number for number, one in enumerate(before)}
    kept = _longest_rising([place[one] for one in after])
    return frozenset(one for number, one in enumerate(after) if number not in kept)


def _longest_rising(numbers: Sequence[int]) -> frozenset[int]:
    """Return the places of a longest rising subsequence (Schensted 1961), by patience sorting."""
    tails: list[int] = []
    ends: list[int] = []
    before: list[int] = []
    for place, number in enumerate(numbers):
        at = bisect_left(tails, number)
        tails[at : at + 1] = [number]
        ends[at : at + 1] = [place]
        before.append(ends[at - 1] if at else -1)
    kept: set[int] = set()
    place = ends[-1] if ends else -1
    while place >= 0:
        kept.add(place)
        place = before[place]
    return frozenset(kept)

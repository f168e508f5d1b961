"""A role page as a plain value: what a draft is made of, what publishing copies, what is kept.

The JSON of a version is this value. Dates are ISO 8601, audiences sorted lists of tokens.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

Tokens = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PinContent:
    """An item with all that its curator said of it; `audience` is None where it adds nothing."""

    item_id: int
    note: str = ""
    starts_on: date | None = None
    ends_on: date | None = None
    audience: Tokens | None = None
    pinned_at: datetime | None = None
    pinned_by_id: int | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class SectionContent:
    """A section with its pins in order."""

    key: str
    title: str
    intro: str = ""
    pins: tuple[PinContent, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PageContent:
    """A whole page, its sections in order."""

    title: str
    intro: str = ""
    audience: Tokens = ("everyone",)
    sections: tuple[SectionContent, ...] = ()

    def pins(self) -> Iterator[tuple[SectionContent, PinContent]]:
        """Yield every pin with its section, in the page's order."""
        for section in self.sections:
            for pin in section.pins:
                yield section, pin

    def item_ids(self) -> frozenset[int]:
        """Return the items that stand on the page."""
        return frozenset(pin.item_id for _section, pin in self.pins())


NOTHING = PageContent(title="", audience=())


def to_json(page: PageContent) -> dict[str, Any]:
    """Return the page as it is kept with a version."""
    return {
        "title": page.title,
        "intro": page.intro,
        "audience": list(page.audience),
        "sections": [
            {
                "key": section.key,
                "title": section.title,
                "intro": section.intro,
                "pins": [_pin_to_json(pin) for pin in section.pins],
            }
            for section in page.sections
        ],
    }


def from_json(kept: Mapping[str, Any]) -> PageContent:
    """Return the page that a version holds."""
    return PageContent(
        title=kept["title"],
        intro=kept["intro"],
        audience=tuple(kept["audience"]),
        sections=tuple(
            SectionContent(
                key=each["key"],
                title=each["title"],
                intro=each["intro"],
                pins=_pins_from_json(each["pins"]),
            )
            for each in kept["sections"]
        ),
    )


def _pin_to_json(pin: PinContent) -> dict[str, Any]:
    return {
        "item": pin.item_id,
        "note": pin.note,
        "starts_on": pin.starts_on.isoformat() if pin.starts_on else None,
        "ends_on": pin.ends_on.isoformat() if pin.ends_on else None,
        "audience": None if pin.audience is None else list(pin.audience),
        "pinned_at": pin.pinned_at.isoformat() if pin.pinned_at else None,
        "pinned_by": pin.pinned_by_id,
    }


def _pins_from_json(kept: Sequence[Mapping[str, Any]]) -> tuple[PinContent, ...]:
    return tuple(
        PinContent(
            item_id=each["item"],
            note=each["note"],
            starts_on=date.fromisoformat(each["starts_on"]) if each["starts_on"] else None,
            ends_on=date.fromisoformat(each["ends_on"]) if each["ends_on"] else None,
            audience=None if each["audience"] is None else tuple(each["audience"]),
            pinned_at=datetime.fromisoformat(each["pinned_at"]) if each["pinned_at"] else None,
            pinned_by_id=each["pinned_by"],
        )
        for each in kept
    )

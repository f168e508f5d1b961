"""What changed on a page, in sentences: of a draft by those who work on it, and of versions."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from flask_babel import gettext as _

from app.curation.audiences import Choice, Part, chosen
from app.curation.changes import Done
from app.curation.content import PinContent
from app.curation.differences import Difference, What
from app.models import Change
from app.web.i18n import day


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One difference for a reader: what it is, and the texts before and after where there are."""

    look: str
    text: str
    before: str = ""
    after: str = ""


def part_name(part: Part) -> str:
    """Return what a part of an audience is called."""
    return {
        Part.ROLE: _("Role"),
        Part.GROUP: _("Group"),
        Part.DEPARTMENT: _("Department"),
        Part.LOCATION: _("Location"),
    }[part]


def label(choice: Choice) -> str:
    """Return a part of an audience with its kind, as “Department: Sales”."""
    return f"{part_name(choice.part)}: {choice.name}"


def audience_words(known: Sequence[Choice], tokens: Sequence[str], nobody: str) -> str:
    """Return whom an audience is for; `nobody` is what it says where nobody is named."""
    if not tokens or "everyone" in tokens:
        return nobody
    return ", ".join(label(one) for one in chosen(known, tokens))


def done_words(done: Done) -> str:
    """Return who did what to a draft, as a sentence."""
    who = done.who or _("Foyer")
    title = done.title or _("an item for other readers")
    values = {"who": who, "title": title, "section": done.text}
    return _DONE[done.what]() % values


_DONE: Mapping[Change, Callable[[], str]] = {
    Change.MADE: lambda: _("%(who)s began this draft."),
    Change.DETAILS: lambda: _("%(who)s changed title, introduction or readers."),
    Change.SECTION_ADDED: lambda: _("%(who)s added the section “%(section)s”."),
    Change.SECTION: lambda: _("%(who)s changed the section “%(section)s”."),
    Change.SECTION_MOVED: lambda: _("%(who)s moved the section “%(section)s”."),
    Change.SECTION_REMOVED: lambda: _("%(who)s removed the section “%(section)s”."),
    Change.PINNED: lambda: _("%(who)s pinned “%(title)s”."),
    Change.UNPINNED: lambda: _("%(who)s unpinned “%(title)s”."),
    Change.NOTE: lambda: _("%(who)s wrote the note of “%(title)s”."),
    Change.SETTINGS: lambda: _("%(who)s changed dates or readers of “%(title)s”."),
    Change.MOVED: lambda: _("%(who)s moved “%(title)s”."),
    Change.ORDERED: lambda: _("%(who)s put pins in another order."),
    Change.REPLACED: lambda: _("%(who)s put another item in the place of “%(title)s”."),
}


def told(
    found: Sequence[Difference], titles: Mapping[int, str], known: Sequence[Choice]
) -> list[Told]:
    """Return differences in sentences.

    `titles` are those of the items that the reader may know of; of others neither title nor note is
    told.
    """
    return [_told(one, titles, known) for one in found]


def _told(one: Difference, titles: Mapping[int, str], known: Sequence[Choice]) -> Told:
    if one.item_id is not None:
        return _of_pin(one, titles.get(one.item_id), known)
    values = {"section": one.section, "before": one.before, "after": one.after}
    match one.what:
        case What.TITLE:
            return Told(look="changed", text=_("Title"), before=one.before, after=one.after)
        case What.INTRO:
            return Told(look="changed", text=_("Introduction"), before=one.before, after=one.after)
        case What.AUDIENCE:
            everybody = _("Everybody")
            return Told(
                look="changed",
                text=_("Who sees the page"),
                before=audience_words(known, one.before.split(), everybody) if one.before else "",
                after=audience_words(known, one.after.split(), everybody),
            )
        case What.SECTION_ADDED:
            return Told(look="added", text=_("New section “%(section)s”", **values))
        case What.SECTION_REMOVED:
            return Told(look="removed", text=_("Section “%(section)s” removed", **values))
        case What.SECTION_RENAMED:
            return Told(look="changed", text=_("“%(before)s” is now called “%(after)s”", **values))
        case What.SECTION_MOVED:
            return Told(look="moved", text=_("Section “%(section)s” moved", **values))
        case _:
            text = _("Introduction of “%(section)s”", **values)
            return Told(look="changed", text=text, before=one.before, after=one.after)


def _of_pin(one: Difference, title: str | None, known: Sequence[Choice]) -> Told:
    name = title or _("an item for other readers")
    values = {"title": name, "section": one.section, "before": one.before, "after": one.after}
    before, after = (one.before, one.after) if title else ("", "")
    match one.what:
        case What.PIN_ADDED:
            text = _("“%(title)s” added to “%(section)s”", **values)
            return Told(look="added", text=text, after=after)
        case What.PIN_REMOVED:
            text = _("“%(title)s” removed from “%(section)s”", **values)
            return Told(look="removed", text=text)
        case What.PIN_MOVED if one.before == one.after:
            return Told(look="moved", text=_("“%(title)s” moved in “%(section)s”", **values))
        case What.PIN_MOVED:
            text = _("“%(title)s” moved from “%(before)s” to “%(after)s”", **values)
            return Told(look="moved", text=text)
        case What.PIN_NOTE:
            text = _("Note of “%(title)s”", **values)
            return Told(look="changed", text=text, before=before, after=after)
        case What.PIN_DATES:
            text = _("Days of “%(title)s”", **values)
            return Told(look="changed", text=text, before=_days(one.old), after=_days(one.new))
        case _:
            everybody = _("Everybody who sees the page")
            return Told(
                look="changed",
                text=_("Who sees “%(title)s”", **values),
                before=audience_words(known, _own(one.old), everybody),
                after=audience_words(known, _own(one.new), everybody),
            )


def _own(pin: PinContent | None) -> Sequence[str]:
    return pin.audience or () if pin else ()


def _days(pin: PinContent | None) -> str:
    if pin is None or not (pin.starts_on or pin.ends_on):
        return _("always")
    if pin.starts_on and pin.ends_on:
        return _("%(first)s to %(last)s", first=day(pin.starts_on), last=day(pin.ends_on))
    if pin.starts_on:
        return _("from %(day)s", day=day(pin.starts_on))
    return _("until %(day)s", day=day(pin.ends_on)) if pin.ends_on else ""

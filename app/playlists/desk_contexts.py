"""What the curators' pages of playlists show, put together and in words."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy.orm import Session

from app.curation.seen import seen_of
from app.intake.text import slug as slug_of
from app.models import Playlist, Role
from app.people.queries import roles_in_order
from app.playlists import desk, details, removals
from app.playlists.arranging import first_day, last_day, weeks_in
from app.playlists.days import days_in_week
from app.playlists.draft_lines import Line, lines_by_week
from app.playlists.weeks import titles_of
from app.sums import FEWEST, told


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A form as it is shown: values, what is wrong, what somebody else wrote, what was seen."""

    values: Mapping[str, str]
    seen: str = ""
    errors: Mapping[str, Sequence[str]] = field(default_factory=dict)
    theirs: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What a change has to say, and the name of the removal that it can take back."""

    text: str = ""
    quiet: bool = False
    undo: str = ""
    is_wrong: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class WeekCard:
    """A week to edit, with all its steps."""

    number: int
    title: str
    seen: str
    first_day: int
    last_day: int
    lines: list[Line]
    is_first: bool
    is_last: bool
    is_open: bool
    sheet: Sheet


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What a playlist's own fields can be chosen from; audiences by the name of their kind."""

    roles: list[Role]
    audiences: list[tuple[str, list[tuple[str, str]]]]

    def audience_name(self, token: str) -> str:
        """Return what a token is called."""
        if token == "everyone":  # noqa: S105
            return _("Everybody")
        named = (pair for _label, pairs in self.audiences for pair in pairs)
        return next((name for each, name in named if each == token), token)


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftPage:
    """The whole editor."""

    playlist: Playlist
    names: Mapping[str, str]
    weeks: list[WeekCard]
    removed: list[tuple[str, str]]
    sheet: Sheet
    options: Options
    audience: frozenset[str]
    said: Said
    live: Playlist | None


NOTHING_SAID = Said()


def options_of(session: Session) -> Options:
    """Return what playlists can be for, in three statements."""
    roles = roles_in_order(session)
    groups = desk.groups_in_order(session)
    departments, locations = desk.places(session)
    found = [
        (_("Roles"), [(f"role:{role.slug}", role.name) for role in roles]),
        (_("Groups"), [(f"group:{group.slug}", group.name) for group in groups]),
        (_("Departments"), [(f"dept:{slug_of(name)}", name) for name in departments]),
        (_("Locations"), [(f"loc:{slug_of(name)}", name) for name in locations]),
    ]
    return Options(roles=roles, audiences=[each for each in found if each[1]])


def draft_page(
    session: Session,
    playlist: Playlist,
    *,
    tokens: Collection[str],
    live: Playlist | None,
    said: Said = NOTHING_SAID,
    sheet: Sheet | None = None,
    week: tuple[int, Sheet] | None = None,
) -> DraftPage:
    """Gather the editor, with input that was refused where it was typed."""
    names = desk.names_of(session, playlist, tokens=tokens)
    audience = details.audience_tokens(session, playlist)
    return DraftPage(
        playlist=playlist,
        names=names,
        weeks=week_cards(session, playlist, tokens=tokens, refused=week),
        removed=[
            (each.name, removal_words(each))
            for each in removals.removals_of(session, playlist, tokens=tokens)
        ],
        sheet=sheet or details_sheet(playlist, audience, names),
        options=options_of(session),
        audience=audience,
        said=said,
        live=live,
    )


def details_sheet(playlist: Playlist, audience: Collection[str], names: Mapping[str, str]) -> Sheet:
    """Return the form of a version's own fields as it stands."""
    fields = details.fields_of(playlist, audience)
    shown = {name: names[name] for name in ("owner", "contact", "channel")}
    return Sheet(values=fields | shown, seen=seen_of(*fields.values()))


def week_cards(
    session: Session,
    playlist: Playlist,
    *,
    tokens: Collection[str],
    refused: tuple[int, Sheet] | None = None,
) -> list[WeekCard]:
    """Return the weeks of a version with their steps."""
    length = days_in_week(working=playlist.working_days)
    count = weeks_in(playlist.days, length)
    titles = titles_of(session, playlist.id)
    lines = lines_by_week(session, playlist, tokens, length, count)
    return [
        WeekCard(
            number=number,
            title=titles.get(number, ""),
            seen=seen_of(titles.get(number, "")),
            first_day=first_day(number, length),
            last_day=min(last_day(number, length), playlist.days),
            lines=lines.get(number, []),
            is_first=number == 1,
            is_last=number == count,
            is_open=refused is not None and refused[0] == number,
            sheet=refused[1]
            if refused is not None and refused[0] == number
            else Sheet(values={"title": titles.get(number, "")}),
        )
        for number in range(1, count + 1)
    ]


def removal_words(removal: removals.Removal) -> str:
    """Say what was removed."""
    if removal.week is None:
        return _("“%(title)s”", title=removal.steps[0]) if removal.steps else ""
    if removal.week:
        return ngettext(
            "Week “%(title)s” with %(num)s step",
            "Week “%(title)s” with %(num)s steps",
            len(removal.steps),
            title=removal.week,
        )
    return ngettext(
        "Week %(number)s with %(num)s step",
        "Week %(number)s with %(num)s steps",
        len(removal.steps),
        number=removal.number,
    )


def people_words(count: int) -> str:
    """Say how many people are under way, in whole groups."""
    groups = told(count)
    if not groups:
        return _("Fewer than %(number)s people are under way", number=FEWEST)
    return ngettext("%(num)s person is under way", "%(num)s people are under way", groups)

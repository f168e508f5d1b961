"""The page of one step: its form, what it may wait for and stand for, and how it is refused."""

from dataclasses import dataclass, replace

from flask.typing import ResponseReturnValue

from app import clock
from app.curation.seen import seen_of
from app.errors import Conflict
from app.models import Playlist, StepKind
from app.playlists import desk
from app.playlists.desk_contexts import Sheet
from app.playlists.draft_lines import is_over
from app.playlists.drafts import STEP_GONE, contents
from app.playlists.event_fields import FIELDS, ZONES
from app.playlists.needs import may_be_needed
from app.playlists.steps import fields_of
from app.web.errors import translated
from app.web.htmx import page
from app.web.unit_of_work import config, db_session
from app.web.viewer import viewer


@dataclass(frozen=True, slots=True, kw_only=True)
class StepPage:
    """A step's form; without `key` it is a new one. The pairs are (key, title) of other steps.

    `zones` are the time zones to choose from, none for what is no event. `is_over` says that the
    date of an event is past.
    """

    playlist: Playlist
    key: str
    kind: str
    title: str
    item_id: int | None
    sheet: Sheet
    needs: list[tuple[str, str]]
    may_need: list[tuple[str, str]]
    others: list[tuple[str, str]]
    zones: tuple[str, ...] = ()
    is_over: bool = False


def new_sheet(kind: str, day: int) -> Sheet:
    """Return the empty form of a new step."""
    meets = {"meets": "buddy", "person": ""} if kind == StepKind.MEET.value else {}
    fields = {"title": "", "note": "", "due_day": str(day), "minutes": "", "required": "yes"}
    return Sheet(values=fields | meets | _event(kind))


def step_page(
    playlist: Playlist,
    sheet: Sheet | None,
    *,
    key: str = "",
    kind: str = "",
    status: int = 200,
) -> ResponseReturnValue:
    """Answer the page of a step, `sheet` being input that was refused.

    Raises Conflict if the step is gone.
    """
    if key:
        shown = _known(playlist, sheet, key)
    else:
        shown = StepPage(
            playlist=playlist,
            key="",
            kind=kind,
            title="",
            item_id=None,
            sheet=_completed(sheet, kind),
            needs=[],
            may_need=[],
            others=[],
            zones=_zones(kind),
        )
    return page("playlists/desk/step.html", status=status, shown=shown)


def _known(playlist: Playlist, sheet: Sheet | None, key: str) -> StepPage:
    session, tokens = db_session(), viewer().tokens
    rows = {each.step.key: each for each in desk.steps_to_edit(session, playlist.id, tokens=tokens)}
    if key not in rows:
        raise Conflict(STEP_GONE)
    held = contents(session, playlist, tokens=tokens)
    names = {each: translated(name) for each, name in held.names.items()}
    row, outline = rows[key], held.outline()
    now = fields_of(row.step, held)
    words = now | {"person": row.person_name}
    seen = seen_of(*now.values())
    words |= {"zone": now["zone"] or _own_zone()}
    as_it_is = Sheet(values=words, seen=seen)
    sheet = _refused(sheet, words, seen, names) if sheet else as_it_is
    needs = held.needs.get(key, set())
    return StepPage(
        playlist=playlist,
        key=key,
        kind=row.kind,
        title=row.title or names[key],
        item_id=row.step.item_id if row.title else None,
        sheet=sheet,
        needs=[(each.key, names[each.key]) for each in outline if each.key in needs],
        may_need=[(each.key, names[each.key]) for each in may_be_needed(outline, key)],
        others=[(each.key, names[each.key]) for each in outline if each.key != key],
        zones=_zones(row.kind),
        is_over=is_over(row, clock.now()),
    )


def _event(kind: str) -> dict[str, str]:
    """Return the empty fields of an event, on the clock of the curator who writes it."""
    if kind != StepKind.EVENT.value:
        return {}
    return dict.fromkeys(FIELDS, "") | {"zone": _own_zone()}


def _own_zone() -> str:
    return clock.zone(viewer().time_zone, config().time_zone).key


def _zones(kind: str) -> tuple[str, ...]:
    return ZONES if kind == StepKind.EVENT.value else ()


def _completed(sheet: Sheet | None, kind: str) -> Sheet:
    """Return the form of a new step with what it does not say left empty."""
    empty = new_sheet(kind, 1)
    return replace(sheet, values={**empty.values, **sheet.values}) if sheet else empty


def _refused(sheet: Sheet, words: dict[str, str], seen: str, names: dict[str, str]) -> Sheet:
    """Return the form as it was typed; where somebody was quicker, it has seen theirs now."""
    theirs = {
        name: words["person"] if name == "person" else names.get(text, text)
        for name, text in sheet.theirs.items()
    }
    return replace(
        sheet, values=words | dict(sheet.values), seen=seen if theirs else sheet.seen, theirs=theirs
    )

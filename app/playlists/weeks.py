"""The weeks of a draft: adding, naming, moving and removing them, steps and all."""

from collections.abc import Mapping

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.curation import seen
from app.curation.texts import checked
from app.errors import Conflict, Invalid, Wording
from app.models import PlaylistWeek, Step
from app.playlists.arranging import MOST_DAYS, exchanged
from app.playlists.days import week_of
from app.playlists.drafts import Author, Draft, held_draft, keep
from app.playlists.removals import remember_week

WEEK_TITLE = 120
_GONE = Wording("Somebody has removed this week in the meantime.")


def titles_of(session: Session, playlist_id: int) -> dict[int, str]:
    """Return the titles of a version's weeks by number."""
    columns = (PlaylistWeek.number, PlaylistWeek.title)
    rows = session.execute(select(*columns).where(PlaylistWeek.playlist_id == playlist_id))
    return dict(rows.all())


def write_titles(session: Session, playlist_id: int, titles: Mapping[int, str]) -> None:
    """Give a version's weeks these titles and no others; an empty one is none."""
    wanted = {number: title for number, title in titles.items() if title}
    if wanted == titles_of(session, playlist_id):
        return
    session.execute(delete(PlaylistWeek).where(PlaylistWeek.playlist_id == playlist_id))
    session.add_all(
        PlaylistWeek(playlist_id=playlist_id, number=number, title=title)
        for number, title in sorted(wanted.items())
    )
    session.flush()


def add_week(session: Session, slug: str, title: str, *, author: Author) -> int:
    """Add a week at the end and return its number; raise Invalid if the playlist gets too long."""
    title = checked("title", title, longest=WEEK_TITLE)
    draft = held_draft(session, slug, tokens=author.tokens)
    number = draft.weeks + 1
    days = number * draft.week_length
    if days > MOST_DAYS:
        raise Invalid({"title": Wording("A playlist has at most %(most)d days.", most=MOST_DAYS)})
    draft.playlist.days = days
    titles = titles_of(session, draft.playlist.id)
    write_titles(session, draft.playlist.id, titles | {number: title})
    keep(session, draft, author)
    return number


def name_week(
    session: Session, slug: str, number: int, title: str, *, was: str, author: Author
) -> None:
    """Give a week a title, or none; `was` is what the form had seen.

    Raises Conflict if the week is gone, Overtaken where somebody else has named it meanwhile.
    """
    title = checked("title", title, longest=WEEK_TITLE)
    draft = held_draft(session, slug, tokens=author.tokens)
    _check(draft, number)
    titles = titles_of(session, draft.playlist.id)
    kept = seen.merged({"title": title}, {"title": titles.get(number, "")}, was)
    write_titles(session, draft.playlist.id, titles | {number: kept["title"]})
    keep(session, draft, author)


def move_week(session: Session, slug: str, number: int, step: int, *, author: Author) -> int:
    """Let a week change places with the one before (-1) or after it (+1); return its number.

    Raises Conflict if the week is gone, Invalid where a prerequisite would be due later.
    """
    draft = held_draft(session, slug, tokens=author.tokens)
    _check(draft, number)
    other = number + step
    if not 1 <= other <= draft.weeks:
        return number
    draft.playlist.days = draft.weeks * draft.week_length
    for each in draft.steps:
        each.due_day = exchanged(each.due_day, number, other, draft.week_length)
    draft.steps.sort(key=lambda each: each.due_day)
    titles = titles_of(session, draft.playlist.id)
    swapped = {number: titles.get(other, ""), other: titles.get(number, "")}
    write_titles(session, draft.playlist.id, titles | swapped)
    keep(session, draft, author)
    return other


def remove_week(session: Session, slug: str, number: int, *, author: Author) -> str:
    """Remove a week with its steps, which can be put back; return the name of what was removed.

    The weeks after it move up. Raises Conflict if it is gone, Invalid if it is the only one.
    """
    draft = held_draft(session, slug, tokens=author.tokens)
    _check(draft, number)
    weeks, length = draft.weeks, draft.week_length
    if weeks == 1:
        raise Invalid({"week": Wording("A playlist has at least one week.")})
    titles = titles_of(session, draft.playlist.id)
    gone = [each for each in draft.steps if _week(draft, each) == number]
    name = remember_week(draft, number, titles.get(number, ""), gone, author)
    days = draft.playlist.days - length
    _take_out(session, draft, gone)
    for each in draft.steps:
        if _week(draft, each) > number:
            each.due_day -= length
    draft.playlist.days = (weeks - 1) * length if number == weeks else days
    moved_up = {each - (each > number): title for each, title in titles.items() if each != number}
    write_titles(session, draft.playlist.id, moved_up)
    keep(session, draft, author)
    return name


def _take_out(session: Session, draft: Draft, gone: list[Step]) -> None:
    if gone:
        session.execute(delete(Step).where(Step.id.in_([each.id for each in gone])))
    draft.steps = [each for each in draft.steps if each not in gone]


def _week(draft: Draft, step: Step) -> int:
    return week_of(step.due_day, in_week=draft.week_length)


def _check(draft: Draft, number: int) -> None:
    if not 1 <= number <= draft.weeks:
        raise Conflict(_GONE)

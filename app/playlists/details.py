"""What a draft says of itself: title, length, whom it is for, whom to ask, and where to talk."""

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.catalogue.queries import live_items
from app.curation import seen
from app.curation.texts import checked
from app.errors import Invalid, Wording
from app.models import Audience, Item, Kind, Person, Playlist, Role, audience_of
from app.playlists.arranging import MOST_DAYS, converted
from app.playlists.days import days_in_week
from app.playlists.drafts import Author, Draft, held_draft, keep

TITLE, SUMMARY = 120, 1000


def fields_of(playlist: Playlist, audience: Collection[str]) -> dict[str, str]:
    """Return a draft's own fields as the texts that its form shows."""
    return {
        "title": playlist.title,
        "summary": playlist.summary,
        "days": str(playlist.days),
        "counting": "working" if playlist.working_days else "all",
        "role": str(playlist.role_id or ""),
        "audience": " ".join(sorted(audience)),
        "owner": str(playlist.owner_id or ""),
        "contact": str(playlist.contact_id or ""),
        "channel": str(playlist.channel_id or ""),
    }


def audience_tokens(session: Session, playlist: Playlist) -> frozenset[str]:
    """Return the tokens of those who may see a version."""
    key = session.scalar(select(Audience.key).where(Audience.id == playlist.audience_id))
    return frozenset((key or "").split())


def edit_details(
    session: Session, slug: str, given: Mapping[str, str], *, was: str, author: Author
) -> None:
    """Change a draft's own fields; `given` holds them as `fields_of` does.

    `was` is what the form had seen. Raises Conflict without a draft, Overtaken where somebody else
    has changed the same field meanwhile, Invalid for a field that is no good.
    """
    draft = held_draft(session, slug, tokens=author.tokens)
    now = fields_of(draft.playlist, audience_tokens(session, draft.playlist))
    taken = seen.merged({**now, **given}, now, was)
    changed = {name: text for name, text in taken.items() if text != now[name]}
    for name, value in _values(session, changed, author).items():
        setattr(draft.playlist, name, value)
    if "counting" in changed:
        _count(draft, working=changed["counting"] == "working", given="days" in changed)
    _check_length(draft)
    keep(session, draft, author)


def _values(session: Session, changed: Mapping[str, str], author: Author) -> dict[str, Any]:
    """Return the columns to write for the fields that are changed, but for how days count."""
    found: dict[str, Any] = {}
    if "title" in changed:
        found["title"] = checked("title", changed["title"], longest=TITLE, required=True)
    if "summary" in changed:
        found["summary"] = checked("summary", changed["summary"], longest=SUMMARY)
    if "days" in changed:
        found["days"] = _days(changed["days"])
    if "audience" in changed:
        found["audience_id"] = _audience(session, changed["audience"].split())
    if "role" in changed:
        known = select(Role.id).where(Role.id == _id(changed["role"]))
        found["role_id"] = session.scalar(known)
    for name in ("owner", "contact"):
        if name in changed:
            found[f"{name}_id"] = _person(session, name, changed[name])
    if "channel" in changed:
        found["channel_id"] = _channel(session, changed["channel"], author)
    return found


def _count(draft: Draft, *, working: bool, given: bool) -> None:
    """Count working days, or all of them: every step stays in its week."""
    before, after = draft.week_length, days_in_week(working=working)
    draft.playlist.working_days = working
    for step in draft.steps:
        step.due_day = converted(step.due_day, before, after)
    if not given:
        draft.playlist.days = converted(draft.playlist.days, before, after)


def _check_length(draft: Draft) -> None:
    last = max((step.due_day for step in draft.steps), default=1)
    if draft.playlist.days < last:
        raise Invalid(
            {
                "days": Wording(
                    "The last step is due on day %(day)d: the playlist cannot be shorter.",
                    day=last,
                )
            }
        )


def _days(text: str) -> int:
    number = int(text) if text.isdecimal() and len(text) < 6 else 0
    if not 1 <= number <= MOST_DAYS:
        raise Invalid({"days": Wording("Give a number from 1 to %(most)d.", most=MOST_DAYS)})
    return number


def _audience(session: Session, tokens: Collection[str]) -> int:
    if not tokens:
        raise Invalid({"audience": Wording("Say who may see it.")})
    return audience_of(session, tokens).id


def _person(session: Session, name: str, text: str) -> int | None:
    if not text:
        return None
    wanted = select(Person.id).where(Person.id == _id(text), Person.active)
    found = session.scalar(wanted)
    if found is None:
        raise Invalid({name: Wording("There is nobody of that name.")})
    return found


def _channel(session: Session, text: str, author: Author) -> int | None:
    if not text:
        return None
    wanted = live_items(author.tokens).with_only_columns(Item.id)
    found = session.scalar(wanted.where(Item.id == _id(text), Item.kind == Kind.CHANNEL.value))
    if found is None:
        raise Invalid({"channel": Wording("There is no such channel.")})
    return found


def _id(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 10 else 0

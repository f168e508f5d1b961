"""Adding and changing the steps of a draft. Two curators at once never overwrite each other.

Each change takes the lock, reads what is there now, and does what its curator meant: a step is
added, a prerequisite is taken away. Of texts and numbers, those that the curator did not touch
stay as they are; where both have changed one, `app.curation.seen.Overtaken` holds the other's.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.catalogue.queries import live_items
from app.curation import seen
from app.curation.texts import checked
from app.errors import Invalid, NotFound, Wording
from app.models import Item, Meet, Person, Playlist, Role, Step, StepKind
from app.models.playlists import new_key
from app.playlists import choices, event_fields
from app.playlists.arranging import MOST_DAYS
from app.playlists.drafts import MOST_STEPS, STEP_GONE, Author, Draft, held_draft, keep

TITLE, NOTE, MOST_MINUTES = 120, 500, 6000
BY_NAME = "person"


@dataclass(frozen=True, slots=True, kw_only=True)
class Added:
    """A step, and whether it is new or its item had been in the playlist already."""

    step: Step
    is_new: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class NeedsGiven:
    """Of the prerequisites that a form showed, those that are kept, and one that is added."""

    shown: Collection[str] = ()
    kept: Collection[str] = ()
    added: str = ""


def tokens_for(session: Session, playlist: Playlist, tokens: Collection[str]) -> frozenset[str]:
    """Return whose eyes choose items: the curator's own, and those of the playlist's role."""
    role = session.scalar(select(Role.slug).where(Role.id == playlist.role_id))
    return frozenset(tokens) | ({f"role:{role}"} if role else frozenset())


def add_item(
    session: Session, slug: str, item_id: int, *, due_day: int, author: Author, note: str = ""
) -> Added:
    """Add an item as a required step, due on this day, after what is due then already.

    An item stands once in a playlist: if it is there, that step stays as it is and is returned.
    Raises NotFound for an item that is retired or not to be seen, Conflict without a draft,
    Invalid for a day or note that is no good.
    """
    draft = held_draft(session, slug, tokens=author.tokens)
    for known in (step for step in draft.steps if step.item_id == item_id):
        return Added(step=known, is_new=False)
    sight = tokens_for(session, draft.playlist, author.tokens)
    title = session.scalar(
        live_items(sight).with_only_columns(Item.title).where(Item.id == item_id)
    )
    if title is None:
        raise NotFound(Wording("There is no such item to add."))
    step = Step(item_id=item_id, kind=StepKind.ITEM.value, note=_note(note))
    return _added(session, draft, step, due_day, title, author)


def add_step(
    session: Session, slug: str, kind: StepKind, given: Mapping[str, str], *, author: Author
) -> Added:
    """Add somebody to meet, an event or a task; `given` are its fields as texts, see `fields_of`.

    Raises Conflict without a draft, Invalid for a field that is no good.
    """
    draft = held_draft(session, slug, tokens=author.tokens)
    step = Step(kind=kind.value, key=new_key())
    title = checked("title", given.get("title", ""), longest=TITLE, required=True)
    _take(session, step, {**given, "title": title})
    return _added(session, draft, step, _day(given.get("due_day", "1")), title, author)


def fields_of(step: Step, draft: Draft) -> dict[str, str]:
    """Return a step's fields as the texts that its form shows."""
    others = choices.alternatives(draft.choices(), step.key)
    return {
        "title": step.title,
        "note": step.note,
        "due_day": str(step.due_day),
        "minutes": str(step.minutes or ""),
        "required": "yes" if step.required else "",
        "meets": BY_NAME if step.meets_id else step.meets,
        "person": str(step.meets_id or ""),
        "alternative": others[0] if others else "",
        **event_fields.texts_of(step),
    }


def edit_step(
    session: Session,
    slug: str,
    key: str,
    given: Mapping[str, str],
    *,
    was: str,
    needs: NeedsGiven,
    author: Author,
) -> Step:
    """Change a step; `given` holds its fields as `fields_of` does, `was` what the form had seen.

    Raises Conflict if the step or the draft is gone, Overtaken where somebody else has changed the
    same field meanwhile, Invalid for a field that is no good or a prerequisite that cannot be.
    """
    draft = held_draft(session, slug, tokens=author.tokens)
    step = draft.step(key)
    now = fields_of(step, draft)
    taken = seen.merged({**now, **given}, now, was)
    changed = {name: text for name, text in taken.items() if text != now[name]}
    _take(session, step, changed)
    if "due_day" in changed:
        step.due_day = _day(changed["due_day"])
    if "alternative" in changed:
        _group(draft, step, changed["alternative"])
    if "required" in changed:
        for other in choices.alternatives(draft.choices(), key):
            draft.step(other).required = step.required
    _need(draft, step, needs)
    draft.steps.sort(key=lambda each: each.due_day)
    keep(session, draft, author)
    return step


def _added(
    session: Session, draft: Draft, step: Step, due_day: int, title: str, author: Author
) -> Added:
    if len(draft.steps) >= MOST_STEPS:
        raise Invalid({"title": Wording("A playlist has at most %(most)d steps.", most=MOST_STEPS)})
    step.playlist_id, step.due_day = draft.playlist.id, _day(str(due_day))
    step.key = step.key or new_key()
    draft.steps.append(step)
    draft.steps.sort(key=lambda each: each.due_day)
    draft.names[step.key] = title
    session.add(step)
    keep(session, draft, author)
    return Added(step=step, is_new=True)


def _take(session: Session, step: Step, given: Mapping[str, str]) -> None:
    """Write the plain fields that are given."""
    if "title" in given and step.kind != StepKind.ITEM.value:
        step.title = checked("title", given["title"], longest=TITLE, required=True)
    if "note" in given:
        step.note = _note(given["note"])
    wanted = {"minutes", *event_fields.FIELDS} & given.keys()
    is_event = bool(wanted) and event_fields.is_event(step, _kind_of_item(session, step))
    if "minutes" in given and (is_event or step.kind != StepKind.ITEM.value):
        step.minutes = _minutes(given["minutes"])
    if is_event:
        event_fields.take(step, given)
    if "required" in given:
        step.required = bool(given["required"])
    if step.kind == StepKind.MEET.value and {"meets", "person"} & given.keys():
        _meet(session, step, given)


def _kind_of_item(session: Session, step: Step) -> str | None:
    return session.scalar(select(Item.kind).where(Item.id == step.item_id))


def _meet(session: Session, step: Step, given: Mapping[str, str]) -> None:
    """Say whom to meet: somebody by what they are to the reader, or by name."""
    meets = given.get("meets", BY_NAME if step.meets_id else step.meets)
    if meets in set(Meet):
        step.meets, step.meets_id = meets, None
        return
    person = given.get("person", str(step.meets_id or ""))
    if meets != BY_NAME or not (person.isdecimal() and len(person) < 10):
        raise Invalid({"meets": Wording("Say whom to meet.")})
    wanted = select(Person.id).where(Person.id == int(person), Person.active)
    found = session.scalar(wanted)
    if found is None:
        raise Invalid({"person": Wording("There is nobody of that name.")})
    step.meets, step.meets_id = "", found


def _group(draft: Draft, step: Step, other: str) -> None:
    """Make the step an alternative to another one, or to none where `other` is empty."""
    if not other:
        draft.choose(choices.left(draft.choices(), step.key))
        return
    step.required = draft.step(other).required
    draft.choose(choices.joined(draft.choices(), step.key, other))


def _need(draft: Draft, step: Step, given: NeedsGiven) -> None:
    needs = draft.needs.setdefault(step.key, set())
    needs -= set(given.shown) - set(given.kept)
    if given.added:
        if given.added not in {each.key for each in draft.steps}:
            raise Invalid({"needs": STEP_GONE})
        needs.add(given.added)


def _note(text: str) -> str:
    return checked("note", text, longest=NOTE)


def _day(text: str) -> int:
    number = int(text) if text.isdecimal() and len(text) < 6 else 0
    if not 1 <= number <= MOST_DAYS:
        raise Invalid({"due_day": Wording("Give a day between 1 and %(most)d.", most=MOST_DAYS)})
    return number


def _minutes(text: str) -> int | None:
    if not text:
        return None
    number = int(text) if text.isdecimal() and len(text) < 6 else 0
    if not 1 <= number <= MOST_MINUTES:
        raise Invalid(
            {"minutes": Wording("Give minutes between 1 and %(most)d.", most=MOST_MINUTES)}
        )
    return number

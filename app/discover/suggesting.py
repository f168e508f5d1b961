"""What is suggested while somebody types: their own searches, items, places and people.

No Flask and no words here: `suggest_contexts` turns what was found into what the reader sees. Four
statements at most, each with the reader's audience in it, and one question to the index.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from app.access import Viewer
from app.discover import suggest_queries as queries
from app.discover.experts import Expert, experts
from app.discover.indexing import SearchIndex
from app.discover.remembering import MOST_KEPT
from app.discover.suggest_queries import NamedItem, Place
from app.models import Kind, RecentSearch
from search.document import Suggestion
from search.errors import IndexMissing
from search.text import fold

MOST_ASKED = 10
MOST_RECENT = 3
MOST_RECENT_ALONE = 6
MOST_ITEMS = 5
MOST_CHANNELS = 2
MOST_SKILLS = 3
MOST_PAGES = 2
MOST_PEOPLE = 2
SHORTEST_TOPIC = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggested:
    """Everything that is suggested for a text, as data."""

    text: str
    recent: Sequence[RecentSearch] = ()
    items: Sequence[NamedItem] = ()
    channels: Sequence[NamedItem] = ()
    skills: Sequence[Place] = ()
    pages: Sequence[Place] = ()
    people: Sequence[Expert] = ()


def suggested(session: Session, index: SearchIndex, reader: Viewer, text: str) -> Suggested:
    """Return what to suggest to a reader who has typed `text`; before that, their last searches."""
    if not text.strip():
        newest = queries.searches_of(session, reader.id, MOST_RECENT_ALONE)
        return Suggested(text="", recent=newest)
    recent = queries.searches_of(session, reader.id, MOST_KEPT)
    completed = _completed(index, reader, text)
    found = _items(session, completed, reader)
    names = [each.text for each in completed if each.kind == "skill"][:MOST_SKILLS]
    skills, pages = queries.places(session, names, tokens=reader.tokens)
    pages = [page for page in pages if fits(text, f"{page.name} {page.title}")]
    return Suggested(
        text=text,
        recent=[each for each in recent if fits(text, each.text)][:MOST_RECENT],
        items=[each for each in found if each.kind != Kind.CHANNEL][:MOST_ITEMS],
        channels=[each for each in found if each.kind == Kind.CHANNEL][:MOST_CHANNELS],
        skills=skills,
        pages=pages[:MOST_PAGES],
        people=_people(session, reader, text, skills, pages),
    )


def fits(text: str, title: str) -> bool:
    """Tell whether every word of `text` begins a word of `title`, in any order."""
    words = fold(title).split()
    return all(any(word.startswith(typed) for word in words) for typed in fold(text).split())


def _completed(index: SearchIndex, reader: Viewer, text: str) -> Sequence[Suggestion]:
    """Ask the index; without one, what the database knows is suggested."""
    try:
        return index.suggest(text, reader.tokens, MOST_ASKED)
    except IndexMissing:
        return ()


def _items(session: Session, completed: Iterable[Suggestion], reader: Viewer) -> list[NamedItem]:
    """Return the items in the index's order; the database says what is there and may be seen."""
    ids = [each.id for each in completed if each.id is not None]
    found = queries.items_named(session, ids, tokens=reader.tokens)
    return [found[item_id] for item_id in ids if item_id in found]


def _people(
    session: Session, reader: Viewer, text: str, skills: Sequence[Place], pages: Sequence[Place]
) -> list[Expert]:
    if len(text.strip()) < SHORTEST_TOPIC:
        return []
    return experts(
        session,
        skills=[skill.slug for skill in skills],
        roles=[page.slug for page in pages if fits(text, page.name)],
        but=reader.id,
        tokens=reader.tokens,
        limit=MOST_PEOPLE,
    )

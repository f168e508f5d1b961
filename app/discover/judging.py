"""What measuring search needs to know of this portal: its judged queries, its items, its readers.

A company keeps its judged queries in a file of its own (`FOYER_JUDGED_QUERIES`); the sample
company brings some along. The figures themselves are made in `quality`.
"""

from collections.abc import Collection, Sequence
from datetime import date
from itertools import islice
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.discover import queries
from app.discover.quality import EVERYONE, READER, WITHOUT_BOOSTS, Index, Report, measure
from app.discover.tuning import Tuning
from app.models import Item, Role, Status, Tool
from search.document import Boosts
from search.judged import MOST_BYTES, JudgedQuery, Reading, read

CHUNK = 5000  # external ids that one statement asks for


def read_file(path: Path) -> Reading:
    """Read a file of judged queries.

    Raises OSError when it cannot be read, ValueError when it is no UTF-8 text or far too long.
    """
    with path.open("rb") as file:
        content = file.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise ValueError(f"{path.name} holds more than {MOST_BYTES:,} bytes")
    return read(content.decode("utf-8-sig"))


def item_keys(session: Session, wanted: Collection[str]) -> dict[str, int]:
    """Return the ids of the live items with these keys, "tool/external id", that are here."""
    names = iter(sorted({key.partition("/")[2] for key in wanted}))
    found: dict[str, int] = {}
    while some := list(islice(names, CHUNK)):
        rows = session.execute(
            select(Tool.slug, Item.external_id, Item.id)
            .join(Tool, Tool.id == Item.tool_id)
            .where(Item.external_id.in_(some), Item.status == Status.LIVE.value)
        )
        found |= {f"{slug}/{external_id}": item_id for slug, external_id, item_id in rows}
    return found


def role_slugs(session: Session) -> list[str]:
    """Return the slugs of all job roles, in order."""
    return list(session.scalars(select(Role.slug).order_by(Role.slug)))


def measured(
    session: Session,
    index: Index,
    judged: Sequence[JudgedQuery],
    tuning: Tuning,
    *,
    today: date,
    role: str = "",
    boosted: bool = True,
) -> Report:
    """Ask the judged queries as this portal answers them; raise IndexMissing without an index.

    With `role`, those that were judged for no role are asked by somebody who has it, and those for
    other roles are left out. Without boosts, words alone decide.
    """
    asker = frozenset({role} if role else ())
    pinned = {
        slug: queries.pinned_for(
            session, roles=[slug], tokens=EVERYONE | {f"role:{slug}"}, today=today
        )
        for slug in asker | {one.role for one in judged if one.role}
    }
    return measure(
        index,
        [one for one in judged if not role or one.role in ("", role)],
        names=item_keys(session, {key for one in judged for key in one.items}),
        audience=EVERYONE | {f"role:{slug}" for slug in asker},
        boosts=Boosts(
            pinned=pinned.get(role, frozenset()),
            roles=asker,
            now=today,
            languages=READER.languages,
            table=tuning.boosts if boosted else WITHOUT_BOOSTS,
        ),
        synonyms=tuning.synonyms,
        pinned=pinned,
    )

"""What readers of the sample company tell its curators, and an item that they changed; made up."""

import io
from collections.abc import Sequence
from datetime import datetime, timedelta

from PIL import Image, ImageDraw
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.activity import service as activity
from app.editing import service as editing
from app.editing.merging import seen_of
from app.editing.queries import item_to_edit, values_to_edit
from app.governance import service as governance
from app.governance.deciding import decide
from app.governance.queries import Told
from app.models import Item, Kind, Pin

_EVERYONE = frozenset({"everyone"})
_SUGGESTIONS = (
    ("https://example.org/guides/reading-a-pressure-gauge", "Two pages, all true.", 3),
    ("https://example.org/talks/first-week-on-site", "Helped me in my first week.", 1),
)
_REASONS = ("The videos do not play on the phone.", "It shows the old screens.")
_SIZE = (960, 640)


def add_told(
    session: Session, *, curators: Sequence[int], readers: Sequence[int], now: datetime
) -> None:
    """Leave suggestions, one of them answered, two reasons for few stars, and a changed item."""
    pinned = _pinned(session)
    for (url, note, days), reader in zip(_SUGGESTIONS, readers, strict=False):
        at = now - timedelta(days=days)
        governance.suggest(session, url, note=note, role="", by=reader, now=at)
    declined = governance.suggest(
        session,
        "https://example.org/articles/behind-a-wall",
        note="",
        role="",
        by=readers[0],
        now=now - timedelta(days=6),
    )
    decide(
        session,
        Told.SUGGESTION,
        (declined.id,),
        accepted=False,
        answer="A good article, but it asks everybody for an account. Can you find another?",
        by=curators[0],
        tokens=_EVERYONE,
        now=now - timedelta(days=4),
    )
    for place, why in enumerate(_REASONS):
        activity.rate(
            session,
            readers[place + 1],
            pinned[place].id,
            stars=2 - place,
            why=why,
            named=bool(place),
            now=now - timedelta(days=place + 1),
        )
    _change(session, pinned[2].id, by=curators[0], now=now - timedelta(days=2))


def _pinned(session: Session) -> list[Item]:
    """Return three simulations that stand on role pages, for everybody."""
    ids = select(Pin.item_id)
    found = session.scalars(
        select(Item)
        .where(Item.id.in_(ids), Item.kind == Kind.SIMULATION.value)
        .order_by(Item.id)
        .limit(3)
    )
    return list(found)


def _change(session: Session, item_id: int, *, by: int, now: datetime) -> None:
    item = item_to_edit(session, item_id, person_id=by, tokens=_EVERYONE)
    if item is None:
        return
    values = values_to_edit(item)
    wish = editing.Wish(values={**values, "minutes": 15})
    editing.edit(
        session, item_id, wish, seen=seen_of(values), person_id=by, tokens=_EVERYONE, now=now
    )
    alt = "A drawing: a wave that runs through three pipes"
    editing.give_picture(
        session, item_id, _drawing(), alt=alt, person_id=by, tokens=_EVERYONE, now=now
    )


def _drawing() -> bytes:
    """Return a PNG of pipes and a wave, drawn here."""
    drawing = Image.new("RGB", _SIZE, "#e8f5ee")
    pen = ImageDraw.Draw(drawing)
    for place, colour in enumerate(("#0b5d43", "#2a8f6a", "#7cc7a6")):
        top = 90 + 170 * place
        pen.rounded_rectangle((80, top, 880, top + 110), radius=55, fill=colour)
    points = [(x, 320 + 150 * (1 if (x // 120) % 2 else -1) * (x % 120) / 120) for x in range(960)]
    pen.line(points, fill="#fbfaf7", width=10, joint="curve")
    written = io.BytesIO()
    drawing.save(written, "PNG")
    return written.getvalue()

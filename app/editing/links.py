"""Pages of the web as items: found by their address, or made of what a curator says of them.

A page belongs to the tool whose home it stands under, as long as nothing reads that tool; else to
the tool "Links". What a connector reads is left to it: it would take a page that it does not know
for one that is gone.
"""

import hashlib
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import SplitResult, urlsplit

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.catalogue.lookup import item_named
from app.catalogue.queries import items_by_key, visible_item
from app.catalogue.records import ItemRecord, ToolRecord
from app.catalogue.sameness import LONGEST, address_key
from app.catalogue.service import set_status, upsert
from app.catalogue.stored import stored_items
from app.errors import Conflict, Invalid, Wording
from app.intake.text import web_address
from app.models import Connection, Item, Status, Tool

LINKS = ToolRecord(
    slug="links",
    name="Links",
    kind="library",
    description="Pages that curators have pasted in.",
)
Pair = tuple[str, str]


def checked_address(url: str) -> str:
    """Return an address that can be kept; one without a scheme gets https.

    Raises Invalid, naming the field `url`, for what is no web address.
    """
    url = url.strip()
    if url and "://" not in url and not url.lower().startswith(("javascript:", "data:", "mailto:")):
        url = f"https://{url}"
    if not url:
        raise Invalid({"url": Wording("Paste an address.")})
    if len(url) > 2000:
        raise Invalid({"url": Wording("This address is too long: at most 2000 characters.")})
    try:
        return web_address(url)
    except ValueError as error:
        said = Wording("This is not a web address. One looks like https://example.com/page.")
        raise Invalid({"url": said}) from error


def item_at(session: Session, url: str, *, own: str, tokens: Collection[str]) -> Item | None:
    """Return the item that an address leads to, if it may be seen, with its tool.

    Found by Foyer's own addresses (`own` is where Foyer is), by the keys that duplicates are found
    by, and by what pasted pages are called.
    """
    number = item_named(urlsplit(url).path) if url.startswith(f"{own.rstrip('/')}/") else None
    if number is None:
        key = address_key(url)
        number = items_by_key(session, [key], tokens=tokens).get(key) if key else None
    if number is None:
        named = (_tool_for(session, url).slug, external_id_of(url))
        found = stored_items(session, [named]).get(named)
        number = found.id if found else None
    return visible_item(session, number, tokens=tokens) if number is not None else None


def external_id_of(url: str) -> str:
    """Return by what a pasted page is known: its address without what differs from link to link."""
    known = f"link:{address_key(url) or url}"
    return known if len(known) <= LONGEST else f"link:{hashlib.sha256(url.encode()).hexdigest()}"


def add_page(
    session: Session,
    url: str,
    values: dict[str, Any],
    *,
    skills: Sequence[Pair],
    roles: Sequence[Pair],
    tokens: Collection[str],
    now: datetime,
) -> Item:
    """Make an item of a page, for everybody, and return it with its tool.

    `values` has title, summary, kind, level, minutes and language. A page that was retired is
    offered again. Raises Invalid for what is no web address, Conflict for a page that is there but
    not for this curator.
    """
    record = ItemRecord(
        tool=_tool_for(session, url),
        external_id=external_id_of(url),
        url=checked_address(url),
        skills=tuple(skills),
        roles=tuple(roles),
        **{name: values[name] for name in _FIELDS},
    )
    upsert(session, [record], now=now)
    stored = stored_items(session, [record.key])[record.key]
    item = visible_item(session, stored.id, tokens=tokens)
    if item is None:
        raise Conflict(Wording("This page is here already, for other readers."))
    if item.status != Status.LIVE.value:
        set_status(session, [item.id], Status.LIVE, now=now)
        session.refresh(item)
    return item


_FIELDS = ("title", "summary", "kind", "level", "minutes", "language")


def _tool_for(session: Session, url: str) -> ToolRecord:
    """Return the tool under whose home the address stands and that nothing reads; else Links."""
    rows = session.execute(
        select(Tool.slug, Tool.name, Tool.home_url)
        .outerjoin(Connection, Connection.tool_id == Tool.id)
        .where(Tool.home_url.is_not(None), Connection.id.is_(None))
        .order_by(Tool.position, Tool.id)
    )
    wanted = _parts(url)
    homes = [row for row in rows if wanted and _is_under(wanted, _parts(row.home_url))]
    closest = max(homes, key=lambda row: len(row.home_url), default=None)
    return ToolRecord(slug=closest.slug, name=closest.name) if closest else LINKS


def _parts(url: str) -> SplitResult | None:
    try:
        return urlsplit(url)
    except ValueError:
        return None


def _is_under(page: SplitResult, home: SplitResult | None) -> bool:
    if home is None or not home.netloc or page.netloc.lower() != home.netloc.lower():
        return False
    return f"{page.path.rstrip('/')}/".startswith(f"{home.path.rstrip('/')}/")

"""What happens to a draft as a whole: published, thrown away, or passed by on the way back.

Publishing copies the draft over the published page and keeps the result as a version. Going back
to a version publishes it at once, as a version of its own, so that it can be undone like anything
else; a draft is left as it is.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from app.curation import rights
from app.curation.content import PageContent, PinContent, from_json, to_json
from app.curation.drafts import draft_of
from app.curation.laying import content_of, lay
from app.curation.layout import GONE, lock
from app.curation.texts import checked
from app.errors import Conflict, NotFound, Wording
from app.models import Item, PageChange, RolePage, RolePageVersion, Status

NOTE = 500


class ChangedMeanwhile(Conflict):
    """The draft is not what its publisher saw; `since` is the revision that they saw."""

    def __init__(self, since: int) -> None:
        """Keep the revision."""
        super().__init__("Somebody has changed the draft in the meantime.")
        self.since = since


def publish(
    session: Session, role_id: int, *, revision: int, by: int, now: datetime, note: str = ""
) -> RolePageVersion | None:
    """Let readers see the draft of a role's page, and return the version that is kept of it.

    `revision` is the one that the publisher looked at. Returns None where nothing was different:
    then the draft is only thrown away. Raises Conflict if there is no draft, ChangedMeanwhile if
    it has another revision, NotAllowed, and Invalid for a note that is too long.
    """
    note = checked("note", note, longest=NOTE)
    rights.check(session, role_id, by, on=now.date())
    published_id = _lock_published(session, role_id)
    draft_id, present = _locked_draft(session, role_id)
    if present != revision:
        raise ChangedMeanwhile(revision)
    content = content_of(session, draft_id)
    if published_id is None:
        return _publish_first(session, role_id, draft_id, content, by=by, now=now, note=note)
    before = content_of(session, published_id)
    if before == content:
        _drop(session, draft_id)
        return None
    _keep_first(session, role_id, before, now=now)
    makers = _makers(session, draft_id)
    lay(session, published_id, content)
    _drop(session, draft_id)
    _mark(session, published_id, by=by, now=now)
    said = {"makers": makers}
    return _keep(session, role_id, content, said, by=by, now=now, note=note)


def discard(session: Session, role_id: int, *, by: int, now: datetime) -> None:
    """Throw the draft of a role's page away; raise Conflict if there is none, NotAllowed."""
    rights.check(session, role_id, by, on=now.date())
    _drop(session, _locked_draft(session, role_id)[0])


def roll_back(
    session: Session, role_id: int, number: int, *, latest: int, by: int, now: datetime
) -> RolePageVersion:
    """Let readers see an earlier version at once, and return the new version which that makes.

    `latest` is the number of the newest version that the curator saw. Items that have been retired
    since are followed by their successors. Raises NotFound for a version that there is not,
    Conflict if somebody has published meanwhile, NotAllowed.
    """
    rights.check(session, role_id, by, on=now.date())
    page_id = _lock_published(session, role_id)
    wanted = version(session, role_id, number)
    if page_id is None or wanted is None:
        raise NotFound(Wording("There is no such version."))
    if _latest(session, role_id) != latest:
        raise Conflict(Wording("Somebody has published this page in the meantime."))
    content = _with_successors(session, from_json(wanted.content))
    lay(session, page_id, content)
    _mark(session, page_id, by=by, now=now)
    after = content_of(session, page_id)
    return _keep(session, role_id, after, {"back_to": number}, by=by, now=now)


def keep_as_it_is(
    session: Session, page_id: int, before: PageContent, said: Mapping[str, Any], *, now: datetime
) -> None:
    """Keep a version of a published page that something else than a curator has changed."""
    role_id = session.scalar(select(RolePage.role_id).where(RolePage.id == page_id))
    if role_id is None:
        raise Conflict(GONE)
    _keep_first(session, role_id, before, now=now)
    _mark(session, page_id, by=None, now=now)
    _keep(session, role_id, content_of(session, page_id), said, by=None, now=now)


def version(session: Session, role_id: int, number: int) -> RolePageVersion | None:
    """Return one version of a role's page."""
    return session.scalar(
        select(RolePageVersion).where(
            RolePageVersion.role_id == role_id, RolePageVersion.number == number
        )
    )


def _publish_first(
    session: Session,
    role_id: int,
    draft_id: int,
    content: PageContent,
    *,
    by: int,
    now: datetime,
    note: str,
) -> RolePageVersion:
    """Publish the draft of a role that has no page: it becomes the page."""
    makers = _makers(session, draft_id)
    session.execute(delete(PageChange).where(PageChange.page_id == draft_id))
    session.execute(
        update(RolePage)
        .where(RolePage.id == draft_id)
        .values(published=True)
        .execution_options(synchronize_session="fetch")
    )
    _mark(session, draft_id, by=by, now=now)
    return _keep(session, role_id, content, {"makers": makers}, by=by, now=now, note=note)


def _lock_published(session: Session, role_id: int) -> int | None:
    """Hold the published page until the transaction ends; None where there is none."""
    page_id = session.scalar(
        select(RolePage.id).where(RolePage.role_id == role_id, RolePage.published)
    )
    return None if page_id is None else lock(session, page_id)


def _locked_draft(session: Session, role_id: int) -> tuple[int, int]:
    """Hold the draft until the transaction ends and return its id and revision."""
    draft_id = draft_of(session, role_id)
    if draft_id is None:
        raise Conflict(Wording("There is no draft any more: it is published or thrown away."))
    lock(session, draft_id)
    revision = session.scalar(
        select(RolePage.revision).where(RolePage.id == draft_id, ~RolePage.published)
    )
    if revision is None:
        raise Conflict(Wording("Somebody has published this page in the meantime."))
    return draft_id, revision


def _drop(session: Session, draft_id: int) -> None:
    session.execute(
        delete(RolePage)
        .where(RolePage.id == draft_id)
        .execution_options(synchronize_session="fetch")
    )


def _mark(session: Session, page_id: int, *, by: int | None, now: datetime) -> None:
    session.execute(
        update(RolePage)
        .where(RolePage.id == page_id)
        .values(changed_at=now, changed_by_id=by)
        .execution_options(synchronize_session="fetch")
    )


def _makers(session: Session, draft_id: int) -> list[int]:
    """Return who has changed the draft, in the order of their first change."""
    rows = session.execute(
        select(PageChange.person_id, func.min(PageChange.revision))
        .where(PageChange.page_id == draft_id, PageChange.person_id.is_not(None))
        .group_by(PageChange.person_id)
        .order_by(func.min(PageChange.revision))
    )
    return [person_id for person_id, _first in rows if person_id is not None]


def _latest(session: Session, role_id: int) -> int:
    newest = select(func.max(RolePageVersion.number)).where(RolePageVersion.role_id == role_id)
    return session.scalar(newest) or 0


def _keep_first(session: Session, role_id: int, before: PageContent, *, now: datetime) -> None:
    """Keep a page as it was before its first draft, where no version of it is kept."""
    if not _latest(session, role_id):
        _keep(session, role_id, before, {"first": True}, by=None, now=now)


def _keep(
    session: Session,
    role_id: int,
    content: PageContent,
    said: Mapping[str, Any],
    *,
    by: int | None,
    now: datetime,
    note: str = "",
) -> RolePageVersion:
    kept = RolePageVersion(
        role_id=role_id,
        number=_latest(session, role_id) + 1,
        content={**to_json(content), **said},
        note=note,
        published_at=now,
        published_by_id=by,
    )
    session.add(kept)
    session.flush()
    return kept


def _with_successors(session: Session, content: PageContent) -> PageContent:
    """Return the content with the successors of what is retired; an item stands there once."""
    rows = session.execute(
        select(Item.id, Item.successor_id).where(
            Item.id.in_(sorted(content.item_ids())),
            Item.status == Status.RETIRED.value,
            Item.successor_id.is_not(None),
        )
    )
    after = {old: new for old, new in rows if new is not None}
    if not after:
        return content
    seen = {item_id for item_id in content.item_ids() if item_id not in after}
    sections = []
    for section in content.sections:
        pins: list[PinContent] = []
        for pin in section.pins:
            item_id = after.get(pin.item_id, pin.item_id)
            if pin.item_id in after and item_id in seen:
                continue
            seen.add(item_id)
            pins.append(replace(pin, item_id=item_id))
        sections.append(replace(section, pins=tuple(pins)))
    return replace(content, sections=tuple(sections))

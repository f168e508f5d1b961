"""What the pages about a draft as a whole show, and those about versions, in words."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access import Viewer
from app.curation import audiences, desk, history, preview, rights
from app.curation.audiences import Choice
from app.curation.beside import Doubtful, Popular, Stale
from app.curation.changes import done_since
from app.curation.content import NOTHING, PageContent
from app.curation.differences import differences
from app.curation.forms import PublishForm
from app.curation.history import Version
from app.curation.laying import content_of
from app.curation.preview import Preview, Reader
from app.curation.replacements import Hole
from app.curation.told import Told, done_words, told
from app.models import Person, RolePage, Section
from app.people.queries import roles_in_order
from app.web.i18n import day


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """What publishing a draft would change; `meanwhile` is what others did since it was read."""

    page: RolePage
    is_first: bool
    changes: list[Told]
    meanwhile: list[str]
    form: PublishForm


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviewPage:
    """A draft as a reader sees it, and as whom else it can be seen."""

    page: RolePage
    reader: Reader
    seen: Preview
    role_options: list[tuple[str, str, bool]]
    people: list[Person]
    text: str
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    """A pin that wants a look, and why in words."""

    pin_id: int
    item_id: int
    title: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestions:
    """What stands beside the editor; `sections` are (id, title) pairs to pin to."""

    page: RolePage
    holes: Sequence[Hole]
    popular: Sequence[Popular]
    doubts: list[Doubt]
    sections: list[tuple[int, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionLine:
    """One version in the list, in words."""

    version: Version
    said: str
    makers: str


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """The versions of a page; `latest` is the number that readers see."""

    page: RolePage
    lines: list[VersionLine]
    latest: int
    may_change: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionPage:
    """One version: what it changed, what going back to it would change, and all that is in it.

    `sections` are titles with the items that the reader may know of, None for each other one.
    """

    page: RolePage
    line: VersionLine
    changed: list[Told]
    back: list[Told]
    sections: list[tuple[str, list[str | None]]]
    latest: int
    may_change: bool


def review_page(
    session: Session, draft: RolePage, viewer: Viewer, *, form: PublishForm, since: int | None
) -> Review:
    """Gather what publishing a draft would change; `since` is a revision that is not the present.

    The form then stands for the present one, so that sending it again publishes what is shown.
    """
    published = desk.published_page(session, draft.role_id)
    before = content_of(session, published.id) if published else NOTHING
    after = content_of(session, draft.id)
    tokens = _tokens(viewer, draft)
    meanwhile = []
    if since is not None:
        found = done_since(session, draft.id, revision=since, tokens=tokens)
        meanwhile = [done_words(one) for one in found]
    form.revision.raw_data = [str(draft.revision)]
    form.revision.data = draft.revision
    return Review(
        page=draft,
        is_first=published is None,
        changes=_changes(session, before, after, viewer, draft),
        meanwhile=meanwhile,
        form=form,
    )


def preview_page(
    session: Session, page: RolePage, reader: Reader, viewer: Viewer, *, text: str, on: date
) -> PreviewPage:
    """Gather a draft as a reader sees it; `text` is a name for which people are offered."""
    return PreviewPage(
        page=page,
        reader=reader,
        seen=preview.seen_as(session, page, reader, known_to=_tokens(viewer, page), on=on),
        role_options=[
            (f"role:{role.slug}", role.name, reader.key == f"role:{role.slug}")
            for role in roles_in_order(session)
        ],
        people=preview.people_called(session, text),
        text=text,
        on=on,
    )


def suggestions_page(
    session: Session,
    page: RolePage,
    *,
    holes: Sequence[Hole],
    popular: Sequence[Popular],
    never_opened: Sequence[Doubtful],
    stale: Sequence[Doubtful],
) -> Suggestions:
    """Gather the suggestions in words; a pin that is stale and unopened is named once."""
    named = {one.pin_id for one in stale}
    unopened = [one for one in never_opened if one.pin_id not in named]
    sections = session.execute(
        select(Section.id, Section.title)
        .where(Section.page_id == page.id)
        .order_by(Section.position, Section.id)
    )
    return Suggestions(
        page=page,
        holes=holes,
        popular=popular,
        doubts=[_doubt(one) for one in [*stale, *unopened]],
        sections=[(row[0], row[1]) for row in sections],
    )


def history_page(session: Session, page: RolePage, viewer: Viewer, *, on: date) -> History:
    """Gather the versions of a page."""
    found = history.versions(session, page.role_id)
    items = {item_id for version in found for item_id in version.replaced}
    titles = history.titles_of(session, items, tokens=_tokens(viewer, page))
    standing = rights.standing_of(session, page.role_id, viewer.id, on=on)
    return History(
        page=page,
        lines=[_line(version, titles) for version in found],
        latest=found[0].number if found else 0,
        may_change=standing.may_change,
    )


def version_page(
    session: Session,
    page: RolePage,
    version: Version,
    before: PageContent,
    viewer: Viewer,
    *,
    on: date,
) -> VersionPage:
    """Gather one version; what going back would change is against what readers see now."""
    published = desk.published_page(session, page.role_id)
    now = content_of(session, published.id) if published else NOTHING
    items = version.content.item_ids() | set(version.replaced)
    titles = history.titles_of(session, items, tokens=_tokens(viewer, page))
    standing = rights.standing_of(session, page.role_id, viewer.id, on=on)
    return VersionPage(
        page=page,
        line=_line(version, titles),
        changed=[]
        if version.is_first
        else _changes(session, before, version.content, viewer, page),
        back=_changes(session, now, version.content, viewer, page),
        sections=[
            (section.title, [titles.get(pin.item_id) for pin in section.pins])
            for section in version.content.sections
        ],
        latest=history.latest_number(session, page.role_id),
        may_change=standing.may_change and published is not None,
    )


def _changes(
    session: Session, before: PageContent, after: PageContent, viewer: Viewer, page: RolePage
) -> list[Told]:
    items = before.item_ids() | after.item_ids()
    titles = history.titles_of(session, items, tokens=_tokens(viewer, page))
    known: list[Choice] = audiences.choices(session) if _names_somebody(before, after) else []
    return told(differences(before, after), titles, known)


def _names_somebody(*pages: PageContent) -> bool:
    """Tell whether any audience of these pages is more than everybody."""
    own = (pin.audience for page in pages for _section, pin in page.pins())
    return any(page.audience != ("everyone",) for page in pages) or any(own)


def _doubt(one: Doubtful) -> Doubt:
    words = {
        None: _("Nobody has opened it since it was pinned."),
        Stale.BROKEN: _("Its link is broken."),
        Stale.REVIEW_DUE: _("It was due for a review on %(day)s.", day=_day(one.day)),
        Stale.LEAVING: _("It leaves on %(day)s.", day=_day(one.day)),
        Stale.OLD: _("It is from %(day)s and was not reviewed since.", day=_day(one.day)),
    }
    return Doubt(pin_id=one.pin_id, item_id=one.item_id, title=one.title, why=words[one.stale])


def _day(value: date | None) -> str:
    return day(value) if value else ""


def _line(version: Version, titles: dict[int, str]) -> VersionLine:
    return VersionLine(
        version=version,
        said=_said(version, titles),
        makers=_list_of(name for name in version.makers if name != version.who),
    )


def _said(version: Version, titles: dict[int, str]) -> str:
    if version.is_first:
        return _("The page as it was before its first draft")
    if version.back_to is not None:
        return _(
            "Back to version %(number)s, by %(name)s", number=version.back_to, name=version.who
        )
    if version.replaced:
        other = _("an item for other readers")
        old, new = (titles.get(item_id) or other for item_id in version.replaced)
        return _("“%(new)s” took the place of “%(old)s” everywhere", old=old, new=new)
    return _("Published by %(name)s", name=version.who or _("somebody who has left"))


def _list_of(names: Iterable[str]) -> str:
    return ", ".join(names)


def _tokens(viewer: Viewer, page: RolePage) -> frozenset[str]:
    return viewer.tokens | {f"role:{page.role.slug}"}

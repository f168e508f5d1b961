"""What the reader sees of suggestions: groups of options, in words, each with its address."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import url_for
from flask_babel import gettext as _

from app.discover.address import Ask
from app.discover.contexts import address
from app.discover.experts import Expert
from app.discover.labels import value_label
from app.discover.remembering import ask_of
from app.discover.suggest_queries import NamedItem, Place
from app.discover.suggesting import Suggested
from app.models import RecentSearch
from search.highlight import highlight
from search.query import Query, parse

Fragments = Sequence[tuple[str, bool]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One suggestion. `kind` is an item's; other options have an `icon` of their own."""

    title: Fragments
    url: str
    detail: str = ""
    icon: str = ""
    kind: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Suggestions of one sort, under a heading."""

    name: str
    heading: str
    options: tuple[Option, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestions:
    """All suggestions for a text. `search_url` searches for it; it is empty without a text."""

    text: str
    search_url: str
    groups: tuple[Group, ...]

    @property
    def count(self) -> int:
        """Return how many options there are."""
        return bool(self.search_url) + sum(len(group.options) for group in self.groups)


def suggestions(found: Suggested) -> Suggestions:
    """Put what was found into words and addresses."""
    text = found.text.strip()
    return Suggestions(
        text=text,
        search_url=address(Ask(text=text)) if text else "",
        groups=tuple(_groups(found, parse(found.text))),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptSearch:
    """One search that is kept, as its owner sees it."""

    id: int
    text: str
    url: str
    results: int
    filtered: bool
    at: datetime


def kept_searches(found: Iterable[RecentSearch]) -> list[KeptSearch]:
    """Return what a person searched for, with the addresses that ask it again."""
    return [_kept(search) for search in found]


def _kept(search: RecentSearch) -> KeptSearch:
    ask = ask_of(search)
    return KeptSearch(
        id=search.id,
        text=search.text,
        url=address(ask),
        results=search.results,
        filtered=bool(ask.filters),
        at=search.searched_at,
    )


def _groups(found: Suggested, query: Query) -> Iterator[Group]:
    filled: tuple[tuple[str, str, Iterable[Option]], ...] = (
        ("recent", _("Searched lately"), (_recent(each, query) for each in found.recent)),
        ("items", _("Items"), (_item(each, query) for each in found.items)),
        ("channels", _("Channels"), (_item(each, query) for each in found.channels)),
        ("skills", _("Skills"), (_skill(each, query) for each in found.skills)),
        ("pages", _("Role pages"), (_page(each, query) for each in found.pages)),
        ("people", _("Know about this"), (_expert(each) for each in found.people)),
    )
    for name, heading, options in filled:
        if listed := tuple(options):
            yield Group(name=name, heading=heading, options=listed)


def _recent(search: RecentSearch, query: Query) -> Option:
    ask = ask_of(search)
    return Option(
        title=_marked(search.text, query),
        url=address(ask),
        detail=_("with filters") if ask.filters else "",
        icon="history",
    )


def _item(item: NamedItem, query: Query) -> Option:
    return Option(
        title=_marked(item.title, query, item.language),
        url=url_for("discover.item", item_id=item.id),
        detail=f"{value_label('kind', item.kind, {})} · {item.tool_name}",
        kind=item.kind,
    )


def _skill(skill: Place, query: Query) -> Option:
    return Option(
        title=_marked(skill.name, query),
        url=address(Ask(filters={"skill": (skill.slug,)})),
        icon="hash",
    )


def _page(page: Place, query: Query) -> Option:
    return Option(
        title=_marked(page.name, query),
        url=url_for("curation.role_page", slug=page.slug),
        detail=page.title if page.title != page.name else "",
        icon="map",
    )


def _expert(expert: Expert) -> Option:
    return Option(
        title=[(expert.name, False)],
        url=url_for("suggest.person", person_id=expert.person_id),
        detail=expert.topic,
        icon="user-round",
    )


def _marked(text: str, query: Query, language: str = "en") -> Fragments:
    if not query.wanted:
        return [(text, False)]
    return [(each.text, each.match) for each in highlight(text, query, language, prefix=True)]

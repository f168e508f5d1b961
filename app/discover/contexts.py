"""What the reader sees of a search: sentences, rows, facets, chips and addresses."""

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from textwrap import shorten
from urllib.parse import urlencode

from flask import url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from app.activity.cards import Card
from app.discover.address import PAGE_SIZE, Ask
from app.discover.finding import Found, WayOut
from app.discover.labels import Names, facet_label, range_label, sort_labels, value_label
from app.discover.queries import PinPlace
from app.web.paging import PageLinks, Paging, page_links
from search.document import Sort
from search.highlight import Fragment, highlight, snippet
from search.query import Field, Leaf, Not, Or, Part
from search.ranges import Range
from search.rank import ALL_WORDS

SNIPPET_WIDTH = 220
Fragments = Sequence[tuple[str, bool]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One result. `also` are its duplicates; `pinned_here` is None unless a curator is adding.

    `skills` are those in which the words were found, where nothing else in the row shows them.
    """

    card: Card
    title: Fragments
    snippet: Fragments
    badges: tuple[str, ...]
    skills: tuple[Fragments, ...] = ()
    also: tuple[Card, ...] = ()
    pinned_here: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """One value of a facet, in words."""

    value: str
    label: str
    count: int
    selected: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FacetView:
    """One facet, in words."""

    name: str
    legend: str
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Chip:
    """One thing that narrows the results, and the address without it."""

    label: str
    remove_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """An address to go to, in words."""

    label: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """What was taken for words that nothing holds, and the address that takes them as typed."""

    sentence: str
    exact: Choice


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """For whom the results are ordered, in words, and the other way to order them."""

    now: str
    other: Choice


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepForm:
    """What is sent to keep this search: a name for it, and what its address asks."""

    name: str
    asked: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Help:
    """What helps when nothing was found."""

    ways_out: tuple[Choice, ...]
    suggestions: tuple[Choice, ...]
    channels: tuple[Card, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PinBar:
    """Where a curator is adding to, and the way back to the page's edit view."""

    section_id: int
    sentence: str
    done_url: str


@dataclass(frozen=True, kw_only=True)
class SearchPage:
    """The whole search page. Without an index, `building` is True and the rest is empty."""

    ask: Ask
    heading: str
    rows: tuple[Row, ...] = ()
    facets: tuple[FacetView, ...] = ()
    chips: tuple[Chip, ...] = ()
    clear_url: str = ""
    sorts: tuple[tuple[str, str, bool], ...] = ()
    pages: PageLinks | None = None
    selected: int = 0
    relaxed: str = ""
    by_meaning: bool = False
    correction: Correction | None = None
    order: Order | None = None
    keep: KeepForm | None = None
    building: bool = False
    help: Help | None = None
    pin: PinBar | None = None
    lead: str = field(default="")


def search_page(found: Found) -> SearchPage:
    """Put what was found into words and addresses."""
    ask = found.ask
    chips = tuple(_chips(found))
    return SearchPage(
        ask=ask,
        heading=_heading(ask, _searched(found), found.results.total),
        lead=_lead(ask, found.results.total, chips),
        rows=tuple(_rows(found)),
        facets=tuple(_facets(found)),
        chips=chips,
        clear_url=address(ask.unfiltered()) if ask.filters else "",
        sorts=tuple(_sorts(ask)),
        pages=_pages(ask, found.results.shown),
        selected=sum(len(values) for values in ask.filters.values()),
        relaxed=_relaxed(found),
        by_meaning=found.results.by_meaning,
        correction=_correction(found),
        order=_order(found),
        keep=_keep_form(ask, chips) if found.place is None else None,
        help=_help(found) if found.results.total == 0 else None,
        pin=_pin_bar(found.place) if found.place else None,
    )


def page_without_index(ask: Ask) -> SearchPage:
    """Return what is shown while there is no index."""
    return SearchPage(ask=ask, heading=_("Search is being prepared"), building=True)


def address(ask: Ask) -> str:
    """Return the address that asks this."""
    return url_for("discover.search", **ask.arguments())


def _searched(found: Found) -> str:
    """Return the words as they were searched for: what was typed, with its typos corrected."""
    text = found.ask.text.strip()
    for each in found.results.corrections:
        word, taken = rf"(?<!\w){re.escape(each.typed)}(?!\w)", each.taken.replace("\\", r"\\")
        text = re.sub(word, taken, text, flags=re.IGNORECASE)
    return text


def _heading(ask: Ask, text: str, total: int) -> str:
    if text and not total:
        return _("Nothing found for “%(text)s”", text=text)
    if text:
        return ngettext(
            "%(num)s result for “%(text)s”", "%(num)s results for “%(text)s”", total, text=text
        )
    if ask.filters:
        return ngettext("%(num)s result", "%(num)s results", total)
    return _("Everything you can learn with")


def _lead(ask: Ask, total: int, chips: Sequence[Chip]) -> str:
    """Return the line below the heading: how much there is, or how an empty answer came about."""
    if ask.is_empty:
        return ngettext("%(num)s item", "%(num)s items", total)
    if total:
        return ""
    if chips:
        labels = ", ".join(chip.label for chip in chips)
        return _("We looked only at: %(filters)s.", filters=labels)
    return _("We looked through everything you have access to.")


def _keep_form(ask: Ask, chips: Sequence[Chip]) -> KeepForm | None:
    if ask.is_empty:
        return None
    name = ask.text.strip() or ", ".join(chip.label for chip in chips)
    return KeepForm(name=name, asked=urlencode(ask.at(1).arguments(), doseq=True))


def _correction(found: Found) -> Correction | None:
    """Return the sentence that tells which words were taken for which others."""
    taken = found.results.corrections
    if not taken:
        return None
    pairs = ", ".join(
        _("“%(taken)s” instead of “%(typed)s”", taken=each.taken, typed=each.typed)
        for each in taken
    )
    exact = Choice(label=_("Search for exactly what I typed"), url=address(found.ask.exactly()))
    return Correction(sentence=_("No exact match. Showing %(pairs)s.", pairs=pairs), exact=exact)


def _relaxed(found: Found) -> str:
    """Return the sentence that tells that not all the words were asked for."""
    if not found.results.relaxed:
        return ""
    if any(ALL_WORDS in hit.boosts for hit in found.results.hits):
        return _("Only a few results have all of these words. Others with some of them follow.")
    return _("Nothing has all of these words, so here is what has some of them.")


def _order(found: Found) -> Order | None:
    """Return for whom the results are ordered, and the switch to the other order."""
    ask = found.ask
    if ask.sort is not Sort.RELEVANCE or not found.query.wanted or not found.cards:
        return None
    if ask.plain:
        mine = Choice(label=_("Order them for me"), url=address(ask.for_anybody(plain=False)))
        return Order(now=_("In the order for anybody."), other=mine)
    plain = Choice(label=_("Leave that out"), url=address(ask.for_anybody()))
    now = _("Your role, your languages and what you learn count a little.")
    return Order(now=now, other=plain)


def _sorts(ask: Ask) -> Iterator[tuple[str, str, bool]]:
    for sort, label in sort_labels(by_words=bool(ask.text.strip())).items():
        yield sort.value, label, sort is ask.sort


def _rows(found: Found) -> Iterator[Row]:
    lifts = {hit.id: hit.boosts for hit in found.results.hits}
    for card in found.cards:
        title, snippet_ = _title(found, card), _snippet(found, card)
        yield Row(
            card=card,
            title=title,
            snippet=snippet_,
            badges=tuple(_badges(found, card, lifts[card.id])),
            skills=() if _has_mark(title) or _has_mark(snippet_) else _skills(found, card),
            also=found.also.get(card.id, ()),
            pinned_here=card.id in found.place.pinned if found.place else None,
        )


def _title(found: Found, card: Card) -> Fragments:
    if not found.query.wanted:
        return [(card.title, False)]
    return _highlighted(found, card, card.title)


def _skills(found: Found, card: Card) -> tuple[Fragments, ...]:
    """Return the skills that have the words, unless the name of the tool shows them already."""
    if _has_mark(_highlighted(found, card, card.tool_name)):
        return ()
    skills = (_highlighted(found, card, name) for name in card.skills)
    return tuple(each for each in skills if _has_mark(each))


def _highlighted(found: Found, card: Card, text: str) -> Fragments:
    return _marked(
        highlight(text, found.asked, card.language, prefix=True, synonyms=found.synonyms)
    )


def _has_mark(fragments: Fragments) -> bool:
    return any(is_match for _text, is_match in fragments)


def _snippet(found: Found, card: Card) -> Fragments:
    """Return the best place of the summary; without words to look for, its beginning."""
    if not card.summary:
        return ()
    if not found.query.wanted:
        return [(shorten(card.summary, SNIPPET_WIDTH, placeholder="…"), False)]
    return _marked(
        snippet(
            card.summary,
            found.asked,
            card.language,
            SNIPPET_WIDTH,
            prefix=True,
            synonyms=found.synonyms,
        )
    )


def _marked(fragments: Iterable[Fragment]) -> Fragments:
    return [(fragment.text, fragment.match) for fragment in fragments]


def _badges(found: Found, card: Card, lifts: Collection[str]) -> Iterator[str]:
    if card.id in found.pinned:
        yield _("Pinned for your role")
    elif "liking" in lifts:
        yield _("Suits what you learn")
    if card.id in found.playlists:
        yield _("In your playlist “%(title)s”", title=found.playlists[card.id])
    if card.saved:
        yield _("Saved")


def _facets(found: Found) -> Iterator[FacetView]:
    for name, facet in found.results.facets.items():
        values = tuple(
            Value(
                value=each.value,
                label=value_label(name, each.value, found.names),
                count=each.count,
                selected=each.selected,
            )
            for each in facet.values
        )
        if values:
            yield FacetView(name=name, legend=facet_label(name), values=values)


def _chips(found: Found) -> Iterator[Chip]:
    """List what narrows the results: ticked values, then fields and exclusions that were typed."""
    for name, values in found.ask.filters.items():
        for value in values:
            label = value_label(name, value, found.names)
            yield Chip(label=label, remove_url=address(found.ask.without(name, value)))
    for part in found.query.parts:
        if label := _part_label(part, found.names):
            left = found.query.without(part).text
            yield Chip(label=label, remove_url=address(found.ask.saying(left)))


def _part_label(part: Part, names: Names) -> str:
    """Return the words for a typed field or exclusion; other parts are no chips."""
    if isinstance(part, Not):
        return _("without %(what)s", what=_leaf_label(part.part, names))
    if isinstance(part, Or) and all(isinstance(leaf, Field) for leaf in part.parts):
        labels = [_leaf_label(leaf, names) for leaf in part.parts]
        return _(" or ").join(labels)
    return _leaf_label(part, names) if isinstance(part, Field | Range) else ""


def _leaf_label(leaf: Leaf, names: Names) -> str:
    if isinstance(leaf, Field):
        return value_label(leaf.name, leaf.value, names)
    if isinstance(leaf, Range):
        return range_label(leaf)
    return _("“%(text)s”", text=leaf.text)


def _pages(ask: Ask, total: int) -> PageLinks | None:
    paging = Paging(number=ask.page, size=PAGE_SIZE, total=total)
    if paging.count == 1:
        return None
    return page_links(paging, lambda number: address(ask.at(number)))


def _help(found: Found) -> Help:
    return Help(
        ways_out=tuple(_way_out(way, found.names) for way in found.ways_out),
        suggestions=tuple(
            Choice(label=text, url=address(found.ask.saying(text))) for text in found.suggestions
        ),
        channels=tuple(found.channels),
    )


def _way_out(way: WayOut, names: Names) -> Choice:
    results = ngettext("%(num)s result", "%(num)s results", way.total)
    if way.part is not None:
        label = _part_label(way.part, names)
    else:
        label = value_label(way.facet, way.value, names) if way.facet else ""
    if label:
        text = _("Remove “%(filter)s”: %(results)s", filter=label, results=results)
    else:
        text = _("Leave out the words: %(results)s", results=results)
    return Choice(label=text, url=address(way.ask))


def _pin_bar(place: PinPlace) -> PinBar:
    return PinBar(
        section_id=place.section_id,
        sentence=_(
            "Adding to “%(section)s” on the %(role)s page",
            section=place.section,
            role=place.role_name,
        ),
        done_url=url_for("curation.edit", slug=place.role),
    )

"""A document as the engines store it: every text analysed, every order a number.

Both engines index exactly these fields, so that they find, count and order alike.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from search import rank
from search.completion import COMPLETES, completion_terms, write_title
from search.document import Document, facet_values
from search.plan import LONGEST_PREFIX, SHORTEST_PREFIX, STARTS, TEXT
from search.ranges import MINUTES, PUBLISHED
from search.spelling import vocabulary
from search.text import Token, analyse, fold, readable_text

BREAK = "|"  # a term that no text has: phrases do not reach across it
SEPARATOR = "\x1f"
TITLE, AUDIENCE, SKILL_KEY = "title", "audience", "skill_key"
IN_TITLE = {TEXT: TITLE, STARTS: COMPLETES}  # what of a field is the title's alone, by field
GROUP = "group"
NUMBERS = ("facts", GROUP, "browse", "newest", "shortest")

RANGED = (MINUTES, PUBLISHED)


@dataclass(frozen=True, slots=True)
class Entry:
    """What is written for one document.

    `text` and `title` are terms in order, `starts` the beginnings of words that may be
    unfinished, `completes` what completes a search box, with the title as `shown`. `title_key`
    sorts titles; `skill_keys` show a skill's name, one for each word that it may be begun with.
    `facts` are what ranking needs, in one number, `group` tells its duplicates.
    """

    id: int
    text: tuple[str, ...]
    title: frozenset[str]
    starts: frozenset[str]
    completes: frozenset[str]
    shown: str
    values: dict[str, frozenset[str]]
    audience: frozenset[str]
    skill_keys: frozenset[str]
    title_key: str
    facts: int
    group: int
    browse: int
    newest: int
    shortest: int
    vocabulary: frozenset[str]
    minutes: int | None
    published: int | None


def entry(document: Document) -> Entry:
    """Analyse a document."""
    title = analyse(document.title, document.language)
    skills = [analyse(name, document.language) for name in document.skill_names]
    shown_title = readable_text(document.title)
    return Entry(
        id=document.id,
        text=_pool(document, title, skills),
        title=frozenset(token.term for token in title),
        starts=frozenset(start for tokens in (title, *skills) for start in _starts(tokens)),
        completes=completion_terms(title),
        shown=write_title(shown_title, title),
        values=facet_values(document),
        audience=document.audience,
        skill_keys=frozenset(_skill_keys(document.skill_names, skills)),
        title_key=SEPARATOR.join((_sort_key(shown_title), f"{document.id:016d}")),
        facts=rank.pack(document),
        group=rank.group_key(document),
        browse=rank.browse_key(document),
        newest=rank.newest_key(document),
        shortest=rank.shortest_key(document),
        vocabulary=frozenset(_vocabulary(document, title, skills)),
        minutes=None if document.minutes is None else max(0, document.minutes),
        published=document.published.toordinal() if document.published else None,
    )


def skill_name(key: str) -> str:
    """Give back the name that a skill key was made from."""
    return key.rpartition(SEPARATOR)[2]


def _vocabulary(document: Document, title: list[Token], skills: list[list[Token]]) -> Iterator[str]:
    """List the words of title, skills and tool as people read them."""
    yield from vocabulary(document.title, title)
    yield from vocabulary(document.tool_name, analyse(document.tool_name, document.language))
    for name, tokens in zip(document.skill_names, skills, strict=True):
        yield from vocabulary(name, tokens)


def _pool(document: Document, title: list[Token], skills: list[list[Token]]) -> tuple[str, ...]:
    """Put all texts into one, each as often as its weight says, with breaks in between."""
    tool = analyse(document.tool_name, document.language)
    body = analyse(document.body, document.language)
    parts = [("title", title), ("tool", tool), ("body", body)]
    parts += [("skills", tokens) for tokens in skills]
    return tuple(
        term
        for name, tokens in parts
        if tokens
        for _ in range(rank.WEIGHTS[name])
        for term in _in_order(tokens)
    )


def _in_order(tokens: list[Token]) -> Iterator[str]:
    """List terms so that phrases fit: the words first, what stands over them behind a break."""
    yield from (token.term for token in tokens if not token.extra)
    yield BREAK
    yield from (token.term for token in tokens if token.extra)


def _starts(tokens: list[Token]) -> Iterator[str]:
    for token in tokens:
        yield from _beginnings(token.word)


@lru_cache(maxsize=50_000)
def _beginnings(word: str) -> tuple[str, ...]:
    longest = min(len(word), LONGEST_PREFIX)
    return tuple(word[:length] for length in range(SHORTEST_PREFIX, longest + 1))


def _skill_keys(names: Iterable[str], skills: Iterable[list[Token]]) -> Iterator[str]:
    for name, tokens in zip(names, skills, strict=True):
        yield from (SEPARATOR.join((token.word, name)) for token in tokens)


def _sort_key(title: str) -> str:
    """Sort by the first letter or digit, not by quotes and brackets before it."""
    folded = fold(title).replace(SEPARATOR, " ")
    return folded.lstrip("".join({char for char in folded if not char.isalnum()}))

"""Documents to search in, and the slow but obvious way to find them."""

from dataclasses import replace
from datetime import date

from hypothesis import strategies as st

from search.document import FACETS, Document, Request, facet_values
from search.engine import FEW
from search.plan import merge_filters, required
from search.query import Field, Or, Word
from search.ranges import MINUTES, Range
from search.text import analyse, is_stopword

EVERYONE = frozenset({"everyone"})
WORDS = ("budget", "audit", "python", "safety", "welding", "leading")

PLAIN = Document(
    id=1,
    title="Untitled",
    body="",
    kind="video",
    tool="moodle",
    roles=("engineer",),
    skills=("python",),
    skill_names=("Python",),
    tool_name="Our Moodle",
    level="beginner",
    language="en",
    minutes=12,
    published=date(2026, 3, 1),
    quality=0.5,
    audience=EVERYONE,
)


def document(number, title="Untitled", body="", **changes):
    """Make a document like the plain one, with no skills or tool words to be found by."""
    bare = {"skills": (), "skill_names": (), "tool_name": "", **changes}
    return replace(PLAIN, id=number, title=title, body=body, **bare)


def _some(values, largest=2):
    return st.lists(st.sampled_from(values), max_size=largest, unique=True).map(tuple)


_texts = st.lists(st.sampled_from(WORDS), max_size=4).map(" ".join)
tokens = st.sets(st.sampled_from(("everyone", "role:a", "dept:b"))).map(frozenset)
_bodies = st.builds(
    document,
    st.just(0),
    _texts,
    _texts,
    kind=st.sampled_from(("video", "course", "podcast")),
    tool=st.sampled_from(("moodle", "wiki")),
    roles=_some(("engineer", "seller")),
    skills=_some(("python", "welding")),
    level=st.sampled_from((None, "beginner", "advanced")),
    language=st.sampled_from(("en", "de", "ja")),
    minutes=st.sampled_from((None, 5, 20, 60, 90)),
    published=st.sampled_from((None, date(2026, 3, 1), date(2025, 12, 31))),
    audience=tokens,
)
libraries = st.lists(_bodies, min_size=1, max_size=25).map(
    lambda bodies: [replace(body, id=number) for number, body in enumerate(bodies, start=1)]
)
filters = st.fixed_dictionaries(
    {},
    optional={
        "kind": st.sets(st.sampled_from(("video", "course", "event"))).map(frozenset),
        "skill": st.sets(st.sampled_from(("python", "welding"))).map(frozenset),
        "time": st.sets(st.sampled_from(("under-10", "30-60", "unknown"))).map(frozenset),
        "language": st.sets(st.sampled_from(("en", "de"))).map(frozenset),
    },
)
_BOUNDS = ("under:20m", "over:5m", "-under:1h", "updated:2026", "-updated:2025-12")
_BOUNDS_IN_TURN = ("under:10m OR over:60m", "updated:2026 OR updated:2025-12-31")
questions = st.lists(
    st.sampled_from(
        (
            *WORDS,
            *(f"-{word}" for word in WORDS),
            *_BOUNDS,
            *_BOUNDS_IN_TURN,
            "kind:video",
            "audit OR python",
        )
    ),
    max_size=4,
).map(" ".join)


def expected(documents, request: Request):
    """Find ids and facet counts the slow way: one document after the other."""
    ticked = merge_filters(request.filters, request.query.filters)
    words = dict.fromkeys(part.text for part in request.query.wanted if isinstance(part, Word))
    needed = required(len([word for word in words if not is_stopword(word)]))
    if needed > 1 and len(_matching(documents, request, {}, needed)) < FEW:
        needed = 1
    found = _matching(documents, request, ticked, needed)
    facets = {}
    for name in FACETS:
        others = {key: values for key, values in ticked.items() if key != name}
        facets[name] = _tally(_matching(documents, request, others, needed), name)
        facets[name].update(dict.fromkeys(ticked.get(name, frozenset()) - set(facets[name]), 0))
    return {found.id for found in found}, facets


def _matching(documents, request, ticked, needed):
    return [one for one in documents if _matches(one, request, ticked, needed)]


def _matches(one, request, ticked, needed):
    values = facet_values(one)
    words = [part for part in request.query.wanted if isinstance(part, Word)]
    held = {part.text for part in words if _holds(one, part)}
    return (
        bool(one.audience & request.audience)
        and one.id not in request.exclude
        and (request.only is None or one.id in request.only)
        and all(any(_lies(one, each) for each in choice) for choice in request.query.ranges)
        and all(values[name] & wanted for name, wanted in ticked.items())
        and len(held) >= needed
        and all(
            any(_holds(one, leaf) for leaf in part.parts)
            for part in request.query.wanted
            if isinstance(part, Or)
        )
        and not any(_holds(one, part) for part in request.query.unwanted)
    )


def _lies(one, part):
    known = one.minutes if part.field == MINUTES else one.published and one.published.toordinal()
    low, high = part.low or 0, part.high if part.high is not None else float("inf")
    return known is not None and low <= known <= high


def _holds(one, part):
    if isinstance(part, Range):
        return _lies(one, part)
    if isinstance(part, Field):
        return part.value in facet_values(one)[part.name]
    terms = {token.term for token in analyse(f"{one.title} {one.body}", one.language)}
    return bool({token.term for token in analyse(part.text, one.language)} & terms)


def _tally(documents, name):
    counts: dict[str, int] = {}
    for one in documents:
        for value in facet_values(one)[name]:
            counts[value] = counts.get(value, 0) + 1
    return counts

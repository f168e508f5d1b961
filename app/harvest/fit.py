"""Makes what a tool sends fit to keep: no text that a database refuses, nothing without end.

PostgreSQL keeps no NUL, UTF-8 has no lone surrogates, JSON has no NaN. Whatever a tool puts where a
text, an id or a number is meant, one row at most is not taken for it, and the others come in.
"""

import html
import math
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from app.connectors.base import Did, ErrorKind, Fail, Hit, SourceError, Withdrawn
from app.errors import Wording
from app.intake.text import keepable, plain, web_address

LONGEST_ID = 300
LONGEST_WHAT = 300
LONGEST_CURSOR = 256 * 1024
_LONGEST_HERE = 2000
_MOST_HERE = 40
_DEEPEST_HERE = 8
_NUMBER = 10**15
Told = Did | Withdrawn | Fail


def is_id(value: object) -> bool:
    """Tell whether this can be the id of an item: a text of 1 to 300 characters that print."""
    return isinstance(value, str) and 0 < len(value) <= LONGEST_ID and value.isprintable()


def name_of(value: object) -> str:
    """Return what an item that has no usable id is called among the problems."""
    return keepable(str(value)[:LONGEST_WHAT]).strip() or "?"


def fit_sentence(sentence: str) -> str:
    """Return a sentence that can be kept and shown; the same one where nothing is wrong with it."""
    if keepable(sentence) == sentence:
        return sentence
    return Wording("%(why)s", why=keepable(sentence))


def fit_told(one: Told) -> Told:
    """Return what a tool tells of people with texts and numbers that can be kept.

    A statement whose own id, account or item cannot be kept is a Fail, for no other is the same.
    """
    if isinstance(one, Fail):
        return Fail(name_of(one.what), one.error)
    texts = [one.id]
    if isinstance(one, Did):
        texts += [one.account.name, one.account.home, one.external_id, one.address, one.verb]
        if not isinstance(one.at, datetime) or one.at.tzinfo is None:
            return _unfit(one.id)
        one = replace(one, progress=_share(one.progress), value=_value(one.value))
    if not all(isinstance(text, str) and keepable(text) == text for text in texts):
        return _unfit(one.id)
    return one if one.id else _unfit(one.id)


def fit_hit(hit: Hit, hide: Callable[[str], str]) -> Hit | None:
    """Return an answer of a live search as it can be shown; None without an id or an address."""
    if not is_id(hit.external_id):
        return None
    try:
        url = web_address(hit.url)
    except (ValueError, TypeError):
        return None
    if hide(url) != url:
        return None
    title, summary = (_line(hide(str(text)[:_LONGEST_HERE])) for text in (hit.title, hit.summary))
    return replace(hit, title=title, summary=summary) if title else None


def brief(value: object, *, hide: Callable[[str], str], depth: int = _DEEPEST_HERE) -> Any:
    """Return a value as JSON that is short enough to show: texts, lists and depth are cut.

    `hide` takes out of a text what nobody may see.
    """
    if isinstance(value, str):
        return keepable(hide(value[: _LONGEST_HERE * 2])[:_LONGEST_HERE])
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, int):
        return value if -_NUMBER < value < _NUMBER else "…"
    if not depth:
        return "…"
    if isinstance(value, Mapping):
        some = list(value.items())[:_MOST_HERE]
        return {
            brief(str(name)[:200], hide=hide): brief(one, hide=hide, depth=depth - 1)
            for name, one in some
        }
    if isinstance(value, list | tuple):
        return [brief(one, hide=hide, depth=depth - 1) for one in value[:_MOST_HERE]]
    return keepable(hide(str(value)[:_LONGEST_HERE]))


def _line(text: str) -> str:
    """Return a text without markup, which it has not, on one line and without what hides in it."""
    return plain(html.escape(text, quote=False))


def keep_few(counted: Counter[str], most: int = 2000) -> Counter[str]:
    """Return the most frequent of what was counted, so that it does not grow without end."""
    return counted if len(counted) <= most else Counter(dict(counted.most_common(most)))


def _share(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return min(1.0, max(0.0, float(value)))


def _value(value: object) -> float | None:
    """Return the stars or seconds that a tool gives; None for what is no number from 0 on."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return float(value) if 0 <= value <= _NUMBER else None


def _unfit(own: object) -> Fail:
    why = Wording("The statement has characters that cannot be kept, or no moment.")
    return Fail(name_of(own), SourceError(ErrorKind.SCHEMA, why))

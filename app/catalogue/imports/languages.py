"""Turns language codes as tools write them (eng, en_GB) into BCP 47 tags (en, en-GB)."""

import re

from babel.core import get_global

_TAG = re.compile(r"[a-z]{2,3}(-[a-z]{4})?(-([a-z]{2}|\d{3}))?", re.IGNORECASE)


def language_tag(text: str) -> str:
    """Return the tag in its usual letters, the short code where a language has one.

    Raises ValueError for what is not a language tag.
    """
    tag = text.strip().replace("_", "-")
    if not _TAG.fullmatch(tag):
        raise ValueError("a language is a code such as en, pt-BR or zh-Hans")
    language, *rest = tag.split("-")
    language = get_global("language_aliases").get(language.lower(), language.lower())
    return "-".join([language, *(_usual(part) for part in rest)])


def _usual(part: str) -> str:
    return part.title() if len(part) == 4 else part.upper()

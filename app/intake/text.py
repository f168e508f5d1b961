"""Makes text from outside fit to keep: plain, printable, and addresses that are web addresses."""

import html
import re
import unicodedata
from urllib.parse import urlsplit

import nh3

from app.errors import Wording

_BREAK = re.compile(
    r"<br\s*/?>?|(?=</?(?:p|div|li|ul|ol|h[1-6]|tr|td|th|table|section|blockquote|pre)\b[^<>]*>)",
    re.IGNORECASE,
)
_STRAY = re.compile(r"<(?![/!?]?[a-zA-Z!?-][^<>]*>)")
_MARKUP = re.compile(r"<|&#?\w+;")
# Control characters, lone surrogates, private letters, and marks that cannot be seen: those that
# turn the direction of writing can make one address look like another.
_UNPRINTABLE = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff"
    "\ud800-\udfff\ue000-\uf8ff\ufff9-\ufffb\ufffe\uffff\U000e0000-\U0010ffff]"
)
_UNKEEPABLE = re.compile("[\x00\ud800-\udfff]")
_TAG = re.compile(r"</?[a-zA-Z][^<>]*>")
_MOST_TAGS = 2000  # a parser of HTML takes time that grows with the square of their depth
_SYMBOLS = {"+": "plus", "#": "sharp", "&": "-and-", "@": "-at-"}
_LONGEST_EMAIL = 320
_EMAIL = re.compile(
    r"[^@\s<>()\[\],;:\\\"?&%#]+@([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z0-9-]{2,}", re.IGNORECASE
)


def plain(text: str) -> str:
    """Return the text without markup, control characters and surplus white space."""
    text = _UNPRINTABLE.sub("", text)
    if text.count("<") > _MOST_TAGS:
        text = _TAG.sub(" ", text)
    if _MARKUP.search(text):
        text = html.unescape(nh3.clean(_STRAY.sub("&lt;", _BREAK.sub(" ", text)), tags=set()))
    return " ".join(_UNPRINTABLE.sub("", text).split())


def keepable(text: str) -> str:
    """Return the text with a mark in place of what a database or UTF-8 refuses to keep."""
    return _UNKEEPABLE.sub("\ufffd", text)


def slug(name: str) -> str:
    """Return a name as it stands in tokens and addresses: lower case, words joined by dashes.

    Symbols carry meaning: C, C++ and C# are three. How letters with accents are made up does not.
    """
    text = unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())
    text = re.sub(r"(?<!\w)\.(?=\w)", "dot", text)
    text = re.sub(r"(?<!\w)#(?=\w)", "", text)
    for symbol, word in _SYMBOLS.items():
        text = text.replace(symbol, word)
    return re.sub(r"[\W_]+", "-", text).strip("-")


def title_from(slug_or_name: str) -> str:
    """Return a name for a reader: a slug becomes words, and the first letter a capital."""
    is_slug = slug_or_name == slug(slug_or_name)
    words = slug_or_name.replace("-", " ") if is_slug else slug_or_name
    return words[:1].upper() + words[1:]


def web_address(text: str) -> str:
    """Return the address unchanged; raise ValueError, saying why, for one not to be followed.

    Only http and https, with a host, without user names, backslashes, spaces or control
    characters: browsers repair those in ways that differ from what a reader sees.
    """
    if "\\" in text or any(ord(letter) < 33 or ord(letter) == 127 for letter in text):
        raise ValueError(Wording("an address has no spaces, backslashes or control characters"))
    if _UNPRINTABLE.search(text) or text.split() != [text]:
        raise ValueError(Wording("an address has no invisible characters"))
    try:
        parts = urlsplit(text)
        usable = parts.port != 0 and bool((parts.hostname or "").encode("idna"))
    except ValueError as error:
        raise ValueError(Wording("this is not an address")) from error
    if parts.scheme not in {"http", "https"} or not usable:
        raise ValueError(Wording("an address begins with http:// or https:// and a host"))
    if "@" in parts.netloc:
        raise ValueError(Wording("an address carries no user name or password"))
    return text


def email_address(text: str) -> str:
    """Return the address in lower case; raise ValueError for what is not an e-mail address.

    One with `?`, `&`, `%` or the like is refused: in a link it would say more than an address.
    """
    address = text.strip().lower()
    if len(address) > _LONGEST_EMAIL:
        raise ValueError(f"an e-mail address has at most {_LONGEST_EMAIL} characters")
    if _UNPRINTABLE.search(address) or not _EMAIL.fullmatch(address):
        raise ValueError("this is not an e-mail address such as ada@example.org")
    return address


def shown(value: object, longest: int = 60) -> str:
    """Return any value as it can be quoted in a message: printable and short."""
    text = " ".join(_UNPRINTABLE.sub("", str(value)[: longest * 4]).split())
    return f"“{text[:longest]}…”" if len(text) > longest else f"“{text}”"

"""How text becomes terms: ours, so that ranking and highlighting do not depend on an engine.

A text is cut into pieces, each with its place in the text. Most pieces are one plain word. Some are
written in several ways that mean the same ("ISO 27001", "ISO-27001", "ISO27001"; "e-learning",
"elearning"; "Node.js", "NodeJS"): such a piece has its *words* and one *joined* form, and both are
indexed. Symbols that carry meaning stay: C++, C#, F#, .NET, R&D, P&L, A+.

A word becomes a *term* by folding its accents and cutting it to the stem of its language, marked
with that language ("en:plan"), so that the Spanish stem of "plane" never finds an English "plan".
What has no language (numbers, part numbers, symbols, words of a language without a stemmer) is a
term as it stands. Scripts written without spaces are cut into pairs of characters.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from threading import Lock
from typing import NamedTuple

import snowballstemmer

from search.languages import STEMMERS, STOPWORDS

_MARKS = (
    "\u0300-\u036f\u0483-\u0487\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06dc"
    "\u0900-\u0963\u0966-\u0dff\u1ab0-\u1aff\u1dc0-\u1dff\u200c\u200d"
)
_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17d3\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf"
    "\u4e00-\u9fff\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003fffd"
)
_CHARS = rf"(?>[^\W_{_UNSPACED}]+|[{_MARKS}]+)++"
_PLAIN = rf"""
      (?P<run>    [{_UNSPACED}]+ )
    | (?P<word>   {_CHARS}(?:[-\u2010\u2011._'\u2019,]{_CHARS})*+ )
"""
_SYMBOLS = r"""
      (?P<symbol> (?<![\w.])\.[Nn][Ee][Tt](?!\w)                  # .NET
                | (?<!\w)[A-Za-z]+\+\+(?![A-Za-z+])               # C++, Notepad++, C++17
                | (?<!\w)[A-Za-z]{1,2}\#(?![\w#])                 # C#, F#
                | (?<!\w)[A-Za-z]\+(?![\w+]) )                    # A+
    | (?P<pair>   (?<!\w)[A-Za-z]{1,3}&[A-Za-z]{1,3}(?![\w;])     # R&D, AT&T
                | (?<!\w)[A-Za-z]\ ?&\ ?[A-Za-z](?![\w;]) )       # R & D
    | (?P<code>   (?<!\w)[A-Za-z]{1,2}/\d+(?:[A-Za-z]+|\ [A-Z]{2,})?(?!\w) )  # S/4HANA, S/4 HANA
"""
_PLAIN_PIECE = re.compile(_PLAIN, re.VERBOSE)
_ANY_PIECE = re.compile(f"{_SYMBOLS} | {_PLAIN}", re.VERBOSE)
_MAY_BE_SYMBOL = re.compile(r"[+#&]|\.[Nn][Ee][Tt]|[A-Za-z]/\d")
_HALVES = re.compile("[\ud800-\udfff]")
_UNSPACED_CHAR = re.compile(f"[{_UNSPACED}]")
_JOINERS = re.compile(r"[-\u2010\u2011._]")
_APOSTROPHE = re.compile(r"['\u2019]")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_LETTERS_OR_DIGITS = re.compile(r"[a-z]+|\d+")
_LETTERS_THEN_DIGITS = re.compile(r"([a-z]+)(\d+)")
_ENGLISH_TAILS = frozenset({"s", "t", "re", "ve", "ll", "d", "m"})
_LONGEST_TERM = 40
_OTHER_LETTERS = frozenset({"ar", "el", "fa", "hi", "hy", "ne", "ru", "ta", "yi"})  # not Latin
_FOLDED_PLURALS = {"pt": (("oes", "ao"), ("aes", "ao"))}  # reuniões, capitães
_LETTERS = str.maketrans(
    {"ß": "ss", "ø": "o", "æ": "ae", "œ": "oe", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i"}
)


@dataclass(frozen=True, slots=True)
class Piece:
    """One piece of a text: its words, the form that joins them (or None) and its place.

    `spans` are the character offsets of each word; `start` and `end` of the whole piece.
    """

    words: tuple[str, ...]
    joined: str | None
    start: int
    end: int
    spans: tuple[tuple[int, int], ...]


class Token(NamedTuple):
    """One term of a text and where it stands; `extra` terms stand over words already counted."""

    term: str
    word: str
    start: int
    end: int
    extra: bool = False


def fold(text: str) -> str:
    """Lower the case, unify what is written in several ways, strip Latin and Greek accents."""
    lowered = unicodedata.normalize("NFKC", text).casefold()
    if lowered.isascii():
        return lowered
    kept: list[str] = []
    for char in unicodedata.normalize("NFD", lowered):
        if "\u0300" <= char <= "\u036f" and kept and _takes_accents(kept[-1]):
            continue
        kept.append(char)
    return unicodedata.normalize("NFC", "".join(kept)).translate(_LETTERS)


def readable_text(text: str) -> str:
    """Replace what no file can hold: halves of characters, which some programs make."""
    return _HALVES.sub("\ufffd", text)


def slug(text: str) -> str:
    """Spell a facet value the way addresses do: "Data Analysis" is "data-analysis"."""
    return "-".join(fold(text).split())


def pieces(text: str) -> Iterator[Piece]:
    """Cut a text into pieces, in the order of the text; any text will do."""
    for match in _chunks(text):
        for piece in _read(str(match.lastgroup), match[0]):
            yield _moved(piece, match.start())


def term(word: str, language: str) -> str:
    """Turn a folded word into the term that stands for it in texts of this language."""
    code = language_code(language)
    if code not in STEMMERS or not is_plain(word):
        return word
    return f"{code}:{_stem(word, code)}"


@lru_cache(maxsize=50_000)
def terms(word: str, languages: frozenset[str]) -> tuple[str, ...]:
    """List the terms that a folded word has in any of these languages, none of them twice."""
    return tuple(dict.fromkeys(term(word, language) for language in sorted(languages)))


def language_code(language: str) -> str:
    """Shorten a language tag to its first part: "pt-BR" is "pt"."""
    return re.split("[-_]", language.casefold(), maxsplit=1)[0]


def analyse(text: str, language: str) -> list[Token]:
    """List the terms of a text with their places: words in order, extra forms in between."""
    tokens: list[Token] = []
    names: list[Token] = []  # before a number: ISO 27001, ISO/IEC 27001
    for match in _chunks(text):
        at = match.start()
        between = text[names[-1].end : at] if names else ""
        found = _read_tokens(str(match.lastgroup), match[0], language)
        if between == " " and _is_number(found):
            for name in names:
                joined = name.word + found[0].word
                tokens.append(Token(joined, joined, name.start, at + found[0].end, extra=True))
        for term, word, start, end, extra in found:
            tokens.append(Token(term, word, at + start, at + end, extra))
        is_name = len(found) == 1 and _is_short_name(found[0].word)
        names = [*(names if between == "/" else ()), tokens[-1]] if is_name else []
    return tokens


def is_stopword(word: str) -> bool:
    """Tell whether a folded word carries no meaning of its own in a search box."""
    return word in STOPWORDS


def is_plain(word: str) -> bool:
    """Tell whether a folded word is made of letters alone, in a script that has words."""
    symbols = any(char.isdigit() or char in "+#&." for char in word)
    return not symbols and not _UNSPACED_CHAR.match(word)


def _chunks(text: str) -> Iterator[re.Match[str]]:
    """Find the chunks of a text; most texts hold no symbols and need no search for them."""
    pattern = _ANY_PIECE if _MAY_BE_SYMBOL.search(text) else _PLAIN_PIECE
    return pattern.finditer(text)


@lru_cache(maxsize=100_000)
def _read(kind: str, chunk: str) -> tuple[Piece, ...]:
    """Read a chunk that stands at the beginning of a text; the same words come again and again."""
    return tuple(_READERS[kind](chunk, 0))


@lru_cache(maxsize=200_000)
def _read_tokens(kind: str, chunk: str, language: str) -> tuple[Token, ...]:
    """List the terms of a chunk that stands at the beginning of a text."""
    return tuple(token for piece in _read(kind, chunk) for token in _tokens_of(piece, language))


def _tokens_of(piece: Piece, language: str) -> Iterator[Token]:
    for word, (start, end) in zip(piece.words, piece.spans, strict=True):
        yield Token(term(word, language), word, start, end)
    if piece.joined is not None:
        yield Token(term(piece.joined, language), piece.joined, piece.start, piece.end, extra=True)
    if len(piece.words) > 1 and _UNSPACED_CHAR.match(piece.words[0]):
        for word, (start, _) in zip(piece.words, piece.spans, strict=True):
            yield Token(word[0], word[0], start, start + 1, extra=True)
        yield Token(piece.words[-1][-1], piece.words[-1][-1], piece.end - 1, piece.end, extra=True)


def _moved(piece: Piece, by: int) -> Piece:
    spans = tuple((start + by, end + by) for start, end in piece.spans)
    return Piece(piece.words, piece.joined, piece.start + by, piece.end + by, spans)


@lru_cache(maxsize=10_000)
def _is_short_name(word: str) -> bool:
    """Tell whether a number behind a word may belong to it: "ISO 27001", "HTML 5"."""
    return 2 <= len(word) <= 5 and word.isalpha() and word.isascii() and not is_stopword(word)


def _is_number(found: tuple[Token, ...]) -> bool:
    return len(found) == 1 and found[0].word.isdecimal()


def _read_symbol(chunk: str, start: int) -> Iterator[Piece]:
    end = start + len(chunk)
    yield Piece((fold(chunk),), None, start, end, ((start, end),))


def _read_pair(chunk: str, start: int) -> Iterator[Piece]:
    joined = fold(chunk).replace(" ", "")
    left, _, right = chunk.partition("&")
    end = start + len(chunk)
    spans = ((start, start + len(left.rstrip())), (end - len(right.lstrip()), end))
    words = (fold(left.strip()), fold(right.strip()))
    yield Piece(words, joined, start, end, spans)


def _read_code(chunk: str, start: int) -> Iterator[Piece]:
    """Read "S/4HANA" as s, 4 and hana, and as "s4hana"."""
    parts = list(_LETTERS_OR_DIGITS.finditer(chunk.casefold()))
    words = tuple(part[0] for part in parts)
    spans = tuple((start + part.start(), start + part.end()) for part in parts)
    yield Piece(words, "".join(words), start, start + len(chunk), spans)


def _read_run(chunk: str, start: int) -> Iterator[Piece]:
    end = start + len(chunk)
    if len(chunk) == 1:
        yield Piece((fold(chunk),), None, start, end, ((start, end),))
        return
    places = range(len(chunk) - 1)
    words = tuple(fold(chunk[at : at + 2]) for at in places)
    spans = tuple((start + at, start + at + 2) for at in places)
    yield Piece(words, None, start, end, spans)


def _read_word(chunk: str, start: int) -> Iterator[Piece]:
    if _NUMBER.fullmatch(chunk):
        end = start + len(chunk)
        yield Piece((fold(chunk).replace(",", ""),), None, start, end, ((start, end),))
        return
    for part in re.finditer("[^,]+", chunk):
        yield from _read_apostrophes(part[0], start + part.start())


def _read_apostrophes(chunk: str, start: int) -> Iterator[Piece]:
    """Read "manager's" as manager, "don't" as dont, "l'équipe" as équipe."""
    head, *tails = _APOSTROPHE.split(chunk)
    if not tails:
        yield _compound(chunk, start)
    elif len(tails) == 1 and tails[0].casefold() in _ENGLISH_TAILS:
        word = head if tails[0].casefold() == "s" else head + tails[0]
        end = start + len(chunk)
        yield Piece((_short(word),), None, start, end, ((start, end),))
    else:
        for part in re.finditer("[^'\u2019]+", chunk):
            if part.start() or len(part[0]) > 2:
                yield _compound(part[0], start + part.start())


def _compound(chunk: str, start: int) -> Piece:
    """Read a chunk without spaces: its parts (cut at hyphens, dots, numbers) and the whole."""
    words: list[str] = []
    spans: list[tuple[int, int]] = []
    at = start
    for part in _JOINERS.split(chunk):
        end = at + len(part)
        name, number = _parts(_short(part))
        words.append(name)
        spans.append((at, end - len(number)))
        if number:
            words.append(number)
            spans.append((end - len(number), end))
        at = end + 1
    joined = _short(_JOINERS.sub("", chunk)) if len(words) > 1 else None
    return Piece(tuple(words), joined, start, start + len(chunk), tuple(spans))


def _parts(word: str) -> tuple[str, str]:
    """Cut "iso27001" into name and number; other mixtures are part numbers and stay whole."""
    found = _LETTERS_THEN_DIGITS.fullmatch(word)
    return (found[1], found[2]) if found else (word, "")


def _short(word: str) -> str:
    return "".join(fold(word).split())[:_LONGEST_TERM]


def _takes_accents(char: str) -> bool:
    return char < "\u0250" or "\u0370" <= char <= "\u03ff" or "\u0300" <= char <= "\u036f"


_READERS = {
    "symbol": _read_symbol,
    "pair": _read_pair,
    "code": _read_code,
    "run": _read_run,
    "word": _read_word,
}
_lock = Lock()
_stemmers = {code: snowballstemmer.stemmer(name) for code, name in STEMMERS.items()}


@lru_cache(maxsize=200_000)
def _stem(word: str, code: str) -> str:
    if code in _OTHER_LETTERS and word.isascii():
        return word
    for plural, singular in _FOLDED_PLURALS.get(code, ()):
        if word.endswith(plural):
            word = word.removesuffix(plural) + singular
    with _lock:  # a stemmer works on itself and must not be shared by two threads at once
        return fold(str(_stemmers[code].stemWord(word)))

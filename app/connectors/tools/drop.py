"""Reads a file of items that another system drops at an address: CSV or JSONL.

Format: the fields of `docs/import.md`, one item a line, in UTF-8; CSV as in RFC 4180
(https://www.rfc-editor.org/rfc/rfc4180), with comma, semicolon or tab, and a line of names first.

    address   https://files.example.com/courses.csv
    form      csv     (optional: else the ending of the address tells)
    user      foyer   (optional: for HTTP Basic)
    password  …       (optional)

The file says everything: an item that it no longer holds is gone. A line that cannot be read fails
by its number, and the others come in; while any fails, nothing is called gone. `tool`, `tool_name`
and `tool_kind` are not read, since the connection is the tool; `channel` is not read either. ETag
and Last-Modified of the last answer are asked with. Limits: one request, 32 MB. Links: `url`.
"""

import csv
import hashlib
import io
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar
from urllib.parse import urlsplit

from app.connectors.answers import Answer
from app.connectors.base import (
    Capabilities,
    Checkpoint,
    ErrorKind,
    Event,
    Fail,
    Mode,
    Presence,
    Probe,
    Proof,
    Quadrant,
    SourceError,
    Spec,
    Upsert,
    packed,
    unpacked,
)
from app.connectors.headers import basic, conditions, marks
from app.connectors.http import Http
from app.connectors.mapping import Rule
from app.connectors.settings import Ask, ToolSettings, setting
from app.errors import Wording

_KEEPS_PLACE = 500
_LONGEST_ID = 300
_LISTS = ("skills", "roles", "audience", "keys")
_NOT_READ = frozenset({"tool", "tool_name", "tool_kind", "channel", "channel_tool"})
_BETWEEN = re.compile(r"[;|]")
_FORMS = {"csv": "csv", "tsv": "csv", "jsonl": "jsonl", "ndjson": "jsonl"}
_UNREADABLE = re.compile("[\udc80-\udcff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings(ToolSettings):
    """Where the file is, what it is, and who reads it."""

    form: str = setting(
        Wording("Form"),
        Ask.CHOICE,
        hint=Wording("Only where the ending of the address does not tell."),
        choices={"csv": Wording("CSV"), "jsonl": Wording("JSONL")},
    )
    user: str = setting(Wording("User name"), hint=Wording("Only for a file behind a password."))
    password: str = setting(Wording("Password"), Ask.SECRET)


@dataclass(frozen=True, slots=True)
class _Line:
    """A line of the file: its number, and its values or what is wrong with it."""

    number: int
    values: Mapping[str, object]
    problem: Wording | None = None


class Drop:
    """One file."""

    spec: ClassVar[Spec] = Spec(
        kind="drop",
        name=Wording("CSV or JSONL file"),
        summary=Wording("Items of a file that another system keeps at an address."),
        family="library",
        quadrants=(Quadrant.CREATE,),
        settings=Settings,
        capabilities=Capabilities(delta=True),
        proof=Proof.REAL,
        source=Wording("Foyer’s own import format"),
        mapping=(
            Rule("title", "title", "html"),
            Rule("summary", "summary", "html"),
            Rule("url", "url", "address"),
            Rule("kind", "kind"),
            Rule("source_kind", "source_kind"),
            Rule("minutes", "minutes", "minutes"),
            Rule("level", "level"),
            Rule("language", "language"),
            Rule("published", "published", "day"),
            Rule("skills", "skills", "names"),
            Rule("roles", "roles", "names"),
            Rule("audience", "audience", "names"),
            Rule("quality", "quality", "number"),
            Rule("licence", "licence"),
            Rule("attribution", "attribution"),
            Rule("keys", "keys", "names"),
        ),
        set_up=(
            Wording("Let the other system write its whole list to one file, in UTF-8."),
            Wording("Name the columns external_id, kind, title and url; others may follow."),
            Wording("Enter the address of the file, and a user name if it is behind a password."),
        ),
    )

    def __init__(self, settings: Settings, http: Http) -> None:
        """Keep the settings; nothing is asked yet."""
        self._settings = settings
        self._http = http.using(
            classify=self._classified,
            authorise=lambda _http: basic(settings.user, settings.password),
        )

    def check(self) -> Iterator[Probe]:
        """Try the file, and whether all its lines can be read."""
        try:
            events = list(self._events(self._asked({})))
        except SourceError as error:
            yield Probe(Wording("File"), ok=False, why=error.sentence)
            return
        yield Probe(Wording("File"), ok=True)
        failed = next((one for _number, one in events if isinstance(one, Fail)), None)
        why = failed.error.sentence if failed else None
        yield Probe(Wording("Lines"), ok=failed is None, why=why, needed=False)

    def pull(self, cursor: bytes | None, mode: Mode) -> Iterator[Event]:
        """Yield the items of the file; in a delta nothing, if the file has not changed."""
        delta = mode is Mode.DELTA and cursor is not None
        kept = unpacked(cursor, etag=str, modified=str) if cursor and delta else {}
        answer = self._asked(conditions(kept))
        if answer.status == 304:
            yield Checkpoint(packed(**kept), complete=True)
            return
        mark = hashlib.sha256(answer.body).hexdigest()
        state = unpacked(cursor, line=int, mark=str) if cursor and not delta else {}
        place = state["line"] if state.get("mark") == mark else 0
        for count, (number, event) in enumerate(self._events(answer), 1):
            if number > place:
                yield event
            if count % _KEEPS_PLACE == 0:
                yield Checkpoint(packed(line=max(place, number), mark=mark))
        yield Checkpoint(packed(**marks(answer)), complete=True)

    def probe(self, external_ids: Sequence[str]) -> Mapping[str, Presence]:
        """Look for the items in the file; while a line cannot be read, it may be any of them."""
        if not external_ids:
            return {}
        events = [event for _number, event in self._events(self._asked({}))]
        there = {event.external_id for event in events if isinstance(event, Upsert)}
        unread = any(isinstance(event, Fail) for event in events)
        absent = Presence.UNKNOWN if unread else Presence.GONE
        return {one: Presence.LIVE if one in there else absent for one in external_ids}

    def _asked(self, headers: Mapping[str, str]) -> Answer:
        return self._http.get(self._settings.address, headers=headers, accept=(200, 304))

    def _events(self, answer: Answer) -> Iterator[tuple[int, Upsert | Fail]]:
        """Yield the number of each line with what it is; the first line of an id counts."""
        first: dict[str, int] = {}
        for line in self._lines(answer):
            external_id = str(line.values.get("external_id") or "").strip()
            problem = line.problem or _problem(line.number, external_id, first)
            if problem:
                error = SourceError(ErrorKind.SCHEMA, problem)
                yield line.number, Fail(f"#{line.number}", error)
            else:
                first[external_id] = line.number
                yield line.number, Upsert(external_id, _raw(line.values))

    def _lines(self, answer: Answer) -> Iterator[_Line]:
        text = answer.body.decode("utf-8", "surrogateescape").removeprefix("\ufeff")
        return _json_lines(text) if self._form() == "jsonl" else _csv_lines(text)

    def _form(self) -> str:
        ending = urlsplit(self._settings.address).path.rpartition(".")[2].lower()
        return self._settings.form or _FORMS.get(ending, "csv")

    def _classified(self, answer: Answer) -> SourceError | None:
        """Return what is wrong with the file as a whole."""
        if answer.status != 200:
            return None
        if answer.asks_to_sign_in:
            return SourceError(
                ErrorKind.AUTH_EXPIRED, Wording("It answers with a page to sign in on.")
            )
        if answer.is_html:
            return SourceError(ErrorKind.SCHEMA, Wording("It is a page and no file."))
        if not answer.body.strip():
            return SourceError(ErrorKind.SCHEMA, Wording("The file is empty."))
        try:
            next(self._lines(answer), None)
        except SourceError as error:
            return error
        return None


def _json_lines(text: str) -> Iterator[_Line]:
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            values = json.loads(line)
        except (ValueError, RecursionError):
            values = None
        if _UNREADABLE.search(line):
            yield _Line(number, {}, Wording("Line %(number)s is not UTF-8.", number=number))
        elif not isinstance(values, dict):
            problem = Wording("Line %(number)s is not a JSON object.", number=number)
            yield _Line(number, {}, problem)
        else:
            yield _Line(number, values)


def _csv_lines(text: str) -> Iterator[_Line]:
    """Yield the lines of a CSV file; raise SourceError(SCHEMA) when its first names no columns."""
    first = text.partition("\n")[0]
    rows = csv.reader(
        io.StringIO(text, newline=""), delimiter=max(",;\t", key=first.count), strict=True
    )
    names = _names(rows)
    while True:
        number = rows.line_num + 1
        try:
            cells = next(rows)
        except StopIteration:
            return
        except csv.Error:
            yield _Line(number, {}, _not_csv(number, rows.line_num))
            continue
        if any(cells):
            yield _csv_line(number, names, cells)


def _names(rows: Iterator[list[str]]) -> list[str]:
    try:
        names = [name.strip().lower() for name in next(rows, [])]
    except csv.Error:
        names = []
    if "external_id" not in names or len(set(names)) < len(names):
        raise SourceError(
            ErrorKind.SCHEMA,
            Wording("The first line must name each column once, external_id among them."),
        )
    return names


def _csv_line(number: int, names: Sequence[str], cells: Sequence[str]) -> _Line:
    if _UNREADABLE.search("".join(cells)):
        return _Line(number, {}, Wording("Line %(number)s is not UTF-8.", number=number))
    if len(cells) != len(names):
        problem = Wording(
            "Line %(number)s has %(cells)s values for %(names)s columns.",
            number=number,
            cells=len(cells),
            names=len(names),
        )
        return _Line(number, {}, problem)
    return _Line(number, dict(zip(names, cells, strict=True)))


def _not_csv(first: int, last: int) -> Wording:
    if last > first:
        return Wording("Lines %(first)s to %(last)s are not CSV.", first=first, last=last)
    return Wording("Line %(number)s is not CSV.", number=first)


def _problem(number: int, external_id: str, first: Mapping[str, int]) -> Wording | None:
    if not external_id:
        return Wording("Line %(number)s has no external_id.", number=number)
    if len(external_id) > _LONGEST_ID:
        return Wording("The external_id of line %(number)s is too long.", number=number)
    if external_id in first:
        return Wording(
            "Line %(number)s has the external_id of line %(first)s.",
            number=number,
            first=first[external_id],
        )
    return None


def _raw(values: Mapping[str, object]) -> dict[str, object]:
    """Return the values of a line; lists of CSV have `;` or `|` between their parts."""
    raw: dict[str, object] = {}
    for name, value in values.items():
        if name in _NOT_READ or value in (None, "", []):
            continue
        is_list = name in _LISTS and isinstance(value, str)
        raw[name] = _BETWEEN.split(str(value)) if is_list else value
    return raw

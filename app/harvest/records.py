"""Makes a record of the catalogue of what a connector yields, or says which field is the trouble.

The connection's rules turn the raw record into fields, the import of files checks them, and what
only a harvest tells comes on top: the address that starts an app, the ids of a provider.
"""

import html
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from urllib.parse import urlsplit

from app.catalogue.imports.items import ItemImporter
from app.catalogue.records import ItemRecord, ToolRecord
from app.connectors.base import Spec, Upsert
from app.connectors.mapping import Mapped, Rule, apply, rules_from
from app.connectors.redaction import redacted
from app.errors import Wording
from app.intake.fields import Complaint, Fields
from app.intake.text import keepable, plain, shown
from app.models import Connection

_MOST_KEYS = 20
_MOST_UNKNOWN = 2000
_LONGEST_ADDRESS = 2000
_LONGEST_RAW = 400_000
_SHORTENED = {"title": 500, "summary": 20_000, "attribution": 500, "licence": 200}


@dataclass(frozen=True, slots=True)
class Taken:
    """What an item of the tool became: a record, or None and what is wrong with its fields."""

    external_id: str
    record: ItemRecord | None
    complaints: tuple[Complaint, ...] = ()


class Reader:
    """Reads the items of one tool. `unknown` counts the (field, word) pairs that no rule knew."""

    def __init__(
        self,
        tool: ToolRecord,
        rules: Iterable[Rule],
        schemes: Collection[str] = (),
        secrets: Collection[str] = (),
    ) -> None:
        """Take the tool, its rules, the schemes its apps may have, and what no address may hold."""
        self._tool = tool
        self._rules = tuple(rules)
        self._schemes = frozenset(schemes)
        self._secrets = secrets
        self.unknown: Counter[tuple[str, str]] = Counter()

    def mapped(self, raw: Mapping[str, object]) -> Mapped:
        """Return the fields that the rules read in a raw record."""
        return apply(self._rules, raw)

    def take(self, upsert: Upsert, *, now: datetime) -> Taken:
        """Return the record of an item, or what is wrong with it."""
        mapped = self.mapped(upsert.raw)
        self._note_unknown(mapped)
        fields = Fields(_values(mapped.fields, self._tool, upsert.external_id))
        app_url, keys = self._app_url(mapped, fields), _keys(mapped.fields.get("keys"))
        record = ItemImporter(now).record(fields)
        if record is not None:
            self._check_secrets(record, app_url, fields)
        if record is None or fields.problems:
            return Taken(upsert.external_id, None, tuple(fields.problems))
        record = replace(
            record,
            tool=self._tool,
            external_id=upsert.external_id,
            app_url=app_url or None,
            keys=keys,
        )
        return Taken(upsert.external_id, record)

    def _note_unknown(self, mapped: Mapped) -> None:
        """Count the words that no rule knew, without secrets; no more than can be shown."""
        for (name, word), times in mapped.unknown.items():
            one = name, keepable(redacted(word, self._secrets))
            if one in self.unknown or len(self.unknown) < _MOST_UNKNOWN:
                self.unknown[one] += times

    def _app_url(self, mapped: Mapped, fields: Fields) -> str:
        """Return the address that starts the app; complain of a scheme that is not the tool's."""
        address = str(mapped.fields.get("app_url") or "")
        if not address:
            return ""
        scheme = _scheme(address)
        if scheme not in self._schemes or address != plain(html.escape(address)):
            fields.complain(
                "app_url", Wording("%(value)s starts no app of this tool", value=shown(address))
            )
        if len(address) > _LONGEST_ADDRESS:
            fields.complain("app_url", Wording("is too long"))
        return address

    def _check_secrets(self, record: ItemRecord, app_url: str, fields: Fields) -> None:
        """Complain of what would carry a secret of the connection to every reader."""
        texts = (("title", record.title), ("summary", record.summary or ""))
        held = [
            name
            for name, text in (("url", record.url), ("app_url", app_url), *texts)
            if any(len(secret) > 3 and secret in text for secret in self._secrets)
        ]
        held += [
            name
            for name, address in (("url", record.url), ("app_url", app_url))
            if name not in held and redacted(address, self._secrets) != address
        ]
        for name in held:
            fields.complain(name, Wording("carries a secret of this connection"))


def reader_of(connection: Connection, spec: Spec, secrets: Collection[str] = ()) -> Reader:
    """Return the reader for a connection whose tool is loaded.

    Raises ValueError with a Wording when the rules that were kept cannot be read.
    """
    tool = connection.tool
    record = ToolRecord(slug=tool.slug, name=tool.name, kind=tool.kind)
    rules = spec.mapping if connection.mapping is None else rules_from(connection.mapping)
    return Reader(record, rules, spec.schemes, secrets)


def _values(mapped: Mapping[str, object], tool: ToolRecord, external_id: str) -> dict[str, object]:
    """Return the fields as a line of an import has them."""
    values = {name: _plain_value(name, value) for name, value in mapped.items()}
    for name in ("app_url", "keys"):
        values.pop(name, None)
    return values | {"tool": tool.slug, "external_id": html.escape(external_id, quote=False)}


def _plain_value(name: str, value: object) -> object:
    """Return a value as an import reads it; a text that is too long is shortened, not refused."""
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, str):
        value = value[:_LONGEST_RAW]
    longest = _SHORTENED.get(name)
    if longest is None or not isinstance(value, str) or len(value) <= longest:
        return value
    text = plain(value)
    short = text if len(text) <= longest else f"{text[: longest - 1].rstrip()}…"
    return html.escape(short, quote=False)


def _keys(value: object) -> tuple[str, ...]:
    """Return ids of a provider such as `youtube:…`, in order, without those that are none."""
    parts = value if isinstance(value, list | tuple) else [value]
    found = {plain(str(part)) for part in parts if part}
    return tuple(sorted(one for one in found if ":" in one and len(one) <= 250)[:_MOST_KEYS])


def _scheme(address: str) -> str:
    try:
        return urlsplit(address).scheme
    except ValueError:
        return ""

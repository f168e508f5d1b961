"""Reads what people did elsewhere from an xAPI learning record store (LRS).

API: the Statement Resource of IEEE 9274.1.1 and xAPI 1.0.3
(https://github.com/adlnet/xAPI-Spec/blob/master/xAPI-Communication.md#statements), tried against
Ralph 5.1. It has no items of its own: its statements speak of the activities of other tools, which
are found by their addresses or, where `ids_of` names a tool, by that tool's ids.

    address   https://lrs.example.com/xapi
    user      foyer              (the key)
    password  …                  (the secret)
    late_days 7                  (optional)
    ids_of    moodle             (optional)

Limits: the store's own; 500 statements a page. `since` means `stored` (xAPI 1.0.3, 2.1.3), but some
stores compare `timestamp`, by which a statement made without a network comes too late. A store that
sends X-Experience-API-Consistent-Through is read from there on; from one that does not, the last
`late_days` are read again each time. Statements have ids, so reading one twice changes nothing.
Filters of stores cannot be trusted either, so none is used. Links: those of the items.
"""

import base64
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, timedelta
from typing import ClassVar
from urllib.parse import urljoin

from app.connectors.answers import Answer
from app.connectors.base import (
    OVERLAP,
    Account,
    AccountKind,
    Capabilities,
    Checkpoint,
    Did,
    ErrorKind,
    Fail,
    Probe,
    Proof,
    Quadrant,
    SourceError,
    Spec,
    Withdrawn,
    packed,
    unpacked,
)
from app.connectors.http import Http
from app.connectors.settings import Ask, ToolSettings, setting
from app.connectors.xapi import events_of, hashed_addresses, moment
from app.errors import Wording

_PAGE = 500
_VERSION = {"X-Experience-API-Version": "1.0.3", "Accept": "application/json"}
_THROUGH = "x-experience-api-consistent-through"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings(ToolSettings):
    """Where the store is, who reads it, and how far back it is read again."""

    user: str = setting(Wording("User name or key"))
    password: str = setting(Wording("Password or secret"), Ask.SECRET)
    late_days: int = setting(
        Wording("Days to look back"),
        Ask.NUMBER,
        hint=Wording("For a store that does not say up to when its statements are all there."),
        default=7,
    )
    ids_of: str = setting(
        Wording("Tool whose ids it uses"),
        hint=Wording("Its short name, if activities are named by ids and not by addresses."),
    )


class Lrs:
    """One learning record store."""

    spec: ClassVar[Spec] = Spec(
        kind="lrs",
        name="xAPI LRS",
        summary=Wording("Completions and progress that other tools report by xAPI."),
        family="lrs",
        quadrants=(Quadrant.MEASURE,),
        settings=Settings,
        capabilities=Capabilities(sweep=False, activity=True, launches=frozenset()),
        proof=Proof.REAL,
        source="Ralph 5.1",
        account_kinds=(AccountKind.EMAIL, AccountKind.ACCOUNT, AccountKind.USERNAME),
        set_up=(
            Wording("In the store, make credentials for Foyer that may read all statements."),
            Wording("The address is that of the xAPI endpoint; “/statements” follows it."),
            Wording("Say how its statements name people: by e-mail address or by account."),
        ),
    )

    def __init__(self, settings: Settings, http: Http) -> None:
        """Keep the settings; nothing is asked yet."""
        self._settings = settings
        self._http = http.using(classify=self._classified, authorise=lambda _http: self._headers())

    def check(self) -> Iterator[Probe]:
        """Try to read one statement, and see whether the store says what is all there."""
        try:
            answer = self._asked("statements", {"limit": 1})
            _statements(answer)
        except SourceError as error:
            yield Probe(Wording("Statements"), ok=False, why=error.sentence)
            return
        yield Probe(Wording("Statements"), ok=True)
        says = moment(answer.headers.get(_THROUGH)) is not None
        why = Wording(
            "It does not say up to when, so the last %(days)s days are read again each time.",
            days=self._settings.late_days,
        )
        yield Probe(
            Wording("Statements are all there"), ok=says, why=None if says else why, needed=False
        )

    def activity(
        self, cursor: bytes | None, people: Collection[Account]
    ) -> Iterator[Did | Withdrawn | Fail | Checkpoint]:
        """Yield what statements since the cursor say, page by page; who is told does not matter.

        `people` are those whose e-mail addresses a store may have hashed.
        """
        kept = unpacked(cursor, since=str, more=str, next=str) if cursor is not None else {}
        since, more, then = (kept.get(name, "") for name in ("since", "more", "next"))
        hashed = hashed_addresses(people)
        answer = self._first(since, more)
        then = then if more and answer.url.endswith(more) else self._next(answer, since)
        while True:
            for statement in _statements(answer):
                yield from events_of(statement, hashed, by_ids=bool(self._settings.ids_of))
            more = str(answer.json().get("more") or "")
            if not more:
                break
            yield Checkpoint(packed(since=since, more=more, next=then))
            answer = self._asked(urljoin(answer.url, more))
        yield Checkpoint(packed(since=then, more="", next=""), complete=True)

    def _first(self, since: str, more: str) -> Answer:
        """Return the page to go on with; where the store has forgotten it, the first one again."""
        if more:
            try:
                return self._asked(urljoin(f"{self._settings.address}/", more))
            except SourceError as error:
                if error.kind is not ErrorKind.CONFIG:
                    raise
        asked = {"ascending": "true", "limit": _PAGE, "since": since or None}
        return self._asked("statements", asked)

    def _next(self, answer: Answer, since: str) -> str:
        """Return from when on statements may still be missing, as the store measures time."""
        through = moment(answer.headers.get(_THROUGH))
        now = answer.server_time
        if through is not None:
            found = through - OVERLAP
        elif now is not None:
            found = now - timedelta(days=self._settings.late_days) - OVERLAP
        else:
            raise SourceError(ErrorKind.SCHEMA, Wording("Its answers carry no date."))
        return max(since, found.astimezone(UTC).isoformat().replace("+00:00", "Z"))

    def _asked(self, path: str, params: Mapping[str, object] | None = None) -> Answer:
        return self._http.get(path, params, headers=_VERSION, as_json=True)

    def _headers(self) -> Mapping[str, str]:
        if not self._settings.user:
            return {}
        pair = f"{self._settings.user}:{self._settings.password}".encode()
        return {"Authorization": f"Basic {base64.b64encode(pair).decode()}"}

    def _classified(self, answer: Answer) -> SourceError | None:
        """Return what a 400 means where no credentials were sent: some stores ask for them so."""
        if answer.status == 400 and not self._settings.user:
            return SourceError(
                ErrorKind.AUTH_INVALID, Wording("It wants a user name and a password.")
            )
        return None


def _statements(answer: Answer) -> list[object]:
    values = answer.json()
    found = values.get("statements") if isinstance(values, dict) else None
    if not isinstance(found, list):
        raise SourceError(ErrorKind.SCHEMA, Wording("The list of statements is not a list."))
    return found

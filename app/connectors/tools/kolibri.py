"""Reads the resources of a Kolibri library, and what its learners did, from the log it exports.

API: Kolibri's public API, version 2 (https://github.com/learningequality/kolibri, module
`kolibri.core.public`), tried against Kolibri 0.19. Learners' progress has no public API: it is
exported as an administrator does it in the pages of the facility, which Kolibri may change.

    address   https://kolibri.example.com
    language  en         (of the pages that links open)
    user      foyer      (optional: an administrator of the facility, for what people did)
    password  …          (optional)

Limits: none of its own; 200 resources a page. Nothing carries a date: a channel whose version,
number of resources and date of import are what they were is not read again. The log is always
exported whole, for learners' devices bring late what was done long ago; unchanged, it is not looked
at. Each export replaces the one that an administrator made before. Links lead to a route behind
`#`, which a sign-in on the way may lose. A page answers 200 for any id: only the API knows.
"""

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, ClassVar
from urllib.parse import quote

from app.connectors.base import (
    Account,
    AccountKind,
    Capabilities,
    Checkpoint,
    Did,
    ErrorKind,
    Event,
    Fail,
    Hit,
    Link,
    Mode,
    Presence,
    Probe,
    Proof,
    Quadrant,
    SourceError,
    Spec,
    Upsert,
    Withdrawn,
    packed,
    unpacked,
)
from app.connectors.http import Http
from app.connectors.kolibri_log import Nodes, Signed, dids_of, exported, signed_in
from app.connectors.mapping import Rule
from app.connectors.settings import Ask, ToolSettings, setting
from app.errors import Wording

_PAGE = 200
_NODES = "api/public/v2/contentnode/"
_ID = re.compile(r"[0-9a-f]{32}")
_BETWEEN_WORDS = re.compile(r'[?.,!";: ]+')
_KINDS = {
    "video": "video",
    "audio": "podcast",
    "document": "article",
    "slideshow": "article",
    "zim": "article",
    "html5": "simulation",
    "h5p": "simulation",
    "exercise": "assessment",
    "quiz": "assessment",
}
_KEPT = (
    "id",
    "content_id",
    "channel_id",
    "title",
    "description",
    "kind",
    "duration",
    "author",
    "license_name",
    "license_owner",
    "tags",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings(ToolSettings):
    """Where the library is, in what language its pages open, and who may export its log."""

    language: str = setting(Wording("Language of its pages"), default="en")
    user: str = setting(
        Wording("User name"), hint=Wording("An administrator, to read what people did.")
    )
    password: str = setting(Wording("Password"), Ask.SECRET)


class Kolibri:
    """One Kolibri server."""

    spec: ClassVar[Spec] = Spec(
        kind="kolibri",
        name="Kolibri",
        summary=Wording("Videos, documents and exercises of a learning library."),
        family="lms",
        quadrants=(Quadrant.DELIVER,),
        settings=Settings,
        capabilities=Capabilities(delta=True, live_search=True, activity=True),
        proof=Proof.REAL,
        source="Kolibri 0.19",
        mapping=(
            Rule("title", "title"),
            Rule("summary", "description"),
            Rule("url", "url", "address"),
            Rule("kind", "kind", default="article", words=_KINDS),
            Rule("source_kind", "kind"),
            Rule("minutes", "duration", "seconds"),
            Rule("language", "language"),
            Rule("licence", "license_name"),
            Rule("attribution", "author"),
            Rule("attribution", "license_owner"),
            Rule("skills", "tags", "names"),
        ),
        account_kinds=(AccountKind.USERNAME,),
        set_up=(
            Wording("Let visitors browse the library without signing in."),
            Wording("To read what people did, make an administrator of the facility for Foyer."),
            Wording("Learners are recognised by their user names: say what they are here."),
        ),
    )

    def __init__(self, settings: Settings, http: Http) -> None:
        """Keep the settings; nothing is asked yet."""
        self._settings = settings
        self._http = http

    def check(self) -> Iterator[Probe]:
        """Try the list of channels, one resource and, with an account, the sign-in."""
        yield self._probed(Wording("Channels"), self._signs)
        yield self._probed(Wording("Resources"), lambda: self._page({"max_results": 1}))
        if self._settings.user:
            yield self._probed(Wording("Sign-in"), self._signed_in)

    def pull(self, cursor: bytes | None, mode: Mode) -> Iterator[Event]:
        """Yield the resources channel by channel: all, or of those that have changed."""
        kept = unpacked(cursor, signs=dict, left=list, more=str) if cursor is not None else None
        if kept is None or (mode is Mode.DELTA and not kept["left"]):
            signs, before = self._signs(), kept["signs"] if kept else {}
            left = [one for one in sorted(signs) if signs[one] != before.get(one)]
            more = ""
        else:
            signs, left, more = kept["signs"], [str(one) for one in kept["left"]], kept["more"]
        while left:
            rows, more = self._read(left[0], more)
            yield from (self._upsert(row) for row in rows)
            left = left if more else left[1:]
            if left and rows:
                yield Checkpoint(packed(signs=signs, left=left, more=more))
        yield Checkpoint(packed(signs=signs, left=[], more=""), complete=True)

    def probe(self, external_ids: Sequence[str]) -> Mapping[str, Presence]:
        """Ask for the resources by their ids: there, without its files, or not at all."""
        asked = [one for one in external_ids if _ID.fullmatch(one)]
        found: dict[str, Presence] = {}
        if asked:
            params = {"ids": ",".join(asked), "no_available_filtering": "true"}
            found = {
                str(row["id"]): Presence.LIVE if row.get("available") else Presence.HIDDEN
                for row in _rows(self._http.get_json(_NODES, params))
            }
        return {one: found.get(one, Presence.GONE) for one in external_ids}

    def search(self, query: str, limit: int) -> Sequence[Hit]:
        """Ask its own search, which wants every word in the title or in the description."""
        if not any(_BETWEEN_WORDS.split(query)):
            return []
        rows = _rows(self._page({"keywords": query, "max_results": limit})["results"])
        return [self._hit(row) for row in rows[:limit]]

    def activity(
        self,
        cursor: bytes | None,
        people: Collection[Account],  # noqa: ARG002 (the log tells of everybody)
    ) -> Iterator[Did | Withdrawn | Fail | Checkpoint]:
        """Yield what the exported log says of each learner and resource, if it has changed."""
        kept = unpacked(cursor, digest=str, task=str) if cursor is not None else {}
        digest, task = kept.get("digest", ""), kept.get("task", "")
        signed = self._signed_in()
        task = task or signed.ordered()
        yield Checkpoint(packed(digest=digest, task=task))
        log = exported(signed, task)
        now = sha256(log.encode()).hexdigest()
        if now != digest:
            yield from dids_of(log, self._nodes)
        yield Checkpoint(packed(digest=now, task=""), complete=True)

    def link(self, external_id: str, stored: Link) -> Link:  # noqa: ARG002 (the protocol's)
        """Return the address of the resource in the learners' pages."""
        own = quote(external_id, safe="")
        return Link(f"{self._settings.address}/{self._settings.language}/learn/#/topics/c/{own}")

    def _signs(self) -> dict[str, str]:
        """Return for each channel what differs once anything in it has changed."""
        names = ("version", "total_resource_count", "published_size", "last_updated")
        return {
            str(row["id"]): "/".join(str(row.get(name)) for name in names)
            for row in _rows(self._http.get_json("api/public/v2/channel/"))
        }

    def _read(self, channel: str, more: str) -> tuple[Sequence[Mapping[str, Any]], str]:
        """Return one page of a channel's resources, and the cursor of the next one or nothing."""
        try:
            answer = self._page({"channels": channel, "max_results": _PAGE, "cursor": more or None})
        except SourceError as error:
            if more and error.kind is ErrorKind.CONFIG:
                sentence = Wording("It no longer knows where the reading was to go on.")
                raise SourceError(ErrorKind.CURSOR_INVALID, sentence) from error
            raise
        after = answer.get("more")
        following = str(after.get("cursor") or "") if isinstance(after, Mapping) else ""
        return _rows(answer.get("results")), following

    def _page(self, params: Mapping[str, object]) -> Mapping[str, Any]:
        asked = {"kind": "content", "include_coach_content": "false", **params}
        answer = self._http.get_json(_NODES, asked)
        if not isinstance(answer, Mapping) or "results" not in answer:
            raise _not_a_list()
        return answer

    def _upsert(self, row: Mapping[str, Any]) -> Upsert:
        raw = {name: row.get(name) for name in _KEPT}
        language = row.get("lang")
        raw["language"] = language.get("id") if isinstance(language, Mapping) else None
        raw["url"] = self.link(str(row["id"]), Link("")).url
        return Upsert(str(row["id"]), raw)

    def _hit(self, row: Mapping[str, Any]) -> Hit:
        own = str(row["id"])
        kind = _KINDS.get(str(row.get("kind")), "article")
        summary = " ".join(str(row.get("description") or "").split())
        return Hit(own, str(row.get("title")), self.link(own, Link("")).url, kind, summary[:300])

    def _nodes(self, channel: str) -> Nodes:
        """Return a channel's resources by the ids of their content, which may be there twice."""
        found: dict[str, list[str]] = {}
        more = ""
        while True:
            rows, more = self._read(channel, more)
            for row in rows:
                found.setdefault(str(row.get("content_id")), []).append(str(row["id"]))
            if not more:
                return found

    def _signed_in(self) -> Signed:
        return signed_in(self._http, self._settings.user, self._settings.password)

    def _probed(self, what: Wording, ask: Callable[[], object]) -> Probe:
        try:
            ask()
        except SourceError as error:
            return Probe(what, ok=False, why=error.sentence)
        return Probe(what, ok=True)


def _rows(values: object) -> Sequence[Mapping[str, Any]]:
    if not isinstance(values, list) or not all(
        isinstance(row, Mapping) and "id" in row for row in values
    ):
        raise _not_a_list()
    return values


def _not_a_list() -> SourceError:
    return SourceError(ErrorKind.SCHEMA, Wording("The list of resources is not a list."))

"""Reads the public rooms of a Matrix homeserver, or those of one space, as channels.

API: Matrix Client-Server API (https://spec.matrix.org/v1.11/client-server-api/), tried against
Synapse 1.163.

    address        https://matrix.example.com
    user           foyer             (optional: many servers list rooms to their own users only)
    password       …                 (optional)
    token          syt_…             (optional, in place of user and password)
    refresh_token  syr_…             (optional, where access tokens run out)
    space          !id:example.com   (optional: only the public rooms of this space)

A token that runs out is renewed with the refresh token, which is then a new one each time, or by
signing in again; both are kept. The list of rooms tells no changes, so that each run reads it
whole, 100 rooms a page; a page mark that the server no longer knows means to begin anew. How many
have joined changes all day and is left out. Limits: 429 with `retry_after_ms` and Retry-After, for
sign-ins a few a minute. Links: matrix.to and, for the apps, `matrix:roomid/…` (the
specification's appendices), both made of the room's id, which outlives its names and aliases.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, ClassVar
from urllib.parse import quote, urlsplit

from app.connectors.base import (
    Capabilities,
    Checkpoint,
    ErrorKind,
    Event,
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
    packed,
    text_in,
    unpacked,
)
from app.connectors.http import Answer, Http, retry_after
from app.connectors.mapping import Rule
from app.connectors.probing import probed
from app.connectors.settings import Ask, ToolSettings, setting
from app.errors import Wording

_API = "_matrix/client"
_PAGE = 100
_DEVICE = "FOYER"  # one device for all sign-ins, so that none pile up


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings(ToolSettings):
    """Where the homeserver is, who asks it, and which rooms are wanted."""

    user: str = setting(Wording("User name"), hint=Wording("Without the server’s name."))
    password: str = setting(Wording("Password"), Ask.SECRET)
    token: str = setting(Wording("Access token"), Ask.SECRET)
    refresh_token: str = setting(Wording("Refresh token"), Ask.SECRET)
    space: str = setting(
        Wording("Space"), hint=Wording("The id of a space, such as !id:example.com.")
    )


class Matrix:
    """One Matrix homeserver."""

    spec: ClassVar[Spec] = Spec(
        kind="matrix",
        name="Matrix",
        summary=Wording("Public rooms of a Matrix server, or those of one space."),
        family="chat",
        quadrants=(Quadrant.ENGAGE,),
        settings=Settings,
        capabilities=Capabilities(live_search=True),
        proof=Proof.REAL,
        source="Synapse 1.163",
        mapping=(
            Rule("title", "name", "text"),
            Rule("summary", "topic", "text"),
            Rule("url", "url", "address"),
            Rule("app_url", "app_url", "address"),
            Rule("kind", default="channel"),
        ),
        schemes=frozenset({"matrix"}),
        set_up=(
            Wording("Make an account for Foyer on the server; it needs to join no room."),
            Wording("Enter its user name and password, or an access token of it."),
            Wording("Publish the rooms that everybody may find in the server’s room directory."),
        ),
    )

    def __init__(self, settings: Settings, http: Http) -> None:
        """Keep the settings; nothing is asked yet."""
        self._settings = settings
        self._token, self._refresh = settings.token, settings.refresh_token
        self._plain = http.using(classify=_classified)
        self._http = http.using(
            classify=_classified,
            authorise=lambda _http: self._headers(),
            renew=lambda _http: self._renew(),
        )

    def check(self) -> Iterator[Probe]:
        """Try who Foyer is to the server, and the list of rooms."""
        if self._token or self._refresh or self._settings.password:
            yield probed(Wording("Sign-in"), self._known)
        yield probed(Wording("Public rooms"), lambda: self._listed(None, 1))

    def pull(self, cursor: bytes | None, mode: Mode) -> Iterator[Event]:  # noqa: ARG002
        """Yield every public room, page by page."""
        mark = self._good(text_in(unpacked(cursor, "from"), "from")) if cursor else None
        while True:
            rooms, mark = self._listed(mark)
            yield from (self._upsert(room) for room in rooms if _is_open(room))
            if not mark:
                yield Checkpoint(packed(), complete=True)
                return
            yield Checkpoint(packed(**{"from": mark}))

    def probe(self, external_ids: Sequence[str]) -> Mapping[str, Presence]:
        """Ask for each room whether it is in the server's directory, or to be seen in the space."""
        return {room_id: self._presence(room_id) for room_id in external_ids}

    def search(self, query: str, limit: int) -> Sequence[Hit]:
        """Ask the server's room directory; of a space, its first rooms are looked through."""
        if not self._settings.space:
            answer = self._ready().post_json(f"{_API}/v3/publicRooms", data=_question(query, limit))
            return self._hits(_rooms(answer, "chunk"))[:limit]
        rooms, _mark = self._listed(None)
        return [hit for hit in self._hits(rooms) if query.casefold() in hit.title.casefold()][
            :limit
        ]

    def link(self, external_id: str, stored: Link) -> Link:  # noqa: ARG002 (the protocol's)
        """Return the address of the room by its id, by way of the server that made it."""
        own = urlsplit(self._settings.address).hostname or ""
        via = quote(external_id.partition(":")[2] or own, safe=":")
        room = quote(external_id, safe=":!")
        bare = quote(external_id.removeprefix("!"), safe=":")
        return Link(
            f"https://matrix.to/#/{room}?via={via}", f"matrix:roomid/{bare}?action=join&via={via}"
        )

    def post(self, external_id: str, text: str, key: str) -> None:
        """Say a text in a room, joining it first; the server knows what it was sent by its key."""
        room = quote(external_id, safe="")
        http = self._ready()
        http.post(f"{_API}/v3/join/{room}", data={})
        message = {"msgtype": "m.text", "body": text}
        http.put(f"{_API}/v3/rooms/{room}/send/m.room.message/{quote(key, safe='')}", data=message)

    def _listed(
        self, mark: str | None, limit: int = _PAGE
    ) -> tuple[list[Mapping[str, Any]], str | None]:
        """Return a page of rooms and the mark of the next one, None after the last."""
        if self._settings.space:
            space = quote(self._settings.space, safe="")
            answer = self._ready().get_json(
                f"{_API}/v1/rooms/{space}/hierarchy", {"limit": limit, "from": mark}
            )
            rooms = _rooms(answer, "rooms")
        else:
            answer = self._ready().get_json(
                f"{_API}/v3/publicRooms", {"limit": limit, "since": mark}
            )
            rooms = _rooms(answer, "chunk")
        following = answer.get("next_batch")
        return rooms, str(following) if following and following != mark else None

    def _good(self, mark: str) -> str:
        """Return the mark of an earlier run; raise SourceError(CURSOR_INVALID) for a bad one.

        Synapse answers a mark that it cannot read with a 500 as if it were in trouble. It is not
        if it lists rooms without the mark.
        """
        try:
            self._listed(mark, 1)
        except SourceError as error:
            if error.kind is not ErrorKind.TRANSIENT:
                raise
            self._listed(None, 1)
            raise _forgotten() from error
        return mark

    def _upsert(self, room: Mapping[str, Any]) -> Upsert:
        room_id = str(room["room_id"])
        link = self.link(room_id, Link(""))
        raw = {
            "room_id": room_id,
            "name": _name(room),
            "topic": str(room.get("topic") or ""),
            "canonical_alias": str(room.get("canonical_alias") or ""),
            "url": link.url,
            "app_url": link.app_url,
        }
        return Upsert(room_id, raw)

    def _hits(self, rooms: Sequence[Mapping[str, Any]]) -> list[Hit]:
        return [
            Hit(
                str(room["room_id"]),
                _name(room),
                self.link(str(room["room_id"]), Link("")).url,
                "channel",
                str(room.get("topic") or ""),
            )
            for room in rooms
            if _is_open(room)
        ]

    def _presence(self, room_id: str) -> Presence:
        if self._settings.space:
            path = f"{_API}/v1/rooms/{quote(room_id, safe='')}/hierarchy"
            params = {"limit": 1, "max_depth": 0}
            answer = self._ready().get(path, params, accept=(200, 400, 403, 404))
            return Presence.LIVE if answer.status == 200 else Presence.UNKNOWN
        path = f"{_API}/v3/directory/list/room/{quote(room_id, safe='')}"
        answer = self._ready().get(path, accept=(200, 400, 404))
        if answer.status == 200:
            values = answer.json()
            shown = isinstance(values, dict) and values.get("visibility") == "public"
            return Presence.LIVE if shown else Presence.HIDDEN
        return Presence.GONE if _errcode(answer) == "M_NOT_FOUND" else Presence.UNKNOWN

    def _known(self) -> None:
        values = self._ready().get_json(f"{_API}/v3/account/whoami")
        if not isinstance(values, dict) or not values.get("user_id"):
            raise SourceError(ErrorKind.SCHEMA, Wording("It does not say who the account is."))

    def _ready(self) -> Http:
        """Return the client, signed in where there is a password and no token yet."""
        if not self._token and (self._refresh or self._settings.password):
            self._renew()
        return self._http

    def _headers(self) -> Mapping[str, str]:
        return {"Authorization": f"Bearer {self._token}"} if self._token else {}

    def _renew(self) -> None:
        """Get a new access token by the refresh token or, failing that, by signing in."""
        if self._refresh:
            try:
                return self._take(
                    self._plain.post_json(
                        f"{_API}/v3/refresh", data={"refresh_token": self._refresh}
                    )
                )
            except SourceError as error:
                if error.passing or not self._settings.password:
                    raise
        if not self._settings.password:
            raise SourceError(
                ErrorKind.AUTH_INVALID, Wording("The access token has run out; enter a new one.")
            )
        return self._take(self._plain.post_json(f"{_API}/v3/login", data=self._credentials()))

    def _credentials(self) -> Mapping[str, object]:
        return {
            "type": "m.login.password",
            "identifier": {"type": "m.id.user", "user": self._settings.user},
            "password": self._settings.password,
            "device_id": _DEVICE,
            "initial_device_display_name": "Foyer",
            "refresh_token": True,
        }

    def _take(self, answer: Any) -> None:
        """Keep the tokens of an answer: here for this run, and at the host for the next one."""
        if not isinstance(answer, dict) or not isinstance(answer.get("access_token"), str):
            raise SourceError(ErrorKind.SCHEMA, Wording("It gives no access token."))
        self._token = answer["access_token"]
        self._plain.keep("token", self._token)
        if answer.get("refresh_token"):  # without a new one the old one stays good
            self._refresh = str(answer["refresh_token"])
            self._plain.keep("refresh_token", self._refresh)


def _classified(answer: Answer) -> SourceError | None:
    """Return what the error code of Matrix means (Client-Server API, 2.2)."""
    code = _errcode(answer) if answer.status >= 400 else ""
    if code == "M_LIMIT_EXCEEDED":
        return SourceError(
            ErrorKind.RATE_LIMITED,
            Wording("It asks us to ask less often."),
            retry_after=retry_after(answer) or _milliseconds(answer),
        )
    if code == "M_UNKNOWN_TOKEN":
        return SourceError(ErrorKind.AUTH_EXPIRED, Wording("The access token has run out."))
    if code in {"M_MISSING_TOKEN", "M_USER_DEACTIVATED"}:
        return SourceError(ErrorKind.AUTH_INVALID, Wording("It wants an account to sign in with."))
    if code == "M_FORBIDDEN" and answer.url.endswith("/login"):
        return SourceError(
            ErrorKind.AUTH_INVALID, Wording("It does not accept the user name and password.")
        )
    asked = urlsplit(answer.url).query
    if answer.status == 400 and ("since=" in asked or "from=" in asked):
        return _forgotten()
    return None


def _forgotten() -> SourceError:
    return SourceError(
        ErrorKind.CURSOR_INVALID, Wording("It no longer knows where the reading stopped.")
    )


def _errcode(answer: Answer) -> str:
    try:
        values = answer.json()
    except SourceError:
        return ""
    return str(values.get("errcode", "")) if isinstance(values, dict) else ""


def _milliseconds(answer: Answer) -> timedelta | None:
    asked = answer.json().get("retry_after_ms")
    return timedelta(milliseconds=asked) if isinstance(asked, int) and asked >= 0 else None


def _rooms(answer: Any, name: str) -> list[Mapping[str, Any]]:
    found = answer.get(name) if isinstance(answer, dict) else None
    if not isinstance(found, list) or not all(
        isinstance(room, dict) and room.get("room_id") for room in found
    ):
        raise SourceError(ErrorKind.SCHEMA, Wording("The list of rooms is not a list."))
    return found


def _is_open(room: Mapping[str, Any]) -> bool:
    """Tell whether a room is one that everybody may join; a space is no room to talk in."""
    return room.get("room_type") != "m.space" and room.get("join_rule", "public") == "public"


def _name(room: Mapping[str, Any]) -> str:
    return str(room.get("name") or room.get("canonical_alias") or room["room_id"])


def _question(query: str, limit: int) -> Mapping[str, object]:
    return {"filter": {"generic_search_term": query}, "limit": limit}

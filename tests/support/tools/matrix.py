"""A Matrix homeserver in memory: shapes as Synapse 1.163 answers them (`/_matrix/client`)."""

import json
from urllib.parse import parse_qs, unquote

from tests.support.tools.world import CANARY, FakeTool, json_answer


class FakeMatrix(FakeTool):
    """Rooms in the public directory; access tokens may run out, refresh tokens work once."""

    kind = "matrix"
    address = "https://matrix.test"
    many = 230
    hides = True
    link_hosts = ("matrix.to",)

    def __init__(self):
        super().__init__()
        self.rooms = {}
        self.tokens = {}
        self.made = 0

    def settings(self):
        return {"address": self.address, "user": "foyer", "password": CANARY}

    def add(self, title):
        room_id = f"!room{len(self.rooms) + 1}:matrix.test"
        self.rooms[room_id] = {"name": title, "visibility": "public"}
        return room_id

    def change(self, external_id, title):
        self.rooms[external_id]["name"] = title

    def remove(self, external_id):
        self.rooms[external_id]["visibility"] = "none"

    def hide(self, external_id):
        self.rooms[external_id]["visibility"] = "private"

    def expire(self):
        """Let every access token run out; the refresh tokens stay."""
        for token in [one for one, state in self.tokens.items() if state == "good"]:
            self.tokens[token] = "expired"

    def answer(self, request):
        path = unquote(request.url.path.removeprefix("/_matrix/client"))
        asked = {name: values[0] for name, values in parse_qs(request.url.query.decode()).items()}
        sent = json.loads(request.content) if request.content else {}
        if path == "/v3/login":
            return self._login(sent)
        if path == "/v3/refresh":
            return self._refresh(sent)
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if self.tokens.get(token) != "good":
            soft = self.tokens.get(token) == "expired"
            error = {"error": "Access token has expired", "soft_logout": soft}
            return json_answer({"errcode": "M_UNKNOWN_TOKEN", **error}, 401)
        return self._answered(path, asked, sent)

    def _answered(self, path, asked, sent):
        if path == "/v3/account/whoami":
            return json_answer({"user_id": "@foyer:matrix.test", "device_id": "FOYER"})
        if path == "/v3/publicRooms":
            return self._listed(asked, sent)
        room = self.rooms.get(path.removeprefix("/v3/directory/list/room/"))
        if room is None or room["visibility"] == "none":
            return json_answer({"errcode": "M_NOT_FOUND", "error": "Unknown room"}, 404)
        return json_answer({"visibility": room["visibility"]})

    def _login(self, sent):
        if sent["password"] != CANARY:
            error = {"errcode": "M_FORBIDDEN", "error": "Invalid username or password"}
            return json_answer(error, 403)
        return json_answer({"user_id": "@foyer:matrix.test", **self._tokens()})

    def _refresh(self, sent):
        if self.tokens.pop(sent["refresh_token"], None) != "refresh":
            error = {"errcode": "M_UNKNOWN_TOKEN", "error": "Invalid refresh token"}
            return json_answer(error, 401)
        return json_answer(self._tokens())

    def _tokens(self):
        self.made += 1
        access, refresh = f"syt_{self.made}_{CANARY}", f"syr_{self.made}_{CANARY}"
        self.tokens |= {access: "good", refresh: "refresh"}
        return {"access_token": access, "refresh_token": refresh, "expires_in_ms": 300_000}

    def _listed(self, asked, sent):
        words = sent.get("filter", {}).get("generic_search_term", "").casefold()
        found = [
            {
                "room_id": room_id,
                "name": room["name"],
                "topic": "What it is about",
                "canonical_alias": f"#{room_id[1:5]}:matrix.test",
                "num_joined_members": self.now.minute,
                "world_readable": False,
                "guest_can_join": False,
                "join_rule": "public",
                "room_type": None,
            }
            for room_id, room in self.rooms.items()
            if room["visibility"] == "public" and words in room["name"].casefold()
        ]
        since, limit = asked.get("since", "0"), int(asked.get("limit", sent.get("limit", 100)))
        if not since.isdecimal():
            return json_answer({"errcode": "M_INVALID_PARAM", "error": "Invalid token"}, 400)
        end = int(since) + limit
        more = {"next_batch": str(end)} if end < len(found) else {}
        chunk = found[int(since) : end]
        return json_answer({"chunk": chunk, "total_room_count_estimate": len(found), **more})

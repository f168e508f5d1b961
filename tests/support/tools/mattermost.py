"""A Mattermost server in memory: shapes from the vendor's description of API v4."""

import json
from urllib.parse import parse_qs

from tests.support.tools.world import CANARY, FakeTool, json_answer

TEAM = "t9hyqzbgkigddndqmf67mkgkce"


class FakeMattermost(FakeTool):
    """One team; pages hold 200 channels however many are asked for."""

    kind = "mattermost"
    address = "https://chat.test"
    many = 230
    hides = True

    def __init__(self):
        super().__init__()
        self.channels = {}

    def settings(self):
        return {"address": self.address, "token": CANARY}

    def add(self, title):
        number = len(self.channels) + 1
        channel_id = f"c{number:025}"
        self.channels[channel_id] = {
            "id": channel_id,
            "create_at": self.stamp,
            "update_at": self.stamp,
            "delete_at": 0,
            "team_id": TEAM,
            "type": "O",
            "display_name": title,
            "name": f"channel-{number}",
            "header": "",
            "purpose": "What it is about",
            "creator_id": "",
        }
        return channel_id

    @property
    def stamp(self):
        return int(self.now.timestamp() * 1000)

    def change(self, external_id, title):
        self.channels[external_id] |= {"display_name": title, "update_at": self.stamp}

    def remove(self, external_id):
        self.channels[external_id] |= {"delete_at": self.stamp, "update_at": self.stamp}

    def hide(self, external_id):
        self.channels[external_id] |= {"type": "P", "update_at": self.stamp}

    def answer(self, request):
        if request.headers.get("Authorization") != f"Bearer {CANARY}":
            return refusal("api.context.session_expired.app_error", "Invalid or expired", 401)
        path = request.url.path.removeprefix("/api/v4/")
        asked = {name: values[0] for name, values in parse_qs(request.url.query.decode()).items()}
        if path == "users/me/teams":
            team = {"id": TEAM, "name": "service", "display_name": "Service", "delete_at": 0}
            return json_answer([team])
        if path.startswith("channels/"):
            return self._one(path.removeprefix("channels/"))
        what = path.removeprefix(f"teams/{TEAM}/")
        if what == "channels/search":
            return json_answer(self._found(json.loads(request.content)["term"]))
        return json_answer(self._listed(what == "channels/deleted", asked))

    def _one(self, channel_id):
        row = self.channels.get(channel_id)
        if row is None:
            return refusal("app.channel.get.existing.app_error", "Channel does not exist", 404)
        if row["type"] == "P":
            return refusal("api.context.permissions.app_error", "No permission", 403)
        return json_answer(self._shape(row))

    def _found(self, term):
        live = [row for row in self.channels.values() if row["type"] == "O"]
        return [
            self._shape(row) for row in live if term.casefold() in row["display_name"].casefold()
        ]

    def _listed(self, deleted, asked):
        rows = [
            self._shape(row)
            for row in self.channels.values()
            if row["type"] == "O" and bool(row["delete_at"]) is deleted
        ]
        rows.sort(key=lambda row: row["display_name"])
        size = min(int(asked.get("per_page", 60)), 200)
        start = int(asked.get("page", 0)) * size
        return rows[start : start + size]

    def _shape(self, row):
        return {**row, "last_post_at": self.stamp, "total_msg_count": self.now.minute}


def refusal(code, message, status):
    values = {"id": code, "message": message, "request_id": "x", "status_code": status}
    return json_answer(values, status)

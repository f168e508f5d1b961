"""A Slack workspace in memory: shapes from the vendor's pages.

`conversations.list`, `oauth.v2.access`, `auth.revoke` and `assistant.search.context` of
https://docs.slack.dev/reference/methods.
"""

import base64
from urllib.parse import parse_qs

from tests.support.tools.authority import CLIENT_ID, Authority, form_of
from tests.support.tools.world import CANARY, FakeTool, json_answer

TEAM = "T061EG9R6"


class FakeSlack(FakeTool):
    """Public and private channels; whatever goes wrong is a 200 with `ok: false`."""

    kind = "slack"
    address = "https://acme.slack.com"
    many = 430
    hides = True

    def __init__(self):
        super().__init__()
        self.channels = {}
        self.authority = Authority(pkce=False)
        self.messages = []
        self.searched = []

    def settings(self):
        return {
            "address": self.address,
            "token": CANARY,
            "accounts_client_id": CLIENT_ID,
            "accounts_client_secret": CANARY,
        }

    def say(self, text, *readers, channel="C1"):
        """Write a message that these people may read."""
        self.messages.append((channel, f"1700000000.{len(self.messages):06}", text, readers))

    def add(self, title):
        channel_id = f"C{len(self.channels) + 1:08}"
        self.channels[channel_id] = {"name": title, "is_archived": False, "is_private": False}
        return channel_id

    def change(self, external_id, title):
        self.channels[external_id]["name"] = title

    def remove(self, external_id):
        self.channels[external_id]["is_archived"] = True

    def hide(self, external_id):
        self.channels[external_id]["is_private"] = True

    def answer(self, request):
        assert request.url.host == "slack.com"
        method = request.url.path.removeprefix("/api/")
        if method == "oauth.v2.access":
            return self._granted(form_of(request))
        if person := self.authority.whose(request):
            return self._as_person(method, person, request)
        if request.headers.get("Authorization") != f"Bearer {CANARY}":
            return refusal("invalid_auth")
        if method == "assistant.search.context":
            self.searched.append("the company")
            return refusal("not_allowed_token_type")
        asked = {name: values[0] for name, values in parse_qs(request.url.query.decode()).items()}
        if method == "auth.test":
            return json_answer({"ok": True, "url": f"{self.address}/", "team_id": TEAM})
        if method == "conversations.info":
            row = self.channels.get(asked["channel"])
            if row is None:
                return refusal("channel_not_found")
            return json_answer({"ok": True, "channel": self._shape(asked["channel"])})
        return self._listed(asked)

    def _granted(self, form):
        given = self.authority.answer(form)
        if isinstance(given, str):
            return refusal({"invalid_grant": "invalid_refresh_token"}.get(given, given))
        return json_answer(
            {
                "ok": True,
                "team": {"id": TEAM},
                "authed_user": {"id": "U1", **given, "token_type": "user"},
            }
        )

    def _as_person(self, method, person, request):
        asked = {name: values[0] for name, values in parse_qs(request.url.query.decode()).items()}
        if method == "auth.test":
            return json_answer(
                {"ok": True, "url": f"{self.address}/", "user": person, "team_id": TEAM}
            )
        if method == "auth.revoke":
            self.authority.withdraw()
            return json_answer({"ok": True, "revoked": True})
        assert method == "assistant.search.context"
        self.searched.append(person)
        rows = [
            {
                "author_name": "Grace",
                "author_user_id": "U2",
                "team_id": TEAM,
                "channel_id": channel,
                "channel_name": "pumps",
                "message_ts": moment,
                "content": text,
                "is_author_bot": False,
                "permalink": f"{self.address}/archives/{channel}/p{moment.replace('.', '')}",
            }
            for channel, moment, text, readers in self.messages
            if person in readers and asked["query"].casefold() in text.casefold()
        ]
        return json_answer({"ok": True, "results": {"messages": rows[: int(asked["limit"])]}})

    def _listed(self, asked):
        assert asked["types"] == "public_channel"
        public = [one for one, row in self.channels.items() if not row["is_private"]]
        start = 0
        if "cursor" in asked:
            try:
                start = int(base64.b64decode(asked["cursor"], validate=True).partition(b":")[2])
            except ValueError:
                return refusal("invalid_cursor")
        end = start + int(asked["limit"])
        mark = base64.b64encode(f"team:{end}".encode()).decode() if end < len(public) else ""
        rows = [self._shape(one) for one in public[start:end]]
        more = {"response_metadata": {"next_cursor": mark}}
        return json_answer({"ok": True, "channels": rows, **more})

    def _shape(self, channel_id):
        words = {"value": "What it is about", "creator": "W012A3CDE", "last_set": 1449709364}
        return {
            "id": channel_id,
            **self.channels[channel_id],
            "is_channel": True,
            "created": 1449252889,
            "updated": int(self.now.timestamp() * 1000),
            "topic": {**words, "value": ""},
            "purpose": words,
            "num_members": self.now.minute,
        }


def refusal(code):
    return json_answer({"ok": False, "error": code})

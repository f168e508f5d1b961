"""A Kolibri in memory: shapes as Kolibri 0.19.5 answers them, its log as it exports it."""

import base64
import csv
import datetime as dt
import io
import json
import re
from urllib.parse import parse_qs

import httpx

from tests.support.tools.world import CANARY, FakeTool, json_answer

CHANNEL = "ec3b42300a4b57c3aea869fbb218a90d"
OTHER = "cd3a98697f64504286207a3683a68347"
FACILITY = "90796679dc97115deb4c72d8195801d0"
SESSION = "owpfr16lxj8i7rkyxm65b0vvwggmdm4p"
TOKEN = "tVZVDQBPlhjuilLUCAeGm7drhneSXvVA51XW3kltjft6tsPjRCbKmuCwJ5irxGLs"


class FakeKolibri(FakeTool):
    """A library with one channel of resources and one that is empty, and its learners' log."""

    kind = "kolibri"
    many = 230
    hides = True

    def __init__(self):
        super().__init__()
        self.nodes = {}
        self.versions = {CHANNEL: 1, OTHER: 1}
        self.log = {}
        self.tasks = {}
        self.polls = 1
        self.kinds = ["superuser", "admin"]

    def settings(self):
        return {"address": self.address, "user": "foyer", "password": CANARY}

    def person(self, kind):
        return "ada"

    def add(self, title, channel=CHANNEL, **values):
        number = next(self.numbers)
        own = f"{number:032x}"
        self.nodes[own] = {
            "id": own,
            "content_id": f"{number + 0xC0000:032x}",
            "channel_id": channel,
            "title": title,
            "available": True,
            "lft": number * 2,
        } | values
        self.publish(channel)
        return own

    def publish(self, channel=CHANNEL):
        """Give the channel its next version."""
        self.versions[channel] += 1

    def change(self, external_id, title):
        self.nodes[external_id]["title"] = title
        self.publish()

    def remove(self, external_id):
        del self.nodes[external_id]
        self.publish()

    def hide(self, external_id):
        self.nodes[external_id]["available"] = False
        self.publish()

    def complete(self, external_id, account, progress=1.0):
        node = self.nodes[external_id]
        self.log[account.name, external_id] = [
            "Works",
            account.name,
            "Learner",
            node["channel_id"],
            "Safety at work",
            node["content_id"],
            node["title"],
            f"{self.now - dt.timedelta(minutes=5)}",
            f"{self.now}",
            f"{self.now}" if progress >= 1 else "",
            "310.5",
            f"{progress:.4f}",
            "video",
        ]

    def answer(self, request):
        path = request.url.path.strip("/")
        asked = {name: values[0] for name, values in parse_qs(request.url.query.decode()).items()}
        if path == "api/public/v2/channel":
            return json_answer([self._channel(one) for one in self.versions])
        if path == "api/public/v2/contentnode":
            return self._listed(asked)
        if path == "api/auth/session":
            return self._session(json.loads(request.content))
        if not self._is_administrator(request):
            return httpx.Response(403, html="<h1>403 Forbidden</h1>")
        if path.startswith("api/tasks/tasks"):
            return self._task(request, path.removeprefix("api/tasks/tasks").strip("/"))
        if path == f"facility/api/downloadcsvfile/summary/{FACILITY}":
            return httpx.Response(200, text=self._csv(), headers={"Content-Type": "text/csv"})
        return json_answer([{"id": "NOT_FOUND", "metadata": {"view": ""}}], 404)

    def _channel(self, own):
        return {
            "id": own,
            "name": "Safety at work",
            "version": self.versions[own],
            "total_resource_count": 0,
            "published_size": 0,
            "last_updated": "2026-11-20T20:12:31.443737Z",
        }

    def _listed(self, asked):
        found = sorted(self.nodes.values(), key=lambda node: node["lft"])
        if "ids" in asked:
            ids = asked["ids"].split(",")
            return json_answer([_shape(node) for node in found if node["id"] in ids])
        if "channels" in asked:
            found = [node for node in found if node["channel_id"] == asked["channels"]]
        for word in re.split('[?.,!";: ]', asked.get("keywords", "")):
            found = [node for node in found if word.casefold() in node["title"].casefold()]
        found = [node for node in found if node["available"]]
        start, size = 0, int(asked["max_results"])
        if "cursor" in asked:
            match = re.fullmatch(rb"p=(\d+)", _decoded(asked["cursor"]))
            if not match:
                return json_answer([{"id": "NOT_FOUND"}], 404)
            start = next((i for i, one in enumerate(found) if one["lft"] > int(match[1])), 0)
        shown = found[start : start + size]
        more = None
        if found[start + size :]:
            place = base64.b64encode(b"p=%d" % shown[-1]["lft"]).decode()
            more = {**asked, "cursor": place}
        return json_answer({"more": more, "results": [_shape(one) for one in shown], "labels": {}})

    def _session(self, given):
        if (given["username"], given["password"]) != ("foyer", CANARY):
            return json_answer([{"id": "INVALID_CREDENTIALS", "metadata": {}}], 401)
        said = {"username": "foyer", "kind": self.kinds, "facility_id": FACILITY, "id": "current"}
        expires = "expires=Fri, 19 Nov 2027 20:15:13 GMT; Max-Age=31449600; Path=/; SameSite=Lax"
        headers = [
            ("Set-Cookie", f"kolibri_csrftoken={TOKEN}; {expires}"),
            ("Set-Cookie", f"kolibri={SESSION}; HttpOnly; Path=/; SameSite=Lax"),
        ]
        return httpx.Response(200, json=said, headers=headers)

    def _is_administrator(self, request):
        cookies = request.headers.get("Cookie", "")
        return f"kolibri={SESSION}" in cookies and request.headers.get("X-CSRFToken") == TOKEN

    def _task(self, request, own):
        if request.method == "POST":
            own = f"task{len(self.tasks) + 1}"
            self.tasks[own] = self.polls
            return json_answer({"status": "QUEUED", "id": own, "percentage": 0})
        if own not in self.tasks:
            return json_answer([{"id": "NOT_FOUND"}], 404)
        self.tasks[own] -= 1
        status = "RUNNING" if self.tasks[own] >= 0 else "COMPLETED"
        return json_answer({"status": status, "id": own, "percentage": 1.0})

    def _csv(self):
        out = io.StringIO()
        writer = csv.writer(out)
        writer.writerow(COLUMNS)
        writer.writerows(self.log.values())
        return "\ufeff" + out.getvalue()


COLUMNS = [
    "Facility name",
    "Username",
    "User type",
    "Channel id",
    "Channel name",
    "Content id",
    "Content title",
    "Time of first interaction",
    "Time of last interaction",
    "Time of completion",
    "Time Spent (sec)",
    "Progress (0-1)",
    "Content kind",
]


def _decoded(cursor):
    try:
        return base64.b64decode(cursor, validate=True)
    except ValueError:
        return b""


def _shape(node):
    return {
        "author": "Works",
        "coach_content": False,
        "description": "What it is about.",
        "kind": "video",
        "license_description": None,
        "license_name": "CC BY",
        "license_owner": "",
        "num_coach_contents": 0,
        "on_device_resources": 0,
        "options": {},
        "parent": None,
        "duration": 300,
        "tags": [],
        "thumbnail": None,
        "lang": {"id": "en", "lang_code": "en", "lang_name": "English"},
        "is_leaf": True,
        **node,
    }

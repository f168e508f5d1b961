"""A PeerTube instance in memory: shapes from the vendor's reference of the REST API (`/api/v1`)."""

import uuid
from urllib.parse import parse_qs

from tests.support.tools.world import FakeTool, json_answer

SORTS = {"name", "duration", "createdAt", "publishedAt", "views", "likes", "trending"}


class FakePeerTube(FakeTool):
    """Public and private videos; lists hold 100 at most."""

    kind = "peertube"
    address = "https://video.test"
    many = 230
    hides = True
    refuses = False

    def __init__(self):
        super().__init__()
        self.videos = {}

    def add(self, title):
        number = len(self.videos) + 1
        short = f"kkGMgK9ZtnKfYAgn{number:06}"
        self.videos[short] = {"name": title, "privacy": 1, "nsfw": False, "channel": "safety"}
        return short

    def change(self, external_id, title):
        self.videos[external_id]["name"] = title

    def remove(self, external_id):
        self.videos[external_id]["privacy"] = 0

    def hide(self, external_id):
        self.videos[external_id]["privacy"] = 3

    def answer(self, request):
        path = request.url.path.removeprefix("/api/v1/")
        asked = {name: values[0] for name, values in parse_qs(request.url.query.decode()).items()}
        if path.startswith("videos/"):
            return self._one(path.removeprefix("videos/"))
        assert asked.get("sort", "createdAt").removeprefix("-") in SORTS
        words = asked.get("search", "").casefold()
        channel = path.split("/")[1] if path.startswith("video-channels/") else ""
        found = [
            self._shape(short, row)
            for short, row in self.videos.items()
            if row["privacy"] == 1
            and channel in {"", row["channel"]}
            and words in row["name"].casefold()
            and not (row["nsfw"] and asked.get("nsfw") == "false")
        ]
        start, count = int(asked["start"]), min(int(asked["count"]), 100)
        return json_answer({"total": len(found), "data": found[start : start + count]})

    def _one(self, short):
        row = self.videos.get(short)
        if row is None or row["privacy"] == 0:
            return problem(404, "Video not found")
        if row["privacy"] != 1:
            return problem(403, "Cannot fetch information of private video")
        return json_answer(self._shape(short, row))

    def _shape(self, short, row):
        return {
            "id": len(short),
            "uuid": str(uuid.uuid5(uuid.NAMESPACE_URL, short)),
            "shortUUID": short,
            "name": row["name"],
            "truncatedDescription": "What it is about",
            "duration": 754,
            "category": {"id": 15, "label": "Science & Technology"},
            "licence": {"id": 2, "label": "Attribution - Share Alike"},
            "language": {"id": "en", "label": "English"},
            "privacy": {"id": row["privacy"], "label": "Public"},
            "createdAt": "2026-03-01T08:00:00.000Z",
            "publishedAt": "2026-03-02T08:00:00.000Z",
            "updatedAt": self.now.isoformat(),
            "originallyPublishedAt": None,
            "isLocal": True,
            "views": self.now.minute,
            "likes": self.now.minute,
            "nsfw": row["nsfw"],
            "channel": {"name": row["channel"], "displayName": "Safety first"},
        }


def problem(status, detail):
    values = {"type": "about:blank", "title": "x", "detail": detail, "status": status}
    return json_answer(values, status)

"""A WordPress site in memory: shapes as WordPress 6.1 answers them (`/wp-json/wp/v2`)."""

import base64
import datetime as dt
import re
from urllib.parse import parse_qs

from tests.support.tools.world import CANARY, FakeTool, json_answer


class FakeWordPress(FakeTool):
    """Posts that are published, trashed or private; pages are as many as none."""

    kind = "wordpress"
    many = 230
    hides = True

    def __init__(self):
        super().__init__()
        self.posts = {}

    def settings(self):
        return {"address": self.address, "user": "foyer", "password": CANARY}

    def add(self, title):
        number = len(self.posts) + 1
        self.posts[number] = {
            "id": number,
            "title": title,
            "status": "publish",
            "date": self.now,
            "modified": self.now,
        }
        return str(number)

    def change(self, external_id, title):
        self.posts[int(external_id)] |= {"title": title, "modified": self.now}

    def remove(self, external_id):
        self.posts[int(external_id)] |= {"status": "trash", "modified": self.now}

    def hide(self, external_id):
        self.posts[int(external_id)] |= {"status": "private", "modified": self.now}

    def seen(self, title):
        return " ".join(re.sub(r"<[^>]*>", "", re.sub(r'"([^"]*)"', r"“\1”", title)).split())

    def answer(self, request):
        given = request.headers.get("Authorization")
        if given not in (None, self._basic()):
            return _refusal("incorrect_password", "The provided password is invalid.", 401)
        asked = {name: values[0] for name, values in parse_qs(request.url.query.decode()).items()}
        path = asked.get("rest_route", request.url.path.removeprefix("/wp-json"))
        path = path.removeprefix("/wp/v2/")
        if path == "search":
            return json_answer(self._found(asked))
        kind, _, number = path.partition("/")
        if number:
            return self._one(kind, int(number), signed_in=bool(given))
        return self._list(kind, asked)

    def _basic(self):
        return "Basic " + base64.b64encode(f"foyer:{CANARY}".encode()).decode()

    def _found(self, asked):
        live = [post for post in self.posts.values() if post["status"] == "publish"]
        found = [post for post in live if asked["search"].casefold() in post["title"].casefold()]
        return [
            {"id": post["id"], "title": rendered(post["title"]), "url": _address(post)}
            for post in found[: int(asked["per_page"])]
        ]

    def _one(self, kind, number, *, signed_in):
        post = self.posts.get(number)
        if kind != "posts" or post is None:
            return _refusal("rest_post_invalid_id", "Invalid post ID.", 404)
        if post["status"] == "publish" or signed_in:
            return json_answer(_shape(post))
        return _refusal("rest_forbidden", "Sorry, you are not allowed to do that.", 401)

    def _list(self, kind, asked):
        statuses = asked.get("status", "publish").split(",")
        after = dt.datetime.fromisoformat(asked.get("modified_after", "1970-01-01T00:00:00+00:00"))
        posts = [
            post
            for post in (self.posts.values() if kind == "posts" else ())
            if post["status"] in statuses and post["modified"] > after
        ]
        posts.sort(key=lambda post: post[asked.get("orderby", "date")])
        size, page = int(asked["per_page"]), int(asked.get("page", 1))
        if "offset" in asked:
            first = int(asked["offset"])
            return json_answer([_shape(post) for post in posts[first : first + size]])
        if page > 1 and (page - 1) * size >= len(posts):
            return _refusal("rest_post_invalid_page_number", "The page number is too big.", 400)
        return json_answer([_shape(post) for post in posts[(page - 1) * size : page * size]])


def rendered(title):
    """Return a title as WordPress renders it: markup kept, quotes curled, `&` as `&#038;`."""
    return re.sub(r'"([^"]*)"', r"&#8220;\1&#8221;", title.replace("&", "&#038;"))


def _shape(post):
    return {
        "id": post["id"],
        "link": _address(post),
        "title": {"rendered": rendered(post["title"])},
        "excerpt": {"rendered": "<p>What it is about.</p>\n", "protected": False},
        "date_gmt": post["date"].strftime("%Y-%m-%dT%H:%M:%S"),
        "modified_gmt": post["modified"].strftime("%Y-%m-%dT%H:%M:%S"),
        "status": post["status"],
        "type": "post",
    }


def _address(post):
    return f"{FakeWordPress.address}/2026/11/post-{post['id']}/"


def _refusal(code, message, status):
    return json_answer({"code": code, "message": message, "data": {"status": status}}, status)

"""A file in memory, served as a web server serves one: with ETag, behind HTTP Basic."""

import base64
import csv
import hashlib
import io

import httpx

from app.intake.text import plain
from tests.support.tools.world import CANARY, FakeTool

NAMES = ("external_id", "kind", "title", "url", "summary", "skills", "tool")


class FakeDrop(FakeTool):
    """A CSV file; `body` may be set to be served in place of the items."""

    kind = "drop"
    address = "https://files.test/courses.csv"
    many = 600

    def __init__(self):
        super().__init__()
        self.items = {}
        self.made = 0
        self.body = None

    def settings(self):
        return {"address": self.address, "user": "foyer", "password": CANARY}

    def seen(self, title):
        return plain(title)

    def add(self, title):
        self.made += 1
        self.items[f"c-{self.made}"] = title
        return f"c-{self.made}"

    def change(self, external_id, title):
        self.items[external_id] = title

    def remove(self, external_id):
        del self.items[external_id]

    def answer(self, request):
        pair = base64.b64encode(f"foyer:{CANARY}".encode()).decode()
        if request.headers.get("Authorization") != f"Basic {pair}":
            return httpx.Response(401)
        body = self._file() if self.body is None else self.body
        etag = f'"{hashlib.md5(body).hexdigest()}"'
        if request.headers.get("If-None-Match") == etag:
            return httpx.Response(304, headers={"ETag": etag})
        return httpx.Response(200, content=body, headers={"ETag": etag, "Content-Type": "text/csv"})

    def _file(self):
        file = io.StringIO()
        rows = csv.writer(file)
        rows.writerow(NAMES)
        for one, title in self.items.items():
            address = f"https://learn.test/{one}"
            rows.writerow([one, "course", title, address, "About it,\nin lines", "C++;Law", "x"])
        return file.getvalue().encode()

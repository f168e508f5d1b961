"""A feed in memory: RSS 2.0 as WordPress 6.1 writes it, with ETag and conditional answers."""

import base64
import hashlib
from email.utils import format_datetime
from xml.sax.saxutils import escape

import httpx

from tests.support.tools.world import CANARY, FakeTool

HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?><rss version="2.0" '
    'xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd"><channel>'
    "<title>Works blog</title><link>https://feed.test</link>"
    "<description>News</description><language>en-US</language>"
)


class FakeFeed(FakeTool):
    """The newest items of a feed."""

    kind = "feed"
    address = "https://feed.test/blog/feed"
    can_probe = False

    def __init__(self):
        super().__init__()
        self.items = {}
        self.made = 0

    def settings(self):
        return {"address": self.address, "user": "foyer", "password": CANARY}

    def add(self, title):
        self.made += 1
        external_id = f"https://feed.test/blog/?p={self.made}"
        self.items[external_id] = (title, self.now)
        return external_id

    def change(self, external_id, title):
        self.items[external_id] = (title, self.items[external_id][1])

    def remove(self, external_id):
        del self.items[external_id]

    def answer(self, request):
        pair = base64.b64encode(f"foyer:{CANARY}".encode()).decode()
        if request.headers.get("Authorization") != f"Basic {pair}":
            return httpx.Response(401)
        body = HEAD + "".join(self._item(one) for one in self.items) + "</channel></rss>\n"
        etag = f'"{hashlib.md5(body.encode()).hexdigest()}"'
        if request.headers.get("If-None-Match") == etag:
            return httpx.Response(304, headers={"ETag": etag})
        headers = {"ETag": etag, "Content-Type": "application/rss+xml; charset=UTF-8"}
        return httpx.Response(200, content=body.encode(), headers=headers)

    def _item(self, external_id):
        title, moment = self.items[external_id]
        return (
            f"<item><title>{escape(title)}</title><link>{external_id}</link>"
            f"<pubDate>{format_datetime(moment)}</pubDate>"
            f'<guid isPermaLink="false">{external_id}</guid>'
            f"<description><![CDATA[<p>What it is about.</p>]]></description></item>"
        )

"""A website in memory: a gzipped sitemap named by robots.txt, and pages with JSON-LD."""

import gzip
import json
from html import escape

import httpx

from tests.support.tools.world import FakeTool

SITEMAP = "https://site.test/sitemap.xml"
NAMESPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"


class FakeSitemap(FakeTool):
    """Pages with their own lastmod, those of one folder forbidden to robots."""

    kind = "sitemap"
    address = "https://site.test/learn"
    many = 60
    reads_pages = True
    hides = True
    refuses = False

    def __init__(self):
        super().__init__()
        self.pages = {}
        self.robots = f"User-agent: *\nDisallow: /learn/private/\nSitemap: {SITEMAP}\n"
        self.dated = True

    def add(self, title, path=None):
        address = f"{self.address}/{path or f'{len(self.pages) + 1:04}'}"
        self.pages[address] = {"title": title, "status": 200, "at": self.now}
        return address

    def change(self, external_id, title):
        self.pages[external_id] |= {"title": title, "at": self.now}

    def remove(self, external_id):
        self.pages[external_id]["status"] = 404

    def hide(self, external_id):
        self.pages[external_id]["status"] = 403

    def answer(self, request):
        address = str(request.url)
        if address == "https://site.test/robots.txt":
            return httpx.Response(200, text=self.robots)
        if address == SITEMAP:
            headers = {"Content-Type": "application/x-gzip"}
            return httpx.Response(200, content=gzip.compress(self._map().encode()), headers=headers)
        page = self.pages.get(address, {"status": 404})
        if page["status"] != 200:
            return httpx.Response(page["status"], html="<title>Not here</title>")
        return httpx.Response(200, html=page.get("html") or described(page["title"]))

    def _map(self):
        rows = [
            f"<url><loc>{escape(address)}</loc>{self._lastmod(page)}</url>"
            for address, page in self.pages.items()
            if page["status"] in {200, 500}
        ]
        head = f'<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="{NAMESPACE}">'
        return head + "".join(rows) + "</urlset>"

    def _lastmod(self, page):
        return f"<lastmod>{page['at'].isoformat()}</lastmod>" if self.dated else ""


def described(title, kind="Course", **more):
    """Return a page that says in JSON-LD what it is."""
    thing = {"@type": kind, "name": title, "description": "What it is about.", **more}
    graph = {"@context": "https://schema.org", "@graph": [{"@type": "WebSite"}, thing]}
    told = json.dumps(graph).replace("<", "\\u003c")
    script = f'<script type="application/ld+json">{told}</script>'
    return f'<!doctype html><html lang="en-GB"><title>Site</title>{script}<h1>Page</h1></html>'

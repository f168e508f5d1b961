"""Reads the lists of a MediaWiki and of a WordPress and does nothing with them.

Their own speed is the floor under a harvest.
"""

import httpx


def read_mediawiki(url: str, page: int = 500) -> tuple[int, int]:
    """Return how many articles the wiki lists and of how many bytes its answers are."""
    asked = {
        "action": "query",
        "format": "json",
        "formatversion": "2",
        "generator": "allpages",
        "gapfilterredir": "nonredirects",
        "gaplimit": str(page),
        "prop": "info",
    }
    items = size = 0
    more: dict[str, str] = {}
    with httpx.Client(base_url=url, timeout=60, trust_env=False) as client:
        while True:
            answer = client.get("/api.php", params={**asked, **more})
            size += len(answer.content)
            found = answer.json()
            items += len(found.get("query", {}).get("pages", ()))
            more = found.get("continue") or {}
            if not more:
                return items, size


def read_wordpress(url: str, page: int = 100) -> tuple[int, int]:
    """Return how many posts and pages the site lists and of how many bytes its answers are."""
    items = size = 0
    with httpx.Client(base_url=url, timeout=60, trust_env=False) as client:
        for kind in ("posts", "pages"):
            offset, found = 0, [None] * page
            while len(found) == page:
                asked = {"rest_route": f"/wp/v2/{kind}", "per_page": page, "offset": offset}
                answer = client.get("/", params={**asked, "orderby": "id", "order": "asc"})
                size += len(answer.content)
                found = answer.json()
                items += len(found)
                offset += page
    return items, size

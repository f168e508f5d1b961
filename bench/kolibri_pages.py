"""Reads a Kolibri's pages and does nothing with them: the floor under its harvest."""

import httpx

PAGE = 200


def read_pages(url: str, page: int = PAGE) -> tuple[int, int]:
    """Return how many resources the pages hold and of how many bytes they are."""
    items = size = 0
    with httpx.Client(base_url=url, timeout=60, trust_env=False) as client:
        channels = client.get("/api/public/v2/channel/").json()
        for channel in channels:
            wanted = {"kind": "content", "channels": channel["id"], "max_results": str(page)}
            while wanted:
                answer = client.get("/api/public/v2/contentnode/", params=wanted)
                size += len(answer.content)
                found = answer.json()
                items += len(found["results"])
                wanted = found["more"]
    return items, size

"""From which kind of page somebody opens an item, by the page that led there.

The address of the item stays the same wherever a reader comes from, so that what they share and
bookmark says nothing of it; only the button that opens the item carries the word.
"""

from urllib.parse import urlsplit

from werkzeug.wrappers import Request

from app.activity.service import VIA

FALLBACK = "item"
_ROOMS = {
    "": "home",
    "for-you": "home",
    "discover": "search",
    "items": "item",
    "role": "role-page",
    "roles": "role-page",
    "playlists": "playlist",
    "library": "library",
}


def via_of(request: Request) -> str:
    """Return the kind of page that led to the item page asked for, one of `VIA`.

    `?via=` says it, as in a mail; else the page of ours that the browser names; else `item`.
    """
    said = request.args.get("via", "")
    if said in VIA:
        return said
    try:
        parts = urlsplit(request.referrer or "")
    except ValueError:
        return FALLBACK
    if parts.netloc != request.host:
        return FALLBACK
    room = parts.path.strip("/").partition("/")[0]
    return _ROOMS.get(room, FALLBACK)

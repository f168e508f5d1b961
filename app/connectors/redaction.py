"""Takes secrets out of sentences, however a tool or a library has written them down.

A secret may come back as it is, percent-encoded in an address, escaped in JSON, or inside a longer
text in base64, as Basic credentials are (RFC 7617). There its letters depend on what stands before
it, so that all three ways in which it may lie across the groups of base64 are looked for.
"""

import base64
import json
import re
from collections.abc import Collection

HIDDEN = "•••"
SHORTEST = 4
_SHORTEST_CORE = 6


def redacted(text: str, secrets: Collection[str]) -> str:
    """Return the text without the secrets; those of fewer than four characters are no secrets."""
    for secret in sorted({one for one in secrets if len(one) >= SHORTEST}, key=len, reverse=True):
        text = text.replace(json.dumps(secret)[1:-1], HIDDEN)
        text = re.sub(_written(secret), HIDDEN, text)
        for core in _cores(secret.encode("utf-8", "replace")):
            if core in text:
                text = re.sub(rf"[\w+/=-]*{re.escape(core)}[\w+/=-]*", HIDDEN, text)
    return text


def _written(secret: str) -> str:
    """Return a pattern of the secret with any of its letters percent-encoded."""
    return "".join(
        f"(?:{re.escape(letter)}|{_percent(letter)}{'|[+]' if letter == ' ' else ''})"
        for letter in secret
    )


def _percent(letter: str) -> str:
    octets = letter.encode("utf-8", "replace")
    return "".join(f"(?i:%{octet:02x})" for octet in octets)


def _cores(secret: bytes) -> list[str]:
    """Return the parts of the secret in base64 that nothing before or after it changes."""
    cores = set()
    for before in range(3):
        start = -(-before * 8 // 6)
        end = (before + len(secret)) * 8 // 6
        padded = b"\0" * before + secret
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            cores.add(encode(padded).decode()[start:end])
    return [core for core in cores if len(core) >= _SHORTEST_CORE]

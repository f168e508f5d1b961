"""Plain text from people: one form of line breaks, no control characters, a limit that is said."""

import unicodedata

from app.errors import Invalid, Wording


def plain(text: object) -> str:
    """Return the text as it is kept: no control characters, no space around it.

    A line break is one character, as browsers count it, though they send two.
    """
    lines = (text if isinstance(text, str) else "").replace("\r\n", "\n").replace("\r", "\n")
    kept = (c for c in lines if c in "\n\t" or unicodedata.category(c) not in {"Cc", "Cs"})
    return "".join(kept).strip()


def checked(field: str, text: str, *, longest: int, required: bool = False) -> str:
    """Return the text as it is kept; raise Invalid if it is too long, or empty though required."""
    kept = plain(text)
    if required and not kept:
        raise Invalid({field: Wording("This cannot be empty.")})
    if len(kept) > longest:
        reason = Wording(
            "This has %(count)d characters; at most %(most)d fit.", count=len(kept), most=longest
        )
        raise Invalid({field: reason})
    return kept

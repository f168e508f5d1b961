"""The one thing that can go wrong for a reader: there is no usable index yet.

SearchError
+-- IndexMissing   nothing to search: never built, torn, or written in an older format
+-- IndexBusy      somebody else is writing and did not finish within the given time
"""


class SearchError(Exception):
    """Whatever this library raises on purpose."""


class IndexMissing(SearchError):
    """There is no usable index; `reason` says why in words and a rebuild mends it."""

    def __init__(self, reason: str) -> None:
        """Keep the reason for the page that asks somebody to rebuild."""
        super().__init__(reason)
        self.reason = reason


class IndexBusy(SearchError):
    """Another writer holds the index; the batch was not written and may be tried again."""

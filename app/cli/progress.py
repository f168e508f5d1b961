"""A progress bar that is told where it stands."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count

import click


@contextmanager
def bar(label: str, total: int | None) -> Iterator[Callable[[int], None]]:
    """Give a function that takes how much of `total` is done; a total of None is not known.

    The bar is drawn on standard error, and only where somebody watches.
    """
    hidden = not sys.stderr.isatty()
    endless = count() if total is None else None
    with click.progressbar(
        endless, total, label, show_pos=total is None, file=sys.stderr, hidden=hidden
    ) as drawn:
        yield lambda done: drawn.update(done - drawn.pos)

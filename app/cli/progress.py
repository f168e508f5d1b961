"""A progress bar that is told where it stands."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click


@contextmanager
def bar(label: str, total: int) -> Iterator[Callable[[int], None]]:
    """Give a function that takes how much of `total` is done.

    The bar is drawn on standard error, and only where somebody watches.
    """
    hidden = not sys.stderr.isatty()
    with click.progressbar(length=total, label=label, file=sys.stderr, hidden=hidden) as drawn:
        yield lambda done: drawn.update(done - drawn.pos)

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


class Said:
    """Takes stages and the share done of each, and says a line for each stage and each tenth."""

    def __init__(self) -> None:
        """Begin with nothing said."""
        self._said = ("", -1)

    def __call__(self, stage: str, share: float) -> None:
        """Say how far it is, on standard error, unless that has been said."""
        step = (stage, int(share * 10))
        if step != self._said:
            self._said = step
            click.echo(f"{stage}: {10 * step[1]} %", err=True)

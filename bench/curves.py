"""Draws how costs grow: curves with both axes in powers of ten, as an SVG document.

A cost that grows as the size does rises at 45 degrees.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

DECADE = 150  # pixels for a factor of ten, on both axes
LEFT, TOP, LABELS = 70, 50, 180
Point = tuple[float, float]


@dataclass(frozen=True)
class Curve:
    """What is measured: its label, its colour, its points (size, cost), and how it is dashed."""

    label: str
    colour: str
    points: Sequence[Point]
    dashes: str = ""


@dataclass(frozen=True)
class Plot:
    """The powers of ten that each axis runs over, from the first to the last."""

    x: range
    y: range

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        return (len(self.x) - 1) * DECADE, (len(self.y) - 1) * DECADE

    def at(self, size: float, cost: float) -> Point:
        """Place a point."""
        x = LEFT + (math.log10(size) - self.x[0]) * DECADE
        return round(x, 1), round(TOP + (self.y[-1] - math.log10(cost)) * DECADE, 1)


def draw(title: str, curves: Sequence[Curve]) -> str:
    """Draw the curves over their sizes; returns an SVG document."""
    sizes, costs = zip(*(point for curve in curves for point in curve.points), strict=True)
    plot = Plot(_decades(sizes), _decades(costs))
    width, height = plot.size
    title = escape(title)
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" font-family="sans-serif" font-size="13" '
            f'viewBox="0 0 {LEFT + width + LABELS} {TOP + height + 40}" role="img">',
            f"<title>{title}</title>",
            '<rect width="100%" height="100%" fill="#ffffff"/>',
            f'<text x="{LEFT}" y="25" font-size="15">{title}</text>',
            *_grid(plot),
            *_lines(plot, curves),
            "</svg>",
            "",
        ]
    )


def _grid(plot: Plot) -> Iterator[str]:
    width, height = plot.size
    for power in plot.x:
        x, _ = plot.at(10**power, 1)
        yield _rule(x, TOP, x, TOP + height)
        yield _text(x, TOP + height + 22, f"{10**power:,}", "middle")
    for power in plot.y:
        _, y = plot.at(1, 10.0**power)
        yield _rule(LEFT, y, LEFT + width, y)
        yield _text(LEFT - 8, y + 4, f"{10.0**power:g}", "end")


def _lines(plot: Plot, curves: Sequence[Curve]) -> Iterator[str]:
    ends = _apart([plot.at(*curve.points[-1])[1] for curve in curves])
    for curve, end in zip(curves, ends, strict=True):
        points = [plot.at(*point) for point in curve.points]
        line = " ".join(f"{x},{y}" for x, y in points)
        dashed = f' stroke-dasharray="{curve.dashes}"' if curve.dashes else ""
        yield (
            f'<polyline points="{line}" fill="none" stroke="{curve.colour}" '
            f'stroke-width="2"{dashed}/>'
        )
        for x, y in points:
            yield f'<circle cx="{x}" cy="{y}" r="3" fill="{curve.colour}"/>'
        yield _text(points[-1][0] + 10, end + 4, curve.label, "start", curve.colour)


def _decades(values: Sequence[float]) -> range:
    low, high = math.log10(min(values)), math.log10(max(values))
    return range(math.floor(low), math.ceil(high) + 1)


def _apart(places: Sequence[float], least: float = 16) -> list[float]:
    """Move labels down until none covers another; returns them in the order given."""
    order = sorted(range(len(places)), key=places.__getitem__)
    moved = dict(zip(order, _stacked([places[at] for at in order], least), strict=True))
    return [moved[at] for at in range(len(places))]


def _stacked(places: Sequence[float], least: float) -> Iterator[float]:
    last = -math.inf
    for place in places:
        last = max(place, last + least)
        yield last


def _rule(x1: float, y1: float, x2: float, y2: float) -> str:
    return f'<line x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}" stroke="#dddddd"/>'


def _text(x: float, y: float, text: str, anchor: str, colour: str = "#333333") -> str:
    return f'<text x="{x}" y="{y}" text-anchor="{anchor}" fill="{colour}">{escape(text)}</text>'

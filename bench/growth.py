"""How the cost of searching grows with the catalogue, as a table and a picture.

    python bench/growth.py CATALOGUE_JSONL [--sizes 10000 100000 1000000] [--engine tantivy]
                           [--picture docs/pictures/search-growth.svg]

runs `bench/search.py` once for each size, each in a process of its own, prints a row of figures per
size and draws them: both axes count in powers of ten, so that a cost which grows as the catalogue
does rises at 45 degrees.
"""

import argparse
import json
import math
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

ROOT = Path(__file__).parent.parent
LINES = (
    ("search p95", "search, p95", "#1f5fbf", ""),
    ("search p50", "search, median", "#1f5fbf", "6 4"),
    ("floor p95", "engine alone, p95", "#777777", ""),
    ("floor p50", "engine alone, median", "#777777", "6 4"),
    ("suggest p99", "completion, p99", "#b3541e", ""),
    ("suggest p50", "completion, median", "#b3541e", "6 4"),
)
COLUMNS = (
    "items",
    "index s",
    "index CPU s",
    "index MB",
    "index peak MB",
    "answering MB",
    "answering mapped MB",
    *(
        f"{what} {pick}"
        for what in ("search", "floor", "suggest")
        for pick in ("p50", "p95", "p99")
    ),
    "ratio mean",
    "update p50",
    "update p95",
)
DECADE = 150  # pixels for a factor of ten, on both axes
LEFT, TOP, LABELS = 70, 50, 180
Rows = Sequence[Mapping[str, float]]


def main() -> None:
    """Measure, print, draw."""
    arguments = _arguments()
    measured = [_measure(arguments, size) for size in arguments.sizes]
    for column in COLUMNS:
        print(f"{column:22}" + "".join(f"{row[column]:12.4g}" for row in measured))
    if arguments.picture:
        arguments.picture.write_text(draw(measured, arguments.engine))
        print(arguments.picture)


def draw(measured: Rows, engine: str) -> str:
    """Draw milliseconds over items; returns an SVG document."""
    times = [row[name] for row in measured for name, *_ in LINES]
    plot = Plot(_decades([row["items"] for row in measured]), _decades(times))
    width, height = plot.size
    title = f"Milliseconds by number of items, {escape(engine)}, one thread"
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" font-family="sans-serif" font-size="13" '
            f'viewBox="0 0 {LEFT + width + LABELS} {TOP + height + 40}" role="img">',
            f"<title>{title}</title>",
            '<rect width="100%" height="100%" fill="#ffffff"/>',
            f'<text x="{LEFT}" y="25" font-size="15">{title}</text>',
            *_grid(plot),
            *_curves(plot, measured),
            "</svg>",
            "",
        ]
    )


@dataclass(frozen=True)
class Plot:
    """The powers of ten that each axis runs over, from the first to the last."""

    x: range
    y: range

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        return (len(self.x) - 1) * DECADE, (len(self.y) - 1) * DECADE

    def at(self, items: float, taken: float) -> tuple[float, float]:
        """Place a point."""
        x = LEFT + (math.log10(items) - self.x[0]) * DECADE
        return round(x, 1), round(TOP + (self.y[-1] - math.log10(taken)) * DECADE, 1)


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


def _curves(plot: Plot, measured: Rows) -> Iterator[str]:
    last = measured[-1]
    ends = _apart([plot.at(last["items"], last[name])[1] for name, *_ in LINES])
    for (name, label, colour, dashes), end in zip(LINES, ends, strict=True):
        points = [plot.at(row["items"], row[name]) for row in measured]
        line = " ".join(f"{x},{y}" for x, y in points)
        dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
        yield f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="2"{dashed}/>'
        for x, y in points:
            yield f'<circle cx="{x}" cy="{y}" r="3" fill="{colour}"/>'
        yield _text(points[-1][0] + 10, end + 4, label, "start", colour)


def _decades(values: Sequence[float]) -> range:
    low, high = math.log10(min(values)), math.log10(max(values))
    return range(math.floor(low), math.ceil(high) + 1)


def _measure(arguments: argparse.Namespace, size: int) -> Mapping[str, float]:
    with tempfile.TemporaryDirectory() as folder:
        figures = Path(folder) / "figures.json"
        command = [sys.executable, ROOT / "bench" / "search.py", arguments.catalogue]
        command += ["--items", str(size), "--engine", arguments.engine, "--figures", figures]
        subprocess.run(command, check=True)
        found: Mapping[str, float] = json.loads(figures.read_text())
        return found


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("catalogue", type=Path)
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--engine", default="tantivy")
    parser.add_argument("--picture", type=Path)
    return parser.parse_args()


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


if __name__ == "__main__":
    main()

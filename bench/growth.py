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
    sizes = [row["items"] for row in measured]
    times = [row[name] for row in measured for name, *_ in LINES]
    low_x, high_x = math.floor(_log(min(sizes))), math.ceil(_log(max(sizes)))
    low_y, high_y = math.floor(_log(min(times))), math.ceil(_log(max(times)))
    width, height = (high_x - low_x) * DECADE, (high_y - low_y) * DECADE

    def at(items: float, taken: float) -> tuple[float, float]:
        x = LEFT + (_log(items) - low_x) * DECADE
        return round(x, 1), round(TOP + (high_y - _log(taken)) * DECADE, 1)

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" font-family="sans-serif" font-size="13" '
        f'viewBox="0 0 {LEFT + width + LABELS} {TOP + height + 60}" role="img">',
        f"<title>Time of a search over the number of items ({escape(engine)})</title>",
        '<rect width="100%" height="100%" fill="#ffffff"/>',
        f'<text x="{LEFT}" y="25" font-size="15">Milliseconds by number of items, '
        f"{escape(engine)}, one thread</text>",
    ]
    for power in range(low_x, high_x + 1):
        x, _ = at(10**power, 10**low_y)
        parts.append(_rule(x, TOP, x, TOP + height))
        parts.append(_text(x, TOP + height + 22, f"{10**power:,}", "middle"))
    for power in range(low_y, high_y + 1):
        _, y = at(10**low_x, 10**power)
        parts.append(_rule(LEFT, y, LEFT + width, y))
        parts.append(_text(LEFT - 8, y + 4, f"{10.0**power:g}", "end"))
    ends = _apart([at(sizes[-1], measured[-1][name])[1] for name, *_ in LINES])
    for (name, label, colour, dashes), end in zip(LINES, ends, strict=True):
        points = " ".join(f"{x},{y}" for x, y in (at(row["items"], row[name]) for row in measured))
        dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
        parts.append(
            f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"{dashed}/>'
        )
        parts += [
            f'<circle cx="{p.split(",")[0]}" cy="{p.split(",")[1]}" r="3" fill="{colour}"/>'
            for p in points.split()
        ]
        x, _ = at(sizes[-1], 1)
        parts.append(_text(x + 10, end + 4, label, "start", colour))
    return "\n".join([*parts, "</svg>", ""])


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


def _log(value: float) -> float:
    return math.log10(value)


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

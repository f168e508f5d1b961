"""How the cost of searching grows with the catalogue, as a table and a picture.

    python bench/growth.py CATALOGUE_JSONL [--sizes 10000 100000 1000000] [--engine tantivy]
                           [--picture docs/pictures/search-growth.svg]

runs `bench/search.py` once for each size, each in a process of its own, prints a row of figures per
size and draws them: both axes count in powers of ten, so that a cost which grows as the catalogue
does rises at 45 degrees.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from bench.curves import Curve, draw

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
Rows = Sequence[Mapping[str, float]]


def main() -> None:
    """Measure, print, draw."""
    arguments = _arguments()
    measured = [_measure(arguments, size) for size in arguments.sizes]
    for column in COLUMNS:
        print(f"{column:22}" + "".join(f"{row[column]:12.4g}" for row in measured))
    if arguments.picture:
        arguments.picture.write_text(picture(measured, arguments.engine))
        print(arguments.picture)


def picture(measured: Rows, engine: str) -> str:
    """Draw milliseconds over items; returns an SVG document."""
    curves = [
        Curve(label, colour, [(row["items"], row[name]) for row in measured], dashes)
        for name, label, colour, dashes in LINES
    ]
    return draw(f"Milliseconds by number of items, {engine}, one thread", curves)


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


if __name__ == "__main__":
    main()

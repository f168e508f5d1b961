"""Measures searching in several tools at once: the quality of one list, and the time under faults.

    python bench/federation.py quality FOLDER [NAME …]
    python bench/federation.py faults [--requests N]

`quality` reads judged collections (`FOLDER/scifact`, `FOLDER/cranfield`: see
`bench/federation_quality.py`), `faults` needs nothing (see `bench/federation_faults.py`).
"""

import argparse
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from bench import federation_faults, federation_quality

COLLECTIONS = ("scifact", "cranfield")


def main() -> None:
    """Measure what was asked for."""
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    which = asked.add_subparsers(dest="which", required=True)
    quality = which.add_parser("quality")
    quality.add_argument("folder", type=Path)
    quality.add_argument("names", nargs="*", default=[])
    faults = which.add_parser("faults")
    faults.add_argument("--requests", type=int, default=10_000)
    options = asked.parse_args()
    with tempfile.TemporaryDirectory(prefix="foyer-bench-") as work:
        if options.which == "quality":
            names = options.names or COLLECTIONS
            lines = federation_quality.measure(options.folder, Path(work), names)
        else:
            lines = federation_faults.measure(Path(work), options.requests)
        for line in lines:
            print(line, flush=True)


if __name__ == "__main__":
    main()

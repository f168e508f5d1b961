"""The search page under load: how many requests a second it answers at p95 below 100 ms.

    python bench/load.py [CATALOGUE_JSONL] [--seconds 8] [--connections 1 2 4 8]

starts a portal with the sample company (and the given catalogue), as `foyer serve` runs it, signs a
sample person in, and lets `wrk` ask for search pages and completions over more and more
connections. wrk and the portal share the machine. The named floor is `/healthz`: the web server and
a page that asks nothing.
"""

import argparse
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

import httpx  # noqa: E402

from tests.browser.conftest import Portal  # noqa: E402

BOUND_MS = 100.0
PAGES = {
    "floor (/healthz)": ("/healthz",),
    "search page": (
        "/discover?q=data+analysis",
        "/discover?q=python",
        "/discover?q=security&kind=course",
        "/discover?q=onboarding",
        "/discover?q=project+management&kind=video&kind=article",
        "/discover?q=kubernetes",
        "/discover",
    ),
    "completion": tuple(
        f"/suggest?q={typed}" for typed in ("d", "da", "dat", "data", "data+a", "pyt", "sec")
    ),
}
_SCRIPT = """
local paths = {%s}
local at = 0
local fragment = string.find(paths[1], "/suggest") and "true" or nil
request = function()
  at = at %% #paths + 1
  return wrk.format("GET", paths[at], {["Cookie"] = "%s",
    ["HX-Request"] = fragment, ["HX-Target"] = fragment and "suggestions"})
end
done = function(summary, latency, requests)
  io.write(string.format("p50 %%.2f\\np95 %%.2f\\nfailed %%d\\n", latency:percentile(50) / 1000,
    latency:percentile(95) / 1000, summary.errors.status + summary.errors.timeout))
end
"""


@dataclass(frozen=True)
class Measured:
    """What wrk found."""

    rate: float
    p50: float
    p95: float
    failed: int


def main() -> None:
    """Start the portal and print a row for each number of connections."""
    arguments = _arguments()
    wrk = shutil.which("wrk")
    if wrk is None:
        raise SystemExit("wrk is not installed: apt install wrk")
    with _running(arguments.catalogue, arguments.workers) as portal:
        cookie = _signed_in(portal)
        for name, paths in PAGES.items():
            best = 0.0
            for connections in arguments.connections:
                found = _drive(wrk, portal, cookie, paths, connections, arguments.seconds)
                print(
                    f"{name:18}{connections:3} connections: {found.rate:7.1f} a second, "
                    f"p50 {found.p50:.1f} ms, p95 {found.p95:.1f} ms, {found.failed} failed"
                )
                if found.p95 < BOUND_MS and not found.failed:
                    best = max(best, found.rate)
            print(f"{name}: {best:.0f} a second at p95 below {BOUND_MS:.0f} ms")


@contextmanager
def _running(catalogue: Path | None, workers: int) -> Iterator[Portal]:
    with tempfile.TemporaryDirectory() as data:
        portal = Portal(Path(data))
        portal.env["FOYER_RATE_LIMITS"] = "0"
        portal.env["FOYER_WEB_WORKERS"] = str(workers)
        imported = [("import", "items", str(catalogue))] if catalogue else []
        for command in (
            ("migrate",),
            ("demo", "reset"),
            *imported,
            ("reindex",),
            ("train",),
        ):
            portal.run(*command)
        process = portal.serve()
        try:
            yield portal
        finally:
            process.terminate()
            process.wait(timeout=20)


def _signed_in(portal: Portal) -> str:
    """Sign a sample person in, and give the cookie."""
    with httpx.Client(base_url=portal.url) as browser:
        page = browser.get("/sign-in").text
        form = re.search(r'<form class="choice" action="([^"]+)".*?</form>', page, re.DOTALL)
        if form is None:
            raise SystemExit("the page to sign in on offers no sample person")
        fields = {"next": "/"}
        for name in ("csrf_token", "person_id"):
            fields[name] = re.search(rf'name="{name}" value="([^"]+)"', form[0])[1]  # type: ignore[index]
        answer = browser.post(form[1], data=fields, headers={"Referer": f"{portal.url}/sign-in"})
        if answer.status_code != httpx.codes.SEE_OTHER:
            raise SystemExit(f"signing in answered {answer.status_code}")
        return "; ".join(f"{name}={value}" for name, value in browser.cookies.items())


def _drive(
    wrk: str, portal: Portal, cookie: str, paths: Sequence[str], connections: int, seconds: int
) -> Measured:
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
        script.write(_SCRIPT % (", ".join(f'"{path}"' for path in paths), cookie))
        script.flush()
        threads = min(2, connections)
        command = [wrk, f"-t{threads}", f"-c{connections}", f"-d{seconds}s", "-s", script.name]
        said = subprocess.run(
            [*command, portal.url], check=True, capture_output=True, text=True
        ).stdout
    figures = {
        name: float(re.search(rf"{name}:?\s+([\d.]+)", said)[1])  # type: ignore[index]
        for name in ("Requests/sec", "p50", "p95", "failed")
    }
    return Measured(figures["Requests/sec"], figures["p50"], figures["p95"], int(figures["failed"]))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("catalogue", type=Path, nargs="?")
    parser.add_argument("--seconds", type=int, default=8)
    parser.add_argument("--connections", type=int, nargs="+", default=[1, 2, 4, 8])
    parser.add_argument("--workers", type=int, default=1)
    return parser.parse_args()


if __name__ == "__main__":
    main()

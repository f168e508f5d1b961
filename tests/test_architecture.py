"""The arrows of the house: `docs/architecture.md` draws them, this holds them."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent


def test_it_keeps_every_import_contract():
    linter = Path(sys.executable).with_name("lint-imports")
    result = subprocess.run([linter, "--no-cache"], cwd=ROOT, capture_output=True, text=True)
    assert result.returncode == 0, result.stdout


def test_it_explains_every_module():
    silent = [
        str(path.relative_to(ROOT))
        for room in ("app", "search", "recommender")
        for path in (ROOT / room).rglob("*.py")
        if not path.read_text().startswith('"""')
    ]
    assert silent == []


def test_it_holds_no_inline_script_or_style_in_templates():
    bad = [
        path.name
        for path in (ROOT / "templates").rglob("*.html")
        if " style=" in path.read_text() or "hx-on" in path.read_text()
    ]
    assert bad == []

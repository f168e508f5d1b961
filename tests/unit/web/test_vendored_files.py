"""What others wrote is shipped as it came: named with its version, hashed, and with its licence."""

import hashlib
import re
from pathlib import Path

VENDOR = Path(__file__).parents[3] / "static" / "vendor"
HASHES = {
    name: digest
    for digest, name in (line.split() for line in (VENDOR / "HASHES").read_text().splitlines())
}
FILES = {path.name for path in VENDOR.iterdir() if path.is_file()} - {"HASHES"}


def test_it_lists_every_vendored_file():
    assert set(HASHES) == FILES


def test_it_ships_the_bytes_that_were_hashed():
    found = {name: hashlib.sha256((VENDOR / name).read_bytes()).hexdigest() for name in FILES}
    assert found == HASHES


def test_it_names_every_vendored_file_with_its_version():
    assert [name for name in FILES if not re.search(r"-\d+\.\d+\.\d+\.", name)] == []


def test_it_ships_a_licence_for_each_of_them():
    projects = {name.split("-")[0] for name in FILES} | {"lucide"}
    assert projects == {path.stem for path in (VENDOR / "LICENSES").iterdir()}

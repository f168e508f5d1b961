"""Brings what was written to the disk, so that a power cut leaves no pointer to empty files."""

import os
from pathlib import Path


def sync(path: Path) -> None:
    """Wait until a file's content, or a folder's list of names, is on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_folder(folder: Path) -> None:
    """Wait until a folder and all the files in it are on the disk."""
    for path in folder.iterdir():
        sync(path)
    sync(folder)

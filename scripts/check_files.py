"""Refuse large files and notebooks with outputs: ``python scripts/check_files.py FILE...``; exit 1 with reasons."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

LARGEST_KB = 500
FREE = {"requirements.lock"}


def faults_of(path: Path) -> Iterator[str]:
    """
    Yield why a file cannot be committed.

    Parameters
    ----------
    path
        File to look at.
    """
    size = path.stat().st_size // 1024
    if size > LARGEST_KB and path.name not in FREE:
        yield f"{path}: {size} kB, at most {LARGEST_KB}; data and pictures of this size do not belong in the history"
    if path.suffix == ".ipynb":
        yield from _notebook_faults(path)


def _notebook_faults(path: Path) -> Iterator[str]:
    for number, cell in enumerate(json.loads(path.read_text(encoding="utf-8"))["cells"], start=1):
        if cell.get("outputs") or cell.get("execution_count"):
            yield f"{path}: cell {number} holds outputs; clear them, so that changes stay readable"


if __name__ == "__main__":
    found = [fault for name in sys.argv[1:] for fault in faults_of(Path(name))]
    sys.stderr.writelines(f"{fault}\n" for fault in found)
    sys.exit(bool(found))

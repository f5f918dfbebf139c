"""Compile the kernel in a process beside the reading of the source, on the first run after an installation."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Warming:
    """A compilation under way, or none."""

    process: subprocess.Popen[bytes] | None

    def wait(self) -> None:
        """Wait until the kernel is on disk; a failure shows where the kernel is used."""
        if self.process is not None:
            self.process.wait()


def warm_up() -> Warming:
    """Start to compile the kernel, unless it is on disk already or there is one processor only."""
    folder = Path(__file__).parent.parent / "partition"
    kept = [file.stat().st_mtime for file in (folder / "__pycache__").glob("annealing.*.nbi")]
    sources = [(folder / name).stat().st_mtime for name in ("kernel.py", "trees.py", "annealing.py")]
    if (os.cpu_count() or 1) < 2 or (kept and max(kept) >= max(sources)):
        return Warming(None)
    command = [sys.executable, "-m", "gridplan.partition.warm"]
    return Warming(subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))  # noqa: S603

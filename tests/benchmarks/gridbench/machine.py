"""On what machine and with what versions the numbers were measured."""

from __future__ import annotations

import os
import platform
import subprocess
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from gridplan import __version__

PACKAGES = (
    "gridplan", "pymetis", "kahip", "gerrychain", "spopt", "k-means-constrained", "scikit-learn",
    "numpy", "scipy", "numba", "libpysal", "networkx", "rustworkx", "ortools",
)  # fmt: skip


def machine() -> dict[str, str]:
    """Return processor, memory, system, Python, date and load."""
    return {
        "processor": _processor(),
        "cores": str(os.cpu_count()),
        "memory": f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.1f} GiB",
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "date": datetime.now(UTC).strftime("%Y-%m-%d"),
        "load at start": f"{os.getloadavg()[0]:.1f}",
        "commit": _commit(),
    }


def installed(package: str) -> str | None:
    """Return the installed version of a package, or None; gridplan is there, installed or not."""
    if package == "gridplan":
        return __version__
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def versions() -> dict[str, str]:
    """Return the versions of the packages that are installed."""
    found = {package: installed(package) for package in PACKAGES}
    return {package: number for package, number in found.items() if number is not None}


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    names = [line.partition(":")[2].strip() for line in _lines(info) if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def _lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines() if path.exists() else []


def _commit() -> str:
    command = ["git", "describe", "--always", "--dirty"]
    found = subprocess.run(command, capture_output=True, text=True, check=False, cwd=Path(__file__).parent)
    return found.stdout.strip() or "unknown"

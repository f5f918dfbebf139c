"""
Measure how time and memory grow from 10,000 to 1,000,000 households; write docs/scale.md's table and its picture.

Each city is made by `gridplan.synthetic.make_city` and planned by the command line, file to file, alone on the
machine if it can be: `python scripts/measure_scale.py` takes about ten minutes. ``--cities N ...`` measures some
again and keeps the others; ``--jobs`` sets the processes.
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import platform
import subprocess
import sys
import time
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from gridplan import __version__

ROOT = Path(__file__).parents[1]
CACHE = ROOT / ".cache" / "scale"
DOCUMENT, PICTURE = ROOT / "docs" / "scale.md", ROOT / "docs" / "images" / "scale.svg"
BEGIN, END = "<!-- measured -->", "<!-- end of what was measured -->"
CITIES = (10_000, 30_000, 100_000, 300_000, 1_000_000)
STAGES = ("cells", "graph", "partition", "grids")
SEED = 7


def main() -> None:
    """Measure, and write the table and the picture."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cities", type=int, nargs="*", default=CITIES, help="households of the cities to measure")
    parser.add_argument("--jobs", type=int, default=2)
    arguments = parser.parse_args()
    CACHE.mkdir(parents=True, exist_ok=True)
    kept = CACHE / "measured.json"
    rows: dict[str, Any] = json.loads(kept.read_text("utf-8")) if kept.exists() else {}
    for households in arguments.cities:
        rows[str(households)] = measured(city(households), arguments.jobs)
        kept.write_text(json.dumps(rows, indent=2), encoding="utf-8")
        sys.stdout.write(f"{households}: {rows[str(households)]}\n")
    found = [rows[key] for key in sorted(rows, key=int)]
    text = DOCUMENT.read_text("utf-8")
    head, tail = text.split(BEGIN)[0], text.split(END)[1]
    DOCUMENT.write_text(f"{head}{BEGIN}\n{table(found, arguments.jobs)}\n{END}{tail}", encoding="utf-8")
    draw(found)


def city(households: int) -> Path:
    """Return the file of a city, made in a process of its own where it does not exist."""
    path = CACHE / f"city-{households}.gpkg"
    if not path.exists():
        program = (
            "import sys; from pathlib import Path; from numpy.random import default_rng; "
            "from gridplan.synthetic import make_city, write_district; "
            f"write_district(make_city(default_rng({SEED}), households=int(sys.argv[1])), Path(sys.argv[2]))"
        )
        subprocess.run([sys.executable, "-c", program, str(households), str(path)], check=True)  # noqa: S603
    return path


def measured(source: Path, jobs: int) -> dict[str, Any]:
    """Plan a city by the command line; return seconds, memory of all its processes, and what the report says."""
    output = CACHE / f"plan-{source.stem}.gpkg"
    program = "from gridplan.cli import main; main()"
    command = [sys.executable, "-c", program, "plan", str(source), "-o", str(output), "--jobs", str(jobs)]
    begin = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)  # noqa: S603
    most = 0
    while True:
        pid, status, used = os.wait4(process.pid, os.WNOHANG)
        if pid:
            break
        most = max(most, sum(memory_of(member) for member in family(process.pid)))
        time.sleep(1.0)
    if status:
        raise SystemExit(f"{' '.join(command)} failed")
    report = json.loads(output.with_suffix(".report.json").read_text("utf-8"))
    measures, seconds = report["measures"], report["seconds"]
    names = ("households", "buildings", "communities", "grids", "in_band", "connected")
    return {
        **{name: measures[name] for name in names},
        "wall_s": round(time.perf_counter() - begin, 2),
        "cpu_s": round(used.ru_utime + used.ru_stime, 2),
        **{f"{stage}_s": seconds[stage] for stage in STAGES},
        "peak_mb": round(most / 2**20),
        "load": max(os.getloadavg()[0] - jobs, 0.0),
    }


def family(pid: int) -> list[int]:
    """Return a process and all that it started."""
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii").split()
    except OSError:
        return []
    return [pid, *(member for child in children for member in family(int(child)))]


def memory_of(pid: int) -> int:
    """Return the bytes of a process in memory, pages shared among processes divided among them."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text("ascii").splitlines()
    except OSError:
        return 0
    return next((1024 * int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)


def exponent(rows: list[dict[str, Any]], column: str) -> float:
    """Return the power of the number of households with which a column grows, by least squares on logarithms."""
    x, y = np.log([row["households"] for row in rows]), np.log([row[column] for row in rows])
    return float(np.polyfit(x, y, 1)[0])


def in_stages(row: Mapping[str, Any]) -> float:
    """Return the seconds of the stages that are spent community by community."""
    return float(sum(row[f"{stage}_s"] for stage in STAGES))


def table(rows: list[dict[str, Any]], jobs: int) -> str:
    """Return the table as Markdown, with machine, date and versions."""
    most = max(row["load"] for row in rows)
    lines = [
        f"Measured {datetime.date.today().isoformat()} on {machine()}; {jobs} processes; {versions()}. Other processes "
        f"that wanted a processor meanwhile: up to {most:.0f}; with any, CPU seconds tell, and not those of the wall.",
        "",
        "| households | buildings | communities | wall s | CPU s | cells | graph | partition | grids | peak MB "
        "| stages: us / (n log2 n) |",
        "|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|",
    ]
    for row in rows:
        n = row["households"]
        per = 1e6 * in_stages(row) / (n * np.log2(n))
        stages = " | ".join(f"{row[f'{stage}_s']:.1f}" for stage in STAGES)
        lines.append(
            f"| {n:,} | {row['buildings']:,} | {row['communities']} | {row['wall_s']:.1f} | {row['cpu_s']:.1f} "
            f"| {stages} | {row['peak_mb']:,} | {per:.2f} |"
        )
    grown = [{**row, "stages_s": in_stages(row)} for row in rows]
    bands = ", ".join(f"{row['in_band']:.4f}" for row in rows)
    lines += [
        "",
        f"Fitted exponents of the number of households: wall {exponent(rows, 'wall_s'):.2f}, CPU "
        f"{exponent(rows, 'cpu_s'):.2f}, the four stages together {exponent(grown, 'stages_s'):.2f}; n log n over this "
        f"range would be {log_exponent(rows):.2f}. Share of grids in the band: {bands}.",
        "",
        "![Seconds by households](images/scale.svg)",
    ]
    return "\n".join(lines)


def log_exponent(rows: list[dict[str, Any]]) -> float:
    """Return the exponent that would be fitted to n log n."""
    return exponent([{**row, "line": row["households"] * np.log(row["households"])} for row in rows], "line")


def machine() -> str:
    """Return the processor and how many of it there are."""
    lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    name = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())
    return f"{os.cpu_count()} x {name}"


def versions() -> str:
    """Return the versions that decide how fast it is."""
    names = ("numpy", "numba", "scipy", "shapely", "geopandas")
    libraries = ", ".join(f"{name} {version(name)}" for name in names)
    return f"gridplan {__version__}, Python {platform.python_version()}, {libraries}"


def draw(rows: list[dict[str, Any]]) -> None:
    """Draw seconds by households, both axes logarithmic, beside n log n."""
    import matplotlib as mpl

    mpl.use("svg")
    mpl.rcParams["svg.hashsalt"] = "gridplan"
    from matplotlib import pyplot

    n = np.array([row["households"] for row in rows], dtype=float)
    figure, axes = pyplot.subplots(figsize=(6.4, 4.2), layout="constrained")
    for label, column, mark in (("wall", "wall_s", "o-"), ("CPU", "cpu_s", "s-"), ("partition", "partition_s", "^-")):
        axes.loglog(n, [row[column] for row in rows], mark, label=label)
    axes.loglog(n, [in_stages(row) for row in rows], "d-", label="four stages")
    curve = n * np.log(n)
    axes.loglog(n, curve / curve[-1] * in_stages(rows[-1]), "k:", label="n log n")
    axes.set_xlabel("households")
    axes.set_ylabel("seconds")
    axes.grid(visible=True, which="both", alpha=0.2)
    axes.legend()
    figure.savefig(PICTURE, metadata={"Date": None})


if __name__ == "__main__":
    main()

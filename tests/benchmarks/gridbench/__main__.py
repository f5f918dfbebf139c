"""The command: ``python -m gridbench [--quick] [--output docs/benchmarks.md]``."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from gridbench.catalogue import FULL, QUICK, ROOT, stored
from gridbench.instance import load
from gridbench.machine import machine, versions
from gridbench.peers import METHODS
from gridbench.runner import Row, run
from gridbench.table import document

# Units of an instance, and processor seconds for each method on one of at most so many.
LIMITS = ((2_000, 40.0), (20_000, 60.0), (10**9, 300.0))
QUICK_LIMIT_S = 20.0


def main(arguments: Sequence[str] | None = None) -> None:
    """
    Run the benchmark and write the page and its numbers.

    Parameters
    ----------
    arguments
        Of the command line; `sys.argv` where None.
    """
    chosen = _parsed(arguments)
    here = machine()
    catalogue = QUICK if chosen.quick else FULL
    rows: list[Row] = []
    abouts = {}
    for name in chosen.instances or catalogue:
        path = stored(name, (QUICK | FULL)[name], chosen.cache / "instances")
        if path is None:
            _say(f"{name}: no data, left out")
            continue
        abouts[name] = _described(path)
        for method in chosen.methods or METHODS:
            limit = chosen.limit or _limit(path, quick=chosen.quick)
            rows.append(run(METHODS[method], name, path, limit_s=limit))
            _say(_told(rows[-1]))
            _write(chosen.output, rows, abouts, here)


def _parsed(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="gridbench", description=__doc__)
    parser.add_argument(
        "--quick", action="store_true", help="small instances and a few seconds each: tests the harness"
    )
    parser.add_argument("--instances", nargs="+", choices=[*QUICK, *FULL], metavar="NAME")
    parser.add_argument("--methods", nargs="+", choices=list(METHODS), metavar="NAME")
    parser.add_argument("--limit", type=float, help="processor seconds for each method and instance")
    parser.add_argument("--cache", type=Path, default=ROOT / ".cache" / "bench", help="where instances are kept")
    parser.add_argument(
        "--output", type=Path, default=ROOT / "docs" / "benchmarks.md", help="page; the JSON lies beside"
    )
    return parser.parse_args(arguments)


def _limit(path: Path, *, quick: bool) -> float:
    n = load(path).problem.n_units
    return QUICK_LIMIT_S if quick else next(seconds for units, seconds in LIMITS if n <= units)


def _described(path: Path) -> str:
    instance = load(path)
    problem = instance.problem
    compounds = int(problem.compound.max()) + 1
    return (
        f"{instance.about}: {problem.n_units:,} units, {int(problem.households.sum()):,} households, "
        f"{int(instance.community.max()) + 1} communities, {compounds} compounds"
    )


def _told(row: Row) -> str:
    if row.failure:
        return f"{row.instance:22} {row.method:28} {row.failure}"
    m = row.measures
    return (
        f"{row.instance:22} {row.method:28} {row.cpu_s:8.2f} s  breaks {m['broken']:4d}  work CV {m['work_cv']:.3f}  "
        f"inertia {m['inertia']:8.0f}  off {m['off_km']:8.2f} km  split {m['compounds_split']:4d}"
    )


def _say(text: str) -> None:
    sys.stderr.write(text + "\n")


def _write(output: Path, rows: list[Row], abouts: dict[str, str], here: dict[str, str]) -> None:
    """Write the page and its numbers as they stand, so that a run that is stopped leaves what it has."""
    found = versions()
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text(document(rows, abouts, here, found), encoding="utf-8")
    numbers = {"machine": here, "versions": found, "instances": abouts, "rows": [asdict(row) for row in rows]}
    output.with_suffix(".json").write_text(json.dumps(numbers, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

"""
Measure how far partitions are from the best possible: ``python scripts/measure_gap.py [SOURCE ...] [--limit S]``.

Every community part of 40 to 210 units that the product hands to its solver is cut by the solver, annealed on the
exact model's objective, and bounded by HiGHS. Without sources: the synthetic district and Bubenec. Writes a Markdown
table.
"""

from __future__ import annotations

import argparse
import platform
import sys
import tempfile
import time
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path
from unittest.mock import patch

import numpy as np

from gridplan import community
from gridplan.partition.contract import compound_groups, contracted, whole_compounds
from gridplan.partition.exact import Proof, objective_value, prove
from gridplan.partition.exact_annealing import improved
from gridplan.partition.initial import components
from gridplan.partition.problem import Problem, Result
from gridplan.partition.search import restricted
from gridplan.partition.solve import solve
from gridplan.rules import rules_from
from gridplan.run import plan_sites
from gridplan.sites import build_sites
from gridplan.sources import read_source
from gridplan.synthetic import make_district, write_bubenec, write_district

FEWEST, MOST = 40, 210


@dataclass(frozen=True)
class Row:
    """One measured part; gaps in percent of the bound."""

    name: str
    units: int
    regions: int
    product: float
    annealed: float
    proof: Proof
    solve_s: float
    anneal_s: float

    def text(self) -> str:
        """Return the row as Markdown."""
        return (
            f"| {self.name} | {self.units} | {self.regions} | {self.proof.bound:,.0f} | {self.proof.value:,} "
            f"| {100 * self.proof.gap:.3f} | {self.product:.2f} | {self.annealed:.3f} "
            f"| {self.solve_s:.1f} | {self.anneal_s:.1f} | {self.proof.seconds:.0f} | {self.proof.rounds} |"
        )


COLUMNS = "part, units, regions, bound, best, gap left %, product %, annealed %, solve s, anneal s, proof s, rounds"
HEAD = f"| {COLUMNS.replace(', ', ' | ')} |\n{'|---' * 12}|"


def parts_of(source: Path) -> Iterator[tuple[str, Problem]]:
    """
    Yield the connected problems of a source as the product makes them, compounds of at most the maximum whole.

    Parameters
    ----------
    source
        Anything that ``gridplan plan`` takes.
    """
    handed: list[Problem] = []

    def note(problem: Problem, **options: object) -> Result:
        handed.append(problem)
        return solve(problem, **{**options, "effort": "quick"})  # type: ignore[arg-type]

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        district = read_source(source, accept=[], estimate=False)
        rules = rules_from(district.rules)
        with patch.object(community, "solve", note):
            sites = build_sites(district, rules).sites
            for site in sites:
                handed.clear()
                plan_sites([site], rules, jobs=1)
                for number, problem in enumerate(connected(handed)):
                    yield f"{source.stem} {site.code}/{number}", problem


def connected(problems: list[Problem]) -> Iterator[Problem]:
    """Yield the connected parts of some problems, contracted, where the exact model is practical."""
    for problem in problems:
        whole = contracted(problem, compound_groups(problem, whole_compounds(problem)))
        count, parts = components(whole.graph)
        for part in range(count):
            piece = restricted(whole, np.flatnonzero(parts == part))
            if FEWEST <= piece.n_units <= MOST and piece.band is not None:
                yield piece


def measured(name: str, problem: Problem, limit_s: float) -> Row | None:
    """Measure one part; None where the product finds fewer than two regions, or none inside the bounds."""
    began = time.perf_counter()
    result = solve(replace(problem, n_regions=None), rng=np.random.default_rng(1), effort="best")
    solved = time.perf_counter()
    if result.breaches or result.n_regions < 2:
        return None
    k = result.n_regions
    labels, value = improved(problem, result.labels, k, rng=np.random.default_rng(1))
    annealed = time.perf_counter()
    proof = prove(problem, k, labels, time_limit_s=limit_s)
    first = objective_value(problem, result.labels, k)
    over = [100.0 * (v / proof.bound - 1.0) for v in (first, value)]
    return Row(name, problem.n_units, k, over[0], max(over[1], 0.0), proof, solved - began, annealed - solved)


def packaged(folder: Path) -> list[Path]:
    """Write the synthetic district and Bubenec; return their files."""
    return [
        Path(write_district(make_district(np.random.default_rng(1)), folder / "synthetic.gpkg")),
        Path(write_bubenec(folder / "bubenec.gpkg")),
    ]


def main() -> None:
    """Measure and write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sources", nargs="*", type=Path)
    parser.add_argument("--limit", type=float, default=120.0, help="seconds for each proof")
    parser.add_argument("--most", type=int, default=10**6, help="parts of each source at most")
    options = parser.parse_args()
    names = ", ".join(f"{name} {version(name)}" for name in ("highspy", "numpy", "scipy", "numba"))
    cpu = next(line.split(": ")[1] for line in Path("/proc/cpuinfo").read_text().splitlines() if "model name" in line)
    sys.stdout.write(f"{time.strftime('%Y-%m-%d')}, {cpu}, Python {platform.python_version()}, {names}\n\n{HEAD}\n")
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for source in options.sources or packaged(Path(folder)):
            of_source = 0
            for name, problem in parts_of(source):
                row = measured(name, problem, options.limit) if of_source < options.most else None
                if row is not None:
                    of_source += 1
                    rows.append(row)
                    sys.stdout.write(row.text() + "\n")
                    sys.stdout.flush()
    gaps = np.array([row.annealed for row in rows])
    sys.stdout.write(
        f"\n{len(rows)} parts, {sum(row.proof.optimal for row in rows)} proven optimal; "
        f"annealed labels above the bound: mean {gaps.mean():.3f} %, worst {gaps.max():.3f} %\n"
    )


if __name__ == "__main__":
    main()

"""
Measure how far plans are from the best possible: ``python scripts/measure_gap.py [SOURCE ...] [--limit S]``.

Every connected part of at most 210 units that the product hands to its solver is cut at ``--effort best`` and bounded
by the exact model, as ``gridplan plan --prove`` does. Without sources: the synthetic district, Bubenec, and Tainan East
and Cambridge where ``GRIDPLAN_DATA`` says where they are. Writes the table into docs/proof.md.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
import tempfile
import time
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import numpy as np

from gridplan.community_problem import community_problem
from gridplan.partition.exact_parts import PROVABLE_UNITS, PartProof, proven, settled
from gridplan.partition.initial import components
from gridplan.partition.problem import Problem
from gridplan.partition.search import restricted
from gridplan.partition.solve import solve
from gridplan.rules import rules_from
from gridplan.run import spacing_for
from gridplan.sites import build_sites
from gridplan.sources import read_source
from gridplan.synthetic import make_district, write_bubenec, write_district

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "proof.md"
BEGIN, END = "<!-- measured -->", "<!-- end of measured -->"
# Units of a part named in the table; smaller ones are summed up by source.
NAMED = 40
COLUMNS = ("part", "units", "grids", "bound", "best", "gap %", "plan %", "taken", "CPU s", "wall s")


@dataclass(frozen=True)
class Row:
    """One part of one source."""

    source: str
    name: str
    proof: PartProof
    cpu_s: float

    def text(self) -> str:
        """Return the row as Markdown."""
        p = self.proof
        return (
            f"| {self.source} {self.name} | {p.units} | {p.grids} | {p.bound:,} | {p.objective:,} "
            f"| {100 * (p.gap or 0.0):.3f} | {100 * (p.plan_gap or 0.0):.2f} | {'yes' if p.taken else 'no'} "
            f"| {self.cpu_s:.0f} | {p.seconds:.0f} |"
        )


def parts_of(source: Path) -> Iterator[tuple[str, Problem]]:
    """
    Yield the connected problems of a source as the product makes them, up to four times the units of a proof.

    Parameters
    ----------
    source
        Anything that ``gridplan plan`` takes. A part can have more units than a proof takes while its compounds,
        which stay whole, count once.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        district = read_source(source, accept=[], estimate=False)
        rules = rules_from(district.rules)
        for site in build_sites(district, rules).sites:
            made = community_problem(site, rules=rules, spacing_m=spacing_for(rules))
            if made.problem is None or made.problem.band is None:
                continue
            count, parts = components(made.problem.graph)
            for part in range(count):
                units = np.flatnonzero(parts == part)
                if len(units) <= 4 * PROVABLE_UNITS:
                    yield f"{site.code}/{part}", restricted(made.problem, units)


def measured(source: str, name: str, problem: Problem, limit_s: float) -> Iterator[Row]:
    """Measure one part, or the parts that it falls into; none where it is one grid, breaks a bound, or is too large."""
    rng = np.random.default_rng(1)
    result = settled(problem, solve(problem, rng=rng, effort="best"), rng=rng, effort="best")
    if result.n_regions < 2:
        return
    began = time.process_time()
    _, proofs = proven(problem, result, rng=rng, effort="best", time_limit_s=limit_s)
    share_s = (time.process_time() - began) / max(len(proofs), 1)
    yield from (Row(source, name, proof, share_s) for proof in proofs if proof.gap is not None)


def sources_of(given: Sequence[Path], folder: Path) -> Iterator[tuple[str, Path]]:
    """Yield names and files: those given, or all that are at hand."""
    if given:
        yield from ((path.parent.name if path.stem == "gridplan" else path.stem, path) for path in given)
        return
    yield "synthetic", Path(write_district(make_district(np.random.default_rng(1)), folder / "synthetic.gpkg"))
    yield "bubenec", Path(write_bubenec(folder / "bubenec.gpkg"))
    for name in ("tainan_east", "cambridge"):
        if (Path(os.environ.get("GRIDPLAN_DATA", "")) / name).is_dir():
            yield name, ROOT / "examples" / name / "gridplan.toml"


def table(rows: Sequence[Row], limit_s: float) -> str:
    """Return machine, summary by source, and the parts of some size."""
    names = ", ".join(f"{name} {version(name)}" for name in ("highspy", "numpy", "scipy", "numba"))
    cpu = next(line.split(": ")[1] for line in Path("/proc/cpuinfo").read_text().splitlines() if "model name" in line)
    lines = [
        f"{time.strftime('%Y-%m-%d')}, {cpu}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.0f} at the end, "
        f"one thread, {limit_s:.0f} s of wall time for each part,",
        f"Python {platform.python_version()}, {names}.",
        "",
        "| source | parts | proven optimal | gap mean % | gap worst % | plan mean % | CPU s |",
        "|---|---:|---:|---:|---:|---:|---:|",
    ]
    lines += [
        _summed(name, [row for row in rows if row.source == name]) for name in dict.fromkeys(r.source for r in rows)
    ]
    lines.append(_summed("all", rows))
    named = [row.text() for row in rows if row.proof.units >= NAMED]
    if named:
        lines += ["", f"| {' | '.join(COLUMNS)} |", "|---|" + "---:|" * (len(COLUMNS) - 1), *named]
    return "\n".join(lines)


def _summed(name: str, rows: Sequence[Row]) -> str:
    gaps, plans = ([100 * (getattr(row.proof, field) or 0.0) for row in rows] for field in ("gap", "plan_gap"))
    optimal = sum(row.proof.status == "optimal" for row in rows)
    return (
        f"| {name} | {len(rows)} | {optimal} | {np.mean(gaps):.3f} | {max(gaps):.3f} | {np.mean(plans):.2f} "
        f"| {sum(row.cpu_s for row in rows):.0f} |"
    )


def written(text: str) -> None:
    """Put the table between its marks on the page."""
    page = PAGE.read_text(encoding="utf-8")
    before, _, rest = page.partition(BEGIN)
    PAGE.write_text(f"{before}{BEGIN}\n{text}\n{END}{rest.partition(END)[2]}", encoding="utf-8")


def main() -> None:
    """Measure, and write the table as it grows."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sources", nargs="*", type=Path)
    parser.add_argument("--limit", type=float, default=120.0, help="seconds for each proof")
    options = parser.parse_args()
    rows: list[Row] = []
    with tempfile.TemporaryDirectory() as folder:
        for source, path in sources_of(options.sources, Path(folder)):
            for name, problem in parts_of(path):
                for row in measured(source, name, problem, options.limit):
                    rows.append(row)
                    sys.stderr.write(row.text() + "\n")
            if rows:
                written(table(rows, options.limit))


if __name__ == "__main__":
    main()

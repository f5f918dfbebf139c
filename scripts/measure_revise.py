"""
Measure revisions: ``python scripts/measure_revise.py [--seeds 3 4] [--limit S] [--only lattices|districts]``.

Lattices of 20 and 30 units against the fewest households that any plan inside the band moves, by the exact model;
communities of synthetic districts, and of Tainan East where ``GRIDPLAN_DATA`` says where it is, against a plan cut
afresh whose grids are paired with today's as well as can be (Hungarian). Writes the tables into docs/revise.md.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "gridplan" / "revising"))

from fewest import fewest_moved
from revision_cases import grown_or_shrunk

from gridplan.community_problem import community_problem
from gridplan.partition.problem import NONE, Labels, Problem
from gridplan.partition.search import region_sums
from gridplan.partition.solve import solve
from gridplan.revising.ranking import Revision, Task
from gridplan.revising.revise import revise_labels
from gridplan.rules import ReviseRules, rules_from
from gridplan.run import spacing_for
from gridplan.sites import build_sites
from gridplan.sources import read_source
from gridplan.synthetic import make_district, write_district

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "revise.md"
LATTICES, KINDS, LATTICE_SEEDS = ((4, 5), (5, 6)), ("small", "growth", "decline", "noise", "tilt"), (10, 11, 12)
CHANGES = ("today's grids", "12 % new counts", "growth", "decline", "estate demolished", "estate built")
# Households of an estate that comes or goes, and the units that a new one is built on.
ESTATE, BLOCKS = 500, 10
# Of the communities of Tainan East, every so many: there are 45.
EVERY = 6


@dataclass(frozen=True)
class Row:
    """One revision beside its yardstick: a bound from below, or a plan cut afresh."""

    kind: str
    moved: int
    paired: int
    yardstick: float
    exact: bool
    out: int
    out_afresh: int
    cpu_s: float


def revised(problem: Problem) -> tuple[Labels, float]:
    """Return labels of a revision and the seconds of a processor."""
    begin = time.process_time()
    search = partial(revise_labels, revision=ReviseRules())
    result = solve(problem, rng=np.random.default_rng(0), search=search)
    return result.labels, time.process_time() - begin


def afresh(problem: Problem, seed: int = 0) -> Labels:
    """Return labels of a plan that knows nothing of today's grids."""
    blank = replace(problem, previous=np.full(problem.n_units, NONE, dtype=np.int32))
    return solve(blank, rng=np.random.default_rng(seed)).labels


def ranked(problem: Problem, labels: Labels) -> tuple[int, int, int]:
    """Return regions out of bounds, households whose code changes, and households beyond the best pairing."""
    inside = problem.previous != NONE
    total = region_sums(problem.previous[inside], int(problem.previous.max()) + 1, problem.households[inside])
    out, _, moved, paired = Revision(Task(problem, total), labels).rank
    return out, moved, paired


def lattices(limit_s: float) -> Iterator[Row]:
    """Yield revisions of lattices beside their bound."""
    for shape in LATTICES:
        for kind in KINDS:
            for seed in LATTICE_SEEDS:
                problem = grown_or_shrunk(shape, kind, np.random.default_rng([seed, *shape]))
                assert problem.band is not None  # noqa: S101 - a lattice has one; this tells the type checker
                if not problem.band.counts(int(problem.households.sum())):
                    continue
                labels, cpu_s = revised(problem)
                out, moved, paired = ranked(problem, labels)
                least = fewest_moved(problem, more=1, limit_s=limit_s)
                yield Row(f"{shape[0]} x {shape[1]} {kind}", moved, paired, least.bound, least.proven, out, 0, cpu_s)


def communities(seeds: Sequence[int]) -> Iterator[tuple[str, Problem]]:
    """Yield the communities of synthetic districts and of Tainan East, with today's grids where there are any."""
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for seed in seeds:
            made = make_district(np.random.default_rng(seed), n_communities=6, households=24_000)
            yield from problems_of("synthetic", Path(write_district(made, Path(folder) / f"{seed}.gpkg")))
        if (Path(os.environ.get("GRIDPLAN_DATA", "")) / "tainan_east").is_dir():
            east = problems_of("Tainan East", ROOT / "examples" / "tainan_east" / "gridplan.toml")
            yield from islice(east, 0, None, EVERY)


def problems_of(name: str, source: Path) -> Iterator[tuple[str, Problem]]:
    """Yield the problems of a source that can have several grids."""
    district = read_source(source, accept=[], estimate=False)
    rules = rules_from(district.rules)
    for site in build_sites(district, rules, revising=district.grids is not None).sites:
        problem = community_problem(site, rules=rules, spacing_m=spacing_for(rules)).problem
        if problem is not None and problem.band is not None and problem.households.sum() > 2 * problem.band.maximum:
            yield name, problem


def changed(problem: Problem, kind: str, rng: np.random.Generator) -> Problem:
    """Return a problem whose present grids were planned before households changed."""
    n, households = problem.n_units, problem.households.astype(np.float64)
    if kind == CHANGES[0]:
        return problem
    if kind == "12 % new counts":
        households = np.where(rng.random(n) < 0.12, households * rng.uniform(0.3, 2.0, n), households)
    elif kind in ("growth", "decline"):
        households *= rng.uniform(1.0, 1.5, n) if kind == "growth" else rng.uniform(0.5, 1.0, n)
    else:
        middle = problem.xy[rng.choice(np.flatnonzero(households > 0))]
        order = np.argsort(((problem.xy - middle) ** 2).sum(axis=1), kind="stable")
        if kind == "estate demolished":
            households[order[np.cumsum(households[order]) <= ESTATE]] = 0
        else:
            households[order[:BLOCKS]] += ESTATE / BLOCKS
    count = np.round(households).astype(np.int64)
    return replace(problem, households=count, work=12 * count, persons=3 * count, previous=afresh(problem, seed=7))


def districts(seeds: Sequence[int]) -> Iterator[Row]:
    """Yield revisions of communities beside plans cut afresh."""
    for place, (name, problem) in enumerate(communities(seeds)):
        for number, kind in enumerate(CHANGES):
            if kind == CHANGES[0] and (problem.previous == NONE).all():
                continue
            later = changed(problem, kind, np.random.default_rng([place, number]))
            labels, cpu_s = revised(later)
            out, moved, paired = ranked(later, labels)
            out_afresh, _, paired_afresh = ranked(later, afresh(later))
            yield Row(f"{name}, {kind}", moved, paired, paired_afresh, False, out, out_afresh, cpu_s)


def told(rows: list[Row], label: str) -> list[Row]:
    """Tell each kind's sums as they grow."""
    sys.stderr.write(f"{label}: {rows[-1]}\n")
    return rows


def lattice_table(rows: Sequence[Row]) -> list[str]:
    """Return the table of lattices: the ratio of the proven ones, mean and worst."""
    lines = ["| lattice, change | pairs | proven | moved | bound | mean ratio | worst |", "|---|" + "---:|" * 6]
    for kind in [*dict.fromkeys(row.kind for row in rows), "all"]:
        mine = [row for row in rows if kind in (row.kind, "all")]
        ratios = [row.moved / row.yardstick if row.yardstick else 1.0 + (row.moved > 0) for row in mine if row.exact]
        mean, worst = (f"{value:.3f}" for value in (np.mean(ratios), max(ratios))) if ratios else ("", "")
        lines.append(
            f"| {kind} | {len(mine)} | {len(ratios)} | {sum(row.moved for row in mine)} "
            f"| {sum(row.yardstick for row in mine):.0f} | {mean} | {worst} |"
        )
    return lines


def district_table(rows: Sequence[Row]) -> list[str]:
    """Return the table of districts by kind of change."""
    head = "source, change | pairs | moved by code | moved when paired | afresh, paired | ratio by code | ratio paired"
    lines = [f"| {head} | out of band | out afresh | CPU s each |", "|---|" + "---:|" * 9]
    for kind in dict.fromkeys(row.kind for row in rows):
        mine = [row for row in rows if row.kind == kind]
        moved, paired, fresh = (sum(getattr(row, name) for row in mine) for name in ("moved", "paired", "yardstick"))
        lines.append(
            f"| {kind} | {len(mine)} | {moved} | {paired} | {fresh:.0f} | {moved / max(fresh, 1):.2f} "
            f"| {paired / max(fresh, 1):.2f} | {sum(row.out for row in mine)} | {sum(row.out_afresh for row in mine)} "
            f"| {np.mean([row.cpu_s for row in mine]):.1f} |"
        )
    return lines


def written(name: str, lines: Sequence[str]) -> None:
    """Put a table between its marks on the page."""
    page = PAGE.read_text(encoding="utf-8")
    begin, end = f"<!-- measured: {name} -->", f"<!-- end of {name} -->"
    before, _, rest = page.partition(begin)
    text = "\n".join([f"{time.strftime('%Y-%m-%d')}, load {os.getloadavg()[0]:.0f} at the end.", "", *lines])
    PAGE.write_text(f"{before}{begin}\n{text}\n{end}{rest.partition(end)[2]}", encoding="utf-8")


def main() -> None:
    """Measure, and write each table when it is whole."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", nargs="*", type=int, default=[3, 4], help="seeds of the synthetic districts")
    parser.add_argument("--limit", type=float, default=60.0, help="wall seconds for each exact bound")
    parser.add_argument("--only", choices=("lattices", "districts"))
    options = parser.parse_args()
    rows: list[Row] = []
    if options.only != "districts":
        for row in lattices(options.limit):
            rows = told([*rows, row], "lattice")
        written("lattices", lattice_table(rows))
    if options.only != "lattices":
        rows = []
        for row in districts(options.seeds):
            rows = told([*rows, row], "district")
        written("districts", district_table(rows))


if __name__ == "__main__":
    main()

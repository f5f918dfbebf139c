"""
One community from its site to its grids: cells, ground, graph, partition, and every departure from a rule.

Pure computation on arrays, so that communities can be planned in any process and any order with the same result.
"""

from __future__ import annotations

import time
import zlib
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import shapely

from gridplan import departures
from gridplan.community_problem import CommunityProblem, community_problem, dissolved
from gridplan.departures import Departure
from gridplan.errors import RulesError
from gridplan.ground import Borders
from gridplan.partition.exact_parts import PartProof, proven, settled
from gridplan.partition.portfolio import search_labels
from gridplan.partition.problem import NONE, Result
from gridplan.partition.solve import EffortName, Search, Stop, never, solve
from gridplan.revising.revise import revise_labels
from gridplan.rules import Rules
from gridplan.site import Geometries, Numbers, Site


@dataclass(frozen=True)
class CommunityPlan:
    """
    The grids of one community.

    Parameters
    ----------
    code
        Its community_code.
    cells
        Shape (n_units,): Polygons or MultiPolygons that tile the community.
    households, work, persons
        Shape (n_units,); work in minutes per month.
    unit_of_generator
        Shape (n_generators,).
    grid
        Shape (n_units,): number of the grid of each unit, 0..n_grids-1.
    polygons
        Shape (n_grids,).
    fixed
        Shape (n_grids,): number of the fixed area that the grid is, or -1.
    part
        Shape (n_units,): connected part that the solver saw the unit in; -1 inside fixed areas.
    departures
        Every departure from a rule.
    border_m, border_near_m
        Boundary between the grids, and the part of it near barriers.
    split_compounds
        Compounds (numbers of the site) of at most the maximum in several grids, with whether that is proven forced.
    seconds
        Seconds of a processor by stage.
    borders
        Borders between the units: what an edit needs to know of the ground.
    proofs
        What the exact model says of each connected part; empty where no proof was asked for.
    """

    code: str
    cells: Geometries
    households: Numbers
    work: Numbers
    persons: Numbers
    unit_of_generator: Numbers
    grid: Numbers
    polygons: Geometries
    fixed: Numbers
    part: Numbers
    departures: tuple[Departure, ...]
    border_m: float
    border_near_m: float
    split_compounds: tuple[tuple[int, bool], ...]
    seconds: dict[str, float]
    borders: Borders
    proofs: tuple[PartProof, ...] = ()


def plan_community(
    site: Site,
    *,
    rules: Rules,
    spacing_m: float,
    effort: EffortName = "normal",
    stop: Stop = never,
    prove_s: float | None = None,
) -> CommunityPlan:
    """
    Plan one community.

    Parameters
    ----------
    site
        The community as read.
    rules
        Rules of the plan; the random stream comes from its seed and the community's code, and so depends on no
        other community.
    spacing_m
        Distance between points on outlines, metres.
    effort, stop
        How hard to search, and when to stop.
    prove_s
        Seconds for the proof of each connected part; None proves nothing.

    Raises
    ------
    RulesError
        If a pair cannot be joined, or the number of grids set fits no households.
    """
    clock = _Clock()
    made = community_problem(site, rules=rules, spacing_m=spacing_m, lap=clock.lap)
    cells, ground, holdings, band, contiguity = made.cells, made.ground, made.holdings, made.band, made.contiguity
    grid, part = (np.full(ground.n_units, NONE, dtype=np.int64) for _ in range(2))
    found: list[Departure] = []
    split: tuple[tuple[int, bool], ...] = ()
    k = 0
    proofs: tuple[PartProof, ...] = ()
    if contiguity is not None:
        result, proofs = _solved(site, rules, made, effort, stop, prove_s)
        free = contiguity.units
        grid[free], k, split = result.labels, result.n_regions, result.split_compounds
        part[free] = contiguity.part_of
        found = departures.of_solver(result.breaches, contiguity, ground, result.labels)
    grid, fixed = _with_fixed(grid, ground.fixed, k)
    found += departures.of_fixed(site.fixed, fixed, grid, ground, holdings.households, rules.band)
    found += departures.of_shape(ground, grid, fixed, holdings.group)
    if band is None:
        found += departures.of_nobody(fixed, holdings.households, rules.band)
    clock.lap("partition")
    shapes = dissolved(cells.faces, ground.unit_of_face, ground.n_units)
    polygons = shapely.normalize(dissolved(cells.faces, grid[ground.unit_of_face], len(fixed)))
    clock.lap("grids")
    between = grid[ground.borders.first] != grid[ground.borders.second]
    return CommunityPlan(
        site.code,
        shapes,
        holdings.households,
        holdings.work,
        holdings.persons,
        ground.unit_of_generator,
        grid,
        polygons,
        fixed,
        part,
        tuple(found),
        float(ground.borders.length_m[between].sum()),
        float(ground.borders.near_m[between].sum()),
        split,
        clock.laps,
        ground.borders,
        proofs,
    )


class _Clock:
    """Seconds of this thread by stage: a busy machine changes them little."""

    def __init__(self) -> None:
        self.laps: dict[str, float] = {}
        self.last = time.thread_time()

    def lap(self, stage: str) -> None:
        now = time.thread_time()
        self.laps[stage], self.last = now - self.last, now


def _solved(
    site: Site, rules: Rules, made: CommunityProblem, effort: EffortName, stop: Stop, prove_s: float | None
) -> tuple[Result, tuple[PartProof, ...]]:
    """Solve for the free units; decide what the search left open, and prove where that is asked for."""
    if made.problem is None:
        raise AssertionError("the caller has free units")
    rng = np.random.default_rng([rules.seed, zlib.crc32(site.code.encode())])
    proofs: tuple[PartProof, ...] = ()
    try:
        result = solve(made.problem, rng=rng, effort=effort, stop=stop, search=_search(site, rules))
    except RulesError as error:
        raise RulesError(f"community {site.code}: {error}") from error
    result = settled(made.problem, result, rng=rng, effort=effort, thorough=prove_s is not None)
    if prove_s is not None:
        result, proofs = proven(made.problem, result, rng=rng, effort=effort, time_limit_s=prove_s)
    return replace(result, labels=result.labels[made.groups]), proofs


def _search(site: Site, rules: Rules) -> Search:
    """Return what labels a connected part: a revision where today's grids are to be revised."""
    return search_labels if site.present is None else partial(revise_labels, revision=rules.revise)


def _with_fixed(grid: Numbers, fixed: Numbers, k: int) -> tuple[Numbers, Numbers]:
    """Number the fixed areas that hold ground after the solver's grids; return grids and the area behind each."""
    areas = np.unique(fixed[fixed != NONE])
    grid = grid.copy()
    inside = fixed != NONE
    grid[inside] = k + np.searchsorted(areas, fixed[inside])
    return grid, np.concatenate([np.full(k, NONE, dtype=np.int64), areas])

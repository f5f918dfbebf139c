"""
One community from its site to its grids: cells, ground, graph, partition, and every departure from a rule.

Pure computation on arrays, so that communities can be planned in any process and any order with the same result.
"""

from __future__ import annotations

import time
import zlib
from dataclasses import dataclass, replace

import numpy as np
import shapely

from gridplan import departures
from gridplan.barriers import Barriers
from gridplan.cells import build_cells
from gridplan.contiguity import Contiguity, build_contiguity
from gridplan.departures import Departure
from gridplan.errors import RulesError
from gridplan.ground import Borders, Ground, build_ground
from gridplan.joining import check_fixed_pairs, together, with_whole_groups
from gridplan.partition.contract import contracted
from gridplan.partition.problem import NONE, Bounds, Labels, Problem, Result
from gridplan.partition.search import region_sums
from gridplan.partition.solve import EffortName, Stop, never, solve
from gridplan.pockets import with_pockets
from gridplan.rules import Band, Rules
from gridplan.site import Geometries, Numbers, Site
from gridplan.workload import work_of_units


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
        Seconds by stage.
    borders
        Borders between the units: what an edit needs to know of the ground.
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


@dataclass(frozen=True)
class _Holdings:
    """What each unit holds, shape (n_units,) each; village groups count in rural communities alone."""

    households: Numbers
    persons: Numbers
    work: Numbers
    compound: Numbers
    group: Numbers
    previous: Numbers


def plan_community(
    site: Site, *, rules: Rules, spacing_m: float, effort: EffortName = "normal", stop: Stop = never
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

    Raises
    ------
    RulesError
        If a pair cannot be joined, or the number of grids set fits no households.
    """
    clock = _Clock()
    barriers = site.barriers.clipped(site.polygon)
    cells = build_cells(site.polygon, _cutting_lines(site, barriers), site.generators.geometry, spacing_m)
    clock.lap("cells")
    ground = build_ground(cells, site.generators.geometry, barriers, site.fixed, rules.barriers.tolerance_m)
    work = work_of_units(site, ground, cells.faces, barriers.lines[barriers.street], rules.work)
    holdings = _holdings(site, ground, work)
    band = None if site.rural and not rules.rural_band else rules.band
    ground = replace(ground, fixed=with_pockets(ground, holdings.households, site.fixed))
    check_fixed_pairs(site, ground.fixed[ground.unit_of_generator])
    free = np.flatnonzero(ground.fixed == NONE)
    clock.lap("graph")
    grid, part = (np.full(ground.n_units, NONE, dtype=np.int64) for _ in range(2))
    found: list[Departure] = []
    split: tuple[tuple[int, bool], ...] = ()
    k = 0
    if len(free):
        contiguity = build_contiguity(ground, free, holdings.households, band)
        result = _solved(site, rules, band, ground, holdings, contiguity, effort, stop)
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
    )


class _Clock:
    """Seconds by stage."""

    def __init__(self) -> None:
        self.laps: dict[str, float] = {}
        self.last = time.perf_counter()

    def lap(self, stage: str) -> None:
        now = time.perf_counter()
        self.laps[stage], self.last = now - self.last, now


def _cutting_lines(site: Site, barriers: Barriers) -> Geometries:
    """Return the lines that cut the ground; passable ones inside impassable polygons (a road on its bridge) do not."""
    lines = barriers.lines.copy()
    if len(barriers.waters):
        dry = shapely.difference(lines[~barriers.impassable], shapely.union_all(barriers.waters))
        lines[~barriers.impassable] = dry
    rims = [shapely.intersection(shapely.boundary(area.polygon), site.polygon) for area in site.fixed]
    lines = np.concatenate([lines, np.array(rims, dtype=object)])
    return np.asarray(lines[~shapely.is_empty(lines)], dtype=object)


def _holdings(site: Site, ground: Ground, work: Numbers) -> _Holdings:
    generators, place, n = site.generators, ground.unit_of_generator, ground.n_units
    return _Holdings(
        region_sums(place, n, generators.households),
        region_sums(place, n, generators.persons),
        work,
        _of_heaviest(place, generators.compound, generators.households, n),
        _of_heaviest(place, generators.group, generators.households, n) if site.rural else np.full(n, NONE),
        _of_heaviest(place, generators.previous, generators.households, n),
    )


def _of_heaviest(place: Numbers, values: Numbers, households: Numbers, n: int) -> Numbers:
    """Return for each unit the value of its generator with most households; the first one's on a tie."""
    out = np.full(n, NONE, dtype=np.int64)
    # Written from the lightest to the heaviest, the first of equals last.
    order = np.lexsort((-np.arange(len(place)), households))
    out[place[order]] = values[order]
    return out


def _solved(
    site: Site,
    rules: Rules,
    band: Band | None,
    ground: Ground,
    holdings: _Holdings,
    contiguity: Contiguity,
    effort: EffortName,
    stop: Stop,
) -> Result:
    """Solve for the free units, with what must stay together contracted."""
    free, generators, group = contiguity.units, site.generators, holdings.group[contiguity.units]
    graph = with_whole_groups(contiguity.graph, ground.xy[free], group)
    problem = Problem(
        graph=graph,
        households=holdings.households[free],
        work=holdings.work[free],
        persons=holdings.persons[free],
        xy=ground.xy[free],
        area_m2=ground.area_m2[free],
        compound=holdings.compound[free].astype(np.int32),
        previous=np.full(len(free), NONE, dtype=np.int32),
        band=band,
        target=rules.target,
        bounds=Bounds(
            (rules.persons_minimum, rules.persons_maximum),
            (rules.work_minimum, rules.work_maximum),
        ),
        weights=rules.weights,
        n_regions=site.n_grids,
        part=_pairs(generators.part, ground, free).astype(np.int32),
    )
    rng = np.random.default_rng([rules.seed, zlib.crc32(site.code.encode())])
    try:
        groups = together(graph, group, _pairs(generators.join, ground, free))
        coarse = contracted(problem, groups)
        _check_parted(coarse.part)
        result = solve(coarse, rng=rng, effort=effort, stop=stop)
    except RulesError as error:
        raise RulesError(f"community {site.code}: {error}") from error
    return Result(result.labels[groups], result.n_regions, result.objective, result.breaches, result.split_compounds)


def _check_parted(part: Labels) -> None:
    if (part[:, 0] == part[:, 1]).any():
        raise RulesError("must_part: two buildings share a unit, so they cannot be parted")


def _pairs(pairs: Numbers, ground: Ground, free: Numbers) -> Numbers:
    """Return pairs of generators as pairs of free units; pairs inside a fixed area are none of the solver's."""
    place = np.full(ground.n_units, NONE, dtype=np.int64)
    place[free] = np.arange(len(free))
    units = place[ground.unit_of_generator[pairs]]
    return np.asarray(units[(units != NONE).all(axis=1)], dtype=np.int64)


def _with_fixed(grid: Numbers, fixed: Numbers, k: int) -> tuple[Numbers, Numbers]:
    """Number the fixed areas that hold ground after the solver's grids; return grids and the area behind each."""
    areas = np.unique(fixed[fixed != NONE])
    grid = grid.copy()
    inside = fixed != NONE
    grid[inside] = k + np.searchsorted(areas, fixed[inside])
    return grid, np.concatenate([np.full(k, NONE, dtype=np.int64), areas])


def dissolved(faces: Geometries, member: Numbers, count: int) -> Geometries:
    """
    Unite the faces of a clean coverage by member.

    Parameters
    ----------
    faces
        Shape (n_faces,): Polygons that share their vertices exactly.
    member
        Shape (n_faces,): 0..count-1, every number used.
    count
        Number of members.
    """
    order = np.argsort(member, kind="stable")
    starts = np.searchsorted(member[order], np.arange(count + 1))
    out = np.empty(count, dtype=object)
    for number in range(count):
        mine = faces[order[starts[number] : starts[number + 1]]]
        out[number] = mine[0] if len(mine) == 1 else shapely.coverage_union_all(mine)
    return out

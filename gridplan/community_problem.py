"""
A community as the solver's problem: cells, ground, contiguity, what each unit holds, and what must stay together.

The step in front of every search, so that others (a proof, a benchmark) are given what a plan is cut from.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import shapely

from gridplan.barriers import Barriers
from gridplan.cells import Cells, build_cells
from gridplan.contiguity import Contiguity, build_contiguity
from gridplan.errors import RulesError
from gridplan.ground import Ground, build_ground
from gridplan.joining import check_fixed_pairs, together, with_whole_groups
from gridplan.partition.contract import contracted
from gridplan.partition.problem import NONE, Bounds, Labels, Problem
from gridplan.partition.search import region_sums
from gridplan.pockets import with_pockets
from gridplan.revising.present import present_of_units
from gridplan.rules import Band, Rules
from gridplan.site import Geometries, Numbers, Site
from gridplan.uniting.preference import along_departments, owners_of_units, united
from gridplan.workload import work_of_units


@dataclass(frozen=True)
class Holdings:
    """What each unit holds, shape (n_units,) each; village groups count in rural communities alone."""

    households: Numbers
    persons: Numbers
    work: Numbers
    compound: Numbers
    group: Numbers
    previous: Numbers


@dataclass(frozen=True)
class CommunityProblem:
    """
    What one community is cut from.

    Parameters
    ----------
    cells, ground
        Its ground in faces, and in units with their borders; fixed areas and the pockets that they leave are marked.
    holdings
        What each unit holds.
    band
        Households of a grid; None where nothing binds.
    contiguity
        The free units and their graph; None where fixed areas cover all.
    groups
        Shape (len(contiguity.units),): unit of the problem that each free unit is in, with what must stay together.
    problem
        The solver's problem; None where there is nothing to cut.
    """

    cells: Cells
    ground: Ground
    holdings: Holdings
    band: Band | None
    contiguity: Contiguity | None
    groups: Labels
    problem: Problem | None


def community_problem(
    site: Site, *, rules: Rules, spacing_m: float, lap: Callable[[str], None] = lambda _: None
) -> CommunityProblem:
    """
    Make the solver's problem of one community.

    Parameters
    ----------
    site
        The community as read.
    rules
        Rules of the plan.
    spacing_m
        Distance between points on outlines, metres.
    lap
        Called after a stage (``cells``, ``graph``) with its name.

    Raises
    ------
    RulesError
        If a pair cannot be joined or parted.
    """
    barriers = site.barriers.clipped(site.polygon)
    cells = build_cells(site.polygon, _cutting_lines(site, barriers), site.generators.geometry, spacing_m)
    lap("cells")
    ground = build_ground(cells, site.generators.geometry, barriers, site.fixed, rules.barriers.tolerance_m)
    work = work_of_units(site, ground, cells.faces, barriers.lines[barriers.street], rules.work)
    holdings = _holdings(site, ground, work)
    band = None if site.rural and not rules.rural_band else rules.band
    ground = replace(ground, fixed=with_pockets(ground, holdings.households, site.fixed))
    if site.departments:
        ground = along_departments(ground, owners_of_units(site, ground, cells.faces), rules.weights)
    check_fixed_pairs(site, ground.fixed[ground.unit_of_generator])
    free = np.flatnonzero(ground.fixed == NONE)
    lap("graph")
    if not len(free):
        return CommunityProblem(cells, ground, holdings, band, None, np.empty(0, dtype=np.int32), None)
    contiguity = build_contiguity(ground, free, holdings.households, band)
    fine = _problem(site, rules, band, ground, holdings, contiguity)
    try:
        groups = together(fine.graph, holdings.group[free], _pairs(site.generators.join, ground, free))
        problem = contracted(fine, groups)
        _check_parted(problem.part)
    except RulesError as error:
        raise RulesError(f"community {site.code}: {error}") from error
    return CommunityProblem(cells, ground, holdings, band, contiguity, groups, problem)


def _problem(
    site: Site, rules: Rules, band: Band | None, ground: Ground, holdings: Holdings, contiguity: Contiguity
) -> Problem:
    """Return the problem of the free units, before what must stay together is contracted."""
    free, generators = contiguity.units, site.generators
    return Problem(
        graph=with_whole_groups(contiguity.graph, ground.xy[free], holdings.group[free]),
        households=holdings.households[free],
        work=holdings.work[free],
        persons=holdings.persons[free],
        xy=ground.xy[free],
        area_m2=ground.area_m2[free],
        compound=holdings.compound[free].astype(np.int32),
        previous=_previous(site, ground, holdings)[free].astype(np.int32),
        band=band,
        target=rules.target,
        bounds=Bounds(
            (rules.persons_minimum, rules.persons_maximum),
            (rules.work_minimum, rules.work_maximum),
        ),
        weights=united(rules.weights) if site.departments else rules.weights,
        n_regions=site.n_grids,
        part=_pairs(generators.part, ground, free).astype(np.int32),
    )


def _previous(site: Site, ground: Ground, holdings: Holdings) -> Numbers:
    """Return today's grid of each unit where today's grids are to be revised; -1 else."""
    if site.present is None:
        return np.full(ground.n_units, NONE, dtype=np.int64)
    return present_of_units(site.present, ground.xy, holdings.previous)


def _check_parted(part: Labels) -> None:
    if (part[:, 0] == part[:, 1]).any():
        raise RulesError("must_part: two buildings share a unit, so they cannot be parted")


def _pairs(pairs: Numbers, ground: Ground, free: Numbers) -> Numbers:
    """Return pairs of generators as pairs of free units; pairs inside a fixed area are none of the solver's."""
    place = np.full(ground.n_units, NONE, dtype=np.int64)
    place[free] = np.arange(len(free))
    units = place[ground.unit_of_generator[pairs]]
    return np.asarray(units[(units != NONE).all(axis=1)], dtype=np.int64)


def _cutting_lines(site: Site, barriers: Barriers) -> Geometries:
    """Return the lines that cut the ground; passable ones inside impassable polygons (a road on its bridge) do not."""
    lines = barriers.lines.copy()
    if len(barriers.waters):
        dry = shapely.difference(lines[~barriers.impassable], shapely.union_all(barriers.waters))
        lines[~barriers.impassable] = dry
    rims = [shapely.intersection(shapely.boundary(area.polygon), site.polygon) for area in site.fixed]
    lines = np.concatenate([lines, np.array(rims, dtype=object)])
    return np.asarray(lines[~shapely.is_empty(lines)], dtype=object)


def _holdings(site: Site, ground: Ground, work: Numbers) -> Holdings:
    generators, place, n = site.generators, ground.unit_of_generator, ground.n_units
    return Holdings(
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

"""Every departure of a community's grids from a rule, with value, limit, reason and whether it is proven."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from gridplan.contiguity import Contiguity
from gridplan.ground import LEAST_BORDER_M, Ground
from gridplan.partition.problem import Breach, Labels
from gridplan.rules import Band
from gridplan.site import NONE, FixedArea, Numbers

# Reasons that arithmetic gives for a part; where a fixed area cut the part off, that is the truer reason.
CUT_OFF = frozenset({"component_below_minimum", "total_fits_no_number", "no_households"})


@dataclass(frozen=True)
class Departure:
    """A rule that a grid departs from; ``grid`` is the number of the grid in its community."""

    grid: int
    rule: str
    value: int
    limit: int
    reason: str
    proven: bool


def of_solver(breaches: tuple[Breach, ...], contiguity: Contiguity, ground: Ground, labels: Labels) -> list[Departure]:
    """
    Return the solver's breaches as departures.

    Parameters
    ----------
    breaches
        Breaches of the partition; regions are the numbers of the grids.
    contiguity
        Graph that was cut.
    ground
        The community's ground.
    labels
        Shape (len(contiguity.units),).
    """
    beside = _beside_fixed(ground)
    found = []
    for breach in breaches:
        reason = breach.reason
        if reason in CUT_OFF:
            parts = np.unique(contiguity.part_of[labels == breach.region])
            mine = contiguity.units[np.isin(contiguity.part_of, parts)]
            reason = "cut_off_by_lock" if beside[mine].any() else reason
        found.append(Departure(breach.region, breach.rule, breach.value, breach.limit, reason, breach.proven))
    return found


def _beside_fixed(ground: Ground) -> np.ndarray:
    """Tell which units have an open border with a fixed area."""
    borders = ground.borders
    passable = borders.length_m - borders.closed_m >= LEAST_BORDER_M
    one, two = borders.first[passable], borders.second[passable]
    beside = np.zeros(ground.n_units, dtype=bool)
    beside[one[ground.fixed[two] != NONE]] = True
    beside[two[ground.fixed[one] != NONE]] = True
    return beside


def of_fixed(
    areas: tuple[FixedArea, ...], fixed: Numbers, grid: Numbers, ground: Ground, households: Numbers, band: Band | None
) -> list[Departure]:
    """
    Return the departures of locked grids and exclusive areas: the planner's will, named all the same.

    Parameters
    ----------
    areas
        Fixed areas of the community.
    fixed
        Shape (n_grids,): number of the fixed area that each grid is, or -1.
    grid
        Shape (n_units,): grid of each unit.
    ground
        The community's ground.
    households
        Shape (n_units,).
    band
        Band of basic grids; None binds nothing.
    """
    found = []
    for number in np.flatnonzero(fixed != NONE):
        area, mine = areas[int(fixed[number])], grid == number
        total = int(households[mine].sum())
        if band and area.kind == "basic" and not band.minimum <= total <= band.maximum:
            limit = band.minimum if total < band.minimum else band.maximum
            found.append(Departure(int(number), "band", total, limit, "locked_out_of_band", True))
        sides = _inhabited_sides(ground, mine & (households > 0), mine)
        if sides > 1:
            found.append(Departure(int(number), "barrier", sides, 1, "fixed_by_planner", True))
    return found


def _inhabited_sides(ground: Ground, inhabited: np.ndarray, mine: np.ndarray) -> int:
    """Return how many parts of a grid, cut along impassable barriers, hold households."""
    borders = ground.borders
    whole = mine[borders.first] & mine[borders.second]
    passable = whole & (borders.length_m - borders.closed_m > 0)
    apart = _parts(ground.n_units, borders.first[passable], borders.second[passable])
    joined = _parts(ground.n_units, borders.first[whole], borders.second[whole])
    sides = [len(np.unique(apart[inhabited & (joined == part)])) for part in np.unique(joined[inhabited])]
    return max(sides, default=0)


def of_shape(ground: Ground, grid: Numbers, fixed: Numbers, group: Numbers) -> list[Departure]:
    """
    Return the grids whose ground is in several pieces, walls not counted: declared exclaves, or drawn so.

    Parameters
    ----------
    ground
        The community's ground.
    grid
        Shape (n_units,): grid of each unit.
    fixed
        Shape (n_grids,): number of the fixed area that the grid is, or -1.
    group
        Shape (n_units,): village group of each unit, or -1. A group is never cut, so one that lies in several places
        is a grid in several pieces.
    """
    borders = ground.borders
    inside = (grid[borders.first] == grid[borders.second]) & (borders.length_m > 0)
    first, second = borders.first[inside], borders.second[inside]
    pieces = _pieces(grid, first, second, len(fixed))
    order = np.argsort(group, kind="stable")
    one, two = order[:-1], order[1:]
    kin = (group[one] != NONE) & (group[one] == group[two]) & (grid[one] == grid[two])
    linked = _pieces(grid, np.concatenate([first, one[kin]]), np.concatenate([second, two[kin]]), len(fixed))
    reasons = np.where(fixed != NONE, "fixed_by_planner", np.where(linked < pieces, "scattered_group", "exclave"))
    return [
        Departure(int(number), "connected", int(pieces[number]), 1, str(reasons[number]), True)
        for number in np.flatnonzero(pieces > 1)
    ]


def of_nobody(fixed: Numbers, households: Numbers, band: Band) -> list[Departure]:
    """
    Return the departure of a community that no band binds, and in which nobody lives.

    Parameters
    ----------
    fixed
        Shape (n_grids,): number of the fixed area that the grid is, or -1.
    households
        Shape (n_units,).
    band
        Band of other communities. Where it binds, the solver itself names what holds nobody.
    """
    nobody = np.flatnonzero((fixed == NONE) & ~households.any())
    return [Departure(int(number), "band", 0, band.minimum, "no_households", True) for number in nobody]


def _pieces(grid: Numbers, first: Numbers, second: Numbers, n_grids: int) -> Numbers:
    """Return in how many pieces each grid lies, of units linked in pairs."""
    part = _parts(len(grid), first, second)
    return np.bincount(grid[np.unique(part, return_index=True)[1]], minlength=n_grids)


def _parts(n: int, first: Numbers, second: Numbers) -> Numbers:
    links = coo_matrix((np.ones(len(first)), (first, second)), shape=(n, n))
    return np.asarray(connected_components(links, directed=False)[1], dtype=np.int64)

"""The measures of a labelling, computed from the instance and the labels alone; nothing here asks a solver."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components

from gridbench.instance import Instance
from gridplan.partition.problem import Floats, Graph, Ints, Labels


@dataclass(frozen=True)
class Measures:
    """
    How good a labelling is.

    Parameters
    ----------
    grids
        Number of grids.
    in_band, connected
        Shares of all grids.
    kept
        Share of grids in the band and connected, among the parts whose households fit some number of grids and
        whose units all lie below the maximum.
    broken
        Grids of those parts that are not.
    household_cv, work_cv
        Standard deviation by mean, over all grids.
    work_cv_within
        The same with each grid's deviation from the mean of its part: what a solver can even out.
    inertia
        Mean over households of the squared distance to their grid's centre of households, square metres.
    pp_mean, pp_min
        Polsby and Popper's 4 pi area / perimeter squared.
    off_km, off_share
        Boundary between grids that runs along no barrier, kilometres and share of all such boundary.
    compounds_split
        Compounds of at most the maximum in more grids than they have connected parts.
    compounds
        Compounds of at most the maximum with several units.
    """

    grids: int
    in_band: float
    connected: float
    kept: float
    broken: int
    household_cv: float
    work_cv: float
    work_cv_within: float
    inertia: float
    pp_mean: float
    pp_min: float
    off_km: float
    off_share: float
    compounds_split: int
    compounds: int


def measure(instance: Instance, labels: Labels) -> Measures:
    """
    Measure a labelling.

    Parameters
    ----------
    instance
        The instance.
    labels
        Shape (n_units,): grid of each unit; the units of a part that are labelled -1 count as one grid.
    """
    problem = instance.problem
    part = parts(problem.graph)
    grid = _without_gaps(labels, part)
    n = int(grid.max()) + 1
    households, work = (_sums(grid, quantity, n) for quantity in (problem.households, problem.work))
    home = np.zeros(n, dtype=np.int64)
    home[grid[::-1]] = part[::-1]
    inside = _in_band(instance, households)
    whole = _pieces(problem.graph, grid, n) == 1
    possible = _possible(instance, part)[home]
    round_ness = _polsby_popper(instance, grid, n)
    between = grid[instance.borders[:, 0]] != grid[instance.borders[:, 1]]
    total_m = float(instance.border_m[between].sum())
    off_m = total_m - float(instance.near_m[between].sum())
    split, several = _splits(instance, grid, part)
    return Measures(
        grids=n,
        in_band=float(inside.mean()),
        connected=float(whole.mean()),
        kept=float((inside & whole)[possible].mean()) if possible.any() else 1.0,
        broken=int(np.count_nonzero(possible & ~(inside & whole))),
        household_cv=_cv(households, np.zeros(n, dtype=np.int64)),
        work_cv=_cv(work, np.zeros(n, dtype=np.int64)),
        work_cv_within=_cv(work, home),
        inertia=_inertia(instance, grid, n),
        pp_mean=float(round_ness.mean()),
        pp_min=float(round_ness.min()),
        off_km=off_m / 1000.0,
        off_share=off_m / total_m if total_m else 0.0,
        compounds_split=split,
        compounds=several,
    )


def parts(graph: Graph) -> Labels:
    """Return the connected part of each unit."""
    found: Labels = connected_components(_adjacency(graph), directed=False)[1]
    return found


def _adjacency(graph: Graph) -> csr_matrix:
    n = graph.n_units
    return csr_matrix((np.ones(len(graph.indices), dtype=np.int8), graph.indices, graph.indptr), shape=(n, n))


def _without_gaps(labels: Labels, part: Labels) -> Ints:
    named = np.where(labels >= 0, labels.astype(np.int64), int(labels.max()) + 1 + part)
    return np.unique(named, return_inverse=True)[1].astype(np.int64)


def _sums(grid: Ints, quantity: NDArray[np.generic], n: int) -> Floats:
    return np.bincount(grid, quantity, minlength=n).astype(np.float64)


def _in_band(instance: Instance, households: Floats) -> NDArray[np.bool_]:
    band = instance.problem.band
    if band is None:
        return np.ones(len(households), dtype=np.bool_)
    inside: NDArray[np.bool_] = (households >= band.minimum) & (households <= band.maximum)
    return inside


def _possible(instance: Instance, part: Labels) -> NDArray[np.bool_]:
    """Tell which parts some whole number of grids fits, by arithmetic; a unit above the maximum spoils its part."""
    problem, band = instance.problem, instance.problem.band
    count = int(part.max()) + 1
    if band is None:
        return np.ones(count, dtype=np.bool_)
    totals = np.bincount(part, problem.households, minlength=count).astype(np.int64)
    fits = np.array([bool(band.counts(int(total))) for total in totals])
    fits[part[problem.households > band.maximum]] = False
    return fits


def _pieces(graph: Graph, grid: Ints, n: int) -> Ints:
    """Return the number of connected pieces of each grid."""
    heads = graph.heads()
    same = grid[heads] == grid[graph.indices]
    links = csr_matrix((np.ones(int(same.sum()), dtype=np.int8), (heads[same], graph.indices[same])), (len(grid),) * 2)
    piece = connected_components(links, directed=False)[1]
    first = np.unique(piece, return_index=True)[1]
    return np.bincount(grid[first], minlength=n)


def _cv(values: Floats, group: Ints) -> float:
    """Return the root of the mean squared deviation from the group's mean, by the mean of all."""
    means = np.bincount(group, values) / np.maximum(np.bincount(group), 1)
    return float(np.sqrt(((values - means[group]) ** 2).mean()) / max(values.mean(), 1e-12))


def _inertia(instance: Instance, grid: Ints, n: int) -> float:
    households, xy = instance.problem.households, instance.problem.xy
    mass = np.maximum(_sums(grid, households, n), 1.0)
    # The mean place of all is taken off first: squares of map coordinates would eat the digits.
    places = xy - xy.mean(axis=0)
    centre = np.stack([_sums(grid, households * places[:, axis], n) / mass for axis in (0, 1)], axis=1)
    squared = ((places - centre[grid]) ** 2).sum(axis=1)
    return float((households * squared).sum() / max(int(households.sum()), 1))


def _polsby_popper(instance: Instance, grid: Ints, n: int) -> Floats:
    """Return 4 pi area / perimeter squared by grid: borders to other grids and rim add up to the outline."""
    one, two = grid[instance.borders].T
    between = one != two
    around = _sums(grid, instance.rim_m, n)
    for side in (one, two):
        around += np.bincount(side[between], instance.border_m[between], minlength=n)
    values: Floats = 4.0 * np.pi * _sums(grid, instance.problem.area_m2, n) / np.maximum(around, 1e-9) ** 2
    return values


def _splits(instance: Instance, grid: Ints, part: Labels) -> tuple[int, int]:
    """Return how many compounds of at most the maximum are in more grids than connected parts, and of how many."""
    problem = instance.problem
    inside = problem.compound >= 0
    if not inside.any():
        return 0, 0
    compound = problem.compound[inside].astype(np.int64)
    count = int(compound.max()) + 1
    size = np.bincount(compound, problem.households[inside], minlength=count)
    counted = np.bincount(compound, minlength=count) > 1
    if problem.band is not None:
        counted &= size <= problem.band.maximum
    grids, pieces = (_distinct(compound, member[inside].astype(np.int64), count) for member in (grid, part))
    return int(np.count_nonzero(counted & (grids > pieces))), int(np.count_nonzero(counted))


def _distinct(group: Ints, member: Ints, count: int) -> Ints:
    """Return how many different members each group has."""
    width = int(member.max()) + 1
    return np.bincount(np.unique(group * width + member) // width, minlength=count)

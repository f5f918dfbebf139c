"""One connected part and one number of regions, as arrays for the compiled kernel; the objective; the annealing."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from gridplan.partition import annealing, kernel
from gridplan.partition.initial import subgraph
from gridplan.partition.problem import NONE, Floats, Ints, Labels, Problem

# One dimensionless unit of the objective in whole numbers.
UNIT = 10_000.0
# A region out of its bounds, in units of the objective: once, and for a target's worth of households, persons or
# minutes. By the target, so that micro-grids, grids and communities are cut alike.
BREACH, BREACH_TARGET = 60.0, 120.0
SURPLUS_TARGET = 20.0
# Deviations of work are squared, so that 10 % off the mean (0.01) would vanish beside shape without this factor.
BALANCE_FACTOR = 7.0
# Mass of a household in inertia, where the ground of a part weighs as much as its households at 1: enough to give
# units without households a place.
HOUSEHOLD_MASS = 8
# A part too many of a compound that may stay whole, and of one above the maximum, which has to be cut anyway.
COMPOUND_FACTOR, LARGE_COMPOUND_FACTOR = 4.0, 1.0
UNBOUND = np.int64(2) ** 60


@dataclass(frozen=True)
class Compiled:
    """The kernel's arguments for one connected part and one number of regions."""

    k: int
    graph: tuple[np.ndarray, ...]
    units: tuple[np.ndarray, ...]
    bounds: tuple[np.ndarray, ...]
    scale: Floats

    def cost(self, labels: Labels) -> int:
        """Return the objective of a labelling, from scratch and without the compiled kernel."""
        indptr, indices, edge_cost, part_indptr, part_indices = self.graph
        _, _, allowed, split_cost, anchor, anchor_cost, _ = self.units
        sums, _, parts = self.tallies(labels)
        heads = np.repeat(labels, np.diff(indptr))
        part_heads = np.repeat(labels, np.diff(part_indptr))
        cost = int(self.region_costs(sums).sum())
        cost += int(edge_cost[heads != labels[indices]].sum()) // 2
        cost += int((split_cost * np.maximum(parts - allowed, 0)).sum())
        cost += int(anchor_cost[(anchor >= 0) & (anchor != labels)].sum())
        return cost + int(self.scale[kernel.PART]) * (int((part_heads == labels[part_indices]).sum()) // 2)

    def tallies(self, labels: Labels) -> tuple[Ints, Labels, Ints]:
        """Return the regions' sums, the compounds' units by region and the compounds' parts."""
        values, compound, allowed = self.units[:3]
        sums = np.zeros((self.k, kernel.N_COLUMNS), dtype=np.int64)
        np.add.at(sums, labels, values)
        counts = np.zeros((len(allowed), self.k), dtype=np.int32)
        inside = compound >= 0
        np.add.at(counts, (compound[inside], labels[inside]), 1)
        return sums, counts, np.count_nonzero(counts, axis=1).astype(np.int64)

    def region_costs(self, sums: Ints) -> Ints:
        """Return the cost of each region from its sums, as `kernel.region_cost` states it."""
        low, high, exempt = self.bounds
        bounded = sums[:, :3]
        breach = np.maximum(low - bounded, 0).sum(axis=1) + np.maximum(bounded - high, 0).sum(axis=1)
        off = sums[:, kernel.WORK] / self.scale[kernel.MEAN_WORK] - 1.0
        free = np.where(breach > 0, self.scale[kernel.BREACH] + self.scale[kernel.BREACH_EACH] * breach, 0.0)
        free = free + self.scale[kernel.BALANCE] * off * off
        held = self.scale[kernel.SURPLUS] * (sums[:, kernel.HOUSEHOLDS] - exempt)
        mass, x, y, r2 = (
            sums[:, c].astype(np.float64) for c in (kernel.MASS, kernel.MASS_X, kernel.MASS_Y, kernel.MASS_R2)
        )
        inertia = self.scale[kernel.INERTIA] * (r2 - (x * x + y * y) / np.maximum(mass, 1.0))
        costs: Ints = np.floor(np.where(exempt >= 0, held, free) + inertia + 0.5).astype(np.int64)
        return costs

    def costs_by_region(self, labels: Labels) -> Ints:
        """Return what each region costs by itself and for half its border."""
        indptr, indices, edge_cost = self.graph[:3]
        heads = np.repeat(labels, np.diff(indptr))
        border = np.bincount(heads, edge_cost * (heads != labels[indices]), minlength=self.k)
        costs: Ints = self.region_costs(self.tallies(labels)[0]) + (border / 2.0).astype(np.int64)
        return costs

    def annealed(
        self, labels: Labels, *, proposals: int, hot: float, trees: float, rng: np.random.Generator
    ) -> tuple[Labels, int]:
        """
        Anneal from connected labels; return the best labels met and their objective.

        Parameters
        ----------
        labels
            Regions 0..k-1, each in one piece.
        proposals
            Number of proposals.
        hot
            First temperature, in units of the objective; the last is a thousandth.
        trees
            Share of proposals that cut two regions anew, 0..1.
        rng
            Source of the kernel's stream.
        """
        annealer = Annealer(self, labels)
        annealer.anneal(proposals=proposals, hot=hot, trees=trees, rng=rng)
        return annealer.labels, annealer.cost


class Annealer:
    """
    The search's only mutable state: labels with their sums, and scratch; annealed whole or in part, again and again.

    Parameters
    ----------
    compiled
        The problem for k regions.
    labels
        Regions 0..k-1, each in one piece.

    Attributes
    ----------
    labels, cost
        The present labels and their objective.
    """

    def __init__(self, compiled: Compiled, labels: Labels) -> None:
        self.labels = labels.astype(np.int32)
        self.cost = compiled.cost(self.labels)
        self._compiled = compiled
        self._tallies = compiled.tallies(self.labels)
        n, n_compounds = len(labels), len(compiled.units[2])
        one = np.empty((7, n), dtype=np.int32)
        one[2] = NONE
        self._best = one[6]
        self._memory = (np.zeros(n, dtype=np.int64), one[5], np.zeros(1, dtype=np.int64), np.empty(2, dtype=np.int64))
        below = np.empty((n, kernel.N_COLUMNS + 1), dtype=np.int64)
        self._scratch = (one[0], one[1], one[2], one[3], np.zeros((n_compounds, 3), dtype=np.int32), one[4], below)

    def anneal(
        self, *, proposals: int, hot: float, trees: float, rng: np.random.Generator, units: Ints | None = None
    ) -> None:
        """
        Anneal; the best labels met stay.

        Parameters
        ----------
        proposals
            Number of proposals.
        hot
            First temperature, in units of the objective; the last is a thousandth.
        trees
            Share of proposals that cut two regions anew, 0..1.
        rng
            Source of the kernel's stream.
        units
            All units of some regions, which alone change; None for all.
        """
        compiled = self._compiled
        pool = np.arange(len(self.labels)) if units is None else units
        inside = np.zeros(compiled.k, dtype=np.bool_)
        inside[self.labels[pool]] = True
        self.cost = int(
            annealing.anneal(
                self.labels,
                self._best,
                self.cost,
                pool.astype(np.int32),
                inside,
                compiled.graph,
                compiled.units,
                compiled.bounds,
                compiled.scale,
                self._tallies,
                np.empty(compiled.k, dtype=np.int64),
                self._memory,
                self._scratch,
                np.empty((2, kernel.N_COLUMNS), dtype=np.int64),
                np.array([proposals, hot * UNIT, hot * UNIT / 1000.0, trees]),
                rng.integers(0, 2**63, size=1).astype(np.uint64),
            )
        )


def compile_problem(problem: Problem, k: int, oversize: Ints) -> Compiled:
    """
    Turn a connected problem and a number of regions into the kernel's arguments.

    Parameters
    ----------
    problem
        Connected problem.
    k
        Number of regions, 1..n_units.
    oversize
        Units above the maximum; unit ``oversize[r]`` is fixed to region ``r``.
    """
    measure = yardstick(problem, k)
    mean_area = float(problem.area_m2.sum()) / measure
    edge_cost = _edge_costs(problem, mean_area)
    values, inertia_scale = _values(problem, measure, mean_area)
    allowed, split_cost = _compounds(problem)
    anchor_cost = np.round(
        problem.weights.stability * UNIT * problem.households * k / max(problem.households.sum(), 1)
    ).astype(np.int64)
    fixed = np.zeros(problem.n_units, dtype=np.bool_)
    fixed[oversize] = True
    scale = np.empty(kernel.N_SCALES)
    scale[kernel.BALANCE] = UNIT * BALANCE_FACTOR * problem.weights.balance
    scale[kernel.MEAN_WORK] = max(float(problem.work.sum()) / k, 1.0)
    scale[kernel.INERTIA] = inertia_scale
    scale[kernel.BREACH] = UNIT * BREACH
    scale[kernel.BREACH_EACH] = UNIT * BREACH_TARGET / problem.target
    scale[kernel.SURPLUS] = UNIT * SURPLUS_TARGET / problem.target
    scale[kernel.PART] = UNIT * BREACH
    part_indptr, part_indices = _pairs(problem)
    graph = (problem.graph.indptr, problem.graph.indices, edge_cost, part_indptr, part_indices)
    units = (values, problem.compound, allowed, split_cost, problem.previous, anchor_cost, fixed)
    return Compiled(k, graph, units, _bounds(problem, k, oversize), scale)


def yardstick(problem: Problem, k: int) -> float:
    """
    Return the number of regions by whose mean ground and households shapes are measured.

    Parameters
    ----------
    problem
        Connected problem.
    k
        Number of regions that it is cut into.

    Notes
    -----
    As many as there are, so that shape does not prefer large or small regions, and the target chooses their number.
    Without a weight of the target nothing else would: lengths and inertia then count as they are on the ground.
    """
    return float(k) if problem.weights.target else max(float(problem.households.sum()) / problem.target, 1.0)


def _edge_costs(problem: Problem, mean_area: float) -> Ints:
    """Return the cost of cutting each edge: 1 for the perimeter of a disc of the mean area."""
    perimeter = 2.0 * np.sqrt(np.pi * mean_area)
    weights = problem.weights
    length = weights.boundary * problem.graph.border_m + weights.barriers * problem.graph.open_m
    cost: Ints = np.round(UNIT * length / perimeter).astype(np.int64)
    return cost


def _values(problem: Problem, k: float, mean_area: float) -> tuple[Ints, float]:
    """
    Return the columns that regions sum up, and the scale of inertia: 1 for a disc of the mean area and mass.

    Mass is households and, to an eighth of their sum, ground: units without households would otherwise cost nothing.
    Places are whole numbers of a length that keeps (mass x place) squared below 2**63.
    """
    n = problem.n_units
    total = max(int(problem.households.sum()), 1)
    mass = HOUSEHOLD_MASS * problem.households + np.ceil(problem.area_m2 * (total / problem.area_m2.sum())).astype(
        np.int64
    )
    centred = problem.xy - problem.xy.mean(axis=0)
    reach = max(float(np.abs(centred).max()), 1.0)
    # Each of two squares, summed up over all mass, stays below 2**61.
    step = max(0.1, reach * float(mass.sum()) / 3e17, reach * float(np.sqrt(mass.sum() / 2.0**61)))
    x, y = np.round(centred / step).astype(np.int64).T
    values = np.empty((n, kernel.N_COLUMNS), dtype=np.int64)
    values[:, kernel.HOUSEHOLDS] = problem.households
    values[:, kernel.WORK] = problem.work
    values[:, kernel.PERSONS] = problem.persons
    values[:, kernel.MASS] = mass
    values[:, kernel.MASS_X] = mass * x
    values[:, kernel.MASS_Y] = mass * y
    values[:, kernel.MASS_R2] = mass * (x * x + y * y)
    values[:, kernel.UNITS] = 1
    disc = float(mass.sum()) / k * mean_area / (2.0 * np.pi) / step**2
    return values, UNIT * problem.weights.compactness / disc


def _compounds(problem: Problem) -> tuple[Ints, Ints]:
    """Return how many parts each compound may have by its size, and the cost of each part more."""
    count = int(problem.compound.max(initial=NONE)) + 1
    sizes = np.zeros(count, dtype=np.int64)
    inside = problem.compound >= 0
    np.add.at(sizes, problem.compound[inside], problem.households[inside])
    maximum = problem.band.maximum if problem.band else max(int(problem.households.sum()), 1)
    allowed = np.maximum(-(-sizes // maximum), 1)
    factor = np.where(sizes > maximum, LARGE_COMPOUND_FACTOR, COMPOUND_FACTOR)
    cost = np.round(UNIT * factor * problem.weights.compounds).astype(np.int64)
    return allowed, cost


def _pairs(problem: Problem) -> tuple[np.ndarray, np.ndarray]:
    """Return the pairs to be parted in sparse rows, both ways."""
    pairs = np.concatenate([problem.part, problem.part[:, ::-1]])
    order = np.lexsort((pairs[:, 1], pairs[:, 0]))
    indptr = np.zeros(problem.n_units + 1, dtype=np.int32)
    np.cumsum(np.bincount(pairs[:, 0], minlength=problem.n_units), out=indptr[1:])
    return indptr, pairs[order, 1].astype(np.int32)


def _bounds(problem: Problem, k: int, oversize: Ints) -> tuple[Ints, Ints, Ints]:
    """Return lowest and highest households, work and persons by region, and the households of exempt regions."""
    low = np.zeros((k, 3), dtype=np.int64)
    high = np.full((k, 3), UNBOUND, dtype=np.int64)
    if problem.band:
        low[:, kernel.HOUSEHOLDS], high[:, kernel.HOUSEHOLDS] = problem.band.minimum, problem.band.maximum
    for column, (lowest, highest) in ((kernel.WORK, problem.bounds.work), (kernel.PERSONS, problem.bounds.persons)):
        low[:, column] = 0 if lowest is None else lowest
        high[:, column] = UNBOUND if highest is None else highest
    exempt = np.full(k, NONE, dtype=np.int64)
    exempt[: len(oversize)] = problem.households[oversize]
    return low, high, exempt


def region_sums(labels: NDArray[np.integer], k: int, quantity: Ints) -> Ints:
    """Return the sum of a whole-numbered quantity by region, shape (k,)."""
    sums = np.zeros(k, dtype=np.int64)
    np.add.at(sums, labels, quantity)
    return sums


def restricted(problem: Problem, units: Ints) -> Problem:
    """
    Return the problem of some units alone.

    Parameters
    ----------
    problem
        The whole.
    units
        Ascending numbers of the units to keep.
    """
    place = np.full(problem.n_units, NONE, dtype=np.int32)
    place[units] = np.arange(len(units), dtype=np.int32)
    pairs = place[problem.part]
    return replace(
        problem,
        graph=subgraph(problem.graph, units),
        households=problem.households[units],
        work=problem.work[units],
        persons=problem.persons[units],
        xy=problem.xy[units],
        area_m2=problem.area_m2[units],
        compound=problem.compound[units],
        previous=problem.previous[units],
        part=pairs[(pairs >= 0).all(axis=1)],
    )

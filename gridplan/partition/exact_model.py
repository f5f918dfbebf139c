"""
The exact model's objective and what any solution of it obeys, without a solver.

The model is Hess' (1965): every region has one of its own units as centre. Its objective, a whole number, is

    sum over units of  mass * d(unit, centre)**2   +   DEVIATION_M2 * sum over regions of  |households - target|

with ``mass = max(households, 1)`` (ground without households would otherwise lie anywhere at no cost, and every round
of cuts would meet another detached placement of the same value) and ``d**2`` in whole square metres.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra

from gridplan.partition.problem import Ints, Labels, Problem

# One household more or less than the target weighs as much as one household 71 m from its centre.
DEVIATION_M2 = 5_000
Pairs = NDArray[np.bool_]


@dataclass(frozen=True)
class Exact:
    """
    The exact model of a problem.

    Parameters
    ----------
    problem
        Connected problem. Its compounds are not looked at: contract those that stay whole first
        (`gridplan.partition.contract`). Its weights do not matter.
    """

    problem: Problem

    @cached_property
    def costs(self) -> Ints:
        """Return mass x squared distance of each unit (row) to each centre (column), shape (n_units, n_units)."""
        offsets = self.problem.xy[:, None, :] - self.problem.xy[None, :, :]
        squares = np.round((offsets**2).sum(axis=2)).astype(np.int64)
        costs: Ints = np.maximum(self.problem.households, 1)[:, None] * squares
        return costs

    @property
    def limits(self) -> tuple[int, int]:
        """Return the lowest and highest households of a region."""
        band = self.problem.band
        return (band.minimum, band.maximum) if band else (0, int(self.problem.households.sum()))

    def possible(self) -> Pairs:
        """
        Tell which two units may share a region at all, shape (n_units, n_units).

        A connected region that holds both also holds a path between them, so the lightest path must fit the maximum.
        """
        graph, n = self.problem.graph, self.problem.n_units
        # Whole numbers in one float: households times n, plus one a step, so that no weight is zero.
        weights = self.problem.households[graph.indices].astype(np.float64) * n + 1.0
        lightest = dijkstra(csr_matrix((weights, graph.indices, graph.indptr), shape=(n, n)))
        total = np.floor(lightest / n) + self.problem.households[:, None]
        pairs: Pairs = np.isfinite(lightest) & (total <= self.limits[1])
        np.fill_diagonal(pairs, val=True)
        for first, second in self.problem.part:
            pairs[first, second] = pairs[second, first] = False
        return pairs

    def centres(self, labels: Labels, k: int) -> Ints:
        """Return each region's best centre among its own units, the lowest number on a tie; shape (k,)."""
        members = [np.flatnonzero(labels == region) for region in range(k)]
        return np.array([units[self.costs[np.ix_(units, units)].sum(axis=0).argmin()] for units in members])

    def value(self, labels: Labels, k: int) -> int:
        """Return the objective of any labels 0..k-1, every region used."""
        loads = np.zeros(k, dtype=np.int64)
        np.add.at(loads, labels, self.problem.households)
        inertia = self.costs[np.arange(len(labels)), self.centres(labels, k)[labels]].sum()
        return int(inertia + DEVIATION_M2 * np.abs(loads - self.problem.target).sum())


def objective_value(problem: Problem, labels: Labels, k: int) -> int:
    """
    Return the exact model's objective of any labels.

    Parameters
    ----------
    problem
        Units with households and places.
    labels
        Shape (n_units,), regions 0..k-1, every one used.
    k
        Number of regions.

    Returns
    -------
    value
        Households x square metres; the centre of a region is its medoid.
    """
    return Exact(problem).value(labels, k)

"""What revisions are ranked by: the rules, the households that change grid, the plan's own objective."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from scipy.optimize import linear_sum_assignment

from gridplan.partition.portfolio import oversize_units
from gridplan.partition.problem import NONE, Ints, Labels, Problem
from gridplan.partition.search import compile_problem, region_sums, yardstick
from gridplan.revising.moved import kept_households, shared_with_present

Rank = tuple[int, int, int, int]


@dataclass(frozen=True)
class Task:
    """
    What is to be revised: a whole problem, or the units of a few neighbouring regions.

    Parameters
    ----------
    problem
        Connected problem whose ``previous`` holds present grids.
    present_total
        Shape (n_present,): households of all present grids of the whole problem.
    wanted
        Number of regions that there should be; None leaves it open.
    """

    problem: Problem
    present_total: Ints
    wanted: int | None = None

    @cached_property
    def oversize(self) -> Ints:
        """Units above the maximum, ascending."""
        return oversize_units(self.problem)

    @cached_property
    def known(self) -> int:
        """Households that lie in a present grid."""
        return int(self.problem.households[self.problem.previous != NONE].sum())


@dataclass(frozen=True, eq=False)
class Revision:
    """
    Labels of a task, with what they are ranked by; of two the lesser is the better.

    Parameters
    ----------
    task
        What is revised.
    labels
        Shape (n_units,): regions 0..k-1, all used.
    """

    task: Task
    labels: Labels

    @cached_property
    def k(self) -> int:
        """Number of regions."""
        return int(self.labels.max()) + 1

    @cached_property
    def off(self) -> Ints:
        """Households, persons and minutes by which each region is out of its bounds, shape (k,)."""
        return amounts_off(self.task.problem, self.labels, self.task.oversize)

    @cached_property
    def shared(self) -> Ints:
        """Households that regions and present grids share, shape (k, n_present)."""
        problem = self.task.problem
        return shared_with_present(self.labels, problem.previous, problem.households, len(self.task.present_total))

    @cached_property
    def kept(self) -> Ints:
        """Households of each region that keep their grid, shape (k,)."""
        total = region_sums(self.labels, self.k, self.task.problem.households)
        return kept_households(self.shared, total, self.task.present_total)

    @cached_property
    def rank(self) -> Rank:
        """
        What counts before shape and balance.

        Regions out of their bounds and regions too many or too few; by how many households, persons or minutes;
        households whose code changes; households beyond the best pairing of regions with present grids, which tells
        apart what loses its code in any case.
        """
        too_many = 0 if self.task.wanted is None else abs(self.k - self.task.wanted)
        out = int(np.count_nonzero(self.off)) + too_many
        pairs = linear_sum_assignment(self.shared, maximize=True)
        paired = int(self.shared[pairs].sum())
        known = self.task.known
        return out, int(self.off.sum()), known - int(self.kept.sum()), known - paired

    @cached_property
    def shape(self) -> float:
        """The plan's own objective without stability, by what the search measures shapes by."""
        problem = self.task.problem
        bare = replace(problem, previous=np.full(problem.n_units, NONE, dtype=np.int32))
        labels = ordered(self.labels, self.task.oversize)
        return compile_problem(bare, self.k, self.task.oversize).cost(labels) / yardstick(problem, self.k)

    def beats(self, other: Revision, grace: int = 0) -> bool:
        """Return whether this ranks before another even when ``grace`` households fewer had moved."""
        out, off, moved, unpaired = self.rank
        mine = (out, off, moved - grace, unpaired)
        return self.shape < other.shape if mine == other.rank else mine < other.rank

    def __lt__(self, other: Revision) -> bool:
        return self.beats(other)


def amounts_off(problem: Problem, labels: Labels, oversize: Ints) -> Ints:
    """
    Return by how much each region is out of its bounds, shape (k,).

    The region of a unit above the maximum is out by every household beyond that unit: it should stand alone.
    """
    k = int(labels.max()) + 1
    off = np.zeros(k, dtype=np.int64)
    band = (problem.band.minimum, problem.band.maximum) if problem.band else (None, None)
    bounded = (
        (problem.households, band),
        (problem.persons, problem.bounds.persons),
        (problem.work, problem.bounds.work),
    )
    for quantity, (low, high) in bounded:
        if low is not None or high is not None:
            sums = region_sums(labels, k, quantity)
            off += 0 if low is None else np.maximum(low - sums, 0)
            off += 0 if high is None else np.maximum(sums - high, 0)
    if len(oversize):
        sums = region_sums(labels, k, problem.households)
        off[labels[oversize]] = sums[labels[oversize]] - problem.households[oversize]
    return off


def ordered(labels: Labels, oversize: Ints) -> Labels:
    """Number regions 0..k-1 so that those of the units above the maximum come first, in the units' order."""
    k = int(labels.max()) + 1
    rank = np.full(k, k, dtype=np.int64)
    rank[labels[oversize]] = np.arange(len(oversize))
    order = np.lexsort((np.arange(k), rank))
    order = order[np.bincount(labels, minlength=k)[order] > 0]
    number = np.full(k, NONE, dtype=np.int64)
    number[order] = np.arange(len(order))
    return number[labels].astype(np.int32)

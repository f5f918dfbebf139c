"""One labelling of a connected problem, and what it is ranked by."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gridplan.partition.problem import Labels, Problem
from gridplan.partition.search import UNIT, Compiled, yardstick

# Deviation of the mean households from the target, squared, beside the objective by region: at the default weights a
# mean 10 % off the target costs what work 13 % off the mean does in every region.
TARGET_FACTOR = 40.0


@dataclass(frozen=True)
class Candidate:
    """One labelling with what it is ranked by: regions out of bounds, by how much, and the objective."""

    labels: Labels
    k: int
    rank: tuple[int, int, float]


def candidate(problem: Problem, compiled: Compiled, labels: Labels, cost: int) -> Candidate:
    """
    Return a labelling with its rank, which compares labellings of any number of regions.

    Parameters
    ----------
    problem
        Connected problem.
    compiled
        The problem for as many regions as the labels have.
    labels
        Regions 0..k-1.
    cost
        Their objective.
    """
    sums, _, _ = compiled.tallies(labels)
    low, high, exempt = compiled.bounds
    off = (np.maximum(low - sums[:, :3], 0) + np.maximum(sums[:, :3] - high, 0)).sum(axis=1) * (exempt < 0)
    mean = float(problem.households.sum()) / compiled.k
    from_target = problem.weights.target * TARGET_FACTOR * (mean / problem.target - 1.0) ** 2
    rank = (int(np.count_nonzero(off)), int(off.sum()), cost / yardstick(problem, compiled.k) + UNIT * from_target)
    return Candidate(labels, compiled.k, rank)

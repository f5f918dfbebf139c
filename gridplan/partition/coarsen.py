"""
Coarser problems for large parts: neighbours that barriers do not part are matched, round after round.

A part with a hundred units to a region is annealed with a dozen to a region first, then at its own grain from there
(multilevel partitioning: Hendrickson and Leland 1995; Karypis and Kumar 1998, section 3). Edges across open ground are
matched before edges along barriers, so that coarse units are street blocks and boundaries come to lie on streets.
"""

from __future__ import annotations

import numpy as np

from gridplan.partition.contract import contracted
from gridplan.partition.problem import Labels, Problem

# Below the first a part is annealed as it is; above, with the second.
LEAST_UNITS_PER_REGION, UNITS_PER_REGION = 60, 20
# A coarse unit holds at most this share of the target, so that loads can still be evened out.
LARGEST_SHARE = 0.12
MOST_ROUNDS = 12


def coarsened(problem: Problem, k: int) -> tuple[Problem, Labels] | None:
    """
    Match neighbours until about `UNITS_PER_REGION` units are left to a region.

    Parameters
    ----------
    problem
        Connected problem.
    k
        Number of regions that will be asked for.

    Returns
    -------
    coarse, groups
        The coarser problem and the coarse unit of each unit; None where the problem is small enough as it is.
    """
    wanted = UNITS_PER_REGION * k
    if problem.n_units < LEAST_UNITS_PER_REGION * k or len(problem.part):
        return None
    largest = max(1, round(problem.target * LARGEST_SHARE))
    largest_area = float(problem.area_m2.sum()) / k * LARGEST_SHARE
    coarse, groups = problem, np.arange(problem.n_units, dtype=np.int32)
    for _ in range(MOST_ROUNDS):
        matched = _matched(coarse, largest, largest_area)
        if coarse.n_units <= wanted or matched.max() + 1 == coarse.n_units:
            break
        coarse, groups = contracted(coarse, matched), matched[groups]
    return (coarse, groups) if coarse.n_units < problem.n_units else None


def _matched(problem: Problem, largest: int, largest_area: float) -> Labels:
    """Return groups of one or two units: those that choose each other as the best neighbour to join."""
    graph = problem.graph
    heads, tails = graph.heads(), graph.indices
    households, area = problem.households, problem.area_m2
    fits = (households[heads] + households[tails] <= largest) & (area[heads] + area[tails] <= largest_area)
    # An empty unit may join anything: it weighs nothing, and its ground has to lie somewhere.
    fits |= (households[heads] == 0) | (households[tails] == 0)
    fits &= (problem.compound[heads] == problem.compound[tails]) | (problem.band is None) | _no_compounds(problem)
    # Long open borders between small units first; ties go to the lower number.
    score = (graph.open_m + 0.02 * graph.border_m) / np.sqrt(area[heads] * area[tails])
    order = np.lexsort((tails, -score, ~fits, heads))
    best = np.full(problem.n_units, -1, dtype=np.int64)
    first = order[np.r_[True, heads[order][1:] != heads[order][:-1]]]
    best[heads[first]] = np.where(fits[first], tails[first], -1)
    own = np.arange(problem.n_units)
    mutual = (best >= 0) & (best[best] == own)
    lead = np.where(mutual, np.minimum(own, best), own)
    return np.unique(lead, return_inverse=True)[1].astype(np.int32)


def _no_compounds(problem: Problem) -> bool:
    """Tell whether no compound is left to be kept together: all are contracted, or there are none."""
    inside = problem.compound[problem.compound >= 0]
    return len(np.unique(inside)) == len(inside)

"""Annealing towards the present grids: what moves households away costs most after the band."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from gridplan.partition.portfolio import oversize_units
from gridplan.partition.problem import NONE, Labels, Problem
from gridplan.partition.search import UNIT, compile_problem
from gridplan.revising.moved import shared_with_present
from gridplan.revising.ranking import ordered

# A target's worth of households that change grid, in units of the objective: well below the band (`BREACH_TARGET`),
# well above shape and balance, which decide only between revisions that move equally many.
ANCHOR = 40.0
FAINT = 0.05
MOVES, LEAST_MOVES, HOT, TREES = 20, 1_500, 2.0, 0.01


def anchored(problem: Problem, labels: Labels, rng: np.random.Generator, *, moves: int = MOVES) -> Labels:
    """
    Anneal towards the present grids.

    Parameters
    ----------
    problem
        Connected problem whose ``previous`` holds present grids.
    labels
        Connected regions 0..k-1; each is drawn to the present grid that it shares most households with.
    rng
        Source of the kernel's stream.
    moves
        Proposals for each unit.
    """
    oversize = oversize_units(problem)
    labels = ordered(labels, oversize)
    k = int(labels.max()) + 1
    if k == 1:
        return labels
    faint = {
        name: FAINT * getattr(problem.weights, name) for name in ("balance", "barriers", "compactness", "boundary")
    }
    weighed = replace(problem, weights=replace(problem.weights, stability=0.0, **faint))
    compiled = compile_problem(replace(weighed, previous=_anchors(problem, labels, k)), k, oversize)
    # Ground without households is drawn to its grid too, so that what stays keeps its boundary.
    cost = np.round(ANCHOR * UNIT * (problem.households + 1) / problem.target).astype(np.int64)
    compiled = replace(compiled, units=(*compiled.units[:5], cost, *compiled.units[6:]))
    proposals = max(moves * problem.n_units, LEAST_MOVES)
    return compiled.annealed(labels, proposals=proposals, hot=HOT, trees=TREES, rng=rng)[0]


def _anchors(problem: Problem, labels: Labels, k: int) -> Labels:
    """Return for each unit the region that stands for its present grid, or -1: pairs that share most come first."""
    n_present = int(problem.previous.max(initial=NONE)) + 1
    shared = shared_with_present(labels, problem.previous, problem.households + 1, n_present)
    region, present = np.nonzero(shared)
    order = np.lexsort((region, present, -shared[region, present]))
    region_of = np.full(n_present + 1, NONE, dtype=np.int32)
    free = np.ones(k, dtype=bool)
    for r, p in zip(region[order].tolist(), present[order].tolist(), strict=True):
        if free[r] and region_of[p] == NONE:
            region_of[p] = r
            free[r] = False
    return region_of[problem.previous]

"""
Dear regions cut anew together with their neighbours, with one region fewer, as many, or one more.

Annealing a whole part evens out its regions, but their number in each quarter stays what the start made it: heavy
units cannot pass each other. A few regions annealed by themselves from a fresh start are a small problem, which
annealing solves well; over and over at the dearest place this is a large neighbourhood search (Shaw 1998).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from scipy.sparse.csgraph import breadth_first_order

from gridplan.partition.candidate import Candidate, candidate
from gridplan.partition.initial import adjacency, subgraph
from gridplan.partition.problem import Ints, Labels, Problem
from gridplan.partition.search import Annealer, Compiled, compile_problem, region_sums

# Regions united at a time, and proposals for each of their units.
SIZES, MOVES, LEAST = (3, 6, 10), 150, 4_000
HOT, TREE_SHARE = 3.0, 0.05
# A region is dear from this many times the median on.
DEAR = 1.5


def recut(
    problem: Problem,
    best: Candidate,
    oversize: Ints,
    rng: np.random.Generator,
    *,
    attempts: int,
    stop: Callable[[], bool],
) -> Candidate:
    """
    Improve a labelling where its regions are dearest; the number of regions may change.

    Parameters
    ----------
    problem
        Connected problem.
    best
        The labelling.
    oversize
        Units above the maximum; their regions stay as they are.
    rng
        Source of windows, starts and annealings.
    attempts
        Windows to look at.
    stop
        Asked between windows.
    """
    compiled: dict[int, Compiled] = {}
    tried = np.zeros(problem.n_units, dtype=np.bool_)
    for _ in range(attempts):
        here = _compiled(problem, best.k, oversize, compiled)
        region = _dearest(here, best.labels, tried)
        if region is None or stop():
            break
        better = None
        for units, number in _windows(problem, here, best.labels, region, rng):
            found = _cut_anew(problem, best, units, number, oversize, rng, compiled)
            if found is not None and found.rank < best.rank:
                better = found
                tried[units] = False
                break
        if better is None:
            tried[best.labels == region] = True
        else:
            best = better
    return best


def _compiled(problem: Problem, k: int, oversize: Ints, known: dict[int, Compiled]) -> Compiled:
    if k not in known:
        known[k] = compile_problem(problem, k, oversize)
    return known[k]


def _dearest(compiled: Compiled, labels: Labels, tried: np.ndarray) -> int | None:
    """Return the dearest region with units not yet tried; None where none is dear."""
    costs = compiled.costs_by_region(labels).astype(np.float64)
    open_ = region_sums(labels, compiled.k, (~tried).astype(np.int64)) > 0
    worth = open_ & (compiled.bounds[2] < 0) & (costs > DEAR * np.median(costs))
    return int(np.where(worth, costs, -1.0).argmax()) if worth.any() else None


def _windows(
    problem: Problem, compiled: Compiled, labels: Labels, region: int, rng: np.random.Generator
) -> Iterator[tuple[Ints, int]]:
    """Yield the units of windows around a region, each with a number of regions to cut them into."""
    sizes = [size for size in SIZES if size <= compiled.k] or [compiled.k]
    for size in sizes:
        regions = _around(problem, compiled, labels, region, size, rng)
        units = np.flatnonzero(np.isin(labels, regions))
        total = int(problem.households[units].sum())
        for number in (len(regions), len(regions) + 1, len(regions) - 1):
            fits = problem.band is None or number in problem.band.counts(total)
            if fits and 1 <= number <= len(units) and (number == len(regions) or problem.n_regions is None):
                yield units, number


def _around(
    problem: Problem, compiled: Compiled, labels: Labels, region: int, size: int, rng: np.random.Generator
) -> list[int]:
    """Return a region and its nearest neighbours over the graph, none with a unit above the maximum."""
    heads, tails = labels[problem.graph.heads()], labels[problem.graph.indices]
    free = compiled.bounds[2] < 0
    grown = [region]
    while len(grown) < size:
        around = np.setdiff1d(tails[np.isin(heads, grown)], grown)
        around = rng.permutation(around[free[around]])
        if not len(around):
            break
        grown += around[: size - len(grown)].tolist()
    return grown


def _cut_anew(
    problem: Problem,
    best: Candidate,
    units: Ints,
    number: int,
    oversize: Ints,
    rng: np.random.Generator,
    known: dict[int, Compiled],
) -> Candidate | None:
    """Anneal some regions by themselves from a fresh start."""
    start = _renumbered(problem, best.labels, units, number, rng)
    if start is None:
        return None
    k = int(start.max()) + 1
    compiled = _compiled(problem, k, oversize, known)
    annealer = Annealer(compiled, start)
    proposals = max(MOVES * len(units), LEAST)
    annealer.anneal(proposals=proposals, hot=HOT, trees=TREE_SHARE, rng=rng, units=units)
    return candidate(problem, compiled, annealer.labels, annealer.cost)


def _renumbered(problem: Problem, labels: Labels, units: Ints, number: int, rng: np.random.Generator) -> Labels | None:
    """Return labels with so many regions among some units: two merged, or one unit a region; heat does the rest."""
    regions = np.unique(labels[units])
    start = labels.copy()
    if number < len(regions):
        region = rng.choice(regions)
        heads, tails = labels[problem.graph.heads()], labels[problem.graph.indices]
        beside = np.intersect1d(tails[heads == region], np.setdiff1d(regions, region))
        if not len(beside):
            return None
        start[labels == region] = rng.choice(beside)
    elif number > len(regions):
        region = max(regions, key=lambda r: int(np.count_nonzero(labels == r)))
        members = np.flatnonzero(labels == region)
        if len(members) < 2:
            return None
        # The last unit met from another holds nothing together.
        order = breadth_first_order(adjacency(subgraph(problem.graph, members)), 0, directed=False)[0]
        start[members[order[-1]]] = labels.max() + 1
    return np.unique(start, return_inverse=True)[1].astype(np.int32)

"""A few neighbouring regions cut anew: dissolved, merged, split or given back, then annealed towards present grids."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from gridplan.partition.initial import subgraph, ward_labels
from gridplan.partition.portfolio import oversize_units
from gridplan.partition.problem import NONE, Graph, Ints, Labels, Problem
from gridplan.partition.search import UNIT, Compiled, compile_problem, region_sums
from gridplan.revising.moved import kept_households, shared_with_present
from gridplan.revising.start import attached, in_pieces, present_labels

# A target's worth of households that change grid, in units of the objective: well below the band (`BREACH_TARGET`),
# well above shape and balance, which decide only between revisions that move equally many.
ANCHOR = 40.0
FAINT = 0.05
MOVES, LEAST_MOVES, HOT, TREES = 20, 1_500, 2.0, 0.01

Operator = Callable[["Local", np.random.Generator], Labels]


@dataclass(frozen=True)
class Local:
    """
    The units of a few neighbouring regions.

    Parameters
    ----------
    problem
        Their problem; ``previous`` holds present grids.
    labels
        Shape (n_units,): regions 0..k-1.
    centre
        The region that the step is about.
    present_total
        Shape (n_present,): households of all present grids of the whole problem.
    """

    problem: Problem
    labels: Labels
    centre: int
    present_total: Ints


def ordered(labels: Labels, oversize: Ints) -> Labels:
    """Number regions 0..k-1 so that those of the units above the maximum come first, in the units' order."""
    k = int(labels.max()) + 1
    rank = np.full(k, k, dtype=np.int64)
    rank[labels[oversize]] = np.arange(len(oversize))
    order = np.lexsort((np.arange(k), rank))
    order = order[np.isin(order, labels)]
    number = np.full(k, NONE, dtype=np.int64)
    number[order] = np.arange(len(order))
    return number[labels].astype(np.int32)


def rank_of(problem: Problem, labels: Labels, present_total: Ints) -> tuple[int, int, int, float]:
    """
    Return what revisions are ranked by, less is better.

    Returns
    -------
    rank
        Regions out of their bounds; by how many households, persons or minutes; households that change grid; the
        objective of the plan by region.
    """
    oversize = oversize_units(problem)
    labels = ordered(labels, oversize)
    k = int(labels.max()) + 1
    compiled = compile_problem(problem, k, oversize)
    out, off = out_of_bounds(compiled, labels)
    shared = shared_with_present(labels, problem.previous, problem.households, len(present_total))
    kept = kept_households(shared, region_sums(labels, k, problem.households), present_total)
    known = int(problem.households[problem.previous != NONE].sum())
    bare = replace(compiled, units=(*compiled.units[:4], np.full_like(compiled.units[4], NONE), *compiled.units[5:]))
    return out, off, known - int(kept.sum()), bare.cost(labels) / k


def out_of_bounds(compiled: Compiled, labels: Labels) -> tuple[int, int]:
    """Return the regions out of their bounds, and by how many households, persons and minutes together."""
    off = amounts_off(compiled, labels)
    return int(np.count_nonzero(off)), int(off.sum())


def amounts_off(compiled: Compiled, labels: Labels) -> Ints:
    """
    Return by how much each region is out of its bounds, shape (k,).

    The region of a unit above the maximum is out by every household beyond that unit: it should stand alone.
    """
    sums = compiled.tallies(labels)[0][:, :3]
    low, high, exempt = compiled.bounds
    off = (np.maximum(low - sums, 0) + np.maximum(sums - high, 0)).sum(axis=1)
    amount: Ints = np.where(exempt >= 0, sums[:, 0] - exempt, off)
    return amount


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


def grown(graph: Graph, labels: Labels, region: int, size: int, rng: np.random.Generator) -> Ints:
    """Return a region with random neighbours, connected, of at most ``size`` regions."""
    heads, tails = labels[graph.heads()], labels[graph.indices]
    members = [region]
    while len(members) < size:
        around = np.setdiff1d(tails[np.isin(heads, members)], members)
        if not len(around):
            break
        members.append(int(around[rng.integers(len(around))]))
    return np.array(members, dtype=np.int64)


def keep(local: Local, rng: np.random.Generator) -> Labels:
    """Leave the regions as they are, to be annealed."""
    del rng
    return local.labels


def dissolve(local: Local, rng: np.random.Generator) -> Labels:
    """Give the centre's units to its neighbours, each to the one beyond its longest border."""
    del rng
    labels = np.where(local.labels == local.centre, NONE, local.labels).astype(np.int64)
    if (labels == NONE).all() or (local.problem.households[labels == NONE] > _highest(local)).any():
        return local.labels
    return attached(local.problem.graph, labels, np.arange(len(labels), dtype=np.int32))


def merge(local: Local, rng: np.random.Generator) -> Labels:
    """Join the centre as a whole to one neighbour."""
    around = grown(local.problem.graph, local.labels, local.centre, 2, rng)
    labels = np.where(local.labels == local.centre, around[-1], local.labels)
    return np.unique(labels, return_inverse=True)[1].astype(np.int32)


def split(local: Local, rng: np.random.Generator) -> Labels:
    """Cut the centre in two."""
    units = np.flatnonzero(local.labels == local.centre)
    if len(units) < 2:
        return local.labels
    labels = local.labels.copy()
    halves = ward_labels(subgraph(local.problem.graph, units), local.problem.xy[units], 2, rng=rng)
    labels[units[halves == 1]] = labels.max() + 1
    return labels


def give_back(local: Local, rng: np.random.Generator) -> Labels:
    """Make a present grid that has lost its code a region again, with all its units here."""
    previous = local.problem.previous
    present = np.unique(previous[previous != NONE])
    if not len(present):
        return local.labels
    chosen = present[rng.integers(len(present))]
    labels = np.where(previous == chosen, local.labels.max() + 1, local.labels)
    return _largest_pieces(local, labels)


def start_again(local: Local, rng: np.random.Generator) -> Labels:
    """Return to the present grids."""
    del rng
    if (local.problem.previous == NONE).all():
        return local.labels
    return present_labels(local.problem.graph, local.problem.previous, local.problem.households)


def _largest_pieces(local: Local, labels: Labels) -> Labels:
    """Keep the heaviest piece of each region; give the others to their neighbours."""
    pieces = in_pieces(local.problem.graph, labels)
    mass = np.bincount(pieces, local.problem.households + 1)
    order = np.lexsort((np.arange(len(mass)), -mass))
    region = np.full(len(mass), NONE, dtype=np.int64)
    region[pieces] = labels
    first = np.unique(region[order], return_index=True)[1]
    kept = np.isin(pieces, order[first])
    return attached(local.problem.graph, np.where(kept, labels, NONE).astype(np.int64), pieces)


def _highest(local: Local) -> int:
    band = local.problem.band
    return band.maximum if band else int(local.problem.households.sum())


OPERATORS: tuple[Operator, ...] = (keep, dissolve, merge, split, give_back, start_again)

"""
Regions out of the band, cut anew together with their neighbours: exact on random spanning trees of a few regions.

Annealing evens out; where units are large beside the band it cannot pass from one fitting combination to the next.
Here a region out of the band is united with a neighbour, then with more, until some spanning tree of the union has a
cut into regions inside the band, whatever their number.
"""

from __future__ import annotations

import numpy as np

from gridplan.partition.feasibility import find_witness
from gridplan.partition.initial import subgraph
from gridplan.partition.problem import Graph, Ints, Labels, Problem
from gridplan.partition.search import region_sums
from gridplan.rules import Band

MOST_REGIONS, GROWTHS, TREES = 7, 12, 30


def repaired(problem: Problem, labels: Labels, *, rng: np.random.Generator) -> Labels:
    """
    Bring regions into the band with as few neighbours as possible; the number of regions may change.

    Parameters
    ----------
    problem
        Connected problem with a band.
    labels
        Regions 0..k-1, each in one piece.
    rng
        Source of growths and trees.

    Returns
    -------
    labels
        Regions 0..k'-1, each in one piece, with at most as many out of the band as before.
    """
    assert problem.band is not None  # noqa: S101 - the caller has a band; this tells the type checker
    labels = labels.copy()
    hopeless: set[int] = set()
    while True:
        out = [region for region in _out_of_band(problem, labels, problem.band) if region not in hopeless]
        if not out:
            return np.unique(labels, return_inverse=True)[1].astype(np.int32)
        if not _cut_anew(problem, labels, out[0], problem.band, rng):
            hopeless.add(out[0])


def _out_of_band(problem: Problem, labels: Labels, band: Band) -> list[int]:
    """Return the regions out of the band that hold no unit above the maximum."""
    k = int(labels.max()) + 1
    sums = region_sums(labels, k, problem.households)
    present = np.bincount(labels, minlength=k) > 0
    held = np.zeros(k, dtype=bool)
    held[labels[problem.households > band.maximum]] = True
    out = np.flatnonzero(present & ~held & ((sums < band.minimum) | (sums > band.maximum)))
    return [int(region) for region in out]


def _cut_anew(problem: Problem, labels: Labels, region: int, band: Band, rng: np.random.Generator) -> bool:
    """Cut a region anew with neighbours, changing the labels in place; tell whether that brought all into the band."""
    held = set(labels[problem.households > band.maximum].tolist())
    for size in range(2, MOST_REGIONS + 1):
        for _ in range(GROWTHS):
            regions = _grown(problem.graph, labels, region, size, held, rng)
            units = np.flatnonzero(np.isin(labels, regions))
            if not band.counts(int(problem.households[units].sum())):
                continue
            found = find_witness(subgraph(problem.graph, units), problem.households[units], band, trees=TREES, rng=rng)
            if found is not None:
                labels[units] = labels.max() + 1 + found
                return True
    return False


def _grown(graph: Graph, labels: Labels, region: int, size: int, held: set[int], rng: np.random.Generator) -> Ints:
    """Return a region with random neighbours, connected, of at most ``size`` regions, none of those held."""
    heads = labels[graph.heads()]
    tails = labels[graph.indices]
    grown = [region]
    while len(grown) < size:
        around = np.setdiff1d(tails[np.isin(heads, grown)], [*grown, *held])
        if not len(around):
            break
        grown.append(int(around[rng.integers(len(around))]))
    return np.array(grown, dtype=np.int64)

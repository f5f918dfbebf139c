"""Units that stay together become one: contraction of a problem, and the way back."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from gridplan.partition.initial import components, subgraph
from gridplan.partition.problem import NONE, Ints, Labels, Problem, graph_from_edges


def contracted(problem: Problem, groups: Labels) -> Problem:
    """
    Return the problem whose units are the groups of a problem's units.

    Parameters
    ----------
    problem
        The fine problem.
    groups
        Shape (n_units,): group of each unit, 0..n_groups-1, every group used. A group of units in different compounds
        or present grids takes that of its most households.
    """
    n = int(groups.max(initial=NONE)) + 1
    graph = problem.graph
    upper = graph.heads() < graph.indices
    heads, tails = groups[graph.heads()[upper]], groups[graph.indices[upper]]
    mass = problem.households + 1
    total = np.bincount(groups, mass, minlength=n)
    xy = np.stack([np.bincount(groups, mass * problem.xy[:, axis], minlength=n) / total for axis in (0, 1)], axis=1)
    pairs = groups[problem.part]
    return replace(
        problem,
        graph=graph_from_edges(n, heads, tails, graph.border_m[upper], graph.open_m[upper]),
        households=_summed(groups, problem.households, n),
        work=_summed(groups, problem.work, n),
        persons=_summed(groups, problem.persons, n),
        xy=xy,
        area_m2=np.bincount(groups, problem.area_m2, minlength=n).astype(np.float64),
        compound=_heaviest(groups, problem.compound, mass, n),
        previous=_heaviest(groups, problem.previous, mass, n),
        part=np.unique(np.sort(pairs, axis=1), axis=0).astype(np.int32) if len(pairs) else problem.part,
    )


def _summed(groups: Labels, quantity: Ints, n: int) -> Ints:
    sums = np.zeros(n, dtype=np.int64)
    np.add.at(sums, groups, quantity)
    return sums


def _heaviest(groups: Labels, member: Labels, mass: Ints, n: int) -> Labels:
    """Return for each group the value of ``member`` that holds most of its mass; the lower on a tie."""
    width = int(member.max(initial=NONE)) + 2
    keys, place = np.unique(groups.astype(np.int64) * width + member + 1, return_inverse=True)
    held = np.bincount(place, mass)
    order = np.lexsort((keys, -held, keys // width))
    first = np.unique(keys[order] // width, return_index=True)[1]
    out = np.full(n, NONE, dtype=np.int32)
    out[keys[order][first] // width] = keys[order][first] % width - 1
    return out


def compound_groups(problem: Problem, whole: Ints) -> Labels:
    """
    Return the groups that keep some compounds whole: each connected piece of such a compound is one group.

    Parameters
    ----------
    problem
        The fine problem.
    whole
        Numbers of the compounds to keep whole.
    """
    groups = np.full(problem.n_units, NONE, dtype=np.int32)
    kept = np.isin(problem.compound, whole) & (problem.compound >= 0)
    graph = problem.graph
    heads = graph.heads()
    # Only edges inside one kept compound remain; the parts of that graph are the pieces.
    inside = kept[heads] & (problem.compound[heads] == problem.compound[graph.indices]) & (heads < graph.indices)
    loose = graph_from_edges(
        problem.n_units, heads[inside], graph.indices[inside], graph.border_m[inside], graph.open_m[inside]
    )
    _, groups = components(loose)
    return groups


def whole_compounds(problem: Problem) -> Ints:
    """Return the compounds of at most the maximum that have more than one unit; none where nothing binds."""
    if problem.band is None:
        return np.unique(problem.compound[problem.compound >= 0]).astype(np.int64)
    count = int(problem.compound.max(initial=NONE)) + 1
    inside = problem.compound >= 0
    sizes = _summed(problem.compound[inside], problem.households[inside], count)
    return np.flatnonzero(
        (sizes <= problem.band.maximum) & (np.bincount(problem.compound[inside], minlength=count) > 1)
    )


def connected_regions(problem: Problem, labels: Labels) -> bool:
    """Tell whether every region is one connected piece."""
    count = int(labels.max(initial=NONE)) + 1
    return all(components(subgraph(problem.graph, np.flatnonzero(labels == r)))[0] == 1 for r in range(count))

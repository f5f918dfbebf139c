"""A few neighbouring regions cut anew: dissolved, merged, split or given back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from gridplan.partition.initial import subgraph, ward_labels
from gridplan.partition.problem import NONE, Graph, Labels, Problem
from gridplan.revising.start import attached, in_pieces, present_labels

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
    """

    problem: Problem
    labels: Labels
    centre: int


def neighbours(graph: Graph, labels: Labels) -> list[set[int]]:
    """Return the regions that each region borders on."""
    k = int(labels.max()) + 1
    heads, tails = labels[graph.heads()], labels[graph.indices]
    pairs = np.flatnonzero(np.bincount(heads * np.int64(k) + tails, minlength=k * k))
    around: list[set[int]] = [set() for _ in range(k)]
    for pair in pairs.tolist():
        if pair // k != pair % k:
            around[pair // k].add(pair % k)
    return around


def grown(around: list[set[int]], region: int, size: int, rng: np.random.Generator) -> list[int]:
    """Return a region with random neighbours, connected, of at most ``size`` regions."""
    members = [region]
    while len(members) < size:
        beside = sorted(set().union(*(around[member] for member in members)) - set(members))
        if not beside:
            break
        members.append(beside[int(rng.integers(len(beside)))])
    return members


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
    pair = grown(neighbours(local.problem.graph, local.labels), local.centre, 2, rng)
    labels = np.where(local.labels == local.centre, pair[-1], local.labels)
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

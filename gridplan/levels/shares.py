"""Zones compared and bettered: weight out of its bounds, evenness and ways, by cutting two neighbours anew."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from gridplan.levels.towns import Towns
from gridplan.partition.exact_decide import decide
from gridplan.partition.exact_parts import DECIDABLE_UNITS
from gridplan.partition.initial import components, subgraph
from gridplan.partition.problem import Labels, Problem
from gridplan.site import Numbers

# 10 % off the mean (0.01 when squared) must not vanish beside the ways. More than the solver's own factor, since a zone
# pays here for its ways alone, a grid for boundaries besides.
BALANCE_FACTOR = 20.0
# Two zones of at most so many towns together are cut anew in every way there is.
MOST_ENUMERATED = 12
# Ways that are better by less than this share are no better.
LEAST_GAIN = 1e-9


@dataclass(frozen=True)
class Aims:
    """
    What zones are to be.

    Parameters
    ----------
    low, high
        Bounds of a zone's weight.
    mean
        Mean weight of the zones.
    balance, travel
        Weights of evenness and of short ways, >= 0.
    way
        The way that counts as 1: that of a single zone to its best seat, by the root of the number of zones.
    """

    low: int
    high: int
    mean: float
    balance: float
    travel: float
    way: float


def scores(towns: Towns, members: Numbers, sides: NDArray[np.bool_], aims: Aims) -> NDArray[np.float64]:
    """
    Return by how much zones are out of their bounds, and their cost, shape (n_sides, 2).

    Parameters
    ----------
    towns
        All towns.
    members
        Shape (m,): some of them.
    sides
        Shape (n_sides, m): which of the members each zone has, at least one.
    aims
        What a zone is to be.

    Notes
    -----
    The cost is ``balance * 20 * (weight / mean - 1)^2 + travel * (weighted way to the best seat) / (mean * way)``.
    """
    weight = towns.weight[members].astype(float)
    held = sides @ weight
    ways = (sides * weight) @ towns.travel[np.ix_(members, members)]
    shortest = np.where(sides, ways, np.inf).min(axis=1)
    off = np.maximum(aims.low - held, 0.0) + np.maximum(held - aims.high, 0.0)
    cost = aims.balance * BALANCE_FACTOR * (held / aims.mean - 1.0) ** 2
    return np.column_stack([off, cost + aims.travel * shortest / (aims.mean * aims.way)])


def seat_of(towns: Towns, members: Numbers) -> tuple[int, float]:
    """Return the town from which a zone's weight is reached with the least travel, and that travel (weight x way)."""
    ways = towns.weight[members] @ towns.travel[np.ix_(members, members)]
    return int(members[int(ways.argmin())]), float(ways.min())


def total_score(towns: Towns, labels: Labels, k: int, aims: Aims) -> tuple[float, float]:
    """Return the score of all zones: what is out of bounds first, then the cost."""
    everyone = np.arange(towns.n_towns)
    off, cost = scores(towns, everyone, labels == np.arange(k)[:, None], aims).sum(axis=0)
    return float(off), round(float(cost), 9)


def bettered(towns: Towns, labels: Labels, k: int, aims: Aims) -> Labels:
    """
    Cut pairs of neighbouring zones anew as long as that makes them better.

    Parameters
    ----------
    towns
        All towns.
    labels
        Shape (n_towns,): zones 0..k-1, each connected.
    k
        Number of zones.
    aims
        What zones are to be.
    """
    labels = labels.copy()
    better = True
    while better:
        better = False
        for one, two in combinations(range(k), 2):
            better |= _cut_anew(towns, labels, (one, two), aims)
    return labels


def decided(towns: Towns, problem: Problem, labels: Labels, aims: Aims) -> tuple[Labels, bool]:
    """
    Ask the exact model for zones inside their bounds where none were found.

    Parameters
    ----------
    towns, aims
        As for `bettered`.
    problem
        The towns as the solver has them.
    labels
        Zones 0..k-1, each connected.

    Returns
    -------
    labels, impossible
        Zones inside their bounds where the model has them, else those given; whether it shows that there are none.
    """
    k = len(np.unique(labels))
    if problem.band is None or not total_score(towns, labels, k, aims)[0] or towns.n_towns > DECIDABLE_UNITS:
        return labels, False
    answer = decide(problem)
    if answer is None or answer is False:
        return labels, answer is False
    return bettered(towns, answer, k, aims), False


def _cut_anew(towns: Towns, labels: Labels, zones: tuple[int, int], aims: Aims) -> bool:
    """Give two zones the best connected cut between them; tell whether it is better than the one they had."""
    both = np.flatnonzero(np.isin(labels, zones))
    if not _in_one_piece(towns, both):
        return False
    present = labels[both] == zones[0]
    sides = np.concatenate([present[None, :], _sides(present)])
    off, cost = (scores(towns, both, sides, aims) + scores(towns, both, ~sides, aims)).T
    for place in np.lexsort((cost, off)):
        if (off[place], cost[place] + LEAST_GAIN) >= (off[0], cost[0]):
            return False
        if _in_one_piece(towns, both[sides[place]]) and _in_one_piece(towns, both[~sides[place]]):
            labels[both] = np.where(sides[place], zones[0], zones[1])
            return True
    return False


def _sides(present: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return the cuts of two zones to look at: all where they have few towns, else those one move or swap away."""
    m = len(present)
    if m <= MOST_ENUMERATED:
        # The last town stands on the second side, so that no cut comes twice.
        numbers = np.arange(1, 2 ** (m - 1))
        every: NDArray[np.bool_] = (numbers[:, None] >> np.arange(m)) & 1 == 1
        return every
    ours, theirs = np.flatnonzero(present), np.flatnonzero(~present)
    moves = np.eye(m, dtype=bool)
    swaps = moves[np.repeat(ours, len(theirs))] | moves[np.tile(theirs, len(ours))]
    near: NDArray[np.bool_] = present ^ np.concatenate([moves, swaps])
    return near[near.any(axis=1) & ~near.all(axis=1)]


def _in_one_piece(towns: Towns, members: Numbers) -> bool:
    return bool(components(subgraph(towns.graph, members))[0] == 1)

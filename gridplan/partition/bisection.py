"""
First labels by bisection: as many regions in each quarter as its households ask for.

A connected part is halved across its longer side, each half again, until every piece is one region (recursive
coordinate bisection, Simon 1991, with a front that grows over the graph in place of a line). Annealing evens out
neighbouring regions but hardly carries a whole region from one quarter to another, so that the start decides how many
lie where.
"""

from __future__ import annotations

from heapq import heappop, heappush

import numpy as np
from numpy.typing import NDArray

from gridplan.partition.initial import components, subgraph
from gridplan.partition.problem import Floats, Graph, Ints, Labels

# The ground of a part weighs this share of its households, so that places without any are halved too.
GROUND = 0.125
# A side off its number of regions by one weighs this much beside the inertia that a cut leaves, 0..1.
OFF = 4.0
# Directions in which a front starts, beside the longer axis, in eighths of a turn; and how far chance turns them.
TURNS, SPREAD = (0, 4, 1, -1), np.pi / 8


def bisected_labels(
    graph: Graph, xy: Floats, households: Ints, k: int, *, rng: np.random.Generator | None = None
) -> Labels:
    """
    Cut a connected graph into k connected regions of about even households.

    Parameters
    ----------
    graph
        Connected graph of n_units >= k >= 1.
    xy
        Shape (n_units, 2), metres.
    households
        Shape (n_units,), whole numbers >= 0.
    k
        Number of regions.
    rng
        Where given, every front is turned by up to a sixteenth of a turn, for another start.
    """
    labels = np.zeros(graph.n_units, dtype=np.int32)
    ground = max(float(households.sum()), 1.0) * GROUND / graph.n_units
    mass = households.astype(np.float64) + ground
    waiting, done = [(np.arange(graph.n_units), k)], 0
    while waiting:
        units, number = waiting.pop()
        if number == 1:
            labels[units] = done
            done += 1
            continue
        inside, near = _halves(subgraph(graph, units), xy[units], mass[units], number, rng)
        waiting += [(units[inside], near), (units[~inside], number - near)]
    return labels


def _halves(
    graph: Graph, xy: Floats, mass: Floats, number: int, rng: np.random.Generator | None
) -> tuple[NDArray[np.bool_], int]:
    """Return the best of some cuts in two connected sides: the units of one, and the regions that it gets."""
    centred = xy - np.average(xy, axis=0, weights=mass)
    axis = np.linalg.eigh((mass[:, None] * centred).T @ centred)[1][:, 1]
    angle = float(np.arctan2(axis[1], axis[0])) + (0.0 if rng is None else float(rng.uniform(-SPREAD, SPREAD)))
    best, least = None, np.inf
    for turn in TURNS:
        towards = angle + turn * np.pi / 4.0
        inside = _grown(graph, centred @ np.array([np.cos(towards), np.sin(towards)]), mass, (number // 2) / number)
        share = number * float(mass[inside].sum()) / float(mass.sum())
        size = int(np.count_nonzero(inside))
        near = min(max(round(share), 1, number - (len(mass) - size)), number - 1, size)
        cost = OFF * (share - near) ** 2 + _spread(centred, mass, inside)
        if cost < least:
            best, least = (inside, near), cost
    assert best is not None  # noqa: S101 - there are turns, and every cost is finite
    return best


def _grown(graph: Graph, height: Floats, mass: Floats, share: float) -> NDArray[np.bool_]:
    """Grow a connected side from the lowest unit upwards to a share of all mass; the other side is connected too."""
    indptr, indices = graph.indptr.tolist(), graph.indices.tolist()
    heights, weights = height.tolist(), mass.tolist()
    start = int(height.argmin())
    front, seen = [(heights[start], start)], {start}
    inside = np.zeros(len(weights), dtype=np.bool_)
    wanted, held = share * float(mass.sum()), 0.0
    for left in range(len(weights), 1, -1):
        _, unit = heappop(front)
        if left < len(weights) and held + weights[unit] / 2.0 > wanted:
            break
        inside[unit] = True
        held += weights[unit]
        for other in indices[indptr[unit] : indptr[unit + 1]]:
            if other not in seen:
                seen.add(other)
                heappush(front, (heights[other], other))
    # What the front has cut off from the rest goes with it.
    rest = np.flatnonzero(~inside)
    pieces = components(subgraph(graph, rest))[1]
    inside[rest[pieces != np.bincount(pieces, mass[rest]).argmax()]] = True
    return inside


def _spread(centred: Floats, mass: Floats, inside: NDArray[np.bool_]) -> float:
    """Return the inertia of two sides about their own centres by that of both about one."""
    about = sum(
        float((mass[side] @ centred[side] / mass[side].sum()) @ (mass[side] @ centred[side]))
        for side in (inside, ~inside)
    )
    return 1.0 - about / max(float(mass @ (centred**2).sum(axis=1)), 1e-9)

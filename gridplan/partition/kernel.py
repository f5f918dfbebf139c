"""
The compiled objective: regions, cut edges and compounds, from scratch and by the change of one move.

All terms are whole numbers, so that the change of a move equals recomputation exactly. A region's own cost is a pure
function of its sums (columns below); what lies between regions is a sum over cut edges and compounds. Nothing here
is public; `gridplan.partition.search` wires it.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

# Columns of ``values`` (per unit) and of ``sums`` (per region).
HOUSEHOLDS, WORK, PERSONS, MASS, MASS_X, MASS_Y, MASS_R2, UNITS = range(8)
N_COLUMNS = 8
# Entries of ``scale``.
BALANCE, MEAN_WORK, INERTIA, BREACH, BREACH_EACH, SURPLUS, PART = range(7)
N_SCALES = 7


def compiled(function: Any) -> Any:
    """
    Compile a function that only other compiled functions call.

    Without wrappers, and with plain loops in place of array expressions, the whole kernel compiles in a few
    seconds; `entry` keeps the result on disk.
    """
    return njit(nogil=True, error_model="numpy", no_cpython_wrapper=True, no_cfunc_wrapper=True)(function)


def entry(function: Any) -> Any:
    """Compile a function that Python calls, once: kept on disk beside the module or in the user's cache."""
    return njit(nogil=True, error_model="numpy", cache=True)(function)


@compiled
def uniform(state):  # type: ignore[no-untyped-def]
    """Return the next number in [0, 1) of a splitmix64 stream (Steele, Lea, Flood 2014)."""
    state[0] += np.uint64(0x9E3779B97F4A7C15)
    z = state[0]
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    z = z ^ (z >> np.uint64(31))
    return float(z >> np.uint64(11)) * (1.0 / 9007199254740992.0)


@compiled
def cost_of(households, work, persons, mass, x, y, r2, low, high, exempt, scale):  # type: ignore[no-untyped-def]
    """Return the cost of a region from its sums alone: breaches of bounds, work off the mean, inertia."""
    # Bounds lie on the first three columns: households, work, persons.
    breach = max(low[0] - households, 0) + max(households - high[0], 0)
    breach += max(low[1] - work, 0) + max(work - high[1], 0)
    breach += max(low[2] - persons, 0) + max(persons - high[2], 0)
    cost = 0.0
    if exempt >= 0:
        # A region with a unit above the maximum has no band; every household beyond that unit costs a little.
        cost += scale[SURPLUS] * (households - exempt)
    else:
        if breach > 0:
            cost += scale[BREACH] + scale[BREACH_EACH] * breach
        off = work / scale[MEAN_WORK] - 1.0
        cost += scale[BALANCE] * off * off
    if mass > 0:
        sx, sy = float(x), float(y)
        cost += scale[INERTIA] * (float(r2) - (sx * sx + sy * sy) / float(mass))
    return np.int64(np.floor(cost + 0.5))


@compiled
def region_cost(total, low, high, exempt, scale):  # type: ignore[no-untyped-def]
    """Return the cost of a region from its row of sums."""
    return cost_of(total[0], total[1], total[2], total[3], total[4], total[5], total[6], low, high, exempt, scale)


@compiled
def changed_cost(total, unit, sign, low, high, exempt, scale):  # type: ignore[no-untyped-def]
    """Return the cost of a region that gains (``sign`` 1) or loses (-1) a unit."""
    return cost_of(
        total[0] + sign * unit[0],
        total[1] + sign * unit[1],
        total[2] + sign * unit[2],
        total[3] + sign * unit[3],
        total[4] + sign * unit[4],
        total[5] + sign * unit[5],
        total[6] + sign * unit[6],
        low,
        high,
        exempt,
        scale,
    )


@compiled
def stays_connected(u, labels, indptr, indices, stamp, mark, queue):  # type: ignore[no-untyped-def]
    """Tell whether the region of ``u`` is one piece without ``u``; ``stamp`` is scratch, ``mark`` a fresh number."""
    region = labels[u]
    wanted = 0
    start = -1
    for e in range(indptr[u], indptr[u + 1]):
        if labels[indices[e]] == region:
            wanted += 1
            start = indices[e]
    if wanted <= 1:
        return wanted == 1
    stamp[u] = mark
    stamp[start] = mark
    queue[0] = start
    head, tail = 0, 1
    # Neighbours of u still to be met; the search ends as soon as the last one is.
    wanted -= 1
    while head < tail:
        v = queue[head]
        head += 1
        for e in range(indptr[v], indptr[v + 1]):
            w = indices[e]
            if labels[w] == region and stamp[w] != mark:
                stamp[w] = mark
                for f in range(indptr[w], indptr[w + 1]):
                    if indices[f] == u:
                        wanted -= 1
                        break
                if wanted == 0:
                    return True
                queue[tail] = w
                tail += 1
    return False


@compiled
def move_delta(u, b, labels, graph, units, bounds, scale, tallies, costs, trial):  # type: ignore[no-untyped-def]
    """Return the change of the objective when ``u`` goes to region ``b``; ``trial`` receives both regions' costs."""
    indptr, indices, edge_cost, part_indptr, part_indices = graph
    values, compound, allowed, split_cost, anchor, anchor_cost, _ = units
    low, high, exempt = bounds
    sums, counts, parts = tallies
    a = labels[u]
    delta = np.int64(0)
    for e in range(indptr[u], indptr[u + 1]):
        label = labels[indices[e]]
        if label == a:
            delta += edge_cost[e]
        elif label == b:
            delta -= edge_cost[e]
    c = compound[u]
    if c >= 0:
        after = parts[c]
        if counts[c, a] == 1:
            after -= 1
        if counts[c, b] == 0:
            after += 1
        delta += split_cost[c] * (max(after - allowed[c], 0) - max(parts[c] - allowed[c], 0))
    if anchor[u] >= 0:
        if anchor[u] == a:
            delta += anchor_cost[u]
        elif anchor[u] == b:
            delta -= anchor_cost[u]
    for e in range(part_indptr[u], part_indptr[u + 1]):
        label = labels[part_indices[e]]
        if label == a:
            delta -= np.int64(scale[PART])
        elif label == b:
            delta += np.int64(scale[PART])
    trial[0] = changed_cost(sums[a], values[u], -1, low[a], high[a], exempt[a], scale)
    trial[1] = changed_cost(sums[b], values[u], 1, low[b], high[b], exempt[b], scale)
    return delta + trial[0] + trial[1] - costs[a] - costs[b]


@compiled
def apply_move(u, b, labels, units, tallies):  # type: ignore[no-untyped-def]
    """Move ``u`` to region ``b`` and keep the tallies; the regions' costs are the caller's."""
    values, compound = units[0], units[1]
    sums, counts, parts = tallies
    a = labels[u]
    for c in range(values.shape[1]):
        sums[a, c] -= values[u, c]
        sums[b, c] += values[u, c]
    c = compound[u]
    if c >= 0:
        counts[c, a] -= 1
        if counts[c, a] == 0:
            parts[c] -= 1
        if counts[c, b] == 0:
            parts[c] += 1
        counts[c, b] += 1
    labels[u] = b


@compiled
def accepts(delta, temperature, state):  # type: ignore[no-untyped-def]
    """Metropolis' rule."""
    if delta <= 0:
        return True
    return temperature > 0.0 and uniform(state) < np.exp(-delta / temperature)

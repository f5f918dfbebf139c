"""The compiled annealing: border moves, swaps and tree cuts under a falling temperature."""

from __future__ import annotations

import inspect
import zlib
from typing import Any

import numpy as np

from gridplan.partition import kernel, trees
from gridplan.partition.kernel import (
    UNITS,
    accepts,
    apply_move,
    compiled,
    entry,
    move_delta,
    region_cost,
    stays_connected,
    uniform,
)
from gridplan.partition.trees import recombine


@compiled
def try_border(u, v, temperature, labels, graph, units, bounds, scale, tallies, costs, memory, state):  # type: ignore[no-untyped-def]
    """Move ``u`` to the region of ``v``, or else swap the two; return the change of the objective."""
    indptr, indices = graph[0], graph[1]
    fixed = units[6]
    sums = tallies[0]
    stamp, queue, marks, trial = memory
    a = np.int64(labels[u])
    b = np.int64(labels[v])
    delta = move_delta(u, b, labels, graph, units, bounds, scale, tallies, costs, trial)
    good = accepts(delta, temperature, state)
    if not good and (fixed[v] or sums[b, UNITS] == 1):
        return np.int64(0)
    marks[0] += 1
    if not stays_connected(u, labels, indptr, indices, stamp, marks[0], queue):
        return np.int64(0)
    old_a = costs[a]
    old_b = costs[b]
    apply_move(u, b, labels, units, tallies)
    costs[a] = trial[0]
    costs[b] = trial[1]
    if good:
        return delta
    # A single move upsets the balance: let v come back, if it touches the region it goes to.
    for e in range(indptr[v], indptr[v + 1]):
        if labels[indices[e]] == a:
            delta += move_delta(v, a, labels, graph, units, bounds, scale, tallies, costs, trial)
            marks[0] += 1
            if accepts(delta, temperature, state) and stays_connected(
                v, labels, indptr, indices, stamp, marks[0], queue
            ):
                apply_move(v, a, labels, units, tallies)
                costs[a] = trial[1]
                costs[b] = trial[0]
                return delta
            break
    apply_move(u, a, labels, units, tallies)
    costs[a] = old_a
    costs[b] = old_b
    return np.int64(0)


@compiled
def run(
    labels,
    best,
    cost,
    pool,
    inside,
    graph,
    units,
    bounds,
    scale,
    tallies,
    costs,
    memory,
    scratch,
    side,
    schedule,
    state,
):  # type: ignore[no-untyped-def]
    """Anneal as `anneal` says."""
    indptr, indices = graph[0], graph[1]
    fixed = units[6]
    low, high, exempt = bounds
    sums = tallies[0]
    n = len(pool)
    for r in range(len(costs)):
        costs[r] = region_cost(sums[r], low[r], high[r], exempt[r], scale)
    for i in range(n):
        best[i] = labels[pool[i]]
    best_cost = cost
    proposals = np.int64(schedule[0])
    tree_share = schedule[3]
    cooling = (schedule[2] / schedule[1]) ** (1.0 / max(proposals - 1, 1))
    temperature = schedule[1] / cooling
    for step in range(proposals + 1):
        if (step % n == 0 or step == proposals) and cost < best_cost:
            best_cost = cost
            for i in range(n):
                best[i] = labels[pool[i]]
        temperature *= cooling
        u = np.int64(pool[np.int64(uniform(state) * n)])
        degree = indptr[u + 1] - indptr[u]
        if degree == 0:
            continue
        v = np.int64(indices[indptr[u] + np.int64(uniform(state) * degree)])
        a = np.int64(labels[u])
        b = np.int64(labels[v])
        if a == b or not inside[b]:
            continue
        if uniform(state) < tree_share:
            if exempt[a] < 0 and exempt[b] < 0:
                cost += recombine(
                    u, b, temperature, labels, graph, units, bounds, scale, tallies, costs, scratch, side, state
                )
        elif not fixed[u] and sums[a, UNITS] > 1:
            cost += try_border(u, v, temperature, labels, graph, units, bounds, scale, tallies, costs, memory, state)
    # Leave labels and tallies at the best.
    for i in range(n):
        if labels[pool[i]] != best[i]:
            apply_move(np.int64(pool[i]), np.int64(best[i]), labels, units, tallies)
    return best_cost


def _stamped(stamp: int) -> Any:
    """
    Return the entry, with the sources' stamp in its closure.

    numba keys what it keeps on disk by the entry's own file and closure, not by the files of the functions that it
    calls: without the stamp, an edit of theirs would go on running as the old code.
    """

    def anneal(
        labels,
        best,
        cost,
        pool,
        inside,
        graph,
        units,
        bounds,
        scale,
        tallies,
        costs,
        memory,
        scratch,
        side,
        schedule,
        state,
    ):  # type: ignore[no-untyped-def]
        """
        Anneal a labelling in place; leave the best labelling met in ``best`` and return its objective.

        Every region must be in one piece at the start; every region is in one piece at every step. ``cost`` is the
        objective at the start, ``schedule`` the number of proposals, the first and last temperature and the share of
        tree cuts.
        """
        if stamp < 0:
            return np.int64(0)
        return run(
            labels,
            best,
            cost,
            pool,
            inside,
            graph,
            units,
            bounds,
            scale,
            tallies,
            costs,
            memory,
            scratch,
            side,
            schedule,
            state,
        )

    return entry(anneal)


def _stamp_of_sources() -> int:
    return zlib.crc32("".join(inspect.getsource(module) for module in (kernel, trees)).encode())


anneal = _stamped(_stamp_of_sources())

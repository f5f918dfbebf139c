"""
Annealing on the exact model's own objective, from any labels: the incumbent of a proof, and the measure of its gap.

The product's objective measures inertia about centroids and squares of work; the exact model measures it about
medoids and households off the target in absolute value. So it has a search of its own, small and for small problems:
the change of a move takes O(n_units).
"""

from __future__ import annotations

import numpy as np

from gridplan.partition.exact_model import DEVIATION_M2, Exact
from gridplan.partition.kernel import HOUSEHOLDS, accepts, compiled, entry, stays_connected, uniform
from gridplan.partition.problem import Ints, Labels, Problem
from gridplan.partition.search import compile_problem

# Each household, minute or person outside the bounds: dear enough to be left, cheap enough to be crossed while hot.
BREACH_EACH = 20 * DEVIATION_M2
# First temperature as a share of the mean value of a region; the last is a thousandth of it.
HOT = 0.3


def improved(
    problem: Problem, labels: Labels, k: int, *, runs: int = 12, proposals: int = 400_000, rng: np.random.Generator
) -> tuple[Labels, int]:
    """
    Anneal labels on the exact model's objective.

    Parameters
    ----------
    problem
        Connected problem, up to a few hundred units (memory grows with the square).
    labels
        Shape (n_units,), regions 0..k-1, connected, inside all bounds.
    k
        Number of regions.
    runs
        Annealings, each from the labels given.
    proposals
        Moves proposed in each.
    rng
        The only source of randomness.

    Returns
    -------
    labels, value
        The best labels met, connected and inside all bounds, and their value; never worse than those given.
    """
    exact = Exact(problem)
    best, value = labels.astype(np.int32), exact.value(labels, k)
    compiled_problem = compile_problem(problem, k, np.empty(0, dtype=np.int64))
    indptr, indices, _, *pairs = compiled_problem.graph
    graph = (indptr, indices, *pairs)
    columns = np.ascontiguousarray(compiled_problem.units[0][:, :3])
    hot = HOT * value / k
    for state in rng.integers(0, 2**63, size=(runs, 1)).astype(np.uint64):
        now, met = best.copy(), best.copy()
        totals, inertia = _tallies(exact.costs, columns, now, k)
        cost = _anneal(
            now,
            met,
            graph,
            (exact.costs, columns, *compiled_problem.bounds[:2], problem.target),
            (totals, inertia, np.empty(k, dtype=np.int64), np.bincount(now, minlength=k)),
            (np.zeros(len(now), dtype=np.int64), np.empty(len(now), dtype=np.int32), np.zeros(1, dtype=np.int64)),
            np.array([proposals, hot, hot / 1000.0]),
            state,
        )
        if cost < value:
            best, value = met, int(cost)
    return best, value


def _tallies(costs: Ints, columns: Ints, labels: Labels, k: int) -> tuple[Ints, Ints]:
    """Return each region's households, work and persons, and its inertia about every unit."""
    totals, inertia = np.zeros((k, 3), dtype=np.int64), np.zeros((k, len(labels)), dtype=np.int64)
    np.add.at(totals, labels, columns)
    np.add.at(inertia, labels, costs)
    return totals, inertia


@compiled
def _with(region, u, sign, labels, model, tallies):  # type: ignore[no-untyped-def]
    """Return the cost of a region with unit ``u`` (sign 1) or without it (-1); sign 0 leaves it as it is."""
    costs, columns, low, high, target = model
    totals, inertia = tallies[0], tallies[1]
    cost = np.int64(0)
    for c in range(3):
        total = totals[region, c] + sign * columns[u, c]
        cost += BREACH_EACH * (max(low[region, c] - total, 0) + max(total - high[region, c], 0))
        if c == HOUSEHOLDS:
            cost += DEVIATION_M2 * abs(total - target)
    least = np.int64(9223372036854775807)
    for j in range(len(labels)):
        if (labels[j] == region and (j != u or sign >= 0)) or (j == u and sign > 0):
            least = min(least, inertia[region, j] + sign * costs[u, j])
    return cost + least


@compiled
def _put(u, b, labels, model, tallies):  # type: ignore[no-untyped-def]
    """Move ``u`` to region ``b`` and keep sums; the regions' costs are the caller's."""
    costs, columns = model[0], model[1]
    totals, inertia, _, sizes = tallies
    a = labels[u]
    sizes[a] -= 1
    sizes[b] += 1
    for c in range(3):
        totals[a, c] -= columns[u, c]
        totals[b, c] += columns[u, c]
    for j in range(len(labels)):
        inertia[a, j] -= costs[u, j]
        inertia[b, j] += costs[u, j]
    labels[u] = b


@compiled
def _may(u, b, labels, graph, tallies, memory):  # type: ignore[no-untyped-def]
    """Tell whether ``u`` may go to region ``b``: its own stays one piece, and no pair to be parted meets."""
    indptr, indices, part_indptr, part_indices = graph
    stamp, queue, marks = memory
    for e in range(part_indptr[u], part_indptr[u + 1]):
        if labels[part_indices[e]] == b:
            return False
    if tallies[3][labels[u]] == 1:
        return False
    marks[0] += 1
    return stays_connected(u, labels, indptr, indices, stamp, marks[0], queue)


@compiled
def _neighbour(u, graph, state):  # type: ignore[no-untyped-def]
    """Return a random neighbour of ``u``, or ``u`` itself where it has none."""
    indptr, indices = graph[0], graph[1]
    degree = indptr[u + 1] - indptr[u]
    return np.int64(indices[indptr[u] + np.int64(uniform(state) * degree)]) if degree else u


@compiled
def _step(u, v, temperature, labels, graph, model, tallies, memory, state):  # type: ignore[no-untyped-def]
    """Move ``u`` to the region of ``v``, or else with a second unit that leaves that region; return the change."""
    costs = tallies[2]
    a, b = np.int64(labels[u]), np.int64(labels[v])
    if not _may(u, b, labels, graph, tallies, memory):
        return np.int64(0)
    cost_a, cost_b = _with(a, u, -1, labels, model, tallies), _with(b, u, 1, labels, model, tallies)
    delta = cost_a + cost_b - costs[a] - costs[b]
    good = accepts(delta, temperature, state)
    old_a, old_b = costs[a], costs[b]
    _put(u, b, labels, model, tallies)
    costs[a], costs[b] = cost_a, cost_b
    if good:
        return delta
    # A single move upsets the balance: let another unit leave b, to a or to a third region.
    w = np.int64(uniform(state) * len(labels))
    for _ in range(len(labels)):
        if labels[w] == b and w != u:
            c = np.int64(labels[_neighbour(w, graph, state)])
            if c != b and _may(w, c, labels, graph, tallies, memory):
                cost_b, cost_c = _with(b, w, -1, labels, model, tallies), _with(c, w, 1, labels, model, tallies)
                both = delta + cost_b + cost_c - costs[b] - costs[c]
                if accepts(both, temperature, state):
                    _put(w, c, labels, model, tallies)
                    costs[b], costs[c] = cost_b, cost_c
                    return both
                break
        w = (w + 1) % len(labels)
    _put(u, a, labels, model, tallies)
    costs[a], costs[b] = old_a, old_b
    return np.int64(0)


@compiled
def _inside(model, tallies):  # type: ignore[no-untyped-def]
    """Tell whether every region keeps all bounds."""
    _, _, low, high, _ = model
    totals = tallies[0]
    for region in range(len(totals)):
        for c in range(3):
            if totals[region, c] < low[region, c] or totals[region, c] > high[region, c]:
                return False
    return True


@entry
def _anneal(labels, best, graph, model, tallies, memory, schedule, state):  # type: ignore[no-untyped-def]
    """Anneal in place; leave the best labels met in ``best`` and return their cost."""
    n = len(labels)
    costs = tallies[2]
    cost = np.int64(0)
    for region in range(len(costs)):
        costs[region] = _with(region, 0, 0, labels, model, tallies)
        cost += costs[region]
    best_cost = cost
    proposals = np.int64(schedule[0])
    cooling = (schedule[2] / schedule[1]) ** (1.0 / (schedule[0] + 1.0))
    temperature = schedule[1]
    for _ in range(proposals):
        u = np.int64(uniform(state) * n)
        v = _neighbour(u, graph, state)
        if labels[u] != labels[v]:
            cost += _step(u, v, temperature, labels, graph, model, tallies, memory, state)
            if cost < best_cost and _inside(model, tallies):
                best_cost = cost
                for i in range(n):
                    best[i] = labels[i]
        temperature *= cooling
    return best_cost

"""The compiled tree cut: two neighbouring regions cut anew along a random spanning tree."""

import numpy as np

from gridplan.partition.kernel import N_COLUMNS, PART, accepts, compiled, region_cost, uniform

# Column of ``below`` that gathers the cost of edges, beside the columns that regions sum up.
EDGES = N_COLUMNS


@compiled
def grow_tree(first, a, b, labels, graph, scratch, state):  # type: ignore[no-untyped-def]
    """Grow a random spanning tree over regions ``a`` and ``b``; return the number of units, parents first."""
    indptr, indices = graph[0], graph[1]
    order, parent, place, frontier, _, _, _ = scratch
    n, waiting = 0, 1
    frontier[0] = first
    parent[first] = -1
    place[first] = -2
    while waiting > 0:
        i = int(uniform(state) * waiting)
        u = np.int64(frontier[i])
        waiting -= 1
        frontier[i] = frontier[waiting]
        place[u] = n
        order[n] = u
        n += 1
        for e in range(indptr[u], indptr[u + 1]):
            v = np.int64(indices[e])
            if labels[v] != a and labels[v] != b:
                continue
            if place[v] == -1:
                place[v] = -2
                parent[v] = u
                frontier[waiting] = v
                waiting += 1
            elif place[v] == -2 and uniform(state) < 0.5:
                parent[v] = u
    return n


@compiled
def cheapest_cut(n, a, b, graph, units, bounds, scale, scratch, side):  # type: ignore[no-untyped-def]
    """
    Return the place in the tree whose subtree makes the cheapest region beside the rest, border between included.

    Column ``EDGES`` of ``below`` gathers what a cut costs in edges: an edge counts at both its ends and twice less at
    the ends' lowest common ancestor, so that a subtree's sum is the cost of the edges that leave it.
    """
    indptr, indices, edge_cost = graph[0], graph[1], graph[2]
    order, parent, place, _, _, _, below = scratch
    values = units[0]
    low, high, exempt = bounds
    m = values.shape[1]
    for i in range(n):
        for c in range(m):
            below[i, c] = values[order[i], c]
        below[i, EDGES] = 0
    for i in range(n):
        u = order[i]
        for e in range(indptr[u], indptr[u + 1]):
            j = np.int64(place[indices[e]])
            if j > i:
                below[i, EDGES] += edge_cost[e]
                below[j, EDGES] += edge_cost[e]
                one = np.int64(i)
                while one != j:
                    if one > j:
                        one = np.int64(place[parent[order[one]]])
                    else:
                        j = np.int64(place[parent[order[j]]])
                below[one, EDGES] -= 2 * edge_cost[e]
    for i in range(n - 1, 0, -1):
        above = place[parent[order[i]]]
        for c in range(m + 1):
            below[above, c] += below[i, c]
    rest = side[0]
    best, best_cost = 0, np.int64(9223372036854775807)
    for i in range(1, n):
        for c in range(m):
            rest[c] = below[0, c] - below[i, c]
        cost = region_cost(below[i], low[a], high[a], exempt[a], scale) + below[i, EDGES]
        cost += region_cost(rest, low[b], high[b], exempt[b], scale)
        if cost < best_cost:
            best, best_cost = i, cost
    return best


@compiled
def label_cut(n, cut, a, b, labels, scratch):  # type: ignore[no-untyped-def]
    """Write the tree's new labels to the scratch; the side that overlaps region ``a`` more keeps its label."""
    order, parent, place, _, _, new, _ = scratch
    for i in range(n):
        new[i] = 0
    new[cut] = 1
    same = 0
    for i in range(n):
        if i > cut:
            new[i] = new[place[parent[order[i]]]]
        same += 1 if (new[i] == 1) == (labels[order[i]] == a) else -1
    for i in range(n):
        new[i] = a if (new[i] == 1) == (same >= 0) else b


@compiled
def relabel_delta(n, labels, graph, units, scale, scratch):  # type: ignore[no-untyped-def]
    """Return the change of cut edges, parted pairs and anchors when the tree's units take new labels."""
    indptr, indices, edge_cost, part_indptr, part_indices = graph
    anchor, anchor_cost = units[4], units[5]
    order, _, place, _, _, new, _ = scratch
    delta = np.int64(0)
    for i in range(n):
        v = order[i]
        if anchor[v] >= 0:
            delta += anchor_cost[v] * (np.int64(anchor[v] != new[i]) - np.int64(anchor[v] != labels[v]))
        for e in range(indptr[v], indptr[v + 1]):
            w = indices[e]
            if w > v and place[w] >= 0:
                delta += edge_cost[e] * (np.int64(new[i] != new[place[w]]) - np.int64(labels[v] != labels[w]))
        for e in range(part_indptr[v], part_indptr[v + 1]):
            w = part_indices[e]
            if w > v and place[w] >= 0:
                change = np.int64(new[i] == new[place[w]]) - np.int64(labels[v] == labels[w])
                delta += np.int64(scale[PART]) * change
    return delta


@compiled
def compounds_delta(n, a, b, units, tallies, scratch):  # type: ignore[no-untyped-def]
    """Return the change of split compounds; ``sides`` of the scratch keeps the compounds' units by side."""
    compound, allowed, split_cost = units[1], units[2], units[3]
    _, counts, parts = tallies
    order, _, _, _, sides, new, _ = scratch
    for i in range(n):
        c = compound[order[i]]
        if c >= 0:
            sides[c, 0 if new[i] == a else 1] += 1
    delta = np.int64(0)
    for i in range(n):
        c = compound[order[i]]
        if c >= 0 and sides[c, 2] == 0:
            sides[c, 2] = 1
            after = parts[c] + np.int64(sides[c, 0] > 0) + np.int64(sides[c, 1] > 0)
            after -= np.int64(counts[c, a] > 0) + np.int64(counts[c, b] > 0)
            delta += split_cost[c] * (max(after - allowed[c], 0) - max(parts[c] - allowed[c], 0))
    return delta


@compiled
def recombine(u, b, temperature, labels, graph, units, bounds, scale, tallies, costs, scratch, side, state):  # type: ignore[no-untyped-def]
    """
    Cut two neighbouring regions anew along a random spanning tree; return the change of the objective.

    The tree step is ReCom's (DeFord, Duchin, Solomon 2021, section 3); unlike there the cut is the tree's cheapest,
    and Metropolis decides on the whole objective.
    """
    values, compound = units[0], units[1]
    low, high, exempt = bounds
    sums, counts, parts = tallies
    order, _, place, _, sides, new, _ = scratch
    a = labels[u]
    n = grow_tree(u, a, b, labels, graph, scratch, state)
    cut = cheapest_cut(n, a, b, graph, units, bounds, scale, scratch, side)
    label_cut(n, cut, a, b, labels, scratch)
    delta = relabel_delta(n, labels, graph, units, scale, scratch)
    delta += compounds_delta(n, a, b, units, tallies, scratch)
    m = values.shape[1]
    for c in range(m):
        side[0, c] = 0
        side[1, c] = 0
    for i in range(n):
        for c in range(m):
            side[0 if new[i] == a else 1, c] += values[order[i], c]
    cost_a = region_cost(side[0], low[a], high[a], exempt[a], scale)
    cost_b = region_cost(side[1], low[b], high[b], exempt[b], scale)
    delta += cost_a + cost_b - costs[a] - costs[b]
    accepted = cut > 0 and accepts(delta, temperature, state)
    for i in range(n):
        v = order[i]
        c = compound[v]
        if c >= 0 and sides[c, 2] == 1:
            if accepted:
                parts[c] += np.int64(sides[c, 0] > 0) + np.int64(sides[c, 1] > 0)
                parts[c] -= np.int64(counts[c, a] > 0) + np.int64(counts[c, b] > 0)
                counts[c, a] = sides[c, 0]
                counts[c, b] = sides[c, 1]
            sides[c, 0] = 0
            sides[c, 1] = 0
            sides[c, 2] = 0
        if accepted:
            labels[v] = new[i]
        place[v] = -1
    if not accepted:
        return np.int64(0)
    for c in range(m):
        sums[a, c] = side[0, c]
        sums[b, c] = side[1, c]
    costs[a], costs[b] = cost_a, cost_b
    return delta

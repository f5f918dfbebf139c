"""
Whether a connected part can be cut into regions inside the band: by arithmetic, by a witness, by exhaustion.

Arithmetic is `Band.counts`. A *witness* is a partition in the band found on a random spanning tree, where the
question is exact: sets of possible open totals are bit sets, joined from the leaves to the root. *Exhaustion* tries
every connected set for small parts and so proves that there is none.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from gridplan.partition.problem import Graph, Ints, Labels
from gridplan.rules import Band

EXHAUSTIBLE_UNITS = 24
EXHAUSTION_STEPS = 200_000


def find_witness(graph: Graph, households: Ints, band: Band, *, trees: int, rng: np.random.Generator) -> Labels | None:
    """
    Look for a partition of a connected graph into regions inside the band, on random spanning trees.

    Parameters
    ----------
    graph
        Connected graph.
    households
        Shape (n_units,), whole numbers >= 0.
    band
        Allowed households of a region.
    trees
        Number of random trees to try.
    rng
        Source of the trees.

    Returns
    -------
    labels
        Shape (n_units,), regions 0..k-1, each connected and inside the band; None where no tree has one, which
        proves nothing.
    """
    for _ in range(trees):
        order, parent = _random_tree(graph, rng)
        cuts = _cut_tree(order, parent, households, band)
        if cuts is not None:
            return _labels_of(order, parent, cuts)
    return None


def _random_tree(graph: Graph, rng: np.random.Generator) -> tuple[list[int], list[int]]:
    """Return units in an order with parents first, and each unit's parent (-1 for the root)."""
    n = graph.n_units
    parent = [-2] * n
    root = int(rng.integers(n))
    parent[root] = -1
    frontier, order = [root], []
    while frontier:
        i = int(rng.integers(len(frontier)))
        frontier[i], frontier[-1] = frontier[-1], frontier[i]
        u = frontier.pop()
        order.append(u)
        for v in graph.indices[graph.indptr[u] : graph.indptr[u + 1]].tolist():
            if parent[v] == -2:
                parent[v] = u
                frontier.append(v)
    return order, parent


def _cut_tree(order: list[int], parent: list[int], households: Ints, band: Band) -> set[int] | None:
    """Return the units that are cut from their parents so that every part lies in the band, or None."""
    full = (1 << (band.maximum + 1)) - 1
    inside = full ^ ((1 << band.minimum) - 1)
    children: list[list[int]] = [[] for _ in parent]
    for u in order[1:]:
        children[parent[u]].append(u)
    # prefixes[u][j]: possible open totals at u after its first j children were joined or closed.
    prefixes: list[list[int]] = [[] for _ in parent]
    for u in reversed(order):
        totals = (1 << int(households[u])) & full
        prefixes[u].append(totals)
        for child in children[u]:
            joined = _sumset(totals, prefixes[child][-1], full)
            totals = joined | (totals if prefixes[child][-1] & inside else 0)
            prefixes[u].append(totals)
        if not totals:
            return None
    root = order[0]
    if not prefixes[root][-1] & inside:
        return None
    return _trace(root, children, prefixes, band)


def _sumset(first: int, second: int, full: int) -> int:
    """Return the bit set of all sums of a member of each, up to the maximum."""
    if first.bit_count() > second.bit_count():
        first, second = second, first
    total = 0
    while first:
        lowest = first & -first
        total |= second * lowest
        first ^= lowest
    return total & full


def _nearest(totals: int, band: Band) -> int:
    """Return the member of the bit set inside the band nearest to the target."""
    for off in range(band.maximum - band.minimum + 1):
        for value in (band.target - off, band.target + off):
            if band.minimum <= value <= band.maximum and totals >> value & 1:
                return value
    raise AssertionError("the caller checks that a member lies inside the band")


def _trace(root: int, children: list[list[int]], prefixes: list[list[int]], band: Band) -> set[int]:
    """Walk down from the root and decide for every child whether it is cut, so that totals come out as promised."""
    cuts = set()
    inside = ((1 << (band.maximum + 1)) - 1) ^ ((1 << band.minimum) - 1)
    waiting = [(root, _nearest(prefixes[root][-1], band))]
    while waiting:
        u, total = waiting.pop()
        for j in range(len(children[u]) - 1, -1, -1):
            child = children[u][j]
            open_child, before = prefixes[child][-1], prefixes[u][j]
            if open_child & inside and before >> total & 1:
                cuts.add(child)
                waiting.append((child, _nearest(open_child & inside, band)))
                continue
            share = next(
                value for value in range(total + 1) if open_child >> value & 1 and before >> (total - value) & 1
            )
            waiting.append((child, share))
            total -= share
    return cuts


def _labels_of(order: list[int], parent: list[int], cuts: set[int]) -> Labels:
    labels = np.empty(len(parent), dtype=np.int32)
    k = 0
    for u in order:
        if parent[u] < 0 or u in cuts:
            labels[u] = k
            k += 1
        else:
            labels[u] = labels[parent[u]]
    return labels


def exhaust(graph: Graph, households: Ints, band: Band) -> bool | None:
    """
    Decide by trying everything whether a small graph can be cut into connected regions inside the band.

    Parameters
    ----------
    graph, households, band
        As for `find_witness`; not necessarily connected.

    Returns
    -------
    feasible
        True or False, proven; None where the part is larger than `EXHAUSTIBLE_UNITS` or the steps ran out.
    """
    n = graph.n_units
    if n > EXHAUSTIBLE_UNITS:
        return None
    around = [_mask(graph.indices[graph.indptr[u] : graph.indptr[u + 1]].tolist()) for u in range(n)]
    search = _Exhaustion(around, households.tolist(), band)
    return search.run((1 << n) - 1)


def _mask(units: list[int]) -> int:
    mask = 0
    for u in units:
        mask |= 1 << u
    return mask


def _members(mask: int) -> Iterator[int]:
    while mask:
        lowest = mask & -mask
        yield lowest.bit_length() - 1
        mask ^= lowest


class _Exhaustion:
    """Memoised search over sets of units still to be covered."""

    def __init__(self, around: list[int], households: list[int], band: Band) -> None:
        self.around, self.households, self.band = around, households, band
        self.known: dict[int, bool] = {0: True}
        self.steps = 0

    def run(self, everything: int) -> bool | None:
        try:
            return all(self.feasible(part) for part in self.parts(everything))
        except _StepsRanOutError:
            return None

    def parts(self, units: int) -> Iterator[int]:
        """Yield the connected parts of a set of units."""
        while units:
            part = frontier = units & -units
            while frontier:
                grown = 0
                for u in _members(frontier):
                    grown |= self.around[u]
                frontier = grown & units & ~part
                part |= frontier
            yield part
            units ^= part

    def feasible(self, part: int) -> bool:
        """Decide for one connected part."""
        if part in self.known:
            return self.known[part]
        total = sum(self.households[u] for u in _members(part))
        answer = bool(self.band.counts(total)) and any(
            all(self.feasible(rest) for rest in self.parts(part & ~region)) for region in self.regions(part)
        )
        self.known[part] = answer
        return answer

    def regions(self, part: int) -> Iterator[int]:
        """Yield every connected set inside the band that holds the part's first unit."""
        first = part & -part
        u = first.bit_length() - 1
        stack = [(first, self.around[u] & part & ~first, 0, self.households[u])]
        while stack:
            region, border, banned, total = stack.pop()
            self.steps += 1
            if self.steps > EXHAUSTION_STEPS:
                raise _StepsRanOutError
            if self.band.minimum <= total <= self.band.maximum:
                yield region
            for v in _members(border & ~banned):
                bit = 1 << v
                if total + self.households[v] <= self.band.maximum:
                    grown = (border | self.around[v]) & part & ~region & ~bit
                    stack.append((region | bit, grown, banned, total + self.households[v]))
                # Sets with v are done; from here on v stays out, so that no set comes twice.
                banned |= bit


class _StepsRanOutError(Exception):
    """The exhaustion has used its steps; nothing is proven."""

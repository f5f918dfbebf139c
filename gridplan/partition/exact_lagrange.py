"""
The Lagrangian relaxation of the exact model: a bound that sees whole units and the band, in whole numbers.

Every unit is paid a price for being served instead of having to be served once. The centres then part company: each
chooses for itself the units that cost less than they pay, inside the band, which is a knapsack solved exactly by
dynamic programming over households. The k cheapest centres and the prices add up to a bound, valid for any prices.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from gridplan.partition.exact_model import DEVIATION_M2, Exact, Pairs
from gridplan.partition.kernel import entry
from gridplan.partition.problem import Ints

# Sums of real costs stay far below; from half of it on nothing can be.
FAR = np.int64(2**60)
IMPOSSIBLE = np.int64(2**59)


@dataclass(frozen=True)
class Relaxation:
    """
    The model at some prices, every centre by itself.

    Parameters
    ----------
    exact
        The model.
    k
        Number of regions.
    allowed
        Shape (n_units, n_units): whether the unit of the row may lie in the region of the column's centre.
    """

    exact: Exact
    k: int
    allowed: Pairs

    @cached_property
    def items(self) -> tuple[Ints, Ints]:
        """Return where each centre's units start, shape (n_units + 1,), and the units, the centre itself left out."""
        served = self.allowed & np.diagonal(self.allowed)[None, :]
        np.fill_diagonal(served, val=False)
        centre, unit = np.nonzero(served.T)
        return np.searchsorted(centre, np.arange(len(served) + 1)).astype(np.int64), unit.astype(np.int64)

    @property
    def bounds(self) -> tuple[int, int, int, int]:
        """Return the target, the band's ends, and the price of a household off the target."""
        return (self.exact.problem.target, *self.exact.limits, DEVIATION_M2)

    def values(self, prices: Ints) -> Ints:
        """Return the least value of each centre at some prices; from `IMPOSSIBLE` on it has none. Shape (n_units,)."""
        start, units = self.items
        out = np.where(np.diagonal(self.allowed), 0, FAR).astype(np.int64)
        scratch = np.empty((2, self.exact.limits[1] + 1), dtype=np.int64)
        _values(self._reduced(prices), self.exact.problem.households, units, start, *self.bounds, scratch, out)
        return out

    def bound(self, prices: Ints, values: Ints) -> int:
        """Return the bound at some prices from the centres' values."""
        return int(prices.sum()) + int(np.partition(values, self.k - 1)[: self.k].sum())

    def region(self, prices: Ints, centre: int) -> Ints:
        """Return the units, ascending, that a centre chooses at some prices, itself included."""
        start, units = self.items
        taken = np.zeros(len(prices), dtype=np.bool_)
        taken[centre] = True
        mine = units[start[centre] : start[centre + 1]]
        keep = np.empty((len(mine), self.exact.limits[1] + 1), dtype=np.bool_)
        reduced = np.ascontiguousarray(self.exact.costs[:, centre] - prices)
        _chosen(centre, reduced, self.exact.problem.households, mine, *self.bounds, keep, taken)
        return np.flatnonzero(taken)

    def dearness(self, prices: Ints, most: int) -> Ints:
        """
        Return a lower bound of every partition that uses a pair, shape (n_units, n_units).

        Parameters
        ----------
        prices
            Shape (n_units,).
        most
            Units of centres that lie above it are not looked at.
        """
        start, units = self.items
        reduced, values = self._reduced(prices), self.values(prices)
        order = np.argsort(values, kind="stable")
        least = values[order[: self.k]].sum() + prices.sum()
        # With a centre outside the k cheapest, the dearest of those makes room.
        rest = np.full(len(values), least - values[order[self.k - 1]])
        rest[order[: self.k]] = least - values[order[: self.k]]
        dear = np.full((len(values), len(values)), FAR)
        for centre in np.flatnonzero(values < IMPOSSIBLE):
            dear[centre, centre] = rest[centre] + values[centre]
            if dear[centre, centre] <= most:
                mine = units[start[centre] : start[centre + 1]]
                forced = np.full(len(mine), FAR)
                column = np.ascontiguousarray(reduced[:, centre])
                _forced(centre, column, self.exact.problem.households, mine, *self.bounds, forced)
                dear[mine, centre] = np.where(forced < IMPOSSIBLE, rest[centre] + forced, FAR)
        return dear

    def _reduced(self, prices: Ints) -> Ints:
        reduced: Ints = self.exact.costs - prices[:, None]
        return reduced


@entry
def _values(reduced, households, units, start, target, low, high, each, scratch, out):  # type: ignore[no-untyped-def]
    """Write each centre's least value over all loads inside the band; ``out`` tells by `FAR` which are no centres."""
    for c in range(len(start) - 1):
        if out[c] >= FAR or households[c] > high:
            out[c] = FAR
            continue
        now, then = scratch[0], scratch[1]
        for load in range(high + 1):
            now[load] = FAR
        now[households[c]] = reduced[c, c]
        for e in range(start[c], start[c + 1]):
            weight, cost = households[units[e]], reduced[units[e], c]
            for load in range(min(weight, high + 1)):
                then[load] = now[load]
            for load in range(weight, high + 1):
                with_it = now[load - weight] + cost
                then[load] = with_it if with_it < now[load] else now[load]
            now, then = then, now
        best = FAR
        for load in range(low, high + 1):
            best = min(best, now[load] + each * abs(load - target))
        out[c] = best


@entry
def _chosen(centre, reduced, households, units, target, low, high, each, keep, taken):  # type: ignore[no-untyped-def]
    """Mark the units of a centre's best choice."""
    now = np.full(high + 1, FAR)
    now[households[centre]] = reduced[centre]
    for e in range(len(units)):
        weight, cost = households[units[e]], reduced[units[e]]
        # Downward, so that no unit counts twice.
        for load in range(high, -1, -1):
            keep[e, load] = load >= weight and now[load - weight] + cost < now[load]
            if keep[e, load]:
                now[load] = now[load - weight] + cost
    best, at = FAR, np.int64(0)
    for load in range(low, high + 1):
        total = now[load] + each * abs(load - target)
        if total < best:
            best, at = total, np.int64(load)
    for e in range(len(units) - 1, -1, -1):
        if keep[e, at]:
            taken[units[e]] = True
            at -= households[units[e]]


@entry
def _forced(centre, reduced, households, units, target, low, high, each, forced):  # type: ignore[no-untyped-def]
    """
    Write the least value of a centre with each unit taken.

    By halves: what lies outside a half is added once for all units inside it, so that all knapsacks but one unit take
    n log n additions instead of n squared.
    """
    deepest = 3
    while (1 << (deepest - 3)) < len(units):
        deepest += 1
    tables = np.full((deepest, high + 1), FAR)
    tables[0, households[centre]] = reduced[centre]
    # Tasks: the half, its depth, and the other half, whose units are added to the table one level above.
    tasks = np.zeros((2 * deepest, 5), dtype=np.int64)
    tasks[0, 1], count = len(units), 1
    while count:
        count -= 1
        first, last, depth, other, end = tasks[count]
        if depth:
            tables[depth] = tables[depth - 1]
        for e in range(other, end):
            weight, cost = households[units[e]], reduced[units[e]]
            for load in range(high, weight - 1, -1):
                tables[depth, load] = min(tables[depth, load], tables[depth, load - weight] + cost)
        if last - first == 1:
            weight, cost = households[units[first]], reduced[units[first]]
            best = FAR
            for load in range(max(low, weight), high + 1):
                best = min(best, tables[depth, load - weight] + cost + each * abs(load - target))
            forced[first] = best
        elif last > first:
            half = (first + last) // 2
            tasks[count] = half, last, depth + 1, first, half
            tasks[count + 1] = first, half, depth + 1, half, last
            count += 2

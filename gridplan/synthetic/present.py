"""
The grids of today, as committees drew them over the years: along streets, rows of houses and estates, of uneven size.

Blocks with many households are first cut between rows of buildings into pieces; pieces are then joined, the smallest
first, each to the neighbour that a planner at a wall map would take.
"""

from __future__ import annotations

import heapq

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

PIECE_HOUSEHOLDS = (90, 190)
TINY_COMPONENT = 40
GAP_M = 2.0
LATER = 0.004  # what a direction named later must be better by
BEYOND_M = 0.01
SIZE_NOISE = 0.8


def cuts(
    block: shapely.Polygon, boxes: NDArray[np.object_], households: NDArray[np.int64], angle: float, limit: float
) -> list[shapely.LineString]:
    """
    Return straight cuts between the buildings of a block, so that no part has more than `limit` households.

    Parameters
    ----------
    block
        Polygon in metres.
    boxes, households
        The block's buildings; a single building is never cut.
    angle
        Direction of the rows in radians.
    limit
        Households at which cutting stops.
    """
    if households.sum() <= limit or len(boxes) < 2:
        return []
    line, parts = _cut(block, boxes, households, [angle, angle + np.pi / 2])
    result = [] if line is None else [line]
    for part, chosen in parts:
        result += cuts(part, boxes[chosen], households[chosen], angle, limit)
    return result


def quarters(
    block: shapely.Polygon, boxes: NDArray[np.object_], households: NDArray[np.int64], angle: float
) -> list[shapely.LineString]:
    """Return the cuts of a block into four, between rows and along a lane across them, whichever first is more even."""
    # Rows end along streets that are not square to them, so the lane between their halves may slant.
    lane = [angle + np.deg2rad(sign * degrees) for degrees in range(19) for sign in (-1, 1)]
    rows = [angle + np.pi / 2]
    ways = [_quartered(block, boxes, households, *order) for order in ((rows, lane), (lane, rows))]
    return max(ways, key=lambda way: way[1])[0]


def _quartered(
    block: shapely.Polygon,
    boxes: NDArray[np.object_],
    households: NDArray[np.int64],
    first: list[float],
    second: list[float],
) -> tuple[list[shapely.LineString], int]:
    """Return the cuts in one order of directions, and the households of the smallest part."""
    line, halves = _cut(block, boxes, households, first)
    lines, least = [line], int(households.sum())
    for half, inside in halves:
        line, parts = _cut(half, boxes[inside], households[inside], second)
        lines.append(line)
        least = min([least, *(int(households[inside][part].sum()) for _, part in parts)])
    return [line for line in lines if line is not None], least


def _cut(
    block: shapely.Polygon, boxes: NDArray[np.object_], households: NDArray[np.int64], angles: list[float]
) -> tuple[shapely.LineString | None, list[tuple[shapely.Polygon, NDArray[np.bool_]]]]:
    """Cut a block once at the most even gap across one of some directions; nothing where there is no gap."""
    gaps = [_gap(boxes, households, turn) for turn in angles]
    cost, direction, position, first = gaps[int(np.argmin([gap[0] + LATER * k for k, gap in enumerate(gaps)]))]
    if not np.isfinite(cost):
        return None, []
    line, sides = _line(block, direction, position), _sides(block, direction, position)
    if line.geom_type != "LineString" or any(side.geom_type != "Polygon" for side in sides):
        return None, []
    return _longer(line), list(zip(sides, (first, ~first), strict=True))


def _longer(line: shapely.LineString) -> shapely.LineString:
    """Return a line drawn out by 1 cm at both ends, so that it meets the block's border after rounding to 1 mm."""
    start, end = shapely.get_coordinates(line)[[0, -1]]
    beyond = BEYOND_M * (end - start) / np.hypot(*(end - start))
    return shapely.LineString([start - beyond, end + beyond])


def _gap(
    boxes: NDArray[np.object_], households: NDArray[np.int64], angle: float
) -> tuple[float, NDArray[np.float64], float, NDArray[np.bool_]]:
    """Return the most even gap between buildings across a direction: cost, direction, position, buildings before it."""
    direction = np.array([np.cos(angle), np.sin(angle)])
    xy, index = shapely.get_coordinates(boxes, return_index=True)
    starts = np.flatnonzero(np.diff(index, prepend=-1))
    reach = xy @ direction
    low, high = np.minimum.reduceat(reach, starts), np.maximum.reduceat(reach, starts)
    order = np.argsort(low, kind="stable")
    end = np.maximum.accumulate(high[order])[:-1]
    clear = low[order][1:] - end
    share = np.cumsum(households[order])[:-1] / households.sum()
    cost = np.where(clear > GAP_M, np.abs(share - 0.5), np.inf)
    # Where both directions can be cut evenly, the longer side is cut, which keeps the parts round.
    k = int(np.argmin(cost))
    first = np.zeros(len(boxes), dtype=bool)
    first[order[: k + 1]] = True
    return float(cost[k]) - 2e-4 * float(high.max() - low.min()), direction, float(end[k] + clear[k] / 2), first


def _line(block: shapely.Polygon, direction: NDArray[np.float64], position: float) -> shapely.Geometry:
    """Return the part inside the block of the line across `direction` at `position`."""
    across = np.array([-direction[1], direction[0]])
    middle = direction * position + across * (np.array(block.centroid.coords[0]) @ across)
    return shapely.intersection(shapely.LineString([middle - across * 2000, middle + across * 2000]), block)


def _sides(block: shapely.Polygon, direction: NDArray[np.float64], position: float) -> list[shapely.Geometry]:
    """Return the block's parts before and behind the line."""
    across = np.array([-direction[1], direction[0]])
    middle = direction * position + across * (np.array(block.centroid.coords[0]) @ across)
    a, b = middle - across * 2000, middle + across * 2000
    return [
        shapely.intersection(block, shapely.Polygon([a, b, b + far, a + far]))
        for far in (-2000 * direction, 2000 * direction)
    ]


def join(pieces: pd.DataFrame, edges: pd.DataFrame, wanted: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """
    Join the pieces of one community to grids.

    Parameters
    ----------
    pieces
        ``households, cell, block`` (where the piece lies) and ``fixed`` (a grid of its own), with a RangeIndex.
    edges
        ``a, b, shared_m, open_m`` between pieces, as `gridplan.synthetic.blocks.shared_edges` returns them.
    wanted
        Number of grids, the fixed ones included; reached unless barriers leave more components.
    rng
        Source of chance: which of two small grids was joined first.

    Returns
    -------
    numpy.ndarray
        Grid of each piece, 0 .. n - 1.
    """
    return _Joiner(pieces, edges, rng).run(wanted)


class _Joiner:
    """Groups of pieces while they are joined."""

    def __init__(self, pieces: pd.DataFrame, edges: pd.DataFrame, rng: np.random.Generator) -> None:
        self.households = pieces["households"].to_numpy().astype(float)
        self.cell, self.block = pieces["cell"].to_numpy().copy(), pieces["block"].to_numpy().copy()
        self.fixed = pieces["fixed"].to_numpy()
        self.noise = np.exp(rng.normal(0, SIZE_NOISE, len(pieces)))
        self.label = np.arange(len(pieces))
        self.near: list[dict[int, NDArray[np.float64]]] = [{} for _ in range(len(pieces))]
        for a, b, shared, free in edges[["a", "b", "shared_m", "open_m"]].to_numpy():
            self.near[int(a)][int(b)] = self.near[int(b)][int(a)] = np.array([shared, free])
        self.mean = max(self.households.sum() / max(len(pieces) / 4, 1), 1.0)

    def run(self, wanted: int) -> NDArray[np.int64]:
        """Join the smallest group to its best neighbour until `wanted` groups are left."""
        self.mean = max(self.households.sum() / wanted, 1.0)
        heap = [(self.households[k] * self.noise[k], k) for k in range(len(self.label)) if not self.fixed[k]]
        heapq.heapify(heap)
        groups, version = len(self.label), self.households.copy()
        alive = np.ones(len(self.label), dtype=bool)
        # Ground without households is always given to a neighbour, whatever the number of grids.
        while heap and (groups > wanted or heap[0][0] == 0):
            key, k = heapq.heappop(heap)
            if not alive[k] or key != version[k] * self.noise[k]:
                continue
            best = self._best(k)
            if best is None:
                continue
            self._absorb(best, k)
            alive[k] = False
            groups -= 1
            version[best] = self.households[best]
            if not self.fixed[best]:
                heapq.heappush(heap, (version[best] * self.noise[best], best))
        return np.unique(self.label, return_inverse=True)[1]

    def _best(self, k: int) -> int | None:
        """Return the neighbour that group k is best joined to, or None."""
        near = {m: edge for m, edge in self.near[k].items() if not self.fixed[m]}
        choice = {m: edge[1] for m, edge in near.items() if edge[1] > 1.0}
        if not choice and self.households[k] < TINY_COMPONENT:
            choice = {m: edge[0] for m, edge in near.items()}
        if not choice:
            return None
        rim = sum(edge[0] for edge in self.near[k].values())
        return min(choice, key=lambda m: (self._cost(k, m, choice[m] / rim), m))

    def _cost(self, k: int, m: int, share: float) -> float:
        """Return how little group m suits group k: too many households, a short common edge, across an avenue."""
        households = (self.households[k] + self.households[m]) / self.mean
        return float(
            0.7 * households**2 - share - 0.4 * (self.cell[k] == self.cell[m]) - 0.3 * (self.block[k] == self.block[m])
        )

    def _absorb(self, keep: int, gone: int) -> None:
        """Join group `gone` into group `keep`."""
        if self.households[gone] > self.households[keep]:
            self.cell[keep], self.block[keep] = self.cell[gone], self.block[gone]
        self.households[keep] += self.households[gone]
        self.label[self.label == gone] = keep
        for m, edge in self.near[gone].items():
            del self.near[m][gone]
            if m != keep:
                self.near[keep][m] = self.near[m][keep] = self.near[keep].get(m, np.zeros(2)) + edge
        self.near[gone] = {}

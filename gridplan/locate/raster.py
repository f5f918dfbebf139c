"""
A raster over the grids that answers most points at once: which cells lie in one grid, in none, or must be looked at.

A cell that no border touches lies wholly in one grid or in none, and so does every cell that can be reached from it
without meeting a border: one exact test answers for all of them. Only points in cells that a border touches, and those
outside but near, are tested one by one. So the raster changes no answer, only the time it takes.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy import ndimage

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

#: Instead of a grid's number: in no grid, nor near one; to be tested.
OUTSIDE, UNSURE = -1, -2
# Cells at most: 16 MB of numbers, which a processor still reads quickly at random.
MOST_CELLS = 1 << 22
# Share of the ground in cells that a border touches; finer cells cost more to make than they save.
_UNSURE_SHARE = 0.05
# A border this near to a cell's side, in cells, touches the cells on both sides: far above rounding.
_SLACK = 1e-6


@dataclass(frozen=True)
class Raster:
    """
    Grid numbers by square cells.

    Parameters
    ----------
    west, south
        Corner of the raster in the plan's CRS.
    side_m
        Side of a cell, metres.
    owner
        Grid's number, OUTSIDE or UNSURE by row (south to north) and column; shape (n_rows, n_columns).
    """

    west: float
    south: float
    side_m: float
    owner: NDArray[np.int32]

    def owner_of(self, x: float, y: float) -> int:
        """
        Return what is known of one point: what :meth:`owners` returns for it.

        Parameters
        ----------
        x, y
            The point in the plan's CRS, finite.
        """
        n_rows, n_columns = self.owner.shape
        column, row = math.floor((x - self.west) / self.side_m), math.floor((y - self.south) / self.side_m)
        return int(self.owner[row, column]) if 0 <= column < n_columns and 0 <= row < n_rows else OUTSIDE

    def owners(self, x: Floats, y: Floats) -> NDArray[np.int32]:
        """
        Return what is known of points.

        Parameters
        ----------
        x, y
            Points in the plan's CRS, shape (n,).

        Returns
        -------
        owner
            Grid's number, OUTSIDE or UNSURE; shape (n,).
        """
        n_rows, n_columns = self.owner.shape
        column = np.floor((x - self.west) / self.side_m).astype(np.int64)
        row = np.floor((y - self.south) / self.side_m).astype(np.int64)
        off = (column < 0) | (row < 0) | (column >= n_columns) | (row >= n_rows)
        found: NDArray[np.int32] = self.owner.ravel().take(row * n_columns + column, mode="clip")
        found[off] = OUTSIDE
        return found


def make_raster(polygons: NDArray[Any], margin_m: float, owner_of: Callable[[Floats, Floats], Ints]) -> Raster:
    """
    Make the raster of a plan's grids.

    Parameters
    ----------
    polygons
        Grids, shape (n_grids,).
    margin_m
        Distance outside up to which points must be tested.
    owner_of
        The exact answer for points: the number of the one grid there, OUTSIDE, or UNSURE where grids overlap.
    """
    bounds = shapely.total_bounds(polygons)
    west, south, east, north = (bounds + np.array([-1, -1, 1, 1]) * (margin_m + 1.0)).tolist()
    side = _side(polygons, (east - west) * (north - south))
    shape = (math.ceil((north - south) / side) + 1, math.ceil((east - west) / side) + 1)
    touched = _touched(polygons, west, south, side, shape)
    owner = _fill(touched, lambda row, column: owner_of(west + (column + 0.5) * side, south + (row + 0.5) * side))
    reach = math.ceil(margin_m / side) + 1
    near = ndimage.maximum_filter(touched, size=2 * reach + 1) & (owner == OUTSIDE)
    owner[touched | near] = UNSURE
    return Raster(west, south, side, owner)


def _side(polygons: NDArray[Any], box_m2: float) -> float:
    """Return the side of cells, of which a border of length l touches about 4 l / (pi side)."""
    border_m = float(shapely.length(polygons).sum()) / 2
    wanted = _UNSURE_SHARE * float(shapely.area(polygons).sum()) / (4 / np.pi * border_m)
    return max(wanted, math.sqrt(box_m2 / MOST_CELLS))


def _touched(polygons: NDArray[Any], west: float, south: float, side: float, shape: tuple[int, int]) -> NDArray[Any]:
    """Return the cells that a border touches, shape (n_rows, n_columns)."""
    begin, end = _segments(polygons)
    corner = np.array([west, south])
    begin, end = (begin - corner) / side, (end - corner) / side
    touched = np.zeros(shape, dtype=bool)
    for points in (begin, _crossings(begin, end, axis=0), _crossings(begin, end, axis=1)):
        for step_x in (-_SLACK, _SLACK):
            for step_y in (-_SLACK, _SLACK):
                column = np.floor(points[:, 0] + step_x).astype(np.int64)
                row = np.floor(points[:, 1] + step_y).astype(np.int64)
                touched[row.clip(0, shape[0] - 1), column.clip(0, shape[1] - 1)] = True
    return touched


def _segments(polygons: NDArray[Any]) -> tuple[Floats, Floats]:
    """Return where the segments of all rings begin and end, two arrays of shape (n_segments, 2)."""
    rings = shapely.get_rings(shapely.get_parts(polygons))
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    same = ring[1:] == ring[:-1]
    return xy[:-1][same], xy[1:][same]


def _crossings(begin: Floats, end: Floats, *, axis: int) -> Floats:
    """Return where segments cross the lines between columns (axis 0) or rows (axis 1), shape (n, 2), in cells."""
    low, high = np.minimum(begin, end)[:, axis], np.maximum(begin, end)[:, axis]
    first = np.ceil(low).astype(np.int64)
    count = np.maximum(np.floor(high).astype(np.int64) - first + 1, 0)
    count[low == high] = 0
    segment = np.repeat(np.arange(len(begin)), count)
    nth = np.arange(len(segment)) - np.repeat(np.cumsum(count) - count, count)
    line = (first[segment] + nth).astype(np.float64)
    share = (line - begin[segment, axis]) / (end - begin)[segment, axis]
    points = np.empty((len(segment), 2))
    points[:, axis] = line
    points[:, 1 - axis] = begin[segment, 1 - axis] + share * (end - begin)[segment, 1 - axis]
    return points


def _fill(touched: NDArray[Any], owner_at: Callable[[Any, Any], Ints]) -> NDArray[np.int32]:
    """Return the owner of every cell that no border touches, asking once for each connected set of them."""
    labels, n_sets = ndimage.label(~touched)
    one_of = np.zeros(n_sets + 1, dtype=np.int64)
    one_of[labels.ravel()] = np.arange(labels.size)
    row, column = np.divmod(one_of[1:], touched.shape[1])
    owners = np.concatenate([[OUTSIDE], owner_at(row, column)]).astype(np.int32)
    filled: NDArray[np.int32] = owners[labels]
    return filled

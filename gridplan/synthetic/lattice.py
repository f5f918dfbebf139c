"""
The avenues of a town: a lattice with uneven steps, bent and turned, and what lies across it.

Rows of cells run from south to north: row 0 is farmland with villages, one row is the river, all others are
superblocks of 220-400 m between avenues.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline

ORIGIN = (476_500.0, 5_282_500.0)  # south-west corner in EPSG:4552, near 128.69 E 47.68 N
RURAL_HEIGHT, RIVER_HEIGHT = (650.0, 850.0), 210.0
BEND_M, BEND_LENGTH_M = 45.0, 3_600.0
NODE_JITTER_M = 12.0
ESTATE_SIDE_M = 415.0


@dataclass(frozen=True)
class Lattice:
    """
    Nodes of the avenues and the rows and columns with a role.

    Parameters
    ----------
    nodes
        Coordinates in metres, shape (rows + 1, columns + 1, 2).
    river_row
        Row of cells that the river takes.
    bridge_column
        Column line on which the only bridge crosses the river.
    estate
        Cell (row, column) made large enough for an estate of 40 buildings.
    """

    nodes: NDArray[np.float64]
    river_row: int
    bridge_column: int
    estate: tuple[int, int]

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns of cells, the rural and the river row included."""
        return self.nodes.shape[0] - 1, self.nodes.shape[1] - 1

    def corners(self, row: int, column: int) -> NDArray[np.float64]:
        """Return a cell's corners south-west, south-east, north-east, north-west; shape (4, 2)."""
        n = self.nodes
        return np.array([n[row, column], n[row, column + 1], n[row + 1, column + 1], n[row + 1, column]])

    def cells(self) -> tuple[NDArray[np.int64], NDArray[np.object_]]:
        """Return (row, column) of every cell, shape (cells, 2), and their polygons."""
        rows, columns = self.shape
        index = np.array([(j, i) for j in range(rows) for i in range(columns)], dtype=np.int64)
        return index, shapely.polygons(np.array([self.corners(j, i) for j, i in index]))

    def across(self, fractions: NDArray[np.float64]) -> NDArray[np.float64]:
        """
        Return one point on each column line.

        Parameters
        ----------
        fractions
            Height on each column line in rows, e.g. 2.4; shape (columns + 1,).
        """
        row = np.floor(fractions).astype(int)
        share = (fractions - row)[:, None]
        column = np.arange(len(fractions))
        return np.asarray(self.nodes[row, column] * (1 - share) + self.nodes[row + 1, column] * share)


def build(rng: np.random.Generator, columns: int, rows: int) -> Lattice:
    """
    Lay out avenues for a town.

    Parameters
    ----------
    rng
        Source of chance.
    columns, rows
        Superblocks from west to east and from south to north, without the rural row and the river; each >= 2.
    """
    river_row = 1 + max(1, round(0.6 * rows))
    widths = rng.uniform(230, 370, columns)
    heights = np.concatenate([rng.uniform(*RURAL_HEIGHT, 1), rng.uniform(220, 360, rows)])
    estate = (river_row - 1, columns - 1)
    widths[estate[1]] = heights[estate[0]] = ESTATE_SIDE_M
    heights = np.insert(heights, river_row, RIVER_HEIGHT)
    x, y = (np.concatenate([[0.0], np.cumsum(step)]) for step in (widths, heights))
    nodes = np.stack(np.meshgrid(x, y), axis=-1)
    nodes += rng.uniform(-NODE_JITTER_M, NODE_JITTER_M, nodes.shape)
    return Lattice(_turn(_bend(nodes, rng), rng), river_row, columns // 2, estate)


def _bend(nodes: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.float64]:
    """Bend the lattice gently, so that avenues sweep instead of running dead straight."""
    phase = rng.uniform(0, 2 * np.pi, 2)
    wave = 2 * np.pi / BEND_LENGTH_M
    shift = np.stack([np.sin(wave * nodes[..., 1] + phase[0]), np.sin(wave * nodes[..., 0] + phase[1])], axis=-1)
    return nodes + BEND_M * shift


def _turn(nodes: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.float64]:
    """Turn the lattice by 6 to 12 degrees and set it in the map frame."""
    angle = np.deg2rad(rng.uniform(6, 12))
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    return np.asarray(nodes @ turn + np.array(ORIGIN))


def smooth(points: NDArray[np.float64], beyond_m: float, step_m: float = 25.0) -> NDArray[np.float64]:
    """
    Return a smooth line through points, drawn out straight at both ends.

    Parameters
    ----------
    points
        Shape (n, 2), n >= 3.
    beyond_m
        Length in metres added at each end.
    step_m
        Distance in metres between the vertices of the result.
    """
    along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(points, axis=0).T))])
    spline = CubicSpline(along, points, bc_type="natural")
    line: NDArray[np.float64] = spline(np.linspace(0, along[-1], max(3, round(along[-1] / step_m))))
    ends = []
    for tip, inner in ((line[0], line[1]), (line[-1], line[-2])):
        ends.append(tip + (tip - inner) / np.hypot(*(tip - inner)) * beyond_m)
    return np.vstack([ends[0], line, ends[1]])


def river(lattice: Lattice, rng: np.random.Generator) -> tuple[NDArray[np.float64], shapely.Polygon]:
    """
    Draw the river inside its row.

    Returns
    -------
    tuple
        The centre line, shape (n, 2), and the water as a polygon 50 to 80 m wide; both reach 300 m past the town.
    """
    columns = lattice.shape[1]
    middle = lattice.across(lattice.river_row + 0.5 + rng.uniform(-0.08, 0.08, columns + 1))
    line = smooth(middle, beyond_m=300.0)
    along = np.linspace(0, 2 * np.pi * columns / 3, len(line))
    half = 32.0 + 6.0 * np.sin(along + rng.uniform(0, 6)) + 2.0 * np.sin(2.7 * along)
    tangent = np.gradient(line, axis=0)
    normal = np.stack([-tangent[:, 1], tangent[:, 0]], axis=1) / np.hypot(*tangent.T)[:, None]
    left, right = line + normal * half[:, None], line - normal * half[:, None]
    return line, shapely.set_precision(shapely.Polygon(np.vstack([left, right[::-1]])), 0.001)


def railway(lattice: Lattice) -> NDArray[np.float64]:
    """Return the railway's line, shape (n, 2): south of the river, aslant, so that it cuts superblocks."""
    south = lattice.river_row - 1
    start, end = 1 + 0.62 * south, 1 + 0.30 * south
    fractions = np.linspace(start, end, lattice.shape[1] + 1)
    return smooth(lattice.across(fractions), beyond_m=300.0, step_m=60.0)

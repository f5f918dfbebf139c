"""Every line that divides the ground: avenues, streets, the railway, the river's middle and the town's edge."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from gridplan.synthetic import names
from gridplan.synthetic.landuse import CUTS
from gridplan.synthetic.lattice import Lattice

# Half of the ground that a line takes, in metres: carriageway, pavements and verge; "" is an unseen border in fields.
HALF_WIDTH_M = {
    "primary": 21.0,
    "secondary": 16.0,
    "tertiary": 11.0,
    "residential": 6.0,
    "bridge": 12.0,
    "railway": 16.0,
    "": 8.0,
}
Line = tuple[NDArray[np.float64], str, str]


def draw(
    lattice: Lattice,
    use: NDArray[np.object_],
    river: NDArray[np.float64],
    rail: NDArray[np.float64],
    rng: np.random.Generator,
) -> pd.DataFrame:
    """
    Return all dividing lines of a town.

    Parameters
    ----------
    lattice
        Avenues.
    use
        Use of every cell, shape (rows, columns).
    river, rail
        Middle of the river and the railway, shapes (n, 2).
    rng
        Source of chance.

    Returns
    -------
    pandas.DataFrame
        ``geometry`` (LineString), ``kind`` ("" where nothing is to be seen), ``name``. Lines may cross without a
        common vertex; `gridplan.synthetic.blocks.node` gives them one.
    """
    rows, columns = lattice.shape
    stems = iter(names.road_names(2 * (rows + columns) + 6 * rows * columns, rng))
    lines = [*_columns(lattice, stems), *_rows(lattice, stems)]
    lines += [line for j in range(rows) for i in range(columns) for line in _cell(lattice, use, (j, i), stems, rng)]
    lines += [(river, "", ""), (rail, "railway", names.RAILWAY)]
    return pd.DataFrame(
        {
            "geometry": np.array([shapely.LineString(points) for points, _, _ in lines], dtype=object),
            "kind": [kind for _, kind, _ in lines],
            "name": [name for _, _, name in lines],
        }
    )


def _columns(lattice: Lattice, stems: Iterator[str]) -> Iterator[Line]:
    """Yield the avenues from south to north; only one of them crosses the river."""
    rows, columns = lattice.shape
    for i in range(columns + 1):
        kind = _rank(i, lattice.bridge_column, columns)
        name = next(stems) + ("大街" if kind == "primary" else "路")
        rural = "tertiary" if i % 3 == 1 and i < columns else ""
        crossing = "bridge" if i == lattice.bridge_column else ""
        points = lattice.nodes[:, i]
        river = lattice.river_row
        yield points[:2], rural, name if rural else ""
        yield points[1 : river + 1], kind, name
        yield points[river : river + 2], crossing, f"{names.RIVER}大桥" if crossing else ""
        if rows > river + 1:
            yield points[river + 1 :], kind, name


def _rows(lattice: Lattice, stems: Iterator[str]) -> Iterator[Line]:
    """Yield the avenues from west to east, among them the two embankments."""
    rows, _ = lattice.shape
    river = lattice.river_row
    banks = {river: "滨河南路", river + 1: "滨河北路"}
    for j in range(rows + 1):
        stem = next(stems)
        if j == 0:
            yield lattice.nodes[0], "", ""
        elif j in banks:
            yield lattice.nodes[j], "tertiary", banks[j]
        else:
            kind = _rank(j, river - 1, rows)
            yield lattice.nodes[j], kind, stem + ("大街" if kind == "primary" else "街")


def _rank(index: int, main: int, last: int) -> str:
    """Return the rank of an avenue: one main one, every other one below it secondary."""
    if index == main:
        return "primary"
    return "tertiary" if index in (0, last) or (index - main) % 2 else "secondary"


def _cell(
    lattice: Lattice, use: NDArray[np.object_], cell: tuple[int, int], stems: Iterator[str], rng: np.random.Generator
) -> Iterator[Line]:
    """Yield the streets that cut one superblock into blocks."""
    choices = CUTS[use[cell]]
    if not choices:
        return
    strips, blocks = choices[rng.integers(len(choices))]
    corners = lattice.corners(*cell)
    edges = [(corners[0], corners[3]), *_between(corners, strips, rng), (corners[1], corners[2])]
    for south, north in edges[1:-1]:
        yield np.array([south, north]), "residential", next(stems) + "路"
    for west, east in pairwise(edges):
        sides = np.array([west[0], east[0], east[1], west[1]])
        for start, end in _between(sides[[0, 3, 2, 1]], blocks, rng):
            yield np.array([start, end]), "residential", next(stems) + ("巷" if blocks > 2 else "街")


def _between(
    corners: NDArray[np.float64], parts: int, rng: np.random.Generator
) -> list[tuple[NDArray[np.float64], NDArray[np.float64]]]:
    """Return the lines that cut a quadrangle into about equal parts, from its first side to the opposite one."""
    cuts = []
    for k in range(1, parts):
        share = k / parts + rng.uniform(-0.05, 0.05) + rng.uniform(-0.015, 0.015, 2)
        start = corners[0] + share[0] * (corners[1] - corners[0])
        end = corners[3] + share[1] * (corners[2] - corners[3])
        cuts.append((start, end))
    return cuts

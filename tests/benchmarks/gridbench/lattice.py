"""A warped lattice: a small instance whose every length and area is exact, with streets, compounds and a river."""

from __future__ import annotations

import numpy as np

from gridbench.instance import Instance
from gridplan.partition.problem import NONE, Floats, Ints, Problem, graph_from_edges
from gridplan.rules import Band

STREET_RANK = 0.85


def lattice(
    name: str, rng: np.random.Generator, *, rows: int, columns: int, blocks: int, river: bool = False
) -> Instance:
    """
    Make a lattice of quadrilaterals with moved corners, 40 m wide.

    Parameters
    ----------
    name
        Name of the instance.
    rng
        Source of chance.
    rows, columns
        Units each way.
    blocks
        Units between two streets; a block is a compound with a chance of one half.
    river
        Whether an impassable line runs through the middle row of corners.
    """
    corners = np.stack(np.meshgrid(np.arange(columns + 1.0), np.arange(rows + 1.0)), axis=2)
    corners = 40.0 * (corners + rng.uniform(-0.25, 0.25, corners.shape))
    unit = np.arange(rows * columns).reshape(rows, columns)
    beside = _sides(
        unit[:, :-1], unit[:, 1:], corners[:-1, 1:-1], corners[1:, 1:-1], np.arange(1, columns) % blocks == 0
    )
    above = _sides(
        unit[:-1].T, unit[1:].T, corners[1:-1, :-1].transpose(1, 0, 2), corners[1:-1, 1:].transpose(1, 0, 2),
        np.arange(1, rows) % blocks == 0,
    )  # fmt: skip
    pairs, length, street = (np.concatenate([one, two]) for one, two in zip(beside, above, strict=True))
    row = unit[:, 0].repeat(columns) // columns
    wet = river & (row[pairs[:, 0]] < rows // 2) & (row[pairs[:, 1]] >= rows // 2)
    block = (np.arange(rows)[:, None] // blocks) * columns + np.arange(columns) // blocks
    households = rng.integers(0, 41, rows * columns)
    area, xy, around = _quads(corners)
    chosen = rng.random(int(block.max()) + 1) < 0.5
    compound = np.unique(np.where(chosen[block.ravel()], block.ravel(), NONE), return_inverse=True)[1] - 1
    first, second = pairs[~wet].T
    opened = length * (1.0 - STREET_RANK * street)
    problem = Problem(
        graph=graph_from_edges(len(xy), first, second, length[~wet], opened[~wet]),
        households=households,
        work=12 * households + 20,
        persons=np.zeros(len(xy), dtype=np.int64),
        xy=xy,
        area_m2=area,
        compound=compound.astype(np.int32),
        previous=np.full(len(xy), NONE, dtype=np.int32),
        band=Band(),
        target=Band().target,
    )
    shared = np.bincount(pairs.ravel(), np.repeat(length, 2), minlength=len(xy))
    near = length * (street | wet)
    about = f"warped lattice of {rows} x {columns} units"
    community = np.zeros(len(xy), dtype=np.int32)
    return Instance(name, about, problem, community, pairs, length, near, np.maximum(around - shared, 0.0))


def _sides(one: Ints, two: Ints, start: Floats, end: Floats, street: np.ndarray) -> tuple[Ints, Floats, np.ndarray]:
    """Return pairs, lengths and whether they lie on a street, of the sides between rows of units."""
    pairs = np.stack([one.ravel(), two.ravel()], axis=1)
    length = np.hypot(*(end - start).reshape(-1, 2).T)
    along = street if one.shape[1] == len(street) else street[:, None]
    return pairs, length, np.broadcast_to(along, one.shape).ravel()


def _quads(corners: Floats) -> tuple[Floats, Floats, Floats]:
    """Return area, middle and perimeter of every quadrilateral."""
    ring = np.stack([corners[:-1, :-1], corners[:-1, 1:], corners[1:, 1:], corners[1:, :-1]], axis=2).reshape(-1, 4, 2)
    after = np.roll(ring, -1, axis=1)
    area = 0.5 * np.abs((ring[..., 0] * after[..., 1] - ring[..., 1] * after[..., 0]).sum(axis=1))
    return area, ring.mean(axis=1), np.hypot(*(after - ring).transpose(2, 0, 1)).sum(axis=1)

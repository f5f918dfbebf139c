"""Superblocks joined into communities along avenues and the river."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gridplan.synthetic.lattice import Lattice

Box = tuple[int, int, int, int]  # first row, last row + 1, first column, last column + 1


def assign(lattice: Lattice, weight: NDArray[np.float64], urban: int, rural: int) -> NDArray[np.int64]:
    """
    Return the community of every cell of the lattice.

    Parameters
    ----------
    lattice
        Avenues.
    weight
        Dwellings by cell, shape (rows, columns).
    urban, rural
        Number of communities in the town and in the rural row.

    Returns
    -------
    numpy.ndarray
        Positions 0 .. urban + rural - 1, the rural ones last, shape (rows, columns); -1 in the river's row.
        From eight urban communities on, one lies on both banks at the bridge.
    """
    rows, columns = lattice.shape
    label = np.full((rows, columns), -1, dtype=np.int64)
    river, bridge = lattice.river_row, lattice.bridge_column
    boxes: list[Box] = [(1, river, 0, columns), (river + 1, rows, 0, columns)]
    start = 0
    if urban >= 8 and 2 <= bridge <= columns - 2:
        label[river - 1, bridge - 1 : bridge + 1] = label[river + 1, bridge - 1 : bridge + 1] = 0
        start = 1
        boxes = [
            (a, b, c, d)
            for a, b in ((1, river), (river + 1, rows))
            for c, d in ((0, bridge - 1), (bridge + 1, columns))
        ]
        boxes += [(1, river - 1, bridge - 1, bridge + 1), (river + 2, rows, bridge - 1, bridge + 1)]
    boxes = [box for box in boxes if box[0] < box[1] and box[2] < box[3]]
    for box, number in zip(boxes, _shares(boxes, weight, urban - start), strict=True):
        start = _divide(label, weight, box, number, start)
    _divide(label, np.ones_like(weight), (0, 1, 0, columns), rural, start)
    return label


def _cells(box: Box) -> int:
    return (box[1] - box[0]) * (box[3] - box[2])


def _shares(boxes: list[Box], weight: NDArray[np.float64], number: int) -> list[int]:
    """Share communities out over rectangles by dwellings, at least one each and never more than their cells."""
    load = np.array([weight[a:b, c:d].sum() for a, b, c, d in boxes])
    share = [1] * len(boxes)
    for _ in range(number - len(boxes)):
        need = [load[k] / share[k] if share[k] < _cells(box) else -1.0 for k, box in enumerate(boxes)]
        share[int(np.argmax(need))] += 1
    return share


def _divide(label: NDArray[np.int64], weight: NDArray[np.float64], box: Box, number: int, start: int) -> int:
    """Cut a rectangle of cells into `number` rectangles of about equal weight; return the next free label."""
    a, b, c, d = box
    if number == 1:
        label[a:b, c:d] = start
        return start + 1
    first, second, low = _best_cut(weight, box, number)
    start = _divide(label, weight, first, low, start)
    return _divide(label, weight, second, number - low, start)


def _best_cut(weight: NDArray[np.float64], box: Box, number: int) -> tuple[Box, Box, int]:
    """Return the cut of a rectangle that gives every community nearly the same weight and no thin strips."""
    a, b, c, d = box
    total = weight[a:b, c:d].sum()
    best: tuple[float, Box, Box, int] | None = None
    cuts = [((a, r, c, d), (r, b, c, d)) for r in range(a + 1, b)] + [
        ((a, b, c, k), (a, b, k, d)) for k in range(c + 1, d)
    ]
    for first, second in cuts:
        share = weight[first[0] : first[1], first[2] : first[3]].sum() / max(total, 1e-9)
        low = int(np.clip(round(share * number), 1, number - 1))
        if low > _cells(first) or number - low > _cells(second):
            continue
        sides = [(box[1] - box[0], box[3] - box[2]) for box in (first, second)]
        thin = sum(max(side) / min(side) for side in sides)
        cost = abs(share - low / number) * number + 0.06 * thin
        if best is None or cost < best[0]:
            best = (cost, first, second, low)
    if best is None:
        raise ValueError(f"{number} communities do not fit into {_cells(box)} superblocks")
    return best[1:]

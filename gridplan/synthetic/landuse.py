"""What each superblock of a town is used for: old streets near the bridge, estates around, huts and works outside."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gridplan.synthetic.lattice import Lattice

# Share of the superblocks, in the order of their distance from the bridge. The shares are ours, not a statistic:
# they give about 1,000 dwellings per superblock and some 12 dwellings per building.
QUOTAS = (("old", 0.34), ("slab", 0.33), ("tower", 0.13), ("bungalow", 0.16), ("works", 0.04))
DISPERSED = (("civic", 0.05), ("park", 0.03))
DISTANCE_NOISE = 0.22

# How a superblock is cut by streets: (strips from west to east, blocks in each strip), one of them by chance.
CUTS = {
    "tower": ((1, 1), (2, 1), (1, 2)),
    "slab": ((2, 1), (2, 2), (1, 2)),
    "old": ((3, 3), (2, 3), (3, 2)),
    "bungalow": ((3, 3), (2, 3)),
    "civic": ((2, 2),),
    "park": ((1, 1),),
    "works": ((2, 1),),
    "estate": ((1, 1),),
    "landmark": ((1, 1),),
    "rural": ((1, 2),),
    "river": (),
}
# The blocks of a civic superblock, from the largest down. Only two are exclusive areas: see `exclusive`.
CIVIC = (("school", "slab", "square", "slab"), ("market", "slab", "square", "slab"))


def uses(lattice: Lattice, rng: np.random.Generator, *, landmarks: bool) -> NDArray[np.object_]:
    """
    Return the use of every cell of the lattice, shape (rows, columns).

    Parameters
    ----------
    lattice
        Avenues of the town.
    rng
        Source of chance.
    landmarks
        Whether to set the estate of 40 buildings and the tower above 500 households.
    """
    rows, columns = lattice.shape
    result = np.full((rows, columns), "rural", dtype=object)
    result[lattice.river_row] = "river"
    inner = [(j, i) for j in range(1, rows) for i in range(columns) if j != lattice.river_row]
    if landmarks:
        result[lattice.estate] = "estate"
        inner.remove(lattice.estate)
    order = [inner[k] for k in np.argsort(_distance(lattice, inner, rng), kind="stable")]
    for cell, use in zip(order, _by_quota(len(order), rng), strict=True):
        result[cell] = use
    if landmarks:
        towers = [cell for cell in order if result[cell] == "tower"]
        result[towers[len(towers) // 2] if towers else order[-1]] = "landmark"
    return result


def _distance(lattice: Lattice, cells: list[tuple[int, int]], rng: np.random.Generator) -> NDArray[np.float64]:
    """Return each cell's distance from the south end of the bridge, in shares of the town's size, blurred."""
    centres = np.array([lattice.corners(*cell).mean(axis=0) for cell in cells])
    away = np.hypot(*(centres - lattice.nodes[lattice.river_row, lattice.bridge_column]).T)
    return np.asarray(away / away.max() + rng.normal(0, DISTANCE_NOISE, len(cells)))


def _by_quota(count: int, rng: np.random.Generator) -> list[str]:
    """Return uses in the order of distance: the dispersed ones at chance places among the others."""
    dispersed = [use for use, share in DISPERSED for _ in range(max(1 + (use == "civic"), round(share * count)))]
    rest = count - len(dispersed)
    ends = np.round(np.cumsum([share for _, share in QUOTAS]) * rest).astype(int)
    ordered = [use for (use, _), n in zip(QUOTAS, np.diff(ends, prepend=0), strict=True) for _ in range(n)]
    for use in dispersed:
        ordered.insert(int(rng.integers(len(ordered) + 1)), use)
    return ordered

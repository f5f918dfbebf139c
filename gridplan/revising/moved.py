"""How many households change grid: the measure that a revision makes small."""

from __future__ import annotations

import numpy as np

from gridplan.partition.problem import NONE, Ints, Labels
from gridplan.partition.search import region_sums


def shared_with_present(labels: Labels, previous: Labels, households: Ints, n_present: int) -> Ints:
    """
    Return the households that regions and present grids share.

    Parameters
    ----------
    labels
        Shape (n_units,): region of each unit, 0..k-1.
    previous
        Shape (n_units,): present grid of each unit, 0..n_present-1, or -1.
    households
        Shape (n_units,).
    n_present
        Number of present grids.

    Returns
    -------
    shared
        Shape (k, n_present).
    """
    k = int(labels.max(initial=NONE)) + 1
    inside = previous != NONE
    pair = labels[inside] * np.int64(n_present) + previous[inside]
    return region_sums(pair, k * n_present, households[inside]).reshape(k, n_present)


def kept_households(shared: Ints, region_total: Ints, present_total: Ints) -> Ints:
    """
    Return the households of each region that keep their grid.

    A region keeps the code of the present grid of which it holds at least half and which makes up at least half of
    it (design 5); of two equal halves one.

    Parameters
    ----------
    shared
        Shape (k, n_present): households that regions and present grids share.
    region_total
        Shape (k,): households of the regions.
    present_total
        Shape (n_present,): households of the present grids, wherever they are now.

    Returns
    -------
    kept
        Shape (k,).
    """
    kept = np.zeros(len(shared), dtype=np.int64)
    if not shared.size:
        return kept
    owner = owners(shared, region_total, present_total)
    held = owner != NONE
    kept[held] = shared[held, owner[held]]
    return kept


def owners(shared: Ints, region_total: Ints, present_total: Ints) -> Ints:
    """Return the present grid whose code each region keeps, shape (k,), or -1; parameters as `kept_households`."""
    owner = np.full(len(shared), NONE, dtype=np.int64)
    able = (2 * shared >= region_total[:, None]) & (2 * shared >= present_total[None, :]) & (shared > 0)
    region, present = np.nonzero(able)
    order = np.lexsort((region, present, -shared[region, present]))
    taken: set[int] = set()
    for r, p in zip(region[order].tolist(), present[order].tolist(), strict=True):
        if owner[r] == NONE and p not in taken:
            owner[r] = p
            taken.add(p)
    return owner

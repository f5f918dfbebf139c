"""Ground without households that fixed areas shut in: it joins an exclusive area, a lock only where it is a sliver."""

from __future__ import annotations

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from gridplan.ground import Ground
from gridplan.site import NONE, FixedArea, Numbers

# A pocket smaller than this is the space between two drawings of one line, not ground that somebody must patrol.
LEAST_POCKET_M2 = 10.0


def with_pockets(ground: Ground, households: Numbers, areas: tuple[FixedArea, ...]) -> Numbers:
    """
    Return the fixed area of each unit, shut-in pockets included.

    Parameters
    ----------
    ground
        Ground of the community.
    households
        Shape (n_units,).
    areas
        Fixed areas of the community.

    Notes
    -----
    A lock stays as it is: a pocket beside locks alone stays free and becomes a grid of its own, named
    ``cut_off_by_lock``, unless it is smaller than `LEAST_POCKET_M2`.
    """
    fixed, borders = ground.fixed.copy(), ground.borders
    if not areas or (fixed == NONE).all():
        return fixed
    free = fixed == NONE
    both = free[borders.first] & free[borders.second]
    links = coo_matrix((np.ones(both.sum()), (borders.first[both], borders.second[both])), shape=(len(fixed),) * 2)
    count, part = connected_components(links, directed=False)
    inhabited = np.bincount(part, households * free, minlength=count) > 0
    size = np.bincount(part, ground.area_m2 * free, minlength=count)
    exclusive = np.array([not area.locked for area in areas])
    for pocket in np.unique(part[free]):
        small = size[pocket] < LEAST_POCKET_M2
        if inhabited[pocket] or not (small or inhabited.any()):
            continue
        shared = _shared_with_areas(ground, part == pocket, len(areas))
        candidates = np.where(exclusive | small, shared, 0.0)
        if candidates.max() > 0:
            fixed[part == pocket] = int(candidates.argmax())
    return fixed


def _shared_with_areas(ground: Ground, mine: np.ndarray, n_areas: int) -> np.ndarray:
    """Return the length that some units share with each fixed area, metres."""
    borders = ground.borders
    shared = np.zeros(n_areas)
    for here, there in ((borders.first, borders.second), (borders.second, borders.first)):
        beside = mine[here] & (ground.fixed[there] != NONE)
        np.add.at(shared, ground.fixed[there][beside], borders.length_m[beside])
    return shared

"""Which of today's grids every unit lies in, pieces of ground without a building included."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray

from gridplan.partition.problem import NONE, Ints
from gridplan.site import Present


def present_of_units(present: Present, xy: NDArray[np.float64], of_buildings: Ints) -> Ints:
    """
    Return the row of today's grids for each unit, or -1.

    Parameters
    ----------
    present
        Today's grids around the community.
    xy
        Shape (n_units, 2): a point inside each unit, metres, in the CRS of the grids.
    of_buildings
        Shape (n_units,): today's grid of the unit's buildings, -1 where it has none; goes before the point.
    """
    found = of_buildings.copy()
    # A locked grid's ground is none of the solver's: buildings outside it have left it.
    found[~np.isin(found, present.row)] = NONE
    bare = np.flatnonzero(found == NONE)
    if not len(present.row) or not len(bare):
        return found
    unit, grid = shapely.STRtree(present.polygons).query(shapely.points(xy[bare]), predicate="intersects")
    # On an overlap the lower code, which comes first, owns the point: written last.
    order = np.argsort(-grid, kind="stable")
    found[bare[unit[order]]] = present.row[grid[order]]
    return found

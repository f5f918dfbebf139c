"""Which grid of a department's layer holds most of something: a building by its footprint or point, ground by area."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from gridplan.site import NONE, Geometries, Numbers


@dataclass(frozen=True)
class Shares:
    """
    What lies in which grid of one layer, by how much; sorted by item, the largest share first, then by row.

    Parameters
    ----------
    item, row
        Shape (n,): number of the item, and of the grid that it meets.
    share
        Shape (n,): part of the item inside the grid, 0 < share <= 1; 1 for a point inside or on the border.
    """

    item: Numbers
    row: Numbers
    share: NDArray[np.float64]

    def owners(self, n_items: int) -> Numbers:
        """
        Return the grid that holds most of each item; the lower row on a tie, -1 where none holds any.

        Parameters
        ----------
        n_items
            Number of items.
        """
        owner = np.full(n_items, NONE, dtype=np.int64)
        items, first = np.unique(self.item, return_index=True)
        owner[items] = self.row[first]
        return owner


def shares_of(items: Geometries, polygons: Geometries) -> Shares:
    """
    Return the shares of items in polygons that may overlap and leave gaps.

    Parameters
    ----------
    items
        Shape (n_items,): valid Points, Polygons or MultiPolygons.
    polygons
        Shape (n_grids,): valid Polygons or MultiPolygons, in the same projected CRS.
    """
    if not len(items) or not len(polygons):
        none = np.empty(0, dtype=np.int64)
        return Shares(none, none, np.empty(0))
    item, row = shapely.STRtree(polygons).query(items, predicate="intersects")
    share = np.ones(len(item))
    areal = shapely.get_dimensions(items[item]) == 2
    inside = shapely.area(shapely.intersection(items[item[areal]], polygons[row[areal]]))
    share[areal] = np.minimum(inside / shapely.area(items[item[areal]]), 1.0)
    # Shares are compared to a millionth: rounding of an overlay decides no owner.
    share = np.round(share, 6)
    order = np.lexsort((row, -share, item))
    order = order[share[order] > 0.0]
    return Shares(item[order].astype(np.int64), row[order].astype(np.int64), share[order])

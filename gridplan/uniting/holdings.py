"""Which grid of a department each building is in, how sure that is, and who else could claim it."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from gridplan.site import NONE, Geometries, Numbers
from gridplan.uniting.department import Department
from gridplan.uniting.owners import Shares, shares_of

#: A second claim of less than this part of a footprint leaves no doubt: a drawn line clips a corner.
CLAIM = 0.1


@dataclass(frozen=True)
class Holding:
    """
    The buildings of a district in one department's grids.

    Parameters
    ----------
    owner
        Shape (n_buildings,): row of the grid that holds most of each building; -1 where none holds any of it.
    rival
        Shape (n_buildings,): row of the grid with the next best claim where there is doubt, else -1.
    share
        Shape (n_buildings,): part of the building inside its owner.
    doubt
        Shape (n_buildings,): ``overlap`` (two grids claim the same ground of it), ``divided`` (a border runs through
        it), ``near_border`` (its place lies within the tolerance of another grid), ``gap`` (in no grid, one is within
        the tolerance) or None.
    """

    owner: Numbers
    rival: Numbers
    share: NDArray[np.float64]
    doubt: NDArray[np.object_]


def hold(buildings: gpd.GeoDataFrame, department: Department, tolerance_m: float) -> Holding:
    """
    Place buildings in a department's grids.

    Parameters
    ----------
    buildings
        Buildings of the district, points or footprints.
    department
        The department, in the same CRS.
    tolerance_m
        Distance from another grid's border within which a building's place is in doubt, metres.
    """
    shapes = np.asarray(buildings.geometry.values, dtype=object)
    shares = shares_of(shapes, department.polygons)
    owner = shares.owners(len(shapes))
    share = np.zeros(len(shapes))
    items, first = np.unique(shares.item, return_index=True)
    share[items] = shares.share[first]
    rival, doubt = _rivals(shares, len(shapes))
    near = _near(shapes, department.polygons, owner, tolerance_m)
    new = (rival == NONE) & (near != NONE)
    rival[new] = near[new]
    doubt[new] = np.where(owner[new] == NONE, "gap", "near_border")
    return Holding(owner, rival, share, doubt)


def _rivals(shares: Shares, n: int) -> tuple[Numbers, NDArray[np.object_]]:
    """Return the second claim on each item, where it is one, and of which kind."""
    rival, doubt = np.full(n, NONE, dtype=np.int64), np.full(n, None, dtype=object)
    second = np.flatnonzero(np.r_[False, shares.item[1:] == shares.item[:-1]])
    second = second[np.r_[True, shares.item[second][1:] != shares.item[second][:-1]]] if len(second) else second
    second = second[shares.share[second] >= CLAIM]
    item = shares.item[second]
    rival[item] = shares.row[second]
    both = shares.share[second] + shares.share[second - 1]
    doubt[item] = np.where(both > 1.0 + CLAIM, "overlap", "divided")
    return rival, doubt


def _near(shapes: Geometries, polygons: Geometries, owner: Numbers, tolerance_m: float) -> Numbers:
    """Return the nearest other grid within the tolerance of each building's place, the lower row on a tie, or -1."""
    found = np.full(len(shapes), NONE, dtype=np.int64)
    if not len(polygons) or not len(shapes):
        return found
    places = shapely.point_on_surface(shapes)
    item, row = shapely.STRtree(polygons).query(places, predicate="dwithin", distance=tolerance_m)
    other = row != owner[item]
    item, row = item[other], row[other]
    distance = np.round(shapely.distance(places[item], polygons[row]), 3)
    order = np.lexsort((-row, -distance, item))
    # Written from the farthest to the nearest, the lower of equals last.
    found[item[order]] = row[order]
    return found


def doubtful_layer(
    buildings: gpd.GeoDataFrame, departments: tuple[Department, ...], holdings: tuple[Holding, ...]
) -> gpd.GeoDataFrame:
    """
    Return every building whose grid of a department is in doubt, or that lies in none.

    Parameters
    ----------
    buildings
        Buildings of the district.
    departments, holdings
        The departments and where their grids hold the buildings.

    Returns
    -------
    doubtful
        ``department, building_id, old_code`` (the grid taken, null for none)``, other_code, reason, share,
        households, geometry`` (a point of the building).
    """
    frames = []
    ids, households = buildings["building_id"].to_numpy(), buildings["households"].to_numpy()
    for department, holding in zip(departments, holdings, strict=True):
        rows = np.flatnonzero((holding.doubt != None) | (holding.owner == NONE))  # noqa: E711 - element by element
        codes = np.array([*department.codes, None], dtype=object)
        doubt = holding.doubt[rows]
        frames.append(
            pd.DataFrame(
                {
                    "department": department.name,
                    "building_id": ids[rows],
                    "old_code": codes[holding.owner[rows]],
                    "other_code": codes[holding.rival[rows]],
                    "reason": [word or "in_no_grid" for word in doubt],
                    "share": np.round(holding.share[rows], 3),
                    "households": households[rows],
                    "geometry": shapely.point_on_surface(np.asarray(buildings.geometry.values, dtype=object)[rows]),
                }
            )
        )
    frame = pd.concat(frames, ignore_index=True)
    text = ["old_code", "other_code"]
    # pandas makes NaN of None in a column of text.
    frame[text] = frame[text].astype(object).where(frame[text].notna(), None)
    return gpd.GeoDataFrame(frame, geometry="geometry", crs=buildings.crs)

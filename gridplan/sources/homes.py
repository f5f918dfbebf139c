"""
Which community each building belongs to: the one that holds most of its footprint, or its point.

A building up to 2 m outside snaps to the nearest community; farther out is a fault. A given community_code is
taken where it names a community within 2 m of the building and is refused where it contradicts the map.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from gridplan.schema import LAYERS
from gridplan.sources.layers import complain
from gridplan.sources.log import FaultLog

SNAP_M = 2.0
# A building straddles a border where a second community holds more than this share of it; less is digitising.
STRADDLE_SHARE = 0.01
NOWHERE = -1
Geometries = NDArray[Any]
Positions = NDArray[np.int64]


@dataclass(frozen=True)
class Homes:
    """
    The communities of geometries.

    Parameters
    ----------
    position
        Position of the community, -1 for none within 2 m; shape (n,).
    snapped
        Where it lies outside every community, but within 2 m of this one; shape (n,).
    straddling
        Where a second community holds more than 1 % of the footprint; shape (n,).
    """

    position: Positions
    snapped: NDArray[np.bool_]
    straddling: NDArray[np.bool_]


def find_homes(geometry: Geometries, communities: Geometries, *, snap_m: float = SNAP_M) -> Homes:
    """
    Find the community of each geometry.

    Parameters
    ----------
    geometry
        Points and polygons, shape (n,), metres.
    communities
        Settled communities in the order of their codes; a tie goes to the first.
    snap_m
        Distance up to which a geometry outside belongs to the nearest community.
    """
    position = np.full(len(geometry), NOWHERE, dtype=np.int64)
    # The few large polygons ask the tree of the many small ones: the asking side is the one that GEOS prepares.
    which, where = _sorted_pairs(shapely.STRtree(geometry).query(communities, predicate="intersects")[::-1])
    n_hits = np.bincount(which, minlength=len(geometry))
    # The pairs are sorted by community, so writing them backwards leaves the first one.
    position[which[::-1]] = where[::-1]
    straddling = np.zeros(len(geometry), dtype=bool)
    contested = (n_hits > 1)[which] & (shapely.get_dimensions(geometry) == 2)[which]
    if contested.any():
        _decide_by_area(which[contested], where[contested], geometry, communities, position, straddling)
    outside = np.flatnonzero(position == NOWHERE)
    near, nearest_at = _nearest(shapely.STRtree(communities), geometry[outside], snap_m)
    position[outside[near]] = nearest_at
    snapped = np.zeros(len(geometry), dtype=bool)
    snapped[outside[near]] = True
    return Homes(position, snapped, straddling)


def _sorted_pairs(pairs: Positions) -> tuple[Positions, Positions]:
    order = np.lexsort((pairs[1], pairs[0]))
    return pairs[0][order], pairs[1][order]


def _decide_by_area(
    which: Positions,
    where: Positions,
    geometry: Geometries,
    communities: Geometries,
    position: Positions,
    straddling: NDArray[np.bool_],
) -> None:
    """Write the community with the largest share into ``position``, and where a second one has a real share."""
    areas = shapely.area(shapely.intersection(geometry[which], communities[where]))
    order = np.lexsort((where, -areas, which))
    ranked_which, ranked_where, ranked_areas = which[order], where[order], areas[order]
    best = np.r_[True, ranked_which[1:] != ranked_which[:-1]]
    position[ranked_which[best]] = ranked_where[best]
    second = ~best & (ranked_areas > STRADDLE_SHARE * shapely.area(geometry[ranked_which]))
    straddling[ranked_which[second]] = True


def _nearest(tree: Any, geometry: Geometries, snap_m: float) -> tuple[Positions, Positions]:
    """Return which geometries lie within ``snap_m`` of a community, and the nearest one, the first on a tie."""
    if len(geometry) == 0:
        return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64)
    which, where = _sorted_pairs(tree.query_nearest(geometry, max_distance=snap_m))
    first = np.r_[True, which[1:] != which[:-1]] if len(which) else np.empty(0, dtype=bool)
    return which[first], where[first]


def settle_homes(buildings: pd.DataFrame, communities: pd.DataFrame, log: FaultLog) -> pd.DataFrame:
    """
    Give each building its ``home`` and report buildings outside, snapped, straddling or with a wrong code.

    Parameters
    ----------
    buildings
        Checked buildings with geometry; ``community_code`` may be given.
    communities
        Settled communities.
    log
        Takes all faults.

    Returns
    -------
    buildings
        With ``home`` (a community_code), without those outside every community; RangeIndex.
    """
    geometry = buildings["geometry"].to_numpy(dtype=object)
    polygons = communities["geometry"].to_numpy(dtype=object)
    codes = communities["community_code"].to_numpy(dtype=object)
    homes = find_homes(geometry, polygons)
    labels, layer = buildings["label"].to_numpy(), LAYERS["buildings"]
    outside = homes.position == NOWHERE
    lost = int(buildings["households"].to_numpy()[outside].sum())
    complain("buildings-outside", outside, layer, "geometry", labels, log, households=lost)
    complain("buildings-snapped", homes.snapped, layer, "geometry", labels, log)
    complain("buildings-straddling", homes.straddling, layer, "geometry", labels, log)
    position = _given_codes(buildings, homes.position, polygons, codes, log)
    home = np.array([*codes, None], dtype=object)[np.where(outside, len(codes), position)]
    settled = buildings.assign(home=pd.Series(home, index=buildings.index, dtype=object))
    inside: pd.DataFrame = settled[~outside].reset_index(drop=True)
    return inside


def _given_codes(
    buildings: pd.DataFrame, position: Positions, polygons: Geometries, codes: Geometries, log: FaultLog
) -> Positions:
    """Return the positions with given codes taken where they fit; log those unknown or contradicting."""
    given = buildings["community_code"]
    has = given.notna().to_numpy(dtype=bool) & (position != NOWHERE)
    claimed = pd.Index(codes).get_indexer(pd.Index(given.where(has, None)))
    labels, layer = buildings["label"].to_numpy(), LAYERS["buildings"]
    complain("unknown-community-code", has & (claimed == NOWHERE), layer, "community_code", labels, log)
    other = np.flatnonzero(has & (claimed != NOWHERE) & (claimed != position))
    points = shapely.point_on_surface(buildings["geometry"].to_numpy(dtype=object)[other])
    fits = shapely.distance(points, polygons[claimed[other]]) <= SNAP_M
    wrong = np.zeros(len(has), dtype=bool)
    wrong[other[~fits]] = True
    complain("contradicting-community-code", wrong, layer, "community_code", labels, log)
    result = position.copy()
    result[other[fits]] = claimed[other[fits]]
    return result

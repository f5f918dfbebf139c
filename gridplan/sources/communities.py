"""
Communities settled: contested ground gets one owner, so that no two communities overlap.

Real borders are digitised twice and cross by hair's breadths. Ground that two communities claim and that is under
1 % of both goes to the lower code, unless that would cut the loser into more parts than before; more than 1 % is a
dispute that a planner must decide. Holes between communities belong to nobody.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from gridplan.schema import COMMUNITY_CODE_DIGITS
from gridplan.sources.geometry import polygonal, single_parts
from gridplan.sources.log import FaultLog

LAYER = "communities"
# Share of either community up to which contested ground is settled.
MAX_CONTESTED = 0.01
# Overlaps below this are the rounding of an earlier settlement; settling them again would never end.
ROUNDING_M2 = 1e-4
# Crumbs that a difference leaves behind.
DEBRIS_M2 = 0.05
Geometries = NDArray[Any]


def settle_communities(rows: pd.DataFrame, log: FaultLog) -> pd.DataFrame:
    """
    Settle contested ground and report what the borders are like.

    Parameters
    ----------
    rows
        Cleaned communities, one row per code; rows without a usable geometry or code are left out.
    log
        Takes overlaps, settled ground, holes and communities of several parts.

    Returns
    -------
    communities
        ``community_code, name, area_kind, geometry``, sorted by code, RangeIndex; no two overlap by more than
        rounding, except where the log holds ``communities-overlap``.
    """
    usable = rows[rows["community_code"].notna() & rows["geometry"].notna()]
    settled = usable.sort_values("community_code", ignore_index=True)
    codes = settled["community_code"].to_numpy(dtype=object)
    geometry = _settle(codes, settled["geometry"].to_numpy(dtype=object), log)
    _report_parts(codes, geometry, log)
    _report_holes(geometry, log)
    short = [code for code in codes if len(code) < COMMUNITY_CODE_DIGITS]
    if short:
        log.add("short-community-code", LAYER, "community_code", rows=short, digits=COMMUNITY_CODE_DIGITS)
    kinds = settled["area_kind"].where(settled["area_kind"].notna(), "urban")
    return settled[["community_code", "name"]].assign(
        area_kind=kinds, geometry=pd.Series(geometry, index=settled.index, dtype=object)
    )


def overlaps(geometry: Geometries) -> Iterator[tuple[int, int, Any, float]]:
    """
    Yield the pairs of polygons that overlap by more than rounding.

    Parameters
    ----------
    geometry
        Valid polygons, shape (n,).

    Yields
    ------
    first, second, shared, area_m2
        Positions with first < second, in order; the shared ground and its area.
    """
    pairs = shapely.STRtree(geometry).query(geometry, predicate="intersects")
    pairs = pairs[:, pairs[0] < pairs[1]]
    pairs = pairs[:, np.lexsort(pairs[::-1])]
    shared = shapely.intersection(geometry[pairs[0]], geometry[pairs[1]])
    areas = shapely.area(shared)
    for at in np.flatnonzero(areas > ROUNDING_M2):
        yield int(pairs[0, at]), int(pairs[1, at]), shared[at], float(areas[at])


def _settle(codes: Geometries, source: Geometries, log: FaultLog) -> Geometries:
    geometry, areas = source.copy(), shapely.area(source)
    refused: list[tuple[float, str]] = []
    settled: list[tuple[float, str]] = []
    for first, second, _, area in list(overlaps(source)):
        name = f"{codes[first]} & {codes[second]}"
        if area >= MAX_CONTESTED * min(areas[first], areas[second]):
            refused.append((area, name))
            continue
        settled.append((area, name))
        _give(geometry, source, first, second)
    for code, pairs in (("communities-overlap", refused), ("contested-ground", settled)):
        if pairs:
            worst, total = max(area for area, _ in pairs), sum(area for area, _ in pairs)
            names = [name for _, name in sorted(pairs, reverse=True)]
            log.add(code, LAYER, "geometry", rows=names, worst_m2=_round(worst), total_m2=_round(total))
    return geometry


def _round(area_m2: float) -> float:
    return round(area_m2, 2)


def _give(geometry: Geometries, source: Geometries, first: int, second: int) -> None:
    """Give the ground that two communities share to the first, unless only the second can take it in one piece."""
    second_left = _less(geometry[second], geometry[first], source[second])
    if _n_parts(second_left) > _n_parts(geometry[second]):
        first_left = _less(geometry[first], geometry[second], source[first])
        if _n_parts(first_left) <= _n_parts(geometry[first]):
            geometry[first] = first_left
            return
    geometry[second] = second_left


def _n_parts(geometry: Any) -> int:
    return int(shapely.get_num_geometries(geometry))


def _less(loser: Any, winner: Any, source: Any) -> Any:
    """Return the loser without the winner's ground and without crumbs that its source does not have as parts."""
    left = polygonal(np.array([shapely.difference(loser, winner)], dtype=object))[0]
    parts = shapely.get_parts(left)
    crumbs = shapely.area(parts) < DEBRIS_M2
    if crumbs.any():
        small = [part for part in shapely.get_parts(source) if part.area < DEBRIS_M2]
        crumbs &= ~np.array([any(part.equals(own) for own in small) for part in parts])
        parts = parts[~crumbs]
    joined = parts[0] if len(parts) == 1 else shapely.multipolygons(parts)
    return single_parts(np.array([joined], dtype=object))[0]


def _report_parts(codes: Geometries, geometry: Geometries, log: FaultLog) -> None:
    several = shapely.get_num_geometries(geometry) > 1
    if several.any():
        log.add("several-parts", LAYER, "geometry", rows=codes[several].tolist())


def _report_holes(geometry: Geometries, log: FaultLog) -> None:
    """Count the inner rings of the union that no community has as a hole of its own shape."""
    parts = shapely.get_parts(shapely.union_all(geometry)) if len(geometry) else []
    rings = shapely.get_rings(parts)
    outer = shapely.get_exterior_ring(parts)
    if len(rings) > len(outer):
        areas = shapely.area(shapely.polygons([ring for part in parts for ring in part.interiors]))
        areas = areas[areas > ROUNDING_M2]
        if not len(areas):
            return
        log.add(
            "holes-between-communities",
            LAYER,
            "geometry",
            count=len(areas),
            total_m2=_round(float(areas.sum())),
            worst_m2=_round(float(areas.max())),
        )

"""The optional layers: barriers, exclusive areas, today's grids, entrances, checked against the district."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from gridplan.faults import FIRST_ROWS
from gridplan.schema import BARRIER_KINDS, IMPASSABLE_KINDS, LAYERS
from gridplan.sources.communities import overlaps
from gridplan.sources.households import check_households
from gridplan.sources.layers import complain
from gridplan.sources.log import FaultLog

# Locks may differ from each other and from the community's border by the dirt of digitising.
_LOCK_SHARE = 0.01
_LOCK_M2 = 1.0
Geometries = NDArray[Any]


def settle_barriers(rows: pd.DataFrame, log: FaultLog) -> pd.DataFrame:
    """
    Say of each barrier whether it can be crossed: ``passable`` where given, else by its kind.

    Parameters
    ----------
    rows
        Cleaned barriers.
    log
        Takes the kinds that nobody knows: a river by another name would silently be passable.
    """
    kind = _known_spelling(rows["kind"])
    unknown = kind.notna() & ~kind.isin(BARRIER_KINDS) & rows["passable"].isna()
    if unknown.any():
        names = sorted(kind[unknown].unique())
        value = ", ".join(names[:FIRST_ROWS]) + (", …" if len(names) > FIRST_ROWS else "")
        log.add("unknown-barrier-kind", "barriers", "kind", rows=rows["label"][unknown].tolist(), value=value)
    by_kind = ~kind.isin(IMPASSABLE_KINDS)
    passable = rows["passable"].where(rows["passable"].notna(), by_kind).astype(bool)
    usable = rows["geometry"].notna() & kind.notna()
    return rows.assign(kind=kind, passable=passable)[usable].reset_index(drop=True)


def _known_spelling(kind: pd.Series) -> pd.Series:
    """Return kinds of the contract in its own small letters, all others as they are."""
    folded = kind.map(str.casefold, na_action="ignore")
    return kind.where(~folded.isin(BARRIER_KINDS), folded)


def settle_exclusive(rows: pd.DataFrame, communities: pd.DataFrame | None, log: FaultLog) -> pd.DataFrame:
    """
    Report exclusive areas that lie outside every community.

    Parameters
    ----------
    rows
        Cleaned exclusive areas.
    communities
        Settled communities or None.
    log
        Takes the fault.
    """
    rows = rows[rows["geometry"].notna()].reset_index(drop=True)
    if communities is not None and len(communities):
        shares = _Shares(rows["geometry"].to_numpy(dtype=object), communities)
        names = rows["name"].where(rows["name"].notna(), rows["label"]).to_numpy()
        complain("exclusive-outside", shares.total == 0, LAYERS["exclusive"], "geometry", names, log)
    return rows


def report_claimed_twice(exclusive: pd.DataFrame, grids: pd.DataFrame | None, log: FaultLog) -> None:
    """
    Report ground that exclusive areas share with each other or with locked grids: one of them gets it.

    Parameters
    ----------
    exclusive
        Settled exclusive areas.
    grids
        Settled grids of today or None.
    log
        Takes the fault.
    """
    locks = None if grids is None else grids[grids["locked"]]
    shapes = exclusive["geometry"].to_numpy(dtype=object)
    names = exclusive["name"].to_numpy(dtype=object)
    if locks is not None:
        shapes = np.concatenate([shapes, locks["geometry"].to_numpy(dtype=object)])
        names = np.concatenate([names, locks["grid_code"].to_numpy(dtype=object)])
    pairs = [
        (area, f"{names[first]} & {names[second]}")
        for first, second, _, area in overlaps(shapes)
        if first < len(exclusive) and area > _LOCK_M2
    ]
    if pairs:
        labels = [name for _, name in sorted(pairs, reverse=True)]
        worst = round(max(pairs)[0], 2)
        log.add("exclusive-overlap", "exclusive", "geometry", rows=labels, worst_m2=worst)


class _Shares:
    """Area of each polygon in its main community and in all communities together, square metres."""

    def __init__(self, geometry: Geometries, communities: pd.DataFrame) -> None:
        polygons = communities["geometry"].to_numpy(dtype=object)
        which, where = shapely.STRtree(polygons).query(geometry, predicate="intersects")
        areas = shapely.area(shapely.intersection(geometry[which], polygons[where]))
        self.total = np.bincount(which, weights=areas, minlength=len(geometry))
        self.main = np.zeros(len(geometry))
        np.maximum.at(self.main, which, areas)
        home = np.full(len(geometry), -1)
        # Written in order of area, so that the largest stays; of equals the lowest code, which comes first.
        order = np.lexsort((-where, areas))
        order = order[areas[order] > 0]
        home[which[order]] = where[order]
        self.home = home


def settle_grids(rows: pd.DataFrame, communities: pd.DataFrame | None, log: FaultLog) -> pd.DataFrame:
    """
    Give today's grids their ``home`` and refuse locks that overlap or lie in two communities.

    Parameters
    ----------
    rows
        Cleaned grids.
    communities
        Settled communities or None.
    log
        Takes the faults.

    Returns
    -------
    grids
        With ``kind`` (``basic`` where none is given), ``locked`` (bool) and ``home`` (community_code or None).
    """
    usable = rows["geometry"].notna() & rows["grid_code"].notna()
    rows = rows[usable].sort_values("grid_code", ignore_index=True)
    rows = rows.assign(
        kind=rows["kind"].where(rows["kind"].notna(), "basic"),
        locked=rows["locked"].eq(True).fillna(value=False).astype(bool),
        home=pd.Series(np.full(len(rows), None, dtype=object), index=rows.index, dtype=object),
    )
    _check_locks(rows, log)
    if communities is None or not len(communities):
        return rows
    shares = _Shares(rows["geometry"].to_numpy(dtype=object), communities)
    codes = np.array([*communities["community_code"], None], dtype=object)
    astray = shares.total - shares.main > _LOCK_SHARE * shapely.area(rows["geometry"].to_numpy(dtype=object))
    locked, labels, layer = rows["locked"].to_numpy(), rows["label"].to_numpy(), LAYERS["grids"]
    complain("lock-in-two-communities", locked & astray, layer, "geometry", labels, log)
    complain("lock-outside", locked & (shares.home < 0), layer, "geometry", labels, log)
    complain("grid-outside", ~locked & (shares.home < 0), layer, "geometry", labels, log)
    return rows.assign(home=pd.Series(codes[shares.home], index=rows.index, dtype=object))


def _check_locks(rows: pd.DataFrame, log: FaultLog) -> None:
    locks = rows[rows["locked"]]
    geometry, codes = locks["geometry"].to_numpy(dtype=object), locks["grid_code"].to_numpy(dtype=object)
    areas = shapely.area(geometry)
    pairs = [
        (area, f"{codes[first]} & {codes[second]}")
        for first, second, _, area in overlaps(geometry)
        if area > max(_LOCK_M2, _LOCK_SHARE * min(areas[first], areas[second]))
    ]
    if pairs:
        names = [name for _, name in sorted(pairs, reverse=True)]
        log.add("locks-overlap", "grids", "geometry", rows=names, worst_m2=round(max(pairs)[0], 2))


def settle_entrances(rows: pd.DataFrame, buildings: pd.DataFrame, known_ids: pd.Series, log: FaultLog) -> pd.DataFrame:
    """
    Check that the entrances of a building hold its households.

    Parameters
    ----------
    rows
        Cleaned entrances.
    buildings
        Settled buildings.
    known_ids
        Ids of all buildings of the source; entrances of buildings that were left out go without a word.
    log
        Takes the faults.
    """
    layer = LAYERS["entrances"]
    rows = check_households(rows, layer, log)
    unknown = ~rows["building_id"].isin(known_ids).to_numpy(dtype=bool) & rows["building_id"].notna().to_numpy()
    complain("unknown-building", unknown, layer, "building_id", rows["label"].to_numpy(), log)
    rows = rows[rows["building_id"].isin(buildings["building_id"]) & rows["entrance"].notna()]
    sums = rows.groupby("building_id")["households"].sum()
    whole = buildings.set_index("building_id")["households"].reindex(sums.index)
    differ = sums.index[(sums != whole).to_numpy(dtype=bool)]
    if len(differ):
        first = differ[0]
        log.add(
            "entrances-sum",
            layer.name,
            "households",
            rows=differ.tolist(),
            entrances=int(sums[first]),
            building=int(whole[first]),
        )
    return rows.reset_index(drop=True)

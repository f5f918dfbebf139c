"""The settled frames in one canonical order, and the digest of their content."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS

from gridplan.schema import SPECIAL_GROUPS

if TYPE_CHECKING:
    from gridplan.district import District

#: Columns of each layer of a district, in order; geometry comes last where there is one.
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "communities": ("community_code", "name", "area_kind"),
    "buildings": (
        "building_id",
        "households",
        "home",
        "compound_id",
        "persons",
        "floors",
        "village_group",
        "address",
        "work_min",
        "estimated",
        *SPECIAL_GROUPS,
    ),
    "barriers": ("kind", "passable", "name"),
    "grids": ("grid_code", "name", "kind", "locked", "last_code", "home"),
    "exclusive": ("name",),
    "entrances": ("building_id", "entrance", "households"),
    "addresses": ("address_id", "address", "building_id", "aliases"),
    "incidents": ("incident_id", "reported_at", "category", "address", "status", "closed_at", "satisfaction"),
}
# Columns that came later than the first districts: absent where nothing is known, and then no part of the content.
_LATER: Mapping[str, str] = {"barriers": "name", "grids": "last_code"}
_SORT_BY: Mapping[str, tuple[str, ...]] = {
    "communities": ("community_code",),
    "buildings": ("building_id",),
    "barriers": ("kind", "passable", "_wkb", "name"),
    "grids": ("grid_code",),
    "exclusive": ("name", "_wkb"),
    "entrances": ("building_id", "entrance"),
    "addresses": ("address_id",),
    "incidents": ("incident_id",),
}


def canonical(rows: pd.DataFrame, layer: str, crs: CRS | None) -> gpd.GeoDataFrame:
    """
    Return the settled rows of a layer with the district's columns, in an order that the file's has no part in.

    Parameters
    ----------
    rows
        Settled rows with ``geometry`` (object). Of the columns only the counts of special groups, the names of
        barriers and the last codes of grids may be absent.
    layer
        Layer of the contract.
    crs
        Their CRS.
    """
    later = _LATER.get(layer)
    rows = rows if later is None or later in rows else rows.assign(**{later: None})
    keys = rows.assign(_wkb=_wkb(rows["geometry"])) if "_wkb" in _SORT_BY[layer] else rows
    ordered = keys.sort_values(list(_SORT_BY[layer]), ignore_index=True, kind="stable")
    absent = [name for name in COLUMNS[layer] if name in SPECIAL_GROUPS and name not in ordered]
    ordered = ordered.assign(**dict.fromkeys(absent, np.nan))
    frame = ordered[list(COLUMNS[layer])]
    return gpd.GeoDataFrame(frame, geometry=gpd.GeoSeries(ordered["geometry"].to_numpy(dtype=object), crs=crs))


def _wkb(geometry: Iterable[object]) -> list[bytes]:
    return [value or b"" for value in shapely.to_wkb(np.asarray(list(geometry), dtype=object), byte_order=1)]


def digest_of(district: District) -> str:
    """
    Return the SHA-256 of a district's content: CRS, which count, every layer with all its values.

    Name, rules and faults are no content: the same district under another file name, or with dirt that was
    repaired the same way, is the same district.

    Parameters
    ----------
    district
        A district with its frames in canonical order.

    Returns
    -------
    digest
        64 hexadecimal digits.
    """
    sha = hashlib.sha256()
    sha.update(json.dumps([district.crs.to_wkt(), district.households_are]).encode())
    for layer, columns in COLUMNS.items():
        frame = getattr(district, layer)
        if frame is None:
            continue
        sha.update(f"\n{layer} {len(frame)}\n".encode())
        for column in columns:
            if (column in SPECIAL_GROUPS or column == _LATER.get(layer)) and frame[column].isna().all():
                continue
            values = [None if value is None or value != value else value for value in frame[column].tolist()]
            sha.update(json.dumps([column, values], ensure_ascii=True, default=str).encode())
        for wkb in _wkb(frame["geometry"]):
            sha.update(len(wkb).to_bytes(8, "little") + wkb)
    return sha.hexdigest()

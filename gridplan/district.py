"""The district as read, checked and settled: what every later step works on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import pandas as pd
from pyproj import CRS

from gridplan.faults import Fault


@dataclass(frozen=True)
class District:
    """
    A district in one projected metric CRS, free of faults.

    All frames have a RangeIndex; ids and codes are text; an absent optional layer is None. Optional
    columns of the contract that the source lacks are present and null.

    Parameters
    ----------
    name
        Stem of the source's file name.
    crs
        Projected CRS in metres, never EPSG:3857; every frame with geometry is in it.
    communities
        ``community_code, name, area_kind ("urban" | "rural"), geometry`` (valid Polygon or MultiPolygon);
        contested ground is settled, so no two overlap by more than rounding.
    buildings
        ``building_id, households (int64), geometry (valid Point, Polygon or MultiPolygon), home`` (the
        community_code that the building belongs to), ``compound_id, persons, floors, village_group, address,
        work_min, estimated (bool: the households are an estimate)``, and the counts of
        `gridplan.schema.SPECIAL_GROUPS`.
    barriers
        ``kind, passable (bool), name (may be null), geometry`` (lines and polygons), or None.
    grids
        Today's grids: ``grid_code, name, kind, locked (bool), home (community_code or None), geometry``, or None.
    exclusive
        ``name, geometry`` or None.
    entrances
        ``building_id, entrance, households (int64), geometry (may be null)`` or None.
    addresses, incidents
        The layers as the contract names them, or None.
    households_are
        Which count ``households`` is (``registered``, ``resident``, ...), or None where the source does not say.
    notice
        What every output must say of the data (that they are synthetic, say), or None.
    rules
        The ``[rules]`` table of the source, or an empty mapping.
    faults
        Warnings and notes, and the accepted errors, each with its count.
    digest
        SHA-256 of the settled content, independent of the order of rows.
    """

    name: str
    crs: CRS
    communities: gpd.GeoDataFrame
    buildings: gpd.GeoDataFrame
    barriers: gpd.GeoDataFrame | None = None
    grids: gpd.GeoDataFrame | None = None
    exclusive: gpd.GeoDataFrame | None = None
    entrances: pd.DataFrame | None = None
    addresses: pd.DataFrame | None = None
    incidents: pd.DataFrame | None = None
    households_are: str | None = None
    notice: str | None = None
    rules: Mapping[str, Any] = field(default_factory=dict)
    faults: tuple[Fault, ...] = ()
    digest: str = ""

"""Areas and lists of buildings from files of any format that a source may have."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from pyproj import CRS

from gridplan.errors import InputError, LocateError
from gridplan.sources.formats import read_table
from gridplan.sources.log import FaultLog
from gridplan.sources.manifest import Table
from gridplan.sources.named import read_named


def read_area(path: str | Path, crs: Any) -> gpd.GeoSeries:
    """
    Read the polygons that somebody drew.

    Parameters
    ----------
    path
        GeoJSON, shapefile, GeoPackage, ...
    crs
        CRS of the coordinates where the file states none.

    Returns
    -------
    shapes
        Polygons in the file's CRS.

    Raises
    ------
    InputError
        If the file cannot be read.
    LocateError
        If it holds no polygon.
    """
    log = FaultLog()
    raw = read_table(Table("area", Path(path).absolute(), str(path)), log)
    if log.broken or raw is None:
        raise InputError(log.sorted())
    shapes = np.asarray([] if raw.geometry is None else raw.geometry, dtype=object)
    flat = shapes[shapely.get_dimensions(shapes) == 2]
    if not len(flat):
        raise LocateError(f"{path}: expected polygons; found {len(shapes)} geometries and no polygon among them")
    return gpd.GeoSeries(flat, crs=raw.crs or CRS.from_user_input(crs))


def read_buildings(path: str | Path) -> list[str]:
    """
    Read a list of buildings.

    Parameters
    ----------
    path
        Table with the column ``building_id`` or one of its Chinese names.

    Raises
    ------
    InputError
        If the file or the column is missing, or a row has no id.
    """
    log = FaultLog()
    rows = read_named(path, "buildings", ("building_id",), log)
    empty = rows["building_id"].isna()
    if empty.any():
        log.add(
            "empty-id", "buildings", "building_id", rows=[int(at) + 1 for at in np.flatnonzero(empty)], file=str(path)
        )
    if log.broken:
        raise InputError(log.sorted())
    return [str(each) for each in rows["building_id"]]

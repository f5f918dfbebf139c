"""Registers that come as layers of geofiles: their rows, and their points as longitude and latitude."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd

from gridplan.errors import IncidentError, InputError
from gridplan.sources.formats import read_table
from gridplan.sources.log import FaultLog
from gridplan.sources.manifest import Table
from gridplan.sources.sniff import Format, detect

# Formats whose rows have geometry. A table in Parquet, Excel or CSV has columns.
_GEOFILES = {Format.GEOPACKAGE, Format.SHAPEFILE, Format.GEOJSON, Format.FLATGEOBUF, Format.GML, Format.ZIP}
#: Columns that the points become; they go before columns of these names.
PLACE = ("lon", "lat")


def is_geofile(path: Path) -> bool:
    """Tell whether a file has layers, by its content; a file that is not there has none."""
    return path.is_file() and detect(path)[0] in _GEOFILES


def read_geofile(path: Path, layer: str = "") -> pd.DataFrame:
    """
    Read a layer of a register.

    Parameters
    ----------
    path
        A file as `is_geofile` tells.
    layer
        Its layer; the only one, or ``incidents``, where empty.

    Returns
    -------
    rows
        Its columns and, where it has geometry, ``lon, lat`` (EPSG:4326, NaN for none).

    Raises
    ------
    InputError
        If it cannot be read, or it is not clear which layer is meant.
    IncidentError
        If its geometry is no points, or says not where on earth it lies.
    """
    log = FaultLog()
    raw = read_table(Table("incidents", path.absolute(), str(path), sublayer=layer or None), log)
    if raw is None or log.broken:
        raise InputError(log.sorted())
    if raw.geometry is None:
        return raw.frame
    return with_places(raw.frame, gpd.GeoSeries(raw.geometry, crs=raw.crs), str(path))


def with_places(frame: pd.DataFrame, points: gpd.GeoSeries, what: str) -> pd.DataFrame:
    """
    Return rows with their points as columns.

    Parameters
    ----------
    frame, points
        Rows, and where they are, in any CRS; missing and empty ones are nowhere.
    what
        What the rows come from, for messages.

    Raises
    ------
    IncidentError
        If there are others than points, or no CRS.
    """
    there = points.notna() & ~points.is_empty
    others = sorted(set(points[there].geom_type) - {"Point"})
    if others:
        raise IncidentError(f"{what}: expected points; found {', '.join(others)}. Take a point of each first.")
    if points.crs is None:
        raise IncidentError(f"{what}: expected a layer with a CRS; found none. Set it, as the GIS knows it.")
    degrees = points.to_crs("EPSG:4326")
    places = {name: np.where(there, axis, np.nan) for name, axis in zip(PLACE, (degrees.x, degrees.y), strict=True)}
    return frame.drop(columns=[name for name in PLACE if name in frame]).assign(**places)

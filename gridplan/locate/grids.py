"""The grids of a plan as lookups need them: by code, in a metric CRS, none without ground."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from gridplan.datum import Datum
from gridplan.errors import InputError
from gridplan.schema import nearest
from gridplan.sources.columns import as_text
from gridplan.sources.formats import read_table
from gridplan.sources.frames import Frame, keeps_areas, project, to_lonlat, zone_of
from gridplan.sources.log import FaultLog
from gridplan.sources.manifest import Table

if TYPE_CHECKING:
    from gridplan.plan import Plan

LAYER, CODE = "grids", "grid_code"
_POLYGONS = ("Polygon", "MultiPolygon")


@dataclass(frozen=True)
class Grids:
    """
    The grids of a plan, by code.

    Parameters
    ----------
    codes
        Codes as text, rising, each once; shape (n_grids,).
    polygons
        Polygons and multipolygons in ``crs``, shape (n_grids,).
    crs
        A projected CRS in metres; a local one, or None, where the plan has no place on the globe.
    """

    codes: NDArray[np.object_]
    polygons: NDArray[Any]
    crs: CRS | None

    def __len__(self) -> int:
        return len(self.codes)


def read_grids(path: str | Path) -> Grids:
    """
    Read the grids of a plan's file, or of any geofile that gridplan reads.

    Parameters
    ----------
    path
        A plan's GeoPackage (its layer ``grids`` is taken), or a file with the columns ``grid_code`` and a geometry.

    Raises
    ------
    InputError
        If the file cannot be read, or as :func:`grids_from_frame`.
    """
    path = Path(path)
    log = FaultLog()
    raw = read_table(Table(LAYER, path.absolute(), str(path)), log)
    if raw is None:
        raise InputError(log.sorted())
    geometry = np.full(len(raw.frame), None, dtype=object) if raw.geometry is None else raw.geometry
    return grids_from_frame(gpd.GeoDataFrame(raw.frame, geometry=geometry, crs=raw.crs), file=str(path))


def grids_of(plan: Plan | gpd.GeoDataFrame | str | Path) -> Grids:
    """
    Return the grids of a plan, of a frame or of a file.

    Parameters
    ----------
    plan
        A plan, its frame of grids, or the path of its file.

    Raises
    ------
    InputError
        As :func:`read_grids`.
    """
    if isinstance(plan, (str, Path)):
        return read_grids(plan)
    return grids_from_frame(plan if isinstance(plan, gpd.GeoDataFrame) else plan.grids)


def grids_from_frame(frame: gpd.GeoDataFrame, *, datum: Datum = "wgs84", file: str = "") -> Grids:
    """
    Take grids from a frame.

    Parameters
    ----------
    frame
        With ``grid_code`` and a geometry. A frame in degrees, or in a projection that stretches areas, is carried
        into the metric zone of its place.
    datum
        Datum of the frame's coordinates, where its CRS cannot say it.
    file
        File that the frame was read from, for messages.

    Raises
    ------
    InputError
        If codes are missing or come twice, or a grid has no polygon; all faults at once.
    """
    log = FaultLog()
    codes = _codes(frame, log, file)
    polygons = np.asarray(frame.geometry.array, dtype=object) if frame.active_geometry_name else None
    _check_ground(codes, polygons, log, file)
    if log.broken or polygons is None:
        raise InputError(log.sorted())
    order = np.argsort(codes.astype(str), kind="stable")
    crs, polygons = _in_metres(frame.crs, datum, shapely.force_2d(polygons[order]))
    return Grids(codes[order], polygons, crs)


def _codes(frame: pd.DataFrame, log: FaultLog, file: str) -> NDArray[np.object_]:
    if CODE not in frame:
        hint = nearest(CODE, [str(name) for name in frame.columns])
        log.add("column-missing", LAYER, CODE, file=file, nearest=hint or "-")
        return np.full(len(frame), "", dtype=object)
    codes = as_text(frame[CODE])
    if not len(codes):
        log.add("layer-empty", LAYER, file=file)
    if codes.isna().any():
        log.add("empty-id", LAYER, CODE, rows=np.flatnonzero(codes.isna()).tolist(), file=file)
    again = codes[codes.notna() & codes.duplicated()]
    if len(again):
        log.add("duplicate-id", LAYER, CODE, rows=again.tolist(), file=file)
    return codes.fillna("").to_numpy(dtype=object)


def _check_ground(codes: NDArray[np.object_], polygons: NDArray[Any] | None, log: FaultLog, file: str) -> None:
    if polygons is None:
        log.add("empty-geometry", LAYER, "geometry", rows=codes.tolist(), file=file)
        return
    empty = shapely.is_missing(polygons) | shapely.is_empty(polygons)
    if empty.any():
        log.add("empty-geometry", LAYER, "geometry", rows=codes[empty].tolist(), file=file)
    kinds = pd.Series([None if each is None else each.geom_type for each in polygons], dtype=object)
    other = ~empty & ~kinds.isin(_POLYGONS).to_numpy()
    if other.any():
        found = ", ".join(sorted(set(kinds[other])))
        rows = codes[other].tolist()
        log.add("wrong-geometry", LAYER, "geometry", rows=rows, file=file, allowed="polygon", kinds=found)
    infinite = ~np.isfinite(shapely.bounds(polygons)).all(axis=1) & ~empty
    if infinite.any():
        log.add("coordinates-not-finite", LAYER, "geometry", rows=codes[infinite].tolist(), file=file)


def _in_metres(crs: CRS | None, datum: Datum, polygons: NDArray[Any]) -> tuple[CRS | None, NDArray[Any]]:
    """Return a metric CRS and the polygons in it; those without a place on the globe stay as they are."""
    if crs is None or not (crs.is_projected or crs.is_geographic):
        return crs, polygons
    frame = Frame(crs.to_2d(), datum)
    west, south, east, north = shapely.total_bounds(polygons)
    lon, lat = to_lonlat(np.array([(west + east) / 2]), np.array([(south + north) / 2]), frame)
    if not frame.shifted and keeps_areas(frame.crs, float(lon[0]), float(lat[0])):
        return frame.crs, polygons
    target = zone_of(float(lon[0]), float(lat[0]))
    return target, project(polygons, frame, target)

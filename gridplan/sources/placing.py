"""Coordinates brought into one projected metric CRS, the datum that no EPSG code names undone on the way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pyproj import CRS, Proj, Transformer
from pyproj.exceptions import CRSError, ProjError

from gridplan.datum import Datum, to_wgs84
from gridplan.schema import LAYERS
from gridplan.sources.log import FaultLog
from gridplan.sources.manifest import Manifest
from gridplan.sources.mapping import Part

WGS84 = CRS.from_epsg(4326)
# A metre on the map may differ from a metre on the ground by this share of the area: more spoils areas and shapes.
_MAX_AREA_DISTORTION = 0.01
_WEB_MERCATOR = "popular visualisation pseudo mercator"
# China's zones: three degrees wide, central meridians 75 to 135 E, EPSG 4534 to 4554.
_CHINA = (73.5, 3.0, 136.5, 54.0)
Geometries = NDArray[Any]


@dataclass(frozen=True)
class Frame:
    """
    The frame of coordinates.

    Parameters
    ----------
    crs
        CRS of the numbers.
    datum
        Datum in which these numbers stand.
    """

    crs: CRS
    datum: Datum = "wgs84"

    @property
    def shifted(self) -> bool:
        """Whether the datum is one that the CRS cannot express."""
        return self.datum in {"gcj02", "bd09"}


def frame_of(part: Part, manifest: Manifest, log: FaultLog) -> Frame | None:
    """
    Tell the frame of a part: what its table says, then its file, then the source; never a guess.

    Parameters
    ----------
    part
        A part with geometry.
    manifest
        The source.
    log
        Takes a frame that is missing, unknown or contradicts the file.
    """
    table, raw = part.table, part.raw
    own = parse_crs(table.crs, table.layer, table.file, log)
    if own is not None and raw.crs is not None and raw.crs_stated and own != raw.crs:
        log.add("crs-overridden", table.layer, file=table.file, stated=raw.crs.to_string()[:80], value=table.crs)
    stated = raw.crs if raw.crs_stated else None
    general = parse_crs(manifest.crs, "", "", log) if own is None and stated is None else None
    crs = own or stated or general
    datum = table.datum or (manifest.datum if own is None and stated is None else None)
    if crs is None:
        crs = raw.crs or (WGS84 if datum is not None else None)
    if crs is None or (table.crs is not None and own is None):
        if table.crs is None and manifest.crs is None:
            log.add("crs-missing", table.layer, "geometry", file=table.file)
        return None
    return Frame(crs.to_2d(), datum or "wgs84")


def parse_crs(text: str | None, layer: str, file: str, log: FaultLog) -> CRS | None:
    """
    Return the CRS that a text names, or None.

    Parameters
    ----------
    text
        E.g. ``EPSG:4547`` or WKT; None for none.
    layer, file
        Place for the message.
    log
        Takes a text that names no CRS.
    """
    if text is None:
        return None
    try:
        return CRS.from_user_input(text)
    except CRSError:
        if not any(fault.code == "crs-unknown" and fault.layer == layer for fault in log.faults):
            log.add("crs-unknown", layer, file=file, value=text)
        return None


def working_crs(frame: Frame, geometry: Geometries) -> CRS:
    """
    Choose the CRS in which the district is worked on and the plan is written.

    A projected metric CRS of the communities is kept where it keeps areas; otherwise the CGCS2000 3-degree
    Gauss-Krueger zone of the centre in China, the UTM zone elsewhere.

    Parameters
    ----------
    frame
        Frame of the communities (or of the buildings where there are none).
    geometry
        Their geometries.

    Returns
    -------
    crs
        Projected, metres, never Web Mercator.
    """
    west, south, east, north = shapely.total_bounds(geometry)
    x, y = np.array([(west + east) / 2]), np.array([(south + north) / 2])
    lon, lat = to_lonlat(x, y, frame)
    if not (np.isfinite(lon[0]) and np.isfinite(lat[0])):
        return CRS.from_epsg(4549)
    if not frame.shifted and keeps_areas(frame.crs, float(lon[0]), float(lat[0])):
        return frame.crs
    return zone_of(float(lon[0]), float(lat[0]))


def keeps_areas(crs: CRS, lon: float, lat: float) -> bool:
    """
    Return whether a CRS is projected, metric, not Web Mercator, and true to area within 1 % at a place.

    Parameters
    ----------
    crs
        Any CRS.
    lon, lat
        The place, degrees.
    """
    if not crs.is_projected or any(axis.unit_conversion_factor != 1.0 for axis in crs.axis_info[:2]):
        return False
    operation = crs.coordinate_operation
    if operation is None or _WEB_MERCATOR in operation.method_name.lower():
        return False
    scale = Proj(crs).get_factors(lon, lat).areal_scale
    return bool(abs(scale - 1.0) <= _MAX_AREA_DISTORTION)


def zone_of(lon: float, lat: float) -> CRS:
    """
    Return the metric zone of a place: CGCS2000 Gauss-Krueger in China, UTM elsewhere.

    Parameters
    ----------
    lon, lat
        Degrees.

    Examples
    --------
    >>> zone_of(120.2, 23.0).to_epsg(), zone_of(-71.1, 42.4).to_epsg()
    (4549, 32619)
    """
    west, south, east, north = _CHINA
    if west <= lon <= east and south <= lat <= north:
        meridian = min(max(3 * round(lon / 3), 75), 135)
        return CRS.from_epsg(4534 + (meridian - 75) // 3)
    zone = min(int((lon + 180) // 6) + 1, 60)
    return CRS.from_epsg((32600 if lat >= 0 else 32700) + zone)


def to_lonlat(
    x: NDArray[np.float64], y: NDArray[np.float64], frame: Frame
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """
    Convert coordinates of a frame to WGS 84 longitude and latitude.

    Parameters
    ----------
    x, y
        Coordinates in the frame, east first, shape (n,).
    frame
        Their frame.
    """
    if not frame.shifted:
        return transform(frame.crs, WGS84, x, y)
    # CGCS2000 and WGS 84 are one here, so a shifted longitude is taken as it stands, whichever of them the CRS names.
    geographic = frame.crs if frame.crs.is_geographic else frame.crs.geodetic_crs
    return to_wgs84(*transform(frame.crs, geographic, x, y), frame.datum)


def transform(
    source: CRS, target: CRS | None, x: NDArray[np.float64], y: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """
    Convert coordinates between CRS, east first; what cannot be converted becomes infinite.

    Parameters
    ----------
    source, target
        CRS; no target means no change.
    x, y
        Coordinates, shape (n,).
    """
    if target is None or source == target:
        return x, y
    try:
        moved = Transformer.from_crs(source, target, always_xy=True).transform(x, y)
    except ProjError:
        return np.full(len(x), np.inf), np.full(len(y), np.inf)
    return np.asarray(moved[0]), np.asarray(moved[1])


def project(geometry: Geometries, frame: Frame, target: CRS) -> Geometries:
    """
    Bring geometries into the working CRS; coordinates that cannot be become infinite.

    Parameters
    ----------
    geometry
        Two-dimensional geometries or None, shape (n,).
    frame
        Their frame.
    target
        The working CRS.
    """
    if not frame.shifted and frame.crs == target:
        return geometry

    def move(xy: NDArray[np.float64]) -> NDArray[np.float64]:
        x, y = xy[:, 0], xy[:, 1]
        if frame.shifted:
            return np.column_stack(transform(WGS84, target, *to_lonlat(x, y, frame)))
        return np.column_stack(transform(frame.crs, target, x, y))

    moved: Geometries = shapely.transform(geometry, move)
    return moved


def place(part: Part, frame: Frame | None, target: CRS | None, log: FaultLog) -> pd.DataFrame:
    """
    Return a part with its geometries in the working CRS.

    Parameters
    ----------
    part
        A part in the contract's columns.
    frame
        Its frame, or None where it has none (then its geometries are left out).
    target
        The working CRS, or None where no layer has a frame.
    log
        Takes coordinates that are not finite or out of range.

    Returns
    -------
    frame
        The part's columns with ``geometry`` (object), ``reported`` (bool: its geometry has been complained of) and
        ``row`` (a label for messages).
    """
    rows = part.frame.copy()
    rows["row"] = [f"row {number}" for number in part.rows] if len(part.rows) else pd.Series(dtype=object)
    empty = np.full(len(rows), None, dtype=object)
    if part.geometry is None or frame is None or target is None:
        rows["geometry"], rows["reported"] = empty, bool(LAYERS[part.table.layer].shapes)
        return rows
    geometry = shapely.force_2d(part.geometry)
    bad = _out_of_frame(geometry, frame, part, log)
    geometry = np.where(bad, None, geometry)
    moved = project(geometry, frame, target)
    lost = ~_finite(moved) & ~bad
    if lost.any():
        _complain("coordinates-out-of-range", lost, part, log, crs=frame.crs.to_string()[:80])
    rows["geometry"] = pd.Series(np.where(lost, None, moved), index=rows.index, dtype=object)
    rows["reported"] = bad | lost
    return rows


def _out_of_frame(geometry: Geometries, frame: Frame, part: Part, log: FaultLog) -> NDArray[np.bool_]:
    """Log and return where coordinates are not finite, or no longitude and latitude though the CRS is geographic."""
    infinite = ~_finite(geometry)
    if infinite.any():
        _complain("coordinates-not-finite", infinite, part, log)
    if not frame.crs.is_geographic:
        return infinite
    beyond = ~_within(geometry, 180.0, 90.0) & ~infinite
    if beyond.any():
        swapped = bool(_within(geometry[beyond], 90.0, 180.0).all())
        code = "coordinates-swapped" if swapped else "coordinates-out-of-range"
        _complain(code, beyond, part, log, crs=frame.crs.to_string()[:80])
    outside: NDArray[np.bool_] = infinite | beyond
    return outside


def _complain(code: str, where: NDArray[np.bool_], part: Part, log: FaultLog, **params: object) -> None:
    table = part.table
    ids = LAYERS[table.layer].ids
    named = part.frame[ids[0]] if ids and ids[0] in part.frame else pd.Series(part.rows)
    log.add(code, table.layer, "geometry", rows=named.to_numpy()[where].tolist(), file=table.file, **params)


def _within(geometry: Geometries, x_limit: float, y_limit: float) -> NDArray[np.bool_]:
    bounds = np.abs(shapely.bounds(geometry))
    inside: NDArray[np.bool_] = np.isnan(bounds).any(axis=1) | (
        (bounds[:, [0, 2]].max(axis=1) <= x_limit) & (bounds[:, [1, 3]].max(axis=1) <= y_limit)
    )
    return inside


def _finite(geometry: Geometries) -> NDArray[np.bool_]:
    """Return per geometry whether all its coordinates are finite; None and empty count as finite."""
    coordinates, index = shapely.get_coordinates(geometry, return_index=True)
    finite = np.ones(len(geometry), dtype=bool)
    finite[index[~np.isfinite(coordinates).all(axis=1)]] = False
    return finite


def concatenate(placed: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """
    Put the parts of one layer under each other.

    Parameters
    ----------
    placed
        Results of :func:`place`; values of different types stand side by side as they are.
    """
    if len(placed) == 1:
        return placed[0].reset_index(drop=True)
    return pd.concat([part.astype(object) for part in placed], ignore_index=True).astype({"reported": bool})

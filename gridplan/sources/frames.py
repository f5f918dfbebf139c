"""CRS and datums: which one a district is worked on in, and the way from any frame into it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS, Proj, Transformer
from pyproj.exceptions import ProjError

from gridplan.datum import Datum, to_wgs84

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

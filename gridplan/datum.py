"""
The coordinate frames that no EPSG code names: GCJ-02 and BD-09, and their way back.

Chinese web maps shift longitude and latitude by a smooth function of place (GCJ-02: Amap, Tencent; BD-09: Baidu,
a second shift on top). CGCS2000 and WGS 84 differ by centimetres and are one frame here. The libraries that
exist convert point by point or only approximate the inverse; here arrays are converted, and the inverse is
iterated until it is exact to rounding.

References
----------
The shift functions are those published as ``EvilTransform`` (2013) and agree with the conversion services of Amap and
Baidu to the digits these print; the tests hold this against the services' own example.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, cast

import numpy as np
from numpy.typing import NDArray

Datum = Literal["wgs84", "cgcs2000", "gcj02", "bd09"]
DATUMS: tuple[Datum, ...] = ("wgs84", "cgcs2000", "gcj02", "bd09")
Floats = NDArray[np.float64]
Pair = tuple[Floats, Floats]

# Krasovsky 1940, the ellipsoid on which the shift in metres is turned into degrees.
_AXIS_M = 6378245.0
_ECCENTRICITY2 = 0.00669342162296594323
# Outside this box nothing is shifted.
_WEST, _EAST, _SOUTH, _NORTH = 72.004, 137.8347, 0.8293, 55.8271
# Baidu's own constant: pi * 3000 / 180.
_BAIDU_PI = np.pi * 3000.0 / 180.0
# The shifts change by less than 1 % of a step, so each round gains two digits; six already reach rounding.
_ROUNDS = 12
_EXACT_DEG = 1e-13


def to_wgs84(lon: Floats, lat: Floats, datum: Datum) -> Pair:
    """
    Convert longitudes and latitudes of a datum to WGS 84.

    Parameters
    ----------
    lon, lat
        Degrees, shape (n,), finite.
    datum
        Frame of the input.

    Returns
    -------
    lon, lat
        Degrees, shape (n,); exact to about 1e-12 degrees as the inverse of :func:`from_wgs84`.
    """
    if datum == "gcj02":
        return _undo(_wgs84_to_gcj02, lon, lat)
    if datum == "bd09":
        return _undo(_wgs84_to_gcj02, *_undo(_gcj02_to_bd09, lon, lat))
    return _floats(lon), _floats(lat)


def from_wgs84(lon: Floats, lat: Floats, datum: Datum) -> Pair:
    """
    Convert longitudes and latitudes of WGS 84 to a datum.

    Parameters
    ----------
    lon, lat
        Degrees, shape (n,), finite.
    datum
        Frame of the output.

    Returns
    -------
    lon, lat
        Degrees, shape (n,).
    """
    lon, lat = _floats(lon), _floats(lat)
    if datum == "gcj02":
        return _wgs84_to_gcj02(lon, lat)
    if datum == "bd09":
        return _gcj02_to_bd09(*_wgs84_to_gcj02(lon, lat))
    return lon, lat


def _floats(values: Floats) -> Floats:
    return np.asarray(values, dtype=np.float64)


def _undo(shift: Callable[[Floats, Floats], Pair], lon: Floats, lat: Floats) -> Pair:
    """Solve shift(x) = given by fixed-point iteration: take off what the shift adds, again and again."""
    goal_lon, goal_lat = _floats(lon), _floats(lat)
    lon, lat = goal_lon, goal_lat
    for _ in range(_ROUNDS):
        there_lon, there_lat = shift(lon, lat)
        step_lon, step_lat = there_lon - goal_lon, there_lat - goal_lat
        lon, lat = lon - step_lon, lat - step_lat
        if max(_largest(step_lon), _largest(step_lat)) < _EXACT_DEG:
            break
    return lon, lat


def _largest(values: Floats) -> float:
    return float(np.max(np.abs(values), initial=0.0))


def _wgs84_to_gcj02(lon: Floats, lat: Floats) -> Pair:
    inside = (lon >= _WEST) & (lon <= _EAST) & (lat >= _SOUTH) & (lat <= _NORTH)
    east_m, north_m = _shift_m(lon - 105.0, lat - 35.0)
    angle = np.radians(lat)
    root = np.sqrt(1.0 - _ECCENTRICITY2 * np.sin(angle) ** 2)
    meridian_m = _AXIS_M * (1.0 - _ECCENTRICITY2) / root**3
    parallel_m = _AXIS_M / root * np.cos(angle)
    # The box keeps |lat| below 56 degrees wherever the shift is used, so the parallel is never near zero there.
    with np.errstate(divide="ignore", invalid="ignore"):
        d_lon, d_lat = np.degrees(east_m / parallel_m), np.degrees(north_m / meridian_m)
    return cast("Pair", (np.where(inside, lon + d_lon, lon), np.where(inside, lat + d_lat, lat)))


def _shift_m(x: Floats, y: Floats) -> Pair:
    """Return the shift east and north in metres; x and y are degrees from 105 E, 35 N."""
    waves = (20.0 * np.sin(6.0 * x * np.pi) + 20.0 * np.sin(2.0 * x * np.pi)) * 2.0 / 3.0
    root = np.sqrt(np.abs(x))
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + waves
    east = east + (20.0 * np.sin(x * np.pi) + 40.0 * np.sin(x / 3.0 * np.pi)) * 2.0 / 3.0
    east = east + (150.0 * np.sin(x / 12.0 * np.pi) + 300.0 * np.sin(x / 30.0 * np.pi)) * 2.0 / 3.0
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + waves
    north = north + (20.0 * np.sin(y * np.pi) + 40.0 * np.sin(y / 3.0 * np.pi)) * 2.0 / 3.0
    north = north + (160.0 * np.sin(y / 12.0 * np.pi) + 320.0 * np.sin(y / 30.0 * np.pi)) * 2.0 / 3.0
    return east, north


def _gcj02_to_bd09(lon: Floats, lat: Floats) -> Pair:
    radius = np.hypot(lon, lat) + 2e-5 * np.sin(lat * _BAIDU_PI)
    angle = np.arctan2(lat, lon) + 3e-6 * np.cos(lon * _BAIDU_PI)
    return radius * np.cos(angle) + 0.0065, radius * np.sin(angle) + 0.006

"""Coordinate reference systems as OGC names them, each with the order of its axes."""

from __future__ import annotations

import re
from functools import cache, lru_cache

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS, Transformer

from api.problems import INVALID, ProblemError

Geometries = NDArray[np.object_]
Box = tuple[float, float, float, float]
# Names that no program fetches.
NAMES = "http://www.opengis.net/def"
CRS84 = f"{NAMES}/crs/OGC/1.3/CRS84"
#: In which features are held: longitude and latitude of CGCS2000, as all plans are cut in its zones.
HELD = 4490
ALWAYS = (4490, 4326, 3857)
_EPSG = re.compile(rf"{re.escape(NAMES)}/crs/EPSG/0/(\d{{4,6}})")


def uri_of(epsg: int) -> str:
    """Return the name of a CRS of EPSG."""
    return f"{NAMES}/crs/EPSG/0/{epsg}"


def epsg_of(uri: str, known: tuple[int, ...], parameter: str) -> int | None:
    """
    Return the EPSG code that a name means; None for CRS84.

    Parameters
    ----------
    uri
        As `uri_of`, `CRS84`, or either in the short form ``[EPSG:4490]``.
    known
        Codes that are offered.
    parameter
        Where it was given.

    Raises
    ------
    ProblemError
        If it is none that is offered.
    """
    if uri == CRS84:
        return None
    found = _EPSG.fullmatch(uri)
    if found is None or int(found[1]) not in known:
        offered = ", ".join([CRS84, *map(uri_of, known)])
        raise ProblemError(INVALID, f"{parameter}: expected one of {offered}; found {uri[:100]!r}")
    return int(found[1])


@cache
def flipped(epsg: int | None) -> bool:
    """Tell whether the first axis of a CRS leads north: latitude before longitude, northing before easting."""
    return epsg is not None and CRS.from_epsg(epsg).axis_info[0].direction.lower() == "north"


@lru_cache(maxsize=64)
def _transformer(source: int | None, target: int | None) -> Transformer:
    one, other = (f"EPSG:{epsg}" if epsg else "OGC:CRS84" for epsg in (source, target))
    return Transformer.from_crs(one, other, always_xy=True)


def moved(geometry: Geometries, source: int | None, target: int | None) -> Geometries:
    """
    Return geometries in another CRS, x before y.

    Parameters
    ----------
    geometry
        In the source's, x before y.
    source, target
        EPSG codes; None for CRS84.
    """
    if source == target:
        return geometry
    transformer = _transformer(source, target)

    def both(xy: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.column_stack(transformer.transform(xy[:, 0], xy[:, 1]))

    return np.asarray(shapely.transform(geometry, both), dtype=object)


def as_named(geometry: Geometries, epsg: int | None) -> Geometries:
    """Return geometries of a CRS with their axes in its order."""
    if not flipped(epsg):
        return geometry
    return np.asarray(shapely.transform(geometry, lambda xy: xy[:, ::-1]), dtype=object)


def area_of(box: Box, epsg: int | None) -> shapely.Geometry:
    """
    Return a box as an area of the CRS in which features are held.

    Parameters
    ----------
    box
        As asked for: the axes in the order of its CRS; over the antimeridian its west is greater than its east.
    epsg
        Its CRS.

    Raises
    ------
    ProblemError
        If its south lies north of its north, or it is nowhere.
    """
    first, second, third, fourth = box
    west, south, east, north = (second, first, fourth, third) if flipped(epsg) else box
    geographic = epsg is None or CRS.from_epsg(epsg).is_geographic
    nowhere = geographic and (max(map(abs, (west, east))) > 180 or max(map(abs, (south, north))) > 90)
    if nowhere or south > north or (west > east and not geographic):
        raise ProblemError(INVALID, f"bbox: expected its least corner before its greatest, in its CRS; found {box}")
    halves = [(west, east)] if west <= east else [(west, 180.0), (-180.0, east)]
    boxes = np.array([shapely.box(one, south, other, north) for one, other in halves], dtype=object)
    side = max(*(other - one for one, other in halves), north - south) / 16
    areas = moved(shapely.segmentize(boxes, side) if side else boxes, epsg, HELD)
    if not np.isfinite(shapely.get_coordinates(areas)).all():
        raise ProblemError(INVALID, f"bbox: expected numbers that are places of its CRS; found {box}")
    return shapely.union_all(areas) if len(areas) > 1 else areas[0]

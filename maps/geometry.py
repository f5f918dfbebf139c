"""
Geometry for the screen: simplified so that neighbours still match, in longitude and latitude, as small integers.

A shape is a list of parts, a part a list of rings (one, for a line), a ring a flat list of integers
``[lon, lat, dlon, dlat, dlon, dlat, ...]`` in millionths of a degree (about 0.1 m): the first point, then steps.
A polygon's ring does not repeat its first point. ``maps/static/plan/core.js`` reads this.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

TOLERANCE_M = 1.5
SNAP_M, GAP_M = 0.05, 2.0
MICRO = 1_000_000
GEOGRAPHIC = "EPSG:4326"

Ring = list[int]
Shape = list[list[Ring]]


def display_cells(units: gpd.GeoDataFrame, tolerance: float = TOLERANCE_M) -> gpd.GeoDataFrame:
    """
    Return the cells, simplified as one coverage: cells that shared an edge still share it exactly.

    Parameters
    ----------
    units
        Units of a plan in a projected metric CRS; rows without geometry (a compound's further buildings) are left out.
    tolerance
        Largest shift in metres, about; edges shorter than this vanish.

    Returns
    -------
    GeoDataFrame
        ``grid_code, geometry`` in the CRS of the units.
    """
    geometry = units.geometry
    cells = units.loc[~(geometry.isna() | geometry.is_empty), ["grid_code", geometry.name]]
    return cells.set_geometry(simplify_coverage(cells.geometry, tolerance))


def display_grids(grids: gpd.GeoDataFrame, cells: gpd.GeoDataFrame | None) -> gpd.GeoSeries:
    """
    Return the grids' shapes for the screen, in the rows and CRS of the grids.

    With cells they are the union of their cells, so that both layers lie on the same lines; a grid without
    cells, and every grid where no cells are given, is simplified with its neighbours.

    Parameters
    ----------
    grids
        Grids of a plan in a projected metric CRS.
    cells
        Result of :func:`display_cells`, or None.
    """
    shapes = simplify_coverage(grids.geometry)
    if cells is None:
        return shapes
    unions = unite(cells.geometry, cells["grid_code"])
    unions = unions[~(unions.isna() | unions.is_empty)]
    return gpd.GeoSeries(
        [unions.get(code, shape) for code, shape in zip(grids["grid_code"], shapes, strict=True)],
        index=grids.index,
        crs=grids.crs,
    )


def unite(shapes: gpd.GeoSeries, groups: pd.Series[Any]) -> gpd.GeoSeries:
    """
    Return the union of the shapes of each group, indexed by group: communities out of grids.

    Parameters
    ----------
    shapes
        Polygons that tile the ground.
    groups
        Group of each shape, in the same rows.
    """
    frame = gpd.GeoDataFrame({"group": groups.to_numpy()}, geometry=shapes.to_numpy(), crs=shapes.crs)
    return frame.dissolve("group", method="coverage").geometry


def borders(polygons: gpd.GeoSeries) -> gpd.GeoSeries:
    """
    Return the borders of polygons that tile the ground as one geometry, each line once: dashes then stay dashes.

    Parameters
    ----------
    polygons
        Polygons that share their edges exactly.
    """
    lines = shapely.line_merge(shapely.union_all(shapely.boundary(polygons.to_numpy())))
    return gpd.GeoSeries([lines], crs=polygons.crs)


def simplify_coverage(geometry: gpd.GeoSeries, tolerance: float = TOLERANCE_M) -> gpd.GeoSeries:
    """
    Simplify polygons that tile the ground without parting neighbours (``shapely.coverage_simplify``).

    Neighbours need the same points on their common edge. Inside a community a plan has them; two communities may
    differ by millimetres, or leave the slivers of their source between them: these are closed first, for the screen.

    Parameters
    ----------
    geometry
        Polygons in a projected metric CRS.
    tolerance
        Metres; the square root of the area of the triangles that may go (Visvalingam-Whyatt).
    """
    shapes = geometry.to_numpy()
    # Cleaning takes five times as long as seeing that there is nothing to clean.
    if not shapely.coverage_is_valid(shapes, gap_width=GAP_M):
        shapes = shapely.coverage_clean(shapes, snapping_distance=SNAP_M, gap_width=GAP_M)
    return gpd.GeoSeries(shapely.coverage_simplify(shapes, tolerance), index=geometry.index, crs=geometry.crs)


def label_places(geometry: gpd.GeoSeries, tolerance: float = 2.0) -> list[list[float]]:
    """
    Return where the label of each polygon goes: ``[lon, lat, radius in metres]`` of its largest inscribed circle.

    Parameters
    ----------
    geometry
        Polygons in a projected metric CRS.
    tolerance
        Metres within which the centre is sought.
    """
    radii = shapely.maximum_inscribed_circle(geometry.to_numpy(), tolerance)
    centres = gpd.GeoSeries(shapely.get_point(radii, 0), crs=geometry.crs).to_crs(GEOGRAPHIC)
    return [
        [round(lon, 6), round(lat, 6), round(radius, 1)]
        for lon, lat, radius in zip(centres.x, centres.y, shapely.length(radii), strict=True)
    ]


def encode(geometry: gpd.GeoSeries) -> list[Shape]:
    """
    Return each geometry as a shape of small integers in longitude and latitude.

    Parameters
    ----------
    geometry
        Lines or polygons, single or multi, in any CRS; points and null geometries give empty shapes.
    """
    parts, owner = shapely.get_parts(geometry.to_crs(GEOGRAPHIC).to_numpy(), return_index=True)
    lines, part_of_line, closed = _lines_of(parts)
    shapes: list[Shape] = [[] for _ in range(len(geometry))]
    last = -1
    for ring, part, is_ring in zip(_steps(lines, closed), part_of_line.tolist(), closed.tolist(), strict=True):
        if len(ring) < (6 if is_ring else 4):
            continue
        if part != last:
            shapes[owner[part]].append([])
            last = part
        shapes[owner[part]][-1].append(ring)
    return shapes


def bounds_of(geometry: gpd.GeoSeries) -> list[list[float]]:
    """
    Return the extent as Leaflet wants it: ``[[south, west], [north, east]]`` in degrees.

    Parameters
    ----------
    geometry
        At least one geometry that is not empty, in any CRS.
    """
    west, south, east, north = geometry.to_crs(GEOGRAPHIC).total_bounds.tolist()
    return [[south, west], [north, east]]


def _lines_of(parts: NDArray[np.object_]) -> tuple[NDArray[np.object_], NDArray[np.int64], NDArray[np.bool_]]:
    """Return the rings of polygons and the lines, in the order of their parts, their part, and which are rings."""
    rings, part_of_ring = shapely.get_rings(parts, return_index=True)
    plain = np.flatnonzero(shapely.get_type_id(parts) == shapely.GeometryType.LINESTRING)
    part = np.concatenate([part_of_ring, plain]).astype(np.int64)
    order = np.argsort(part, kind="stable")
    return np.concatenate([rings, parts[plain]])[order], part[order], order < len(rings)


def _steps(lines: NDArray[np.object_], closed: NDArray[np.bool_]) -> list[Ring]:
    """Return first point and steps between the rounded points of each line; steps of nothing are left out."""
    points, line = shapely.get_coordinates(lines, return_index=True)
    first, last = np.ones(len(line), dtype=bool), np.ones(len(line), dtype=bool)
    first[1:] = last[:-1] = line[1:] != line[:-1]
    micro = np.rint(points * MICRO).astype(np.int64)
    steps = np.diff(micro, axis=0, prepend=micro[:1])
    steps[first] = micro[first]
    keep = (first | (steps != 0).any(axis=1)) & ~(last & closed[line])
    ends = 2 * np.searchsorted(line[keep], np.arange(len(lines) + 1))
    numbers = steps[keep].ravel().tolist()
    return [numbers[begin:end] for begin, end in itertools.pairwise(ends.tolist())]


def decode(ring: Ring) -> list[tuple[float, float]]:
    """
    Return the points of a ring in degrees, as the page does.

    Parameters
    ----------
    ring
        One ring of :func:`encode`.
    """
    points = np.cumsum(np.asarray(ring, dtype=np.int64).reshape(-1, 2), axis=0) / MICRO
    return [(float(lon), float(lat)) for lon, lat in points]


def n_points(shapes: Iterable[Shape]) -> int:
    """
    Return the number of points in shapes.

    Parameters
    ----------
    shapes
        Result of :func:`encode`.
    """
    return sum(len(ring) // 2 for shape in shapes for part in shape for ring in part)

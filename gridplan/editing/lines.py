"""Lines that a planner draws: grids split along them, and boundaries set to follow them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from gridplan.editing import errors
from gridplan.editing.asking import check_one_community, check_open, redrawn
from gridplan.editing.state import Redraw, State
from gridplan.site import Geometries, Numbers

Place = NDArray[np.float64]
# A hand rarely meets the border: ends that stop this far inside the ground are drawn on, metres.
REACH_M = 30.0


def line_to_json(line: Any, crs: Any) -> dict[str, Any]:
    """
    Return a drawn line as plain JSON in the plan's CRS.

    Parameters
    ----------
    line
        A LineString or MultiLineString in the plan's CRS; a GeoSeries or GeoDataFrame of such lines in its own; or a
        mapping as GeoJSON has it, with ``crs`` where it is not the plan's.
    crs
        The plan's CRS.

    Raises
    ------
    EditError
        If it is no line, or empty.
    """
    if isinstance(line, Mapping):
        own = line.get("crs", crs)
        line = gpd.GeoSeries([shapely.geometry.shape(dict(line))], crs=own)
    if isinstance(line, gpd.GeoDataFrame):
        line = line.geometry
    if isinstance(line, gpd.GeoSeries):
        placed = line if line.crs is None or crs is None else line.to_crs(CRS.from_user_input(crs))
        line = shapely.line_merge(shapely.union_all(placed.to_numpy()))
    if not isinstance(line, shapely.Geometry) or line.is_empty or shapely.get_dimensions(line) != 1:
        raise errors.impossible("no_line", line=repr(line))
    if not np.isfinite(shapely.get_coordinates(line)).all():
        raise errors.impossible("line_numbers")
    return dict(shapely.geometry.mapping(line))


def split_along(state: State, code: str, along: Mapping[str, Any]) -> Redraw:
    """
    Split a grid along a line; a unit on the line goes to the side that holds more of its ground.

    Parameters
    ----------
    state
        The plan.
    code
        The grid.
    along
        The line as GeoJSON in the plan's CRS. Ends up to `REACH_M` short of the grid's border are drawn on.

    Raises
    ------
    EditError
        If the line misses the grid, or all units lie on one side of it.
    """
    grids = state.grids_named([code])
    check_open(state, grids)
    units = state.units_of(grids)
    side = _pieces(state.ground.cells[units], shapely.geometry.shape(dict(along)))
    used = np.unique(side)
    if len(used) < 2:
        raise errors.impossible("line_misses", code=code)
    label = state.label.copy()
    label[units] = len(state.codes) + np.searchsorted(used, side)
    touched = np.unique(np.concatenate([grids, label[units]]))
    return redrawn(state, label, touched)


def named_street(name: str, streets: gpd.GeoDataFrame | None) -> gpd.GeoSeries:
    """
    Return the lines of a street.

    Parameters
    ----------
    name
        Its name.
    streets
        Lines with ``name`` and their CRS: a source's barriers.

    Raises
    ------
    EditError
        If no streets are given, or none has the name; the nearest names are offered.
    """
    if streets is None:
        raise errors.impossible("no_streets", name=name)
    found = streets[(streets["name"] == name).to_numpy(dtype=bool)]
    if not len(found):
        raise errors.unknown("street", [name], [str(each) for each in streets["name"].dropna().unique()])
    return found.geometry[shapely.get_dimensions(found.geometry.to_numpy()) == 1]


def follow(state: State, one: str, two: str, street: Mapping[str, Any]) -> Redraw:
    """
    Set the boundary between two grids to follow a street.

    Parameters
    ----------
    state
        The plan.
    one, two
        The grids; each gets the side of the street that holds more of its households.
    street
        The street's line as GeoJSON in the plan's CRS.

    Raises
    ------
    EditError
        If the street does not run through the two grids' ground, or both lie on one side.
    """
    grids = state.grids_named([one, two])
    if len(grids) < 2:
        raise errors.impossible("one_grid_twice", code=one)
    check_open(state, grids)
    check_one_community(state, grids)
    units = state.units_of(grids)
    line = shapely.geometry.shape(dict(street))
    piece = _pieces(state.ground.cells[units], line)
    if len(np.unique(piece)) < 2:
        raise errors.impossible("street_beside", one=one, two=two)
    side = _left_or_right(state.ground.cells[units], piece, line)
    weight = state.ground.households[units] + 1
    kept = [weight[(state.label[units] == grids[first]) == (side == 0)].sum() for first in (0, 1)]
    sides = grids if kept[0] >= kept[1] else grids[::-1]
    label = state.label.copy()
    label[units] = sides[side]
    if np.array_equal(label, state.label):
        raise errors.impossible("follows_already", one=one, two=two)
    if len(np.unique(label[units])) < 2:
        raise errors.unknown("beside", [one], [])
    return redrawn(state, label, np.sort(grids))


def _pieces(cells: Geometries, line: shapely.Geometry) -> Numbers:
    """Return for each cell the piece, of those into which a line cuts their ground, that holds most of it."""
    whole = shapely.coverage_union_all(shapely.get_parts(cells))
    cuts = shapely.get_parts(_drawn_on(line, whole))
    noded = shapely.union_all([shapely.boundary(whole), *cuts])
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(noded)))
    faces = faces[shapely.within(shapely.point_on_surface(faces), whole)]
    best = np.zeros(len(cells))
    piece = np.zeros(len(cells), dtype=np.int64)
    for number, face in enumerate(faces):
        shapely.prepare(face)
        near = np.flatnonzero(shapely.intersects(face, cells))
        inside = shapely.contains_properly(face, cells[near])
        area = np.where(inside, shapely.area(cells[near]), 0.0)
        area[~inside] = shapely.area(shapely.intersection(cells[near[~inside]], face))
        better = near[area > best[near]]
        best[near] = np.maximum(best[near], area)
        piece[better] = number
    return piece


def _drawn_on(line: shapely.Geometry, ground: shapely.Geometry) -> shapely.Geometry:
    """Return a line whose ends inside the ground go on straight for a little."""
    parts = []
    for part in shapely.get_parts(line):
        points = shapely.get_coordinates(part)
        first, last = _ahead(points[1], points[0], ground), _ahead(points[-2], points[-1], ground)
        parts.append(shapely.LineString([*first, *points, *last]))
    return shapely.MultiLineString(parts)


def _ahead(before: Place, end: Place, ground: shapely.Geometry) -> list[Place]:
    length = float(np.hypot(*(end - before)))
    inside = shapely.intersects_xy(ground, *end)
    return [end + (end - before) / length * REACH_M] if inside and length > 0 else []


def _left_or_right(cells: Geometries, piece: Numbers, line: shapely.Geometry) -> Numbers:
    """Return 0 for pieces that lie left of a line where it is nearest, and 1 for those right of it."""
    merged = shapely.line_merge(line)
    longest = max(shapely.get_parts(merged), key=shapely.length)
    side = np.zeros(len(cells), dtype=np.int64)
    for number in np.unique(piece):
        mine = piece == number
        middle = shapely.point_on_surface(shapely.union_all(cells[mine]))
        at = shapely.line_locate_point(longest, middle)
        step = max(longest.length / 1000.0, 1e-3)
        one, two = (shapely.get_coordinates(shapely.line_interpolate_point(longest, at + d))[0] for d in (-step, step))
        along, across = two - one, shapely.get_coordinates(middle)[0] - one
        side[mine] = int(along[0] * across[1] - along[1] * across[0] < 0)
    return side

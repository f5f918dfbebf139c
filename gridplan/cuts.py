"""The lines between the grounds nearest to each building, inside the enclosures that barriers make."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.spatial import Delaunay

Geometries = NDArray[np.object_]
Numbers = NDArray[np.int64]

SNAP_DECIMALS = 6
SNAP_M = 1e-6
POINT_M = 1e-3


def outline_points(footprints: Geometries, spacing_m: float) -> tuple[NDArray[np.float64], Numbers]:
    """
    Return points on the outlines, shape (n_points, 2), and the footprint of each.

    Parameters
    ----------
    footprints
        Points, Polygons or MultiPolygons, metres; a Point stands for itself.
    spacing_m
        Largest distance between neighbouring points of an outline, metres.
    """
    areal = shapely.get_dimensions(footprints) == 2
    shapes = footprints.copy()
    shapes[areal] = shapely.segmentize(shapely.boundary(footprints[areal]), spacing_m)
    points, owner = shapely.get_coordinates(shapes, return_index=True)
    return points, owner.astype(np.int64)


def cuts_between(
    points: NDArray[np.float64], owner: Numbers, home: Numbers, enclosures: Geometries, footprints: Geometries
) -> tuple[Geometries, NDArray[np.bool_]]:
    """
    Return the lines between the grounds nearest to each footprint, cut to their enclosure.

    Parameters
    ----------
    points, owner
        Points on the outlines and the footprint of each, as `outline_points` gives them.
    home
        Shape (n_footprints,): the enclosure that each footprint lies in.
    enclosures
        Polygons without common ground.
    footprints
        Geometries inside their enclosures.

    Returns
    -------
    cuts
        LineStrings; those inside one footprint, where they would cut nothing but the building itself, are left out.
    poked
        Shape (n_footprints,): whether a line inside it was left out. Its outline is the border there.
    """
    ridges, rooms = _ridges_by_room(points, owner, home[owner], shapely.bounds(enclosures))
    lines = shapely.linestrings(ridges)
    inside, around = _within(lines, footprints)
    keep, poked = np.ones(len(lines), dtype=bool), np.zeros(len(footprints), dtype=bool)
    keep[inside], poked[around] = False, True
    return _clipped(lines[keep], rooms[keep], enclosures), poked


def meets(footprints: Geometries, lines: list[shapely.Geometry]) -> NDArray[np.bool_]:
    """
    Tell which footprints meet a line or one another.

    Any other footprint lies inside one cell already, and its outline would only add faces to dissolve again.

    Parameters
    ----------
    footprints
        Points, Polygons or MultiPolygons.
    lines
        Every line along which the ground is cut.
    """
    tree = shapely.STRtree(footprints)
    met = np.zeros(len(footprints), dtype=bool)
    met[tree.query(lines, predicate="intersects")[1]] = True
    # Points closer than a millimetre are one to the ridges, so footprints that close share no ridge.
    one, two = tree.query(footprints, predicate="dwithin", distance=2.0 * POINT_M)
    met[one[one != two]] = True
    return met


def _ridges_by_room(
    points: NDArray[np.float64], owner: Numbers, room_of_point: Numbers, bounds: NDArray[np.float64]
) -> tuple[NDArray[np.float64], Numbers]:
    """Return the ridges in enclosures with several footprints, shape (n_ridges, 2, 2), and the enclosure of each."""
    order = np.argsort(room_of_point, kind="stable")
    room = room_of_point[order]
    starts = np.flatnonzero(np.r_[True, room[1:] != room[:-1]]) if len(room) else np.empty(0, dtype=np.int64)
    found, rooms = [np.empty((0, 2, 2))], [np.empty(0, dtype=np.int64)]
    for begin, end in zip(starts, np.r_[starts[1:], len(room)].astype(np.int64), strict=False):
        inside = order[begin:end]
        if (owner[inside] != owner[inside[0]]).any():
            ridges = _ridges(points[inside], owner[inside], bounds[room[begin]])
            found.append(ridges)
            rooms.append(np.full(len(ridges), room[begin]))
    return np.concatenate(found), np.concatenate(rooms)


def _ridges(points: NDArray[np.float64], owner: Numbers, bounds: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the Voronoi ridges between points of different footprints, shape (n_ridges, 2, 2)."""
    first = _first_of_each_place(points)
    unique = np.round(points[first] / POINT_M) * POINT_M
    middle = unique.mean(axis=0)
    centred = unique - middle
    # Four far points close every ridge between real points at a finite end, outside the enclosure.
    far = 10.0 * float(np.abs(bounds.reshape(2, 2) - middle).max())
    corners = far * np.array([[-1.0, -1.0], [1.0, -1.0], [1.0, 1.0], [-1.0, 1.0]])
    mesh = Delaunay(np.concatenate([centred, corners]))
    who = np.concatenate([owner[first], [-1] * 4])
    triangle, opposite = np.nonzero(mesh.neighbors > np.arange(len(mesh.neighbors))[:, None])
    one, two = (who[mesh.simplices[triangle, (opposite + turn) % 3]] for turn in (1, 2))
    real = (one >= 0) & (two >= 0) & (one != two)
    triangle, beyond = triangle[real], mesh.neighbors[triangle[real], opposite[real]]
    # On the grid of the noding, so that ridges shorter than its step join their neighbours instead of opening a gap.
    centre = np.round(_circumcentres(mesh.points, mesh.simplices) + middle, SNAP_DECIMALS)
    ends = np.stack([centre[triangle], centre[beyond]], axis=1)
    return np.asarray(ends[(ends[:, 0] != ends[:, 1]).any(axis=1)], dtype=np.float64)


def _first_of_each_place(points: NDArray[np.float64]) -> Numbers:
    """Return the first of the points on each place, to a millimetre, from west to east and south to north."""
    places = np.round(points / POINT_M).astype(np.int64)
    x, y = (places - places.min(axis=0)).T
    return np.asarray(np.unique(x * (y.max() + 1) + y, return_index=True)[1], dtype=np.int64)


def _circumcentres(points: NDArray[np.float64], triangles: Numbers) -> NDArray[np.float64]:
    """Return the middle of the circle through the corners of each triangle, shape (n_triangles, 2)."""
    corner = points[triangles[:, 0]]
    (bx, by), (cx, cy) = ((points[triangles[:, k]] - corner).T for k in (1, 2))
    b2, c2, twice = bx * bx + by * by, cx * cx + cy * cy, 2.0 * (bx * cy - by * cx)
    centre: NDArray[np.float64] = corner + np.stack([(cy * b2 - by * c2) / twice, (bx * c2 - cx * b2) / twice], axis=1)
    return centre


def _within(lines: Geometries, footprints: Geometries) -> tuple[Numbers, Numbers]:
    """Return the lines that lie inside a footprint, and the footprint."""
    areal = np.flatnonzero(shapely.get_dimensions(footprints) == 2)
    inside, around = shapely.STRtree(footprints[areal]).query(lines, predicate="within")
    return inside, areal[around]


def _clipped(lines: Geometries, rooms: Numbers, enclosures: Geometries) -> Geometries:
    """Return the lines joined to chains and cut to their enclosure: fewer, longer lines are noded twice as fast."""
    if not len(lines):
        return lines
    where, starts = np.unique(rooms, return_index=True)
    place = np.repeat(np.arange(len(where)), np.diff(np.r_[starts, len(rooms)]))
    joined = shapely.line_merge(shapely.multilinestrings(lines, indices=place))
    chains, room = shapely.get_parts(joined, return_index=True)
    around = enclosures[where][room]
    shapely.prepare(around)
    out = ~shapely.covers(around, chains)
    cut = shapely.get_parts(shapely.get_parts(shapely.intersection(chains[out], around[out])))
    return np.concatenate([chains[~out], cut[shapely.get_dimensions(cut) == 1]])

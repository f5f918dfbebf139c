"""From crossing lines to blocks that tile the ground exactly: node, polygonize, and take off what the roads take."""

from __future__ import annotations

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from gridplan.synthetic.streets import HALF_WIDTH_M

SNAP_M = 0.001
SETBACK_M = 4.0


def node(lines: pd.DataFrame) -> pd.DataFrame:
    """
    Cut lines where they meet, so that lines share vertices, on a raster of 1 mm.

    Parameters
    ----------
    lines
        ``geometry, kind, name``.

    Returns
    -------
    pandas.DataFrame
        The pieces with the ``kind`` and ``name`` of the line that they come from, and ``line``, its position.
    """
    noded = shapely.node(shapely.set_precision(shapely.union_all(lines["geometry"].to_numpy(), grid_size=SNAP_M), 0))
    pieces = shapely.get_parts(noded)
    middles = shapely.line_interpolate_point(pieces, 0.5, normalized=True)
    line = shapely.STRtree(lines["geometry"].to_numpy()).nearest(middles)
    return pd.DataFrame({"geometry": pieces, "line": line}).join(lines[["kind", "name"]], on="line")


def faces(pieces: NDArray[np.object_]) -> NDArray[np.object_]:
    """
    Return the polygons that noded lines enclose, in a stable order: from south to north, then west to east.

    Parameters
    ----------
    pieces
        Noded LineStrings.
    """
    found = shapely.normalize(shapely.get_parts(shapely.polygonize(pieces)))
    centres = shapely.get_coordinates(shapely.centroid(found))
    return np.asarray(found[np.lexsort((centres[:, 0], centres[:, 1]))])


def merge(pieces: pd.DataFrame) -> pd.DataFrame:
    """Join the noded pieces of each line again; their vertices stay. Returns ``geometry, kind, name``."""
    seen = pieces[pieces["kind"] != ""].sort_values("line", kind="stable")
    lines, index = np.unique(seen["line"].to_numpy(), return_inverse=True)
    joined = shapely.line_merge(shapely.multilinestrings(seen["geometry"].to_numpy(), indices=index))
    first = seen.drop_duplicates("line").set_index("line").loc[lines]
    return pd.DataFrame({"geometry": joined, "kind": first["kind"].to_numpy(), "name": first["name"].to_numpy()})


def net(blocks: NDArray[np.object_], pieces: pd.DataFrame, water: shapely.Polygon) -> NDArray[np.object_]:
    """
    Return the ground of each block that may be built on.

    Parameters
    ----------
    blocks
        Polygons between the middles of the roads.
    pieces
        Noded lines with their kind.
    water
        The river.

    Returns
    -------
    numpy.ndarray
        For each block its largest part that is clear of roads, railway and water by 4 m; may be empty.
    """
    half = pieces["kind"].map(HALF_WIDTH_M).to_numpy()
    taken = np.append(shapely.buffer(pieces["geometry"].to_numpy(), half, quad_segs=4), water)
    block, road = shapely.STRtree(taken).query(blocks, predicate="intersects")
    rest = blocks.copy()
    starts = np.flatnonzero(np.diff(block, prepend=-1))
    for k, group in zip(block[starts], np.split(road, starts[1:]), strict=True):
        rest[k] = shapely.difference(blocks[k], shapely.union_all(taken[group]))
    return _largest(shapely.buffer(rest, -SETBACK_M, join_style="mitre"))


def _largest(polygons: NDArray[np.object_]) -> NDArray[np.object_]:
    """Return the largest part of each geometry."""
    parts, index = shapely.get_parts(polygons, return_index=True)
    result = np.full(len(polygons), shapely.Polygon(), dtype=object)
    order = np.lexsort((shapely.area(parts), index))
    result[index[order]] = parts[order]  # the last one written is the largest
    return result


def direction(ground: NDArray[np.object_], near: NDArray[np.float64]) -> NDArray[np.float64]:
    """
    Return the direction of each polygon's smallest enclosing rectangle, the one within 45 degrees of a given one.

    Parameters
    ----------
    ground
        Polygons; an empty one keeps the given direction.
    near
        Directions in radians from east.
    """
    result = near.copy()
    full = np.flatnonzero(~shapely.is_empty(ground))
    corners = shapely.get_coordinates(shapely.oriented_envelope(ground[full])).reshape(-1, 5, 2)
    side = corners[:, 1] - corners[:, 0]
    turn = (np.arctan2(side[:, 1], side[:, 0]) - near[full] + np.pi / 4) % (np.pi / 2) - np.pi / 4
    result[full] += turn
    return result


def shared_edges(polygons: NDArray[np.object_], barrier: shapely.Geometry) -> pd.DataFrame:
    """
    Return which polygons of an exact coverage share an edge, and how long.

    Parameters
    ----------
    polygons
        Polygons of a noded coverage, whose common edges have the same vertices.
    barrier
        Lines; an edge on one of them does not count in ``open_m``.

    Returns
    -------
    pandas.DataFrame
        ``a, b`` (positions, a < b), ``shared_m``, ``open_m``.
    """
    rings, owner = shapely.get_rings(polygons, return_index=True)
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    keep = ring[:-1] == ring[1:]
    ends = np.hstack([xy[:-1], xy[1:]])[keep]
    swap = (ends[:, 0] > ends[:, 2]) | ((ends[:, 0] == ends[:, 2]) & (ends[:, 1] > ends[:, 3]))
    ends[swap] = ends[swap][:, [2, 3, 0, 1]]
    _, key = np.unique(ends, axis=0, return_inverse=True)
    edge = pd.DataFrame({"key": key, "owner": owner[ring[:-1][keep]], "row": np.arange(len(ends))})
    pairs = edge.merge(edge, on="key").query("owner_x < owner_y")
    ends = ends[pairs["row_x"].to_numpy()]
    length = np.hypot(ends[:, 2] - ends[:, 0], ends[:, 3] - ends[:, 1])
    shapely.prepare(barrier)
    closed = shapely.dwithin(barrier, shapely.points((ends[:, :2] + ends[:, 2:]) / 2), 2 * SNAP_M)
    table = pd.DataFrame({"a": pairs["owner_x"], "b": pairs["owner_y"], "shared_m": length, "open_m": length * ~closed})
    return table.groupby(["a", "b"], as_index=False).sum()

"""Barriers as the cells and the graph need them: lines with a rank, what separates, what re-opens."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from gridplan.rule_parts import BRIDGE_KIND, BarrierRules
from gridplan.schema import STREET_KINDS


@dataclass(frozen=True)
class Barriers:
    """
    Linework of barriers in one projected CRS, metres.

    Parameters
    ----------
    lines
        Shape (n,): LineStrings; polygons have become their outlines.
    impassable
        Shape (n,): whether no grid may cross the line.
    rank
        Shape (n,): 0..1, how well a boundary runs along the line.
    bridges
        Shape (m,): LineStrings that re-open the contiguity they cross.
    waters
        Shape (w,): impassable Polygons; passable lines inside them cut nothing.
    street
        Shape (n,): whether the line is a street that is patrolled.
    """

    lines: NDArray[np.object_]
    impassable: NDArray[np.bool_]
    rank: NDArray[np.float64]
    bridges: NDArray[np.object_]
    waters: NDArray[np.object_]
    street: NDArray[np.bool_]

    def clipped(self, polygon: shapely.Geometry) -> Barriers:
        """Return the barriers' share inside a polygon."""
        near = shapely.STRtree(self.lines).query(polygon, predicate="intersects")
        return self._cut(np.sort(near), polygon)

    def _cut(self, near: NDArray[np.int64], polygon: shapely.Geometry) -> Barriers:
        inside, place = _line_parts(shapely.intersection(self.lines[near], polygon))
        bridges = self.bridges[shapely.intersects(self.bridges, polygon)]
        waters = self.waters[shapely.intersects(self.waters, polygon)]
        kept = near[place]
        return Barriers(inside, self.impassable[kept], self.rank[kept], bridges, waters, self.street[kept])


def build_barriers(frame: gpd.GeoDataFrame | None, rules: BarrierRules) -> Barriers:
    """
    Turn the layer ``barriers`` into linework.

    Parameters
    ----------
    frame
        ``kind, passable (bool), geometry`` in a projected CRS, or None.
    rules
        Ranks by kind.
    """
    if frame is None or frame.empty:
        none = np.empty(0, dtype=object)
        return Barriers(none, np.empty(0, dtype=bool), np.empty(0), none, none, np.empty(0, dtype=bool))
    geometry = np.asarray(frame.geometry.values, dtype=object)
    bridge = (frame["kind"] == BRIDGE_KIND).to_numpy()
    areal = shapely.get_dimensions(geometry) == 2
    outline = np.where(areal, shapely.boundary(geometry), geometry)
    rank = frame["kind"].map(rules.ranks).fillna(rules.default_rank).to_numpy(dtype=float)
    impassable = ~frame["passable"].to_numpy(dtype=bool)
    street = frame["kind"].isin(STREET_KINDS).to_numpy(dtype=bool) & ~impassable & ~areal
    lines, place = _line_parts(outline[~bridge])
    return Barriers(
        lines,
        impassable[~bridge][place],
        rank[~bridge][place],
        _line_parts(outline[bridge])[0],
        shapely.get_parts(geometry[areal & impassable & ~bridge]),
        street[~bridge][place],
    )


def _line_parts(geometry: NDArray[np.object_]) -> tuple[NDArray[np.object_], NDArray[np.int64]]:
    """Return all LineStrings inside the geometries, and the place of the geometry that each comes from."""
    parts, place = shapely.get_parts(geometry, return_index=True)
    # An intersection of lines and a polygon may be a collection of lines and points.
    parts, inner = shapely.get_parts(parts, return_index=True)
    keep = (shapely.get_dimensions(parts) == 1) & ~shapely.is_empty(parts)
    return parts[keep], place[inner][keep]

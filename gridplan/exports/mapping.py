"""What is drawn inside the frame of a map sheet: ground, houses, streets, water, grids and their names."""

from __future__ import annotations

import math
from typing import Any, Final

import geopandas as gpd
import numpy as np
import shapely

from gridplan.exports.dossier import Dossier
from gridplan.exports.labels import Labels
from gridplan.words import grouped, word

FILLS: Final = ("#fbe3c8", "#d9ecd0", "#d8e6f5", "#f3d9e3", "#f5f0c4", "#e3dcf0")
GRID_LINE: Final = "#c2187a"  # grid boundaries are magenta, as DB11/T 2157-2023 has them
COMMUNITY_LINE: Final = "#333333"
WATER: Final = "#a9cfe8"
HOUSE: Final = "#b9b2a8"
STREETS: Final = {"trunk": 2.6, "primary": 2.4, "secondary": 2.0, "tertiary": 1.6}
STREET: Final = "#8a8a8a"
_MAIN_SIZE = 11.0
_LEAST_SIZE = 6.0
_STREET_SIZE = 6.5
# Length of a line on paper, in widths of its name, below which it goes without.
_ROOM_FOR_NAME = 1.1


def draw_map(axes: Any, dossier: Dossier, scale: int) -> None:
    """
    Draw the grids of a dossier and what lies around them.

    Parameters
    ----------
    axes
        Axes in metres of the plan's CRS, limits set.
    dossier
        Of one community.
    scale
        Denominator.
    """
    west, east = axes.get_xlim()
    south, north = axes.get_ylim()
    frame = shapely.box(west, south, east, north)
    others = dossier.plan.grids.dissolve("community_code").drop(index=list(dossier.communities), errors="ignore")
    draw_areas(axes, others.geometry, facecolor="#f2f1ec", edgecolor="#b5b2a8", linewidth=0.6, zorder=1)
    for shape, fill in zip(dossier.grids.geometry, colours(dossier.grids), strict=True):
        draw_areas(axes, [shape], facecolor=fill, edgecolor="none", zorder=2)
    lines = _surroundings(axes, dossier, frame)
    draw_areas(axes, dossier.grids.geometry, facecolor="none", edgecolor=GRID_LINE, linewidth=1.5, zorder=6)
    rim = shapely.coverage_union_all(dossier.grids.geometry.to_numpy())
    draw_areas(
        axes, [rim], facecolor="none", edgecolor=COMMUNITY_LINE, linewidth=2.4, linestyle=(0, (7, 2, 1.5, 2)), zorder=7
    )
    labels = Labels(axes, scale)
    _name_grids(labels, dossier)
    _name_lines(labels, lines, frame)
    _name_others(labels, others, dossier, frame)


def colours(grids: gpd.GeoDataFrame) -> list[str]:
    """
    Return a fill for each grid, another one than its neighbours' as far as there are enough.

    Parameters
    ----------
    grids
        Grids in order of code.
    """
    shapes = grids.geometry.to_numpy()
    pairs = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    chosen: list[int] = []
    for place in range(len(shapes)):
        near = {chosen[other] for other in pairs[1][pairs[0] == place] if other < place}
        free = [fill for fill in range(len(FILLS)) if fill not in near] or [place % len(FILLS)]
        chosen.append(min(free, key=lambda fill: (chosen.count(fill), fill)))
    return [FILLS[fill] for fill in chosen]


def _surroundings(axes: Any, dossier: Dossier, frame: shapely.Polygon) -> gpd.GeoDataFrame | None:
    """Draw houses, water, streets and railways of the source; return the lines."""
    if dossier.district is None:
        return None
    crs = dossier.grids.crs
    houses = dossier.district.buildings.to_crs(crs).geometry
    houses = houses[houses.intersects(frame)]
    flat = houses.geom_type.isin(["Polygon", "MultiPolygon"])
    draw_areas(axes, houses[flat], facecolor=HOUSE, edgecolor="#8d857a", linewidth=0.25, zorder=4)
    places = houses[~flat].centroid
    axes.scatter(places.x, places.y, s=4, color="#8d857a", linewidths=0, zorder=4)
    if dossier.district.barriers is None:
        return None
    barriers = dossier.district.barriers.to_crs(crs)
    barriers = barriers[barriers.intersects(frame)]
    wet = barriers["kind"].isin(["river", "water", "stream"])
    area = barriers.geom_type.isin(["Polygon", "MultiPolygon"])
    draw_areas(axes, barriers.geometry[wet & area], facecolor=WATER, edgecolor="#6fa8cc", linewidth=0.5, zorder=3)
    for kind, mine in barriers[~area].groupby("kind"):
        for width, colour, dashes, order in _strokes(str(kind)):
            _lines(axes, mine.geometry, linewidth=width, color=colour, linestyle=dashes, zorder=order)
    return barriers


def _strokes(kind: str) -> list[tuple[float, str, Any, float]]:
    """Return width, colour, dashes and order of the strokes that draw a kind of line."""
    if kind == "railway":
        return [(2.2, "#333333", "solid", 5.0), (1.4, "white", (0, (4, 4)), 5.1)]
    if kind in ("river", "water", "stream"):
        return [(2.5, WATER, "solid", 3.0)]
    if kind in ("wall", "fence", "hedge"):
        return [(0.5, "#9b7f63", (0, (3, 1)), 4.5)]
    width = STREETS.get(kind, 1.1)
    return [(width + 0.9, STREET, "solid", 3.4), (width, "white", "solid", 3.5)]


def draw_areas(axes: Any, shapes: Any, **style: Any) -> None:
    """
    Draw the polygons among shapes, holes left open.

    Parameters
    ----------
    axes
        Axes in metres.
    shapes
        Geometries; those that are no polygons are left out.
    style
        As of matplotlib's collections.
    """
    from matplotlib.collections import PathCollection
    from matplotlib.path import Path

    parts = shapely.get_parts(np.asarray(list(shapes), dtype=object))
    rings = [
        Path.make_compound_path(*(Path(shapely.get_coordinates(ring), closed=True) for ring in shapely.get_rings(part)))
        for part in parts
        if shapely.get_type_id(part) == shapely.GeometryType.POLYGON
    ]
    axes.add_collection(PathCollection(rings, **style), autolim=False)


def _lines(axes: Any, shapes: Any, **style: Any) -> None:
    from matplotlib.collections import LineCollection

    parts = shapely.get_parts(shapely.line_merge(shapely.union_all(shapes.to_numpy())))
    axes.add_collection(LineCollection([shapely.get_coordinates(part) for part in parts], **style), autolim=False)


def _name_grids(labels: Labels, dossier: Dossier) -> None:
    """Write code, name and households of each grid into its widest part, as large as there is room."""
    for code, name, count, shape in dossier.grids[["grid_code", "name", "households", "geometry"]].itertuples(
        index=False
    ):
        circle = shapely.maximum_inscribed_circle(shape)
        x, y = shapely.get_coordinates(circle)[0]
        title = short_name(str(code), name, dossier)
        full = f"{title}\n{grouped(count)} {word('unit.households', dossier.lang)}"
        room = shapely.buffer(shapely.Point(x, y), shapely.length(circle))
        sizes = np.arange(_MAIN_SIZE, _LEAST_SIZE - 0.1, -0.5)
        fits = [size for size in sizes if room.contains(labels.box(full, x, y, float(size)))]
        labels.write(
            full, x, y, float(fits[0]) if fits else _LEAST_SIZE, force=True, color="#5c0b3a", weight="bold", zorder=9
        )


def short_name(code: str, name: str | None, dossier: Dossier) -> str:
    """
    Return what a grid is called on its community's sheet: the end of its code, and its name.

    Parameters
    ----------
    code, name
        Of the grid.
    dossier
        Says which community.
    """
    home = next((each for each in dossier.communities if code.startswith(each) and code != each), "")
    tail = code[len(home) :]
    return f"{tail} {name}" if name and name != code else tail


def _name_lines(labels: Labels, lines: gpd.GeoDataFrame | None, frame: shapely.Polygon) -> None:
    """Write names along streets, water and railways, the longest first; where it is narrow, none."""
    if lines is None or "name" not in lines:
        return
    named = lines[lines["name"].notna() & (lines["name"] != "") & ~lines["kind"].isin(["wall", "fence", "hedge"])]
    found = []
    for name, mine in named.groupby("name", sort=True):
        within = shapely.intersection(shapely.union_all(mine.geometry.to_numpy()), frame)
        if within.is_empty:
            continue
        wet = bool(mine["kind"].isin(["river", "water"]).all())
        found.append((-shapely.length(within), str(name), within, wet))
    for _, name, within, wet in sorted(found, key=lambda each: each[:2]):
        for x, y, angle in _spots(name, within, labels):
            if labels.write(name, x, y, _STREET_SIZE, angle=angle, color="#1c5d8c" if wet else "#333333", zorder=8):
                break


def _spots(name: str, shape: shapely.Geometry, labels: Labels) -> list[tuple[float, float, float]]:
    """Return places and angles for a name: along the line's parts, the longest first, the middle before the ends."""
    if shapely.area(shape) > 0:
        point = shapely.get_coordinates(shapely.maximum_inscribed_circle(shape))[0]
        return [(float(point[0]), float(point[1]), 0.0)]
    merged = shapely.line_merge(shape) if shape.geom_type == "MultiLineString" else shape
    parts = sorted(shapely.get_parts(merged), key=shapely.length, reverse=True)
    need = shapely.bounds(labels.box(name, 0, 0, _STREET_SIZE))[2] * 2
    out = []
    for part in parts:
        long = shapely.length(part)
        if long < need * _ROOM_FOR_NAME:
            continue
        for share in (0.5, 0.3, 0.7, 0.15, 0.85):
            reach = need / 2 / long
            ends = [
                shapely.line_interpolate_point(part, float(np.clip(at, 0, 1)), normalized=True)
                for at in (share - reach, share + reach)
            ]
            (x0, y0), (x1, y1) = shapely.get_coordinates(ends)
            angle = math.degrees(math.atan2(y1 - y0, x1 - x0))
            out.append(((x0 + x1) / 2, (y0 + y1) / 2, (angle + 90) % 180 - 90))
    return out


def _name_others(labels: Labels, others: gpd.GeoDataFrame, dossier: Dossier, frame: shapely.Polygon) -> None:
    """Write the names of the communities around, where there is room."""
    for code, shape in others.geometry.items():
        within = shapely.intersection(shape, frame)
        if shapely.area(within) > 0:
            point = shapely.get_coordinates(shapely.maximum_inscribed_circle(within, tolerance=1.0))[0]
            labels.write(dossier.names[str(code)], float(point[0]), float(point[1]), 9.0, color="#777777", zorder=8)

"""Sides: grids hang together along edges, and no impassable barrier parts a grid's households."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from planchecker.case import Case
from planchecker.words import some

_IMPASSABLE = ("river", "water", "railway", "motorway")
_DEBRIS_M2 = 0.01
_CROSSING_M = 0.01


@dataclass(frozen=True)
class Sides:
    """
    A piece of ground as impassable barriers part it.

    Parameters
    ----------
    faces
        The pieces between barriers, water itself included.
    side
        For each face the number of its side; faces that a bridge joins have one number.
    """

    faces: Any
    side: Any

    def of(self, points: Any) -> Any:
        """Return the side of each point; a point on a line belongs to the nearest face."""
        return self.side[shapely.STRtree(self.faces).nearest(points)]


def check_connected(case: Case) -> Iterator[str]:
    """A grid is one piece that hangs together along edges; a listed exclave is the one exception."""
    excused = case.listed("connected").set_index("grid_code")["reason"]
    border = case.communities.set_index("community_code").geometry
    for row in case.grids.itertuples():
        parts = [part for part in shapely.get_parts(row.geometry) if part.area > _DEBRIS_M2]
        if len(parts) == 1:
            continue
        if row.grid_code not in excused.index:
            yield f"grid {row.grid_code} is in {len(parts)} pieces and not listed"
        elif case.fixed[row.grid_code] or _is_exclave(parts, border.get(row.community_code)):
            continue
        elif excused[row.grid_code] != "scattered_group" or not _is_scattered(case, row.grid_code, parts):
            yield f"grid {row.grid_code} is in {len(parts)} pieces though its community is not"


def _is_scattered(case: Case, grid: str, parts: list[Any]) -> bool:
    """Tell whether village groups of a rural community reach over all pieces of a grid, from piece to piece."""
    if "village_group" not in case.buildings or case.grids.set_index("grid_code")["kind"][grid] != "rural":
        return False
    group = case.buildings.drop_duplicates("building_id").set_index("building_id")["village_group"]
    mine = case.own["grid_code"].to_numpy() == grid
    piece = shapely.STRtree(parts).nearest(case.places[mine])
    member = case.own["building_id"][mine].map(group)
    names, number = np.unique(member.dropna(), return_inverse=True)
    pairs = piece[member.notna().to_numpy()], number
    links = coo_array((np.ones(len(number)), pairs), shape=(len(parts), len(names)))
    size = len(parts) + len(names)
    square = coo_array((links.data, (links.coords[0], links.coords[1] + len(parts))), shape=(size, size))
    return bool(len(np.unique(connected_components(square, directed=False)[1][: len(parts)])) == 1)


def _is_exclave(parts: list[Any], community: Any) -> bool:
    """Tell whether each piece of the grid lies in a part of the community of its own."""
    bodies = shapely.get_parts(community)
    homes = {int(shapely.area(shapely.intersection(bodies, part)).argmax()) for part in parts}
    return len(homes) == len(parts)


def check_barriers(case: Case) -> Iterator[str]:
    """No grid has households on two sides of impassable barriers, unless what was given forces it and it is listed."""
    walls, bridges = walls_of(case), bridges_of(case)
    if not len(walls):
        return
    inhabited = (case.own["households"] > 0).to_numpy()
    rows, points = case.own[inhabited], case.places[inhabited]
    listed = set(case.listed("barrier")["grid_code"])
    shape = case.grids.set_index("grid_code").geometry
    torn: set[str] = set()
    for grid_code, positions in rows.groupby("grid_code").indices.items():
        code = str(grid_code)
        side = _sides_in(shape[code], points[positions], walls, bridges)
        if not side.any():  # all on side 0
            continue
        torn.add(code)
        if code not in listed or not _forced(case, code, rows["unit_id"].to_numpy()[positions], side):
            yield f"grid {code} has households on {side.nunique()} sides of an impassable barrier"
    if listed - torn:
        yield f"grids listed for a barrier that none crosses: {some(listed - torn)}"


def _sides_in(shape: Any, points: Any, walls: Any, bridges: Any) -> pd.Series:
    """Return for each point its side in the grid; detached pieces, which others check, are no sides."""
    sides = pd.Series(part_ground(shape, walls, bridges).of(points))
    piece = shapely.STRtree(shapely.get_parts(shape)).nearest(points)
    return sides.groupby(piece).transform(lambda side: pd.factorize(side)[0])


def _forced(case: Case, code: str, units: Any, side: pd.Series) -> bool:
    """Tell whether the crossing was given: a fixed grid, or one unit that itself stands on two sides."""
    spread = side.groupby(units).nunique()
    return bool(case.fixed[code]) or bool((spread > 1).any())


def community_sides(case: Case, code: str) -> Sides:
    """
    Return the sides of the ground of a community that the planner was free to cut.

    Parameters
    ----------
    case
        Source and plan.
    code
        Community; its locked and exclusive grids and its units above the maximum are left out.
    """
    mine = case.grids[case.grids["community_code"] == code]
    free = shapely.union_all(mine.geometry[~case.fixed.loc[mine["grid_code"]].to_numpy()].to_numpy())
    units = case.units[case.units["grid_code"].isin(set(mine["grid_code"]))]
    large = units.groupby("unit_id")["households"].transform("sum") > case.maximum
    taken = shapely.union_all(units.geometry[large].dropna().to_numpy())
    return part_ground(shapely.difference(free, taken), walls_of(case), bridges_of(case))


def part_ground(ground: Any, walls: Any, bridges: Any) -> Sides:
    """
    Cut ground along walls and join what bridges join.

    Parameters
    ----------
    ground
        Polygon or MultiPolygon.
    walls, bridges
        Arrays of lines.
    """
    cuts = walls[shapely.intersects(walls, ground)]
    noded = shapely.union_all([shapely.boundary(ground), *shapely.intersection(cuts, ground)])
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(noded)))
    faces = faces[shapely.intersects(ground, shapely.point_on_surface(faces))]
    crossing = bridges[shapely.intersects(bridges, ground)]
    return Sides(faces, _join(faces, shapely.intersection(crossing, ground)))


def _join(faces: Any, bridges: Any) -> Any:
    """Number the faces so that those under one bridge share a number."""
    ends: list[tuple[int, int]] = []
    for bridge in bridges:
        under = np.flatnonzero(shapely.length(shapely.intersection(faces, bridge)) > _CROSSING_M)
        ends += [(int(under[0]), int(face)) for face in under[1:]]
    first, second = np.array(ends, dtype=int).reshape(-1, 2).T
    joined = coo_array((np.ones(len(first)), (first, second)), shape=(len(faces), len(faces)))
    return connected_components(joined, directed=False)[1]


def walls_of(case: Case) -> Any:
    """Return the lines of impassable barriers, of areas their outlines."""
    if case.barriers is None:
        return np.array([], dtype=object)
    closed = case.barriers["kind"].isin(_IMPASSABLE)
    if "passable" in case.barriers:
        said = case.barriers["passable"].astype(float)
        closed = (said == 0) | (said.isna() & closed)
    return lines_of(case.barriers.geometry[closed & (case.barriers["kind"] != "bridge")].to_numpy())


def bridges_of(case: Case) -> Any:
    """Return the lines of bridges."""
    if case.barriers is None:
        return np.array([], dtype=object)
    return lines_of(case.barriers.geometry[case.barriers["kind"] == "bridge"].to_numpy())


def lines_of(shapes: Any) -> Any:
    """Return the lines among the shapes, and the outlines of the areas."""
    parts = shapely.get_parts(shapes)
    area = shapely.get_dimensions(parts) == 2
    return np.concatenate([parts[shapely.get_dimensions(parts) == 1], shapely.boundary(parts[area])])

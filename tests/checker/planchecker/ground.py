"""Ground: grids tile their communities, cells tile their grids, what was given stays as it was."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from planchecker.case import Case
from planchecker.words import some

_INNER_M2 = 0.01
_RIM_M = 0.05
_SNAP_M = 2.0


def check_shapes(case: Case) -> Iterator[str]:
    """Every grid and cell is a valid polygon with an area, and every grid names a community."""
    cells = case.units.dropna(subset=["geometry"])
    for name, frame, ids in (("grid", case.grids, "grid_code"), ("cell", cells, "unit_id")):
        shapes = frame.geometry.to_numpy()
        sound = shapely.is_valid(shapes) & (shapely.get_dimensions(shapes) == 2) & (shapely.area(shapes) > 0)
        sound &= np.isin(shapely.get_type_id(shapes), (3, 6))
        if not sound.all():
            yield f"{name}s that are no valid polygon: {some(frame[ids][~sound])}"
    unknown = set(case.grids["community_code"].fillna("(null)")) - set(case.communities["community_code"])
    if unknown:
        yield f"grids of communities that do not exist: {some(unknown)}"


def check_tiling(case: Case) -> Iterator[str]:
    """The grids of each community cover it and no more; no two grids overlap."""
    yield from _check_cover(case, case.grids, "grids")
    yield from _check_overlap(case.grids, "grid_code", "grids")


def check_cells(case: Case) -> Iterator[str]:
    """The cells cover the communities too, and each grid is the union of its cells."""
    cells = case.units.dropna(subset=["geometry"])
    home = case.grids.set_index("grid_code")["community_code"]
    cells = cells.assign(community_code=cells["grid_code"].map(home))
    yield from _check_cover(case, cells, "cells")
    yield from _check_overlap(cells, "unit_id", "cells")
    joined = {code: shapely.union_all(part.geometry.to_numpy()) for code, part in cells.groupby("grid_code")}
    own = np.array([joined.get(code, shapely.Polygon()) for code in case.grids["grid_code"]], dtype=object)
    differ = shapely.area(shapely.symmetric_difference(case.grids.geometry.to_numpy(), own)) > _INNER_M2
    if differ.any():
        yield f"grids that are not the union of their cells: {some(case.grids['grid_code'][differ])}"


def _check_cover(case: Case, parts: gpd.GeoDataFrame, name: str) -> Iterator[str]:
    """Compare what the parts of each community cover with the community's polygon."""
    cover = {code: shapely.union_all(part.geometry.to_numpy()) for code, part in parts.groupby("community_code")}
    nothing = shapely.Polygon()
    everything = shapely.union_all(list(cover.values()))
    rows = zip(case.communities["community_code"], case.communities.geometry, case.core, strict=True)
    for code, community, core in rows:
        own, rim = cover.get(code, nothing), case.rim(community.length)
        missing = shapely.difference(core, own)
        contested = shapely.difference(shapely.difference(community, core), everything)
        spill = shapely.difference(own, community).area
        if missing.area + contested.area > rim:
            yield f"community {code}: {name} leave {missing.area + contested.area:.3f} m2 uncovered, {rim:.3f} allowed"
        if spill > rim:
            yield f"community {code}: {name} spill {spill:.3f} m2 over its border, {rim:.3f} allowed"
        inner = shapely.intersection(missing, shapely.buffer(core, -_RIM_M)).area
        if inner > _INNER_M2:
            yield f"community {code}: {name} leave gaps of {inner:.3f} m2 inside"


def _check_overlap(parts: gpd.GeoDataFrame, ids: str, name: str) -> Iterator[str]:
    shapes = parts.geometry.to_numpy()
    first, second = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    first, second = first[first < second], second[first < second]
    area = shapely.area(shapely.intersection(shapes[first], shapes[second]))
    if (area > _INNER_M2).any():
        worst = int(area.argmax())
        pair = parts[ids].iloc[[first[worst], second[worst]]]
        count = int((area > _INNER_M2).sum())
        yield f"{name} overlap in {count} pairs, worst {' and '.join(pair)} by {area[worst]:.3f} m2"


def check_homes(case: Case) -> Iterator[str]:
    """Each building stands in its cell, and in the community that holds most of it."""
    shape = case.buildings.drop_duplicates("building_id").set_index("building_id").geometry
    known = case.own[case.own["building_id"].isin(shape.index)]
    footprint = shape.reindex(known["building_id"]).to_numpy()
    cells = case.units.dropna(subset=["geometry"]).drop_duplicates("unit_id").set_index("unit_id").geometry
    away = shapely.distance(footprint, cells.reindex(known["unit_id"]).to_numpy()) > _SNAP_M
    if away.any():
        yield f"buildings more than {_SNAP_M:g} m from their cell: {some(known['building_id'][away])}"
    home = known["grid_code"].map(case.grids.set_index("grid_code")["community_code"])
    code, border = case.communities["community_code"], case.communities.geometry.to_numpy()
    place = {value: row for row, value in enumerate(code)}
    rows = np.array([place.get(value, -1) for value in home])
    held = _held(footprint, border[rows])
    # Where communities overlap, a building mostly in one may lie wholly in another: more than half is enough.
    foreign = (held < 0.5) & (held < _most_held(footprint, border) - 1e-6)
    if foreign.any():
        yield f"buildings in a grid of another community: {some(known['building_id'][foreign])}"


def _held(footprint: Any, border: Any) -> Any:
    """Return the share of each footprint (1 or 0 for a point) that lies in its border."""
    flat = shapely.area(footprint) > 0
    share = shapely.area(shapely.intersection(footprint, border)) / np.where(flat, shapely.area(footprint), 1)
    return np.where(flat, share, shapely.covers(border, footprint).astype(float))


def _most_held(footprint: Any, border: Any) -> Any:
    """Return the largest share of each footprint that one community holds."""
    building, community = shapely.STRtree(border).query(footprint, predicate="intersects")
    most = np.zeros(len(footprint))
    np.maximum.at(most, building, _held(footprint[building], border[community]))
    return most


def check_fixed(case: Case) -> Iterator[str]:
    """Locked grids and exclusive areas are as the source draws them, and no others are claimed."""
    yield from _check_locked(case)
    wanted = list(_exclusive_parts(case))
    # Ground that two areas share may go to either.
    shared = _shared_ground(case)
    claimed = case.grids[(case.grids["kind"] == "exclusive") & (case.grids["locked"].astype(int) == 0)]
    found: set[str] = set()
    for name, code, part, needed in wanted:
        same = claimed[claimed["community_code"] == code]
        differ = shapely.symmetric_difference(same.geometry.to_numpy(), part)
        differ = shapely.area(shapely.difference(differ, shared))
        hit = same["grid_code"][differ <= case.rim(part.length)]
        found |= set(hit)
        if needed and hit.empty and shapely.difference(part, shared).area > case.rim(part.length):
            yield f"exclusive area {name} is no grid of its own in community {code}"
    if set(claimed["grid_code"]) - found:
        yield f"exclusive grids that the source does not draw: {some(set(claimed['grid_code']) - found)}"


def _shared_ground(case: Case) -> Any:
    """Return the ground that several exclusive areas claim."""
    if case.exclusive is None:
        return shapely.Polygon()
    shapes = shapely.make_valid(case.exclusive.geometry.to_numpy())
    first, second = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    pairs = [(one, two) for one, two in zip(first, second, strict=True) if one < two]
    return shapely.union_all([shapely.intersection(shapes[one], shapes[two]) for one, two in pairs])


def _exclusive_parts(case: Case) -> Iterator[tuple[str, str, Any, bool]]:
    """Yield name, community, ground and whether it must be there: a sliver along a border need not."""
    if case.exclusive is None:
        return
    locked = shapely.union_all(case.grids.geometry[case.grids["locked"].astype(int) == 1].to_numpy())
    for name, area in zip(case.exclusive["name"], shapely.make_valid(case.exclusive.geometry.to_numpy()), strict=True):
        free = shapely.difference(area, locked)
        for code, community in zip(case.communities["community_code"], case.core, strict=True):
            part = shapely.intersection(free, community)
            if part.area > 0:
                yield str(name), str(code), part, part.area > max(1.0, 0.01 * area.area)


def _check_locked(case: Case) -> Iterator[str]:
    claimed = set(case.grids["grid_code"][case.grids["locked"].astype(int) == 1])
    present = case.present
    locked = None if present is None or "locked" not in present else present[present["locked"].astype(float) == 1]
    wanted = {} if locked is None else dict(zip(locked["grid_code"], locked.geometry, strict=True))
    if claimed - set(wanted):
        yield f"locked grids that the source does not lock: {some(claimed - set(wanted))}"
    plan = case.grids.set_index("grid_code")
    border = case.communities.set_index("community_code").geometry
    for code, shape in wanted.items():
        if code not in claimed:
            yield f"locked grid {code} is not in the plan as a locked grid"
            continue
        kept = shapely.intersection(shapely.make_valid(shape), border[plan.loc[code, "community_code"]])
        differ = shapely.symmetric_difference(kept, plan.loc[code, "geometry"]).area
        if differ > case.rim(shape.length):
            yield f"locked grid {code} has changed by {differ:.3f} m2"

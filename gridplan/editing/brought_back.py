"""
Grids that were redrawn elsewhere and brought back: what of them becomes edits, and what cannot be taken.

Somebody moves borders by hand in a GIS. No border meets the cells exactly, so every unit goes whole to the polygon
that holds most of its ground; whatever that leaves over is named, never lost in silence.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Unpack

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from gridplan.editing import errors
from gridplan.editing.apply import Signature
from gridplan.editing.state import State
from gridplan.site import NONE, Geometries, Numbers
from gridplan.sources.columns import as_text
from gridplan.sources.gdal import layer_names, read_layer
from gridplan.sources.sniff import Format, detect

if TYPE_CHECKING:
    from gridplan.plan import Plan

# Ground of a unit that this share of it, or this width along its border, takes elsewhere is a hand's tremor.
SLIVER_SHARE, SLIVER_WIDTH_M = 0.02, 0.5
LEAST_M2 = 0.01
NEW = "new"
ISSUES = {
    "unknown_code": ("方案中没有此编码，所画范围未采纳", "the plan has no such code; what was drawn is not taken"),
    "repeated_code": ("编码重复，其余部分作为新网格", "the code comes again; the lesser part is a new grid"),
    "overlap": ("两个网格重叠，基本单元按其主要部分归属", "two grids overlap; units go where most of them lies"),
    "gap": ("基本单元大部分不在任何网格内，保持原归属", "most of the unit is in no grid; it stays where it was"),
    "part_of_unit": (
        "边界穿过基本单元，整体归入占地较多一方",
        "the border cuts the unit; it goes to the larger side",
    ),
    "sliver": ("与基本单元边界的细小出入，按后者处理", "small differences from the units' borders; theirs hold"),
    "locked": ("网格已锁定，改动未采纳", "the grid is locked; the change is not taken"),
    "other_community": ("超出所属社区，改动未采纳", "the unit lies in another community; the change is not taken"),
    "outside": ("超出方案范围的部分未采纳", "ground outside the plan is not taken"),
    "kept_attribute": ("名称以外的属性改动请单独操作", "a changed kind or lock is an edit of its own"),
}


@dataclass(frozen=True)
class BroughtBack:
    """
    What a file of redrawn grids comes to.

    Parameters
    ----------
    edits
        Actions with their parameters, in order, as `gridplan.plan.Plan.edit` takes them.
    issues
        ``issue, grid_code, unit_id, area_m2, zh, en``: what cannot be taken as it was drawn.
    """

    edits: tuple[tuple[str, dict[str, Any]], ...]
    issues: pd.DataFrame

    def apply(self, plan: Plan, **signature: Unpack[Signature]) -> Plan:
        """
        Make the edits, all of them or none.

        Parameters
        ----------
        plan
            The plan that the file was compared with.
        signature
            Who, when, why, and whether to insist.

        Raises
        ------
        EditError
            If one of them cannot be made, or breaks a rule without ``force``.
        """
        made = plan
        for action, parameters in self.edits:
            made = made.edit(action, parameters, **signature)
        return made


class _Log:
    """Issues gathered in the order in which they are met."""

    def __init__(self) -> None:
        self.rows: list[tuple[str, str | None, str | None, float]] = []

    def add(self, issue: str, code: str | None, unit: str | None = None, area_m2: float = 0.0) -> None:
        self.rows.append((issue, code, unit, round(float(area_m2), 2)))

    def frame(self) -> pd.DataFrame:
        out = pd.DataFrame(self.rows, columns=["issue", "grid_code", "unit_id", "area_m2"])
        out = out.astype({"issue": object, "grid_code": object, "unit_id": object, "area_m2": float})
        return out.assign(
            zh=out["issue"].map(lambda key: ISSUES[key][0]), en=out["issue"].map(lambda key: ISSUES[key][1])
        )


def edits_from(plan: Plan, edited: str | Path | gpd.GeoDataFrame) -> BroughtBack:
    """
    Compare redrawn grids with a plan.

    Parameters
    ----------
    plan
        The plan that was taken out.
    edited
        GeoPackage (its layer ``grids``), shapefile or GeoJSON, or a frame: ``grid_code`` (null for a new grid),
        geometry, and where they were changed ``name, kind, locked``; in any CRS that it states.

    Raises
    ------
    EditError
        If it cannot be read, has no ``grid_code``, no CRS or no polygon.
    """
    state, log = plan.state, _Log()
    frame = _prepared(edited if isinstance(edited, gpd.GeoDataFrame) else _read(Path(edited)), plan)
    words, shapes = _targets(frame, state, log)
    _name_overlaps(words, shapes, log)
    _name_outside(shapes, words, state, log)
    home = _homes_of_units(state, words, shapes, log)
    edits = [*_renames(frame, state, log), *_redraws(state, words, home)]
    return BroughtBack(tuple(edits), log.frame())


def _read(path: Path) -> gpd.GeoDataFrame:
    if not path.is_file():
        raise errors.impossible("no_file", path=path)
    found, words = detect(path)
    if found not in (Format.GEOPACKAGE, Format.SHAPEFILE, Format.GEOJSON):
        raise errors.impossible("no_grids_file", path=path, words=words)
    names = layer_names(path)
    frame, _ = read_layer(path, layer="grids" if "grids" in names else names[0])
    if not isinstance(frame, gpd.GeoDataFrame):
        raise errors.impossible("no_geometry", path=path)
    return frame


def _prepared(frame: gpd.GeoDataFrame, plan: Plan) -> gpd.GeoDataFrame:
    if "grid_code" not in frame:
        raise errors.impossible("no_code_column", columns=", ".join(map(str, frame.columns)))
    if frame.crs is None:
        raise errors.impossible("no_crs")
    frame = frame[frame.geometry.notna()].to_crs(plan.grids.crs).reset_index(drop=True)
    polygons = shapely.make_valid(frame.geometry.to_numpy())
    frame = frame.set_geometry(gpd.GeoSeries(polygons, crs=plan.grids.crs))
    frame = frame[frame.geometry.area > 0].reset_index(drop=True)
    if not len(frame):
        raise errors.impossible("no_polygon")
    codes = [None if code is None or not code.strip() else code.strip() for code in as_text(frame["grid_code"])]
    return frame.assign(grid_code=pd.Series(codes, dtype=object))


def _targets(frame: gpd.GeoDataFrame, state: State, log: _Log) -> tuple[list[str], Geometries]:
    """Return a word for each polygon that can be taken, its code or a word for a new grid, largest first."""
    order = np.argsort(-frame.geometry.area.to_numpy(), kind="stable")
    words: list[str] = []
    shapes = []
    for row in order.tolist():
        code, shape = frame["grid_code"][row], frame.geometry[row]
        if code is not None and code not in state.number:
            log.add("unknown_code", code, area_m2=shape.area)
            continue
        if code in words:
            log.add("repeated_code", code, area_m2=shape.area)
        words.append(code if code is not None and code not in words else f"{NEW} {len(words) + 1}")
        shapes.append(shape)
    return words, np.array(shapes, dtype=object)


def _name_overlaps(words: list[str], shapes: Geometries, log: _Log) -> None:
    if not len(shapes):
        return
    one, two = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    for first, second in zip(one[one < two].tolist(), two[one < two].tolist(), strict=True):
        shared = shapely.intersection(shapes[first], shapes[second])
        if not _is_sliver(shared, min(shapes[first].area, shapes[second].area)):
            log.add("overlap", f"{words[first]}, {words[second]}", area_m2=shared.area)


def _name_outside(shapes: Geometries, words: list[str], state: State, log: _Log) -> None:
    whole = shapely.union_all(state.ground.cells)
    for word, shape in zip(words, shapes, strict=True):
        beyond = shapely.difference(shape, whole)
        if not _is_sliver(beyond, shape.area):
            log.add("outside", word, area_m2=beyond.area)


def _is_sliver(ground: shapely.Geometry, of_m2: float) -> bool:
    """Tell whether ground is nothing, thin everywhere, or a small share of what it was taken from."""
    area = float(ground.area)
    thin = 2.0 * area < SLIVER_WIDTH_M * float(ground.length)
    return area <= LEAST_M2 or thin or area <= SLIVER_SHARE * of_m2


def _homes_of_units(state: State, words: list[str], shapes: Geometries, log: _Log) -> Numbers:
    """Return the polygon that each unit goes to, or -1 where it stays; what is left over is named."""
    ground, cells = state.ground, state.ground.cells
    shares = _shares(cells, shapes)
    home = np.full(ground.n_units, NONE, dtype=np.int64)
    small: dict[str, float] = {}
    mine = {state.number[word]: place for place, word in enumerate(words) if word in state.number}
    for unit in range(ground.n_units):
        code = str(state.codes[state.label[unit]])
        present = mine.get(int(state.label[unit]), NONE)
        found = shares.get(unit, {})
        best = max(found, key=lambda place: (found[place], place == present), default=NONE)
        covered, cell = sum(found.values()), float(ground.area_m2[unit])
        if best == NONE or 2.0 * covered < cell:
            log.add("gap", code, str(ground.unit_ids[unit]), cell - min(covered, cell))
            continue
        left = cell - found[best]
        if left > LEAST_M2 and not _is_sliver(shapely.difference(cells[unit], shapes[best]), cell):
            log.add("part_of_unit", words[best], str(ground.unit_ids[unit]), left)
        elif left > LEAST_M2:
            small[words[best]] = small.get(words[best], 0.0) + left
        home[unit] = best
    for word, area in small.items():
        log.add("sliver", word, area_m2=area)
    return _allowed(state, words, home, log)


def _shares(cells: Geometries, shapes: Geometries) -> dict[int, dict[int, float]]:
    """Return the square metres of each unit in each polygon."""
    shares: dict[int, dict[int, float]] = {}
    if not len(shapes):
        return shares
    unit, place = shapely.STRtree(shapes).query(cells, predicate="intersects")
    area: NDArray[np.float64] = shapely.area(shapely.intersection(cells[unit], shapes[place]))
    for one, two, m2 in zip(unit.tolist(), place.tolist(), area.tolist(), strict=True):
        if m2 > 0:
            shares.setdefault(one, {})[two] = m2
    return shares


def _allowed(state: State, words: list[str], home: Numbers, log: _Log) -> Numbers:
    """Let units stay that a lock holds, or that would leave their community."""
    ground = state.ground
    for place, word in enumerate(words):
        units = np.flatnonzero(home == place)
        if not len(units):
            continue
        target = state.number.get(word)
        weight = np.bincount(ground.community[units], ground.area_m2[units])
        community = int(weight.argmax()) if target is None else int(state.community[target])
        moving = units[state.label[units] != (NONE if target is None else target)]
        held = state.locked[state.label[moving]] | (target is not None and bool(state.locked[target]))
        abroad = ground.community[moving] != community
        for issue, stays in (("locked", held & ~abroad), ("other_community", abroad)):
            for unit in moving[stays]:
                log.add(issue, word, str(ground.unit_ids[unit]), ground.area_m2[unit])
        home[moving[held | abroad]] = NONE
    return home


def _redraws(state: State, words: list[str], home: Numbers) -> list[tuple[str, dict[str, Any]]]:
    """Return one edit for each community that changes."""
    ground = state.ground
    edits = []
    for community in range(len(ground.communities)):
        grids: dict[str, list[str]] = {}
        for place, word in enumerate(words):
            units = np.flatnonzero((home == place) & (ground.community == community))
            moving = units[state.label[units] != state.number.get(word, NONE)]
            if len(moving):
                grids[word] = [str(each) for each in ground.unit_ids[moving]]
        if grids:
            edits.append(("redraw", {"grids": grids}))
    return edits


def _renames(frame: gpd.GeoDataFrame, state: State, log: _Log) -> list[tuple[str, dict[str, Any]]]:
    """Return an edit for each changed name; a changed kind or lock is only named."""
    edits = []
    first = frame[frame["grid_code"].isin(state.number) & ~frame["grid_code"].duplicated()]
    for row in pd.DataFrame(first.drop(columns=first.geometry.name)).to_dict("records"):
        grid = state.number[row["grid_code"]]
        name = row.get("name")
        if isinstance(name, str) and name.strip() and name.strip() != state.names[grid]:
            edits.append(("rename", {"code": row["grid_code"], "name": name.strip()}))
        other_kind = isinstance(row.get("kind"), str) and row["kind"] != state.kinds[grid]
        lock = row.get("locked")
        if other_kind or (lock is not None and lock == lock and bool(int(lock)) != bool(state.locked[grid])):
            log.add("kept_attribute", row["grid_code"])
    return edits

"""All levels of a district in one tree: communities, grids, micro-grids, building heads; codes and ground nest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gridplan.codes import new_codes, reading_order
from gridplan.district import District
from gridplan.levels.coding import town_of
from gridplan.measures import compactness
from gridplan.plan import Plan

LEVELS = ("community", "grid", "micro")
COLUMNS = [
    "level",
    "code",
    "parent_code",
    "name",
    "kind",
    "households",
    "persons",
    "units",
    "work_min",
    "area_m2",
    "compactness",
]
HEAD_CODE = "{community}{sequence:03d}"


@dataclass(frozen=True)
class Tree:
    """
    The levels of one district.

    Parameters
    ----------
    levels
        One row for each area of each level, from the top: ``level`` (``community``, ``grid``, ``micro``), ``code``,
        ``parent_code`` (of a community its town, null where its code names none), ``name, kind, households, persons,
        units`` (buildings), ``work_min, area_m2, compactness, geometry``.
    violations
        The violations of each level: ``level`` and the columns of a plan's layer.
    heads
        One row for each building, or entrance of a divided tower, the lowest listing: ``head_code`` (the lowest
        area's code and three digits, in reading order), ``building_id, entrance, address, households,
        community_code, grid_code, micro_code`` and ``head, phone`` to be filled in.
    """

    levels: gpd.GeoDataFrame
    violations: pd.DataFrame
    heads: pd.DataFrame


def tree_of(district: District, grids: Plan, micro: Plan | None = None, communities: Plan | None = None) -> Tree:
    """
    Lay the levels of a district into one tree.

    Parameters
    ----------
    district
        The district that was cut into grids, with its proposed communities where there are any.
    grids, micro
        Plans of the grids, and of the micro-grids inside them.
    communities
        The cut into communities, whose violations belong to the tree.
    """
    plans = {"community": communities, "grid": grids, "micro": micro}
    made = {level: plan for level, plan in plans.items() if plan is not None}
    rows = [_communities(district, grids), _areas(grids, "grid", "community_code")]
    if micro is not None:
        rows.append(_areas(micro, "micro", "parent_code"))
    levels = gpd.GeoDataFrame(pd.concat(rows, ignore_index=True), geometry="geometry", crs=district.crs)
    return Tree(levels, _violations(made), _heads(district, grids, micro))


def _areas(plan: Plan, level: str, parent: str) -> pd.DataFrame:
    frame = pd.DataFrame(plan.grids).rename(columns={"grid_code": "code"})
    return frame.assign(level=level, parent_code=plan.grids[parent])[[*COLUMNS, "geometry"]]


def _communities(district: District, grids: Plan) -> pd.DataFrame:
    """Return the communities with what their grids hold together."""
    within = grids.grids.groupby("community_code")
    frame = pd.DataFrame(district.communities).set_index("community_code", drop=False)
    polygons = np.asarray(frame["geometry"], dtype=object)
    buildings = district.buildings.groupby("home")["building_id"].nunique()
    frame = frame.assign(
        level="community",
        code=frame.index,
        parent_code=np.array([town_of(code) or None for code in frame.index], dtype=object),
        kind=frame["area_kind"],
        households=within["households"].sum(),
        persons=within["persons"].sum(min_count=1),
        units=buildings.reindex(frame.index, fill_value=0),
        work_min=within["work_min"].sum(),
        area_m2=shapely.area(polygons),
        compactness=compactness(polygons),
    )
    return frame[[*COLUMNS, "geometry"]].reset_index(drop=True)


def _violations(made: Mapping[str, Plan]) -> pd.DataFrame:
    frames = [plan.violations.assign(level=level) for level, plan in made.items()]
    frame = pd.concat([part for part in frames if len(part)] or frames[:1], ignore_index=True)
    return frame[["level", *(name for name in frame if name != "level")]]


def _heads(district: District, grids: Plan, micro: Plan | None) -> pd.DataFrame:
    """Return the listing of buildings by their lowest area."""
    lowest = grids if micro is None else micro
    placed = lowest.units[lowest.units["building_id"].notna()].reset_index(drop=True)
    by_code = lowest.grids.set_index("grid_code")
    known = district.buildings.set_index("building_id")
    code = placed["grid_code"]
    frame = pd.DataFrame(
        {
            "head_code": _head_codes(placed, _places(placed, known)),
            "building_id": placed["building_id"],
            "entrance": placed["entrance"],
            "address": placed["building_id"].map(known["address"]),
            "households": placed["households"],
            "community_code": code.map(by_code["community_code"]),
            "grid_code": code if micro is None else code.map(by_code["parent_code"]),
            "micro_code": None if micro is None else code,
            "head": None,
            "phone": None,
        }
    )
    text = [str(name) for name in frame if name != "households"]
    frame[text] = frame[text].astype(object).where(frame[text].notna(), None)
    return frame.sort_values("head_code", ignore_index=True)


def _places(placed: pd.DataFrame, known: gpd.GeoDataFrame) -> np.ndarray:
    """Return a point of each row: of its cell, or of its building where it shares its cell."""
    shapes = placed["geometry"].to_numpy(dtype=object)
    other = known.geometry.reindex(placed["building_id"]).to_numpy(dtype=object)
    inner = shapely.point_on_surface(np.where(shapely.is_missing(shapes), other, shapes))
    return np.asarray(shapely.get_coordinates(inner))


def _head_codes(placed: pd.DataFrame, xy: np.ndarray) -> np.ndarray:
    codes = np.empty(len(placed), dtype=object)
    for area, places in placed.groupby("grid_code").indices.items():
        rows = np.asarray(places)
        extent = np.ptp(xy[rows], axis=0)
        height = float(np.sqrt(max(extent.prod(), 1.0) / len(rows))) / 2.0
        order = rows[reading_order(xy[rows], height)]
        codes[order] = new_codes(str(area), HEAD_CODE, [None] * len(order), ())
    return codes

"""
A district under other parents: the same buildings in other areas, so that one planner cuts every level.

What `gridplan.plan.build_plan` calls a community is whatever its grids may not cross: a community, a town, a grid.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from gridplan.district import District
from gridplan.errors import RulesError
from gridplan.rules import LevelRules, Rules
from gridplan.sources.canonical import canonical
from gridplan.towers import building_by_entrance

# Stands between building and entrance where a building that lies in several areas is taken apart.
APART = "\x1f"


def rules_of_level(rules: Rules, level: LevelRules, must_join: tuple[tuple[str, str], ...] = ()) -> Rules:
    """
    Return rules under which `build_plan` makes the areas of another level.

    Parameters
    ----------
    rules
        Rules of the grids. Weights, work, barriers and seed hold for every level; bounds on persons and work, numbers
        and pairs are of the grids alone.
    level
        Rules of the level.
    must_join
        Pairs of buildings that share an area of the level.
    """
    return replace(
        rules,
        minimum=level.band.minimum,
        target=level.band.target,
        maximum=level.band.maximum,
        code=level.code.replace("{parent", "{community"),
        n_grids=dict(level.number),
        persons_minimum=None,
        persons_maximum=None,
        work_minimum=None,
        work_maximum=None,
        must_join=must_join,
        must_part=(),
    )


def district_within(district: District, areas: pd.DataFrame, buildings: pd.DataFrame) -> District:
    """
    Return a district whose communities are other areas; without today's grids and exclusive areas.

    Parameters
    ----------
    district
        The settled district.
    areas
        ``community_code, name, area_kind, geometry``; no two overlap.
    buildings
        Columns of a district's buildings, ``home`` one of the areas' codes.
    """
    return replace(
        district,
        communities=canonical(pd.DataFrame(areas), "communities", district.crs),
        buildings=canonical(pd.DataFrame(buildings), "buildings", district.crs),
        grids=None,
        exclusive=None,
    )


def buildings_in_grids(district: District, units: pd.DataFrame) -> pd.DataFrame:
    """
    Return the buildings with the grid that each lies in as ``home``; towers divided by entrance taken apart.

    Parameters
    ----------
    district
        The settled district.
    units
        Layer ``units`` of a plan of it.

    Raises
    ------
    RulesError
        If plan and district hold different buildings.
    """
    placed = units[units["building_id"].notna()]
    _require_same(set(district.buildings["building_id"]), set(placed["building_id"]))
    whole = placed[placed["entrance"].isna()].set_index("building_id")["grid_code"]
    kept = district.buildings[district.buildings["building_id"].isin(whole.index)]
    frames = [pd.DataFrame(kept.assign(home=kept["building_id"].map(whole)))]
    by_id = district.buildings.set_index("building_id", drop=False)
    for building_id, rows in placed[placed["entrance"].notna()].groupby("building_id"):
        frames.append(_taken_apart(by_id.loc[building_id].to_dict(), rows))
    return pd.concat([frame for frame in frames if len(frame)], ignore_index=True)


def _require_same(ours: set[str], theirs: set[str]) -> None:
    if ours != theirs:
        lacking, unknown = sorted(ours - theirs), sorted(theirs - ours)
        found = "; ".join(
            f"{len(ids)} {text} (first: {ids[0]})"
            for ids, text in (
                (lacking, "of the source's are not in the plan"),
                (unknown, "in the plan are not in the source"),
            )
            if ids
        )
        raise RulesError(f"the plan is not one of this source: its buildings differ: {found}")


def _taken_apart(building: Mapping[str, Any], rows: pd.DataFrame) -> pd.DataFrame:
    parts = building_by_entrance(building, rows[["entrance", "households"]])
    homes = rows.set_index("entrance")["grid_code"]
    ids = [f"{building['building_id']}{APART}{entrance}" for entrance in parts["entrance"]]
    return parts.assign(building_id=ids, home=parts["entrance"].map(homes)).drop(columns="entrance")


def put_together(units: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """
    Return units with the ids of their buildings again, where buildings had been taken apart.

    Parameters
    ----------
    units
        Layer ``units`` of a plan of a district from `buildings_in_grids`.
    """
    names = units["building_id"].astype(object).where(units["building_id"].notna(), "").astype(str)
    pieces = names.str.partition(APART)
    apart = (pieces[1] == APART).to_numpy()
    return units.assign(
        building_id=np.where(apart, pieces[0], units["building_id"].to_numpy(dtype=object)),
        entrance=np.where(apart, pieces[2], units["entrance"].to_numpy(dtype=object)),
    )

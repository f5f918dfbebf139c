"""The layers ``grids`` and ``units`` of a plan, from the communities' plans."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gridplan.codes import last_code, ordinal_name, sequence_of, used_today
from gridplan.community import CommunityPlan
from gridplan.district import District
from gridplan.measures import compactness
from gridplan.rules import Rules
from gridplan.site import NONE
from gridplan.sites import Sites


def grids_layer(
    district: District,
    rules: Rules,
    sites: Sites,
    plans: list[CommunityPlan],
    codes: list[list[str]],
    rows: pd.DataFrame,
) -> gpd.GeoDataFrame:
    """Return the layer ``grids``."""
    buildings = rows.groupby("number")["building"].nunique()
    known = district.buildings["persons"].notna().to_numpy()[rows["building"]]
    known_persons = rows[known].groupby("number")["persons"].sum()
    records, number = [], 0
    today = _names_of_today(district)
    for site, plan, names in zip(sites.sites, plans, codes, strict=True):
        last = last_code([*names, *used_today(district.grids, site.code)], site.code, rules.code)
        sums = [np.bincount(plan.grid, values, len(names)).astype(np.int64) for values in (plan.households, plan.work)]
        for place, code in enumerate(names):
            area = None if plan.fixed[place] == NONE else site.fixed[plan.fixed[place]]
            persons = known_persons.get(number)
            records.append(
                {
                    "grid_code": code,
                    "name": (area.name if area else "") or today.get(code) or _name_of(code, site.code, rules),
                    "kind": area.kind if area else ("rural" if site.rural else "basic"),
                    "community_code": site.code,
                    "households": int(sums[0][place]),
                    "persons": pd.NA if persons is None else round(persons),
                    "units": int(buildings.get(number, 0)),
                    "work_min": int(sums[1][place]),
                    "locked": int(area.locked) if area else 0,
                    "last_code": last,
                }
            )
            number += 1
    frame = pd.DataFrame(records).astype({"persons": "Int64"})
    polygons = np.concatenate([plan.polygons for plan in plans])
    frame["area_m2"] = shapely.area(polygons)
    frame["compactness"] = compactness(polygons)
    frame["valid_from"] = pd.Series([None] * len(frame), dtype=object)
    columns = [
        "grid_code",
        "name",
        "kind",
        "community_code",
        "households",
        "persons",
        "units",
        "work_min",
        "area_m2",
        "compactness",
        "locked",
        "valid_from",
        "last_code",
    ]
    out = gpd.GeoDataFrame(frame[columns], geometry=polygons, crs=district.crs)
    return out.sort_values("grid_code", kind="stable").reset_index(drop=True)


def _names_of_today(district: District) -> dict[str, str]:
    """Return the names of today's grids by code: a grid that keeps its code keeps its name."""
    if district.grids is None:
        return {}
    named = district.grids[district.grids["name"].notna()]
    return dict(zip(named["grid_code"], named["name"], strict=True))


def _name_of(code: str, community: str, rules: Rules) -> str:
    """Return the name by the number in the code; a code of another make is its own name, so that none comes twice."""
    sequence = sequence_of(code, community, rules.code)
    return ordinal_name(sequence) if sequence else code


def units_layer(
    district: District, plans: list[CommunityPlan], codes: list[list[str]], rows: pd.DataFrame
) -> gpd.GeoDataFrame:
    """Return the layer ``units``: buildings by unit, then ground without a building; cells on a unit's first row."""
    flat = np.array([code for community in codes for code in community], dtype=object)
    estimated = district.buildings["estimated"].to_numpy()[rows["building"]]
    counted = district.buildings["persons"].notna().to_numpy()[rows["building"]]
    first = ~rows.duplicated(["site", "unit"])
    cells = np.full(len(rows), None, dtype=object)
    cells[first.to_numpy()] = [plans[s].cells[u] for s, u in rows.loc[first, ["site", "unit"]].itertuples(index=False)]
    built = pd.DataFrame(
        {
            "unit_id": [unit_id(plans[s].code, u) for s, u in rows[["site", "unit"]].itertuples(index=False)],
            "building_id": rows["building_id"],
            "grid_code": flat[rows["number"]],
            "households": rows["households"],
            "work_min": _shared_work(rows, plans),
            "entrance": rows["entrance"],
            "compound_id": district.buildings["compound_id"].to_numpy(dtype=object)[rows["building"]],
            "estimated": estimated.astype(np.int64),
            "persons": rows["persons"].round().astype("Int64").where(counted),
            "village_group": rows["group_name"],
            "old_code": _codes_of_today(district)[rows["previous"]],
            "geometry": cells,
        }
    )
    grounds, number = [built], 0
    for place, plan in enumerate(plans):
        bare = np.setdiff1d(np.arange(len(plan.cells)), rows.loc[rows["site"] == place, "unit"])
        ground = {
            "unit_id": [unit_id(plan.code, unit) for unit in bare],
            "grid_code": flat[number + plan.grid[bare]],
            "households": np.zeros(len(bare), dtype=np.int64),
            "work_min": plan.work[bare],
            "estimated": np.zeros(len(bare), dtype=np.int64),
            "geometry": plan.cells[bare],
        }
        grounds.append(pd.DataFrame(ground).reindex(columns=built.columns))
        number += len(plan.polygons)
    frame = pd.concat([part for part in grounds if len(part)], ignore_index=True)
    text = ["building_id", "entrance", "compound_id", "village_group", "old_code"]
    frame[text] = frame[text].astype(object).where(frame[text].notna(), None)
    frame = frame.sort_values(["unit_id", "building_id", "entrance"], kind="stable").reset_index(drop=True)
    return gpd.GeoDataFrame(_cell_first(frame), geometry="geometry", crs=district.crs)


def _codes_of_today(district: District) -> np.ndarray:
    """Return today's codes by row of today's grids, None at the end for buildings in no grid (row -1)."""
    return np.array([*([] if district.grids is None else district.grids["grid_code"]), None], dtype=object)


def _cell_first(frame: pd.DataFrame) -> pd.DataFrame:
    """Put each unit's cell on the first of its rows."""
    cell = frame.groupby("unit_id")["geometry"].transform("first")
    return frame.assign(geometry=cell.where(~frame.duplicated("unit_id"), None))


def unit_id(community: str, unit: int) -> str:
    """
    Return the id of a unit.

    Parameters
    ----------
    community, unit
        Its community_code and its number there, from 0.
    """
    return f"{community}-{unit + 1:05d}"


def _shared_work(rows: pd.DataFrame, plans: list[CommunityPlan]) -> np.ndarray:
    """Share each unit's work among its rows by households, so that the rows add up to the unit."""
    total = np.array([plans[s].work[u] for s, u in rows[["site", "unit"]].itertuples(index=False)], dtype=float)
    keys = [rows["site"], rows["unit"]]
    weight = rows["households"] + 1
    upto = weight.groupby(keys).cumsum() / weight.groupby(keys).transform("sum")
    reached = np.floor(upto.to_numpy() * total + 0.5)
    before = pd.Series(reached).groupby([key.to_numpy() for key in keys]).shift(fill_value=0.0).to_numpy()
    shared: np.ndarray = (reached - before).astype(np.int64)
    return shared

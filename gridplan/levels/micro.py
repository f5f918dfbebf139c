"""Micro-grids (微网格): 30-50 households each inside the grids of a plan, never across a grid's border."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from gridplan.district import District
from gridplan.levels.inside import buildings_in_grids, district_within, put_together, rules_of_level
from gridplan.measures import spread
from gridplan.plan import Plan, build_plan
from gridplan.rules import Rules
from gridplan.sources.canonical import canonical
from gridplan.towers import shared_out


def plan_micro(district: District, plan: Plan, rules: Rules, **options: Any) -> Plan:
    """
    Cut every grid of a plan into micro-grids.

    Parameters
    ----------
    district
        The settled district that the plan is of.
    plan
        Its grids, drafted, edited or published.
    rules
        ``rules.micro`` is the band, the template of codes and the numbers set; see `rules_of_level` for the rest.
    options
        ``jobs, effort, time_limit, progress`` of `gridplan.plan.build_plan`.

    Returns
    -------
    micro
        A plan whose layer ``grids`` holds micro-grids (kind ``micro``), with ``level`` and ``parent_code`` (the grid)
        beside the columns of the contract. Micro-grids tile their grid; households and work add up to it; a building
        above the maximum is one by itself (reason ``unit_over_maximum``) unless the source has its entrances. Village
        groups are not cut. An exclusive grid is one exclusive area still.

    Raises
    ------
    RulesError
        If plan and district hold different buildings.
    CodeOverflowError
        If a grid has more micro-grids than the template has numbers.
    """
    inside = district_within(district, _parents(plan.grids), buildings_in_grids(district, plan.units))
    exclusive = plan.grids[plan.grids["kind"] == "exclusive"]
    if len(exclusive):
        inside = replace(inside, exclusive=canonical(pd.DataFrame(exclusive), "exclusive", district.crs))
    made = build_plan(inside, rules_of_level(rules, rules.micro), **options)
    return _as_micro(made, plan)


def _parents(grids: gpd.GeoDataFrame) -> pd.DataFrame:
    kinds = np.where(grids["kind"] == "rural", "rural", "urban")
    return pd.DataFrame(
        {
            "community_code": grids["grid_code"],
            "name": grids["name"],
            "area_kind": kinds,
            "geometry": np.asarray(grids.geometry.values, dtype=object),
        }
    )


def _as_micro(made: Plan, plan: Plan) -> Plan:
    """Return a plan of grids inside grids in the words of micro-grids."""
    parent = made.grids.set_index("grid_code")["community_code"]
    units = _with_work_of(put_together(made.units), made.units["grid_code"].map(parent), plan.grids)
    communities = plan.grids.set_index("grid_code")["community_code"]
    work = units.groupby("grid_code")["work_min"].sum()
    grids = made.grids.assign(
        kind=made.grids["kind"].where(made.grids["kind"] == "exclusive", "micro"),
        name=made.grids["name"].where(made.grids["kind"] == "exclusive", made.grids["name"].map(_micro_name)),
        community_code=made.grids["community_code"].map(communities),
        work_min=made.grids["grid_code"].map(work).fillna(0).astype(np.int64),
        level="micro",
        parent_code=made.grids["community_code"],
    )
    grids = grids[[*(name for name in grids if name != "geometry"), "geometry"]]
    kinds = grids["kind"].value_counts().sort_index()
    measures = {
        **made.report["measures"],
        "communities": grids["community_code"].nunique(),
        "parents": grids["parent_code"].nunique(),
        "buildings": units["building_id"].nunique(),
        "grids_by_kind": {str(kind): int(count) for kind, count in kinds.items()},
        "work_min_per_grid": spread(grids.loc[grids["kind"] == "micro", "work_min"]),
    }
    report = {**made.report, "level": "micro", "within": plan.report.get("labels_digest"), "measures": measures}
    return replace(made, grids=grids, units=units, report=report)


def _micro_name(name: str) -> str:
    return name.replace("网格", "微网格") if name.endswith("网格") else name


def _with_work_of(units: gpd.GeoDataFrame, parent: pd.Series, grids: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Share each grid's work among its units as they came out, so that micro-grids add up to it to the minute."""
    total = grids.set_index("grid_code")["work_min"]
    work = units["work_min"].to_numpy(dtype=np.int64).copy()
    for code, rows in units.groupby(parent.to_numpy()).indices.items():
        own = work[rows].sum()
        if own:
            work[rows] = shared_out(float(total[code]), work[rows] / own).astype(np.int64)
    return units.assign(work_min=work)

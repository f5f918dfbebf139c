"""What each department's grid became, household by household; every household stands in one row of each department."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
import shapely

from gridplan.lineage import same_ground
from gridplan.plan import Plan
from gridplan.site import NONE
from gridplan.uniting.department import Department
from gridplan.uniting.holdings import Holding

COLUMNS = ("department", "old_code", "new_code", "change", "households")


def department_lineage(plan: Plan, building_ids: np.ndarray, department: Department, holding: Holding) -> pd.DataFrame:
    """
    Return every pair of a department's grid and a new grid that share households.

    Parameters
    ----------
    plan
        The united plan.
    building_ids
        Shape (n_buildings,): ids of the buildings that the holding speaks of.
    department, holding
        The department and where its grids hold the buildings.

    Returns
    -------
    lineage
        ``department, old_code, new_code, change, households``, by new code. ``change`` is ``unchanged`` (the same
        households on the same ground), ``changed`` (the same households, other ground), ``merged`` (all of the old
        grid is in a new one that has others too), ``split`` (the old grid is in several), ``new`` (no old grid held
        them) or ``retired`` (no ground of it is in the plan). The households add up to the plan's.
    """
    shared = _shared(plan, building_ids, department, holding)
    homes: dict[str, set[str]] = {}
    olds: dict[str, set[str | None]] = {}
    for old, new, _ in shared:
        olds.setdefault(new, set()).add(old)
        if old is not None:
            homes.setdefault(old, set()).add(new)
    before = dict(zip(department.codes, department.polygons, strict=True))
    after = dict(zip(plan.grids["grid_code"], plan.grids.geometry, strict=True))
    rows: list[tuple[str, str | None, str | None, str, int]] = [
        (department.name, old, new, _change(old, new, homes, olds, before, after), households)
        for old, new, households in shared
    ]
    rows += _without_households(department, homes, olds, plan)
    rows.sort(key=lambda row: (row[2] is None, row[2] or "", row[1] is None, row[1] or ""))
    frame = pd.DataFrame(rows, columns=list(COLUMNS)).astype({"households": "int64"})
    text = list(COLUMNS[:-1])
    frame[text] = frame[text].astype(object).where(frame[text].notna(), None)
    return frame


def _shared(
    plan: Plan, building_ids: np.ndarray, department: Department, holding: Holding
) -> list[tuple[str | None, str, int]]:
    """Return the old grid (None for none), the new grid and their households, more than 0."""
    built = plan.units[plan.units["building_id"].notna() & (plan.units["households"] > 0)]
    row = pd.Index(building_ids).get_indexer(pd.Index(built["building_id"]))
    owner = holding.owner[row]
    keys = pd.DataFrame({"owner": owner, "new": built["grid_code"].to_numpy(), "n": built["households"].to_numpy()})
    sums = keys.groupby(["owner", "new"], sort=True)["n"].sum().reset_index()
    return [
        (None if number == NONE else department.codes[number], str(new), int(n))
        for number, new, n in sums.itertuples(index=False)
    ]


def _change(
    old: str | None,
    new: str,
    homes: Mapping[str, set[str]],
    olds: Mapping[str, set[str | None]],
    before: Mapping[str, shapely.Geometry],
    after: Mapping[str, shapely.Geometry],
) -> str:
    if old is None:
        return "new"
    if len(homes[old]) > 1:
        return "split"
    if len(olds[new]) > 1:
        return "merged"
    return "unchanged" if same_ground(before[old], after[new]) else "changed"


def _without_households(
    department: Department, homes: Mapping[str, set[str]], olds: Mapping[str, set[str | None]], plan: Plan
) -> list[tuple[str, str | None, str | None, str, int]]:
    """Return rows of 0 households: old grids where nobody lives go where most of their ground does."""
    codes = plan.grids["grid_code"].to_numpy()
    ground = np.asarray(plan.grids.geometry.values, dtype=object)
    tree = shapely.STRtree(ground)
    rows: list[tuple[str, str | None, str | None, str, int]] = []
    told = set(olds)
    for code, polygon in zip(department.codes, department.polygons, strict=True):
        if code in homes:
            continue
        near = np.sort(tree.query(polygon, predicate="intersects"))
        area = shapely.area(shapely.intersection(ground[near], polygon))
        if not len(near) or area.max() <= 0.0:
            rows.append((department.name, code, None, "retired", 0))
            continue
        heir = near[area.argmax()]
        same = same_ground(polygon, ground[heir])
        rows.append((department.name, code, str(codes[heir]), "unchanged" if same else "merged", 0))
        told.add(str(codes[heir]))
    rows += [(department.name, None, str(code), "new", 0) for code in codes if code not in told]
    return rows

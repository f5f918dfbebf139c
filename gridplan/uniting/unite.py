"""One net from many (多网合一): departments reconciled, one plan that follows their borders, and what theirs became."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import geopandas as gpd
import pandas as pd

from gridplan.district import District
from gridplan.errors import RulesError
from gridplan.output import plan_layers
from gridplan.plan import Plan, build_plan
from gridplan.rules import Rules
from gridplan.uniting.department import Department
from gridplan.uniting.holdings import Holding, doubtful_layer, hold
from gridplan.uniting.lineage import department_lineage
from gridplan.uniting.measures import Followed, followed
from gridplan.uniting.reconcile import Reconciliation, reconcile


@dataclass(frozen=True)
class United:
    """
    A united plan and where it comes from.

    Parameters
    ----------
    plan
        The plan; its report has ``departments``.
    lineage
        ``department, old_code, new_code, change, households``; the households of each department add up to the plan's.
    doubtful
        Buildings whose grid of a department is in doubt, or that lie in none; see `doubtful_layer`.
    reconciliations
        How each layer fitted.
    followed
        How far the plan follows the departments.
    """

    plan: Plan
    lineage: pd.DataFrame
    doubtful: gpd.GeoDataFrame
    reconciliations: tuple[Reconciliation, ...]
    followed: Followed

    def layers(self) -> dict[str, pd.DataFrame]:
        """Return the layers of the plan's file, with ``departments`` and ``departments_doubtful``."""
        return {**plan_layers(self.plan), "departments": self.lineage, "departments_doubtful": self.doubtful}


def unite(
    district: District,
    rules: Rules,
    departments: Sequence[Department],
    *,
    tolerance_m: float = 2.0,
    plan: Plan | None = None,
    **options: Any,
) -> United:
    """
    Unite departments' layers of grids in one plan, or tell what became of theirs in a plan that is there.

    The rules of a plan go before every department; inside them, boundaries prefer to run where as many departments
    as possible already have one (``rules.weights.departments``).

    Parameters
    ----------
    district
        The settled district.
    rules
        Rules of the plan.
    departments
        One or more, in the district's CRS, with names that differ.
    tolerance_m
        Distance from a border within which the owner of a building is in doubt, metres, >= 0.
    plan
        A plan of this district, such as one that was united before and edited since: it stays as it is, and what became
        of the departments' grids is told of it. None cuts a new one.
    options
        As of `gridplan.plan.build_plan`: ``jobs, effort, time_limit, progress``.

    Raises
    ------
    RulesError
        If there is no department, two have one name, the rules cannot be kept, or the plan is another district's.
    """
    departments = tuple(departments)
    names = {department.name for department in departments}
    if not departments or len(names) < len(departments):
        raise RulesError(f"expected one or more departments with names that differ; found {sorted(names)}")
    if tolerance_m < 0:
        raise RulesError(f"the tolerance must not be negative; found {tolerance_m} m")
    if plan is not None:
        _require_plan_of(district, plan)
    buildings = district.buildings
    holdings = tuple(hold(buildings, department, tolerance_m) for department in departments)
    fits = tuple(
        reconcile(district, department, holding) for department, holding in zip(departments, holdings, strict=True)
    )
    if plan is None:
        plan = build_plan(district, rules, departments=departments, **options)
    lineage = _lineage(plan, buildings, departments, holdings)
    measures = followed(district, plan, departments, lineage, rules.barriers.tolerance_m)
    report = {
        **plan.report,
        "departments": {
            "tolerance_m": tolerance_m,
            "after_edits": len(plan.edits),
            "reconciliation": [fit.to_dict() for fit in fits],
            "followed": measures.to_dict(),
        },
    }
    doubtful = doubtful_layer(buildings, departments, holdings)
    return United(replace(plan, report=report), lineage, doubtful, fits, measures)


def _require_plan_of(district: District, plan: Plan) -> None:
    """Refuse a plan of other buildings, or in another CRS: its households could not be told by department."""
    here, there = set(district.buildings["building_id"]), set(plan.units["building_id"].dropna())
    faults = []
    if here != there:
        odd = sorted(map(str, here ^ there))
        faults.append(
            f"the plan and the source differ in {len(odd)} buildings ({', '.join(odd[:5])}); give the plan's source"
        )
    if plan.grids.crs != district.crs:
        faults.append(f"the plan is in {plan.grids.crs}, the source is cut in {district.crs}; give the plan's source")
    if faults:
        raise RulesError("; ".join(faults))


def _lineage(
    plan: Plan, buildings: gpd.GeoDataFrame, departments: tuple[Department, ...], holdings: tuple[Holding, ...]
) -> pd.DataFrame:
    ids = buildings["building_id"].to_numpy()
    tables = [
        department_lineage(plan, ids, department, holding)
        for department, holding in zip(departments, holdings, strict=True)
    ]
    return pd.concat(tables, ignore_index=True)

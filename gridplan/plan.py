"""A plan: the frames of contract 3.2 and their report, made from a district and rules, and what edits make of it."""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gridplan import __version__
from gridplan.codes import new_codes, reading_order, used_today
from gridplan.community import CommunityPlan
from gridplan.digest import labels_digest
from gridplan.district import District
from gridplan.editing.methods import EditMethods
from gridplan.editing.record import EditRecord
from gridplan.faults import Fault
from gridplan.layers import grids_layer, units_layer
from gridplan.lineage import kept_codes, lineage_rows, shared_households
from gridplan.measures import measure, whole_of
from gridplan.partition.solve import EffortName
from gridplan.planlayers import before_layer, borders_layer, canonical, communities_layer
from gridplan.proofs import proof_report
from gridplan.rules import Rules
from gridplan.run import Deadline, Progress, no_progress, plan_sites
from gridplan.site import NONE
from gridplan.sites import Sites, build_sites
from gridplan.splits import Record, compound_violations
from gridplan.uniting.department import Department, with_departments
from gridplan.uniting.reconcile import reconcile_today
from gridplan.words import LANGUAGES, called

VIOLATION_COLUMNS = ["rule", "grid_code", "value", "limit", "reason", "proven", "subject"]


@dataclass(frozen=True, eq=False, repr=False)
class Plan(EditMethods):
    """
    A plan as design 3.2 lays it out; a draft until it is published. Never changed: each edit gives a new plan.

    Parameters
    ----------
    grids
        ``grid_code, name, kind, community_code, households, persons, units, work_min, area_m2, compactness, locked,
        valid_from, last_code`` (the last ever given in its community)``, geometry``, by code.
    units
        One row per building (per entrance of a divided tower), and one per piece of ground without a building:
        ``unit_id, building_id, grid_code, households, work_min, entrance, compound_id, estimated, persons,
        village_group, old_code`` (today's grid)``, geometry``.
    violations
        ``rule, grid_code, value, limit, reason, proven`` and ``subject`` (the compound of a split).
    lineage
        ``old_code, new_code, change, households``.
    report
        The measures of design 4.3, version, seed, digests, seconds by stage, notices; plain JSON values.
        ``status``, where it stands there, is the stage of the plan's life, ``name`` the branch.
    borders
        ``first, second`` (unit ids)``, length_m, near_m`` (near barriers)``, closed_m`` (on impassable ones)``,
        open_m`` (along no barrier, weighted by rank). What edits know of contiguity.
    communities
        ``community_code, name, area_kind``.
    grids_before
        Today's grids, ``grid_code, community_code, name, geometry``, or None where the source has none.
    edits
        Every edit made so far, oldest first, those that were undone and the undoing too.
    """

    grids: gpd.GeoDataFrame
    units: gpd.GeoDataFrame
    violations: pd.DataFrame
    lineage: pd.DataFrame
    report: Mapping[str, Any]
    borders: pd.DataFrame = field(default_factory=lambda: canonical("borders", pd.DataFrame()))
    communities: pd.DataFrame = field(default_factory=lambda: canonical("communities", pd.DataFrame()))
    grids_before: gpd.GeoDataFrame | None = None
    edits: tuple[EditRecord, ...] = ()


def read_plan(path: str | Path) -> Plan:
    """
    Read a plan from its file, with its report and its history: it can be edited without its source.

    Parameters
    ----------
    path
        GeoPackage that a plan was written to; its report lies beside it.

    Raises
    ------
    PlanFileError
        If the file is no plan, or its report is not beside it.
    """
    return Plan.read(path)


def build_plan(
    district: District,
    rules: Rules,
    *,
    jobs: int = 1,
    effort: EffortName = "normal",
    time_limit: float | None = None,
    progress: Progress = no_progress,
    prove_s: float | None = None,
    cluster: str | None = None,
    revising: bool = False,
    departments: Sequence[Department] = (),
    retired: Collection[str] = (),
) -> Plan:
    """
    Plan a district.

    Parameters
    ----------
    district
        The settled district.
    rules
        Rules of the plan.
    jobs
        Processes to use at most.
    effort
        ``quick``, ``normal`` or ``best``.
    time_limit
        Seconds after which no further search is begun; None sets none. Only with it may two runs differ.
    progress
        Called after each community.
    prove_s
        Seconds for the proof of each connected part; None proves nothing. With it too, two runs may differ.
    cluster
        Address of a Dask scheduler that plans in place of processes here.
    revising
        Whether today's grids are revised, as ``rules.revise`` says, instead of cutting afresh.
    departments
        Departments whose borders the grids prefer to follow; `gridplan.uniting.unite` says what became of theirs.
    retired
        Grid codes that were used once and are no more: none is given again.

    Raises
    ------
    RulesError
        If the rules name what does not exist or ask for what cannot be.
    CodeOverflowError
        If a community has no grid code left.
    ClusterError
        If the cluster cannot be used.
    """
    begin = time.perf_counter()
    deadline = None if time_limit is None else Deadline(time.time() + time_limit)
    sites = with_departments(build_sites(district, rules, revising=revising), departments)
    plans = plan_sites(
        sites.sites,
        rules,
        jobs=jobs,
        effort=effort,
        deadline=deadline,
        progress=progress,
        prove_s=prove_s,
        cluster=cluster,
    )
    rows = _rows(district, sites, plans)
    codes, lineage = _coded(district, rules, sites, plans, rows, retired)
    grids = grids_layer(district, rules, sites, plans, codes, rows)
    units = units_layer(district, plans, codes, rows)
    violations = _violations(sites, plans, codes, rows, district, rules)
    report = {
        "version": __version__,
        "source": district.name,
        "digest": district.digest,
        "labels_digest": labels_digest(units),
        "seed": rules.seed,
        "effort": effort,
        "stopped_by": "time_limit" if deadline is not None and deadline() else "done",
        "households_are": district.households_are,
        "rules": asdict(rules),
        "crs": district.crs.to_string(),
        "notices": _notices(district),
        "faults": [fault.to_dict() for fault in district.faults],
        "measures": measure(rules, grids, units, violations, lineage, whole_of(district, plans)),
        "proof": proof_report(plans, prove_s),
        "seconds": _seconds(plans, time.perf_counter() - begin),
    }
    today = reconcile_today(district) if revising else None
    if today is not None:
        report["reconciliation"] = today.to_dict()
    return Plan(
        canonical("grids", grids),
        canonical("units", units),
        canonical("violations", violations),
        canonical("lineage", lineage),
        report,
        borders_layer(plans),
        communities_layer(district),
        before_layer(district, rules),
    )


def _rows(district: District, sites: Sites, plans: list[CommunityPlan]) -> pd.DataFrame:
    """Return the sites' rows with unit, grid in the community, and number of the grid in the whole plan."""
    first = np.cumsum([0, *(len(plan.polygons) for plan in plans)])
    rows = sites.rows.sort_values(["site", "generator", "building"], kind="stable").reset_index(drop=True)
    unit = np.empty(len(rows), dtype=np.int64)
    grid = np.empty(len(rows), dtype=np.int64)
    for place, plan in enumerate(plans):
        mine = (rows["site"] == place).to_numpy()
        unit[mine] = plan.unit_of_generator[rows["generator"].to_numpy()[mine]]
        grid[mine] = plan.grid[unit[mine]]
    number = grid + first[rows["site"]]
    ids = district.buildings["building_id"].to_numpy()[rows["building"]]
    return rows.assign(unit=unit, grid=grid, number=number, building_id=ids)


def _coded(
    district: District,
    rules: Rules,
    sites: Sites,
    plans: list[CommunityPlan],
    rows: pd.DataFrame,
    retired: Collection[str],
) -> tuple[list[list[str]], pd.DataFrame]:
    """Return the codes of each community's grids, and the lineage."""
    today = district.grids
    old_codes = np.array([None] if today is None else [*today["grid_code"], None], dtype=object)
    before = before_layer(district, rules)
    old_homes = np.array([None] if before is None else [*before["community_code"], None], dtype=object)
    homes = np.array([site.code for site in sites.sites], dtype=object)
    previous = rows["previous"].to_numpy()
    shared = shared_households(
        old_codes[previous],
        old_homes[previous],
        rows["number"].to_numpy(),
        homes[rows["site"]],
        rows["households"].to_numpy(),
    )
    kept = kept_codes(shared)
    codes, number = [], 0
    for site, plan in zip(sites.sites, plans, strict=True):
        locked = [None if area == NONE else site.fixed[area].code for area in plan.fixed]
        codes_kept = [code or kept.get(number + place) for place, code in enumerate(locked)]
        used = [code for code in retired if site.code in code]
        used += used_today(today, site.code)
        codes.append(_codes_of(site.code, rules.code, plan, _each_once(codes_kept, locked), used))
        number += len(locked)
    old = {} if today is None else dict(zip(today["grid_code"], today.geometry, strict=True))
    flat = [code for community in codes for code in community]
    polygons = np.concatenate([plan.polygons for plan in plans])
    return codes, lineage_rows(shared, flat, old, polygons)


def _each_once(kept: list[str | None], locked: list[str | None]) -> list[str | None]:
    """Keep a lock's code for the lock alone."""
    held = {code for code in locked if code is not None}
    return [code if own is not None or code not in held else None for code, own in zip(kept, locked, strict=True)]


def _codes_of(community: str, template: str, plan: CommunityPlan, kept: list[str | None], used: list[str]) -> list[str]:
    middle = shapely.get_coordinates(shapely.centroid(plan.polygons))
    height = float(np.sqrt(shapely.area(plan.polygons).mean())) / 2.0
    order = reading_order(middle, height)
    codes = np.empty(len(kept), dtype=object)
    codes[order] = new_codes(community, template, [kept[place] for place in order], used)
    return list(codes)


def _violations(
    sites: Sites,
    plans: list[CommunityPlan],
    codes: list[list[str]],
    rows: pd.DataFrame,
    district: District,
    rules: Rules,
) -> pd.DataFrame:
    records: list[Record] = [
        (item.rule, names[item.grid], item.value, item.limit, item.reason, int(item.proven), None)
        for plan, names in zip(plans, codes, strict=True)
        for item in plan.departures
    ]
    flat = [code for community in codes for code in community]
    records += compound_violations(sites, plans, flat, rows, district, rules)
    frame = pd.DataFrame(records, columns=VIOLATION_COLUMNS)
    frame = frame.astype({"value": "int64", "limit": "int64", "proven": "int64"})
    return frame.sort_values(["rule", "grid_code", "subject"], kind="stable").reset_index(drop=True)


def _notices(district: District) -> list[dict[str, str]]:
    """Return what a reader of any output must know about the data, in both languages."""
    notices = [] if district.notice is None else [{"zh": district.notice, "en": district.notice}]
    count = int(district.buildings["estimated"].sum())
    if count:
        notices.append(
            {"zh": f"{count} 栋楼的户数为估算值", "en": f"The households of {count} buildings are estimates"}
        )
    if district.households_are:
        chinese, english = (called("households_are", district.households_are, lang) for lang in LANGUAGES)
        notices.append({"zh": f"户数口径：{chinese}", "en": f"Households are: {english}"})
    notices += [_notice(fault) for fault in district.faults if fault.accepted]
    return notices


def _notice(fault: Fault) -> dict[str, str]:
    return {"zh": fault.text("zh"), "en": fault.text("en")}


def _seconds(plans: list[CommunityPlan], wall: float) -> dict[str, float]:
    stages: dict[str, float] = {}
    for plan in plans:
        for stage, seconds in plan.seconds.items():
            stages[stage] = round(stages.get(stage, 0.0) + seconds, 3)
    return {**stages, "total_wall": round(wall, 3)}

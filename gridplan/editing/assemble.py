"""A plan with some grids replaced: their sums and shapes, and all that follows for the layers and the report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

from gridplan.digest import labels_digest
from gridplan.editing.state import Part, State
from gridplan.lineage import lineage_rows, shared_pairs
from gridplan.measures import Whole, compactness, measure
from gridplan.planlayers import VIOLATION_ORDER, canonical
from gridplan.rules import Rules
from gridplan.site import Geometries, Numbers

if TYPE_CHECKING:
    import geopandas as gpd

    from gridplan.plan import Plan

SAME = frozenset({"unchanged", "changed"})


@dataclass(frozen=True)
class Named:
    """A part with its code, name and ground."""

    part: Part
    code: str
    name: str
    polygon: shapely.Geometry


def polygons_of(plan: Plan, state: State, grids: Numbers, parts: Sequence[Part]) -> Geometries:
    """
    Return the ground of parts, as one shape each, whatever the order of cells.

    Parameters
    ----------
    plan, state
        The plan before.
    grids
        Grids that are replaced; a part that is one of them keeps its shape.
    parts
        The parts.
    """
    out = np.empty(len(parts), dtype=object)
    shapes = plan.grids.geometry.to_numpy()
    for place, part in enumerate(parts):
        first = int(state.label[part.units[0]])
        if first in grids and np.array_equal(state.units_of(first), part.units):
            out[place] = shapes[first]
        else:
            faces = shapely.get_parts(state.ground.cells[part.units])
            out[place] = shapely.normalize(faces[0] if len(faces) == 1 else shapely.coverage_union_all(faces))
    return out


def with_grids(plan: Plan, state: State, grids: Numbers, named: Sequence[Named], rules: Rules | None) -> Plan:
    """
    Return a plan in which some grids are replaced; violations, lineage and report are still those before.

    Parameters
    ----------
    plan, state
        The plan before.
    grids
        Numbers of the grids that go.
    named
        What comes in their place.
    rules
        New rules, or None to keep them.
    """
    stays = np.ones(len(state.codes), dtype=bool)
    stays[grids] = False
    kept, new = plan.grids[stays], pd.DataFrame([_row(state, each) for each in named])
    last = dict(zip(plan.grids["community_code"], plan.grids["last_code"], strict=True))
    new = new.assign(last_code=new["community_code"].map(last))
    blank = [None] * len(new)
    columns = {name: [*kept[name].tolist(), *(new[name].tolist() if name in new else blank)] for name in kept.columns}
    frame = canonical("grids", pd.DataFrame(columns).sort_values("grid_code", kind="stable"), plan.grids.crs)
    codes = plan.units["grid_code"].to_numpy(dtype=object).copy()
    for each in named:
        code_of_unit = np.isin(state.ground.unit_of_row, each.part.units)
        codes[code_of_unit] = each.code
    units = plan.units.assign(grid_code=pd.Series(codes, dtype=object))
    report = plan.report if rules is None else {**plan.report, "rules": asdict(rules)}
    return keeping_ground(plan, replace(plan, grids=frame, units=units, report=report))


def keeping_ground(plan: Plan, other: Plan) -> Plan:
    """Hand on what is known of the ground, which no edit changes."""
    other.__dict__["ground"] = plan.ground
    return other


def _row(state: State, named: Named) -> dict[str, Any]:
    ground, units = state.ground, named.part.units
    rows = np.isin(ground.unit_of_row, units)
    buildings = ground.building[rows]
    known = ground.counted[units].any()
    return {
        "grid_code": named.code,
        "name": named.name,
        "kind": named.part.kind,
        "community_code": str(ground.communities[ground.community[units[0]]]),
        "households": int(ground.households[units].sum()),
        "persons": int(ground.persons[units].sum()) if known else None,
        "units": len(np.unique(buildings[buildings >= 0])),
        "work_min": int(ground.work[units].sum()),
        "area_m2": float(shapely.area(named.polygon)),
        "compactness": float(compactness(np.array([named.polygon], dtype=object))[0]),
        "locked": int(named.part.locked),
        "valid_from": None,
        "geometry": named.polygon,
    }


def finished(plan: Plan, before: Plan, violations: Iterable[Mapping[str, Any]], staying: frozenset[str]) -> Plan:
    """
    Return a plan with violations, and with the lineage and the report that belong to its grids.

    Parameters
    ----------
    plan
        Result of `with_grids`.
    before
        The plan before.
    violations
        All rows of the layer.
    staying
        Codes of the grids that were not touched.
    """
    state = plan.state
    rows = violations_layer(violations)
    lineage = _lineage(plan, state, before, staying)
    whole = _whole(plan, state)
    # Plain frames: geopandas is slow at choosing rows, and no measure here asks for shapes.
    grids, units = (pd.DataFrame(frame.drop(columns="geometry")) for frame in (plan.grids, plan.units))
    measures = measure(state.rules, grids, units, rows, lineage, whole)
    report = {**plan.report, "measures": measures, "labels_digest": labels_digest(plan.units)}
    return keeping_ground(plan, replace(plan, violations=rows, lineage=lineage, report=report))


def violations_layer(rows: Iterable[Mapping[str, Any]]) -> pd.DataFrame:
    """Return the layer ``violations`` of rows, in its order."""
    ordered = sorted(rows, key=lambda row: [(row[name] is None, row[name] or "") for name in VIOLATION_ORDER])
    frame = pd.DataFrame({name: [row[name] for row in ordered] for name in VIOLATION_COLUMNS})
    return pd.DataFrame(canonical("violations", frame))


VIOLATION_COLUMNS = ("rule", "grid_code", "value", "limit", "reason", "proven", "subject")


def rows_of(violations: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows of the layer ``violations`` as plain values."""
    columns = [violations[name].tolist() for name in VIOLATION_COLUMNS]
    return [dict(zip(VIOLATION_COLUMNS, row, strict=True)) for row in zip(*columns, strict=True)]


def less(rows: Iterable[Mapping[str, Any]], others: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return rows that others lack, each as often as it is there more often."""
    gone = Counter(tuple(row[name] for name in VIOLATION_COLUMNS) for row in others)
    out = []
    for row in rows:
        key = tuple(row[name] for name in VIOLATION_COLUMNS)
        if gone[key]:
            gone[key] -= 1
        else:
            out.append(dict(row))
    return out


def _lineage(plan: Plan, state: State, before: Plan, staying: frozenset[str]) -> pd.DataFrame:
    """Return the lineage from today's grids; where there are none, every grid is new."""
    ground = state.ground
    built = ground.building >= 0
    home = {} if plan.grids_before is None else _homes(plan.grids_before)
    shared = shared_pairs(
        ground.old[built],
        state.label[ground.unit_of_row[built]],
        ground.row_households[built],
        ground.old_codes,
        [home.get(code) for code in ground.old_codes],
        ground.communities[state.community],
    )
    words = before.lineage[before.lineage["change"].isin(SAME) & before.lineage["new_code"].isin(staying)]
    known = dict(zip(words["new_code"], words["change"], strict=True))
    shapes = {} if plan.grids_before is None else _shapes(plan.grids_before)
    rows = lineage_rows(shared, state.codes.tolist(), shapes, plan.grids.geometry.to_numpy(), known)
    return pd.DataFrame(canonical("lineage", rows))


def _homes(today: gpd.GeoDataFrame) -> dict[str, str]:
    return dict(zip(today["grid_code"], today["community_code"], strict=True))


def _shapes(today: gpd.GeoDataFrame) -> dict[str, Any]:
    return dict(zip(today["grid_code"], today.geometry, strict=True))


def boundary(state: State, communities: Numbers | None = None) -> tuple[float, float]:
    """
    Return the boundary between grids inside communities, and the part of it near barriers, metres.

    Parameters
    ----------
    state
        The plan.
    communities
        Numbers of the communities to look at; None for all.
    """
    borders, ground = state.ground.borders, state.ground
    between = state.label[borders.first] != state.label[borders.second]
    if communities is not None:
        between &= np.isin(ground.border_community, communities)
    return float(borders.length_m[between].sum()), float(borders.near_m[between].sum())


def _whole(plan: Plan, state: State) -> Whole:
    known = plan.report["measures"]
    lengths = boundary(state)
    return Whole(
        known["communities"], known["gap_m2"], known["overlap_m2"], *lengths, has_today=plan.grids_before is not None
    )

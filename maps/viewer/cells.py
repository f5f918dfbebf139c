"""The units of a plan and the lines between them: what redrawing takes hold of, and the barriers that part them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from gridplan.segments import shared_segments
from maps import geometry
from maps.payload import LINE_TOLERANCE_M, records

if TYPE_CHECKING:
    from gridplan.plan import Plan

# A border is shown as a barrier where at least this share of it runs along one.
_ALONG = 0.5
_BEFORE_COLUMNS = ("grid_code", "name")


def units_payload(plan: Plan, codes: pd.Series[bool] | None = None) -> dict[str, Any]:
    """
    Return units, their grids, households, work and cells, as plain JSON values.

    Rows that share a unit are one: households and work are summed, the buildings named.

    Parameters
    ----------
    plan
        The plan.
    codes
        Which rows of ``plan.units`` are wanted; None for all.
    """
    rows = pd.DataFrame(plan.units if codes is None else plan.units[codes])
    sums = rows.groupby("unit_id", sort=False).agg(
        grid_code=("grid_code", "first"), households=("households", "sum"), work_min=("work_min", "sum")
    )
    buildings = rows.dropna(subset=["building_id"]).groupby("unit_id", sort=False)["building_id"].agg(list)
    cells = _cells(plan).reindex(sums.index)
    known = cells.notna().to_numpy()
    shapes = geometry.simplify_coverage(gpd.GeoSeries(cells[known], crs=plan.grids.crs))
    units = records(sums[known].reset_index(), ("unit_id", "grid_code", "households", "work_min"))
    for unit, shape in zip(units, geometry.encode(shapes), strict=True):
        unit.update(shape=shape, buildings=[str(each) for each in buildings.get(unit["unit_id"], [])])
    return {"units": units}


def lines_payload(plan: Plan) -> dict[str, Any]:
    """
    Return barriers as far as borders of units follow them, and today's grids, as plain JSON values.

    Parameters
    ----------
    plan
        The plan. Units are cut along every barrier, so its borders hold them all.
    """
    borders = plan.borders
    closed = (borders["closed_m"] > 0).to_numpy()
    along = (borders["near_m"] >= _ALONG * borders["length_m"]).to_numpy() & ~closed
    return {
        "impassable": _lines(plan, closed),
        "passable": _lines(plan, along),
        "before": _before(plan),
    }


def _before(plan: Plan) -> list[dict[str, Any]]:
    before = plan.grids_before
    if before is None or before.empty:
        return []
    rows = records(before, _BEFORE_COLUMNS)
    simple = before.geometry.to_crs(plan.grids.crs).simplify(geometry.TOLERANCE_M)
    for row, shape in zip(rows, geometry.encode(simple), strict=True):
        row["shape"] = shape
    return rows


def _lines(plan: Plan, chosen: NDArray[np.bool_]) -> geometry.Shape:
    """Return the edges that pairs of units share, each once, as one shape."""
    if not chosen.any():
        return []
    cells = _cells(plan)
    places = pd.Index(cells.index)
    parts, owner = shapely.get_parts(cells.to_numpy(), return_index=True)
    shared = shared_segments(parts)
    pairs = np.sort(np.stack([owner[shared.first], owner[shared.second]], axis=1), axis=1)
    wanted = np.sort([places.get_indexer(plan.borders.loc[chosen, name]) for name in ("first", "second")], axis=0)
    mine = np.isin(pairs @ [len(cells), 1], wanted.T @ [len(cells), 1])
    lines = shapely.linestrings(np.stack([shared.start[mine], shared.end[mine]], axis=1))
    merged = gpd.GeoSeries([shapely.line_merge(shapely.multilinestrings(lines))], crs=plan.grids.crs)
    return geometry.encode(merged.simplify(LINE_TOLERANCE_M))[0]


def _cells(plan: Plan) -> pd.Series[Any]:
    """Return the cell of each unit, by unit id; rows of further buildings have none."""
    rows = plan.units[plan.units.geometry.notna()]
    return pd.Series(rows.geometry.to_numpy(), index=rows["unit_id"].to_numpy()).groupby(level=0, sort=False).first()

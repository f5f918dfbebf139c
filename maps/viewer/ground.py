"""The grids of the plans in force, or of one plan, as the web map draws them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import pandas as pd

from maps import geometry
from maps.payload import MapInputError, band_of, records

GRID_COLUMNS = (
    "grid_code", "name", "kind", "community_code", "households", "persons", "units", "work_min", "area_m2",
    "compactness", "locked",
)  # fmt: skip
# A community is a kilometre wide: nobody sees where within 10 m its name stands, and finding out takes twice as long.
_LABEL_M = 10.0
_VIOLATION_COLUMNS = ("rule", "grid_code", "value", "limit", "reason", "proven")


@dataclass(frozen=True)
class PlanGround:
    """
    One plan, as far as it is shown.

    Parameters
    ----------
    plan_id
        Its id.
    grids
        Columns of contract 3.2, in a projected metric CRS; at least one row.
    communities
        ``community_code, name``.
    violations
        As contract 3.2 has them.
    report
        The plan's report; its band and notices are shown.
    """

    plan_id: str
    grids: gpd.GeoDataFrame
    communities: pd.DataFrame
    violations: pd.DataFrame
    report: Mapping[str, Any]


def ground_payload(plans: Sequence[PlanGround]) -> dict[str, Any]:
    """
    Return what the map of plans that lie side by side is drawn from, as plain JSON values.

    Shapes are as `maps.geometry` encodes them: neighbours of one plan share their lines exactly.

    Parameters
    ----------
    plans
        Plans, each with at least one grid.

    Raises
    ------
    MapInputError
        Where there is none.
    """
    if not plans:
        raise MapInputError("expected at least one plan to draw; found none")
    drawn = [_drawn(plan) for plan in plans]
    return {
        "bounds": _around([geometry.bounds_of(plan.grids.geometry) for plan in plans]),
        "plans": [_about(plan) for plan in plans],
        **{name: [row for part in drawn for row in part[name]] for name in ("grids", "communities", "borders")},
        "violations": [row for plan in plans for row in records(plan.violations, _VIOLATION_COLUMNS)],
    }


def _drawn(plan: PlanGround) -> dict[str, list[Any]]:
    shapes = geometry.display_grids(plan.grids, None)
    rows = records(plan.grids, GRID_COLUMNS)
    encoded, places = geometry.encode(shapes), geometry.label_places(shapes)
    for row, shape, place in zip(rows, encoded, places, strict=True):
        row.update(plan_id=plan.plan_id, shape=shape, place=place)
    united = geometry.unite(shapes, plan.grids["community_code"])
    names = dict(zip(plan.communities["community_code"], plan.communities["name"], strict=True))
    communities = [
        {"community_code": str(code), "name": str(names.get(code) or ""), "place": place}
        for code, place in zip(united.index, geometry.label_places(united, _LABEL_M), strict=True)
    ]
    borders = geometry.encode(geometry.borders(united))[0]
    return {"grids": rows, "communities": communities, "borders": borders}


def _about(plan: PlanGround) -> dict[str, Any]:
    notices = [{lang: str(notice[lang]) for lang in ("zh", "en")} for notice in plan.report.get("notices") or ()]
    return {
        "plan_id": plan.plan_id,
        "band": _band(plan.report),
        "households_are": plan.report.get("households_are"),
        "notices": notices,
    }


def _band(report: Mapping[str, Any]) -> dict[str, int] | None:
    try:
        return band_of(report)
    except MapInputError:
        return None


def _around(boxes: Sequence[list[list[float]]]) -> list[list[float]]:
    """Return the box around boxes, each ``[[south, west], [north, east]]``."""
    lows, highs = zip(*boxes, strict=True)
    south, west = (min(column) for column in zip(*lows, strict=True))
    north, east = (max(column) for column in zip(*highs, strict=True))
    return [[south, west], [north, east]]

"""What a plan's page is drawn from: the frames of a plan and its report as one JSON document."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gridplan.errors import GridplanError
from maps import geometry, scales

MOST_CELLS = 30_000
LINE_TOLERANCE_M = 1.0
_GRID_COLUMNS = ("grid_code", "name", "kind", "community_code", "households", "persons", "units", "work_min")
_GRID_MEASURES = ("area_m2", "compactness", "locked")
_VIOLATION_COLUMNS = ("rule", "grid_code", "value", "limit", "reason", "proven")


class MapInputError(GridplanError, ValueError):
    """A plan that cannot be drawn: no grids, no projected CRS, no band."""


@dataclass(frozen=True)
class PlanFrames:
    """
    The frames of a plan, columns as the contract names them, all in one projected metric CRS.

    Parameters
    ----------
    grids, units, violations
        Layers of the plan.
    barriers
        ``kind, geometry``, or None.
    communities
        ``community_code, name, geometry``, or None.
    """

    grids: gpd.GeoDataFrame
    units: gpd.GeoDataFrame
    violations: pd.DataFrame
    barriers: gpd.GeoDataFrame | None = None
    communities: gpd.GeoDataFrame | None = None


def plan_payload(frames: PlanFrames, report: Mapping[str, Any]) -> dict[str, Any]:
    """
    Return the data of a plan's page as plain JSON values.

    Parameters
    ----------
    frames
        The plan.
    report
        The plan's report; read are ``rules`` (or ``band``) with ``minimum, target, maximum``, and where present
        ``seconds, seed, version``, ``households_are, notices``.

    Raises
    ------
    MapInputError
        Where the CRS is not a projected one, or the plan has no grids or no band.
    """
    _check(frames.grids)
    band = band_of(report)
    bound = bound_by_band(frames.grids, frames.violations, band)
    cells = geometry.display_cells(frames.units) if len(frames.units) <= MOST_CELLS else None
    shapes = geometry.display_grids(frames.grids, cells)
    communities = geometry.unite(shapes, frames.grids["community_code"])
    return {
        "bounds": geometry.bounds_of(frames.grids.geometry),
        "summary": summary(frames.grids, bound, band, report),
        "notices": [{lang: str(notice[lang]) for lang in ("zh", "en")} for notice in report.get("notices") or ()],
        "grids": _grids(frames.grids, shapes),
        "scales": _scales(frames.grids, bound, band),
        "cells": [] if cells is None else geometry.encode(cells.geometry),
        "cellsLeftOut": int(frames.units.geometry.notna().sum()) if cells is None else 0,
        "barriers": _barriers(frames.barriers),
        "communities": _communities(communities, frames.communities),
        "communityBorders": _borders(communities),
        "violationBorders": _borders(shapes[frames.grids["grid_code"].isin(frames.violations["grid_code"])]),
        "violations": records(frames.violations, _VIOLATION_COLUMNS),
    }


def dump(payload: Mapping[str, Any]) -> str:
    """
    Return JSON that is safe inside a script element: nothing in it can end the element or begin a comment.

    Parameters
    ----------
    payload
        Plain JSON values.
    """
    text = json.dumps(payload, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text


def band_of(report: Mapping[str, Any]) -> dict[str, int]:
    """
    Return the band that a report names, under ``rules`` or under ``band``.

    Parameters
    ----------
    report
        The plan's report.
    """
    keys = ("minimum", "target", "maximum")
    for table in (report.get("band"), report.get("rules")):
        if isinstance(table, Mapping) and all(key in table for key in keys):
            return {key: int(table[key]) for key in keys}
    raise MapInputError("the report names no band: expected rules with minimum, target and maximum")


def bound_by_band(grids: pd.DataFrame, violations: pd.DataFrame, band: Mapping[str, int]) -> NDArray[np.bool_]:
    """
    Return which grids the band binds: basic grids, those that lie in it, and those with a violation of it.

    Parameters
    ----------
    grids
        With ``grid_code, kind, households``.
    violations
        With ``rule, grid_code``.
    band
        ``minimum`` and ``maximum``.
    """
    named = violations.loc[violations["rule"] == "band", "grid_code"]
    inside = grids["households"].between(band["minimum"], band["maximum"])
    return np.asarray((grids["kind"] == "basic") | inside | grids["grid_code"].isin(named), dtype=bool)


def summary(
    grids: pd.DataFrame, bound: NDArray[np.bool_], band: Mapping[str, int], report: Mapping[str, Any]
) -> dict[str, Any]:
    """
    Return the figures at the head of the page.

    Parameters
    ----------
    grids
        The plan's grids.
    bound
        Which grids the band binds; share in band and coefficient of variation are over these.
    band
        ``minimum, target, maximum``.
    report
        The plan's report.
    """
    households = grids.loc[bound, "households"].to_numpy(dtype=np.float64)
    inside = (households >= band["minimum"]) & (households <= band["maximum"])
    mean = households.mean() if households.size else 0.0
    return {
        "grids": len(grids),
        "communities": int(grids["community_code"].nunique()),
        "households": int(grids["households"].sum()),
        "band": dict(band),
        "bound": int(households.size),
        "inBand": int(inside.sum()),
        "cv": float(households.std() / mean) if mean else None,
        "seconds": _seconds(report.get("seconds")),
        "seed": _plain(report.get("seed")),
        "version": _plain(report.get("version")),
        "householdsAre": _plain(report.get("households_are")),
    }


def _seconds(value: Any) -> float | None:
    """Seconds in all: a number, the total that a table of stages names, or the sum of its stages."""
    if not isinstance(value, Mapping):
        return None if value is None else float(value)
    totals = [value[name] for name in ("total_wall", "total") if name in value]
    return float(totals[0]) if totals else float(sum(value.values()))


def _grids(grids: gpd.GeoDataFrame, shapes: gpd.GeoSeries) -> list[dict[str, Any]]:
    rows = records(grids, _GRID_COLUMNS + _GRID_MEASURES)
    encoded, places = geometry.encode(shapes), geometry.label_places(shapes)
    for row, shape, place in zip(rows, encoded, places, strict=True):
        row.update(shape=shape, place=place)
    return rows


def _scales(grids: pd.DataFrame, bound: NDArray[np.bool_], band: Mapping[str, int]) -> dict[str, Any]:
    by_name = {
        "households": scales.households_scale(grids, bound, band),
        "work": scales.work_scale(grids["work_min"]),
    }
    return {name: {"steps": scale.to_dict(), "stepOf": list(scale.step_of)} for name, scale in by_name.items()}


def _barriers(barriers: gpd.GeoDataFrame | None) -> list[dict[str, Any]]:
    """One entry for each kind and geometry: the lines or the polygons of that kind together."""
    if barriers is None or barriers.empty:
        return []
    entries = []
    polygonal = barriers.geom_type.isin(["Polygon", "MultiPolygon"]).rename("polygonal")
    for (kind, filled), rows in barriers.groupby([barriers["kind"].astype(str), polygonal], sort=True):
        shapes = geometry.encode(rows.geometry.simplify(LINE_TOLERANCE_M))
        entries.append({"kind": kind, "filled": bool(filled), "shape": [part for shape in shapes for part in shape]})
    return entries


def _communities(shapes: gpd.GeoSeries, communities: gpd.GeoDataFrame | None) -> list[dict[str, Any]]:
    """Code, name and place of the label of each community that has grids; the name is null where none is given."""
    known = {} if communities is None else dict(zip(communities["community_code"], communities["name"], strict=True))
    places = geometry.label_places(shapes)
    return [
        {"community_code": str(code), "name": _plain(known.get(code)), "place": place}
        for code, place in zip(shapes.index, places, strict=True)
    ]


def _borders(polygons: gpd.GeoSeries) -> geometry.Shape:
    return geometry.encode(geometry.borders(polygons))[0]


def records(frame: pd.DataFrame, columns: tuple[str, ...]) -> list[dict[str, Any]]:
    """
    Return rows as plain values, in the order of the frame; a column that the frame lacks is null.

    Parameters
    ----------
    frame
        Any table.
    columns
        The columns wanted.
    """
    values = {column: frame[column] if column in frame else [None] * len(frame) for column in columns}
    return [
        {column: _plain(value) for column, value in zip(columns, row, strict=True)}
        for row in zip(*values.values(), strict=True)
    ]


def _plain(value: Any) -> Any:
    """Return a cell's value as JSON knows it: text, whole or decimal number, or null."""
    if value is None or value is pd.NA or value is pd.NaT:
        return None
    if isinstance(value, bool | np.bool_ | int | np.integer):
        return int(value)
    if isinstance(value, float | np.floating):
        return round(float(value), 6) if math.isfinite(value) else None
    return str(value)


def _check(grids: gpd.GeoDataFrame) -> None:
    if grids.empty:
        raise MapInputError("the plan has no grids to draw")
    if grids.crs is None or not grids.crs.is_projected:
        raise MapInputError(f"the grids need the projected CRS in metres of their plan; found {grids.crs}")

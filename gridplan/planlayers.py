"""
The layers of a plan's file: their columns and types, held alike whether a plan was just made or read back.

Contract 3.2 names the first four; the others let a plan be edited without its source.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from gridplan.codes import community_of
from gridplan.community import CommunityPlan
from gridplan.district import District
from gridplan.layers import unit_id
from gridplan.rules import Rules

# Kinds of column: text (object, None where null), whole, counted (whole or null), real, geometry.
_GRIDS = {
    **dict.fromkeys(("grid_code", "name", "kind", "community_code"), "text"),
    **dict.fromkeys(("households",), "whole"),
    "persons": "counted",
    **dict.fromkeys(("units", "work_min"), "whole"),
    **dict.fromkeys(("area_m2", "compactness"), "real"),
    "locked": "whole",
    "valid_from": "text",
    "last_code": "text",
    "geometry": "geometry",
}
_UNITS = {
    **dict.fromkeys(("unit_id", "building_id", "grid_code"), "text"),
    **dict.fromkeys(("households", "work_min"), "whole"),
    **dict.fromkeys(("entrance", "compound_id"), "text"),
    "estimated": "whole",
    "persons": "counted",
    **dict.fromkeys(("village_group", "old_code"), "text"),
    "geometry": "geometry",
}
_VIOLATIONS = {
    **dict.fromkeys(("rule", "grid_code"), "text"),
    **dict.fromkeys(("value", "limit"), "whole"),
    "reason": "text",
    "proven": "whole",
    "subject": "text",
}
_NUMBERS = {"whole": "int64", "real": "float64"}
COLUMNS: Mapping[str, Mapping[str, str]] = {
    "grids": _GRIDS,
    "units": _UNITS,
    "violations": _VIOLATIONS,
    "lineage": {**dict.fromkeys(("old_code", "new_code", "change"), "text"), "households": "whole"},
    "borders": {
        **dict.fromkeys(("first", "second"), "text"),
        **dict.fromkeys(("length_m", "near_m", "closed_m", "open_m"), "real"),
    },
    "communities": dict.fromkeys(("community_code", "name", "area_kind"), "text"),
    "grids_before": {**dict.fromkeys(("grid_code", "community_code", "name"), "text"), "geometry": "geometry"},
}
#: Order of the rows of ``violations``.
VIOLATION_ORDER = ("rule", "grid_code", "subject")
#: Layers that a plan may lack: grids of today, where there were none.
OPTIONAL = frozenset({"grids_before"})


def canonical(layer: str, frame: pd.DataFrame, crs: Any = None) -> Any:
    """
    Return a frame with the columns of a layer first, in their order and types; a column that it lacks is null.

    Parameters
    ----------
    layer
        Name of the layer.
    frame
        Any frame with its columns; further columns come after them, as they are.
    crs
        CRS of the geometry where the frame does not say it.
    """
    columns = COLUMNS[layer]
    known = {name: _typed(frame, name, kind) for name, kind in columns.items() if name != "geometry"}
    further = {name: frame[name].array for name in frame.columns if name not in columns}
    out = pd.DataFrame({**known, **further}, index=range(len(frame)))
    if "geometry" not in columns:
        return out
    shapes = gpd.GeoSeries(_values(frame, "geometry"), crs=getattr(frame, "crs", None) or crs)
    return gpd.GeoDataFrame(out, geometry=shapes)


def _values(frame: pd.DataFrame, name: str) -> Any:
    return np.asarray(frame[name].array, dtype=object) if name in frame else np.full(len(frame), None, dtype=object)


def _typed(frame: pd.DataFrame, name: str, kind: str) -> Any:
    if kind in _NUMBERS and name in frame and frame[name].dtype == _NUMBERS[kind]:
        return frame[name].array
    values = _values(frame, name)
    missing = pd.isna(values)
    if kind == "text":
        return pd.Series(np.where(missing, None, values), dtype=object)
    if kind == "counted":
        return pd.array([pd.NA if none else int(each) for none, each in zip(missing, values, strict=True)], "Int64")
    return np.where(missing, 0 if kind == "whole" else np.nan, values).astype(_NUMBERS[kind])


def borders_layer(plans: list[CommunityPlan]) -> pd.DataFrame:
    """
    Return the layer ``borders``: which units share an edge, how long, how much of it near barriers or closed by them.

    Parameters
    ----------
    plans
        Plans of the communities.
    """
    parts = []
    for plan in plans:
        borders = plan.borders
        names = np.array([unit_id(plan.code, unit) for unit in range(len(plan.cells))], dtype=object)
        parts.append(
            pd.DataFrame(
                {
                    "first": names[borders.first],
                    "second": names[borders.second],
                    "length_m": borders.length_m,
                    "near_m": borders.near_m,
                    "closed_m": borders.closed_m,
                    "open_m": borders.open_m,
                }
            )
        )
    return pd.DataFrame(canonical("borders", pd.concat(parts, ignore_index=True)))


def communities_layer(district: District) -> pd.DataFrame:
    """
    Return the table ``communities``: code, name and kind of area.

    Parameters
    ----------
    district
        The settled district.
    """
    return pd.DataFrame(canonical("communities", pd.DataFrame(district.communities.drop(columns="geometry"))))


def before_layer(district: District, rules: Rules) -> gpd.GeoDataFrame | None:
    """
    Return the layer ``grids_before``, today's grids as the source has them, or None.

    Parameters
    ----------
    district
        The settled district.
    rules
        Rules of the plan.

    Notes
    -----
    ``community_code`` is the community whose code is part of the grid's, where there is one: ground that a redrawn
    border has passed to another community gets codes of its new one. Else it is the community that the grid lies in.
    """
    today = district.grids
    if today is None:
        return None
    names = district.communities["community_code"].tolist()
    named = [community_of(code, names, rules.code) for code in today["grid_code"]]
    owners = [home if owner is None else owner for owner, home in zip(named, today["home"], strict=True)]
    frame: gpd.GeoDataFrame = canonical("grids_before", today.assign(community_code=owners).drop(columns="home"))
    return frame[list(COLUMNS["grids_before"])]

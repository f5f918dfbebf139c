"""Whether two plans are the same: every layer and every measure, whatever their history."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

if TYPE_CHECKING:
    from gridplan.plan import Plan

LAYERS = ("grids", "units", "violations", "lineage", "borders", "communities", "grids_before")


def same_plan(one: Plan, other: Plan) -> bool:
    """
    Tell whether two plans are the same.

    Parameters
    ----------
    one, other
        Plans; the shapes of their grids and cells must have the same points.
    """
    layers = all(_same_frame(getattr(one, name), getattr(other, name)) for name in LAYERS)
    return layers and all(_plain(one.report.get(key)) == _plain(other.report.get(key)) for key in ("rules", "measures"))


def _same_frame(one: pd.DataFrame | None, other: pd.DataFrame | None) -> bool:
    if one is None or other is None:
        return one is other
    if list(one.columns) != list(other.columns) or len(one) != len(other):
        return False
    return all(_same_column(one[name], other[name]) for name in one.columns)


def _same_column(one: Any, other: Any) -> bool:
    if one.name == "geometry":
        return bool(shapely.equals_identical(one.to_numpy(), other.to_numpy()).all() or _both_missing(one, other))
    return bool(one.equals(other))


def _both_missing(one: Any, other: Any) -> bool:
    missing = [shapely.is_missing(each.to_numpy()) for each in (one, other)]
    same = shapely.equals_identical(one.to_numpy(), other.to_numpy())
    return bool(np.array_equal(*missing) and (same | missing[0]).all())


def _plain(value: Any) -> Any:
    """Return JSON values alike whether they were just made (tuples) or read back (lists)."""
    if isinstance(value, dict):
        return {str(key): _plain(each) for key, each in value.items()}
    return [_plain(each) for each in value] if isinstance(value, list | tuple) else value

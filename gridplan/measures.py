"""The measures of a plan (design 4.3): how well it keeps the rules, and how even and compact its grids are."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from gridplan.community import CommunityPlan
from gridplan.district import District
from gridplan.rules import Rules
from gridplan.site import Geometries


def compactness(polygons: Geometries) -> NDArray[np.float64]:
    """
    Return Polsby and Popper's measure (1991): 4 pi area / perimeter squared; 1 for a disc.

    Parameters
    ----------
    polygons
        Shape (n,), in a projected CRS.
    """
    values: NDArray[np.float64] = 4.0 * np.pi * shapely.area(polygons) / shapely.length(polygons) ** 2
    return values


def measure(
    district: District,
    rules: Rules,
    plans: list[CommunityPlan],
    grids: gpd.GeoDataFrame,
    units: gpd.GeoDataFrame,
    violations: pd.DataFrame,
    lineage: pd.DataFrame,
) -> dict[str, Any]:
    """
    Return the measures of design 4.3 as plain JSON values; shares are 0..1, areas square metres.

    Parameters
    ----------
    district, rules
        What was planned, and how.
    plans
        Plans of the communities, in the district's order.
    grids, units, violations, lineage
        The plan's layers.
    """
    basic = grids[grids["kind"] == "basic"]
    inside = basic["households"].between(rules.minimum, rules.maximum)
    gap, overlap = _tiling(district, plans)
    border = sum(plan.border_m for plan in plans)
    splits = violations[violations["rule"] == "compound"].drop_duplicates("subject")
    broken = violations.loc[violations["rule"] == "connected", "grid_code"].nunique()
    return {
        "communities": len(plans),
        "buildings": int(units["building_id"].nunique()),
        "households": int(grids["households"].sum()),
        "grids": len(grids),
        "grids_by_kind": {str(kind): int(count) for kind, count in grids["kind"].value_counts().sort_index().items()},
        "in_band": _share(inside.sum(), len(basic)),
        "households_in_band": _share(basic.loc[inside, "households"].sum(), basic["households"].sum()),
        "connected": _share(len(grids) - broken, len(grids)),
        "gap_m2": round(gap, 6),
        "overlap_m2": round(overlap, 6),
        "households_per_grid": _spread(basic["households"]),
        "work_min_per_grid": _spread(basic["work_min"]),
        "work_cv_in_community": _cv_within(basic),
        "compactness": {"mean": _rounded(grids["compactness"].mean()), "min": _rounded(grids["compactness"].min())},
        "boundary_m": round(border, 1),
        "boundary_on_barriers": _share(sum(plan.border_near_m for plan in plans), border),
        "compounds_split": len(splits),
        "compounds_split_proven": int(splits["proven"].sum()),
        "households_moved": _moved(lineage) if district.grids is not None else None,
        "violations": len(violations),
        "violations_proven": int(violations["proven"].sum()),
        "violations_unproven": int((violations["proven"] == 0).sum()),
    }


def _share(part: float, whole: float) -> float | None:
    return round(float(part) / float(whole), 6) if whole else None


def _rounded(value: float) -> float | None:
    return None if np.isnan(value) else round(float(value), 6)


def _spread(values: pd.Series) -> dict[str, float | None]:
    if values.empty or values.mean() == 0:
        return {"mean": None, "cv": None, "max_to_mean": None, "min": None, "max": None}
    mean = float(values.mean())
    return {
        "mean": round(mean, 3),
        "cv": round(float(values.std(ddof=0)) / mean, 6),
        "max_to_mean": round(float(values.max()) / mean, 6),
        "min": int(values.min()),
        "max": int(values.max()),
    }


def _cv_within(basic: pd.DataFrame) -> float | None:
    """Return the mean over communities of the work's coefficient of variation: what the solver can even out."""
    work = basic.groupby("community_code")["work_min"]
    several = work.mean()[(work.count() > 1) & (work.mean() > 0)]
    spread = (work.std(ddof=0).reindex(several.index) / several).mean()
    return _rounded(float(spread))


def _tiling(district: District, plans: list[CommunityPlan]) -> tuple[float, float]:
    """Return the ground of communities in no grid, and the ground in two, in square metres."""
    gap = overlap = 0.0
    for polygon, plan in zip(district.communities.geometry, plans, strict=True):
        whole = shapely.union_all(plan.polygons)
        gap += float(shapely.difference(polygon, whole).area)
        overlap += max(float(shapely.area(plan.polygons).sum()) - float(whole.area), 0.0)
    return gap, overlap


def _moved(lineage: pd.DataFrame) -> int:
    """Return the households whose grid code changes."""
    stays = lineage["change"].isin(["unchanged", "changed"])
    return int(lineage.loc[~stays, "households"].sum())

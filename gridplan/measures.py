"""The measures of a plan (design 4.3): how well it keeps the rules, and how even and compact its grids are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

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


@dataclass(frozen=True)
class Whole:
    """
    What the layers of a plan do not tell of its ground.

    Parameters
    ----------
    communities
        Number of communities.
    gap_m2, overlap_m2
        Ground of communities in no grid, and in two; square metres.
    boundary_m, near_m
        Boundary between grids inside communities, and the part of it near barriers; metres.
    has_today
        Whether there are grids of today.
    """

    communities: int
    gap_m2: float
    overlap_m2: float
    boundary_m: float
    near_m: float
    has_today: bool


def whole_of(district: District, plans: list[CommunityPlan]) -> Whole:
    """
    Return what the ground of a district and the plans of its communities come to.

    Parameters
    ----------
    district
        What was planned.
    plans
        Plans of the communities, in the district's order.
    """
    gap, overlap = _tiling(district, plans)
    boundary, near = sum(plan.border_m for plan in plans), sum(plan.border_near_m for plan in plans)
    return Whole(len(plans), gap, overlap, boundary, near, district.grids is not None)


def measure(
    rules: Rules,
    grids: pd.DataFrame,
    units: pd.DataFrame,
    violations: pd.DataFrame,
    lineage: pd.DataFrame,
    whole: Whole,
) -> dict[str, Any]:
    """
    Return the measures of design 4.3 as plain JSON values; shares are 0..1, areas square metres.

    Parameters
    ----------
    rules
        How it was planned.
    grids, units, violations, lineage
        The plan's layers.
    whole
        What they do not tell.
    """
    basic = grids[grids["kind"] == "basic"]
    inside = basic["households"].between(rules.minimum, rules.maximum)
    splits = violations[violations["rule"] == "compound"].drop_duplicates("subject")
    broken = violations.loc[violations["rule"] == "connected", "grid_code"].nunique()
    return {
        "communities": whole.communities,
        "buildings": int(units["building_id"].nunique()),
        "households": int(grids["households"].sum()),
        "grids": len(grids),
        "grids_by_kind": {str(kind): int(count) for kind, count in grids["kind"].value_counts().sort_index().items()},
        "in_band": _share(inside.sum(), len(basic)),
        "households_in_band": _share(basic.loc[inside, "households"].sum(), basic["households"].sum()),
        "connected": _share(len(grids) - broken, len(grids)),
        "gap_m2": round(whole.gap_m2, 6),
        "overlap_m2": round(whole.overlap_m2, 6),
        "households_per_grid": spread(basic["households"]),
        "persons_per_grid": spread(basic["persons"].dropna()),
        "work_min_per_grid": spread(basic["work_min"]),
        "work_cv_in_community": cv_within(basic),
        "compactness": {"mean": _rounded(grids["compactness"].mean()), "min": _rounded(grids["compactness"].min())},
        "boundary_m": round(whole.boundary_m, 1),
        "boundary_on_barriers": _share(whole.near_m, whole.boundary_m),
        "compounds_split": len(splits),
        "compounds_split_proven": int(splits["proven"].sum()),
        "households_moved": _moved(lineage) if whole.has_today else None,
        "violations": len(violations),
        "violations_proven": int(violations["proven"].sum()),
        "violations_unproven": int((violations["proven"] == 0).sum()),
    }


def _share(part: float, whole: float) -> float | None:
    return round(float(part) / float(whole), 6) if whole else None


def _rounded(value: float) -> float | None:
    return None if np.isnan(value) else round(float(value), 6)


def spread(values: pd.Series) -> dict[str, float | None]:
    """
    Return how evenly a quantity is spread over grids: mean, cv, max_to_mean, gini, min, max.

    Parameters
    ----------
    values
        One value >= 0 for each grid. Of none, or nothing but zeros, all measures are None.

    Notes
    -----
    ``cv`` is the standard deviation (of the population) by the mean. ``gini`` is the mean absolute difference of all
    pairs by twice the mean (Gini 1912): 0 where all grids carry the same, near 1 where one carries all.
    """
    if values.empty or values.mean() == 0:
        return {"mean": None, "cv": None, "max_to_mean": None, "gini": None, "min": None, "max": None}
    mean = float(values.mean())
    return {
        "mean": round(mean, 3),
        "cv": round(float(values.std(ddof=0)) / mean, 6),
        "max_to_mean": round(float(values.max()) / mean, 6),
        "gini": round(_gini(values.to_numpy(dtype=float)), 6),
        "min": int(values.min()),
        "max": int(values.max()),
    }


def _gini(values: NDArray[np.float64]) -> float:
    n = len(values)
    rank = 2.0 * np.arange(1, n + 1) - n - 1.0
    return float((rank * np.sort(values)).sum() / (n * values.sum()))


def cv_within(basic: pd.DataFrame) -> float | None:
    """
    Return the mean over communities of the work's coefficient of variation: what the solver can even out.

    Parameters
    ----------
    basic
        Grids with ``community_code, work_min``. Communities of one grid, or without work, do not count.
    """
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

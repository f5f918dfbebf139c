"""How far a plan follows departments: boundary that runs along theirs, and grids of theirs that stayed whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd
import shapely

from gridplan.district import District
from gridplan.plan import Plan
from gridplan.uniting.department import Department


@dataclass(frozen=True)
class Followed:
    """
    How far a plan follows departments.

    Parameters
    ----------
    boundary_m
        Boundary between grids inside communities, metres.
    on_any
        Share of it within the barriers' tolerance of some department's border, 0..1.
    on_each
        The same for each department by name.
    grids, whole
        Grids of each department with households, and those of them with all households in one new grid.
    """

    boundary_m: float
    on_any: float
    on_each: dict[str, float]
    grids: dict[str, int]
    whole: dict[str, int]

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return asdict(self)


def followed(
    district: District, plan: Plan, departments: Sequence[Department], lineage: pd.DataFrame, tolerance_m: float
) -> Followed:
    """
    Measure how far a plan follows departments.

    Parameters
    ----------
    district, plan
        The district and its plan.
    departments
        The departments.
    lineage
        The departments' lineage in the plan.
    tolerance_m
        Distance within which two lines are one, metres.
    """
    inner = _inner_boundary(district, plan)
    length = float(shapely.length(inner))
    near = {
        department.name: shapely.buffer(shapely.union_all(shapely.boundary(department.polygons)), tolerance_m)
        for department in departments
    }

    def share(reach: shapely.Geometry) -> float:
        return round(float(shapely.length(shapely.intersection(inner, reach))) / length, 4) if length else 0.0

    with_people = lineage[(lineage["households"] > 0) & lineage["old_code"].notna()]
    heirs = with_people.groupby(["department", "old_code"])["new_code"].nunique().reset_index()
    names = [department.name for department in departments]
    grids = {name: heirs.loc[heirs["department"] == name, "new_code"] for name in names}
    return Followed(
        round(length, 2),
        share(shapely.union_all(list(near.values()))),
        {name: share(reach) for name, reach in near.items()},
        {name: len(counts) for name, counts in grids.items()},
        {name: int((counts == 1).sum()) for name, counts in grids.items()},
    )


def _inner_boundary(district: District, plan: Plan) -> shapely.Geometry:
    """Return the boundaries between grids of one community; each stands in two grids and counts once."""
    rims = shapely.boundary(np.asarray(district.communities.geometry.values, dtype=object))
    lines = shapely.union_all(shapely.boundary(np.asarray(plan.grids.geometry.values, dtype=object)))
    # The rim of a plan may miss its community's by a millimetre.
    return shapely.difference(lines, shapely.buffer(shapely.union_all(rims), 0.05))

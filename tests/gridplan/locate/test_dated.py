"""Lookup on a date: the plan in force answers, to the day."""

from __future__ import annotations

import datetime as dt

import geopandas as gpd
import numpy as np
import pytest
import shapely

from gridplan.errors import LocateError
from gridplan.locate import DatedIndex, DatedPlan, PointIndex

MARCH, MAY = dt.date(2026, 3, 1), dt.date(2026, 5, 1)


def strip(*codes: str, west: float = 0.0) -> PointIndex:
    """Return grids of 100 m side by side."""
    squares = [shapely.box(west + 100 * at, 0, west + 100 * at + 100, 100) for at in range(len(codes))]
    return PointIndex.from_plan(gpd.GeoDataFrame({"grid_code": list(codes)}, geometry=squares, crs="EPSG:4549"))


@pytest.fixture(scope="module")
def plans() -> DatedIndex:
    """An old plan of one district until May and its successor, and a neighbour's plan since March."""
    return DatedIndex(
        [
            DatedPlan("old", strip("a1", "a2"), dt.date(2025, 1, 1), MAY),
            DatedPlan("new", strip("b1", "b2"), MAY),
            DatedPlan("neighbour", strip("n1", west=200.0), MARCH),
        ]
    )


@pytest.mark.parametrize(
    ("day", "x", "code", "plan"),
    [
        ("2024-12-31", 50, None, None),
        ("2025-01-01", 50, "a1", "old"),
        ("2026-04-30T23:59:59+08:00", 150, "a2", "old"),
        (MAY, 150, "b2", "new"),
        (dt.datetime(2026, 5, 1, 0, 30), 50, "b1", "new"),
        ("2026-02-28", 250, None, None),
        (MARCH, 250, "n1", "neighbour"),
        (MAY, 202, "n1", "neighbour"),
    ],
)
def test_the_plan_in_force_answers(plans: DatedIndex, day: dt.date | str, x: float, code: str, plan: str) -> None:
    """The last case is near to b2 of the newer plan, but the neighbour's grid covers it."""
    found = plans.locate(x, 50, at=day, crs="plan")
    assert (found.grid_code, found.plan) == (code, plan)
    many = plans.locate_many([x, x], [50, 50], at=day, crs="plan").to_frame()
    assert many["grid_code"].tolist() == [code, code]
    assert many.get("plan", default=[None, None])[0] == plan


def test_many_points_of_several_plans(plans: DatedIndex) -> None:
    found = plans.locate_many(np.array([50.0, 250.0, 5_000.0, np.nan]), np.full(4, 50.0), at=MAY, crs="plan")
    assert found.to_frame()["plan"].tolist() == ["new", "neighbour", None, None]
    assert found.status_names.tolist() == ["inside", "inside", "none", "invalid"]


def test_faults_of_dates_are_said(plans: DatedIndex) -> None:
    with pytest.raises(LocateError, match="2026-03-01"):
        plans.locate(50, 50, at="May", crs="plan")
    twice = DatedPlan("p", strip("a"), MAY, MARCH)
    with pytest.raises(LocateError, match=r"given twice.*valid_to after 2026-05-01"):
        DatedIndex([twice, twice])

"""Each misfit of a layer is found with its ground and its households, on districts where both are plain to see."""

from __future__ import annotations

import numpy as np
import pytest
from drawn import A, B, box, district, houses, point

from gridplan.plan import build_plan
from gridplan.rules import rules_from
from gridplan.uniting.department import make_department
from gridplan.uniting.holdings import doubtful_layer, hold
from gridplan.uniting.reconcile import Reconciliation, reconcile


def fit(drawn: object, *boxes: object, tolerance_m: float = 2.0) -> Reconciliation:
    department = make_department("公安", [f"J{n}" for n in range(len(boxes))], np.array(boxes, dtype=object))
    return reconcile(drawn, department, hold(drawn.buildings, department, tolerance_m))  # type: ignore[attr-defined, arg-type]


def test_gaps_overlaps_and_slivers_have_ground_and_households() -> None:
    """Columns of houses stand at 50, 150 and 250; each house has 100 households."""
    nine = district(houses(3, 3), 100, box(0, 0, 300, 300))
    found = fit(nine, box(0, 0, 170, 300), box(120, 0, 200, 300), box(200.5, 0, 230, 300))
    assert found.overlaps.area_m2 == pytest.approx(50 * 300)
    assert (found.overlaps.buildings, found.overlaps.households) == (3, 300)
    assert found.gaps.area_m2 == pytest.approx(70 * 300)
    assert (found.gaps.buildings, found.gaps.households) == (3, 300)
    assert (found.gaps.slivers, found.gaps.slivers_m2) == (1, pytest.approx(150.0))
    assert found.outside_m2 == 0.0
    assert found.doubtful["overlap"] == 3
    assert found.empty == ("J1", "J2")


def test_a_layer_that_fits_has_nothing_to_report() -> None:
    nine = district(houses(3, 3), 100, box(0, 0, 300, 300))
    found = fit(nine, box(0, 0, 100, 300), box(100, 0, 300, 300))
    assert (found.gaps.area_m2, found.overlaps.area_m2, found.gaps.slivers, found.overlaps.slivers) == (0, 0, 0, 0)
    assert set(found.doubtful.values()) == {0}
    assert [found.crossings, found.empty, found.mended, found.missing_codes, found.repeated_codes] == [()] * 5


def test_a_grid_in_two_communities_is_told_with_the_households_of_each() -> None:
    two = district(houses(4, 1), [1, 2, 4, 8], {A: box(0, 0, 200, 100), B: box(200, 0, 400, 100)})
    found = fit(two, box(0, 0, 100, 100), box(100, 0, 300, 100), box(300, 0, 400, 120), box(199.5, 0, 300, 10))
    assert [(each.grid_code, each.households) for each in found.crossings] == [("J1", {A: 2, B: 4})]
    assert found.outside_m2 == pytest.approx(2000)


def test_every_doubt_is_listed_with_who_else_could_claim() -> None:
    """In the middle of a grid, 1 m from another, in a gap of 2 m, far from all, and a footprint cut 60 to 40."""
    shapes = [point(50, 50), point(99, 20), point(201, 50), point(280, 50), box(92, 60, 112, 80)]
    drawn = district(shapes, [1, 2, 4, 8, 16], box(0, 0, 300, 100))
    department = make_department(
        "公安", ["W", "E", "F"], np.array([box(0, 0, 100, 100), box(100, 0, 200, 100), box(202, 0, 250, 100)])
    )
    holding = hold(drawn.buildings, department, 2.0)
    rows = doubtful_layer(drawn.buildings, (department,), (holding,)).drop(columns="geometry")
    places = {(round(share), reason): code for share, reason, code in rows[["households", "reason", "old_code"]].values}
    assert places == {(2, "near_border"): "W", (4, "gap"): None, (8, "in_no_grid"): None, (16, "divided"): "E"}
    assert dict(zip(rows["households"], rows["other_code"], strict=True)) == {2: "E", 4: "E", 8: None, 16: "W"}
    report = reconcile(drawn, department, holding)
    assert report.doubtful == {"overlap": 0, "divided": 1, "near_border": 1, "gap": 1, "households": 22}
    assert (report.gaps.buildings, report.gaps.households) == (2, 12)


def test_a_revision_says_how_todays_grids_fit() -> None:
    """Two grids of today leave the east column out and overlap by 50 m."""
    today = [
        {"grid_code": f"{A}00{n}", "geometry": shape}
        for n, shape in enumerate((box(0, 0, 120, 300), box(70, 0, 200, 300)))
    ]
    drawn = district(houses(3, 3), 100, box(0, 0, 300, 300), grids=today)
    found = build_plan(drawn, rules_from({}), effort="quick", revising=True).report["reconciliation"]
    assert found["overlaps"]["area_m2"] == pytest.approx(50 * 300)
    assert (found["gaps"]["area_m2"], found["gaps"]["households"]) == (pytest.approx(100 * 300), 300)
    assert "reconciliation" not in build_plan(drawn, rules_from({}), effort="quick").report

"""The measures of a plan, each against a figure worked out by hand."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import shapely
from drawn import box, district, houses, line, plan

from gridplan.measures import compactness


def measures(*households: int, columns: int, street: bool = False, **more: Any) -> dict[str, Any]:
    """Return the measures of a plan of rows of houses on squares of 100 m."""
    rows = len(households) // columns
    barriers = [("primary", line((200, -9), (200, 100 * rows + 9)))] if street else []
    drawn = district(houses(columns, rows), households, box(0, 0, 100 * columns, 100 * rows), barriers=barriers, **more)
    return dict(plan(drawn).report["measures"])


@pytest.mark.parametrize(
    ("shape", "value"),
    [
        (box(0, 0, 10, 10), math.pi / 4),
        (box(0, 0, 10, 40), 4 * math.pi * 400 / 100**2),
        (box(0, 0, 30, 30) - box(10, 10, 20, 20), 4 * math.pi * 800 / 160**2),
        (shapely.Point(0, 0).buffer(10, quad_segs=4096), 1.0),
    ],
    ids=["square", "strip", "ring", "disc"],
)
def test_compactness(shape: shapely.Geometry, value: float) -> None:
    assert compactness(np.array([shape])) == pytest.approx([value], rel=1e-6)


def test_counts_shares_and_spreads() -> None:
    """Grids of 400 and 386, and 193 beyond a railway: two of three inside, 786 of 979 households."""
    barriers = [("railway", line((x, -9), (x, 109))) for x in (200, 400)]
    drawn = district(houses(5, 1), [200, 200, 193, 193, 193], box(0, 0, 500, 100), barriers=barriers)
    found = plan(drawn).report["measures"]
    assert (found["communities"], found["buildings"], found["households"], found["grids"]) == (1, 5, 979, 3)
    assert found["grids_by_kind"] == {"basic": 3}
    assert found["in_band"] == pytest.approx(2 / 3, abs=1e-6)
    assert found["households_in_band"] == pytest.approx(786 / 979, abs=1e-6)
    spread = found["households_per_grid"]
    mean = 979 / 3
    cv = math.sqrt(sum((each - mean) ** 2 for each in (400, 386, 193)) / 3) / mean
    assert spread["mean"] == pytest.approx(mean, abs=1e-3)
    assert spread["cv"] == pytest.approx(cv, abs=1e-6)
    assert spread["max_to_mean"] == pytest.approx(400 / mean, abs=1e-6)
    assert (spread["min"], spread["max"]) == (193, 400)
    assert (found["violations"], found["violations_proven"], found["violations_unproven"]) == (1, 1, 0)


def test_boundary_is_measured_once_inside_and_its_share_along_streets() -> None:
    alone = measures(200, 200, 200, 200, columns=4)
    assert (alone["boundary_m"], alone["boundary_on_barriers"]) == (100.0, 0.0)
    along = measures(200, 200, 200, 200, columns=4, street=True)
    assert (along["boundary_m"], along["boundary_on_barriers"]) == (100.0, 1.0)


def test_one_grid_has_no_boundary_and_no_spread_of_work() -> None:
    found = measures(200, 200, columns=2)
    assert (found["boundary_m"], found["boundary_on_barriers"], found["work_cv_in_community"]) == (0.0, None, None)


def test_nobody_at_home_divides_by_nothing() -> None:
    found = measures(0, 0, columns=2)
    assert found["households_in_band"] is None
    assert found["households_per_grid"]["mean"] is None


def test_exclusive_areas_count_as_grids_and_not_against_the_band() -> None:
    found = measures(200, 200, 5, columns=3, exclusive={"School": box(200, 0, 300, 100)})
    assert found["grids_by_kind"] == {"basic": 1, "exclusive": 1}
    assert (found["in_band"], found["households_in_band"]) == (1.0, 1.0)


def test_gaps_and_overlaps_are_none() -> None:
    found = measures(*[100] * 16, columns=4)
    assert found["gap_m2"] < 0.01
    assert found["overlap_m2"] < 0.01
    assert found["connected"] == 1.0

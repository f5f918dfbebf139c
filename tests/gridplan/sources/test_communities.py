"""Contested ground, holes and parts: squares whose answers can be seen."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import shapely
from source_squares import CRS, box, fault, point

from gridplan.sources import check_source

Write = Callable[..., Path]
HOMES = gpd.GeoDataFrame({"building_id": ["b"], "households": [1]}, geometry=[point(50, 50)], crs=CRS)


def check(write: Write, shapes: list[Any], codes: list[str] | None = None) -> Any:
    names = codes or [f"11010100100{at}" for at in range(1, len(shapes) + 1)]
    return check_source(
        write(communities=gpd.GeoDataFrame({"community_code": names}, geometry=shapes, crs=CRS), buildings=HOMES)
    )


def test_contested_ground_under_one_per_cent_goes_to_the_lower_code(write: Write) -> None:
    report = check(write, [box(0, 0, 100, 100), box(99.5, 0, 200, 100)])
    found = fault(report, "contested-ground")
    assert (found.count, found.params["worst_m2"], found.severity) == (1, 50.0, "warning")
    assert report.district.communities.area.round(6).tolist() == [10_000.0, 10_000.0]


def test_contested_ground_goes_to_the_higher_code_where_the_lower_would_cut_it_apart(write: Write) -> None:
    """A finger of the lower code, 0.3 m wide, crosses the neck that joins two halves of the higher code."""
    lower = shapely.union_all([box(0, 0, 100, 100), box(100, 50, 104, 50.3)])
    halves = [box(101, 0, 200, 49), box(101, 52, 200, 100)]
    higher = shapely.union_all([*halves, box(101, 49, 104, 52)])
    report = check(write, [lower, higher])
    kept = report.district.communities.geometry
    assert fault(report, "contested-ground").params["total_m2"] == 0.9
    assert kept[1].equals(higher)
    assert kept[0].area == pytest.approx(lower.area - 0.9)


def test_overlap_of_one_per_cent_of_either_is_refused_with_the_pair_and_the_area(write: Write) -> None:
    report = check(write, [box(0, 0, 100, 100), box(99, 0, 199, 100)])
    found = fault(report, "communities-overlap")
    assert found.rows == ("110101001001 & 110101001002",)
    assert (found.params["worst_m2"], found.acceptable) == (100.0, False)
    assert not report.ok


def test_crumbs_that_settling_leaves_belong_to_nobody(write: Write) -> None:
    # The higher code keeps a strip of 0.02 m2 beyond the finger of the lower one.
    lower = shapely.union_all([box(0, 0, 100, 100), box(100, 0, 101, 1)])
    higher = shapely.union_all([box(101, 0, 200, 100), box(99.98, 0, 101, 1), box(100, -0.02, 101, 0)])
    report = check(write, [lower, higher])
    assert shapely.get_num_geometries(report.district.communities.geometry[1]) == 1


def test_settling_twice_changes_nothing(write: Write, tmp_path: Path) -> None:
    rng = np.random.default_rng(7)
    edge = [(500_100 + float(rng.normal(0, 0.3)), 2_500_000 + y) for y in range(0, 101, 5)]
    west = shapely.Polygon([(500_000, 2_500_000), *edge, (500_000, 2_500_100)])
    other = [(x + float(rng.normal(0, 0.1)), y) for x, y in edge]
    east = shapely.Polygon([*other, (500_200, 2_500_100), (500_200, 2_500_000)])
    first = check(write, [west, east])
    again = check(write, list(first.district.communities.geometry))
    assert "contested-ground" not in {each.code for each in again.faults}
    assert again.district.digest == first.district.digest


def test_holes_between_communities_are_counted_and_parts_are_kept(write: Write) -> None:
    ring = shapely.difference(box(0, 0, 100, 100), box(70, 70, 80, 90))
    report = check(write, [ring, shapely.MultiPolygon([box(100, 0, 200, 100), box(300, 0, 320, 20)])])
    holes = fault(report, "holes-between-communities")
    assert (holes.count, holes.params["total_m2"]) == (1, 200.0)
    assert fault(report, "several-parts").rows == ("110101001002",)
    assert shapely.get_num_geometries(report.district.communities.geometry[1]) == 2


@pytest.mark.parametrize("order", [[0, 1, 2], [2, 0, 1]])
def test_order_of_rows_decides_nothing(write: Write, order: list[int]) -> None:
    shapes = [box(0, 0, 100, 100), box(99.5, 0, 200, 100), box(0, 99.5, 200, 200)]
    codes = ["110101001001", "110101001002", "110101001003"]
    report = check(write, [shapes[at] for at in order], [codes[at] for at in order])
    assert report.district.communities["community_code"].tolist() == codes
    assert report.district.communities.area.round(6).tolist() == [10_000.0, 10_000.0, 20_000.0]

"""Each kind of dirt is answered by its own fault: code, rows, whether it can be accepted and what that costs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from source_squares import CRS, box, codes, fault, point

from gridplan.errors import InputError
from gridplan.sources import check_source, read_source

Write = Callable[..., Path]
BOWTIE = shapely.Polygon([(500_010, 2_500_010), (500_020, 2_500_020), (500_020, 2_500_010), (500_010, 2_500_020)])
LINE = shapely.LineString([(500_001, 2_500_001), (500_002, 2_500_002)])
SPIKE = shapely.Polygon(
    [(500_010, 2_500_010), (500_020, 2_500_010), (500_025, 2_500_010), (500_020, 2_500_010), (500_020, 2_500_020)]
)


def test_clean_district_has_no_fault_that_asks_for_anything(write: Write) -> None:
    report = check_source(write())
    assert report.ok
    assert report.faults == ()
    assert report.district is not None
    assert report.district.buildings["home"].tolist() == ["110101001001"] * 2 + ["110101001002"] * 2
    assert report.district.buildings["households"].dtype == np.int64


# column, values of the four buildings, code, rows, households of the first building when accepted
HOUSEHOLDS = [
    ([None, 20, 30, 40], "null-households", ("b1",), 0),
    (["many", "20", "30", "40"], "text-households", ("b1",), 0),
    ([float("inf"), 20, 30, 40], "text-households", ("b1",), 0),
    ([-1, 20, 30, 40], "negative-households", ("b1",), 0),
    ([10.5, 20, 30, 40], "fractional-households", ("b1",), 11),
]


@pytest.mark.parametrize(("values", "code", "rows", "accepted"), HOUSEHOLDS)
def test_bad_households_refuse_the_run_and_can_be_accepted(
    write: Write, buildings: gpd.GeoDataFrame, values: list[Any], code: str, rows: tuple[str, ...], accepted: int
) -> None:
    path = write(buildings=buildings.assign(households=values))
    found = fault(check_source(path), code)
    assert (found.severity, found.rows, found.count, found.column) == ("error", rows, 1, "households")
    with pytest.raises(InputError, match=f"--accept {code}"):
        read_source(path)
    district = read_source(path, accept=[code])
    assert district.buildings["households"].tolist() == [accepted, 20, 30, 40]
    assert [each.accepted for each in district.faults if each.code == code] == [True]


COLUMNS = [
    ("building_id", ["b1", "b1", "b3", "b4"], "duplicate-id", 1),
    ("building_id", ["b1", " ", None, "b4"], "empty-id", 2),
    ("building_id", [1e17, 2, 3, 4], "imprecise-id", 1),
    ("persons", ["a few", "2", "3", "4"], "text-number", 1),
    ("persons", [-1, 2, 3, 4], "negative-number", 1),
    ("floors", [-1, 2, 3, 4], "negative-number", 1),
    ("work_min", [1.5, 2, 3, 4], "fractional-number", 1),
    ("community_code", ["110101001002", None, None, None], "contradicting-community-code", 1),
    ("community_code", ["110101001009", None, None, None], "unknown-community-code", 1),
    ("geometry", [None, point(1, 1), point(2, 2), point(3, 3)], "empty-geometry", 1),
    ("geometry", [shapely.Point(), point(1, 1), point(2, 2), point(3, 3)], "empty-geometry", 1),
    (
        "geometry",
        [shapely.LineString([(500_001, 2_500_001), (500_002, 2_500_002)])] + [point(3, 3)] * 3,
        "wrong-geometry",
        1,
    ),
    ("geometry", [BOWTIE, point(1, 1), point(2, 2), point(3, 3)], "invalid-geometry", 1),
    ("geometry", [point(-50, 1), point(1, 1), point(2, 2), point(3, 3)], "buildings-outside", 1),
]


@pytest.mark.parametrize(("column", "values", "code", "count"), COLUMNS)
def test_bad_columns_refuse_the_run(
    write: Write, buildings: gpd.GeoDataFrame, column: str, values: list[Any], code: str, count: int
) -> None:
    report = check_source(write(buildings=buildings.assign(**{column: values}).set_crs(CRS, allow_override=True)))
    found = fault(report, code)
    assert (found.severity, found.count, found.layer) == ("error", count, "buildings")
    assert report.district is None
    assert report.errors == (found,)


def test_buildings_outside_are_left_out_when_accepted_and_their_households_counted(
    write: Write, buildings: gpd.GeoDataFrame
) -> None:
    moved = buildings.set_geometry([point(-50, 1), *buildings.geometry[1:]], crs=CRS)
    district = read_source(write(buildings=moved), accept=["buildings-outside"])
    assert district.buildings["building_id"].tolist() == ["b2", "b3", "b4"]
    (found,) = [each for each in district.faults if each.code == "buildings-outside"]
    assert "1 buildings with 10 households are left out" in str(found)


NOTES = [
    ([point(-1.9, 50), point(10, 10), point(110, 10), point(150, 50)], "buildings-snapped", 1),
    ([box(92, 10, 112, 20), point(10, 10), point(110, 10), point(150, 50)], "buildings-straddling", 1),
    ([point(10, 10), point(10, 10), point(110, 10), point(110, 10)], "stacked-buildings", 4),
    ([SPIKE, point(40, 40), point(110, 10), point(150, 50)], "repaired-geometry", 1),
]


@pytest.mark.parametrize(("shapes", "code", "count"), NOTES)
def test_harmless_dirt_is_counted_and_goes_through(
    write: Write, buildings: gpd.GeoDataFrame, shapes: list[Any], code: str, count: int
) -> None:
    report = check_source(write(buildings=buildings.set_geometry(shapes, crs=CRS)))
    assert report.ok
    assert fault(report, code).count == count


def test_straddling_building_goes_where_most_of_it_lies_and_given_code_wins_only_nearby(
    write: Write, buildings: gpd.GeoDataFrame
) -> None:
    shapes = [box(92, 10, 112, 20), box(98, 40, 103, 45), box(110, 10, 120, 20), point(150, 50)]
    given = buildings.set_geometry(shapes, crs=CRS).assign(community_code=[None, "110101001001", None, None])
    district = read_source(write(buildings=given))
    assert district.buildings["home"].tolist()[:2] == ["110101001002", "110101001001"]


def test_community_without_buildings_or_without_households_is_a_warning(
    write: Write, buildings: gpd.GeoDataFrame
) -> None:
    report = check_source(write(buildings=buildings[:2].assign(households=0)))
    assert fault(report, "community-without-buildings").rows == ("110101001002",)
    assert fault(report, "community-without-households").rows == ("110101001001",)
    assert fault(report, "zero-households").count == 2
    assert report.ok


def test_ids_keep_their_zeros_and_lose_only_the_point_of_a_float_column(
    write: Write, buildings: gpd.GeoDataFrame
) -> None:
    texts = read_source(write("t.gpkg", buildings=buildings.assign(building_id=["0012", "12", "12.0", "x"])))
    assert texts.buildings["building_id"].tolist() == ["0012", "12", "12.0", "x"]
    floats = read_source(write("f.gpkg", buildings=buildings.assign(building_id=[12.0, 13.0, 14.0, 15.5])))
    assert floats.buildings["building_id"].tolist() == ["12", "13", "14", "15.5"]


def test_estimates_come_from_persons_then_floor_area_then_floors_and_are_marked(
    write: Write, buildings: gpd.GeoDataFrame
) -> None:
    empty = buildings.assign(households=[None, None, 30, None], persons=[262, None, None, None], floors=[6, 6, 6, 6])
    district = read_source(write(buildings=empty), estimate=True)
    # 262 persons / 2.62; 100 m2 x 6 floors / 100 m2; counted; a point: 6 floors x 2.
    assert district.buildings["households"].tolist() == [100, 6, 30, 12]
    assert district.buildings["estimated"].tolist() == [True, True, False, True]
    unknown = buildings.assign(households=[None, 20, 30, None])
    report = check_source(write("unknown.gpkg", buildings=unknown), estimate=True)
    assert fault(report, "null-households").rows == ("b1", "b4")


def test_source_without_a_households_column_can_be_estimated(write: Write, buildings: gpd.GeoDataFrame) -> None:
    bare = buildings.drop(columns="households").assign(floors=2)
    assert fault(check_source(write(buildings=bare)), "column-missing").column == "households"
    assert read_source(write(buildings=bare), estimate=True).buildings["households"].tolist() == [2, 2, 2, 4]


def test_faults_of_all_layers_come_at_once(
    write: Write, communities: gpd.GeoDataFrame, buildings: gpd.GeoDataFrame
) -> None:
    grids = gpd.GeoDataFrame(
        {"grid_code": ["g1", "g1"], "kind": ["basik", "basic"]}, geometry=[box(0, 0, 9, 9), box(9, 0, 18, 9)], crs=CRS
    )
    barriers = gpd.GeoDataFrame({"kind": [None]}, geometry=[LINE], crs=CRS)
    report = check_source(
        write(
            communities=communities.assign(area_kind=["urban", "ruraal"]),
            buildings=buildings.assign(households=[None, -1, 30, 40]),
            grids=grids,
            barriers=barriers,
            exclusive=gpd.GeoDataFrame({"name": [None]}, geometry=[box(0, 0, 5, 5)], crs=CRS),
            entrances=pd.DataFrame({"building_id": ["b3", "b9"], "entrance": ["1", "1"], "households": [29, 1]}),
        )
    )
    assert {each.code for each in report.errors} == {
        "unknown-value",
        "null-households",
        "negative-households",
        "duplicate-id",
        "missing-value",
        "entrances-sum",
        "unknown-building",
    }
    assert {each.layer for each in report.errors} == {
        "communities",
        "buildings",
        "grids",
        "barriers",
        "exclusive",
        "entrances",
    }
    assert "rural" in str(next(each for each in report.errors if each.layer == "communities"))


LOCKS = [
    ([box(0, 0, 50, 50), box(48, 0, 90, 50)], "locks-overlap"),
    ([box(0, 0, 50, 50), box(90, 0, 150, 50)], "lock-in-two-communities"),
    ([box(0, 0, 50, 50), box(-90, 0, -50, 50)], "lock-outside"),
]


@pytest.mark.parametrize(("shapes", "code"), LOCKS)
def test_locks_that_cannot_be_kept_are_refused_but_only_when_locked(write: Write, shapes: list[Any], code: str) -> None:
    grids = gpd.GeoDataFrame({"grid_code": ["g1", "g2"], "locked": [1, 1]}, geometry=shapes, crs=CRS)
    assert {each.code for each in check_source(write("l.gpkg", grids=grids)).errors} == {code}
    free = check_source(write("f.gpkg", grids=grids.assign(locked=0)))
    assert free.ok
    assert free.district is not None
    assert free.district.grids is not None
    assert free.district.grids["kind"].tolist() == ["basic", "basic"]


def test_missing_layers_and_columns_name_the_nearest(write: Write, buildings: gpd.GeoDataFrame) -> None:
    report = check_source(write(buildings=None, bildings=buildings))
    assert fault(report, "layer-missing").layer == "buildings"
    assert "buildings" in str(fault(report, "layer-ignored"))
    renamed = check_source(write("c.gpkg", buildings=buildings.rename(columns={"households": "household"})))
    assert "the nearest name is household" in str(fault(renamed, "column-missing"))
    assert codes(renamed) == {"column-missing"}


def test_unknown_codes_to_accept_are_refused(write: Write) -> None:
    report = check_source(write(), accept=["nul-households", "empty-id"])
    assert "null-households" in str(fault(report, "unknown-accept"))
    assert fault(report, "not-acceptable").severity == "error"

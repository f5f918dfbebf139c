"""Lookup by point: each point has one owner by one rule, the same for one point and many, in every datum."""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor

import geopandas as gpd
import numpy as np
import pytest
import shapely
from locate_city import CRS, HEIGHT, SOUTH, WEST, WIDTH
from numpy.typing import NDArray
from pyproj import Transformer

from gridplan.datum import DATUMS, from_wgs84
from gridplan.errors import InputError, LocateError
from gridplan.locate import Located, LocatedMany, PointIndex
from gridplan.locate.index import _WORTH_A_RASTER
from gridplan.locate.raster import OUTSIDE, UNSURE

MANY = 3 * _WORTH_A_RASTER
Floats = NDArray[np.float64]


def spread(n_points: int, margin_m: float = 40.0, seed: int = 5) -> tuple[Floats, Floats]:
    """Return points over the town and around it, in its CRS."""
    rng = np.random.default_rng(seed)
    x = rng.uniform(WEST - margin_m, WEST + WIDTH + margin_m, n_points)
    return x, rng.uniform(SOUTH - margin_m, SOUTH + HEIGHT + margin_m, n_points)


def lonlat(x: Floats, y: Floats) -> tuple[Floats, Floats]:
    lon, lat = Transformer.from_crs(CRS, "EPSG:4326", always_xy=True).transform(x, y)
    return np.asarray(lon), np.asarray(lat)


def expected(town: gpd.GeoDataFrame, x: Floats, y: Floats, within_m: float) -> list[str | None]:
    """Return the owners by the stated rule and nothing but whole distances: lowest code of the nearest, if near."""
    town = town.sort_values("grid_code")
    points = shapely.points(x, y)
    distance = np.array([shapely.distance(polygon, points) for polygon in town.geometry])
    best = distance.argmin(axis=0)
    reached = distance.min(axis=0) <= within_m
    return [str(town["grid_code"].iloc[at]) if near else None for at, near in zip(best, reached, strict=True)]


def ones(index: PointIndex, x: Floats, y: Floats, **frame: str) -> list[Located]:
    return [index.locate(float(a), float(b), **frame) for a, b in zip(x, y, strict=True)]


def same(many: LocatedMany, one: list[Located]) -> bool:
    frame = many.to_frame()
    distance = [math.nan if each.distance_m is None else each.distance_m for each in one]
    return (
        frame["grid_code"].tolist() == [each.grid_code for each in one]
        and frame["status"].tolist() == [each.status for each in one]
        and np.array_equal(frame["distance_m"], distance, equal_nan=True)
    )


def test_each_point_has_the_owner_that_the_rule_says(town: gpd.GeoDataFrame, index: PointIndex) -> None:
    x, y = spread(4_000)
    found = index.locate_many(x, y, crs="plan")
    assert found.grid_code.tolist() == expected(town, x, y, index.within_m)
    assert set(found.status_names) == {"inside", "near", "none"}


def test_each_point_within_a_grid_is_located_in_it(town: gpd.GeoDataFrame, index: PointIndex) -> None:
    within = shapely.point_on_surface(town.geometry.to_numpy())
    found = index.locate_many(*shapely.get_coordinates(within).T, crs="plan")
    assert found.grid_code.tolist() == town["grid_code"].tolist()
    assert not found.distance_m.any()


def test_a_border_vertex_belongs_to_the_lowest_code_of_those_that_share_it(
    town: gpd.GeoDataFrame, index: PointIndex
) -> None:
    coordinates, grid = shapely.get_coordinates(town.geometry.to_numpy(), return_index=True)
    vertices, inverse = np.unique(coordinates, axis=0, return_inverse=True)
    owners: list[set[str]] = [set() for _ in vertices]
    for vertex, code in zip(inverse, town["grid_code"].to_numpy()[grid], strict=True):
        owners[vertex].add(code)
    found = index.locate_many(*vertices.T, crs="plan")
    assert found.grid_code.tolist() == [min(codes) for codes in owners]
    assert found.status_names.tolist() == ["border" if len(codes) > 1 else "inside" for codes in owners]
    assert same(found, ones(index, *vertices.T, crs="plan"))


def test_the_raster_changes_no_answer(town: gpd.GeoDataFrame, index: PointIndex) -> None:
    """A million-point call goes through the raster, a small one does not; points on borders are among them."""
    x, y = spread(MANY)
    vertices = shapely.get_coordinates(town.geometry.to_numpy())
    x[: len(vertices)], y[: len(vertices)] = vertices.T
    raster = index.raster()
    kinds = raster.owners(x, y)
    assert (kinds >= 0).mean() > 0.7
    assert {OUTSIDE, UNSURE} <= set(kinds.tolist())
    whole = index.locate_many(x, y, crs="plan").to_frame()
    parts = [index.locate_many(x[at : at + 5_000], y[at : at + 5_000], crs="plan") for at in range(0, MANY, 5_000)]
    assert whole["grid_code"].tolist() == [code for part in parts for code in part.grid_code]
    assert whole["status"].tolist() == [name for part in parts for name in part.status_names]
    assert np.array_equal(whole["distance_m"], np.concatenate([part.distance_m for part in parts]), equal_nan=True)


def test_the_raster_changes_no_single_answer(town: gpd.GeoDataFrame) -> None:
    x, y = spread(1_500)
    vertices = shapely.get_coordinates(town.geometry.to_numpy())[::7]
    x[: len(vertices)], y[: len(vertices)] = vertices.T
    index = PointIndex.from_plan(town)
    before = ones(index, x, y, crs="plan")
    index.raster()
    assert ones(index, x, y, crs="plan") == before


@pytest.mark.parametrize("datum", DATUMS)
def test_one_point_and_many_agree_in_every_datum(index: PointIndex, datum: str) -> None:
    x, y = spread(1_500)
    lon, lat = from_wgs84(*lonlat(x, y), datum)  # type: ignore[arg-type]
    many = index.locate_many(lon, lat, datum=datum)
    assert same(many, ones(index, lon, lat, datum=datum))
    sure = index.within_m + 1e-4
    edge = (
        np.abs(np.array(shapely.distance(shapely.union_all(index.grids.polygons), shapely.points(x, y))) - sure) < 1e-3
    )
    assert (many.grid_code[~edge] == index.locate_many(x, y, crs="plan").grid_code[~edge]).all()


@pytest.mark.parametrize("datum", DATUMS)
def test_coordinates_of_a_datum_are_carried_to_a_micrometre(index: PointIndex, datum: str) -> None:
    x, y = spread(2_000)
    lon, lat = from_wgs84(*lonlat(x, y), datum)  # type: ignore[arg-type]
    way = index.way(datum)
    far_x, far_y = way.many(lon, lat)
    assert np.hypot(far_x - x, far_y - y).max() < 5e-6
    assert [way.one(a, b) for a, b in zip(lon, lat, strict=True)] == list(zip(far_x, far_y, strict=True))


def test_another_crs_gives_the_same_grids(index: PointIndex) -> None:
    x, y = spread(500)
    there = Transformer.from_crs(CRS, "EPSG:4526", always_xy=True).transform(x, y)
    found = index.locate_many(*there, crs="EPSG:4526")
    assert found.grid_code.tolist() == index.locate_many(x, y, crs="plan").grid_code.tolist()


def test_a_point_just_outside_is_near_and_says_how_far(town: gpd.GeoDataFrame) -> None:
    corner = (WEST - 3.0, SOUTH + HEIGHT / 2)
    metres = float(shapely.distance(shapely.union_all(town.geometry), shapely.Point(corner)))
    reaching, short = (PointIndex.from_plan(town, within_m=metres + by) for by in (0.01, -0.01))
    found = reaching.locate(*corner, crs="plan")
    assert (found.status, found.distance_m) == ("near", pytest.approx(metres))
    assert short.locate(*corner, crs="plan") == Located(None, "none")


def test_swapped_coordinates_are_said_and_not_answered(index: PointIndex) -> None:
    x, y = spread(2_000, margin_m=-20.0)
    lon, lat = lonlat(x, y)
    right = index.locate(lon[0], lat[0])
    assert index.locate(lat[0], lon[0]) == Located(None, "swapped", hint=right.grid_code)
    counts = index.locate_many(lat, lon).counts()
    assert counts["swapped"] > 1_900
    assert counts["inside"] == counts["near"] == 0


@pytest.mark.parametrize("bad", [None, math.nan, math.inf, -math.inf, "", "east", 181.0, 1e300])
def test_what_is_no_coordinate_is_invalid(index: PointIndex, bad: float) -> None:
    assert index.locate(bad, 22.97) == Located(None, "invalid")
    if not isinstance(bad, str):
        assert index.locate_many([bad], [22.97]).status_names.tolist() == ["invalid"]


def test_arrays_given_to_locate_are_many_points(index: PointIndex) -> None:
    x, y = spread(50)
    many = index.locate_many(x, y, crs="plan").grid_code.tolist()
    assert index.locate(x, y, crs="plan").grid_code.tolist() == many
    assert index.locate(x.tolist(), y.tolist(), crs="plan").grid_code.tolist() == many


def test_far_points_are_in_no_grid(index: PointIndex) -> None:
    assert index.locate(0.0, 0.0) == Located(None, "none")
    assert index.locate_many([0.0, 113.9], [0.0, 45.0]).grid_code.tolist() == [None, None]


def test_threads_get_the_answers_of_one(town: gpd.GeoDataFrame) -> None:
    x, y = spread(4_000)
    lon, lat = from_wgs84(*lonlat(x, y), "bd09")
    alone = PointIndex.from_plan(town).locate_many(lon, lat, datum="bd09").grid_code.tolist()
    shared = PointIndex.from_plan(town)

    def work(begin: int) -> list[str | None]:
        part = slice(begin, begin + 500)
        if begin % 1_000:
            return [each.grid_code for each in ones(shared, lon[part], lat[part], datum="bd09")]
        return list(shared.locate_many(lon[part], lat[part], datum="bd09").grid_code)

    with ThreadPoolExecutor(8) as pool:
        assert [code for part in pool.map(work, range(0, 4_000, 500)) for code in part] == alone


def test_grids_in_degrees_are_compared_in_metres(town: gpd.GeoDataFrame, index: PointIndex) -> None:
    degrees = PointIndex.from_plan(town.to_crs("EPSG:4326"))
    x, y = spread(1_000, margin_m=-20.0)
    lon, lat = lonlat(x, y)
    assert degrees.crs.is_projected
    assert degrees.locate_many(lon, lat).grid_code.tolist() == index.locate_many(lon, lat).grid_code.tolist()


def test_a_plan_without_place_on_the_globe_takes_its_own_coordinates_alone(town: gpd.GeoDataFrame) -> None:
    nowhere = PointIndex.from_plan(town.set_crs(None, allow_override=True))
    local = PointIndex.from_plan(town.set_crs('LOCAL_CS["site",UNIT["metre",1]]', allow_override=True))
    x, y = spread(10, margin_m=-50.0)
    for index in (nowhere, local):
        assert None not in index.locate_many(x, y, crs="plan").grid_code
        with pytest.raises(LocateError, match="crs='plan'"):
            index.locate(114.0, 22.9)


@pytest.mark.parametrize(
    ("frame", "message"),
    [
        ({"datum": "wgs72"}, "wgs84, cgcs2000, gcj02, bd09"),
        ({"crs": "EPSG:none"}, "EPSG:4549"),
        ({"crs": "EPSG:4490", "datum": "gcj02"}, "either a crs or a datum"),
    ],
)
def test_an_unknown_frame_is_refused(index: PointIndex, frame: dict[str, str], message: str) -> None:
    with pytest.raises(LocateError, match=message):
        index.locate(114.0, 22.9, **frame)


def test_all_faults_of_grids_are_said_at_once(town: gpd.GeoDataFrame) -> None:
    bad = town.copy()
    bad.loc[1, "grid_code"] = bad.loc[0, "grid_code"]
    bad.loc[2, "grid_code"] = None
    bad.loc[3, "geometry"] = None
    bad.loc[4, "geometry"] = shapely.Point(0, 0)
    with pytest.raises(InputError) as refused:
        PointIndex.from_plan(bad)
    codes = {fault.code for fault in refused.value.faults}
    assert codes == {"duplicate-id", "empty-id", "empty-geometry", "wrong-geometry"}


def test_overlapping_grids_have_one_owner_in_the_raster_too() -> None:
    """Grid b covers the whole ground, a lies within it: wherever both are, a owns the point."""
    ground = gpd.GeoDataFrame(
        {"grid_code": ["b", "a"]}, geometry=[shapely.box(0, 0, 900, 900), shapely.box(300, 300, 600, 600)], crs=CRS
    )
    index = PointIndex.from_plan(ground)
    x, y = np.random.default_rng(1).uniform(0, 900, (2, MANY))
    within = (x > 300) & (x < 600) & (y > 300) & (y < 600)
    found = index.locate_many(x, y, crs="plan")
    assert (found.grid_code == np.where(within, "a", "b")).all()
    assert (found.status_names[within] == "border").all()

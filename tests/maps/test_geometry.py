"""What the screen shows: close to the plan, neighbours matching, small."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely

from maps import geometry


def decoded(shape: geometry.Shape) -> shapely.MultiPolygon:
    return shapely.MultiPolygon(
        [(geometry.decode(rings[0]), [geometry.decode(r) for r in rings[1:]]) for rings in shape]
    )


def on_the_ground(shapes: list[geometry.Shape], crs) -> gpd.GeoSeries:
    return gpd.GeoSeries([decoded(shape) for shape in shapes], crs=geometry.GEOGRAPHIC).to_crs(crs)


def test_screen_grids_stay_within_tolerance_of_the_plan_and_tile(plan):
    cells = geometry.display_cells(plan.units)
    shapes = geometry.encode(geometry.display_grids(plan.grids, cells))
    ground = on_the_ground(shapes, plan.grids.crs)
    moved = ground.hausdorff_distance(plan.grids.geometry)
    assert moved.max() < 4 * geometry.TOLERANCE_M
    in_degrees = gpd.GeoSeries([decoded(shape) for shape in shapes])
    assert shapely.coverage_is_valid(in_degrees.to_numpy())
    assert in_degrees.union_all().geom_type == "Polygon"


def test_simplifying_takes_points_and_neither_parts_nor_laps_neighbours():
    rng = np.random.default_rng(3)
    shared = [(100 + rng.uniform(-0.4, 0.4), float(y)) for y in range(1, 100)]
    left = shapely.Polygon([(0, 0), (100, 0), *shared, (100, 100), (0, 100)])
    right = shapely.Polygon([(200, 0), (100, 0), *shared, (100, 100), (200, 100)])
    simple = geometry.simplify_coverage(gpd.GeoSeries([left, right], crs="EPSG:4549"))
    assert shapely.get_num_coordinates(simple.to_numpy()).sum() < 0.25 * 2 * len(shared)
    assert shapely.coverage_is_valid(simple.to_numpy())
    assert simple.iloc[0].intersection(simple.iloc[1]).length == pytest.approx(100, rel=0.01)


def test_grids_and_cells_lie_on_the_same_lines(plan):
    cells = geometry.display_cells(plan.units)
    grids = geometry.display_grids(plan.grids, cells)
    lines = shapely.union_all(shapely.boundary(cells.geometry.to_numpy()))
    assert shapely.union_all(shapely.boundary(grids.to_numpy())).difference(lines).length == 0


def test_grid_without_cells_keeps_its_own_shape(plan):
    some = plan.units[plan.units["grid_code"] != plan.grids["grid_code"][3]]
    grids = geometry.display_grids(plan.grids, geometry.display_cells(some))
    assert grids.iloc[3].area == pytest.approx(plan.grids.geometry[3].area, rel=0.01)


def test_units_without_a_cell_are_left_out(plan):
    units = plan.units.copy()
    units.loc[[0, 5], "geometry"] = None
    assert len(geometry.display_cells(units)) == len(plan.units) - 2


def test_encoding_rounds_to_a_tenth_of_a_metre_and_keeps_holes_and_parts():
    outer = shapely.box(120.0, 30.0, 120.1, 30.1)
    shape = shapely.MultiPolygon(
        [outer.difference(shapely.box(120.04, 30.04, 120.06, 30.06)), shapely.box(121, 30, 122, 31)]
    )
    [encoded] = geometry.encode(gpd.GeoSeries([shape], crs=geometry.GEOGRAPHIC))
    assert [len(rings) for rings in encoded] == [2, 1]
    assert decoded(encoded).hausdorff_distance(shape) <= 1e-6
    assert all(isinstance(number, int) for rings in encoded for ring in rings for number in ring)
    assert len(encoded[0][0]) == 8  # four corners: the last point is not repeated


def test_encoding_lines_and_nothing():
    line = shapely.LineString([(120, 30), (120.5, 30), (120.5, 30.000_000_1)])
    encoded = geometry.encode(
        gpd.GeoSeries([line, shapely.Point(1, 1), None, shapely.Polygon()], crs=geometry.GEOGRAPHIC)
    )
    assert encoded == [[[[120_000_000, 30_000_000, 500_000, 0]]], [], [], []]
    assert geometry.n_points(encoded) == 2


def test_labels_lie_inside_with_their_radius(plan):
    places = geometry.label_places(plan.grids.geometry)
    lon, lat, radius = np.array(places).T
    points = gpd.GeoSeries(gpd.points_from_xy(lon, lat), crs=geometry.GEOGRAPHIC).to_crs(plan.grids.crs)
    assert points.within(plan.grids.geometry).all()
    assert np.abs(points.distance(plan.grids.boundary) - radius).max() < 2.5


def test_borders_hold_each_line_once(plan):
    communities = geometry.unite(plan.grids.geometry, plan.grids["community_code"])
    [borders] = geometry.borders(communities)
    outside = communities.union_all().length
    assert borders.length == pytest.approx((communities.length.sum() + outside) / 2)


def test_neighbours_that_differ_by_a_centimetre_share_one_border_on_the_screen():
    left = shapely.Polygon([(0, 0), (100, 0), (100, 50), (100, 100), (0, 100)])
    right = shapely.Polygon([(100.01, 0), (200, 0), (200, 100), (100.01, 100)])
    simple = geometry.simplify_coverage(gpd.GeoSeries([left, right], crs="EPSG:4549"))
    assert shapely.coverage_is_valid(simple.to_numpy())
    assert geometry.borders(simple).length.iloc[0] == pytest.approx(700, abs=1)

"""Cells tile the community whatever the lines; each building lies in its own; separating streets are followed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
import shapely
from drawn import assert_tiles, box, house, houses, line, point
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import Geometry

from gridplan.cells import Cells, build_cells
from gridplan.community import dissolved

SPACING_M = 4.0


def cells_of(community: Geometry, lines: Sequence[Geometry], generators: Sequence[Geometry]) -> Cells:
    return build_cells(
        community, np.array(lines, dtype=object), np.array(generators, dtype=object), spacing_m=SPACING_M
    )


def by_owner(cells: Cells) -> dict[int, Geometry]:
    """Return the ground of each owner as one geometry."""
    owners, member = np.unique(cells.owner, return_inverse=True)
    return dict(zip(owners.tolist(), dissolved(cells.faces, member, len(owners)), strict=True))


def test_two_points_share_the_ground_along_their_bisector() -> None:
    made = by_owner(cells_of(box(0, 0, 100, 40), [], [point(20, 20), point(60, 20)]))
    assert made[0].equals(box(0, 0, 40, 40))
    assert made[1].equals(box(40, 0, 100, 40))


def test_a_street_that_separates_is_the_border() -> None:
    """The street lies nearer to the left house: without it the bisector would run at 50."""
    street = line((30, -10), (30, 50))
    made = by_owner(cells_of(box(0, 0, 100, 40), [street], [house(15, 20, 10), house(85, 20, 10)]))
    assert made[0].equals(box(0, 0, 30, 40))
    assert made[1].equals(box(30, 0, 100, 40))


def test_lines_that_enclose_nothing_cut_nothing() -> None:
    dangling = line((50, 0), (50, 15))
    loose = line((10, 35), (90, 35))
    plain = by_owner(cells_of(box(0, 0, 100, 40), [], [point(20, 20), point(60, 20)]))
    made = by_owner(cells_of(box(0, 0, 100, 40), [dangling, loose], [point(20, 20), point(60, 20)]))
    assert {owner: round(shape.area, 6) for owner, shape in made.items()} == {
        owner: round(shape.area, 6) for owner, shape in plain.items()
    }


def test_doubled_and_crossing_lines_make_ground_of_their_own_between_them() -> None:
    """Two carriageways 6 m apart, drawn twice, crossed by a lane: four blocks and two pieces of road."""
    ways = [line((47, -9), (47, 99)), line((47, -9), (47, 99)), line((53, -9), (53, 99)), line((-9, 45), (109, 45))]
    blocks = [(20, 20), (80, 20), (20, 70), (80, 70)]
    made = cells_of(box(0, 0, 100, 90), ways, [house(x, y) for x, y in blocks])
    ground = by_owner(made)
    assert sorted(round(shape.area) for owner, shape in ground.items() if owner < 4) == [47 * 45] * 4
    assert sorted(round(shape.area) for owner, shape in ground.items() if owner >= 4) == [6 * 45] * 2
    assert_tiles(made.faces, box(0, 0, 100, 90))


def test_a_footprint_stays_whole_in_its_own_cell() -> None:
    """Two L-shaped houses wrapped round each other: the bisector of points would run through them."""
    ell = shapely.union_all([box(10, 10, 60, 20), box(50, 10, 60, 60)])
    hook = shapely.union_all([box(20, 30, 40, 70), box(20, 60, 80, 70)])
    made = by_owner(cells_of(box(0, 0, 100, 100), [], [ell, hook]))
    assert made[0].buffer(1e-6).covers(ell)
    assert made[1].buffer(1e-6).covers(hook)


def test_two_houses_askew_share_the_ground_however_short_a_ridge_between_them_is() -> None:
    """One ridge here is 0.4 um long, less than the noding's grid: left out, it would open the border and lose it."""
    west = [(10.766853, -16.044005), (9.966622, -6.438911), (2.212195, -7.084957), (3.012426, -16.69005)]
    east = [(19.252687, -15.360595), (18.448555, -5.708682), (11.535519, -6.284629), (12.339651, -15.936422)]
    astride = [shapely.Polygon([point(*corner) for corner in corners]) for corners in (west, east)]
    made = by_owner(cells_of(box(-10, -30, 30, 10), [], astride))
    assert [made[row].area for row in (0, 1)] == pytest.approx([838.7, 761.3], abs=1.0)


def test_a_building_inside_anothers_footprint_has_the_ground_of_its_own_footprint() -> None:
    made = cells_of(box(0, 0, 100, 100), [], [house(50, 50, 60), house(50, 50, 10)])
    assert by_owner(made)[1].equals(house(50, 50, 10))
    assert made.home.tolist() == [0, 1]


def test_a_building_in_the_courtyard_of_another_keeps_its_footprint_though_all_their_corners_meet() -> None:
    """The drawings miss each other by a tenth of a millimetre, as after a change of the CRS."""
    court = house(50, 50, 20)
    made = by_owner(
        cells_of(box(0, 0, 100, 100), [], [house(50, 50, 60) - court.buffer(1e-4, join_style="mitre"), court])
    )
    assert made[1].area == pytest.approx(400.0, abs=0.1)


def test_two_houses_side_by_side_share_the_ground_of_a_long_field() -> None:
    """The field reaches much farther than the houses stand apart, and so does the border between their grounds."""
    made = by_owner(cells_of(box(0, 0, 60, 2000), [], [house(20, 20, 10), house(40, 20, 10)]))
    assert [made[row].area for row in (0, 1)] == pytest.approx([60_000, 60_000], abs=1.0)


def test_a_point_inside_a_footprint_stands_in_that_cell() -> None:
    made = cells_of(box(0, 0, 100, 100), [], [house(30, 30, 40), point(25, 25), point(80, 80)])
    assert made.home.tolist() == [0, 0, 2]
    assert 1 not in made.owner


def test_a_footprint_on_both_sides_of_a_street_belongs_to_one() -> None:
    """Most of the house lies west of the street, and so does its cell; the rest is ground of the east."""
    made = by_owner(cells_of(box(0, 0, 100, 40), [line((50, -5), (50, 45))], [box(20, 10, 55, 30), house(80, 20)]))
    assert made[0].equals(box(0, 0, 50, 40))
    assert made[1].equals(box(50, 0, 100, 40))


def test_ground_without_a_building_belongs_to_nobody() -> None:
    made = by_owner(cells_of(box(0, 0, 100, 40), [line((50, -5), (50, 45))], [point(20, 20)]))
    assert {owner < 1 for owner in made} == {True, False}
    assert made[0].equals(box(0, 0, 50, 40))


def test_no_building_at_all() -> None:
    made = cells_of(box(0, 0, 100, 40), [line((50, -5), (50, 45))], [])
    assert_tiles(made.faces, box(0, 0, 100, 40))
    assert len(made.home) == 0


@pytest.mark.parametrize(
    "community",
    [
        shapely.MultiPolygon([box(0, 0, 200, 200), box(400, 0, 600, 200)]),
        box(0, 0, 600, 200) - box(210, 50, 390, 150),
    ],
    ids=["exclave", "hole"],
)
def test_communities_in_pieces_and_with_holes(community: Geometry) -> None:
    generators = houses(2, 2) + houses(2, 2, west=400)
    made = cells_of(community, [line((-5, 100), (605, 100))], generators)
    assert_tiles(made.faces, community)
    assert all(by_owner(made)[row].covers(shape) for row, shape in enumerate(generators))


def test_the_order_of_generators_and_lines_does_not_matter() -> None:
    rng = np.random.default_rng(4)
    generators = [point(*place) for place in rng.uniform(5, 295, (25, 2))]
    lines = [line(*map(tuple, rng.uniform(-50, 350, (2, 2)))) for _ in range(6)]
    order = rng.permutation(len(generators))
    one = by_owner(cells_of(box(0, 0, 300, 300), lines, generators))
    other = by_owner(cells_of(box(0, 0, 300, 300), lines[::-1], [generators[row] for row in order]))
    for new, old in enumerate(order):
        assert other[new].equals(one[int(old)])


@st.composite
def towns(draw: st.DrawFn) -> tuple[list[Geometry], list[Geometry]]:
    """Random streets, some dangling, some drawn twice, and random buildings that may overlap them and each other."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    lines = [line(*map(tuple, rng.uniform(-60, 360, (3, 2)))) for _ in range(draw(st.integers(0, 8)))]
    places = rng.uniform(5, 295, (draw(st.integers(1, 30)), 2))
    sizes = rng.uniform(4, 40, len(places))
    generators: list[Geometry] = [
        house(x, y, size) if turn < 0.6 else point(x, y)
        for (x, y), size, turn in zip(places, sizes, rng.random(len(places)), strict=True)
    ]
    return [*lines, *lines[:2]], generators


@settings(max_examples=60, deadline=None)
@given(towns())
def test_any_streets_and_buildings_tile(town: tuple[list[Geometry], list[Geometry]]) -> None:
    lines, generators = town
    ground = box(0, 0, 300, 300)
    made = cells_of(ground, lines, generators)
    assert_tiles(made.faces, ground)
    assert shapely.coverage_is_valid(made.faces)
    landed = np.flatnonzero(made.home == np.arange(len(generators)))
    assert set(landed) == set(made.owner[made.owner < len(generators)])
    shapes = by_owner(made)
    assert all(shapes[int(row)].geom_type == "Polygon" for row in landed), (
        "an owner's ground hangs together along edges"
    )
    # A building that another covers may stand beside its cell; every other one stands in its own.
    free = [row for row in landed if not _covered(row, generators)]
    inner = {row: shapely.point_on_surface(generators[row].intersection(ground)) for row in free}
    assert all(shapes[int(row)].distance(inner[row]) < 1e-6 for row in free if not _cut(generators[row], lines))


def _covered(row: Any, generators: list[Geometry]) -> bool:
    return any(other != row and shape.intersects(generators[row]) for other, shape in enumerate(generators))


def _cut(shape: Geometry, lines: list[Geometry]) -> bool:
    return any(shape.intersects(each) for each in lines)

"""Units and their borders: how long, how much of it closed, near barriers or open; slivers belong to a neighbour."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from drawn import border, box, ground_of, house, houses, line, point
from hypothesis import given, settings
from hypothesis import strategies as st

from gridplan.ground import SAMPLE_M
from gridplan.site import NONE, FixedArea

PAIR = [house(50, 50), house(150, 50)]
STRIP = box(0, 0, 200, 100)


def test_a_border_in_the_open_is_open_along_its_whole_length() -> None:
    ground = ground_of(PAIR, STRIP)
    assert border(ground, 0, 1) == {"length_m": 100.0, "closed_m": 0.0, "near_m": 0.0, "open_m": 100.0}
    assert ground.area_m2.tolist() == pytest.approx([10_000, 10_000])


@pytest.mark.parametrize(
    ("kind", "closed", "opened"),
    [("residential", 0.0, 15.0), ("primary", 0.0, 0.0), ("railway", 100.0, 0.0), ("hedge", 0.0, 20.0)],
)
def test_a_border_along_a_barrier_counts_by_rank_and_is_closed_where_impassable(
    kind: str, closed: float, opened: float
) -> None:
    ground = ground_of(PAIR, STRIP, [(kind, line((100, -9), (100, 109)))])
    assert border(ground, 0, 1) == {"length_m": 100.0, "closed_m": closed, "near_m": 100.0, "open_m": opened}


@pytest.mark.parametrize(("away", "near"), [(4.9, 100.0), (5.1, 0.0)])
def test_near_means_within_the_tolerance(away: float, near: float) -> None:
    """The street beside the border ends before the community does, so that it encloses nothing."""
    ground = ground_of(PAIR, STRIP, [("primary", line((100 + away, 0.1), (100 + away, 99.9)))])
    assert border(ground, 0, 1)["near_m"] == near


def test_half_a_wall_closes_half_of_the_border() -> None:
    ground = ground_of(PAIR, STRIP, [("railway", line((100, -9), (100, 50)))])
    expected = {"length_m": 100.0, "closed_m": 50.0, "near_m": 55.0, "open_m": 45.0}
    assert border(ground, 0, 1) == pytest.approx(expected, abs=SAMPLE_M)


@pytest.mark.parametrize(
    ("bridge", "closed"),
    [
        (line((90, 50), (110, 50)), 0.0),
        (line((90, 50), (99.5, 50)), 0.0),
        (line((90, 50), (98, 50)), 100.0),
        (line((90, 150), (110, 150)), 100.0),
    ],
    ids=["across", "ends on the bank", "stops short", "elsewhere"],
)
def test_a_bridge_opens_the_border_that_it_reaches(bridge: shapely.Geometry, closed: float) -> None:
    ground = ground_of(PAIR, STRIP, [("river", line((100, -9), (100, 109))), ("bridge", bridge)])
    assert border(ground, 0, 1)["closed_m"] == closed


@pytest.mark.parametrize(("width", "units"), [(0.4, 2), (6.0, 3)])
def test_the_sliver_of_a_doubled_line_joins_a_neighbour_and_a_carriageway_does_not(width: float, units: int) -> None:
    ways = [("primary", line((100, -9), (100, 109))), ("primary", line((100 + width, -9), (100 + width, 109)))]
    ground = ground_of(PAIR, STRIP, ways)
    assert ground.n_units == units
    assert ground.area_m2.sum() == pytest.approx(20_000)


def test_a_sliver_beside_a_wall_joins_the_side_without_it() -> None:
    """Ground of 0.4 m between a railway and a lane: it joins the lane's side, and the wall stays a border."""
    ways = [("railway", line((100, -9), (100, 109))), ("residential", line((100.4, -9), (100.4, 109)))]
    ground = ground_of(PAIR, STRIP, ways)
    assert border(ground, 0, 1)["closed_m"] == 100.0
    east = ground.unit_of_generator[1]
    assert ground.area_m2[east] == pytest.approx(100 * 100)


def test_cells_are_cut_at_the_border_of_a_lock() -> None:
    """The lock takes the house's western half of the ground: its cell ends there, and the rest is another unit."""
    lock = FixedArea(box(0, 0, 30, 100), "basic", "", "L")
    ground = ground_of(PAIR, STRIP, fixed=(lock,))
    inside = ground.fixed == 0
    assert ground.area_m2[inside].sum() == pytest.approx(3_000)
    assert ground.fixed[ground.unit_of_generator].tolist() == [NONE, NONE]


def test_units_are_numbered_from_west_to_east_whatever_the_order_of_generators() -> None:
    shapes = houses(3, 2)
    straight, turned = ground_of(shapes, box(0, 0, 300, 200)), ground_of(shapes[::-1], box(0, 0, 300, 200))
    assert straight.xy.tolist() == turned.xy.tolist()
    assert straight.unit_of_generator.tolist() == turned.unit_of_generator.tolist()[::-1]
    assert (np.diff(straight.xy[:, 0]) >= 0).all()


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_borders_add_up_on_any_ground(seed: int) -> None:
    """Each pair stands once, no part of a border exceeds the whole, and no ground is lost to slivers."""
    rng = np.random.default_rng(seed)
    community = box(0, 0, 300, 300)
    kinds = rng.choice(["river", "primary", "wall"], 4)
    ways = [(str(kind), line(*map(tuple, rng.uniform(-60, 360, (3, 2))))) for kind in kinds]
    ground = ground_of([point(*place) for place in rng.uniform(5, 295, (20, 2))], community, ways)
    borders = ground.borders
    assert (borders.first < borders.second).all()
    assert len({*zip(borders.first, borders.second, strict=True)}) == len(borders.first)
    assert ground.area_m2.sum() == pytest.approx(community.area)
    for part in (borders.closed_m, borders.near_m, borders.open_m):
        assert (part >= 0).all()
        assert (part <= borders.length_m + 1e-9).all()
    assert (borders.open_m >= borders.length_m - borders.near_m - 1e-9).all()

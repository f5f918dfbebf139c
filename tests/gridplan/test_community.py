"""Whole small communities whose grids can be seen: lattices, rivers, exclaves, villages, pairs and set numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
import shapely
from drawn import A, assert_sound, box, district, groups, house, houses, line, listed, plan

from gridplan.community import dissolved
from gridplan.district import District
from gridplan.errors import RulesError

ROW = box(0, 0, 400, 100)
APART = shapely.MultiPolygon([ROW, box(600, 0, 700, 100)])


def sets(*names: str) -> set[frozenset[str]]:
    """Return groups of buildings from texts: ``b0 b1``."""
    return {frozenset(each.split()) for each in names}


def row(*households: int, **more: Any) -> District:
    """Return houses in a row from west to east on ground of their own."""
    return district(houses(len(households), 1), households, box(0, 0, 100 * len(households), 100), **more)


@pytest.mark.parametrize("name", ["nine", "sixteen"])
def test_a_lattice_is_cut_into_connected_grids_of_the_only_size_allowed(
    name: str, request: pytest.FixtureRequest
) -> None:
    """Three threes, four fours; work by household alone, so that nothing but shape chooses among them."""
    lattice, size = request.getfixturevalue(name), {"nine": 3, "sixteen": 4}[name]
    made = plan(lattice, minimum=100 * size, maximum=100 * size)
    assert_sound(lattice, made)
    assert sorted(map(len, groups(made))) == [size] * size
    assert listed(made) == []
    assert all(shape.geom_type == "Polygon" for shape in made.grids.geometry)


def test_sixteen_are_cut_into_four_squares(sixteen: District) -> None:
    """Squares of four have the least inertia and the shortest borders of all 117 cuts."""
    made = plan(sixteen)
    assert groups(made) == sets("b0 b1 b4 b5", "b2 b3 b6 b7", "b8 b9 b12 b13", "b10 b11 b14 b15")


def test_grids_follow_streets() -> None:
    """Two streets divide three columns: three columns it is, once inertia, which likes an L, does not count."""
    streets = [("primary", line((x, -9), (x, 309))) for x in (100, 200)]
    drawn = district(houses(3, 3), 100, box(0, 0, 300, 300), barriers=streets)
    made = plan(drawn, minimum=300, maximum=300, weights={"compactness": 0.0})
    assert groups(made) == sets("b0 b3 b6", "b1 b4 b7", "b2 b5 b8")
    assert made.report["measures"]["boundary_on_barriers"] == 1.0


def test_a_river_keeps_its_banks_apart_even_out_of_the_band(banks: District) -> None:
    made = plan(banks, minimum=500, maximum=700)
    assert_sound(banks, made)
    assert groups(made) == sets("b0 b1 b2", "b3 b4 b5")
    assert listed(made) == [("band", "component_below_minimum", 300, 500, 1)] * 2


def test_a_bridge_joins_the_banks(bridged: District) -> None:
    made = plan(bridged, minimum=500, maximum=700)
    assert_sound(bridged, made)
    assert groups(made) == sets("b0 b1 b2 b3 b4 b5")
    assert listed(made) == []


def test_a_railway_makes_two_components_each_judged_by_itself() -> None:
    drawn = row(200, 200, 200, 50, barriers=[("railway", line((200, -9), (200, 109)))])
    made = plan(drawn)
    assert groups(made) == sets("b0 b1", "b2 b3")
    assert listed(made) == [("band", "component_below_minimum", 250, 300, 1)]


@pytest.mark.parametrize("total", [501, 579, 599])
def test_a_total_between_one_grid_and_two_fits_no_number(total: int) -> None:
    made = plan(row(*[total // 6] * 5, total - total // 6 * 5))
    (violation,) = listed(made)
    assert violation[:2] == ("band", "total_fits_no_number")
    assert violation[4] == 1


@pytest.mark.parametrize("total", [500, 600])
def test_a_total_at_the_edge_fits(total: int) -> None:
    assert listed(plan(row(*[total // 10] * 10))) == []


def test_exhaustion_proves_that_no_connected_cut_exists() -> None:
    """580 would not fit; 600 would, but 290 + 20 + 290 in a row has no cut."""
    assert listed(plan(row(290, 20, 290))) == [("band", "no_connected_cut", 290, 300, 1)]


@pytest.mark.parametrize("ground", [ROW, box(0, 0, 10, 10)], ids=["without households", "without buildings"])
def test_a_community_without_households_is_one_grid_of_none(ground: shapely.Geometry) -> None:
    drawn = district(
        houses(4, 1) if ground is ROW else houses(1, 1, west=500),
        [0] * 4 if ground is ROW else [300],
        {A: ground} if ground is ROW else {A: ground, "230718001002": box(500, 0, 600, 100)},
    )
    made = plan(drawn)
    assert_sound(drawn, made)
    empty = made.grids[made.grids["community_code"] == A]
    assert empty["households"].tolist() == [0]
    assert listed(made) == [("band", "no_households", 0, 300, 1)]


def test_an_exclave_that_fits_the_band_stands_alone() -> None:
    drawn = district([*houses(4, 1), house(650, 50)], [200, 200, 200, 200, 400], APART)
    made = plan(drawn)
    assert_sound(drawn, made)
    assert frozenset({"b4"}) in groups(made)
    assert listed(made) == []


def test_an_exclave_that_does_not_is_linked_and_named() -> None:
    drawn = district([*houses(4, 1), house(650, 50)], [150, 150, 150, 150, 100], APART)
    made = plan(drawn)
    assert_sound(drawn, made)
    assert groups(made) == sets("b0 b1", "b2 b3 b4")
    assert listed(made) == [("connected", "exclave", 2, 1, 1)]


def test_a_village_group_is_never_cut_and_the_band_does_not_bind() -> None:
    """Groups of 60 and 120 households, one above the maximum of 80 that binds nobody here."""
    drawn = row(30, 30, 30, 30, 30, 30, rural=[A], village_group=["x", "x", "y", "y", "y", "y"])
    made = plan(drawn, minimum=40, target=60, maximum=80)
    assert groups(made) == sets("b0 b1", "b2 b3 b4 b5")
    assert listed(made) == []
    assert set(made.grids["kind"]) == {"rural"}


def test_a_village_group_in_several_places_is_one_grid() -> None:
    drawn = row(300, 30, 300, 300, rural=[A], village_group=["x", "y", "x", "z"])
    made = plan(drawn)
    assert_sound(drawn, made)
    assert any({"b0", "b2"} <= ids for ids in groups(made))


def test_rules_can_bind_a_rural_community() -> None:
    made = plan(row(30, 30, rural=[A]), rural_band=True)
    assert listed(made) == [("band", "component_below_minimum", 60, 300, 1)]


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        ({}, sets("b0 b1", "b2 b3")),
        ({"must_join": [["b0", "b2"]]}, sets("b0 b2", "b1 b3")),
        ({"must_part": [["b0", "b1"]]}, sets("b0 b2", "b1 b3")),
    ],
    ids=["free", "joined", "parted"],
)
def test_pairs_are_kept(rules: Mapping[str, Any], expected: set[frozenset[str]]) -> None:
    """Four houses in a square with a street between the rows: left alone, the rows are the grids."""
    street = [("primary", line((-9, 100), (209, 100)))]
    drawn = district(houses(2, 2), 200, box(0, 0, 200, 200), barriers=street)
    assert groups(plan(drawn, **rules)) == expected


def test_a_pair_that_cannot_be_parted_is_listed() -> None:
    """In a row of four only b0 b1 | b2 b3 keeps the band."""
    assert listed(plan(row(200, 200, 200, 200), must_part=[["b0", "b1"]])) == [("part", "no_connected_cut", 2, 1, 1)]


LOCK = {"grid_code": "L", "locked": True, "geometry": box(0, 0, 200, 100)}


@pytest.mark.parametrize(
    ("rules", "more", "message"),
    [
        ({"must_join": [["b0", "b3"]]}, {"barriers": [("railway", line((200, -9), (200, 109)))]}, "no way leads"),
        ({"must_join": [["b0", "nobody"]]}, {}, "buildings that do not exist: nobody"),
        ({"must_join": [["b1", "b2"]]}, {"grids": [LOCK]}, "holds one of two buildings"),
        ({"must_part": [["b0", "b1"]]}, {"grids": [LOCK]}, "holds both buildings"),
        ({"must_join": [["b0", "b1"], ["b1", "b2"]], "must_part": [["b0", "b2"]]}, {}, "cannot be parted"),
        ({"n_grids": {A: 1}}, {}, "1 grids are set, but the households fit 2 grids only"),
        ({"n_grids": {"9": 1}}, {}, "communities that do not exist: 9"),
    ],
    ids=["wall", "unknown", "join a lock", "part a lock", "both at once", "number", "community"],
)
def test_what_cannot_be_kept_is_refused_with_the_reason(
    rules: Mapping[str, Any], more: Mapping[str, Any], message: str
) -> None:
    with pytest.raises(RulesError, match=message):
        plan(row(200, 200, 200, 200, **more), **rules)


def test_buildings_of_two_communities_cannot_be_joined_and_are_parted_anyway() -> None:
    drawn = district(houses(4, 1), 300, {A: box(0, 0, 200, 100), "230718001002": box(200, 0, 400, 100)})
    with pytest.raises(RulesError, match="no grid crosses a border"):
        plan(drawn, must_join=[["b1", "b2"]])
    assert listed(plan(drawn, must_part=[["b1", "b2"]])) == []


@pytest.mark.parametrize("count", [3, 4])
def test_a_number_of_grids_that_is_set_is_kept(count: int) -> None:
    made = plan(row(*[100] * 12), n_grids={A: count})
    assert len(made.grids) == count
    assert listed(made) == []


def test_dissolving_keeps_area_and_order() -> None:
    faces = np.array([box(x, 0, x + 10, 10) for x in range(0, 60, 10)], dtype=object)
    made = dissolved(faces, np.array([1, 0, 1, 0, 2, 2]), 3)
    assert [shape.area for shape in made] == [200.0, 200.0, 200.0]
    assert made[2].equals(box(40, 0, 60, 10))

"""Locked grids and exclusive areas stay as drawn; what departs from a rule because of them is named."""

from __future__ import annotations

from typing import Any

import pytest
import shapely
from drawn import A, B, assert_sound, box, buildings_by_grid, district, houses, line, listed, plan

from gridplan.district import District
from gridplan.plan import Plan

ROW = box(0, 0, 400, 100)


def lock(west: float, east: float, code: str = "L", **more: Any) -> dict[str, Any]:
    return {"grid_code": code, "locked": True, "geometry": box(west, 0, east, 100), **more}


def row(*households: int, **more: Any) -> District:
    return district(houses(len(households), 1), households, box(0, 0, 100 * len(households), 100), **more)


def planned(drawn: District, **rules: Any) -> Plan:
    made = plan(drawn, **rules)
    assert_sound(drawn, made)
    return made


def shape_of(made: Plan, code: str) -> shapely.Geometry:
    return made.grids.set_index("grid_code").geometry[code]


def test_a_locked_grid_stays_with_code_name_kind_and_ground() -> None:
    made = planned(row(200, 200, 200, 200, grids=[lock(0, 200, name="东风网格", kind="micro")]))
    kept = made.grids.set_index("grid_code").loc["L"]
    assert (kept["name"], kept["kind"], kept["locked"], kept["households"]) == ("东风网格", "micro", 1, 400)
    assert kept["geometry"].equals(box(0, 0, 200, 100))
    assert made.lineage.query("new_code == 'L'")["change"].tolist() == ["unchanged"]


def test_a_locked_grid_out_of_the_band_is_named_and_the_rest_is_planned() -> None:
    made = planned(row(200, 200, 200, 200, 200, grids=[lock(200, 300)]))
    assert listed(made) == [("band", "locked_out_of_band", 200, 300, 1)]
    assert buildings_by_grid(made)["L"] == {"b2"}


@pytest.mark.parametrize("kind", ["micro", "exclusive", "rural"])
def test_the_band_binds_locked_grids_of_basic_kind_alone(kind: str) -> None:
    assert listed(planned(row(200, 300, grids=[lock(0, 100, kind=kind)]))) == []


def test_cells_are_cut_at_the_locks_border_not_the_lock_at_cells() -> None:
    """The lock ends at 130, in the middle of b1's cell; b1 itself stands at 140 to 160 and stays free."""
    made = planned(row(300, 150, 150, grids=[lock(0, 130)]))
    assert shape_of(made, "L").equals(box(0, 0, 130, 100))
    assert buildings_by_grid(made)["L"] == {"b0"}


def test_what_a_lock_cuts_off_is_named() -> None:
    made = planned(row(200, 400, 200, 200, grids=[lock(100, 200)]))
    assert listed(made) == [("band", "cut_off_by_lock", 200, 300, 1)]


def test_an_empty_pocket_behind_a_lock_is_a_grid_of_its_own() -> None:
    drawn = district(houses(3, 1), [200, 200, 400], box(0, 0, 340, 100), grids=[lock(200, 300)])
    made = planned(drawn)
    assert listed(made) == [("band", "cut_off_by_lock", 0, 300, 1)]
    assert shape_of(made, "L").equals(box(200, 0, 300, 100))


def test_the_sliver_that_a_lock_leaves_along_the_border_belongs_to_it() -> None:
    """The lock is drawn 5 cm short of the community's border: 5 m2 are nobody's grid."""
    made = planned(row(200, 200, 200, 200, grids=[lock(0.05, 200)]))
    assert listed(made) == []
    assert shape_of(made, "L").equals(box(0, 0, 200, 100))


def test_a_lock_drawn_over_the_border_is_cut_to_the_community() -> None:
    assert shape_of(planned(row(200, 200, 200, 200, grids=[lock(-0.5, 200)])), "L").equals(box(0, 0, 200, 100))


def test_a_wholly_locked_community_has_nothing_left_to_plan() -> None:
    made = planned(row(200, 200, 200, 200, grids=[lock(0, 200), lock(200, 400, "M")]))
    assert set(made.grids["grid_code"]) == {"L", "M"}
    assert listed(made) == []


@pytest.mark.parametrize(
    ("geometry", "barriers", "rule"),
    [
        (shapely.MultiPolygon([box(0, 0, 100, 100), box(300, 0, 400, 100)]), [], "connected"),
        (box(0, 0, 200, 100), [("river", line((100, -9), (100, 109)))], "barrier"),
    ],
    ids=["in two pieces", "across a river"],
)
def test_a_lock_that_breaks_a_rule_itself_is_named(geometry: shapely.Geometry, barriers: list[Any], rule: str) -> None:
    drawn = row(200, 200, 200, 200, grids=[lock(0, 0, geometry=geometry)], barriers=barriers)
    assert listed(planned(drawn)) == [(rule, "fixed_by_planner", 2, 1, 1)]


def test_an_exclusive_area_is_a_grid_in_each_community_that_it_touches() -> None:
    drawn = district(
        houses(6, 1),
        [200, 200, 0, 200, 200, 0],
        {A: box(0, 0, 300, 100), B: box(300, 0, 600, 100)},
        exclusive={"School": box(220, 20, 320, 80)},
    )
    made = planned(drawn)
    school = made.grids[made.grids["kind"] == "exclusive"]
    assert school["name"].tolist() == ["School", "School"]
    assert school["community_code"].tolist() == [A, B]
    assert sorted(round(shape.area) for shape in school.geometry) == [20 * 60, 80 * 60]
    assert school["locked"].tolist() == [0, 0]


def test_an_exclusive_area_gives_way_to_a_lock() -> None:
    drawn = row(200, 200, 200, 200, grids=[lock(0, 200)], exclusive={"Market": box(150, 0, 230, 100)})
    made = planned(drawn)
    assert shape_of(made, "L").equals(box(0, 0, 200, 100))
    (market,) = made.grids.loc[made.grids["kind"] == "exclusive"].geometry
    assert market.equals(box(200, 0, 230, 100))


def test_an_exclusive_area_that_touches_a_community_by_a_sliver_is_no_grid_there() -> None:
    drawn = district(
        houses(4, 1),
        200,
        {A: box(0, 0, 200, 100), B: box(200, 0, 400, 100)},
        exclusive={"Park": box(199.99, 0, 240, 50)},
    )
    made = planned(drawn)
    assert made.grids.loc[made.grids["kind"] == "exclusive", "community_code"].tolist() == [B]


def test_an_empty_pocket_behind_an_exclusive_area_joins_it() -> None:
    drawn = district(houses(3, 1), [200, 200, 0], box(0, 0, 340, 100), exclusive={"Park": box(200, 0, 300, 100)})
    (park,) = planned(drawn).grids.query("kind == 'exclusive'").geometry
    assert park.equals(box(200, 0, 340, 100))

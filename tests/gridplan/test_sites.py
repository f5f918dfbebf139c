"""From a district to its communities: generators numbered by place, sums, today's grids, fixed areas, near barriers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import shapely
from drawn import A, B, box, district, house, houses, line, point
from hypothesis import given, settings
from hypothesis import strategies as st

from gridplan.district import District
from gridplan.errors import RulesError
from gridplan.rules import Rules, rules_from
from gridplan.sites import Sites, build_sites

GROUND = {A: box(0, 0, 300, 100), B: box(300, 0, 600, 100)}


def sites_of(drawn: District, rules: Rules | None = None) -> Sites:
    return build_sites(drawn, rules or Rules())


@settings(max_examples=20, deadline=None)
@given(st.permutations(range(6)))
def test_generators_are_numbered_by_place_alone(order: list[int]) -> None:
    shapes = [*houses(3, 1), point(10, 10), point(350, 50), house(450, 50)]
    made = sites_of(district([shapes[place] for place in order], [10 * (place + 1) for place in order], GROUND))
    assert made.sites[0].generators.households.tolist() == [40, 10, 20, 30]
    assert made.sites[1].generators.households.tolist() == [50, 60]


def test_buildings_on_one_place_are_one_generator() -> None:
    """Two points, two equal footprints drawn from different corners, and one a tenth of a millimetre off."""
    square = house(150, 50)
    turned = shapely.Polygon([*square.exterior.coords[2:-1], *square.exterior.coords[:3]])
    near = shapely.transform(square, lambda xy: xy + 0.0001)
    shapes = [point(50, 50), point(50, 50), square, turned, near]
    columns: dict[str, Any] = {"persons": [1, None, 3, 4, 5], "work_min": [None, 10, 7, 7, 7]}
    compounds = ["I", "J", "K", "K", None]
    made = sites_of(district(shapes, [1, 2, 30, 40, 50], {A: GROUND[A]}, compound_id=compounds, **columns))
    generators = made.sites[0].generators
    assert generators.households.tolist() == [3, 120]
    assert generators.persons.tolist() == [1, 12]
    assert generators.buildings.tolist() == [2, 3]
    assert generators.work.tolist() == [12 * 1 + 2 * 1 + 20 + 10, 21]
    assert generators.own_ground.tolist() == [True, False]
    names = made.compounds[0]
    # Of several compounds on one place that with most households stands for it.
    assert [names[number] if number >= 0 else None for number in generators.compound] == ["J", None]


def test_todays_grid_is_the_one_that_holds_the_building_and_the_lower_code_on_a_border() -> None:
    present = [{"grid_code": code, "geometry": box(west, 0, west + 100, 100)} for code, west in (("b", 100), ("a", 0))]
    places = [point(x, 50) for x in (50, 100, 150, 250)]
    made = sites_of(district(places, 1, {A: GROUND[A]}, grids=present))
    assert made.rows.sort_values("building")["previous"].tolist() == [0, 0, 1, -1]


def test_fixed_areas_are_locks_by_code_and_then_exclusive_areas_without_them() -> None:
    lock = {"locked": True, "kind": "micro", "name": "L"}
    drawn = district(
        houses(6, 1),
        1,
        GROUND,
        grids=[
            {"grid_code": "2", "geometry": box(100, 0, 200, 100), **lock},
            {"grid_code": "1", "geometry": box(0, 0, 100, 100), **lock},
            {"grid_code": "0", "geometry": box(200, 0, 250, 100)},
        ],
        exclusive={"School": box(150, 0, 350, 50)},
    )
    first, second = sites_of(drawn).sites
    assert [(area.code, area.kind, area.name, area.locked) for area in first.fixed] == [
        ("1", "micro", "L", True),
        ("2", "micro", "L", True),
        (None, "exclusive", "School", False),
    ]
    assert first.fixed[2].polygon.equals(box(200, 0, 300, 50))
    assert second.fixed[0].polygon.equals(box(300, 0, 350, 50))


def test_an_exclusive_area_that_only_touches_a_community_is_not_its_own() -> None:
    first, second = sites_of(district(houses(6, 1), 1, GROUND, exclusive={"Park": box(200, 0, 300, 50)})).sites
    assert (len(first.fixed), len(second.fixed)) == (1, 0)


def test_each_community_gets_the_barriers_that_meet_it() -> None:
    drawn = district(
        houses(6, 1),
        1,
        GROUND,
        barriers=[
            ("primary", line((100, 0), (100, 100))),
            ("river", box(290, 0, 310, 100)),
            ("bridge", line((400, 0), (401, 1))),
            ("wall", line((900, 0), (901, 0))),
        ],
    )
    first, second = sites_of(drawn).sites
    assert [len(first.barriers.lines), len(first.barriers.bridges), len(first.barriers.waters)] == [2, 0, 1]
    assert [len(second.barriers.lines), len(second.barriers.bridges), len(second.barriers.waters)] == [1, 1, 1]


def test_pairs_are_told_by_generator() -> None:
    rules = rules_from({"must_join": [["b2", "b0"]], "must_part": [["b0", "b1"], ["b1", "b5"]]})
    first, second = sites_of(district(houses(6, 1), 1, GROUND), rules).sites
    assert (first.generators.join.tolist(), first.generators.part.tolist()) == ([[2, 0]], [[0, 1]])
    assert len(second.generators.join) == len(second.generators.part) == 0


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ({"must_join": [["b0", "b9"], ["b8", "b1"]]}, "must_join names buildings that do not exist: b8, b9"),
        ({"must_part": [["b0", "x"]]}, "must_part names buildings that do not exist: x"),
        ({"must_join": [["b0", "b5"]]}, "b0 and b5 lie in two communities"),
        ({"n_grids": {"7": 1, A: 1}}, "communities that do not exist: 7"),
    ],
)
def test_rules_about_what_does_not_exist_are_refused(table: dict[str, object], message: str) -> None:
    with pytest.raises(RulesError, match=message):
        sites_of(district(houses(6, 1), 1, GROUND), rules_from(table))


def test_a_community_without_buildings_has_no_generators() -> None:
    _, empty = sites_of(district(houses(3, 1), 1, GROUND)).sites
    assert len(empty.generators.geometry) == 0
    assert empty.generators.households.dtype == np.int64

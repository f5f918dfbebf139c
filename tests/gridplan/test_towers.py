"""Towers above the maximum: divided by entrance where the source tells, else a grid of their own."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import shapely
from drawn import assert_sound, assert_tiles, box, district, house, line, listed, plan, point

from gridplan.plan import Plan
from gridplan.towers import divided_footprint

TOWER = box(20, 40, 100, 60)
REST = [house(150, 50), house(250, 50)]


def planned(tower: shapely.Geometry, counts: list[int] | None, **rules: Any) -> Plan:
    total = sum(counts) if counts else 800
    drawn = district(
        [tower, *REST],
        [total, 300, 300],
        box(0, 0, 300, 100),
        entrances={"b0": counts} if counts else None,
        persons=[801, 2, 3],
    )
    made = plan(drawn, **rules)
    assert_sound(drawn, made)
    return made


@pytest.mark.parametrize("tower", [TOWER, point(50, 50)], ids=["polygon", "point"])
def test_a_tower_with_entrances_is_divided_in_their_order(tower: shapely.Geometry) -> None:
    made = planned(tower, [200, 200, 200, 200])
    assert listed(made) == []
    parts = made.units[made.units["building_id"] == "b0"].sort_values("entrance")
    assert parts["entrance"].tolist() == ["1", "2", "3", "4"]
    codes = parts["grid_code"].tolist()
    assert codes[0] == codes[1] != codes[2] == codes[3]
    assert parts["households"].tolist() == [200] * 4
    shared = made.grids[made.grids["grid_code"].isin(codes)]
    assert shared["units"].tolist() == [1, 1], "both grids count the building"
    assert shared["persons"].sum() == 801


def test_many_entrances_are_counted_in_natural_order() -> None:
    """2 stands before 10: the twelve parts lie from west to east as the entrances count."""
    made = planned(TOWER, [100] * 12)
    parts = made.units[made.units["building_id"] == "b0"]
    x = {row.entrance: row.geometry.centroid.x for row in parts.itertuples()}
    assert sorted(x, key=lambda name: x[name]) == [str(number) for number in range(1, 13)]


@pytest.mark.parametrize(
    ("counts", "rules"),
    [(None, {}), ([800], {}), ([400, 400], {"divide_towers": False})],
    ids=["no entrances", "one entrance", "not to be divided"],
)
def test_a_tower_that_is_not_divided_is_a_grid_of_its_own(counts: list[int] | None, rules: dict[str, Any]) -> None:
    made = planned(TOWER, counts, **rules)
    assert listed(made) == [("band", "unit_over_maximum", 800, 500, 1)]
    assert made.grids["units"].tolist() == [1, 1, 1]


def test_a_tower_within_the_maximum_stays_whole() -> None:
    made = planned(TOWER, [250, 250])
    assert made.units.loc[made.units["building_id"] == "b0", "entrance"].isna().all()


@pytest.mark.parametrize("angle", [0, 30, 90, 120])
@pytest.mark.parametrize("count", [2, 5])
def test_a_footprint_is_cut_across_its_longer_side_into_equal_parts(angle: float, count: int) -> None:
    turned = shapely.transform(
        box(0, 0, 100, 20),
        lambda xy: (xy - xy.mean(axis=0)) @ _turn(angle) + xy.mean(axis=0),
    )
    parts = divided_footprint(turned, count)
    assert_tiles(parts, turned)
    assert shapely.area(parts) == pytest.approx([2000 / count] * count, rel=1e-3)
    assert shapely.length(parts) == pytest.approx([2 * (100 / count + 20)] * count, rel=1e-3)
    x = shapely.get_x(shapely.centroid(parts))
    assert (np.diff(x) > -1e-6).all(), "from west to east"


def _turn(degrees: float) -> np.ndarray:
    angle = np.radians(degrees)
    return np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])


def test_an_angled_footprint_loses_no_ground() -> None:
    ell = shapely.union_all([box(0, 0, 100, 20), box(80, 0, 100, 70)])
    assert_tiles(divided_footprint(ell, 7), ell)


def test_a_point_becomes_points_in_a_row() -> None:
    parts = divided_footprint(point(0, 0), 3)
    assert parts[1].equals(point(0, 0))
    assert shapely.length(line((-2, 0), (2, 0))) == shapely.distance(parts[0], parts[2])

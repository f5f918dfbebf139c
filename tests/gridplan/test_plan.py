"""Whole plans: what stands in their layers, how codes live on, and all that must not decide a plan."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from drawn import (
    A,
    B,
    assert_sound,
    assert_tiles,
    box,
    buildings_by_grid,
    district,
    groups,
    house,
    houses,
    line,
    listed,
    plan,
    point,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from gridplan import run
from gridplan.district import District
from gridplan.errors import CodeOverflowError
from gridplan.faults import Fault


def town(seed: int = 3, **more: Any) -> District:
    """Return two communities of 40 random buildings each, with a street, a river and a few compounds."""
    rng = np.random.default_rng(seed)
    places = rng.permutation([(x, y) for x in range(20, 800, 40) for y in range(20, 400, 40)])[:80]
    places = places + rng.uniform(-8, 8, places.shape)
    shapes = [
        house(x, y, 16) if turn < 0.7 else point(x, y) for (x, y), turn in zip(places, rng.random(80), strict=True)
    ]
    ground = {A: box(0, 0, 400, 400), B: box(400, 0, 800, 400)}
    barriers = [("primary", line((-9, 180), (809, 230))), ("river", line((600, -9), (620, 409)))]
    compounds = [f"K{int(x // 130)}" if y < 90 else None for x, y in places]
    return district(shapes, rng.integers(20, 60, 80), ground, barriers=barriers, compound_id=compounds, **more)


def codes_of(made: Any) -> list[str]:
    return [str(code) for code in made.grids["grid_code"]]


def test_the_layers_hold_what_the_contract_names() -> None:
    made = plan(town())
    assert list(made.grids.columns) == [
        *("grid_code", "name", "kind", "community_code", "households", "persons", "units", "work_min", "area_m2"),
        *("compactness", "locked", "valid_from", "last_code", "geometry"),
    ]
    assert {"unit_id", "building_id", "grid_code", "households", "work_min", "geometry"} <= set(made.units.columns)
    assert {"rule", "grid_code", "value", "limit", "reason", "proven"} <= set(made.violations.columns)
    assert list(made.lineage.columns) == ["old_code", "new_code", "change", "households"]
    assert made.grids["valid_from"].isna().all(), "a draft is valid from no day"
    assert made.grids["area_m2"].to_numpy() == pytest.approx(made.grids.geometry.area.to_numpy())


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_any_town_is_planned_soundly(seed: int) -> None:
    drawn = town(seed)
    made = plan(drawn)
    assert_sound(drawn, made)
    out = made.grids[~made.grids["households"].between(300, 500)]
    assert set(out["grid_code"]) == set(made.violations.loc[made.violations["rule"] == "band", "grid_code"])
    assert drawn.barriers is not None
    river = drawn.barriers[drawn.barriers["kind"] == "river"].geometry.iloc[0]
    west = shapely.Polygon([*river.coords, (0, river.coords[-1][1]), (0, river.coords[0][1])])
    sides = shapely.intersects(west, shapely.point_on_surface(drawn.buildings.geometry.to_numpy()))
    side_of = dict(zip(drawn.buildings["building_id"], sides, strict=True))
    assert all(len({side_of[each] for each in ids}) == 1 for ids in buildings_by_grid(made).values())


def test_every_building_stands_in_the_cell_of_its_unit() -> None:
    drawn = town()
    made = plan(drawn)
    cells = made.units.dropna(subset=["geometry"]).set_index("unit_id").geometry
    unit = made.units.dropna(subset=["building_id"]).set_index("building_id")["unit_id"]
    inner = drawn.buildings.set_index("building_id").geometry.representative_point()
    assert all(cells[unit[each]].buffer(1e-6).covers(place) for each, place in inner.items())


def test_stacked_buildings_share_a_unit_whose_cell_stands_on_the_first_row() -> None:
    shapes = [point(50, 50), point(50, 50), house(150, 50), house(150, 50)]
    drawn = district(shapes, [100, 200, 100, 200], box(0, 0, 200, 100))
    made = plan(drawn)
    assert_sound(drawn, made)
    rows = made.units
    assert rows["building_id"].tolist() == ["b0", "b1", "b2", "b3"]
    assert rows["unit_id"].tolist() == [f"{A}-00001"] * 2 + [f"{A}-00002"] * 2
    assert rows.geometry.notna().tolist() == [True, False, True, False]
    assert made.grids["units"].tolist() == [2, 2]


def test_ground_without_a_building_is_a_unit_without_one() -> None:
    drawn = district([house(50, 50)], 300, box(0, 0, 200, 100), barriers=[("primary", line((100, -9), (100, 109)))])
    made = plan(drawn)
    bare = made.units[made.units["building_id"].isna()]
    assert (bare["households"].tolist(), bare.geometry.area.tolist()) == ([0], [10_000.0])


def test_work_and_persons_add_up_and_unknown_persons_stay_unknown() -> None:
    """The model: 12 a household, 2 a person, 20 a building, 15 a hectare; a given work counts as it is."""
    drawn = district(
        houses(4, 1), 150, box(0, 0, 400, 100), persons=[300, None, None, None], work_min=[None, 7, None, 1]
    )
    made = plan(drawn, must_join=[["b0", "b1"]])
    assert_sound(drawn, made)
    by_building = made.units.set_index("building_id")["work_min"]
    modelled = 12 * 150 + 20 + 15
    assert by_building.to_dict() == {"b0": modelled + 2 * 300, "b1": 7, "b2": modelled, "b3": 1}
    persons = made.grids["persons"]
    assert sorted(persons.isna()) == [False, True]
    assert persons.sum() == 300


def test_the_first_numbers_run_west_to_east_then_north_to_south() -> None:
    made = plan(district(houses(4, 4), 100, box(0, 0, 400, 400)))
    middle = shapely.get_coordinates(made.grids.geometry.centroid.to_numpy())
    north_west = np.round(np.column_stack([-middle[:, 1], middle[:, 0]]))
    assert codes_of(made) == [f"{A}{number:03d}" for number in (1, 2, 3, 4)]
    assert north_west.tolist() == sorted(north_west.tolist())
    assert made.grids["name"].tolist() == ["第一网格", "第二网格", "第三网格", "第四网格"]


def today(code: str, west: float, east: float, **more: Any) -> dict[str, Any]:
    return {"grid_code": code, "geometry": box(west, 0, east, 100), **more}


def test_codes_live_on_go_on_and_never_come_back() -> None:
    """
    Six houses of 200 in a row, today's grids above the new ones.

        b0  b1 | b2  b3 | b4  b5
          002  |   007  |  none       the new one is 008: what 001 to 006 were, nobody gets again
    """
    present = [today(A + "002", 0, 200), today(A + "007", 200, 400), today("gone", 600, 601)]
    drawn = district(houses(6, 1), 200, box(0, 0, 601, 100), grids=present)
    made = plan(drawn)
    assert buildings_by_grid(made) == {A + "002": {"b0", "b1"}, A + "007": {"b2", "b3"}, A + "008": {"b4", "b5"}}
    assert list(made.lineage.itertuples(index=False, name=None)) == [
        (A + "002", A + "002", "unchanged", 400),
        (A + "007", A + "007", "unchanged", 400),
        (None, A + "008", "new", 400),
        ("gone", None, "retired", 0),
    ]
    assert made.report["measures"]["households_moved"] == 400


def test_planning_a_plan_again_changes_no_code() -> None:
    drawn = town()
    first = plan(drawn)
    rows = first.grids[["grid_code", "name", "kind", "geometry"]].to_dict("records")
    again = plan(town(grids=rows))
    assert again.report["labels_digest"] == first.report["labels_digest"]
    assert set(again.lineage["change"]) == {"unchanged"}
    assert again.report["measures"]["households_moved"] == 0


def test_a_code_used_across_the_border_is_not_given_again() -> None:
    """A grid of A's make lies in B now: it gets a code of B's, and A's own new grid the next one of A's."""
    drawn = district(
        houses(6, 1), 150, {A: box(0, 0, 300, 100), B: box(300, 0, 600, 100)}, grids=[today(A + "001", 300, 600)]
    )
    assert codes_of(plan(drawn)) == [A + "002", B + "001"]


def test_a_full_community_stops_the_plan() -> None:
    present = [today(A + "999", 0, 100)]
    with pytest.raises(CodeOverflowError, match=A):
        plan(district(houses(4, 1), 200, box(0, 0, 400, 100), grids=present))


def test_another_template_numbers_and_keeps() -> None:
    present = [today(f"{A}01007", 0, 200)]
    drawn = district(houses(4, 1), 200, box(0, 0, 400, 100), grids=present)
    assert codes_of(plan(drawn, code="{community}01{sequence:03d}")) == [A + "01007", A + "01008"]


def test_today_without_a_single_household_is_no_obstacle() -> None:
    """The only grid of today is a park; nothing tells of it but its ground."""
    drawn = district(
        houses(4, 1), [200, 200, 200, 0], box(0, 0, 400, 100), grids=[today("park", 300, 400, locked=True)]
    )
    made = plan(drawn, maximum=600)
    assert ("park", "park", "unchanged", 0) in list(made.lineage.itertuples(index=False, name=None))


def test_the_report_says_what_it_cost_to_go_on() -> None:
    accepted = Fault(
        "buildings-outside",
        "buildings",
        "geometry",
        {"households": 7},
        rows=("b9",),
        count=1,
        severity="warning",
        acceptable=True,
        accepted=True,
    )
    made = plan(replace(town(), faults=(accepted,), households_are="resident"))
    notices = made.report["notices"]
    assert any(each["en"] == "Households are: resident" for each in notices)
    assert any("7" in each["en"] and "Accepted" in each["en"] for each in notices)


@pytest.fixture(scope="module")
def reference() -> set[frozenset[str]]:
    """Return the town's grids as sets of buildings."""
    return groups(plan(town()))


def changed(drawn: District, **buildings: Any) -> District:
    return replace(drawn, buildings=drawn.buildings.assign(**buildings))


def test_the_order_of_rows_decides_nothing(reference: set[frozenset[str]]) -> None:
    drawn = town()
    order = np.random.default_rng(1).permutation(len(drawn.buildings))
    assert drawn.barriers is not None
    barriers = drawn.barriers.iloc[::-1].reset_index(drop=True)
    mixed = replace(drawn, buildings=drawn.buildings.iloc[order].reset_index(drop=True), barriers=barriers)
    assert plan(mixed).report["labels_digest"] == plan(drawn).report["labels_digest"]
    assert groups(plan(mixed)) == reference


def test_the_names_of_buildings_decide_nothing(reference: set[frozenset[str]]) -> None:
    drawn = town()
    ids = drawn.buildings["building_id"]
    new = dict(zip(ids, np.random.default_rng(2).permutation(ids), strict=True))
    renamed = changed(drawn, building_id=ids.map(new))
    assert groups(plan(renamed)) == {frozenset(new[each] for each in ids) for ids in reference}


def test_the_place_on_the_map_decides_nothing(reference: set[frozenset[str]]) -> None:
    drawn = town()
    frames = {
        name: getattr(drawn, name).assign(geometry=getattr(drawn, name).geometry.translate(1000, -1000))
        for name in ("communities", "buildings", "barriers")
    }
    moved = plan(replace(drawn, **frames))
    assert groups(moved) == reference
    assert_tiles(moved.grids.geometry.to_numpy(), shapely.union_all(frames["communities"].geometry.to_numpy()))


def test_twice_the_households_in_twice_the_band_are_the_same_grids() -> None:
    """Work by household alone, since buildings and ground do not double."""
    drawn = town()
    model: dict[str, Any] = {"work": {"per_building": 0.0, "per_hectare": 0.0}}
    doubled = changed(drawn, households=2 * drawn.buildings["households"])
    assert groups(plan(doubled, minimum=600, target=800, maximum=1000, **model)) == groups(plan(drawn, **model))


def test_the_number_of_processes_decides_nothing(
    reference: set[frozenset[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run, "WORTH_A_PROCESS", 1)
    assert groups(plan(town(), jobs=2)) == reference


def test_another_community_decides_nothing(reference: set[frozenset[str]]) -> None:
    """Each community's random stream is its own: A alone is cut as A beside B."""
    drawn = town()
    inside = drawn.buildings[drawn.buildings["home"] == A].reset_index(drop=True)
    alone = replace(drawn, communities=drawn.communities.iloc[:1], buildings=gpd.GeoDataFrame(inside))
    mine = set(inside["building_id"])
    assert groups(plan(alone)) == {ids for ids in reference if ids <= mine}


def test_violations_are_rows_even_where_there_are_none() -> None:
    made = plan(district(houses(4, 1), 100, box(0, 0, 400, 100)))
    assert listed(made) == []
    assert made.violations.dtypes[["value", "limit", "proven"]].tolist() == [np.dtype("int64")] * 3
    assert isinstance(made.violations, pd.DataFrame)

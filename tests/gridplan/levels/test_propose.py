"""Communities proposed: large ones cut, towns drawn anew, the rest left alone; codes after the last of their kind."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
import shapely
from drawn import assert_tiles, box, district, houses, plan

from gridplan.district import District
from gridplan.errors import CodeOverflowError
from gridplan.levels import Proposal, nesting_faults, plan_micro, propose_communities, tree_of
from gridplan.rules import rules_from

TOWN = "230718001"
LARGE, SMALL, VILLAGE = f"{TOWN}001", f"{TOWN}002", f"{TOWN}201"
GROUND = {LARGE: box(0, 0, 1000, 620), SMALL: box(1000, 0, 1200, 600), VILLAGE: box(1200, 0, 1300, 600)}
SHAPES = [*houses(10, 6), *houses(2, 6, west=1000), *houses(1, 6, west=1200)]


def town(households: int = 104, ground: Mapping[str, shapely.Geometry] = GROUND, **more: Any) -> District:
    """Return a community of 60 houses (6,240 households), one of 12 houses, and a village of 6."""
    return district(SHAPES, households, ground, rural=[code for code in ground if code[9:] >= "200"], **more)


def proposed(drawn: District, within: Any = "community", **rules: Any) -> Proposal:
    made = propose_communities(drawn, rules_from(rules), within=within, effort="quick")
    assert made.district.buildings["building_id"].tolist() == drawn.buildings["building_id"].tolist()
    whole = shapely.union_all(drawn.communities.geometry.to_numpy())
    assert_tiles(made.district.communities.geometry.to_numpy(), whole)
    return made


def test_a_community_of_6200_becomes_two_and_the_rest_stays() -> None:
    made = proposed(town())
    held = made.district.buildings.groupby("home")["households"].sum()
    assert sorted(held.index) == [LARGE, SMALL, f"{TOWN}003", VILLAGE]
    assert held[[LARGE, f"{TOWN}003"]].between(3000, 5000).all()
    assert held[[LARGE, f"{TOWN}003"]].sum() == 6240
    assert (held[SMALL], held[VILLAGE]) == (1248, 624)
    names = made.district.communities.set_index("community_code")["name"]
    assert (names[LARGE], names[f"{TOWN}003"]) == (LARGE, f"{LARGE}（新设1）")


def test_one_half_keeps_the_code_and_the_lineage_holds_every_household() -> None:
    cut = proposed(town()).plan
    assert cut is not None
    assert cut.lineage["households"].sum() == 6240
    rows = {(row.old_code, row.new_code): row.change for row in cut.lineage.itertuples()}
    assert rows == {(LARGE, LARGE): "changed", (LARGE, f"{TOWN}003"): "split"}
    assert set(cut.grids["kind"]) == {"community"}
    assert set(cut.grids["parent_code"]) == {TOWN}


def test_every_level_below_nests() -> None:
    made = proposed(town(26), communities={"minimum": 750, "maximum": 1250}, minimum=300, maximum=500)
    rules = rules_from({})
    grids = plan(made.district)
    micro = plan_micro(made.district, grids, rules, effort="quick")
    tree = tree_of(made.district, grids, micro, made.plan)
    assert nesting_faults(tree) == []
    counts = tree.levels["level"].value_counts()
    assert (counts["community"], len(tree.heads)) == (4, len(SHAPES))
    assert set(tree.levels.loc[tree.levels["level"] == "community", "parent_code"]) == {TOWN}


def test_nothing_too_large_is_nothing_to_cut() -> None:
    drawn = town(10)
    made = proposed(drawn)
    assert made.plan is None
    assert made.district is drawn


def test_a_locked_grid_is_not_cut() -> None:
    """A lock across the middle, where the cut would run, lies in one community with all its ground."""
    lock = {"grid_code": "L", "locked": True, "geometry": box(380, 100, 620, 300)}
    drawn = town(grids=[lock])
    made = proposed(drawn)
    shares = shapely.area(shapely.intersection(made.district.communities.geometry.to_numpy(), lock["geometry"]))
    assert sorted(shares)[-1] == pytest.approx(240 * 200, abs=1e-6)
    assert made.district.grids is not None
    home = made.district.grids["home"].iloc[0]
    assert home == made.district.communities["community_code"].iloc[shares.argmax()]
    below = plan(made.district)
    assert below.grids.loc[below.grids["grid_code"] == "L", "community_code"].tolist() == [home]


def test_pairs_that_must_join_share_a_community() -> None:
    made = proposed(town(), must_join=[["b0", "b9"]])
    home = made.district.buildings.set_index("building_id")["home"]
    assert home["b0"] == home["b9"]


def test_a_town_is_drawn_anew_along_old_borders() -> None:
    """Four communities of 2,000 in a row become two of 4,000: the border between the middle two stays."""
    ground = {f"{TOWN}{number:03d}": box(500 * (number - 1), 0, 500 * number, 400) for number in range(1, 5)}
    drawn = district(houses(20, 4), 100, ground)
    made = proposed(drawn, within="town")
    held = made.district.buildings.groupby("home")["households"].sum()
    assert held.tolist() == [4000, 4000]
    west, east = sorted(made.district.communities.geometry, key=lambda polygon: polygon.bounds)
    assert west.equals(box(0, 0, 1000, 400))
    assert east.equals(box(1000, 0, 2000, 400))
    assert set(held.index) <= set(ground), "each new community holds half of two old ones, and keeps one code of them"


def test_codes_of_villages_are_not_given_to_communities() -> None:
    ground = {f"{TOWN}199": GROUND[LARGE], SMALL: GROUND[SMALL], f"{TOWN}200": GROUND[VILLAGE]}
    with pytest.raises(CodeOverflowError, match="those of villages"):
        proposed(town(ground=ground))


def test_codes_of_another_make_are_numbered_behind_the_old_one() -> None:
    made = proposed(town(ground={"Agassiz": GROUND[LARGE], SMALL: GROUND[SMALL], VILLAGE: GROUND[VILLAGE]}))
    codes = set(made.district.communities["community_code"])
    assert codes == {"Agassiz", "Agassiz-001", SMALL, VILLAGE}

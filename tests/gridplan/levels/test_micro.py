"""Micro-grids nest in their grids, whatever the grids are; what cannot be 30 to 50 is named."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import shapely
from drawn import A, box, district, house, houses, line, plan

from gridplan.district import District
from gridplan.errors import CodeOverflowError, RulesError
from gridplan.levels import nesting_faults, plan_micro, tree_of
from gridplan.plan import Plan
from gridplan.rules import rules_from


def cut(drawn: District, **rules: Any) -> tuple[Plan, Plan]:
    """Return the grids of a district and the micro-grids inside them, checked."""
    made = plan(drawn, **rules)
    micro = plan_micro(drawn, made, rules_from(rules), effort="quick")
    assert nesting_faults(tree_of(drawn, made, micro)) == []
    return made, micro


def town(seed: int) -> District:
    """Return 80 houses of 8 to 60 households on two sides of a river with one bridge, streets and some towers."""
    rng = np.random.default_rng(seed)
    shapes = [*houses(10, 4), *houses(10, 4, south=440)]
    barriers = [
        ("river", box(-10, 405, 1010, 435)),
        ("bridge", line((500, 390), (500, 450))),
        ("residential", line((300, -10), (300, 850))),
    ]
    return district(
        shapes,
        rng.integers(8, 60, len(shapes)),
        box(0, 0, 1000, 840),
        barriers=barriers,
        persons=rng.integers(10, 200, len(shapes)),
        elderly_alone=rng.integers(0, 9, len(shapes)),
    )


@pytest.mark.parametrize("seed", [1])
def test_random_towns_nest(seed: int) -> None:
    drawn = town(seed)
    made, micro = cut(drawn)
    assert micro.grids["households"].sum() == drawn.buildings["households"].sum()
    assert micro.grids["persons"].sum() == drawn.buildings["persons"].sum()
    home = dict(zip(made.units["building_id"], made.units["grid_code"], strict=True))
    built = micro.units[micro.units["building_id"].notna()]
    assert all(
        code.startswith(home[building]) for building, code in zip(built["building_id"], built["grid_code"], strict=True)
    )
    outside = ~micro.grids["households"].between(30, 50)
    assert set(micro.grids.loc[outside, "grid_code"]) == set(micro.violations["grid_code"])


def test_a_grid_of_even_houses_is_cut_into_even_micro_grids() -> None:
    """Sixteen houses of 25 households are one grid of 400 and eight to thirteen micro-grids inside the band."""
    made, micro = cut(district(houses(4, 4), 25, box(0, 0, 400, 400)))
    assert len(made.grids) == 1
    assert (micro.grids["households"] == 50).all(), "25 alone is too few, 75 too many"
    assert micro.grids["grid_code"].tolist() == [f"{A}001{number:02d}" for number in range(1, 9)]
    assert (micro.grids["parent_code"] == f"{A}001").all()
    assert (micro.grids["community_code"] == A).all()
    assert set(micro.grids["kind"]) == set({"micro"})
    assert micro.grids["name"].iloc[0] == "第一微网格"
    assert micro.violations.empty


def test_a_building_above_fifty_is_a_micro_grid_of_its_own() -> None:
    made, micro = cut(district(houses(4, 1), [120, 40, 40, 100], box(0, 0, 400, 100)))
    assert len(made.grids) == 1
    held = micro.units.dropna(subset=["building_id"]).groupby("grid_code")["building_id"].agg(list).tolist()
    assert sorted(held) == [["b0"], ["b1"], ["b2"], ["b3"]]
    rows = micro.violations[["value", "limit", "reason", "proven"]].to_numpy().tolist()
    assert sorted(rows) == [[100, 50, "unit_over_maximum", 1], [120, 50, "unit_over_maximum", 1]]


def test_a_tower_in_two_grids_is_divided_by_entrance_at_both_levels() -> None:
    """A tower of 800 in entrances of 40: two grids of 400 share it, micro-grids are its entrances, all listed."""
    drawn = district(
        [box(20, 40, 180, 60)], [800], box(0, 0, 200, 100), entrances={"b0": [40] * 20}, persons=[1601], work_min=[9000]
    )
    made, micro = cut(drawn)
    assert made.grids["households"].tolist() == [400, 400]
    assert micro.grids["households"].tolist() == [40] * 20
    assert (micro.grids["persons"].sum(), micro.grids["work_min"].sum()) == (1601, 9000)
    assert set(micro.units["building_id"].dropna()) == {"b0"}
    assert sorted(micro.units["entrance"].dropna(), key=int) == [str(number) for number in range(1, 21)]
    heads = tree_of(drawn, made, micro).heads
    assert (len(heads), heads["head_code"].is_unique) == (20, True)


def test_exclusive_grids_stay_and_village_groups_are_not_cut() -> None:
    shapes = houses(6, 1)
    drawn = district(
        shapes,
        20,
        {A: box(0, 0, 400, 100), "230718001201": box(400, 0, 600, 100)},
        exclusive={"市场": box(0, 0, 100, 100)},
        rural=["230718001201"],
        village_group=[None] * 4 + ["一组", "一组"],
    )
    made, micro = cut(drawn)
    assert set(made.grids["kind"]) == {"basic", "exclusive", "rural"}
    kinds = dict(zip(micro.grids["parent_code"], micro.grids["kind"], strict=True))
    assert sorted(kinds.values()) == ["exclusive", "micro", "micro"]
    assert micro.grids.loc[micro.grids["kind"] == "exclusive", "name"].tolist() == ["市场"]
    village = micro.grids[micro.grids["community_code"] == "230718001201"]
    assert village["households"].tolist() == [40]


def test_numbers_and_templates_are_the_planners() -> None:
    drawn = district(houses(4, 4), 25, box(0, 0, 400, 400))
    _, micro = cut(
        drawn, micro={"number": {f"{A}001": 10}, "maximum": 75, "minimum": 25, "code": "{parent}-{sequence}"}
    )
    assert len(micro.grids) == 10
    assert f"{A}001-10" in set(micro.grids["grid_code"])


def test_a_template_with_too_few_digits_is_refused() -> None:
    drawn = district(houses(5, 4), 25, box(0, 0, 500, 400))
    made = plan(drawn)
    with pytest.raises(CodeOverflowError, match="number 10 does not fit"):
        plan_micro(drawn, made, rules_from({"micro": {"code": "{parent}{sequence:01d}"}}))


def test_a_plan_of_another_source_is_refused() -> None:
    drawn = district(houses(4, 4), 25, box(0, 0, 400, 400))
    other = district([*houses(4, 4), house(390, 390, 5)], 25, box(0, 0, 400, 400))
    with pytest.raises(RulesError, match="1 of the source's are not in the plan"):
        plan_micro(other, plan(drawn), rules_from({}))


def test_bounds_and_pairs_of_grids_do_not_bind_micro_grids() -> None:
    drawn = district(houses(4, 4), 25, box(0, 0, 400, 400), persons=[60] * 16)
    rules: dict[str, Any] = {"persons_minimum": 900, "must_join": [["b0", "b3"]], "n_grids": {A: 1}}
    _, micro = cut(drawn, **rules)
    assert micro.violations.empty


def test_two_runs_are_the_same() -> None:
    drawn = town(3)
    made = plan(drawn)
    one, two = (plan_micro(drawn, made, rules_from({}), effort="quick") for _ in range(2))
    assert one.units["grid_code"].tolist() == two.units["grid_code"].tolist()
    assert shapely.equals(one.grids.geometry.to_numpy(), two.grids.geometry.to_numpy()).all()

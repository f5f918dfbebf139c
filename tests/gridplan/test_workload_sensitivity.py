"""Sensitivity: what does not weigh is left out, what weighs is measured against chance, work adds up by term."""

from __future__ import annotations

import json

import numpy as np
import pytest
from drawn import box, district, houses, line, plan

from gridplan.district import District
from gridplan.errors import RulesError
from gridplan.rules import rules_from
from gridplan.workload_sensitivity import Sensitivity, households_moved, scenario_lines, sensitivity

RULES = rules_from({"work": {"per_hectare": 0.0, "per_incident": 0.0}})


def town() -> District:
    """Return 24 houses with a street; people are many in the west, the old who live alone in the east."""
    rng = np.random.default_rng(4)
    return district(
        houses(8, 3),
        rng.integers(30, 70, 24),
        box(0, 0, 800, 300),
        barriers=[("residential", line((400, -10), (400, 310)))],
        persons=[200 - 20 * (number % 8) for number in range(24)],
        elderly_alone=[2 * (number % 8) for number in range(24)],
    )


@pytest.fixture(scope="module")
def found() -> Sensitivity:
    return sensitivity(town(), RULES, share=0.2)


def test_each_weight_with_effect_goes_up_and_down_after_a_row_of_chance(found: Sensitivity) -> None:
    rows = list(found.scenarios[["weight", "change"]].itertuples(index=False, name=None))
    weights = ("per_household", "per_person", "per_building", "per_street_km", "special.elderly_alone")
    assert rows == [("seed", 0.0), *((name, change) for name in weights for change in (0.2, -0.2))]
    without = {"per_hectare", "per_incident", *(f"special.{group}" for group in RULES.work.special)}
    assert set(found.without_effect) == without - {"special.elderly_alone"}


def test_the_terms_make_up_all_the_work(found: Sensitivity) -> None:
    up = found.scenarios[found.scenarios["change"] > 0]
    assert up["share_of_work"].sum() == pytest.approx(1.0, abs=0.01)
    total = plan(town(), work={"per_hectare": 0.0, "per_incident": 0.0}).grids["work_min"].sum()
    households = up.loc[up["weight"] == "per_household", "share_of_work"].iloc[0] * total
    assert households == pytest.approx(12.0 * town().buildings["households"].sum(), rel=0.005)


def test_each_grid_has_its_range_of_work(found: Sensitivity) -> None:
    grids = found.grids
    assert (grids["lowest"] <= grids["work_min"]).all()
    assert (grids["work_min"] <= grids["highest"]).all()
    assert (grids["highest"] / grids["lowest"]).max() < 1.2 / 0.8
    assert (grids["highest"] > grids["lowest"]).all()


def test_shares_that_move_are_shares(found: Sensitivity) -> None:
    assert found.scenarios["share_moved"].between(0, 1).all()
    total = town().buildings["households"].sum()
    assert (found.scenarios["households_moved"] / total).tolist() == pytest.approx(
        found.scenarios["share_moved"].tolist(), abs=1e-6
    )


def test_all_of_it_is_json_and_a_table(found: Sensitivity) -> None:
    again = json.loads(json.dumps(found.to_dict()))
    assert set(again) == {"base", "scenarios", "grids", "without_effect"}
    assert again["scenarios"][0]["minutes"] is None
    lines = list(scenario_lines(found))
    assert len(lines) == 1 + len(found.scenarios)
    assert len({len(line) for line in lines}) == 1, "columns stand under each other"


def test_grids_are_matched_whatever_their_codes() -> None:
    """The same cut numbered otherwise moves nobody; one house of 200 given away moves 200."""
    drawn = district(houses(5, 1), 200, box(0, 0, 500, 100))
    one = plan(drawn, minimum=200, maximum=600, n_grids={"230718001001": 2})
    renamed = plan(drawn, minimum=200, maximum=600, n_grids={"230718001001": 2}, code="{community}9{sequence:02d}")
    assert households_moved(one, renamed) == 0
    other = plan(drawn, minimum=200, maximum=600, n_grids={"230718001001": 2}, must_join=[["b2", "b3"]])
    joined = plan(drawn, minimum=200, maximum=600, n_grids={"230718001001": 2}, must_join=[["b1", "b2"]])
    assert households_moved(other, joined) == 200


@pytest.mark.parametrize("share", [0.0, 1.5, -0.1])
def test_a_share_out_of_range_is_refused(share: float) -> None:
    with pytest.raises(RulesError, match="above 0 and at most at 1"):
        sensitivity(town(), RULES, share=share)


def test_work_that_the_source_gives_depends_on_no_weight() -> None:
    drawn = district(houses(4, 1), 100, box(0, 0, 400, 100), work_min=[5, 6, 7, 8])
    found = sensitivity(drawn, rules_from({}))
    assert found.scenarios["weight"].tolist() == ["seed"]
    assert found.grids["lowest"].tolist() == found.grids["highest"].tolist() == [26]

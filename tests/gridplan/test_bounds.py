"""Bounds on persons and on work beside the households: kept where they can be, named with their reason where not."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from drawn import A, assert_sound, box, district, houses, line, listed, plan

from gridplan.plan import Plan

# Twelve houses of 100 households in a row: three grids of four, or two of five and more.
COUNT = 12
EVEN = [250] * COUNT
WEST_HEAVY = [400] * 4 + [150] * 8


def planned(rules: dict[str, Any], **columns: Sequence[Any]) -> Plan:
    drawn = district(houses(COUNT, 1), 100, box(0, 0, 100 * COUNT, 100), **columns)
    made = plan(drawn, **rules)
    assert_sound(drawn, made)
    return made


def west_to_east(made: Plan, column: str) -> list[int]:
    order = made.grids.geometry.centroid.x.argsort()
    return [int(value) for value in made.grids[column].iloc[order]]


def test_without_bounds_the_households_band_alone_decides() -> None:
    """Three grids of 1,000 persons are inside the band of households; nothing binds persons."""
    made = planned({"n_grids": {A: 3}}, persons=EVEN)
    assert west_to_east(made, "persons") == [1_000] * 3


def test_the_most_persons_decide_the_cut_and_the_number_of_grids() -> None:
    """3,000 persons at 800 a grid are four grids of 300 households and 750 persons; three would hold 1,000 each."""
    made = planned({"persons_maximum": 800}, persons=EVEN)
    assert listed(made) == []
    assert west_to_east(made, "persons") == [750] * 4


def test_the_fewest_persons_are_kept_too() -> None:
    """The east's 150 a house would make 450 a grid of three houses."""
    made = planned({"persons_minimum": 600}, persons=WEST_HEAVY)
    assert listed(made) == []
    assert min(west_to_east(made, "persons")) >= 600


@pytest.mark.parametrize(("bound", "limit"), [("work_maximum", 4_100), ("work_minimum", 3_900)])
def test_bounds_on_work_are_kept(bound: str, limit: int) -> None:
    """Of 12,000 minutes in three grids 4,100 at most, or 3,900 at least, leave 4,000 each."""
    made = planned({bound: limit, "n_grids": {A: 3}, "weights": {"balance": 0.0}}, work_min=[1_000] * COUNT)
    assert listed(made) == []
    assert west_to_east(made, "work_min") == [4_000] * 3


@pytest.mark.parametrize(
    ("bound", "columns", "rule"),
    [
        ({"persons_maximum": 1_000}, {"persons": [1_200] + [150] * 11}, "persons"),
        ({"work_maximum": 5_000}, {"work_min": [6_000] + [500] * 11}, "work"),
    ],
)
def test_a_house_beyond_a_bound_by_itself_is_named(
    bound: dict[str, int], columns: dict[str, list[int]], rule: str
) -> None:
    found = listed(planned(bound, **columns))
    assert (rule, "unit_over_maximum", 1) in {(each, reason, proven) for each, reason, _, _, proven in found}


def test_a_part_with_too_few_persons_is_named() -> None:
    """Beyond the railway live 400 households of 500 persons; 600 are asked for."""
    drawn = district(
        houses(8, 1),
        100,
        box(0, 0, 800, 100),
        barriers=[("railway", line((400, -9), (400, 109)))],
        persons=[125] * 4 + [250] * 4,
    )
    assert listed(plan(drawn, persons_minimum=600)) == [("persons", "component_below_minimum", 500, 600, 1)]


@pytest.mark.parametrize("bounds", [{"persons_maximum": 700}, {"persons_minimum": 1_600}])
def test_a_bound_that_no_number_of_grids_keeps_is_proven_so(bounds: dict[str, int]) -> None:
    """3,000 persons in three or four grids (1,200 households) are 750 and more, and 1,000 and fewer, on average."""
    found = listed(planned(bounds, persons=EVEN))
    assert {(rule, reason, proven) for rule, reason, _, _, proven in found} == {("persons", "total_fits_no_number", 1)}


def test_bounds_numbers_and_pairs_hold_together() -> None:
    made = planned(
        {"persons_maximum": 1_100, "n_grids": {A: 3}, "must_join": [["b0", "b1"]], "must_part": [["b3", "b4"]]},
        persons=EVEN,
    )
    assert listed(made) == []
    grid = made.units.dropna(subset=["building_id"]).set_index("building_id")["grid_code"]
    assert (grid["b0"] == grid["b1"], grid["b3"] == grid["b4"], grid.nunique()) == (True, False, 3)

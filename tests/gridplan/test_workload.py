"""The work of a grid: each term counted once, shared at borders, whole numbers, the source's own word first."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from drawn import METRIC, assert_sound, box, district, house, line, plan, point

from gridplan.district import District
from gridplan.plan import Plan
from gridplan.rules import WorkModel
from gridplan.sources.canonical import canonical
from gridplan.workload import months_of

ZERO: dict[str, Any] = {name: 0.0 for name in WorkModel.__dataclass_fields__ if name != "special"}
NOBODY = dict.fromkeys(WorkModel().special, 0.0)
# Two grids side by side, of 300 households each; the middle street is their border.
HALVES = [house(50, 50), house(150, 50)]
GROUND = box(0, 0, 200, 100)
MIDDLE = ("residential", line((100, -20), (100, 120)))


def model(**weights: Any) -> dict[str, Any]:
    """Return a work model of the named weights alone."""
    return {**ZERO, **weights, "special": {**NOBODY, **weights.get("special", {})}}


def work_of(made: Plan) -> list[int]:
    """Return the work of the grids from west to east."""
    order = np.argsort(made.grids.geometry.centroid.x)
    return [int(work) for work in made.grids["work_min"].to_numpy()[order]]


def with_incidents(drawn: District, places: list[Any], reported: list[str]) -> District:
    rows = pd.DataFrame(
        {
            "incident_id": [str(number) for number in range(len(places))],
            "reported_at": reported,
            "category": "c",
            **dict.fromkeys(("address", "status", "closed_at", "satisfaction")),
            "geometry": places,
        }
    )
    return replace(drawn, incidents=canonical(rows, "incidents", METRIC))


def planned(weights: dict[str, Any], **columns: Any) -> list[int]:
    drawn = district(HALVES, 300, GROUND, barriers=[MIDDLE], **columns)
    made = plan(drawn, work=weights)
    assert_sound(drawn, made)
    return work_of(made)


@pytest.mark.parametrize(
    ("weights", "columns", "expected"),
    [
        ({"per_household": 2.0}, {}, [600, 600]),
        ({"per_person": 3.0}, {"persons": [10, None]}, [30, 0]),
        ({"per_building": 7.0}, {}, [7, 7]),
        ({"per_hectare": 50.0}, {}, [50, 50]),
        ({"special": {"disabled": 5.0}}, {"disabled": [2, 0], "elderly_alone": [9, 9]}, [10, 0]),
        ({"special": {"elderly_alone": 60.0, "key_persons": 1.0}}, {"elderly_alone": [1, None]}, [60, 0]),
        ({"per_household": 2.0, "per_hectare": 50.0}, {"work_min": [None, 11]}, [650, 11]),
    ],
    ids=["households", "persons", "buildings", "ground", "disabled", "elderly", "given"],
)
def test_each_term_is_counted_once(weights: dict[str, Any], columns: dict[str, Any], expected: list[int]) -> None:
    assert planned(model(**weights), **columns) == expected


def test_a_street_between_two_grids_is_shared_and_one_inside_counts_whole() -> None:
    """100 m of street on the border give 50 m to each; a dead end of 40 m in the west is the west's alone."""
    streets = [MIDDLE, ("lane", line((20, 80), (60, 80))), ("wall", line((150, 0), (150, 40)))]
    drawn = district(HALVES, 300, GROUND, barriers=streets)
    made = plan(drawn, work=model(per_street_km=10_000.0))
    assert_sound(drawn, made)
    assert work_of(made) == [900, 500]


@pytest.mark.parametrize("kind", ["river", "wall", "motorway"])
def test_what_is_no_street_is_not_patrolled(kind: str) -> None:
    drawn = district(HALVES, 300, GROUND, barriers=[(kind, MIDDLE[1])])
    assert work_of(plan(drawn, work=model(per_street_km=10_000.0))) == [0, 0]


def test_incidents_count_in_the_grid_in_which_they_lie_by_month() -> None:
    """Four in the west and one in the east within two months; one outside and one without a place count nowhere."""
    places = [point(10, 10), point(20, 10), point(30, 90), point(50, 50), point(190, 5), point(300, 5), None]
    drawn = with_incidents(
        district(HALVES, 300, GROUND, barriers=[MIDDLE]), places, ["2026-01-01"] * 6 + ["2026-03-03"]
    )
    assert months_of(drawn.incidents, WorkModel()) == pytest.approx(2.0, abs=0.01)
    weights = model(per_incident=30.0, incident_months=2.0)
    assert work_of(plan(drawn, work=weights)) == [60, 15]


def test_a_default_place_is_no_place() -> None:
    """Sixty incidents on one point stand for no place; fifty on one are a house that calls often."""
    places = [point(10, 10)] * 60 + [point(190, 5)] * 50 + [point(120 + n / 10, 50) for n in range(10)]
    drawn = with_incidents(district(HALVES, 300, GROUND, barriers=[MIDDLE]), places, ["2026-01-01"] * len(places))
    assert work_of(plan(drawn, work=model(per_incident=1.0, incident_months=1.0))) == [0, 60]


@pytest.mark.parametrize(
    ("reported", "months"),
    [([], 1.0), (["2026-01-01"], 1.0), (["no date"], 1.0), (["2026-01-01", "2026-12-31 08:00"], 11.97)],
)
def test_months_are_at_least_one(reported: list[str], months: float) -> None:
    assert months_of(pd.DataFrame({"reported_at": reported}), WorkModel()) == pytest.approx(months, abs=0.05)


def test_special_groups_even_out() -> None:
    """Eight houses in a row of 100 households: with the elderly all in the west, the west's grid is the smaller one."""
    shapes = [house(50 + 100 * place, 50) for place in range(8)]
    drawn = district(shapes, 100, box(0, 0, 800, 100), elderly_alone=[60] * 4 + [0] * 4)
    even = plan(drawn, n_grids={"230718001001": 2}, work=model(per_household=12.0))
    fair = plan(drawn, n_grids={"230718001001": 2}, work=model(per_household=12.0, special={"elderly_alone": 60.0}))
    assert sorted(even.grids["households"]) == [400, 400]
    west_first = fair.grids.iloc[np.argsort(fair.grids.geometry.centroid.x)]
    assert west_first["households"].tolist() == [300, 500]
    assert_sound(drawn, fair)

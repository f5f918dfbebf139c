"""Two plans compared: pairs whose households add up to both, and figures restated to the last unit."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from drawn import A, B, box, district, houses, plan
from hypothesis import given
from hypothesis import strategies as st

from gridplan.diff import CHANGES, NOWHERE, PlanDiff, diff_plans, restate, shared_out
from gridplan.errors import RestateError
from gridplan.plan import Plan


@pytest.fixture(scope="module")
def row() -> Plan:
    """Eight houses of 100 in a row, two grids of four."""
    return plan(district(houses(8, 1), 100, box(0, 0, 800, 100)))


def pairs(diff: PlanDiff) -> list[tuple[Any, ...]]:
    names = ["old_code", "new_code", "change", "households", "old_share", "new_share"]
    return list(diff.pairs[names].itertuples(index=False, name=None))


def assert_adds_up(diff: PlanDiff) -> None:
    new = diff.pairs.groupby("new_code")["households"].sum()
    old = diff.pairs.groupby("old_code")["old_households"].sum()
    assert new.to_dict() == diff.new.grids.set_index("grid_code")["households"].to_dict()
    assert old.to_dict() == diff.old.grids.set_index("grid_code")["households"].to_dict()
    assert set(diff.pairs["change"]) <= set(CHANGES)


def test_a_plan_is_the_same_as_itself(row: Plan) -> None:
    diff = diff_plans(row, row)
    assert pairs(diff) == [(A + f"00{n}", A + f"00{n}", "unchanged", 400, 1.0, 1.0) for n in (1, 2)]
    assert diff.households_moved == 0


def test_who_moved_stands_in_pairs_and_by_building(row: Plan) -> None:
    edited = row.move("b4", to=A + "001")
    diff = row.compare(edited)
    assert pairs(diff) == [
        (A + "001", A + "001", "changed", 400, 1.0, 0.8),
        (A + "002", A + "001", "split", 100, 0.25, 0.2),
        (A + "002", A + "002", "changed", 300, 0.75, 1.0),
    ]
    gone = diff.moved[diff.moved["old_code"] != diff.moved["new_code"]]
    assert gone["building_id"].tolist() == ["b4"]
    assert diff.households_moved == 100
    assert diff.change_of_grid == {A + "001": "changed", A + "002": "changed"}
    assert_adds_up(diff)


def test_a_building_gone_one_come_and_one_grown(row: Plan) -> None:
    """b7 is pulled down, b8 built where it stood, b0 has 50 more households."""
    shapes, households = houses(8, 1), [150, *[100] * 7]
    names = [*(f"b{n}" for n in range(7)), "b8"]
    after = plan(district(shapes, households, box(0, 0, 800, 100), building_id=names))
    diff = diff_plans(row, after)
    assert_adds_up(diff)
    assert (diff.counts["new"], diff.counts["retired"]) == (100, 100)
    lost = diff.pairs[diff.pairs["new_code"].isna()]
    assert lost[["old_code", "change", "households", "old_households"]].to_numpy().tolist() == [
        [A + "002", "retired", 0, 100]
    ]


def test_ground_that_passes_to_another_community_gets_a_grid_of_its_own_there() -> None:
    """The border moves 200 m west: b2 and b3, once A's grid 001, are in B now, in a grid of B's, with lineage."""
    shapes, households = houses(8, 1), 150
    first = plan(district(shapes, households, {A: box(0, 0, 400, 100), B: box(400, 0, 800, 100)}))
    today = first.grids[["grid_code", "name", "kind", "geometry"]].to_dict("records")
    grounds = {A: box(0, 0, 200, 100), B: box(200, 0, 800, 100)}
    after = plan(district(shapes, households, grounds, grids=today))
    for found in (after.lineage, diff_plans(first, after).pairs):
        moved = found[found["old_code"].astype(str).str.startswith(A) & found["new_code"].astype(str).str.startswith(B)]
        assert moved["households"].sum() == 300
        assert set(moved["change"]) <= {"split", "merged"}
        for community, grounds_of in after.grids.groupby("community_code"):
            assert grounds_of["grid_code"].str.startswith(community).all()
    assert_adds_up(diff_plans(first, after))


def test_a_tower_that_only_one_plan_divides_is_shared_by_size() -> None:
    shapes = houses(3, 1)
    whole = plan(district(shapes, [100, 800, 100], box(0, 0, 300, 100)))
    divided = plan(district(shapes, [100, 800, 100], box(0, 0, 300, 100), entrances={"b1": [300, 300, 200]}))
    for old, new in ((whole, divided), (divided, whole)):
        assert_adds_up(diff_plans(old, new))


def test_plans_in_two_crs_meet(row: Plan) -> None:
    other = replace(row, grids=row.grids.to_crs("EPSG:32651"), units=row.units.to_crs("EPSG:32651"))
    diff = diff_plans(other, row)
    assert [pair[2] for pair in pairs(diff)] == ["unchanged", "unchanged"]


@given(st.integers(-(10**20), 10**20), st.lists(st.integers(0, 10**6), min_size=1).filter(any))
def test_whole_numbers_are_shared_out_to_the_last_unit(total: int, weights: list[int]) -> None:
    parts = shared_out(total, weights)
    assert sum(parts) == total
    exact = [total * weight / sum(weights) for weight in weights]
    assert all(abs(part - share) <= 1 + abs(share) * 1e-9 for part, share in zip(parts, exact, strict=True))


@given(st.integers(0, 2**32 - 1))
def test_restated_figures_have_the_same_sum(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n = int(rng.integers(1, 12))
    codes = [f"o{each}" for each in range(4)]
    frame = pd.DataFrame(
        {
            "old_code": [*rng.choice(codes, n), "o0"],
            "new_code": [*rng.choice(["n0", "n1", "n2"], n), None],
            "households": rng.integers(0, 50, n + 1),
        }
    ).astype({"old_code": object, "new_code": object})
    values = {code: int(rng.integers(0, 10**12)) for code in frame["old_code"].unique()}
    restated = restate(values, frame)
    assert restated.sum() == sum(values.values())
    assert set(frame["new_code"].dropna()) <= set(restated.index)


def test_restating_goes_by_households_and_names_what_has_no_heir(row: Plan) -> None:
    diff = row.compare(row.move("b4", to=A + "001"))
    assert diff.restate({A + "001": 10, A + "002": 10}).to_dict() == {A + "001": 13, A + "002": 7}
    lone = pd.DataFrame({"old_code": ["park"], "new_code": [None], "change": ["retired"], "households": [0]})
    assert restate({"park": 5}, lone).to_dict() == {NOWHERE: 5}
    with pytest.raises(RestateError, match="no old grid nowhere"):
        diff.restate({"nowhere": 1})
    with pytest.raises(RestateError, match="whole numbers"):
        diff.restate({A + "001": 0.5})  # type: ignore[dict-item]


def handover(diff: PlanDiff) -> list[tuple[Any, ...]]:
    names = ["old_code", "new_code", "households_before", "households_after", "workers"]
    return list(diff.handover[names].itertuples(index=False, name=None))


def test_a_worker_goes_with_the_code_or_with_most_of_the_households(row: Plan) -> None:
    one, two = A + "001", A + "002"
    moved = row.compare(row.move("b4", to=one))
    assert handover(moved) == [(one, one, 400, 500, 1), (two, two, 400, 300, 1)]
    work = dict(zip(moved.old.grids["grid_code"], moved.old.grids["work_min"], strict=True))
    assert moved.handover["work_min_before"].tolist() == [work[one], work[two]]
    # Both workers come to the grid in which theirs are joined; the other way round one grid is nobody's.
    joined = row.compare(row.merge(one, two, force=True))
    [heir] = joined.new.grids["grid_code"]
    assert handover(joined) == [(one, heir, 400, 800, 2), (two, heir, 400, 800, 2)]
    parted = diff_plans(joined.new, row)
    assert handover(parted) == [(heir, one, 800, 400, 1), (None, two, None, 400, 0)]
    assert parted.handover["households_after"].sum() == 800

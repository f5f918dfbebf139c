"""Any sequence of edits: every figure is that of the units, all of it can be taken back, and no code comes twice."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest
from drawn import A, B, box, district, houses, line, plan
from hypothesis import given, settings
from hypothesis import strategies as st
from oracle import assert_true, codes_keep_half

from gridplan.editing.apply import used_codes
from gridplan.errors import EditError
from gridplan.plan import Plan

ACTIONS = ("merge", "split", "move", "lock", "unlock", "rename", "change_kind", "along", "redraw", "follow")


@cache
def town(seed: int) -> Plan:
    """Return a plan of two communities with a river, compounds, today's grids in one, and odd sizes."""
    rng = np.random.default_rng(seed)
    households = rng.integers(0, 120, 40)
    compounds = [f"小区{n // 3}" if rng.random() < 0.4 else None for n in range(40)]
    today = [{"grid_code": A + f"0{10 + n}", "geometry": box(200 * n, 0, 200 * n + 200, 400)} for n in range(3)]
    drawn = district(
        houses(10, 4),
        households,
        {A: box(0, 0, 600, 400), B: box(600, 0, 1000, 400)},
        compound_id=compounds,
        barriers=[("river", line((-9, 200), (350, 200))), ("residential", line((300, -9), (300, 409)))],
        grids=today if seed % 2 else (),
    )
    return plan(drawn)


def attempt(made: Plan, rng: np.random.Generator, *, force: bool = True, locks: bool = True) -> Plan:
    """Make one edit drawn by chance; where it cannot be made the plan stays."""
    codes = made.grids["grid_code"].tolist()
    one, two = (str(code) for code in rng.choice(codes, 2))
    buildings = made.units["building_id"].dropna().tolist()
    some = [str(each) for each in rng.choice(buildings, int(rng.integers(1, 4)))]
    x = float(rng.integers(1, 10)) * 100 + float(rng.normal(0, 20))
    drawn = line((x, -50), (x + float(rng.normal(0, 60)), 450))
    edits: dict[str, Any] = {
        "merge": lambda: made.merge(one, two, force=force),
        "split": lambda: made.split(one, into=int(rng.integers(2, 4)), force=force),
        "move": lambda: made.move(some, to=one, force=force),
        "lock": lambda: made.lock(one),
        "unlock": lambda: made.unlock(one, two, force=force),
        "rename": lambda: made.rename(one, f"名{int(rng.integers(99))}"),
        "change_kind": lambda: made.change_kind(one, kind=str(rng.choice(["basic", "micro"])), force=force),
        "along": lambda: made.split(one, along=drawn, force=force),
        "redraw": lambda: made.redraw({one: some[:1], "新": some[1:]} if len(some) > 1 else {one: some}, force=force),
        "follow": lambda: made.follow(one, two, street=drawn, force=force),
    }
    weights = np.array([3, 2, 4, locks, 2 * locks, 1, 1, 2, 2, 2], dtype=float)
    try:
        return edits[str(rng.choice(ACTIONS, p=weights / weights.sum()))]()  # type: ignore[no-any-return]
    except EditError:
        return made


@settings(max_examples=6, deadline=None)
@given(st.integers(0, 3), st.integers(0, 2**32 - 1))
def test_any_edits_are_true_and_can_all_be_taken_back(place: int, seed: int) -> None:
    start, rng = town(place), np.random.default_rng(seed)
    assert_true(start)
    made = start
    for _ in range(6):
        after = attempt(made, rng)
        if after is not made:
            assert_true(after)
            assert codes_keep_half(after)
            assert after.undo() == made
        made = after
    back = made
    for _ in made.edits:
        back = back.undo()
    assert back == start
    again = back
    for _ in made.edits:
        again = again.redo()
    assert again == made


@settings(max_examples=6, deadline=None)
@given(st.integers(0, 3), st.integers(0, 2**32 - 1))
def test_without_force_no_rule_is_broken_more_than_before(place: int, seed: int) -> None:
    made, rng = town(place), np.random.default_rng(seed)
    for _ in range(8):
        before = excess(made)
        made = attempt(made, rng, force=False)
        assert all(amount <= before.get(rule, 0) for rule, amount in excess(made).items())


def excess(made: Plan) -> dict[str, int]:
    rows = made.violations.assign(much=(made.violations["value"] - made.violations["limit"]).abs())
    once = rows[rows["subject"].isna() | ~rows.duplicated(["rule", "subject"])]
    return {str(rule): int(much) for rule, much in once.groupby("rule")["much"].sum().items()}


@pytest.mark.parametrize("place", [0, 1])
def test_over_many_edits_no_code_means_two_grids(place: int) -> None:
    """A code that went comes back for its own ground alone: with today's grids where they lie, or taken back."""
    made, rng = town(place), np.random.default_rng(place)
    today = set() if made.grids_before is None else set(made.grids_before["grid_code"])
    gone: set[str] = set()
    highest: dict[str, int] = {}
    for _ in range(150):
        before, made = made, attempt(made, rng, locks=False)
        if len(made.edits) > 60:  # only to keep the test quick: a long history would be carried along
            made = forgetting(made)
        codes, former = set(made.grids["grid_code"]), set(before.grids["grid_code"])
        gone |= former - codes
        assert not (codes - former) & gone - today
        gone -= codes & today
        for code in sorted(codes - former - today):
            assert int(code[-3:]) > highest.get(code[:-3], 0), "new codes go on from the highest"
            highest[code[:-3]] = int(code[-3:])
    assert len(gone) > 20


def forgetting(made: Plan) -> Plan:
    """Return the same plan with its history put away as a list of the codes that it used up."""
    report = {**made.report, "retired_codes": sorted(used_codes(made))}
    return replace(made, report=report, edits=())


def test_branches_part_and_can_be_compared() -> None:
    start = town(1)
    one, two = start.branch("甲"), start.branch("乙")
    assert (one.name, two.name) == ("甲", "乙")
    assert one == two == start
    codes = start.grids["grid_code"].tolist()
    merged = one.merge(codes[0], codes[1], force=True)
    assert two == start
    assert one.compare(merged).households_moved == merged.last_edit.effects.households_moved  # type: ignore[union-attr]

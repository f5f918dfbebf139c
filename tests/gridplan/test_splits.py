"""Compounds stay whole unless the band cannot be kept; each split is listed, forced or not, proven or not."""

from __future__ import annotations

from typing import Any

import pytest
from drawn import A, B, assert_sound, box, district, groups, houses, line, listed, plan

from gridplan.plan import Plan

SPLIT = ("compound", "forced_split", 2, 1, 1)


def row(compounds: list[str | None], **more: Any) -> Plan:
    """Plan houses of 200 households in a row; compounds by house from west to east."""
    n = len(compounds)
    drawn = district(houses(n, 1), 200, more.pop("ground", box(0, 0, 100 * n, 100)), compound_id=compounds, **more)
    made = plan(drawn)
    assert_sound(drawn, made)
    return made


def test_a_compound_stays_whole_where_the_band_allows_it() -> None:
    """Left alone, sixteen houses are cut into four squares; the compound in their middle forbids it."""
    middle = [5, 6, 9, 10]
    compounds = ["K" if place in middle else None for place in range(16)]
    made = plan(district(houses(4, 4), 100, box(0, 0, 400, 400), compound_id=compounds))
    assert any({f"b{place}" for place in middle} <= ids for ids in groups(made))
    assert listed(made) == []


def test_a_compound_is_split_only_where_no_cut_keeps_it_and_that_is_proven() -> None:
    made = row([None, "K", "K", None])
    assert groups(made) == {frozenset({"b0", "b1"}), frozenset({"b2", "b3"})}
    assert listed(made) == [SPLIT, SPLIT]
    assert made.violations["subject"].tolist() == ["K", "K"]
    assert made.report["measures"]["compounds_split"] == made.report["measures"]["compounds_split_proven"] == 1


def test_only_the_compound_that_must_is_split() -> None:
    """K is in the way of every cut; the two others are not, and stay whole."""
    made = row(["I", "I", None, "K", "K", None, "J", "J"])
    assert set(made.violations["subject"]) == {"K"}


def test_a_compound_over_a_railway_is_split_and_proven() -> None:
    assert listed(row([None, "K", "K", None], barriers=[("railway", line((200, -9), (200, 109)))])) == [SPLIT, SPLIT]


def test_a_compound_in_two_communities_is_split_and_proven() -> None:
    ground = {A: box(0, 0, 200, 100), B: box(200, 0, 400, 100)}
    assert listed(row([None, "K", "K", None], ground=ground)) == [SPLIT, SPLIT]


def test_a_compound_partly_in_a_lock_is_split_and_proven() -> None:
    lock = {"grid_code": "L", "locked": True, "geometry": box(0, 0, 200, 100)}
    assert listed(row([None, "K", "K", None], grids=[lock])) == [SPLIT, SPLIT]


def test_a_compound_above_the_maximum_is_cut_without_a_word() -> None:
    assert listed(row(["K", "K", "K", "K"])) == []


@pytest.mark.parametrize("compounds", [["K", "K", None, None], ["K", "K", "J", "J"]])
def test_compounds_that_are_grids_are_kept(compounds: list[str | None]) -> None:
    assert listed(row(compounds)) == []

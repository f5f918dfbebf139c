"""The check of a tree finds each way in which levels may fail to nest."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
import shapely
from drawn import box, district, houses, plan

from gridplan.levels import Tree, nesting_faults, plan_micro, tree_of
from gridplan.rules import rules_from


@pytest.fixture(scope="module")
def tree() -> Tree:
    drawn = district(houses(8, 4), 25, box(0, 0, 800, 400))
    made = plan(drawn)
    return tree_of(drawn, made, plan_micro(drawn, made, rules_from({}), effort="quick"))


def test_a_sound_tree_has_no_fault(tree: Tree) -> None:
    assert nesting_faults(tree) == []
    assert tree.levels["level"].drop_duplicates().tolist() == ["community", "grid", "micro"]


def changed(column: str, value: Callable[[object], object]) -> Callable[[Tree], Tree]:
    """Return a change of one column in the last row, a micro-grid."""

    def change(tree: Tree) -> Tree:
        levels = tree.levels.copy()
        levels.loc[levels.index[-1], column] = value(levels[column].iloc[-1])
        return replace(tree, levels=levels)

    return change


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (changed("code", lambda _: "9"), "does not begin with"),
        (changed("parent_code", lambda _: "none"), "does not exist"),
        (changed("households", lambda n: int(str(n)) + 1), "households"),
        (changed("work_min", lambda n: int(str(n)) - 1), "work_min"),
        (changed("geometry", lambda g: shapely.buffer(g, -1)), "miss it by"),
        (changed("geometry", lambda g: shapely.buffer(g, 1)), "overlap by"),
        (lambda tree: replace(tree, heads=tree.heads.iloc[1:]), "listing of buildings"),
        (lambda tree: replace(tree, levels=tree.levels[tree.levels["level"] != "grid"]), "does not exist"),
        (lambda tree: replace(tree, levels=tree.levels.iloc[[0, *range(len(tree.levels))]]), "given twice"),
    ],
    ids=["code", "parent", "households", "work", "gap", "overlap", "heads", "grids", "twice"],
)
def test_each_fault_is_named(tree: Tree, change: Callable[[Tree], Tree], fault: str) -> None:
    assert any(fault in said for said in nesting_faults(change(tree)))


def test_heads_are_numbered_in_reading_order_inside_the_lowest_level(tree: Tree) -> None:
    assert tree.heads["head_code"].is_unique
    assert (tree.heads["head_code"].str[:-3] == tree.heads["micro_code"]).all()
    assert (tree.heads["micro_code"].str[:-2] == tree.heads["grid_code"]).all()
    assert tree.heads[["head", "phone"]].isna().all(axis=None)
    assert sorted(tree.heads["building_id"]) == sorted(f"b{number}" for number in range(32))

"""How new grids come from old ones: codes kept at half and half, sums kept, every pair named for what it is."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gridplan.lineage import kept_codes, lineage_rows, shared_households

LEFT, RIGHT = shapely.box(0, 0, 100, 100), shapely.box(100, 0, 200, 100)
BOTH = shapely.box(0, 0, 200, 100)
Rows = list[tuple[str | None, int, int]]


def shared(rows: Rows, old_community: str = "C") -> pd.DataFrame:
    """Return the shared households from rows of old code, new grid, households, all in one community."""
    old, grid, households = zip(*rows, strict=True)
    return shared_households(
        np.array(old, dtype=object),
        np.array([None if code is None else old_community for code in old], dtype=object),
        np.array(grid),
        np.array(["C"] * len(rows), dtype=object),
        np.array(households),
    )


def lineage(
    rows: Rows, codes: list[str], old: Mapping[str, shapely.Geometry], new: list[shapely.Geometry]
) -> list[tuple[str | None, str | None, str, int]]:
    frame = lineage_rows(shared(rows), codes, dict(old), np.array(new, dtype=object))
    return list(frame.itertuples(index=False, name=None))


@pytest.mark.parametrize(
    ("rows", "kept"),
    [
        ([("a", 0, 50), ("a", 1, 50)], {0: "a"}),
        ([("a", 0, 49), ("a", 1, 51)], {1: "a"}),
        ([("a", 0, 100), ("b", 0, 100)], {0: "a"}),
        ([("a", 0, 100), ("b", 0, 101)], {0: "b"}),
        ([("a", 0, 40), ("a", 1, 30), ("a", 2, 30)], {}),
        ([("a", 0, 100), (None, 0, 101)], {}),
        ([("a", 0, 0)], {}),
    ],
    ids=["half stays", "the larger half", "half merged", "the larger of two", "in three", "half are new", "nobody"],
)
def test_a_code_stays_at_half_of_the_old_and_half_of_the_new(rows: Rows, kept: dict[int, str]) -> None:
    assert kept_codes(shared(rows)) == kept


def test_a_code_never_crosses_to_another_community() -> None:
    assert kept_codes(shared([("a", 0, 100)], old_community="D")) == {}


def test_every_kind_of_change() -> None:
    rows: Rows = [("same", 0, 10), ("moved", 1, 20), ("cut", 2, 30), ("cut", 3, 30), ("gone", 2, 5), (None, 4, 7)]
    old = {"same": LEFT, "moved": LEFT, "cut": BOTH, "gone": RIGHT, "empty": RIGHT}
    made = lineage(rows, ["same", "moved", "cut", "n1", "n2", "n3"], old, [LEFT, RIGHT, LEFT, RIGHT, LEFT, RIGHT])
    assert sorted(made, key=str) == sorted(
        [
            ("same", "same", "unchanged", 10),
            ("moved", "moved", "changed", 20),
            ("cut", "cut", "changed", 30),
            ("cut", "n1", "split", 30),
            ("gone", "cut", "merged", 5),
            (None, "n2", "new", 7),
            (None, "n3", "new", 0),
            ("empty", None, "retired", 0),
        ],
        key=str,
    )


@pytest.mark.parametrize(("ground", "change"), [(LEFT, "unchanged"), (BOTH, "changed")])
def test_a_grid_without_buildings_that_keeps_its_code_is_neither_new_nor_retired(
    ground: shapely.Geometry, change: str
) -> None:
    """A locked park: no household tells old from new, the code does."""
    made = lineage([("a", 0, 10)], ["a", "park"], {"a": RIGHT, "park": LEFT}, [RIGHT, ground])
    assert made == [("a", "a", "unchanged", 10), ("park", "park", change, 0)]


@pytest.mark.parametrize(("shift", "change"), [(0.4, "unchanged"), (0.6, "changed")])
def test_ground_is_the_same_within_half_a_percent(shift: float, change: str) -> None:
    wider = shapely.box(0, 0, 100 + shift, 100)
    assert lineage([("a", 0, 1)], ["a"], {"a": LEFT}, [wider]) == [("a", "a", change, 1)]


@settings(deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["a", "b", "c", None]), st.integers(0, 3), st.integers(0, 40)), min_size=1))
def test_households_add_up_on_both_sides_and_no_code_is_kept_twice(rows: Rows) -> None:
    used = sorted({grid for _, grid, _ in rows})
    rows = [(old, used.index(grid), households) for old, grid, households in rows]
    kept = kept_codes(shared(rows))
    assert len(set(kept.values())) == len(kept)
    codes = [kept.get(grid, f"n{grid}") for grid in range(len(used))]
    frame = pd.DataFrame(
        lineage(rows, codes, dict.fromkeys("abc", LEFT), [LEFT] * len(used)), columns=["old", "new", "change", "n"]
    )
    for grid, code in enumerate(codes):
        assert frame.loc[frame["new"] == code, "n"].sum() == sum(n for _, g, n in rows if g == grid)
    for old in "abc":
        assert frame.loc[frame["old"] == old, "n"].sum() == sum(n for o, _, n in rows if o == old)
    assert set(frame["old"].dropna()) == set("abc")
    assert set(frame["new"].dropna()) == set(codes)
    assert not frame.duplicated(["old", "new"]).any()
    assert (frame["old"].isna() == (frame["change"] == "new")).all()
    assert (frame["new"].isna() == (frame["change"] == "retired")).all()

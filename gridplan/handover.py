"""What each grid's worker carries before and after a change of plan, and where two workers meet in one grid."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    from gridplan.diff import PlanDiff

MEASURES = ("households", "work_min")


def handed_over(difference: PlanDiff) -> pd.DataFrame:
    """
    Return what the worker of each old grid carried and is to carry.

    A worker goes with the code of his grid; where that is retired, to the new grid that takes most of its households
    (of equal ones to the first by code).

    Parameters
    ----------
    difference
        Two plans compared.

    Returns
    -------
    pandas.DataFrame
        ``old_code, new_code, households_before, households_after, work_min_before, work_min_after`` (minutes a
        month) and ``workers``, how many come to the new grid; sorted by new and old code. A new grid to which nobody
        comes has a row without an old code, a worker without a grid one without a new code.
    """
    heirs = _heirs(difference)
    every = difference.new.grids[["grid_code"]].rename(columns={"grid_code": "new_code"})
    rows = heirs.merge(every, on="new_code", how="outer")
    before = difference.old.grids.set_index("grid_code")[list(MEASURES)]
    after = difference.new.grids.set_index("grid_code")[list(MEASURES)]
    for name in MEASURES:
        rows[f"{name}_before"] = rows["old_code"].map(before[name]).astype("Int64")
        rows[f"{name}_after"] = rows["new_code"].map(after[name]).astype("Int64")
    rows["workers"] = rows.groupby("new_code")["old_code"].transform("count").fillna(0).astype("int64")
    rows = rows.sort_values(["new_code", "old_code"], na_position="last").reset_index(drop=True)
    return rows.astype(object).where(rows.notna(), None).astype({"workers": "int64"})


def _heirs(difference: PlanDiff) -> pd.DataFrame:
    """Return the new grid to which each old grid's worker goes; None where it has none."""
    pairs = difference.pairs.dropna(subset=["old_code"])
    ranked = pairs.assign(own=pairs["old_code"] == pairs["new_code"], there=pairs["new_code"].notna())
    ranked = ranked.sort_values(
        ["old_code", "own", "there", "old_households", "new_code"], ascending=[True, False, False, False, True]
    )
    return ranked.drop_duplicates("old_code")[["old_code", "new_code"]]

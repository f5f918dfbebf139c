"""From one published plan to the next: the plan that it begins with, and the lineage that joins the two."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from gridplan.lineage import lineage_rows, shared_households

if TYPE_CHECKING:
    from gridplan.plan import Plan


def next_plan(published: Plan, name: str) -> Plan:
    """
    Return a draft with the grids of a published plan as today's: all unchanged, to be edited.

    Parameters
    ----------
    published
        As the store loads it.
    name
        Of the draft.
    """
    from gridplan.editing.assemble import finished, rows_of
    from gridplan.planlayers import canonical

    grids, units = published.grids, published.units
    plan = replace(
        published.branch(name),
        grids=grids.assign(valid_from=pd.Series([None] * len(grids), dtype=object)),
        units=units.assign(old_code=units["grid_code"].where(units["building_id"].notna(), None)),
        grids_before=canonical("grids_before", grids),
        edits=(),
    )
    same = pd.DataFrame({"new_code": grids["grid_code"], "change": "unchanged"})
    return finished(plan, replace(plan, lineage=same), rows_of(plan.violations), frozenset(grids["grid_code"]))


def lineage_from(replaced: Sequence[Plan], plan: Plan) -> pd.DataFrame:
    """
    Return the lineage of a plan from those that it replaces.

    Parameters
    ----------
    replaced
        Published plans, of scopes that do not overlap.
    plan
        The new plan. Where it was made from their grids, its own lineage is returned; else one by buildings, and by
        the households that the new plan counts in them.

    Returns
    -------
    lineage
        ``old_code, new_code, change, households``.
    """
    old = pd.concat([each.grids for each in replaced], ignore_index=True) if replaced else plan.grids.iloc[:0]
    if set(old["grid_code"]) <= set(plan.lineage["old_code"].dropna()):
        return plan.lineage
    before = _places(pd.concat([each.units for each in replaced], ignore_index=True))
    units = plan.units[plan.units["building_id"].notna()]
    codes = plan.grids["grid_code"].tolist()
    grid = np.asarray(pd.Index(codes).get_indexer(units["grid_code"]), dtype=np.int64)
    old_codes = np.array([before.get(key) or before.get((key[0], "")) for key in _keys(units)], dtype=object)
    homes = dict(zip(old["grid_code"], old["community_code"], strict=True))
    shared = shared_households(
        old_codes,
        np.array([homes.get(code) for code in old_codes], dtype=object),
        grid,
        plan.grids["community_code"].to_numpy(dtype=object)[grid],
        units["households"].to_numpy(),
    )
    shapes = dict(zip(old["grid_code"], old.geometry, strict=True))
    return lineage_rows(shared, codes, shapes, plan.grids.geometry.to_numpy())


def _places(units: pd.DataFrame) -> dict[tuple[str, str], str]:
    """Return the grid of each building and entrance; of a divided building's first entrance for the building too."""
    built = units[units["building_id"].notna()]
    codes = built["grid_code"].tolist()
    whole = {(building, ""): code for (building, _), code in reversed(list(zip(_keys(built), codes, strict=True)))}
    return whole | dict(zip(_keys(built), codes, strict=True))


def _keys(units: pd.DataFrame) -> list[tuple[str, str]]:
    return list(zip(units["building_id"], units["entrance"].fillna(""), strict=True))

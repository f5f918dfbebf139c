"""From one published plan to the next: the plan that it begins with, and the lineage that joins the two."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd

from gridplan.diff import diff_plans

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
    if not replaced:
        return plan.lineage
    old = replace(
        replaced[0],
        grids=pd.concat([each.grids for each in replaced], ignore_index=True),
        units=pd.concat([each.units for each in replaced], ignore_index=True),
    )
    if set(old.grids["grid_code"]) <= set(plan.lineage["old_code"].dropna()):
        return plan.lineage
    return diff_plans(old, plan).pairs[["old_code", "new_code", "change", "households"]]

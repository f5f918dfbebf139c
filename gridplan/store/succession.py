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
    Return the lineage of a plan that was not made from those that it replaces: by buildings, as the new plan counts.

    Parameters
    ----------
    replaced
        Published plans, of scopes that do not overlap; at least one.
    plan
        The new plan.

    Returns
    -------
    lineage
        ``old_code, new_code, change, households``.
    """
    old = replace(
        replaced[0],
        grids=pd.concat([each.grids for each in replaced], ignore_index=True),
        units=pd.concat([each.units for each in replaced], ignore_index=True),
    )
    return diff_plans(old, plan).pairs[["old_code", "new_code", "change", "households"]]

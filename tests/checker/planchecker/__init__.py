"""
An independent checker of a plan against its source; it reads the two files and shares no code with gridplan.

    faults = check_plan(Path("source.gpkg"), Path("plan.gpkg"))     # empty: every promise is kept
    python -m planchecker SOURCE PLAN                               # one broken promise a line, exit 1 if any
"""

from __future__ import annotations

from pathlib import Path

from planchecker import accounts, band, codes, counterexample, ground, layout, report, sides
from planchecker.case import read_case

__all__ = ["check_plan"]

# What all other checks stand on: codes and ids that name one thing each, polygons that are polygons.
_FOUNDATIONS = (codes.check_unique, accounts.check_units, ground.check_shapes)

# In the order of a reader's questions: is it all there, is it counted right, does it tile, may it be so.
_CHECKS = (
    accounts.check_buildings,
    accounts.check_sums,
    accounts.check_measures,
    accounts.check_compounds,
    ground.check_tiling,
    ground.check_cells,
    ground.check_homes,
    ground.check_fixed,
    sides.check_connected,
    sides.check_barriers,
    band.check_listed,
    band.check_reasons,
    counterexample.check_searched,
    codes.check_codes,
    codes.check_lineage,
    report.check_report,
)


def check_plan(source: Path, plan: Path, *, minimum: int = 300, maximum: int = 500) -> list[str]:
    """
    Return every promise of the plan's contract that the file breaks.

    Parameters
    ----------
    source
        GeoPackage with the layers of the input contract, in any CRS.
    plan
        GeoPackage that a plan was written to; its ``.report.json`` lies beside it.
    minimum, maximum
        Band of households that basic grids keep.

    Returns
    -------
    list of str
        Broken promises, worded for the person who mends the planner. Where layers, columns, the CRS, codes or
        polygons are wrong these alone are returned, since nothing else can be told from such a file.
    """
    faults = layout.check_layout(plan)
    if faults:
        return faults
    case = read_case(source, plan, minimum, maximum)
    faults = [fault for check in _FOUNDATIONS for fault in check(case)]
    return faults or [fault for check in _CHECKS for fault in check(case)]

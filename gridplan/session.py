"""A plan opened to be worked on: read, with all loaded that the first edit would otherwise wait for."""

from __future__ import annotations

from pathlib import Path

from gridplan.partition.warm import warm
from gridplan.plan import Plan
from gridplan.plan import read_plan as _read


def read_plan(path: str | Path) -> Plan:
    """
    Read a plan from its file, with its report and its history, ready to be edited: no edit waits for the solver.

    Parameters
    ----------
    path
        GeoPackage that a plan was written to; its report lies beside it.

    Raises
    ------
    PlanFileError
        If the file is no plan, or its report is not beside it.
    """
    plan = _read(path)
    warm()
    return plan

"""Yes, no or unknown: is there a cut inside the bounds, and could a compound have stayed whole."""

from __future__ import annotations

from typing import Literal

import numpy as np

from gridplan.partition.contract import compound_groups, contracted
from gridplan.partition.cutunits import refuting_units
from gridplan.partition.exact_feasible import feasible_labels
from gridplan.partition.exact_highs import SolverMissingError
from gridplan.partition.feasibility import exhaust
from gridplan.partition.problem import Labels, Problem

# Seconds of wall time for a question that was not asked for by name.
SHORT_S = 20.0
# Units of the largest problem that is asked about.
MOST_UNITS = 210


def decide(problem: Problem, *, time_limit_s: float = SHORT_S) -> Labels | Literal[False] | None:
    """
    Find a cut of a connected problem inside all its bounds, or prove that there is none.

    Parameters
    ----------
    problem
        Connected problem, up to five hundred units.
    time_limit_s
        Seconds of wall time.

    Returns
    -------
    answer
        Labels inside all bounds; False where none exist, proven; None where time ran out, or HiGHS would be needed and
        is not installed.
    """
    try:
        return feasible_labels(problem, time_limit_s=time_limit_s)
    except SolverMissingError:
        return None


def compound_is_forced(problem: Problem, compound: int, *, exactly: bool) -> bool:
    """
    Tell whether it is proven that a connected problem has no cut in the band with one compound whole.

    Parameters
    ----------
    problem
        Connected problem.
    compound
        Number of the compound; the others may be split.
    exactly
        Whether to ask the exact model where arithmetic and exhaustion do not decide.
    """
    band = problem.band
    groups = compound_groups(problem, np.array([compound], dtype=np.int64))
    parted = (groups[problem.part[:, 0]] == groups[problem.part[:, 1]]).any()
    if parted:
        return True
    if band is None or not band.counts(int(problem.households.sum())):
        return False
    whole = contracted(problem, groups)
    if len(refuting_units(whole.graph, whole.households, band)):
        return True
    if exhaust(whole.graph, whole.households, band) is False:
        return True
    return exactly and whole.n_units <= MOST_UNITS and decide(whole) is False

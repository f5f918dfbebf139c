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

# How often HiGHS may ask whether to go on, for a question that was not asked for by name. On tight lattices what was
# ever decided came within 85 (400 units, 7 CPU seconds); 100 last 10 to 55 CPU seconds (144 and 484 units). A count
# of steps, not of seconds, so that a plan is the same on a slow machine; the seconds bound one that stands still.
MOST_PAUSES = 100
LONGEST_S = 300.0
# Units of the largest problem that is asked about.
MOST_UNITS = 210


def decide(problem: Problem) -> Labels | Literal[False] | None:
    """
    Find a cut of a connected problem inside all its bounds, or prove that there is none.

    Parameters
    ----------
    problem
        Connected problem, up to five hundred units.

    Returns
    -------
    answer
        Labels inside all bounds; False where none exist, proven; None where the steps ran out, or HiGHS would be
        needed and is not installed.
    """
    try:
        return feasible_labels(problem, time_limit_s=LONGEST_S, most_pauses=MOST_PAUSES)
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

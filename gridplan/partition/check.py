"""What the solver refuses before it searches: sums and weights that its whole numbers cannot hold."""

from __future__ import annotations

from dataclasses import fields

import numpy as np

from gridplan.errors import RulesError
from gridplan.partition.problem import Problem
from gridplan.rule_parts import LARGEST_WEIGHT

# The objective multiplies sums by weights and squares of places; up to here 64 bits hold all of it.
LARGEST_TOTAL = 10**12


def check_problem(problem: Problem) -> None:
    """
    Refuse a problem whose objective would overflow or means nothing.

    Parameters
    ----------
    problem
        Any problem, connected or not.

    Raises
    ------
    RulesError
        If households, work or persons are negative or too many, ground or places are no numbers, or a weight of the
        objective lies outside 0..`LARGEST_WEIGHT`; all faults at once, each with its number.
    """
    faults = [*_of_sums(problem), *_of_ground(problem), *_of_weights(problem)]
    if faults:
        raise RulesError("\n".join(faults))


def _of_sums(problem: Problem) -> list[str]:
    found = []
    for name in ("households", "work", "persons"):
        quantity = getattr(problem, name)
        lowest = int(quantity.min(initial=0))
        # As floats: the sum itself may overflow.
        total = float(quantity.sum(dtype=np.float64))
        if lowest < 0:
            unit = int(quantity.argmin())
            found.append(f"{name}: expected whole numbers >= 0; unit {unit} has {lowest:,}")
        if total > LARGEST_TOTAL:
            found.append(f"{name}: expected at most {LARGEST_TOTAL:,} together; found {total:,.0f}")
    return found


def _of_ground(problem: Problem) -> list[str]:
    found = []
    wrong = np.flatnonzero(~((problem.area_m2 >= 0) & np.isfinite(problem.area_m2)))
    if len(wrong):
        found.append(f"area_m2: expected square metres >= 0; unit {wrong[0]} has {problem.area_m2[wrong[0]]}")
    wrong = np.flatnonzero(~np.isfinite(problem.xy).all(axis=1))
    if len(wrong):
        found.append(f"xy: expected places in metres; unit {wrong[0]} has {problem.xy[wrong[0]].tolist()}")
    return found


def _of_weights(problem: Problem) -> list[str]:
    weights = {item.name: float(getattr(problem.weights, item.name)) for item in fields(problem.weights)}
    return [
        f"weights.{name}: expected 0 to {LARGEST_WEIGHT:,}; found {value}"
        for name, value in weights.items()
        if not 0 <= value <= LARGEST_WEIGHT
    ]

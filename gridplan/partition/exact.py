"""
Proof: how far a partition is from the best possible one, and whether there is any, by the exact model.

Every round solves a relaxation (regions may be in pieces until a cut forbids the piece met), so its bound holds.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass

import numpy as np

from gridplan.partition.contract import connected_regions
from gridplan.partition.exact_columns import Pricing
from gridplan.partition.exact_cuts import Cut, violated_cuts
from gridplan.partition.exact_feasible import is_feasible
from gridplan.partition.exact_highs import solved
from gridplan.partition.exact_model import Exact, Pairs, objective_value
from gridplan.partition.exact_rows import program_of
from gridplan.partition.problem import Ints, Labels, Problem
from gridplan.partition.search import region_sums

__all__ = ["PROVEN_GAP", "Proof", "is_feasible", "objective_value", "prove"]

# The incumbent is divided to this value, which suits the solver's tolerances.
SCALED_VALUE = 1e5
PROVEN_GAP = 1e-6
# Of all time, at most, for the prices; the rest is for the whole program.
SHARE_OF_PRICES = 0.4


@dataclass(frozen=True)
class Proof:
    """
    What is known of the best partition into k regions, on the exact model's objective.

    Parameters
    ----------
    bound
        No partition into k connected regions inside the bounds has a lower value.
    value
        Value of ``labels``.
    labels
        Shape (n_units,): the best partition known, the incumbent or a better one found on the way.
    seconds
        Wall time.
    rounds
        Mixed-integer programs solved.
    """

    bound: float
    value: int
    labels: Labels
    seconds: float
    rounds: int

    @property
    def gap(self) -> float:
        """How far the value may be above the best possible, as a share of the bound; 0 is proven optimal."""
        return max(self.value - self.bound, 0.0) / max(self.bound, 1.0)

    @property
    def optimal(self) -> bool:
        """Whether no better partition exists (to one part in a million, the solver's tolerance)."""
        return self.gap <= PROVEN_GAP


def prove(problem: Problem, k: int, incumbent_labels: Labels, *, time_limit_s: float) -> Proof:
    """
    Bound the best partition into k regions from below, and find it where time allows.

    Parameters
    ----------
    problem
        Connected problem, up to about 210 units. Compounds that stay whole are to be contracted first.
    k
        Number of regions; the proof is for this number alone.
    incumbent_labels
        Shape (n_units,), regions 0..k-1, connected and inside all bounds: the nearer to the best, the quicker.
    time_limit_s
        Seconds of wall time.

    Raises
    ------
    ValueError
        If the incumbent has other than k regions, or breaks a bound or contiguity.
    SolverMissingError
        If HiGHS is not installed.

    References
    ----------
    Hess et al. 1965; Validi, Buchanan, Lykhovyd 2022, Operations Research 70(2).
    """
    _require_solution(problem, k, incumbent_labels)
    return _Prover(Exact(problem), k, incumbent_labels, time_limit_s).run()


class _Prover:
    """A proof: price once, leave out what is too dear, then rounds: solve, cut off what is in pieces, solve again."""

    def __init__(self, exact: Exact, k: int, labels: Labels, time_limit_s: float) -> None:
        self.exact, self.k = exact, k
        self.started, self.time_limit_s = time.monotonic(), time_limit_s
        self.labels, self.value = labels, exact.value(labels, k)
        self.scale = max(self.value, 1) / SCALED_VALUE
        self.bound, self.rounds = 0.0, 0
        self.cuts: dict[Cut, None] = {}

    @property
    def left_s(self) -> float:
        return self.time_limit_s - (time.monotonic() - self.started)

    def run(self) -> Proof:
        pricing = Pricing(self.exact, self.labels, self.k, self.value)
        pricing.run(self.started + SHARE_OF_PRICES * self.time_limit_s)
        self.bound = float(pricing.bound)
        # What could only belong to a worse partition is left out; the incumbent itself always stays.
        while self.left_s > 0 and self.value > self.bound and self.round(pricing.allowed):
            pass
        seconds = time.monotonic() - self.started
        return Proof(min(self.bound, self.value), self.value, self.labels, seconds, self.rounds)

    def round(self, allowed: Pairs) -> bool:
        """Solve once under the cuts known; return whether there is more to do."""
        problem = self.exact.problem
        program = program_of(self.exact, allowed, self.k, self.cuts, scale=self.scale)
        start = program.point(self.exact.centres(self.labels, self.k)[self.labels], problem.households, problem.target)
        outcome = solved(program, start, time_limit_s=self.left_s)
        self.rounds += 1
        if outcome.impossible:
            self.bound = float(self.value)
            return False
        before = self.value
        more = outcome.point is not None and self.learn(program.assignment(outcome.point))
        if math.isfinite(outcome.bound):
            # Pairs left out cost at least the value before, so that the whole's bound is the lesser of the two.
            self.bound = max(self.bound, min(outcome.bound * self.scale, float(before)))
        return more and outcome.finished

    def learn(self, centre_of: Ints) -> bool:
        """Take a better partition, or cut off its pieces; return whether a cut is new."""
        cuts = dict.fromkeys(violated_cuts(self.exact.problem.graph, centre_of))
        if not cuts:
            labels = np.unique(centre_of, return_inverse=True)[1].astype(np.int32)
            value = self.exact.value(labels, self.k)
            if value < self.value:
                self.labels, self.value = labels, value
            return False
        before = len(self.cuts)
        self.cuts |= cuts
        return len(self.cuts) > before


def _require_solution(problem: Problem, k: int, labels: Labels) -> None:
    """Refuse an incumbent that is no solution, with the numbers."""
    if len(labels) != problem.n_units or not np.array_equal(np.unique(labels), np.arange(k)):
        raise ValueError(f"the incumbent needs a region 0..{k - 1} for each of {problem.n_units} units, all used")
    if not connected_regions(problem, labels):
        raise ValueError("the incumbent has a region in several pieces; a proof starts from connected regions")
    if any((labels[first] == labels[second]) for first, second in problem.part):
        raise ValueError("the incumbent joins two units that must part")
    band = (problem.band.minimum, problem.band.maximum) if problem.band else (None, None)
    for name, quantity, (low, high) in (
        ("households", problem.households, band),
        ("persons", problem.persons, problem.bounds.persons),
        ("minutes of work", problem.work, problem.bounds.work),
    ):
        sums = region_sums(labels, k, quantity)
        if (low is not None and sums.min() < low) or (high is not None and sums.max() > high):
            raise ValueError(
                f"the incumbent has regions of {sums.min()} to {sums.max()} {name}, allowed are {low} to {high}"
            )

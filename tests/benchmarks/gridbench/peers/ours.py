"""gridplan's own solver, at its three efforts and with weights for one thing alone."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np

from gridbench.instance import Instance
from gridbench.method import Clock, Method, Outcome, Run
from gridplan.partition.exact_parts import settled
from gridplan.partition.problem import Labels, Result
from gridplan.partition.solve import EffortName, solve
from gridplan.rules import Weights

_NONE = Weights(balance=0.0, barriers=0.0, compactness=0.0, boundary=0.0, compounds=0.0, stability=0.0)
BALANCE_ALONE = replace(_NONE, balance=1.0)
# Inertia is the lower the more grids there are: with the target at nothing their number is left to it.
COMPACTNESS_ALONE = replace(_NONE, compactness=1.0, target=0.0)


def _solver(effort: EffortName, weights: Weights | None = None) -> Run:
    def run(instance: Instance, seed: int, budget_s: float) -> Outcome:
        problem = instance.problem if weights is None else replace(instance.problem, weights=weights)
        clock = Clock()

        rng, until = np.random.default_rng(seed), time.process_time() + budget_s
        made: list[Result] = []

        def call() -> Labels:
            found = solve(problem, rng=rng, effort=effort, stop=lambda: time.process_time() > until)
            # As a plan does: what the search left open is decided.
            made.append(settled(problem, found, rng=rng, effort=effort))
            return made[0].labels

        labels = clock.timed(call)
        shown = sum(breach.proven and breach.reason == "no_connected_cut" for breach in made[0].breaches)
        return Outcome(labels, clock.wall_s, clock.cpu_s, proven=shown)

    return run


METHODS = [
    Method("gridplan quick", "effort quick", "gridplan", _solver("quick")),
    Method("gridplan normal", "effort normal (the default)", "gridplan", _solver("normal")),
    Method("gridplan best", "effort best, stopped at the limit", "gridplan", _solver("best"), largest=20_000),
    Method(
        "gridplan balance", "effort normal, weights for balance alone", "gridplan", _solver("normal", BALANCE_ALONE)
    ),
    Method(
        "gridplan compact",
        "effort normal, weights for compactness alone",
        "gridplan",
        _solver("normal", COMPACTNESS_ALONE),
    ),
]

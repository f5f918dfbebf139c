"""One connected part of an instance, as the peers are given it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from gridplan.partition.initial import components
from gridplan.partition.problem import Ints, Problem
from gridplan.partition.search import restricted
from gridplan.rules import Band


@dataclass(frozen=True)
class Part:
    """
    A connected problem with a number of grids set.

    Parameters
    ----------
    units
        Numbers of its units in the instance, ascending.
    problem
        The units alone.
    k
        Grids to cut: the households by the target, rounded, at least 1: more help than the peers' interfaces give.
    seed
        Seed for those that take one.
    budget_s
        Processor seconds that an anytime method may search here.
    """

    units: Ints
    problem: Problem
    k: int
    seed: int
    budget_s: float

    @property
    def band(self) -> Band:
        """The band of households."""
        return self.problem.band or Band()

    @property
    def mean(self) -> float:
        """Households of a grid on average."""
        return float(self.problem.households.sum()) / self.k

    @property
    def tolerance(self) -> float:
        """Largest share that a grid may lie off the mean and still in the band; a quarter where the mean is outside."""
        room = min(self.mean - self.band.minimum, self.band.maximum - self.mean) / max(self.mean, 1.0)
        return room if room > 0 else 0.25


def parts_of(problem: Problem, *, seed: int, budget_s: float) -> Iterator[Part]:
    """Yield the connected parts of a problem; each gets its units' share of the budget."""
    count, member = components(problem.graph)
    order = np.argsort(member, kind="stable")
    for units in np.split(order, np.searchsorted(member[order], np.arange(1, count))):
        piece = restricted(problem, units)
        k = max(1, round(int(piece.households.sum()) / problem.target))
        yield Part(units, piece, min(k, len(units)), seed, budget_s * len(units) / problem.n_units)

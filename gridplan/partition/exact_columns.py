"""
Prices for the exact model's relaxation, by column generation: the best bound that regions taken whole can give.

A linear program chooses among the regions met so far; its duals are prices at which the centres propose new ones. The
prices tried lie between the best so far and the program's (Wentges 1997), which would swing wildly by themselves.
"""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np

from gridplan.partition.exact_highs import RegionChoice
from gridplan.partition.exact_lagrange import IMPOSSIBLE, Relaxation
from gridplan.partition.exact_model import DEVIATION_M2, Exact, Pairs
from gridplan.partition.problem import Floats, Ints, Labels

# First guess of the prices: subgradient steps toward the incumbent's value.
STEPS, PATIENCE = 60, 8
INERTIA_OF_PRICES = 0.85
# Regions taken from the cheapest centres in a round, in numbers of regions.
PROPOSALS = 3
# Prices are good enough where the program is nearer to the bound than this; looked at again every so many rounds.
CLOSE, ROUNDS_TO_FIX = 5e-4, 8


class Pricing:
    """
    The search for prices: a bound, and what can be left out because of it.

    Parameters
    ----------
    exact
        The model.
    labels
        Shape (n_units,), regions 0..k-1: the incumbent.
    k
        Number of regions.
    value
        Its value.
    """

    def __init__(self, exact: Exact, labels: Labels, k: int, value: int) -> None:
        self.relaxation = Relaxation(exact, k, exact.possible())
        self.k, self.value = k, value
        self.centres = exact.centres(labels, k)
        self.prices = exact.costs[np.arange(len(labels)), self.centres[labels]].astype(np.int64)
        self.bound = 0
        self.choice = RegionChoice(len(labels), k)
        for region, centre in enumerate(self.centres):
            self._propose(int(centre), np.flatnonzero(labels == region))

    @property
    def allowed(self) -> Pairs:
        """Return the pairs that a partition of no more than the incumbent's value can use."""
        return self.relaxation.allowed

    def run(self, until: float) -> None:
        """Raise the bound and drop pairs until the prices are good or the monotonic clock says ``until``."""
        self._guess(until)
        self._drop()
        rounds = 0
        while time.monotonic() < until:
            total, prices = self.choice.solved()
            if total <= self.bound * (1.0 + CLOSE) or not self._round(prices):
                break
            rounds += 1
            if rounds % ROUNDS_TO_FIX == 0:
                self._drop()
        self._drop()

    def _guess(self, until: float) -> None:
        """Climb from the incumbent's own costs, by steps that would reach its value if the slope held."""
        place, step, waited = self.prices.astype(np.float64), 1.0, 0
        for _ in range(STEPS):
            if time.monotonic() > until:
                return
            prices = np.round(place).astype(np.int64)
            values, better = self._evaluated(prices)
            served = np.zeros(len(prices))
            for centre in np.argsort(values, kind="stable")[: self.k]:
                served[self.relaxation.region(prices, int(centre))] += 1.0
            slope: Floats = 1.0 - served
            if not slope.any():
                return
            waited = 0 if better else waited + 1
            if waited == PATIENCE:
                place, step, waited = self.prices.astype(np.float64), step / 2.0, 0
                continue
            reached = self.relaxation.bound(prices, values)
            place = place + step * (self.value - reached) / float(slope @ slope) * slope

    def _evaluated(self, prices: Ints) -> tuple[Ints, bool]:
        """Return the centres' values at some prices, and whether these are the best so far, which are kept."""
        values = self.relaxation.values(prices)
        reached = self.relaxation.bound(prices, values)
        if reached <= self.bound:
            return values, False
        self.bound, self.prices = reached, prices
        return values, True

    def _round(self, toward: Floats) -> bool:
        """Try prices between the best and the program's, then the program's own; return whether a region is new."""
        for share in (INERTIA_OF_PRICES, 0.0):
            prices = np.round(share * self.prices + (1.0 - share) * toward).astype(np.int64)
            values, _ = self._evaluated(prices)
            order = np.argsort(values, kind="stable")[: PROPOSALS * self.k]
            cheap = [int(centre) for centre in order if values[centre] < IMPOSSIBLE]
            new = [self._propose(centre, self.relaxation.region(prices, centre)) for centre in cheap]
            if any(new):
                return True
        return False

    def _propose(self, centre: int, units: Ints) -> bool:
        exact = self.relaxation.exact
        off = abs(int(exact.problem.households[units].sum()) - exact.problem.target)
        return self.choice.add(centre, units, int(exact.costs[units, centre].sum()) + DEVIATION_M2 * off)

    def _drop(self) -> None:
        """Leave out the pairs that only worse partitions use; the incumbent's always stay."""
        dear = self.relaxation.dearness(self.prices, self.value)
        self.relaxation = replace(self.relaxation, allowed=self.relaxation.allowed & (dear <= self.value))

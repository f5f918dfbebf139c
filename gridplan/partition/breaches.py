"""Why a region is out of its bounds: arithmetic, exhaustion, or a search that gave up."""

from __future__ import annotations

import numpy as np

from gridplan.partition.cutunits import refuting_units
from gridplan.partition.feasibility import exhaust
from gridplan.partition.problem import Breach, Ints, Labels, Problem
from gridplan.partition.search import region_sums


def breaches_of(problem: Problem, labels: Labels, k: int) -> tuple[Breach, ...]:
    """
    Name every region of a connected problem that breaks a bound, with the reason.

    Parameters
    ----------
    problem
        Connected problem.
    labels
        Regions 0..k-1.
    k
        Number of regions.
    """
    found = _of_the_band(problem, labels, k)
    for rule, quantity, bounds in (
        ("persons", problem.persons, problem.bounds.persons),
        ("work", problem.work, problem.bounds.work),
    ):
        sums = region_sums(labels, k, quantity)
        for region in range(k):
            limit = _broken(int(sums[region]), bounds)
            if limit is not None:
                reason, proven = _reason_of_bound(quantity, quantity[labels == region], bounds, _numbers(problem))
                found.append(Breach(region, rule, int(sums[region]), limit, reason, proven))
    for first, second in problem.part:
        if labels[first] == labels[second]:
            found.append(Breach(int(labels[first]), "part", 2, 1, "search_gave_up", False))
    return tuple(found)


def _broken(value: int, bounds: tuple[int | None, int | None]) -> int | None:
    """Return the bound that a value breaks, or None."""
    low, high = bounds
    if low is not None and value < low:
        return low
    return high if high is not None and value > high else None


def _numbers(problem: Problem) -> list[int]:
    """Return the numbers of regions that the households allow, none where anything goes."""
    band = problem.band
    if band is None or (problem.households > band.maximum).any():
        return []
    return list(band.counts(int(problem.households.sum()))) if problem.n_regions is None else [problem.n_regions]


def _reason_of_bound(
    everything: Ints, mine: Ints, bounds: tuple[int | None, int | None], numbers: list[int]
) -> tuple[str, bool]:
    """Return why a region breaks a bound on persons or work, as far as arithmetic tells."""
    low, high = bounds
    total = int(everything.sum())
    if high is not None and mine.max(initial=0) > high:
        return "unit_over_maximum", True
    if low is not None and total < low:
        return "component_below_minimum", True
    fitting = [k for k in numbers if k * (low or 0) <= total and (high is None or total <= k * high)]
    return ("total_fits_no_number", True) if numbers and not fitting else ("search_gave_up", False)


def _of_the_band(problem: Problem, labels: Labels, k: int) -> list[Breach]:
    band = problem.band
    if band is None:
        return []
    sums = region_sums(labels, k, problem.households)
    out = [r for r in range(k) if not band.minimum <= sums[r] <= band.maximum]
    largest = np.zeros(k, dtype=np.int64)
    np.maximum.at(largest, labels, problem.households)
    reason, proven = "", False
    found = []
    for region in out:
        limit = band.minimum if sums[region] < band.minimum else band.maximum
        if largest[region] > band.maximum:
            found.append(Breach(region, "band", int(sums[region]), limit, "unit_over_maximum", True))
            continue
        if not reason:
            reason, proven = _reason(problem)
        found.append(Breach(region, "band", int(sums[region]), limit, reason, proven))
    return found


def _reason(problem: Problem) -> tuple[str, bool]:
    """Return why a connected problem has a region out of the band."""
    assert problem.band is not None  # noqa: S101 - the caller has a band; this tells the type checker
    total = int(problem.households.sum())
    if total == 0:
        return "no_households", True
    if total < problem.band.minimum:
        return "component_below_minimum", True
    if not problem.band.counts(total):
        return "total_fits_no_number", True
    if (problem.households > problem.band.maximum).any():
        # The region of a unit above the maximum may take more or less; what that rules out is not looked into.
        return "search_gave_up", False
    if len(refuting_units(problem.graph, problem.households, problem.band)):
        return "no_connected_cut", True
    if exhaust(problem.graph, problem.households, problem.band) is False:
        return "no_connected_cut", True
    return "search_gave_up", False

"""The whole solver: connected parts, compounds kept whole, units above the maximum, reasons."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from gridplan.partition.breaches import breaches_of
from gridplan.partition.candidate import Candidate
from gridplan.partition.check import check_problem
from gridplan.partition.contract import compound_groups, contracted, whole_compounds
from gridplan.partition.counts import preferred_counts, share_count
from gridplan.partition.cutunits import refuting_units
from gridplan.partition.feasibility import exhaust
from gridplan.partition.initial import components, subgraph
from gridplan.partition.portfolio import (
    EFFORTS,
    Effort,
    EffortName,
    Stop,
    annealed,
    never,
    oversize_units,
    search_labels,
    start_labels,
    unavoidable,
)
from gridplan.partition.problem import NONE, Breach, Ints, Labels, Problem, Result
from gridplan.partition.search import compile_problem, restricted

Search = Callable[[Problem, np.random.Generator, Effort, Stop], Candidate]

__all__ = ["EFFORTS", "Effort", "EffortName", "Stop", "never", "solve"]


def solve(
    problem: Problem,
    *,
    rng: np.random.Generator,
    effort: EffortName = "normal",
    stop: Stop = never,
    search: Search = search_labels,
) -> Result:
    """
    Cut a problem's units into connected regions inside the band.

    Parameters
    ----------
    problem
        Units, graph, band, weights.
    rng
        The only source of randomness: the same problem and generator state give the same labels.
    effort
        How hard to search.
    stop
        Asked between annealings; once it is true the best so far is returned.
    search
        What labels a connected part: afresh, or by a revision of the present grids.

    Returns
    -------
    result
        Labels of all units; what could not be kept stands in its breaches, each with its reason.

    Raises
    ------
    RulesError
        If ``problem.n_regions`` fits no choice of numbers, or the objective would overflow.
    """
    check_problem(problem)
    count, parts = components(problem.graph)
    places = [np.flatnonzero(parts == part) for part in range(count)]
    return _gathered(problem, places, _numbers(problem, places), rng, EFFORTS[effort], stop, search)


def _gathered(
    problem: Problem,
    places: list[Ints],
    numbers: list[int | None],
    rng: np.random.Generator,
    effort: Effort,
    stop: Stop,
    search: Search,
) -> Result:
    """Solve connected parts by themselves and number their regions on."""
    labels = np.empty(problem.n_units, dtype=np.int32)
    found: list[Breach] = []
    split: list[tuple[int, bool]] = []
    k, objective = 0, 0
    for units, number, stream in zip(places, numbers, rng.spawn(len(places)), strict=True):
        result = _solve_part(replace(restricted(problem, units), n_regions=number), stream, effort, stop, search)
        labels[units] = result.labels + k
        found += [replace(breach, region=breach.region + k) for breach in result.breaches]
        split += result.split_compounds
        k += result.n_regions
        objective += result.objective
    return Result(labels, k, objective, tuple(found), tuple(sorted(set(split))))


def _numbers(problem: Problem, places: list[Ints]) -> list[int | None]:
    """Return the number of regions of each part, None where it is free."""
    if problem.n_regions is None:
        return [None] * len(places)
    return list(share_count(problem.n_regions, [_allowed(restricted(problem, units)) for units in places]))


def _allowed(problem: Problem) -> list[int]:
    """Return the numbers of regions that a connected problem can have, best first."""
    if problem.band is None:
        return list(range(1, problem.n_units + 1))
    oversize = oversize_units(problem)
    if len(oversize):
        # Regions of units above the maximum take what does not fit, which leaves one number.
        return [start_labels(replace(problem, n_regions=None), oversize, 0, None)[1]]
    numbers = preferred_counts(int(problem.households.sum()), problem.band, problem.target)
    return [number for number in numbers if number <= problem.n_units]


def _solve_part(problem: Problem, rng: np.random.Generator, effort: Effort, stop: Stop, search: Search) -> Result:
    """Solve a connected problem: compounds whole if that can be, split where the band asks for it."""
    apart = apart_from_oversize(problem)
    if apart:
        return _gathered(problem, apart, [None] * len(apart), rng, effort, stop, search)
    # A compound that holds a pair to be parted cannot stay whole: the planner's word goes before the rule.
    parted = problem.compound[problem.part]
    torn_by_planner = parted[:, 0][parted[:, 0] == parted[:, 1]]
    pieces = compound_groups(problem, np.setdiff1d(whole_compounds(problem), torn_by_planner))
    groups, released = _without_impossible(problem, pieces)
    coarse = contracted(problem, groups)
    best = search(coarse, rng, effort, stop)
    labels = best.labels[groups]
    if best.rank[0] > unavoidable(problem) and coarse.n_units < problem.n_units:
        fine = search(problem, rng, effort, stop)
        if fine.rank[:2] < best.rank[:2]:
            best, labels = _with_fewest_splits(problem, fine, pieces, rng, effort)
    torn = _torn(pieces, labels)
    proven = released | _exhausted(problem, coarse, torn)
    # A compound whose pieces do not touch may lie in several regions unsplit.
    split = tuple(
        (int(c), bool(proven[torn & (problem.compound == c)].all())) for c in np.unique(problem.compound[torn])
    )
    cost = compile_problem(problem, best.k, np.empty(0, dtype=np.int64)).cost(labels)
    return Result(labels, best.k, cost, breaches_of(problem, labels, best.k), split)


def apart_from_oversize(problem: Problem) -> list[Ints]:
    """
    Return the parts that units above the maximum leave, where some of them can stand alone; none otherwise.

    A part whose households fit a number of regions is solved by itself; the others stay with the units above the
    maximum that they border, whose regions have to take what does not fit.
    """
    oversize = oversize_units(problem)
    if not len(oversize) or problem.n_regions is not None or problem.band is None:
        return []
    rest = np.setdiff1d(np.arange(problem.n_units), oversize)
    count, parts = components(subgraph(problem.graph, rest))
    totals = np.bincount(parts, problem.households[rest], minlength=count).astype(np.int64)
    alone = [rest[parts == part] for part in range(count) if problem.band.counts(int(totals[part]))]
    if not alone:
        return []
    core = np.setdiff1d(np.arange(problem.n_units), np.concatenate(alone))
    count, parts = components(subgraph(problem.graph, core))
    return [core[parts == part] for part in range(count)] + alone


def _without_impossible(problem: Problem, pieces: Labels) -> tuple[Labels, NDArray[np.bool_]]:
    """Release the pieces of compounds of which arithmetic proves that they cannot stay whole; tell their units."""
    released = np.zeros(problem.n_units, dtype=bool)
    groups = pieces
    nothing_to_release = int(pieces.max(initial=-1)) + 1 == problem.n_units
    if problem.band is None or nothing_to_release or not problem.band.counts(int(problem.households.sum())):
        return groups, released
    while True:
        coarse = contracted(problem, groups)
        refuting = refuting_units(coarse.graph, coarse.households, problem.band)
        impossible = np.isin(groups, refuting) & (np.bincount(groups)[groups] > 1)
        if not impossible.any():
            return groups, released
        released |= impossible
        loose = np.where(impossible, problem.n_units + np.arange(problem.n_units), groups)
        groups = np.unique(loose, return_inverse=True)[1].astype(np.int32)


def _exhausted(problem: Problem, coarse: Problem, torn: NDArray[np.bool_]) -> bool:
    """Tell whether exhaustion proves that compounds cannot all stay whole."""
    if problem.band is None or not torn.any():
        return False
    return exhaust(coarse.graph, coarse.households, problem.band) is False


def _with_fewest_splits(
    problem: Problem, fine: Candidate, pieces: Labels, rng: np.random.Generator, effort: Effort
) -> tuple[Candidate, Labels]:
    """Contract what the fine solution left whole and anneal once more from there, so that no other compound splits."""
    loose = np.where(_torn(pieces, fine.labels), problem.n_units + np.arange(problem.n_units), pieces)
    groups = np.unique(loose, return_inverse=True)[1].astype(np.int32)
    coarse = contracted(problem, groups)
    start = np.empty(coarse.n_units, dtype=np.int32)
    start[groups] = fine.labels
    if (problem.previous != NONE).any():
        # A revision: annealing afresh would move households that can stay.
        return Candidate(start, fine.k, fine.rank), fine.labels
    again = annealed(coarse, start, fine.k, oversize_units(coarse), rng, effort)
    best = again if again.rank <= fine.rank else Candidate(start, fine.k, fine.rank)
    return best, best.labels[groups]


def _torn(groups: Labels, labels: Labels) -> NDArray[np.bool_]:
    """Tell for each unit whether its group lies in several regions."""
    lowest = np.full(len(groups), len(labels), dtype=np.int32)
    highest = np.full(len(groups), -1, dtype=np.int32)
    np.minimum.at(lowest, groups, labels)
    np.maximum.at(highest, groups, labels)
    torn: NDArray[np.bool_] = (lowest != highest)[groups]
    return torn

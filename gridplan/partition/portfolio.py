"""A portfolio of starts and numbers of regions, annealed; witnesses where none lies in the band; the best wins."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from scipy.optimize import linear_sum_assignment

from gridplan.partition.bisection import bisected_labels
from gridplan.partition.candidate import Candidate, candidate
from gridplan.partition.coarsen import coarsened
from gridplan.partition.counts import preferred_counts
from gridplan.partition.feasibility import find_witness
from gridplan.partition.initial import components, subgraph
from gridplan.partition.problem import Ints, Labels, Problem
from gridplan.partition.recut import recut
from gridplan.partition.repair import repaired
from gridplan.partition.search import compile_problem

EffortName = Literal["quick", "normal", "best"]
Stop = Callable[[], bool]


@dataclass(frozen=True)
class Effort:
    """
    How hard to search.

    Parameters
    ----------
    counts
        Numbers of regions to try.
    starts
        Starts for each number.
    moves
        Proposals for each unit and start.
    trees
        Random trees when nothing in the band was found.
    recuts
        Places to cut anew, for each region.
    """

    counts: int
    starts: int
    moves: int
    trees: int
    recuts: float


EFFORTS: dict[str, Effort] = {
    "quick": Effort(counts=1, starts=1, moves=400, trees=100, recuts=0.1),
    "normal": Effort(counts=2, starts=3, moves=400, trees=300, recuts=0.15),
    "best": Effort(counts=3, starts=8, moves=3_000, trees=1_000, recuts=4.0),
}
# Problems of at most this many units try every number of regions; witnesses look at this many units of trees.
SMALL, TREE_UNITS = 200, 60_000
LEAST_PROPOSALS = 15_000
# So many starts in a row that better nothing are the last for a number of regions.
PATIENCE = 4
# From so many regions on, places cut anew serve better than whole starts, and find the number by themselves.
MANY_REGIONS = 25
# First temperatures of small problems and of others, and the share of tree cuts.
SMALL_HOT, HOT, TREE_SHARE = 3.0, 1.5, 0.02
REFINING_MOVES, REFINING_HOT, MENDING_RECUTS = 150, 0.1, 0.6


def never() -> bool:
    """Stop never."""
    return False


def search_labels(problem: Problem, rng: np.random.Generator, effort: Effort, stop: Stop) -> Candidate:
    """Search with coarse units first where there are many, then at the problem's own grain from the best of those."""
    oversize = oversize_units(problem)
    numbers = preferred_counts(int(problem.households.sum()), problem.band, problem.target)
    coarse = None if len(oversize) else coarsened(problem, numbers[0])
    if coarse is None:
        return _search_flat(problem, oversize, rng, effort, stop)
    rough = _search_flat(coarse[0], oversize, rng, effort, stop)
    refining = replace(effort, moves=REFINING_MOVES)
    best = annealed(problem, rough.labels[coarse[1]], rough.k, oversize, rng, refining, REFINING_HOT)
    if best.rank[0] > unavoidable(problem) and not stop():
        best = min(best, _search_flat(problem, oversize, rng, effort, stop), key=lambda c: c.rank)
    return best


def unavoidable(problem: Problem) -> int:
    """Return how many regions arithmetic leaves out of the band in any case."""
    return int(problem.band is not None and not problem.band.counts(int(problem.households.sum())))


def _search_flat(problem: Problem, oversize: Ints, rng: np.random.Generator, effort: Effort, stop: Stop) -> Candidate:
    """Try starts and numbers of regions; where none lies in the band, more numbers, then witnesses on trees."""
    candidates: list[Candidate] = []
    ranks: list[tuple[int, int, float]] = []
    recuts = problem.n_units > SMALL and not problem.weights.stability
    counts, starts = _breadth(problem, effort) if recuts else (effort.counts, effort.starts)
    for place in range(counts if recuts else _most_counts(problem, oversize, effort)):
        if place >= counts and problem.weights.target and min(c.rank for c in candidates)[0] == 0:
            break
        for turn in range(_turns(problem, effort, place, starts)):
            if candidates and stop():
                break
            labels, k = start_labels(problem, oversize, place, rng if turn or place else None)
            if problem.weights.stability and not len(oversize):
                labels = _named_as_today(problem, labels, k)
            candidates.append(annealed(problem, labels, k, oversize, rng, effort))
            ranks.append(candidates[-1].rank)
            if ranks[-1] in ranks[:-1] or _in_vain(ranks[-turn - 1 :]):
                # Two starts have met in one optimum: a third would too. Or nothing has come of the last few.
                break
    best = min(candidates, key=lambda c: c.rank)
    if recuts:
        # Places out of the band are worth a search of their own.
        share = effort.recuts if best.rank[0] == 0 else max(effort.recuts, MENDING_RECUTS)
        best = recut(problem, best, oversize, rng, attempts=max(4, round(share * best.k)), stop=stop)
    if best.rank[0] > 0 and problem.band and not len(oversize) and not stop():
        best = min([best, *_from_witness(problem, oversize, rng, effort)], key=lambda c: c.rank)
    if best.rank[0] > unavoidable(problem) and problem.n_regions is None and problem.band and not stop():
        best = min([best, *_from_repair(problem, best, oversize, rng, effort)], key=lambda c: c.rank)
    return best


def _from_repair(
    problem: Problem, best: Candidate, oversize: Ints, rng: np.random.Generator, effort: Effort
) -> list[Candidate]:
    """Cut anew what is out of the band, and even out from there."""
    labels = _oversize_first(repaired(problem, best.labels, rng=rng), oversize)
    k = int(labels.max()) + 1
    compiled = compile_problem(problem, k, oversize)
    mended = candidate(problem, compiled, labels, compiled.cost(labels))
    return [mended, annealed(problem, labels, k, oversize, rng, effort, REFINING_HOT)]


def _oversize_first(labels: Labels, oversize: Ints) -> Labels:
    """Renumber regions: those of the units above the maximum come first, in their order."""
    held = labels[oversize]
    order = np.concatenate([held, np.setdiff1d(np.arange(labels.max() + 1), held)])
    place = np.empty(len(order), dtype=np.int32)
    place[order] = np.arange(len(order), dtype=np.int32)
    return place[labels]


def _from_witness(problem: Problem, oversize: Ints, rng: np.random.Generator, effort: Effort) -> list[Candidate]:
    band = problem.band
    if band is None or not band.counts(int(problem.households.sum())):
        return []
    labels = find_witness(
        problem.graph,
        problem.households,
        band,
        trees=max(20, min(effort.trees, TREE_UNITS // problem.n_units)),
        rng=rng,
    )
    if labels is None or (problem.n_regions is not None and labels.max() + 1 != problem.n_regions):
        return []
    k = int(labels.max()) + 1
    compiled = compile_problem(problem, k, oversize)
    witness = candidate(problem, compiled, labels, compiled.cost(labels))
    return [witness, annealed(problem, labels, k, oversize, rng, effort)]


def oversize_units(problem: Problem) -> Ints:
    """Return the units that alone have more households than a region may have, ascending."""
    if problem.band is None:
        return np.empty(0, dtype=np.int64)
    return np.flatnonzero(problem.households > problem.band.maximum)


def _breadth(problem: Problem, effort: Effort) -> tuple[int, int]:
    """Return the numbers of regions to try and the starts for each where places are cut anew afterwards."""
    share = min(1.0, MANY_REGIONS * problem.target / max(int(problem.households.sum()), 1))
    return 1, max(1, round(effort.starts * share))


def _in_vain(ranks: list[tuple[int, int, float]]) -> bool:
    """Tell whether the last `PATIENCE` starts were no better than one before them."""
    return len(ranks) > PATIENCE and min(ranks[:-PATIENCE]) <= min(ranks[-PATIENCE:])


def _turns(problem: Problem, effort: Effort, place: int, starts: int) -> int:
    """Return the starts for a number of regions: fewer for those farther from the target."""
    if not place or (problem.n_units <= SMALL and not problem.weights.target):
        return starts
    return max(1, starts // 2) if place < effort.counts or problem.n_units <= SMALL else 1


def _most_counts(problem: Problem, oversize: Ints, effort: Effort) -> int:
    """Return how many numbers of regions there are to try: all where that is cheap."""
    if problem.n_regions is not None or len(oversize):
        return 1
    if problem.n_units > SMALL:
        return effort.counts + 1
    return len(preferred_counts(int(problem.households.sum()), problem.band, problem.target))


def start_labels(problem: Problem, oversize: Ints, place: int, rng: np.random.Generator | None) -> tuple[Labels, int]:
    """Return connected first labels: each unit above the maximum a region of its own, the rest bisected."""
    labels = np.full(problem.n_units, -1, dtype=np.int32)
    labels[oversize] = np.arange(len(oversize))
    rest = np.setdiff1d(np.arange(problem.n_units), oversize)
    count, parts = components(subgraph(problem.graph, rest))
    k = len(oversize)
    for part in range(count):
        units = rest[parts == part]
        numbers = preferred_counts(
            int(problem.households[units].sum()), problem.band, problem.target, absorbing=bool(len(oversize))
        )
        number = min(numbers[min(place, len(numbers) - 1)], len(units))
        if problem.n_regions is not None and not len(oversize):
            number = min(problem.n_regions, len(units))
        if number == 0:
            labels[units] = _neighbouring_label(problem, units, labels)
        else:
            graph = subgraph(problem.graph, units)
            labels[units] = k + bisected_labels(graph, problem.xy[units], problem.households[units], number, rng=rng)
            k += number
    return labels, k


def _named_as_today(problem: Problem, labels: Labels, k: int) -> Labels:
    """Give regions the numbers of the present grids that they overlap most: numbers are what stability compares."""
    known = (problem.previous >= 0) & (problem.previous < k)
    overlap = np.zeros((k, k), dtype=np.int64)
    np.add.at(overlap, (labels[known], problem.previous[known]), problem.households[known])
    named: Labels = linear_sum_assignment(overlap, maximize=True)[1][labels].astype(np.int32)
    return named


def _neighbouring_label(problem: Problem, units: Ints, labels: Labels) -> int:
    """Return the region with which some units share the longest border."""
    graph = problem.graph
    heads = np.isin(graph.heads(), units)
    around = labels[graph.indices[heads]]
    border = np.bincount(around[around >= 0], graph.border_m[heads][around >= 0] + 1e-9)
    return int(border.argmax())


def annealed(
    problem: Problem,
    labels: Labels,
    k: int,
    oversize: Ints,
    rng: np.random.Generator,
    effort: Effort,
    hot: float | None = None,
) -> Candidate:
    """Anneal labels of a problem at its own grain."""
    compiled = compile_problem(problem, k, oversize)
    if hot is None:
        hot = SMALL_HOT if problem.n_units <= SMALL else HOT
    proposals = max(effort.moves * problem.n_units, LEAST_PROPOSALS) if k > 1 else 1
    best, cost = compiled.annealed(labels, proposals=proposals, hot=hot, trees=TREE_SHARE, rng=rng)
    return candidate(problem, compiled, best, cost)

"""
The search for a revision: bring regions into the band, then give back to the present grids what can be given back.

A large-neighbourhood search (Shaw 1998): a few neighbouring regions are cut anew and the result is taken when it ranks
better, first by the rules, then by the households that change grid, then by the plan's own objective.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from gridplan.partition.candidate import Candidate
from gridplan.partition.portfolio import Effort, Stop, annealed, oversize_units, search_labels
from gridplan.partition.problem import NONE, Ints, Labels, Problem
from gridplan.partition.repair import repaired
from gridplan.partition.search import compile_problem, region_sums, restricted
from gridplan.revising.moved import kept_households, owners, shared_with_present
from gridplan.revising.neighbourhood import (
    OPERATORS,
    Local,
    Operator,
    amounts_off,
    anchored,
    dissolve,
    grown,
    keep,
    merge,
    ordered,
    rank_of,
    split,
    start_again,
)
from gridplan.revising.start import in_pieces, present_labels
from gridplan.rule_parts import ReviseRules

Rank = tuple[int, int, int, float]
LARGEST_STEP = 6
# Steps without a better rank after which a search ends, for each region and at least; by effort's starts.
PATIENCE, LEAST_PATIENCE = 4, 30
# Households, in targets, that a step may lose on average while the search is fresh.
HEAT = 0.2
# Weights of stability tried from firm to loose when a budget of households may be spent on balance.
STABILITIES = (8.0, 4.0, 2.0, 1.0, 0.5, 0.25, 0.1, 0.0)


def revise_labels(
    problem: Problem, rng: np.random.Generator, effort: Effort, stop: Stop, *, revision: ReviseRules
) -> Candidate:
    """
    Revise a connected problem's present grids.

    Parameters
    ----------
    problem
        Connected problem; ``previous`` holds the number of each unit's present grid, or -1.
    rng, effort, stop
        As `gridplan.partition.portfolio.search_labels`.
    revision
        Mode and budget.
    """
    previous = _renumbered(problem.previous)
    blank = replace(problem, previous=np.full(problem.n_units, NONE, dtype=np.int32))
    if revision.mode == "free" or (previous == NONE).all() or problem.n_regions is not None:
        return search_labels(blank, rng, effort, stop)
    problem = replace(problem, previous=previous)
    searches = [_Search(problem, stream, stop).run(effort) for stream in rng.spawn(effort.starts)]
    best = min(searches, key=lambda search: search.rank)
    labels, rank = best.labels, best.rank
    if rank[0]:
        labels, rank = _by_other_means(problem, blank, labels, rank, rng, effort, stop)
    if revision.mode == "balance":
        labels = _balanced(problem, labels, rank, revision.budget, rng, effort)
    labels = ordered(labels, oversize_units(problem))
    out, off, _, objective = rank_of(problem, labels, _present_total(problem))
    return Candidate(labels, int(labels.max()) + 1, (out, off, objective))


class _Search:
    """One search from the present grids."""

    def __init__(self, problem: Problem, rng: np.random.Generator, stop: Stop) -> None:
        self.problem, self.rng, self.stop = problem, rng, stop
        self.present_total = _present_total(problem)
        self.labels = self._first()
        self.heat = HEAT * problem.target
        self.rank = rank_of(problem, self.labels, self.present_total)

    def _first(self) -> Labels:
        labels = present_labels(self.problem.graph, self.problem.previous, self.problem.households)
        oversize = oversize_units(self.problem)
        labels[oversize] = labels.max() + 1 + np.arange(len(oversize), dtype=np.int32)
        return ordered(in_pieces(self.problem.graph, labels), oversize)

    def run(self, effort: Effort) -> _Search:
        """Step until nothing gets better for a while; hand back the best labels met."""
        best, best_rank, idle = self.labels, self.rank, 0
        patience = max(LEAST_PATIENCE, PATIENCE * (int(self.labels.max()) + 1)) * effort.starts
        while idle < patience and not self.stop():
            centre = self._centre()
            if centre is None:
                break
            self._step(centre, self.heat * (1.0 - idle / patience))
            better = self.rank[:3] < best_rank[:3]
            idle = 0 if better else idle + 1
            if self.rank < best_rank:
                best, best_rank = self.labels, self.rank
        self.labels, self.rank = best, best_rank
        return self

    def _centre(self) -> int | None:
        """Return a region to work on: one out of its bounds, else one that holds or lost households; None if none."""
        oversize = oversize_units(self.problem)
        compiled = compile_problem(self.problem, int(self.labels.max()) + 1, oversize)
        off = np.flatnonzero(amounts_off(compiled, self.labels))
        unrest = self._unrest()
        if not len(unrest) and not len(off):
            return None
        chosen = off if not len(unrest) or (len(off) and self.rng.random() < 0.7) else unrest
        return int(chosen[self.rng.integers(len(chosen))])

    def _unrest(self) -> Ints:
        """Return the regions that hold households of another present grid, or lie where a present grid was."""
        k = int(self.labels.max()) + 1
        shared = shared_with_present(
            self.labels, self.problem.previous, self.problem.households, len(self.present_total)
        )
        total = region_sums(self.labels, k, self.problem.households)
        kept = kept_households(shared, total, self.present_total)
        return np.flatnonzero(shared.sum(axis=1) > kept)

    def _step(self, centre: int, heat: float) -> None:
        """Cut a few regions anew; take the result unless it ranks worse by more than chance allows."""
        size = int(self.rng.integers(2, LARGEST_STEP + 1))
        regions = grown(self.problem.graph, self.labels, centre, size, self.rng)
        units = np.flatnonzero(np.isin(self.labels, regions))
        place = np.unique(self.labels[units], return_inverse=True)
        here = int(np.searchsorted(place[0], centre))
        local = Local(restricted(self.problem, units), place[1].astype(np.int32), here, self.present_total)
        before = rank_of(local.problem, local.labels, self.present_total)
        after, labels = self._tried(local)
        grace = int(heat * self.rng.exponential())
        if (*after[:2], after[2] - grace, after[3]) < before:
            self.labels = self._with(units, labels)
            self.rank = rank_of(self.problem, self.labels, self.present_total)

    def _tried(self, local: Local) -> tuple[Rank, Labels]:
        labels = self._operator(local)(local, self.rng)
        labels = anchored(local.problem, labels, self.rng)
        return rank_of(local.problem, labels, self.present_total), labels

    def _operator(self, local: Local) -> Operator:
        """Choose what to try: what is below is dissolved or merged, what is above split, more often than not."""
        band, households = local.problem.band, local.problem.households[local.labels == local.centre].sum()
        likely: tuple[Operator, ...] = OPERATORS
        if band and households < band.minimum:
            likely = (keep, keep, dissolve, merge, start_again)
        elif band and households > band.maximum:
            likely = (keep, split, split, start_again)
        chosen = likely if self.rng.random() < 0.8 else OPERATORS
        return chosen[self.rng.integers(len(chosen))]

    def _with(self, units: Ints, labels: Labels) -> Labels:
        whole = self.labels.astype(np.int64)
        whole[units] = whole.max() + 1 + labels
        return ordered(np.unique(whole, return_inverse=True)[1].astype(np.int32), oversize_units(self.problem))


def _by_other_means(
    problem: Problem,
    blank: Problem,
    labels: Labels,
    rank: Rank,
    rng: np.random.Generator,
    effort: Effort,
    stop: Stop,
) -> tuple[Labels, Rank]:
    """Try repair by trees and a cut afresh, which may keep the rules where steps from the present grids did not."""
    total = _present_total(problem)
    tried = [labels, search_labels(blank, rng, effort, stop).labels]
    if problem.band and not len(oversize_units(problem)):
        tried.append(repaired(problem, labels, rng=rng))
    polished = [anchored(problem, item, rng) for item in tried]
    ranked = [(rank_of(problem, item, total), place) for place, item in enumerate(tried + polished)]
    best, place = min(ranked)
    return (tried + polished)[place], min(best, rank)


def _balanced(
    problem: Problem, labels: Labels, rank: Rank, budget: float, rng: np.random.Generator, effort: Effort
) -> Labels:
    """Spend a budget of moved households on the plan's objective: the loosest stability that keeps to it wins."""
    total = _present_total(problem)
    allowed = max(int(budget * problem.households.sum()), rank[2])
    best, best_rank = labels, rank
    for stability in STABILITIES:
        anchors = _region_anchors(problem, labels)
        weighed = replace(problem, previous=anchors, weights=replace(problem.weights, stability=stability))
        oversize = oversize_units(problem)
        found = annealed(weighed, labels, int(labels.max()) + 1, oversize, rng, effort).labels
        after = rank_of(problem, found, total)
        if after[2] <= allowed and (*after[:2], after[3]) < (*best_rank[:2], best_rank[3]):
            best, best_rank = found, after
    return best


def _region_anchors(problem: Problem, labels: Labels) -> Labels:
    """Return for each unit the region that keeps its present grid's code, or -1."""
    total = _present_total(problem)
    shared = shared_with_present(labels, problem.previous, problem.households, len(total))
    owner = owners(shared, region_sums(labels, len(shared), problem.households), total)
    region_of = np.full(len(total) + 1, NONE, dtype=np.int32)
    held = np.flatnonzero(owner != NONE)
    region_of[owner[held]] = held
    return region_of[problem.previous]


def _present_total(problem: Problem) -> Ints:
    n = int(problem.previous.max(initial=NONE)) + 1
    inside = problem.previous != NONE
    return region_sums(problem.previous[inside], n, problem.households[inside])


def _renumbered(previous: Labels) -> Labels:
    """Number the present grids that occur 0..n-1."""
    out = np.full(len(previous), NONE, dtype=np.int32)
    inside = previous != NONE
    out[inside] = np.unique(previous[inside], return_inverse=True)[1]
    return out

"""A revision as a planner asks for it: repaired, balanced within a budget, or cut afresh."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from gridplan.partition.candidate import Candidate
from gridplan.partition.portfolio import Effort, Stop, annealed, search_labels
from gridplan.partition.problem import NONE, Ints, Labels, Problem
from gridplan.partition.repair import repaired
from gridplan.partition.search import region_sums
from gridplan.revising.anchoring import anchored
from gridplan.revising.moved import owners
from gridplan.revising.ranking import Revision, Task, ordered
from gridplan.revising.search import searched
from gridplan.rule_parts import ReviseRules

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
        Connected problem; ``previous`` holds the number of each unit's present grid, or -1. Where ``n_regions`` is
        set, so many regions are made of the present grids.
    rng, effort, stop
        As `gridplan.partition.portfolio.search_labels`.
    revision
        Mode and budget.
    """
    previous = _renumbered(problem.previous)
    blank = replace(problem, previous=np.full(problem.n_units, NONE, dtype=np.int32))
    if revision.mode == "free" or (previous == NONE).all():
        return search_labels(blank, rng, effort, stop)
    problem = replace(problem, previous=previous)
    task = Task(problem, _present_total(problem), problem.n_regions)
    found = searched(task, rng, effort, stop)
    if found.rank[0]:
        found = _by_other_means(found, blank, rng, effort, stop)
    found = Revision(task, ordered(found.labels, task.oversize))
    if revision.mode == "balance":
        found = _balanced(found, revision.budget, rng, effort)
    return Candidate(found.labels, found.k, (*found.rank[:2], found.shape))


def _by_other_means(found: Revision, blank: Problem, rng: np.random.Generator, effort: Effort, stop: Stop) -> Revision:
    """Try repair by trees and a cut afresh, which may keep the rules where steps from the present grids did not."""
    task = found.task
    tried = [found.labels, search_labels(blank, rng, effort, stop).labels]
    if task.problem.band and not len(task.oversize):
        tried.append(repaired(task.problem, found.labels, rng=rng))
    polished = [anchored(task.problem, labels, rng) for labels in tried]
    return min(Revision(task, labels) for labels in tried + polished)


def _balanced(found: Revision, budget: float, rng: np.random.Generator, effort: Effort) -> Revision:
    """Spend a budget of moved households on the plan's objective: the loosest stability that keeps to it wins."""
    task, best = found.task, found
    allowed = max(int(budget * task.problem.households.sum()), found.rank[2])
    anchors = _region_anchors(found)
    for stability in STABILITIES:
        weights = replace(task.problem.weights, stability=stability)
        weighed = replace(task.problem, previous=anchors, weights=weights)
        after = Revision(task, annealed(weighed, found.labels, found.k, task.oversize, rng, effort).labels)
        if after.rank[2] <= allowed and (*after.rank[:2], after.shape) < (*best.rank[:2], best.shape):
            best = after
    return best


def _region_anchors(found: Revision) -> Labels:
    """Return for each unit the region that keeps its present grid's code, or -1."""
    problem, total = found.task.problem, found.task.present_total
    owner = owners(found.shared, region_sums(found.labels, found.k, problem.households), total)
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

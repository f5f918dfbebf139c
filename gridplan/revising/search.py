"""
The search for a revision: bring regions into the band, then give back to the present grids what can be given back.

A large-neighbourhood search (Shaw 1998): a few neighbouring regions are cut anew and the result is taken when it ranks
better, first by the rules, then by the households that change grid, then by the plan's own objective.
"""

from __future__ import annotations

import numpy as np

from gridplan.partition.portfolio import Effort, Stop
from gridplan.partition.problem import Labels
from gridplan.partition.search import restricted
from gridplan.revising.anchoring import anchored
from gridplan.revising.neighbourhood import (
    OPERATORS,
    Local,
    Operator,
    dissolve,
    grown,
    keep,
    merge,
    neighbours,
    split,
    start_again,
)
from gridplan.revising.ranking import Revision, Task, ordered
from gridplan.revising.start import in_pieces, present_labels

LARGEST_STEP = 6
# Steps without a better rank after which a search ends, for each region and at least; by effort's starts.
PATIENCE, LEAST_PATIENCE = 4, 30
# Households, in targets, that a step may lose on average while the search is fresh.
HEAT = 0.2


def searched(task: Task, rng: np.random.Generator, effort: Effort, stop: Stop) -> Revision:
    """
    Search from the present grids, as often as the effort says; once two searches agree, no further one is begun.

    Parameters
    ----------
    task
        What is to be revised.
    rng, effort, stop
        As `gridplan.partition.portfolio.search_labels`.
    """
    found: list[Revision] = []
    for stream in rng.spawn(effort.starts):
        found.append(_Search(task, stream, stop).run(effort))
        if found[-1].rank in [each.rank for each in found[:-1]]:
            break
    return min(found)


class _Search:
    """One search from the present grids."""

    def __init__(self, task: Task, rng: np.random.Generator, stop: Stop) -> None:
        self.task, self.rng, self.stop = task, rng, stop
        self.heat = HEAT * task.problem.target
        self._take(self._first())

    def _first(self) -> Labels:
        problem, oversize = self.task.problem, self.task.oversize
        labels = present_labels(problem.graph, problem.previous, problem.households)
        labels[oversize] = labels.max() + 1 + np.arange(len(oversize), dtype=np.int32)
        return ordered(in_pieces(problem.graph, labels), oversize)

    def _take(self, labels: Labels) -> None:
        self.now = Revision(self.task, labels)
        self.around = neighbours(self.task.problem.graph, labels)

    def run(self, effort: Effort) -> Revision:
        """Step until nothing gets better for a while; hand back the best labels met."""
        best, idle = self.now, 0
        patience = max(LEAST_PATIENCE, PATIENCE * self.now.k) * effort.starts
        while idle < patience and not self.stop():
            centre = self._centre()
            if centre is None:
                break
            self._step(centre, self.heat * (1.0 - idle / patience))
            idle = 0 if self.now.rank[:3] < best.rank[:3] else idle + 1
            best = min(best, self.now)
        return best

    def _centre(self) -> int | None:
        """Return a region to work on: one out of its bounds, else one that holds or lost households; None if none."""
        off = np.flatnonzero(self.now.off)
        # Regions that hold households of another present grid, or lie where a present grid was.
        unrest = np.flatnonzero(self.now.shared.sum(axis=1) > self.now.kept)
        if self.task.wanted not in (None, self.now.k):
            unrest = np.arange(self.now.k)
        if not len(unrest) and not len(off):
            return None
        chosen = off if not len(unrest) or (len(off) and self.rng.random() < 0.7) else unrest
        return int(chosen[self.rng.integers(len(chosen))])

    def _step(self, centre: int, heat: float) -> None:
        """Cut a few regions anew; take the result unless it ranks worse by more than chance allows."""
        size = int(self.rng.integers(2, LARGEST_STEP + 1))
        regions = sorted(grown(self.around, centre, size, self.rng))
        place = np.full(self.now.k, -1, dtype=np.int32)
        place[regions] = np.arange(len(regions), dtype=np.int32)
        units = np.flatnonzero(place[self.now.labels] >= 0)
        local = Local(restricted(self.task.problem, units), place[self.now.labels[units]], int(place[centre]))
        wanted = None if self.task.wanted is None else self.task.wanted - self.now.k + len(regions)
        task = Task(local.problem, self.task.present_total, wanted)
        before, after = Revision(task, local.labels), Revision(task, self._tried(local))
        grace = int(heat * self.rng.exponential())
        if not np.array_equal(before.labels, after.labels) and after.beats(before, grace):
            whole = self.now.labels.astype(np.int64)
            whole[units] = self.now.k + after.labels
            self._take(ordered(np.unique(whole, return_inverse=True)[1].astype(np.int32), self.task.oversize))

    def _tried(self, local: Local) -> Labels:
        return anchored(local.problem, self._operator(local)(local, self.rng), self.rng)

    def _operator(self, local: Local) -> Operator:
        """Choose what to try: what is below is dissolved or merged, what is above split, more often than not."""
        chosen = self._likely(local) if self.rng.random() < 0.8 else OPERATORS
        return chosen[self.rng.integers(len(chosen))]

    def _likely(self, local: Local) -> tuple[Operator, ...]:
        band, households = local.problem.band, local.problem.households[local.labels == local.centre].sum()
        if self.task.wanted is not None and self.task.wanted != self.now.k:
            return (split, keep) if self.task.wanted > self.now.k else (merge, dissolve)
        if band and households < band.minimum:
            return (keep, keep, dissolve, merge, start_again)
        if band and households > band.maximum:
            return (keep, split, split, start_again)
        return OPERATORS

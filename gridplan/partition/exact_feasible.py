"""Whether a connected problem has any partition inside its bounds, decided by the exact model without an objective."""

from __future__ import annotations

import time
from typing import Literal

import numpy as np
from scipy.sparse.csgraph import breadth_first_order

from gridplan.partition.exact_cuts import Cut, violated_cuts
from gridplan.partition.exact_highs import solved
from gridplan.partition.exact_model import Exact, Pairs
from gridplan.partition.exact_rows import program_of
from gridplan.partition.feasibility import exhaust
from gridplan.partition.initial import adjacency
from gridplan.partition.problem import Labels, Problem


def is_feasible(problem: Problem, *, time_limit_s: float) -> bool | None:
    """
    Decide whether connected regions inside all bounds exist, for any number of regions or the one that is set.

    Parameters
    ----------
    problem
        Connected problem, up to a few hundred units.
    time_limit_s
        Seconds of wall time.

    Returns
    -------
    feasible
        True or False, proven; None where time ran out.

    Raises
    ------
    SolverMissingError
        If HiGHS is needed (neither arithmetic nor exhaustion shows that there is none) and not installed.
    """
    known = _known(problem)
    if known is not None:
        return known
    answer = _by_cuts(Exact(problem), time_limit_s)
    return answer if answer is None or answer is False else True


def feasible_labels(
    problem: Problem, *, time_limit_s: float, most_pauses: int | None = None
) -> Labels | Literal[False] | None:
    """
    Decide as `is_feasible`, and return the labels where they are found.

    Parameters
    ----------
    problem, time_limit_s
        As there.
    most_pauses
        How often HiGHS may ask whether to go on (`exact_highs.solved`), over all its runs; None for ever.

    Returns
    -------
    answer
        Labels, shape (n_units,), regions 0..k-1, connected and inside all bounds; False: there are none, proven;
        None: time or pauses ran out.

    Raises
    ------
    SolverMissingError
        If HiGHS is needed (neither arithmetic nor exhaustion shows that there is none) and not installed.
    """
    return False if _known(problem) is False else _by_cuts(Exact(problem), time_limit_s, most_pauses)


def _known(problem: Problem) -> bool | None:
    """Return what arithmetic or exhaustion show."""
    band, total = problem.band, int(problem.households.sum())
    if band and not (band.counts(total) and int(problem.households.max(initial=0)) <= band.maximum):
        return False
    if band and problem.n_regions is None and _bound_by_the_band_alone(problem):
        return exhaust(problem.graph, problem.households, band)
    return None


def _bound_by_the_band_alone(problem: Problem) -> bool:
    return not len(problem.part) and problem.bounds.persons == problem.bounds.work == (None, None)


def _by_cuts(exact: Exact, time_limit_s: float, most_pauses: int | None = None) -> Labels | Literal[False] | None:
    """Solve, cut off the pieces met, and solve again, until there is a solution or no point is left."""
    problem = exact.problem
    end = time.monotonic() + time_limit_s
    allowed = exact.possible() & _in_order(exact)
    cuts = dict.fromkeys(_neighbour_cuts(problem, allowed))
    while (left_s := end - time.monotonic()) > 0:
        program = program_of(exact, allowed, problem.n_regions, cuts, scale=0.0)
        outcome = solved(program, None, time_limit_s=left_s, most_pauses=most_pauses)
        most_pauses = None if most_pauses is None else max(most_pauses - outcome.pauses, 0)
        if outcome.impossible:
            return False
        if outcome.point is None:
            return None
        centre_of = program.assignment(outcome.point)
        met = dict.fromkeys(violated_cuts(problem.graph, centre_of))
        if not met:
            return np.unique(centre_of, return_inverse=True)[1].astype(np.int32)
        cuts |= met
    return None


def _in_order(exact: Exact) -> Pairs:
    """
    Let the first unit of a region stand for it, so that no region comes under many names.

    First in a walk from one end of the graph to the other: regions then lie beyond the unit that stands for them.
    """
    n, matrix = exact.problem.n_units, adjacency(exact.problem.graph)
    far = breadth_first_order(matrix, 0, directed=False, return_predecessors=False)[-1]
    steps = breadth_first_order(matrix, far, directed=False, return_predecessors=False)
    rank = np.empty(n, dtype=np.int64)
    rank[steps] = np.arange(n)
    order: Pairs = rank[:, None] >= rank[None, :]
    return order


def _neighbour_cuts(problem: Problem, allowed: Pairs) -> list[Cut]:
    """Return the cuts whose separator is a unit's neighbours: the commonest pieces are single units."""
    graph = problem.graph
    cuts = []
    for unit in range(problem.n_units):
        around = tuple(graph.indices[graph.indptr[unit] : graph.indptr[unit + 1]].tolist())
        centres = np.setdiff1d(np.flatnonzero(allowed[unit]), [unit, *around])
        cuts += [Cut(unit, int(centre), around) for centre in centres]
    return cuts

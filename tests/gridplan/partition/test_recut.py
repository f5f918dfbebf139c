"""Places cut anew: a labelling out of the band comes into it, and every region stays in one piece."""

from __future__ import annotations

import numpy as np
from partition_cases import graph_of, pieces, town

from gridplan.partition.candidate import candidate
from gridplan.partition.initial import ward_labels
from gridplan.partition.recut import recut
from gridplan.partition.search import compile_problem

NONE_OVERSIZE = np.empty(0, dtype=np.int64)


def test_a_start_that_ignores_size_is_mended_place_by_place() -> None:
    """Ward looks at places alone, which leaves regions out of the band all over a town of 270 units."""
    problem = town(270, 6)
    labels = ward_labels(problem.graph, problem.xy, 23)
    compiled = compile_problem(problem, 23, NONE_OVERSIZE)
    start = candidate(problem, compiled, labels, compiled.cost(labels))
    found = recut(problem, start, NONE_OVERSIZE, np.random.default_rng(1), attempts=60, stop=lambda: False)
    assert start.rank[0] > 5
    assert found.rank[0] == 0
    assert pieces(graph_of(problem.graph), found.labels) == [1] * found.k
    sums = np.bincount(found.labels, problem.households)
    assert ((sums >= 300) & (sums <= 500)).all()

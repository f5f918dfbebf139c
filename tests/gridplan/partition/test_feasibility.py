"""Feasibility is decided: witnesses are partitions, exhaustion agrees with plain enumeration."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from partition_cases import graph_of, lattice, partitions, pieces, small_problems, town

from gridplan.partition.feasibility import EXHAUSTIBLE_UNITS, exhaust, find_witness
from gridplan.partition.problem import Problem
from gridplan.rules import Band


@settings(max_examples=150, deadline=None)
@given(small_problems())
def test_exhaustion_is_right_and_a_witness_never_lies(problem: Problem) -> None:
    graph = graph_of(problem.graph)
    possible = next(partitions(graph, range(300, 501), problem.households), None) is not None
    assert exhaust(problem.graph, problem.households, Band()) is possible
    witness = find_witness(problem.graph, problem.households, Band(), trees=30, rng=np.random.default_rng(0))
    if witness is not None:
        assert possible
        assert pieces(graph, witness) == [1] * (witness.max() + 1)
        sums = np.bincount(witness, problem.households)
        assert 300 <= sums.min() <= sums.max() <= 500


def test_a_witness_is_found_on_a_town() -> None:
    problem = town(300, 8)
    labels = find_witness(problem.graph, problem.households, Band(), trees=50, rng=np.random.default_rng(0))
    assert labels is not None
    sums = np.bincount(labels, problem.households)
    assert 300 <= sums.min() <= sums.max() <= 500


def test_a_large_part_is_not_decided() -> None:
    side = EXHAUSTIBLE_UNITS // 4 + 1
    problem = lattice(side, 4, 100, Band())
    assert exhaust(problem.graph, problem.households, Band()) is None


def test_parts_that_do_not_touch_are_decided_each() -> None:
    problem = lattice(2, 1, [300, 200], Band())
    apart = Problem(**{**problem.__dict__, "graph": lattice(1, 1, 1, Band()).graph})
    assert exhaust(problem.graph, problem.households, Band()) is True
    from gridplan.partition.problem import graph_from_edges

    none = np.empty(0, dtype=np.int64)
    loose = graph_from_edges(2, none, none, none.astype(float), none.astype(float))
    assert exhaust(loose, apart.households, Band()) is False

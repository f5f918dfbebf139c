"""Lattices small enough to list every partition: the solver finds the best of them."""

from __future__ import annotations

import numpy as np
import pytest
from partition_cases import graph_of, lattice, partitions

from gridplan.partition.search import compile_problem
from gridplan.partition.solve import solve
from gridplan.rules import Band, Weights

NONE_OVERSIZE = np.empty(0, dtype=np.int64)


@pytest.mark.parametrize(("side", "count"), [(3, 10), (4, 117)])
@pytest.mark.parametrize("seed", range(4))
def test_the_best_of_all_partitions_is_found(side: int, count: int, seed: int) -> None:
    """
    List the rook partitions of a square into as many regions as it has rows.

        0 1 2        10 into three threes        0  1  2  3        117 into four fours
        3 4 5                                    4  5  6  7
        6 7 8                                    8  9 10 11
                                                12 13 14 15
    """
    rng = np.random.default_rng(seed)
    band = Band(100 * side, 100 * side, 100 * side)
    problem = lattice(side, side, 100, band, work=rng.integers(500, 1500, size=side * side))
    problem.xy[:] += rng.uniform(-15, 15, size=problem.xy.shape)
    compiled = compile_problem(problem, side, NONE_OVERSIZE)
    every = [compiled.cost(labels) for labels in partitions(graph_of(problem.graph), [100 * side], problem.households)]
    assert len(every) == count
    result = solve(problem, rng=np.random.default_rng(seed))
    assert result.breaches == ()
    assert result.objective == min(every)


def test_the_best_with_compounds_barriers_and_todays_grids() -> None:
    """All terms of the objective at once; every partition of 2 x 5 into two regions in the band is listed."""
    rng = np.random.default_rng(3)
    band = Band(300, 400, 500)
    for _ in range(10):
        problem = lattice(
            5,
            2,
            rng.integers(50, 110, size=10),
            band,
            n_regions=2,
            previous=rng.integers(0, 2, size=10).astype(np.int32),
            weights=Weights(stability=0.5),
        )
        problem.graph.open_m[:] *= (problem.graph.heads() + problem.graph.indices) % 3 / 2
        compiled = compile_problem(problem, 2, NONE_OVERSIZE)
        both = [
            turned
            for labels in partitions(graph_of(problem.graph), range(300, 501), problem.households)
            if labels.max() == 1
            for turned in (labels, 1 - labels)  # the names of regions matter where today's grids have them
        ]
        assert solve(problem, rng=np.random.default_rng(1)).objective == min(map(compiled.cost, both))


def test_the_objective_is_what_it_says() -> None:
    """
    Two dominoes beside each other, worked out by hand.

        0 1      regions {0, 2} and {1, 3}; sides of 50 m; the border between them runs 100 m, half of it along a road
        2 3
    """
    problem = lattice(2, 2, 100, Band(200, 200, 200), work=np.array([30, 10, 30, 10]))
    problem.graph.open_m[(problem.graph.heads() + problem.graph.indices) == 1] = 0.0
    compiled = compile_problem(problem, 2, NONE_OVERSIZE)
    labels = np.array([0, 1, 0, 1], dtype=np.int32)
    unit, factor = 10_000, 7
    balance = 2 * factor * (20 / 40) ** 2
    perimeter = 2 * np.sqrt(np.pi * 5_000)
    boundary = 0.5 * 100 / perimeter + 1.0 * 50 / perimeter
    # Mass 900 a unit (eight times its households, a quarter of all), 25 m from its centre; a disc of 5,000 m2 to scale.
    inertia = 2 * (2 * 900 * 25**2) / (1800 * 5_000 / (2 * np.pi))
    assert compiled.cost(labels) == pytest.approx(unit * (balance + boundary + inertia), abs=3)

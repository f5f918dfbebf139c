"""Starts: so many regions, each in one piece, about even, wherever the households are."""

from __future__ import annotations

import numpy as np
import pytest
from partition_cases import graph_of, lattice, pieces, town

from gridplan.partition.bisection import bisected_labels
from gridplan.partition.search import region_sums
from gridplan.rules import Band


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("k", [2, 5, 23, 120])
def test_every_region_is_one_piece_and_none_is_empty(seed: int, k: int) -> None:
    problem = town(120, seed)
    labels = bisected_labels(problem.graph, problem.xy, problem.households, k, rng=np.random.default_rng(seed))
    assert pieces(graph_of(problem.graph), labels) == [1] * k


def test_a_dense_quarter_gets_its_share_of_regions() -> None:
    """
    Half the ground holds nine tenths of the households, and so about nine tenths of the regions.

        90 90 90 ... 10 10 10     20 x 10 squares, 10,000 households, 25 regions of 400
    """
    homes = np.tile(np.repeat([90, 10], 10), 10)
    problem = lattice(20, 10, homes, Band())
    labels = bisected_labels(problem.graph, problem.xy, problem.households, 25)
    dense = labels.reshape(10, 20)[:, :10]
    assert 21 <= len(np.unique(dense)) <= 24
    sums = region_sums(labels, 25, problem.households)
    assert sums.std() / sums.mean() < 0.2


def test_the_same_generator_gives_the_same_start_and_another_gives_another() -> None:
    problem = town(200, 3)
    starts = [
        bisected_labels(problem.graph, problem.xy, problem.households, 18, rng=np.random.default_rng(seed))
        for seed in (1, 1, 2)
    ]
    assert (starts[0] == starts[1]).all()
    assert (starts[0] != starts[2]).any()


def test_a_place_without_households_is_cut_by_its_ground() -> None:
    problem = lattice(8, 4, 0, Band())
    labels = bisected_labels(problem.graph, problem.xy, problem.households, 4)
    assert np.bincount(labels).tolist() == [8, 8, 8, 8]

"""Contraction keeps what counts: households, ground, borders between groups, pairs to be parted."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from partition_cases import graph_of, lattice, pieces, problem_of, town

from gridplan.partition.contract import compound_groups, connected_regions, contracted, whole_compounds
from gridplan.partition.problem import graph_from_edges
from gridplan.rules import Band


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 12))
def test_sums_and_borders_are_kept(seed: int, groups: int) -> None:
    problem = town(40, seed)
    rng = np.random.default_rng(seed)
    member = np.unique(rng.integers(0, groups, size=40), return_inverse=True)[1].astype(np.int32)
    coarse = contracted(problem, member)
    labels = rng.integers(0, 3, size=coarse.n_units)
    for name in ("households", "work", "persons", "area_m2"):
        fine, rough = getattr(problem, name), getattr(coarse, name)
        np.testing.assert_allclose(
            np.bincount(labels[member], fine, minlength=3), np.bincount(labels, rough, minlength=3)
        )
    cut = [
        p.graph.border_m[of[p.graph.heads()] != of[p.graph.indices]].sum()
        for p, of in ((problem, labels[member]), (coarse, labels))
    ]
    assert cut[0] == pytest.approx(cut[1])


def test_pieces_of_a_compound_that_touch_are_one_group() -> None:
    """
    Compound 0 is whole, 1 lies in two pieces, 2 is above the maximum.

        0 0 1
        1 2 2
    """
    compound = np.array([0, 0, 1, 1, 2, 2], dtype=np.int32)
    problem = lattice(3, 2, [50, 50, 50, 50, 300, 300], Band(), compound=compound)
    whole = whole_compounds(problem)
    assert whole.tolist() == [0, 1]
    groups = compound_groups(problem, whole)
    assert len(np.unique(groups)) == 5
    assert groups[0] == groups[1]


def test_a_group_takes_the_compound_of_most_of_its_households() -> None:
    problem = lattice(3, 1, [10, 30, 25], Band(), compound=np.array([4, 2, 4], dtype=np.int32))
    assert contracted(problem, np.zeros(3, dtype=np.int32)).compound.tolist() == [4]


def test_pairs_follow_their_groups() -> None:
    problem = lattice(4, 1, 100, Band(), part=np.array([[0, 3], [1, 2], [3, 1]], dtype=np.int32))
    coarse = contracted(problem, np.array([0, 0, 1, 1], dtype=np.int32))
    assert coarse.part.tolist() == [[0, 1]]


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6))
def test_connected_regions_agrees_with_networkx(seed: int) -> None:
    problem = town(20, seed)
    labels = np.unique(np.random.default_rng(seed).integers(0, 3, size=20), return_inverse=True)[1].astype(np.int32)
    assert connected_regions(problem, labels) == (max(pieces(graph_of(problem.graph), labels)) == 1)


def test_parallel_edges_add_up_and_loops_vanish() -> None:
    ends = np.array([0, 1, 1]), np.array([1, 0, 1])
    graph = graph_from_edges(2, *ends, np.array([2.0, 3.0, 9.0]), np.array([1.0, 0.0, 9.0]))
    assert graph.indices.tolist() == [1, 0]
    assert graph.border_m.tolist() == [5.0, 5.0]
    assert graph.open_m.tolist() == [1.0, 1.0]
    assert problem_of([(0, 1)], [1, 1], Band()).graph.n_units == 2

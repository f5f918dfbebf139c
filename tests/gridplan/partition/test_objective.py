"""Costs are whole numbers, so the compiled search's running cost is the objective exactly, whatever it did."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from partition_cases import graph_of, pieces, town

from gridplan.partition.initial import ward_labels
from gridplan.partition.problem import Bounds
from gridplan.partition.search import compile_problem
from gridplan.rules import Weights

RICH = Weights(balance=1.3, barriers=0.7, compactness=2.0, boundary=0.4, compounds=1.5, stability=0.8)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from([0.0, 0.3, 1.0]), st.sampled_from([0.0, 0.05, 3.0]))
def test_the_running_cost_is_the_objective(seed: int, trees: float, hot: float) -> None:
    rng = np.random.default_rng(seed)
    problem = town(60, seed)
    problem = replace(
        problem,
        weights=RICH,
        compound=rng.integers(-1, 8, size=60).astype(np.int32),
        previous=rng.integers(-1, 5, size=60).astype(np.int32),
        bounds=Bounds(persons=(None, 1_200), work=(4_000, None)),
        part=np.array([[0, 1], [20, 33], [1, 40]], dtype=np.int32),
    )
    labels = ward_labels(problem.graph, problem.xy, 5)
    compiled = compile_problem(problem, 5, np.empty(0, dtype=np.int64))
    best, cost = compiled.annealed(labels, proposals=3_000, hot=max(hot, 1e-9), trees=trees, rng=rng)
    assert cost == compiled.cost(best) <= compiled.cost(labels)
    assert pieces(graph_of(problem.graph), best) == [1] * 5


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10**6))
def test_units_above_the_maximum_stay_where_they_are(seed: int) -> None:
    problem = town(40, seed)
    problem.households[[7, 22]] = 900, 700
    labels = np.full(40, 2, dtype=np.int32)
    oversize = np.array([7, 22])
    labels[oversize] = 0, 1
    compiled = compile_problem(problem, 3, oversize)
    if pieces(graph_of(problem.graph), labels) != [1, 1, 1]:
        return
    best, cost = compiled.annealed(labels, proposals=3_000, hot=1.0, trees=0.2, rng=np.random.default_rng(seed))
    assert cost == compiled.cost(best)
    assert best[oversize].tolist() == [0, 1]


def test_more_proposals_pay() -> None:
    problem = town(120, 4)
    labels = ward_labels(problem.graph, problem.xy, 10)
    compiled = compile_problem(problem, 10, np.empty(0, dtype=np.int64))
    few, many = (
        compiled.annealed(labels, proposals=number, hot=1.0, trees=0.05, rng=np.random.default_rng(1))[1]
        for number in (500, 200_000)
    )
    assert many < few < compiled.cost(labels)


@pytest.mark.parametrize("offset", [0.0, 3e6])
def test_places_far_from_the_origin_lose_nothing(offset: float) -> None:
    problem = town(60, 1)
    labels = ward_labels(problem.graph, problem.xy, 5)
    far = replace(problem, xy=problem.xy + offset)
    none = np.empty(0, dtype=np.int64)
    assert compile_problem(far, 5, none).cost(labels) == compile_problem(problem, 5, none).cost(labels)


def test_numbers_of_a_whole_city_do_not_overflow() -> None:
    """30 km and 500,000 households in one region: the inertia is that of exact arithmetic."""
    problem = town(60, 2)
    problem = replace(problem, xy=problem.xy * 65, households=problem.households * 200)
    compiled = compile_problem(problem, 1, np.empty(0, dtype=np.int64))
    (sums, _, _), values = compiled.tallies(np.zeros(60, dtype=np.int32)), compiled.units[0]
    for column in range(values.shape[1]):
        assert int(sums[0, column]) == sum(int(value) for value in values[:, column])

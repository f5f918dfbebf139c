"""The exact model against plain enumeration: its value, its bound, its optimum, its yes and no."""

from __future__ import annotations

import sys
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from partition_cases import graph_of, lattice, partitions, pieces, problem_of, rook, small_problems, town

from gridplan.partition.exact import is_feasible, objective_value, prove
from gridplan.partition.exact_annealing import improved
from gridplan.partition.exact_cuts import reached, violated_cuts
from gridplan.partition.exact_feasible import _by_cuts, feasible_labels
from gridplan.partition.exact_highs import SolverMissingError
from gridplan.partition.exact_model import DEVIATION_M2, Exact
from gridplan.partition.problem import Bounds, Problem
from gridplan.partition.solve import solve
from gridplan.rules import Band


@pytest.fixture
def highs() -> None:
    pytest.importorskip("highspy", reason="the extra `prove` is not installed")


def tens(seed: int) -> Problem:
    """Make ten units in two rows, one without households."""
    rng = np.random.default_rng(seed)
    households = rng.integers(60, 130, size=10)
    households[int(rng.integers(10))] = 0
    return lattice(5, 2, households, Band())


def test_the_value_is_what_it_says() -> None:
    """
    Two regions in a row, worked out by hand: 100, 100, 150 | 350, 0 with 50 m between neighbours.

    The first's best centre is its middle: 100 x 2,500 + 150 x 2,500; ground without households weighs as one.
    """
    problem = lattice(5, 1, [100, 100, 150, 350, 0], Band())
    labels = np.array([0, 0, 0, 1, 1], dtype=np.int32)
    assert objective_value(problem, labels, 2) == 250 * 2_500 + 1 * 2_500 + DEVIATION_M2 * (50 + 50)


@pytest.mark.usefixtures("highs")
@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10**6))
def test_the_optimum_is_that_of_all_partitions(seed: int) -> None:
    problem = tens(seed)
    every = [
        labels
        for labels in partitions(graph_of(problem.graph), range(300, 501), problem.households)
        if labels.max() == 1
    ]
    if not every:
        return
    values = [objective_value(problem, labels, 2) for labels in every]
    worst = every[int(np.argmax(values))]
    proof = prove(problem, 2, worst, time_limit_s=60)
    assert proof.optimal
    assert proof.value == min(values) == objective_value(problem, proof.labels, 2)
    assert proof.bound == pytest.approx(min(values), rel=1e-6)
    assert pieces(graph_of(problem.graph), proof.labels) == [1, 1]
    assert improved(problem, worst, 2, runs=2, proposals=20_000, rng=np.random.default_rng(0))[1] == min(values)


@pytest.mark.usefixtures("highs")
def test_pieces_are_cut_off() -> None:
    """A comb whose teeth touch only at its back: without cuts the nearest centres would take units across."""
    edges = [edge for edge in rook(4, 3) if edge[1] - edge[0] == 4 or edge[0] < 4]
    problem = problem_of(edges, [50] * 12, Band(200, 300, 400), width=4)
    problem.xy[:] *= [0.2, 1.0]
    labels = np.tile([0, 0, 1, 1], 3).astype(np.int32)
    proof = prove(problem, 2, labels, time_limit_s=60)
    assert proof.optimal
    assert proof.rounds > 1
    assert pieces(graph_of(problem.graph), proof.labels) == [1, 1]


@pytest.mark.usefixtures("highs")
def test_a_bound_holds_however_little_time_there_is() -> None:
    problem = town(60, 3)
    result = solve(problem, rng=np.random.default_rng(0), effort="quick")
    k = result.n_regions
    labels, value = improved(problem, result.labels, k, runs=3, proposals=50_000, rng=np.random.default_rng(0))
    short, long = (prove(problem, k, labels, time_limit_s=seconds) for seconds in (0.2, 120))
    assert 0 <= short.bound <= long.bound * (1 + 1e-9) <= long.value * (1 + 1e-9)
    assert long.value <= short.value <= value
    assert value <= objective_value(problem, result.labels, k)
    assert long.optimal


@pytest.mark.usefixtures("highs")
def test_pairs_and_bounds_are_kept() -> None:
    problem = lattice(5, 2, [80, 90, 70, 85, 75, 95, 60, 90, 80, 85], Band())
    problem = replace(problem, part=np.array([[0, 1]], dtype=np.int32), bounds=Bounds(persons=(None, 1_350)))
    graph = graph_of(problem.graph)
    every = [
        labels
        for labels in partitions(graph, range(300, 501), problem.households)
        if labels.max() == 1 and labels[0] != labels[1] and np.bincount(labels, problem.persons).max() <= 1_350
    ]
    proof = prove(problem, 2, every[0], time_limit_s=60)
    assert proof.value == min(objective_value(problem, labels, 2) for labels in every)


@pytest.mark.usefixtures("highs")
@settings(max_examples=60, deadline=None)
@given(small_problems())
def test_feasibility_is_decided_rightly(problem: Problem) -> None:
    graph = graph_of(problem.graph)
    possible = next(partitions(graph, range(300, 501), problem.households), None) is not None
    found = _by_cuts(Exact(problem), 60.0)
    assert found is not None
    if isinstance(found, np.ndarray):
        assert possible
        assert set(pieces(graph, found)) == {1}
        assert ((np.bincount(found, problem.households) >= 300) & (np.bincount(found, problem.households) <= 500)).all()
    else:
        assert not possible
    assert is_feasible(problem, time_limit_s=60) is possible


@pytest.mark.usefixtures("highs")
def test_a_hundred_units_without_a_cut_are_proven() -> None:
    """Ten by ten units of 290 and 220: no one is a grid alone, and no two have at most 500 but two of 220."""
    problem = lattice(10, 10, [290, 220] * 50, Band())
    assert Band().counts(int(problem.households.sum()))
    assert is_feasible(problem, time_limit_s=60) is False
    assert is_feasible(lattice(10, 10, [240, 220] * 50, Band()), time_limit_s=60) is True


@pytest.mark.usefixtures("highs")
def test_a_search_ends_by_its_steps_alone() -> None:
    """What one pause does not decide stays open however much time there is, and is decided where enough are given."""
    households = np.random.default_rng(0).integers(100, 260, 100)
    problem = lattice(10, 10, households.tolist(), Band())
    assert feasible_labels(problem, time_limit_s=600, most_pauses=1) is None
    found = feasible_labels(problem, time_limit_s=600, most_pauses=100)
    assert isinstance(found, np.ndarray)
    again = feasible_labels(problem, time_limit_s=600, most_pauses=100)
    assert isinstance(again, np.ndarray)
    assert found.tolist() == again.tolist()


@pytest.mark.usefixtures("highs")
def test_the_number_that_is_set_decides() -> None:
    problem = lattice(4, 2, [100] * 8, Band(200, 300, 400))
    assert [is_feasible(replace(problem, n_regions=k), time_limit_s=60) for k in (2, 3, 4)] == [True, True, True]
    assert is_feasible(replace(problem, n_regions=5), time_limit_s=60) is False


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10**6))
def test_cuts_forbid_what_was_met_and_no_connected_region(seed: int) -> None:
    """Every cut is broken by the pieces it comes from, and by no connected region of any centre."""
    rng = np.random.default_rng(seed)
    problem = town(30, seed)
    centre_of = rng.choice(rng.choice(30, 4, replace=False), 30)
    centre_of[centre_of] = centre_of
    cuts = list(violated_cuts(problem.graph, centre_of))
    assert any(centre_of[cut.unit] == cut.centre for cut in cuts)
    assert not any(
        centre_of[cut.unit] == cut.centre and (centre_of[list(cut.separator)] == cut.centre).any() for cut in cuts
    )
    for cut in cuts:
        region = rng.random(30) < 0.7
        region[list(cut.separator)] = False
        region[cut.centre] = True
        assert not reached(problem.graph, cut.centre, region)[cut.unit]


def test_a_path_too_heavy_parts_two_units() -> None:
    possible = Exact(lattice(4, 1, [100, 350, 60, 0], Band())).possible()
    assert possible[0].tolist() == [True, True, False, False]
    assert possible[1].tolist() == [True, True, True, True]


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        ([0, 1, 0], "several pieces"),
        ([0, 0, 0], "0..1"),
        ([0, 1, 1], "200 to 430 households, allowed are 300 to 500"),
    ],
)
def test_an_incumbent_that_is_no_solution_is_refused(labels: list[int], message: str) -> None:
    problem = lattice(3, 1, [200, 200, 230], Band())
    with pytest.raises(ValueError, match=message):
        prove(problem, 2, np.array(labels, dtype=np.int32), time_limit_s=1)


def test_without_the_solver_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "highspy", None)
    problem = lattice(4, 1, [150, 150, 200, 200], Band())
    with pytest.raises(SolverMissingError, match=r"gridplan\[prove\]"):
        prove(problem, 2, np.array([0, 0, 1, 1], dtype=np.int32), time_limit_s=1)

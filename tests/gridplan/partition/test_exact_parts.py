"""What the search left open is decided: no cut is proven, a cut is taken; compounds are forced one by one."""

from __future__ import annotations

import sys
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from partition_cases import graph_of, lattice, partitions, pieces, small_problems, town

from gridplan.partition.breaches import breaches_of
from gridplan.partition.exact_decide import compound_is_forced
from gridplan.partition.exact_parts import proven, settled
from gridplan.partition.problem import NONE, Breach, Problem, Result
from gridplan.partition.search import compile_problem, region_sums
from gridplan.partition.solve import solve
from gridplan.rules import Band

pytest.importorskip("highspy", reason="the extra `prove` is not installed")


def given_up(problem: Problem, labels: np.ndarray) -> Result:
    """Return a result as a search leaves it that gave up on its first region."""
    k = int(labels.max()) + 1
    total = int(region_sums(labels, k, problem.households)[0])
    return Result(labels, k, 0, (Breach(0, "band", total, 300, "search_gave_up", proven=False),))


def settled_by(problem: Problem, result: Result) -> Result:
    return settled(problem, result, rng=np.random.default_rng(0), effort="quick")


@settings(max_examples=40, deadline=None)
@given(small_problems())
def test_what_was_given_up_is_cut_or_proven(problem: Problem) -> None:
    band = problem.band
    assert band is not None
    if not band.counts(int(problem.households.sum())) or problem.households.max() > band.maximum:
        return
    graph = graph_of(problem.graph)
    exists = next(partitions(graph, range(300, 501), problem.households), None) is not None
    made = settled_by(problem, given_up(problem, np.zeros(problem.n_units, dtype=np.int32)))
    if not exists:
        assert [(b.reason, b.proven) for b in made.breaches] == [("no_connected_cut", True)]
        return
    assert made.breaches == ()
    assert set(pieces(graph, made.labels)) == {1}
    assert not breaches_of(problem, made.labels, made.n_regions)


def test_a_part_beside_a_unit_above_the_maximum_is_decided_by_itself() -> None:
    """600 in one unit is a grid by itself; 290, 20, 290 beside it would make two grids, and nothing cuts them."""
    problem = lattice(4, 1, [600, 290, 20, 290], Band())
    labels = np.array([0, 1, 1, 2], dtype=np.int32)
    open_ = (
        Breach(0, "band", 600, 500, "unit_over_maximum", proven=True),
        Breach(2, "band", 290, 300, "search_gave_up", proven=False),
    )
    made = settled_by(problem, Result(labels, 3, 0, open_))
    assert {(b.value, b.reason, b.proven) for b in made.breaches} == {
        (600, "unit_over_maximum", True),
        (290, "no_connected_cut", True),
    }
    assert made.labels.tolist() == labels.tolist()


def test_parts_of_some_hundred_units_are_decided() -> None:
    """The same row with ground between: exhaustion is beyond it, the model is not."""
    homes = np.zeros(240, dtype=np.int64)
    homes[[20, 120, 220]] = 290, 20, 290
    problem = lattice(240, 1, homes.tolist(), Band())
    made = settled_by(problem, given_up(problem, np.zeros(240, dtype=np.int32)))
    assert [(b.reason, b.proven) for b in made.breaches] == [("no_connected_cut", True)]


def test_other_parts_keep_their_grids() -> None:
    """
    Two rows that do not touch: 400 and 400 above, cut well; 290, 20, 290 below, which nothing cuts.

    The region given up is that of the lower row.
    """
    whole = lattice(3, 2, [400, 0, 400, 290, 20, 290], Band())
    keep = whole.graph.heads() // 3 == whole.graph.indices // 3
    graph = replace(
        whole.graph,
        indptr=np.concatenate([[0], np.cumsum(np.bincount(whole.graph.heads()[keep], minlength=6))]).astype(np.int32),
        indices=whole.graph.indices[keep],
        border_m=whole.graph.border_m[keep],
        open_m=whole.graph.open_m[keep],
    )
    problem = replace(whole, graph=graph)
    labels = np.array([0, 0, 1, 2, 2, 2], dtype=np.int32)
    made = settled_by(problem, Result(labels, 3, 0, (Breach(2, "band", 600, 500, "search_gave_up", proven=False),)))
    np.testing.assert_array_equal(made.labels, labels)
    assert made.breaches == (Breach(2, "band", 600, 500, "no_connected_cut", proven=True),)


def test_a_number_that_no_cut_keeps_is_proven() -> None:
    """A star of five: its middle lies in one region, so three of the others stand alone, below the minimum."""
    problem = lattice(3, 3, [0, 250, 0, 250, 400, 250, 0, 250, 0], Band())
    made = solve(replace(problem, n_regions=4), rng=np.random.default_rng(0), effort="quick")
    after = settled(replace(problem, n_regions=4), made, rng=np.random.default_rng(0), effort="quick")
    assert {breach.reason for breach in made.breaches} == {"search_gave_up"}
    assert {(breach.reason, breach.proven) for breach in after.breaches} == {("no_connected_cut", True)}


def test_only_the_compound_that_has_to_is_forced() -> None:
    """
    Houses in a row: 200 | 200 200 | 100 | 150 150. The first compound straddles the only cut, the second need not.
    """
    compound = np.array([NONE, 0, 0, NONE, 1, 1], dtype=np.int32)
    problem = lattice(6, 1, [200, 200, 200, 100, 50, 50], Band(), compound=compound)
    assert [compound_is_forced(problem, number, exactly=False) for number in (0, 1)] == [True, False]
    torn = np.array([0, 0, 1, 1, 1, 2], dtype=np.int32)
    made = settled_by(problem, Result(torn, 3, 0, (), ((0, True), (1, True))))
    assert made.split_compounds == ((0, True), (1, False))


def test_a_proof_bounds_every_part_and_takes_what_is_better() -> None:
    problem = town(60, 5)
    made = solve(problem, rng=np.random.default_rng(0), effort="quick")
    after, (proof,) = proven(problem, made, rng=np.random.default_rng(0), effort="quick", time_limit_s=60)
    assert proof.status == "optimal"
    assert proof.objective == proof.bound
    assert proof.gap == 0.0
    assert proof.plan_gap is not None
    assert proof.plan_gap >= 0.0
    assert set(pieces(graph_of(problem.graph), after.labels)) == {1}
    assert breaches_of(problem, after.labels, after.n_regions) == ()
    cost = compile_problem(problem, made.n_regions, np.empty(0, dtype=np.int64)).cost
    assert (cost(after.labels) < cost(made.labels)) is proof.taken
    assert proof.taken or np.array_equal(after.labels, made.labels)


def test_what_cannot_be_bounded_says_why() -> None:
    alone = lattice(2, 1, [100, 120], Band())
    made = solve(alone, rng=np.random.default_rng(0), effort="quick")
    _, (proof,) = proven(alone, made, rng=np.random.default_rng(0), effort="quick", time_limit_s=1)
    assert (proof.status, proof.gap) == ("out_of_bounds", None)
    large = lattice(20, 11, 20, Band())
    made = solve(large, rng=np.random.default_rng(0), effort="quick")
    _, (proof,) = proven(large, made, rng=np.random.default_rng(0), effort="quick", time_limit_s=1)
    assert (proof.status, proof.units, proof.gap) == ("too_large", 220, None)


def test_without_the_solver_what_was_given_up_stays_open(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "highspy", None)
    problem = lattice(5, 5, 60, Band())
    result = given_up(problem, np.zeros(25, dtype=np.int32))
    assert settled_by(problem, result) is result

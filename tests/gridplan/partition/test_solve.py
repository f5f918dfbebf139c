"""What the solver promises for every problem, and what it says where a promise cannot be kept."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import networkx as nx
import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from partition_cases import graph_of, lattice, partitions, pieces, problem_of, rook, small_problems, town

from gridplan.errors import RulesError
from gridplan.partition import portfolio
from gridplan.partition.candidate import Candidate
from gridplan.partition.feasibility import exhaust
from gridplan.partition.problem import Bounds, Problem, Result
from gridplan.partition.search import region_sums
from gridplan.partition.solve import solve
from gridplan.rules import Band, Weights


def solved(problem: Problem, seed: int = 1, **options: object) -> Result:
    return solve(problem, rng=np.random.default_rng(seed), **options)  # type: ignore[arg-type]


def row(*households: int, **fields: object) -> Problem:
    """Make units in a row: 0 - 1 - 2 ..."""
    return problem_of(pairwise(range(len(households))), households, Band(), width=len(households), **fields)


def sums_of(problem: Problem, result: Result) -> list[int]:
    return region_sums(result.labels, result.n_regions, problem.households).tolist()


def same_regions(one: np.ndarray, other: np.ndarray) -> bool:
    return len({*zip(one.tolist(), other.tolist(), strict=True)}) == len({*one.tolist()}) == len({*other.tolist()})


@settings(max_examples=60, deadline=None)
@given(small_problems())
@example(row(300, 0, 300))
def test_regions_are_connected_and_in_the_band_or_named(problem: Problem) -> None:
    result = solved(problem, effort="quick")
    graph = graph_of(problem.graph)
    assert np.unique(result.labels).tolist() == list(range(result.n_regions))
    assert pieces(graph, result.labels) == [1] * result.n_regions
    out = {r: s for r, s in enumerate(sums_of(problem, result)) if not 300 <= s <= 500}
    assert {breach.region: breach.value for breach in result.breaches} == out
    possible = next(partitions(graph, range(300, 501), problem.households), None) is not None
    assert bool(out) != possible
    if out:
        # Nine units are exhausted, so every reason is proven.
        assert all(breach.proven and breach.reason != "search_gave_up" for breach in result.breaches)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10**6))
def test_larger_nasty_graphs_are_in_the_band_wherever_exhaustion_says_so(seed: int) -> None:
    rng = np.random.default_rng(seed)
    edges = [edge for edge in rook(5, 4) if rng.random() < 0.8]
    problem = problem_of(edges, rng.integers(30, 421, size=20), Band())
    for units in nx.connected_components(graph_of(problem.graph)):
        members = np.array(sorted(units))
        place = {unit: number for number, unit in enumerate(members.tolist())}
        inner = [(place[u], place[v]) for u, v in edges if u in place and v in place]
        part = problem_of(inner, problem.households[members], Band())
        feasible = exhaust(part.graph, part.households, Band())
        result = solved(part)
        assert feasible is not None
        assert feasible == (not result.breaches)
        assert all(breach.proven for breach in result.breaches)


def test_a_town_is_cut_whole_and_in_the_band() -> None:
    problem = town(150, 3)
    result = solved(problem)
    assert result.breaches == ()
    assert pieces(graph_of(problem.graph), result.labels) == [1] * result.n_regions
    assert sum(sums_of(problem, result)) == problem.households.sum()
    assert abs(problem.households.sum() / result.n_regions - 400) < 60


@pytest.mark.parametrize(
    ("households", "sums", "reasons"),
    [
        ((200, 99), [299], {"component_below_minimum"}),
        ((0, 0), [0], {"no_households"}),
        ((250, 251), [501], {"total_fits_no_number"}),
        ((300, 299), [299, 300], {"total_fits_no_number"}),
        # 2 x 300 fits the sum, but no unit is 300 and no cut of the row gives it.
        ((250, 100, 250), None, {"no_connected_cut"}),
        ((400, 719, 350), [350, 400, 719], {"unit_over_maximum"}),
        # What does not fit beside a unit above the maximum goes with it.
        ((719, 120), [839], {"unit_over_maximum"}),
    ],
)
def test_arithmetic_reasons(households: tuple[int, ...], sums: list[int] | None, reasons: set[str]) -> None:
    result = solved(row(*households))
    assert {breach.reason for breach in result.breaches} == reasons
    assert all(breach.proven for breach in result.breaches)
    if sums is not None:
        assert sorted(sums_of(row(*households), result)) == sums


@pytest.mark.parametrize("total", [501, 545, 599])
def test_a_total_between_goes_out_of_the_band_by_the_fewest(total: int) -> None:
    """Nine units in a row: the one grid out of the band is off by the fewest households of all partitions."""
    problem = row(*[total // 9] * 8, total - 8 * (total // 9))
    (breach,) = solved(problem).breaches
    assert breach.reason == "total_fits_no_number"
    every = (
        np.bincount(labels, problem.households)
        for labels in partitions(graph_of(problem.graph), range(600), problem.households)
    )
    off = [np.maximum(300 - sums, 0) + np.maximum(sums - 500, 0) for sums in every]
    assert abs(breach.value - breach.limit) == min(int(each.sum()) for each in off if np.count_nonzero(each) == 1)


def test_parts_are_solved_apart() -> None:
    """Two rows that do not touch: 800 households, and 250 which are below the minimum alone."""
    edges = [(0, 1), (1, 2), (2, 3), (4, 5)]
    problem = problem_of(edges, [200, 200, 200, 200, 125, 125], Band(), width=4)
    result = solved(problem)
    assert sorted(sums_of(problem, result)) == [250, 400, 400]
    assert [(b.value, b.reason) for b in result.breaches] == [(250, "component_below_minimum")]


def test_pairs_that_must_part_do() -> None:
    problem = lattice(4, 4, 50, Band())
    together = solved(problem)
    pair = np.flatnonzero(together.labels == together.labels[0])[:2].astype(np.int32)
    result = solved(replace(problem, part=pair[None, :]))
    assert result.labels[pair[0]] != result.labels[pair[1]]
    assert result.breaches == ()


def test_pairs_that_cannot_part_are_named() -> None:
    result = solved(row(150, 150, part=np.array([[0, 1]], dtype=np.int32)))
    assert [breach.rule for breach in result.breaches] == ["part"]


def test_bounds_on_persons_are_kept_or_named() -> None:
    problem = lattice(5, 2, 80, Band(), persons=np.array([500, 500, 100, 100, 100] * 2))
    assert solved(replace(problem, bounds=Bounds(persons=(None, 1_400)))).breaches == ()
    broken = solved(replace(problem, bounds=Bounds(persons=(None, 999)))).breaches
    assert {(breach.rule, breach.limit) for breach in broken} >= {("persons", 999)}


@pytest.mark.parametrize("number", [2, 3])
def test_a_number_that_is_set_is_kept(number: int) -> None:
    problem = lattice(5, 4, 50, Band(), n_regions=number)
    result = solved(problem)
    assert result.n_regions == number
    assert result.breaches == ()


@pytest.mark.parametrize(
    ("problem", "message"),
    [
        (lattice(5, 4, 50, Band(), n_regions=5), "5 grids are set, .* fit 2 to 3 grids only"),
        (row(400, 400, 400, n_regions=4), "4 grids are set, .* fit 3 grids only"),
        (row(100, 100, 100, n_regions=2), "2 grids are set, .* fit 1 grids only"),
        # The numbers beside a unit above the maximum follow from it.
        (row(400, 719, 350, n_regions=4), "4 grids are set, .* fit 3 grids only"),
    ],
)
def test_a_number_that_fits_nothing_is_refused(problem: Problem, message: str) -> None:
    with pytest.raises(RulesError, match=message):
        solved(problem)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6))
def test_compounds_stay_whole_wherever_that_can_be(seed: int) -> None:
    """
    Eight units in two rows, three compounds; all partitions are listed.

        a a b b
        c a c .
    """
    rng = np.random.default_rng(seed)
    compound = np.array([0, 0, 1, 1, 2, 0, 2, -1], dtype=np.int32)
    problem = lattice(4, 2, rng.integers(40, 200, size=8), Band(), compound=compound)
    result = solved(problem)
    in_band = list(partitions(graph_of(problem.graph), range(300, 501), problem.households))
    assert bool(in_band) == (not result.breaches)
    if not in_band:
        return
    # The two units of c do not touch; what touches is kept together.
    kept = [c for c in (0, 1) if problem.households[compound == c].sum() <= 500]
    splits = [sum(len(np.unique(labels[compound == c])) > 1 for c in kept) for labels in in_band]
    ours = sum(len(np.unique(result.labels[compound == c])) > 1 for c in kept)
    assert bool(ours) == bool(min(splits))
    assert {number for number, _ in result.split_compounds} == {
        c for c in kept if len(np.unique(result.labels[compound == c])) > 1
    }
    assert all(proven for _, proven in result.split_compounds)


def test_the_same_generator_gives_the_same_labels() -> None:
    problem = town(100, 9)
    one, again, other = (solved(problem, seed) for seed in (5, 5, 6))
    np.testing.assert_array_equal(one.labels, again.labels)
    assert one == replace(again, labels=one.labels)
    assert other.objective > 0


def test_doubling_households_and_band_changes_nothing() -> None:
    problem = town(100, 2)
    # Ground weighs like households, in whole numbers: a total that a hundred units share evenly.
    problem.households[0] += -problem.households.sum() % 100
    problem = replace(problem, work=12 * problem.households)
    double = replace(
        problem, households=2 * problem.households, work=2 * problem.work, band=Band(600, 800, 1000), target=800
    )
    np.testing.assert_array_equal(solved(problem).labels, solved(double).labels)


def test_moving_the_map_by_a_kilometre_changes_nothing() -> None:
    problem = town(100, 2)
    np.testing.assert_array_equal(
        solved(problem).labels, solved(replace(problem, xy=problem.xy + np.array([1_000, -1_000]))).labels
    )


def test_renaming_compounds_changes_nothing() -> None:
    compound = np.repeat(np.arange(20), 5).astype(np.int32)
    problem = replace(town(100, 7), compound=compound)
    renamed = replace(problem, compound=(19 - compound).astype(np.int32))
    np.testing.assert_array_equal(solved(problem).labels, solved(renamed).labels)


def test_units_in_another_order_give_regions_as_good() -> None:
    problem = town(60, 11)
    turned = np.random.default_rng(0).permutation(60)
    place = np.argsort(turned)
    edges = [(place[u], place[v]) for u, v in graph_of(problem.graph).edges]
    other = problem_of(edges, problem.households[turned], Band(), xy=problem.xy[turned])
    first, second = (solved(p, effort="best") for p in (problem, other))
    assert first.breaches == second.breaches == ()
    assert first.n_regions == second.n_regions
    assert second.objective == pytest.approx(first.objective, rel=0.02)


def test_todays_grids_hold_where_stability_weighs() -> None:
    problem = town(100, 5)
    before = solved(problem, 1)
    shaken = replace(problem, previous=before.labels, weights=Weights(stability=20.0), n_regions=before.n_regions)
    assert same_regions(solved(shaken, 2).labels, before.labels)


def test_a_stop_ends_the_search_with_an_answer() -> None:
    problem = town(100, 1)
    result = solved(problem, stop=lambda: True)
    assert len(result.labels) == 100
    assert pieces(graph_of(problem.graph), result.labels) == [1] * result.n_regions


def test_without_a_band_the_target_sets_the_number() -> None:
    problem = replace(lattice(5, 4, 50, Band()), band=None, target=250)
    result = solved(problem)
    assert (result.n_regions, result.breaches) == (4, ())


@pytest.mark.parametrize(("costs", "starts"), [(range(8), 5), (range(8, 0, -1), 8), ((4, 3, 5, 6, 7, 8, 9, 9), 6)])
def test_the_hardest_search_stops_where_nothing_improves(
    costs: list[int], starts: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Annealings are replaced by costs that are told: four in a row without a better one are the last."""
    left = iter(costs)
    made: list[Candidate] = []

    def annealing(_: Problem, labels: np.ndarray, k: int, *__: object) -> Candidate:
        made.append(Candidate(labels, k, (0, 0, float(next(left)))))
        return made[-1]

    monkeypatch.setattr(portfolio, "annealed", annealing)
    problem = lattice(5, 4, 40, Band(), n_regions=2)
    best = portfolio.search_labels(problem, np.random.default_rng(1), portfolio.EFFORTS["best"], portfolio.never)
    assert len(made) == starts
    assert best.rank[2] == min(made, key=lambda c: c.rank).rank[2]

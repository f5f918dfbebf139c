"""What is refused before any search, and what large numbers leave as it was."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from partition_cases import lattice, town

from gridplan.errors import RulesError
from gridplan.partition.check import LARGEST_TOTAL, check_problem
from gridplan.partition.initial import ward_labels
from gridplan.partition.search import compile_problem
from gridplan.partition.solve import solve
from gridplan.rules import Band, Weights

NONE_OVERSIZE = np.empty(0, dtype=np.int64)


def test_all_that_cannot_be_summed_up_is_named_with_its_number_before_any_search() -> None:
    problem = lattice(3, 2, 100, Band())
    weights = Weights()
    object.__setattr__(weights, "balance", float("nan"))
    problem = replace(
        problem,
        households=np.array([-7, 100, 100, 100, 100, 100]),
        work=np.full(6, 2**62),
        area_m2=np.array([1.0, 1.0, np.inf, 1.0, 1.0, 1.0]),
        xy=np.full((6, 2), np.nan),
        weights=weights,
    )

    def search(*_: object) -> None:
        raise AssertionError("nothing is to be searched")

    with pytest.raises(RulesError) as caught:
        solve(problem, rng=np.random.default_rng(1), search=search)  # type: ignore[arg-type]
    told = str(caught.value).splitlines()
    starts = (
        "households: expected whole numbers >= 0; unit 0 has -7",
        "work: expected at most 1,000,000,000,000 together; found 27,670,",
        "area_m2: expected square metres >= 0; unit 2 has inf",
        "xy: expected places in metres; unit 0 has [nan, nan]",
        "weights.balance: expected 0 to 1,000,000; found nan",
    )
    assert len(told) == len(starts)
    assert all(text.startswith(start) for text, start in zip(told, starts, strict=True))


@pytest.mark.parametrize("stretch", [1, 10_000])
def test_a_thousand_million_households_over_a_continent_cost_what_few_on_a_field_do(stretch: int) -> None:
    """Shapes and shares do not depend on scale; an overflow of the squares would."""
    problem = town(120, 4)
    labels = ward_labels(problem.graph, problem.xy, 12)
    few = compile_problem(problem, 12, NONE_OVERSIZE).cost(labels)
    factor = LARGEST_TOTAL // int(problem.work.sum())
    graph = replace(problem.graph, border_m=problem.graph.border_m * stretch, open_m=problem.graph.open_m * stretch)
    large = replace(
        problem,
        graph=graph,
        households=problem.households * factor,
        work=problem.work * factor,
        persons=problem.persons * factor,
        xy=problem.xy * stretch,
        area_m2=problem.area_m2 * float(stretch) ** 2,
        band=Band(300 * factor, 400 * factor, 500 * factor),
        target=400 * factor,
    )
    check_problem(large)
    assert compile_problem(large, 12, NONE_OVERSIZE).cost(labels) == pytest.approx(few, rel=1e-3)

"""Small lattices with present grids, and the fewest households that must move, by an exact model."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array

from gridplan.partition.initial import components, subgraph
from gridplan.partition.problem import NONE, Problem, graph_from_edges
from gridplan.rules import Band


def lattice(households: np.ndarray, previous: np.ndarray, band: Band) -> Problem:
    """Return a lattice of square units of 50 m with households and present grids as drawn, first row at the top."""
    rows, columns = households.shape
    number = np.arange(rows * columns).reshape(rows, columns)
    first = np.concatenate([number[:, :-1].ravel(), number[:-1].ravel()])
    second = np.concatenate([number[:, 1:].ravel(), number[1:].ravel()])
    sides = np.full(len(first), 50.0)
    places = np.stack([number.ravel() % columns, -(number.ravel() // columns)], axis=1) * 50.0
    count = households.ravel().astype(np.int64)
    return Problem(
        graph_from_edges(number.size, first, second, sides, sides),
        count,
        12 * count,
        3 * count,
        places,
        np.full(number.size, 2500.0),
        np.full(number.size, NONE, dtype=np.int32),
        previous.ravel().astype(np.int32),
        band,
        band.target,
    )


def fewest_moved(problem: Problem, more: int) -> int:
    """
    Return the fewest households that leave their present grid in any plan inside the band, proven.

    A model of assignments to the present grids and to ``more`` new ones, with contiguity by lazy separators: two units
    of a region need a unit of the separator between them.
    """
    assert problem.band is not None
    n, k = problem.n_units, int(problem.previous.max()) + 1 + more
    leaves = np.arange(k)[None, :] != problem.previous[:, None]
    cost = np.concatenate([(leaves * problem.households[:, None]).ravel(), np.zeros(k)])
    rows = list(_assignment_rows(problem, n, k))
    for _ in range(100):
        entries = [(row, column, value) for row, (terms, _, _) in enumerate(rows) for column, value in terms.items()]
        at_row, at_column, values = (np.array(item) for item in zip(*entries, strict=True))
        matrix = csr_array((values.astype(float), (at_row, at_column)), shape=(len(rows), n * k + k))
        bounds = LinearConstraint(matrix, [low for _, low, _ in rows], [high for _, _, high in rows])
        found = milp(cost, constraints=bounds, integrality=np.ones(len(cost)), bounds=Bounds(0, 1))
        assert found.success, found.message
        labels = found.x[: n * k].reshape(n, k).argmax(axis=1)
        cuts = list(_separators(problem, labels, k))
        if not cuts:
            return round(found.fun)
        rows += cuts
    raise AssertionError("the exact model has not come to an end")


Row = tuple[dict[int, float], float, float]


def _assignment_rows(problem: Problem, n: int, k: int) -> Iterator[Row]:
    assert problem.band is not None
    for unit in range(n):
        yield {unit * k + region: 1.0 for region in range(k)}, 1.0, 1.0
    for region in range(k):
        total = {unit * k + region: float(problem.households[unit]) for unit in range(n)}
        yield {**total, n * k + region: -float(problem.band.minimum)}, 0.0, np.inf
        yield {**total, n * k + region: -float(problem.band.maximum)}, -np.inf, 0.0


def _separators(problem: Problem, labels: np.ndarray, k: int) -> Iterator[Row]:
    graph = problem.graph
    for region in range(k):
        units = np.flatnonzero(labels == region)
        count, piece = components(subgraph(graph, units))
        for one in range(count if count > 1 else 0):
            inside = set(units[piece == one].tolist())
            around = {int(v) for u in inside for v in graph.indices[graph.indptr[u] : graph.indptr[u + 1]]} - inside
            first = max(inside, key=lambda u: problem.households[u])
            for other in range(count):
                if other == one:
                    continue
                second = max(units[piece == other].tolist(), key=lambda u: problem.households[u])
                for each in range(k):
                    ends = {first * k + each: 1.0, second * k + each: 1.0}
                    yield {**ends, **{u * k + each: -1.0 for u in around}}, -np.inf, 1.0

"""The fewest households that leave their present grid in any plan inside the band, by an exact model."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array

from gridplan.partition.initial import components, subgraph
from gridplan.partition.problem import NONE, Graph, Problem

# Of the main piece of a region, so many of the heaviest units are named in the cuts against another piece.
NAMED = 3


class Fewest(NamedTuple):
    """No plan inside the band moves fewer households; whether some plan moves no more."""

    bound: float
    proven: bool


@dataclass
class _Rows:
    """Rows of a linear program, as they come."""

    entries: list[tuple[int, int, float]] = field(default_factory=list)
    low: list[float] = field(default_factory=list)
    high: list[float] = field(default_factory=list)

    def add(self, terms: Iterable[tuple[int, float]], low: float, high: float) -> None:
        self.entries += [(len(self.low), column, value) for column, value in terms]
        self.low.append(low)
        self.high.append(high)

    def constraint(self, width: int) -> LinearConstraint:
        row, column, value = (np.array(each) for each in zip(*self.entries, strict=True))
        matrix = csr_array((value.astype(float), (row, column)), shape=(len(self.low), width))
        return LinearConstraint(matrix, self.low, self.high)


def fewest_moved(problem: Problem, more: int, limit_s: float = np.inf) -> Fewest:
    """
    Return the fewest households that change grid.

    A unit is assigned to a present grid or to one of ``more`` new ones, and has moved where that is not its own. A
    grid keeps its name whatever it keeps of its households, so that this is a bound too for the rule of half and half.
    Contiguity comes by lazy separators: two units of a grid need a unit of the separator between them. After
    ``limit_s`` seconds the bound reached is returned, unproven.
    """
    model, end = _Model(problem, more), time.monotonic() + limit_s
    bound = 0.0
    while (left := end - time.monotonic()) > 0:
        found = model.solved(left)
        assert found.status != 2, "no plan keeps to the band"
        if found.mip_dual_bound is not None:
            bound = max(bound, float(np.ceil(found.mip_dual_bound - 1e-6)))
        if found.status != 0:
            return Fewest(bound, proven=False)
        if not model.cut(found.x):
            return Fewest(float(round(found.fun)), proven=True)
    return Fewest(bound, proven=False)


class _Model:
    """Columns: unit x grid, then whether a grid is there."""

    def __init__(self, problem: Problem, more: int) -> None:
        self.problem, self.n = problem, problem.n_units
        self.old = int(problem.previous.max()) + 1
        self.k = self.old + more
        self.width = self.n * self.k + self.k
        self.rows = _Rows()
        self._assign()
        self._bind()
        self._touch()

    def _assign(self) -> None:
        for unit in range(self.n):
            self.rows.add([(unit * self.k + grid, 1.0) for grid in range(self.k)], 1.0, 1.0)
            for grid in range(self.k):
                self.rows.add([(unit * self.k + grid, 1.0), (self.n * self.k + grid, -1.0)], -np.inf, 0.0)

    def _bind(self) -> None:
        band, weights = self.problem.band, self.problem.households.astype(float)
        assert band is not None
        total = [[(unit * self.k + grid, weights[unit]) for unit in range(self.n)] for grid in range(self.k)]
        for grid in range(self.k):
            self.rows.add([*total[grid], (self.n * self.k + grid, -float(band.minimum))], 0.0, np.inf)
            self.rows.add([*total[grid], (self.n * self.k + grid, -float(band.maximum))], -np.inf, 0.0)
        # New grids are alike: the heavier comes first.
        for grid in range(self.old, self.k - 1):
            lighter = [(column, -value) for column, value in total[grid + 1]]
            self.rows.add([*total[grid], *lighter], 0.0, np.inf)

    def _touch(self) -> None:
        """Let a unit that is no grid alone have a neighbour in its grid."""
        graph, band = self.problem.graph, self.problem.band
        assert band is not None
        for unit in np.flatnonzero(self.problem.households < band.minimum).tolist():
            around = graph.indices[graph.indptr[unit] : graph.indptr[unit + 1]].tolist()
            for grid in range(self.k):
                near = [(each * self.k + grid, -1.0) for each in around]
                self.rows.add([(unit * self.k + grid, 1.0), *near], -np.inf, 0.0)

    def solved(self, limit_s: float) -> object:
        previous = self.problem.previous
        leaves = (np.arange(self.k)[None, :] != previous[:, None]) & (previous[:, None] != NONE)
        cost = np.concatenate([(leaves * self.problem.households[:, None]).ravel(), np.zeros(self.k)])
        options = {"mip_rel_gap": 0.0, **({"time_limit": limit_s} if np.isfinite(limit_s) else {})}
        return milp(
            cost,
            constraints=self.rows.constraint(self.width),
            integrality=np.ones(self.width),
            bounds=Bounds(0, 1),
            options=options,
        )

    def cut(self, point: np.ndarray) -> bool:
        """Forbid the pieces of every grid that is in several; return whether there were any."""
        labels = point[: self.n * self.k].reshape(self.n, self.k).argmax(axis=1)
        before = len(self.rows.low)
        for one, other, separator in _apart(self.problem.graph, labels, self.problem.households):
            for grid in range(self.k):
                ends = [(one * self.k + grid, 1.0), (other * self.k + grid, 1.0), (self.n * self.k + grid, -1.0)]
                self.rows.add([*ends, *((unit * self.k + grid, -1.0) for unit in separator)], -np.inf, 0.0)
        return len(self.rows.low) > before


def _apart(graph: Graph, labels: np.ndarray, households: np.ndarray) -> Iterator[tuple[int, int, set[int]]]:
    """Yield two units of a grid in several pieces, and the units of which one must join them."""
    for grid in np.unique(labels):
        units = np.flatnonzero(labels == grid)
        count, piece = components(subgraph(graph, units))
        main = int(np.argmax(np.bincount(piece, households[units] + 1e-3)))
        heavy = sorted(units[piece == main].tolist(), key=lambda unit: -households[unit])
        for number in set(range(count)) - {main}:
            inside = units[piece == number].tolist()
            separator = _separator(graph, set(inside), heavy[0])
            one = max(inside, key=lambda unit: households[unit])
            yield from ((one, other, separator) for other in heavy[:NAMED])


def _separator(graph: Graph, inside: set[int], start: int) -> set[int]:
    """Return the units beside a piece that a walk from beyond meets first."""

    def around(unit: int) -> list[int]:
        return list(graph.indices[graph.indptr[unit] : graph.indptr[unit + 1]].tolist())

    rim = {each for unit in inside for each in around(unit)} - inside
    seen, waiting, met = {start}, [start], set[int]()
    while waiting:
        for each in around(waiting.pop()):
            if each in rim:
                met.add(each)
            elif each not in seen:
                seen.add(each)
                waiting.append(each)
    return met

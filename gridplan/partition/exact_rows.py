"""The exact model as rows and columns of a linear program, for any solver."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from gridplan.partition.exact_cuts import Cut
from gridplan.partition.exact_model import DEVIATION_M2, Exact, Pairs
from gridplan.partition.problem import NONE, Floats, Ints, Labels

Places = NDArray[np.int64]


class Columns(NamedTuple):
    """The model's columns: first every allowed pair, then ``over`` and ``under`` for every centre."""

    unit: Ints
    centre: Ints
    # Column of a pair, or -1; shape (n_units, n_units).
    place: Ints
    # Units that may be centres; ``over`` of the c-th is column ``len(unit) + 2 * c``, ``under`` the next.
    centres: Ints

    @property
    def width(self) -> int:
        """Number of columns."""
        return len(self.unit) + 2 * len(self.centres)


@dataclass(frozen=True)
class Program:
    """Minimise ``cost @ x`` where ``lower <= matrix @ x <= upper`` and ``0 <= x <= ceiling``; pairs are binary."""

    columns: Columns
    cost: Floats
    ceiling: Floats
    matrix: csr_matrix
    lower: Floats
    upper: Floats

    def point(self, centre_of: Ints, households: Ints, target: int) -> Floats | None:
        """Return the columns' values of an assignment, or None where a pair of it has no column."""
        places = self.columns.place[np.arange(len(centre_of)), centre_of]
        if (places == NONE).any():
            return None
        values = np.zeros(self.columns.width)
        values[places] = 1.0
        loads = np.bincount(centre_of, households, minlength=len(centre_of))
        off = np.where(np.isin(self.columns.centres, centre_of), loads[self.columns.centres] - target, 0.0)
        values[len(self.columns.unit) :: 2] = np.maximum(off, 0.0)
        values[len(self.columns.unit) + 1 :: 2] = np.maximum(-off, 0.0)
        return values

    def assignment(self, values: Floats) -> Ints:
        """Return the centre of each unit in a point."""
        chosen = np.flatnonzero(values[: len(self.columns.unit)] > 0.5)
        centre_of = np.full(len(self.columns.place), NONE, dtype=np.int64)
        centre_of[self.columns.unit[chosen]] = self.columns.centre[chosen]
        return centre_of


@dataclass
class _Rows:
    """Rows under construction, as coordinates of one sparse matrix."""

    heads: list[Places] = field(default_factory=list)
    tails: list[Places] = field(default_factory=list)
    values: list[Floats] = field(default_factory=list)
    lower: list[Floats] = field(default_factory=list)
    upper: list[Floats] = field(default_factory=list)
    count: int = 0

    def block(self, number: int, lower: float, upper: float) -> int:
        """Open ``number`` rows with the same limits; return the first."""
        self.lower.append(np.full(number, lower))
        self.upper.append(np.full(number, upper))
        self.count += number
        return self.count - number

    def put(self, rows: Places, columns: Places, values: float | Ints | Floats) -> None:
        """Write entries; entries on the same place add up."""
        self.heads.append(np.asarray(rows, dtype=np.int64))
        self.tails.append(np.asarray(columns, dtype=np.int64))
        self.values.append(np.broadcast_to(np.asarray(values, dtype=np.float64), self.heads[-1].shape))

    def matrix(self, columns: int) -> csr_matrix:
        """Return the rows as one matrix."""
        triple = np.concatenate(self.values), (np.concatenate(self.heads), np.concatenate(self.tails))
        return csr_matrix(triple, shape=(self.count, columns))


def columns_of(allowed: Pairs) -> Columns:
    """
    Return the columns of a model whose centres serve only what they are allowed to.

    Parameters
    ----------
    allowed
        Shape (n_units, n_units): whether the unit of the row may lie in the region of the column's centre.
    """
    unit, centre = np.nonzero(allowed & np.diagonal(allowed)[None, :])
    place = np.full(allowed.shape, NONE, dtype=np.int64)
    place[unit, centre] = np.arange(len(unit))
    return Columns(unit, centre, place, np.flatnonzero(np.diagonal(allowed)))


def program_of(exact: Exact, allowed: Pairs, k: int | None, cuts: Iterable[Cut], *, scale: float) -> Program:
    """
    Write the model down.

    Parameters
    ----------
    exact
        The model.
    allowed
        Pairs that get a column.
    k
        Number of regions; None leaves it free.
    cuts
        Separators known so far.
    scale
        What the objective is divided by; 0 drops it, so that any solution will do.
    """
    columns = columns_of(allowed)
    rows = _Rows()
    _assign(rows, columns, k)
    _balance(rows, columns, exact)
    _link(rows, columns)
    _bound(rows, columns, exact)
    _part(rows, columns, exact.problem.part)
    _separate(rows, columns, cuts)
    cost = np.full(columns.width, float(DEVIATION_M2))
    cost[: len(columns.unit)] = exact.costs[columns.unit, columns.centre]
    ceiling = np.full(columns.width, float(exact.limits[1]))
    ceiling[: len(columns.unit)] = 1.0
    cost = cost / scale if scale else np.zeros(columns.width)
    return Program(
        columns, cost, ceiling, rows.matrix(columns.width), np.concatenate(rows.lower), np.concatenate(rows.upper)
    )


def _assign(rows: _Rows, columns: Columns, k: int | None) -> None:
    """Every unit has one centre; there are k of them."""
    pairs = np.arange(len(columns.unit))
    rows.put(rows.block(len(columns.place), 1.0, 1.0) + columns.unit, pairs, 1.0)
    own = columns.place[columns.centres, columns.centres]
    if k is not None:
        rows.put(np.full(len(own), rows.block(1, k, k)), own, 1.0)


def _balance(rows: _Rows, columns: Columns, exact: Exact) -> None:
    """Households of a centre are the target plus ``over`` less ``under``, each within the band."""
    low, high = exact.limits
    problem, count = exact.problem, len(columns.centres)
    number = np.arange(count)
    rank = np.full(problem.n_units, NONE, dtype=np.int64)
    rank[columns.centres] = number
    own = columns.place[columns.centres, columns.centres]
    over = len(columns.unit) + 2 * number
    first = rows.block(count, 0.0, 0.0)
    rows.put(first + rank[columns.centre], np.arange(len(columns.unit)), problem.households[columns.unit])
    rows.put(first + number, own, -problem.target)
    rows.put(first + number, over, -1.0)
    rows.put(first + number, over + 1, 1.0)
    for side, most in ((over, high - problem.target), (over + 1, problem.target - low)):
        first = rows.block(count, -np.inf, 0.0)
        rows.put(first + number, side, 1.0)
        rows.put(first + number, own, -most)


def _link(rows: _Rows, columns: Columns) -> None:
    """Nothing lies in the region of a unit that is no centre."""
    pairs = np.flatnonzero(columns.unit != columns.centre)
    first = rows.block(len(pairs), -np.inf, 0.0) + np.arange(len(pairs))
    rows.put(first, pairs, 1.0)
    rows.put(first, columns.place[columns.centre[pairs], columns.centre[pairs]], -1.0)


def _bound(rows: _Rows, columns: Columns, exact: Exact) -> None:
    """Keep the optional bounds on persons and work."""
    problem = exact.problem
    rank = np.full(problem.n_units, NONE, dtype=np.int64)
    rank[columns.centres] = np.arange(len(columns.centres))
    own = columns.place[columns.centres, columns.centres]
    pairs = np.arange(len(columns.unit))
    for quantity, limit, lower, upper in (
        (problem.persons, problem.bounds.persons[0], 0.0, np.inf),
        (problem.persons, problem.bounds.persons[1], -np.inf, 0.0),
        (problem.work, problem.bounds.work[0], 0.0, np.inf),
        (problem.work, problem.bounds.work[1], -np.inf, 0.0),
    ):
        if limit is not None:
            first = rows.block(len(own), lower, upper)
            rows.put(first + rank[columns.centre], pairs, quantity[columns.unit])
            rows.put(first + rank[columns.centres], own, -float(limit))


def _part(rows: _Rows, columns: Columns, part: Labels) -> None:
    """Keep the pairs that must part out of each other's region, whoever is its centre."""
    for one, other in part:
        both = columns.centres[(columns.place[[one, other]][:, columns.centres] >= 0).all(axis=0)]
        first = rows.block(len(both), -np.inf, 0.0) + np.arange(len(both))
        rows.put(first, columns.place[one, both], 1.0)
        rows.put(first, columns.place[other, both], 1.0)
        rows.put(first, columns.place[both, both], -1.0)


def _separate(rows: _Rows, columns: Columns, cuts: Iterable[Cut]) -> None:
    """Write the cuts whose pair still has a column."""
    for cut in cuts:
        pair = columns.place[cut.unit, cut.centre]
        if pair == NONE:
            continue
        through = columns.place[list(cut.separator), cut.centre]
        through = through[through != NONE]
        row = rows.block(1, -np.inf, 0.0)
        rows.put(np.full(1, row), np.full(1, pair), 1.0)
        rows.put(np.full(len(through), row), through, -1.0)

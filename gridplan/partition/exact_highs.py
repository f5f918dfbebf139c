"""
HiGHS: a linear program that chooses among regions, and the best whole-numbered point of the exact model.

highspy cannot share a process with ortools; it is imported when first needed and nowhere else.
"""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any, NamedTuple

import numpy as np

from gridplan.errors import GridplanError
from gridplan.partition.exact_rows import Program
from gridplan.partition.problem import Floats, Ints

# HiGHS stops where its bound and its best point differ by no more than this share of the value.
RELATIVE_GAP = 1e-7
# What costs are divided by for the linear program, whose tolerances are absolute.
COST_UNIT = 1e3
PRIMAL = 4
HEURISTICS = tuple(f"mip_heuristic_run_{name}" for name in ("rins", "rens", "root_reduced_cost", "feasibility_jump"))


class SolverMissingError(GridplanError, ImportError):
    """The exact model needs HiGHS, which is an optional extra."""


class Outcome(NamedTuple):
    """
    What HiGHS says of a program: its best point or None, a valid bound, whether none exists, whether it came to an end.

    `pauses` counts how often it asked whether to go on.
    """

    point: Floats | None
    bound: float
    impossible: bool
    finished: bool
    pauses: int


def require_solver() -> None:
    """
    Do nothing where HiGHS is installed.

    Raises
    ------
    SolverMissingError
        If it is not; the message names the extra.
    """
    _highspy()


class RegionChoice:
    """
    A linear program: choose k of the regions known so that every unit lies in one, at the least cost.

    Parameters
    ----------
    n_units, k
        Units, and regions to choose.
    """

    def __init__(self, n_units: int, k: int) -> None:
        highspy = _highspy()
        self.n_units, self.known = n_units, set[tuple[int, bytes]]()
        self.solver = _quiet(float("inf"))
        # A new region leaves the last solution feasible, so that the primal method goes on from there.
        self.solver.setOptionValue("simplex_strategy", PRIMAL)
        for _ in range(n_units):
            self.solver.addRow(1.0, 1.0, 0, [], [])
        self.solver.addRow(k, k, 0, [], [])
        # A centre has one region at most.
        for _ in range(n_units):
            self.solver.addRow(-highspy.kHighsInf, 1.0, 0, [], [])

    def add(self, centre: int, units: Ints, cost: int) -> bool:
        """Add a region; return whether it is new."""
        key = (centre, units.tobytes())
        if key in self.known:
            return False
        self.known.add(key)
        rows = [*units.tolist(), self.n_units, self.n_units + 1 + centre]
        self.solver.addCol(cost / COST_UNIT, 0.0, float("inf"), len(rows), rows, [1.0] * len(rows))
        return True

    def solved(self) -> tuple[float, Floats]:
        """Return the least cost, and what each unit pays in it, shape (n_units,)."""
        self.solver.run()
        duals = np.asarray(self.solver.getSolution().row_dual)
        return self.solver.getInfo().objective_function_value * COST_UNIT, duals[: self.n_units] * COST_UNIT


def solved(program: Program, start: Floats | None, *, time_limit_s: float, most_pauses: int | None = None) -> Outcome:
    """
    Return the best point with whole-numbered pairs.

    Parameters
    ----------
    program
        What to solve.
    start
        A point to begin with, or None.
    time_limit_s
        Seconds; afterwards the best point and bound so far are returned.
    most_pauses
        How often HiGHS may ask whether to go on, or None for ever. On one thread it asks after the same steps on
        every machine, so that a search that ends so ends with the same answer everywhere.
    """
    highspy = _highspy()
    solver = _solver(program, time_limit_s)
    pauses = _counted_pauses(solver, most_pauses)
    pairs = np.arange(len(program.columns.unit), dtype=np.int32)
    solver.changeColsIntegrality(len(pairs), pairs, np.full(len(pairs), highspy.HighsVarType.kInteger))
    solver.setOptionValue("mip_rel_gap", RELATIVE_GAP)
    if start is not None:
        # The start is near the best: looking for another costs half the time and finds none.
        for option in HEURISTICS:
            solver.setOptionValue(option, False)
        solver.setOptionValue("mip_heuristic_effort", 0.0)
        solution = highspy.HighsSolution()
        solution.col_value = start.tolist()
        solver.setSolution(solution)
    solver.run()
    info, status = solver.getInfo(), solver.getModelStatus()
    impossible = status == highspy.HighsModelStatus.kInfeasible
    found = info.primal_solution_status == int(highspy.SolutionStatus.kSolutionStatusFeasible) and not impossible
    point = np.asarray(solver.getSolution().col_value) if found else None
    finished = impossible or status == highspy.HighsModelStatus.kOptimal
    return Outcome(point, float(info.mip_dual_bound), impossible, finished, pauses())


def _counted_pauses(solver: Any, most: int | None) -> Callable[[], int]:
    """Count how often a solver asks whether to go on, and stop it after the most; return what tells the count."""
    seen = 0

    def asked(event: Any) -> None:
        nonlocal seen
        seen += 1
        if most is not None and seen > most:
            event.interrupt()

    solver.cbMipInterrupt += asked
    return lambda: seen


def _solver(program: Program, time_limit_s: float) -> Any:
    """Return a quiet solver on one thread that holds the program."""
    highspy = _highspy()
    columns, rows = program.columns.width, len(program.lower)
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = columns, rows
    lp.col_cost_, lp.col_lower_, lp.col_upper_ = program.cost, np.zeros(columns), program.ceiling
    lp.row_lower_, lp.row_upper_ = program.lower, program.upper
    lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    lp.a_matrix_.num_col_, lp.a_matrix_.num_row_ = columns, rows
    lp.a_matrix_.start_, lp.a_matrix_.index_ = program.matrix.indptr, program.matrix.indices
    lp.a_matrix_.value_ = program.matrix.data
    solver = _quiet(time_limit_s)
    solver.passModel(lp)
    return solver


def _quiet(time_limit_s: float) -> Any:
    """Return a solver that prints nothing, on one thread."""
    solver = _highspy().Highs()
    for option, value in (("output_flag", False), ("threads", 1), ("time_limit", max(time_limit_s, 0.01))):
        solver.setOptionValue(option, value)
    return solver


def _highspy() -> ModuleType:
    try:
        import highspy
    except ImportError as error:
        raise SolverMissingError(
            "the exact model needs HiGHS: install gridplan with the extra `prove` (pip install 'gridplan[prove]')"
        ) from error
    module: ModuleType = highspy
    return module

"""
HiGHS behind two functions: the bound of the relaxation, and the best whole-numbered point.

highspy cannot share a process with ortools; it is imported when first needed and nowhere else.
"""

from __future__ import annotations

from types import ModuleType
from typing import Any, NamedTuple

import numpy as np

from gridplan.errors import GridplanError
from gridplan.partition.exact_rows import Program
from gridplan.partition.problem import Floats

# HiGHS stops where its bound and its best point differ by no more than this share of the value.
RELATIVE_GAP = 1e-7


class SolverMissingError(GridplanError, ImportError):
    """The exact model needs HiGHS, which is an optional extra."""


class Outcome(NamedTuple):
    """What HiGHS says of a program: its best point or None, a valid bound, whether none exists, whether time held."""

    point: Floats | None
    bound: float
    impossible: bool
    finished: bool


def relaxed(program: Program, *, time_limit_s: float) -> tuple[float, Floats]:
    """
    Return a bound of the program without whole numbers, and the reduced cost of every column.

    Both are computed here from the rows' duals: any duals give a valid bound, so that an interior-point solution,
    however rough, weakens the bound but never falsifies it.

    Parameters
    ----------
    program
        What to relax.
    time_limit_s
        Seconds.
    """
    solver = _solver(program, time_limit_s)
    solver.setOptionValue("solver", "ipm")
    solver.setOptionValue("run_crossover", "off")
    solver.run()
    duals = np.asarray(solver.getSolution().row_dual)
    if len(duals) != len(program.lower):
        duals = np.zeros(len(program.lower))
    # A dual that pulls on an absent limit is worth nothing.
    duals = np.where(np.isinf(program.lower), np.minimum(duals, 0.0), duals)
    duals = np.where(np.isinf(program.upper), np.maximum(duals, 0.0), duals)
    reduced: Floats = program.cost - program.matrix.T @ duals
    limits = np.where(duals > 0, program.lower, program.upper)
    held = float(np.where(duals == 0, 0.0, duals * np.where(duals == 0, 0.0, limits)).sum())
    return held + float((np.minimum(reduced, 0.0) * program.ceiling).sum()), reduced


def solved(program: Program, start: Floats | None, *, time_limit_s: float, centres_alone: bool = False) -> Outcome:
    """
    Return the best point with whole-numbered pairs, or with whole centres alone.

    Parameters
    ----------
    program
        What to solve.
    start
        A point to begin with, or None.
    time_limit_s
        Seconds; afterwards the best point and bound so far are returned.
    centres_alone
        Whether units may be shared among centres. Their branching alone closes most of the gap of hard programs.
    """
    highspy = _highspy()
    solver = _solver(program, time_limit_s)
    columns = program.columns
    pairs = np.arange(len(columns.unit), dtype=np.int32)
    if centres_alone:
        pairs = columns.place[columns.centres, columns.centres].astype(np.int32)
    solver.changeColsIntegrality(len(pairs), pairs, np.full(len(pairs), highspy.HighsVarType.kInteger))
    solver.setOptionValue("mip_rel_gap", RELATIVE_GAP)
    if start is not None:
        solution = highspy.HighsSolution()
        solution.col_value = start.tolist()
        solver.setSolution(solution)
    solver.run()
    info, status = solver.getInfo(), solver.getModelStatus()
    impossible = status == highspy.HighsModelStatus.kInfeasible
    found = info.primal_solution_status == int(highspy.SolutionStatus.kSolutionStatusFeasible) and not impossible
    point = np.asarray(solver.getSolution().col_value) if found else None
    finished = impossible or status == highspy.HighsModelStatus.kOptimal
    return Outcome(point, float(info.mip_dual_bound), impossible, finished)


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
    solver = highspy.Highs()
    for option, value in (("output_flag", False), ("threads", 1), ("time_limit", max(time_limit_s, 0.01))):
        solver.setOptionValue(option, value)
    solver.passModel(lp)
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

"""Compile the kernel and keep it on disk: ``python -m gridplan.partition.warm``."""

from __future__ import annotations

import numpy as np

from gridplan.partition.problem import NONE, Problem, graph_from_edges
from gridplan.partition.search import compile_problem
from gridplan.rules import Band


def warm() -> None:
    """Anneal four units in a row, once."""
    ones = np.ones(4, dtype=np.int64)
    row = np.arange(3)
    problem = Problem(
        graph=graph_from_edges(4, row, row + 1, np.ones(3), np.ones(3)),
        households=ones,
        work=ones,
        persons=ones,
        xy=np.stack([np.arange(4.0), np.zeros(4)], axis=1),
        area_m2=np.ones(4),
        compound=np.full(4, NONE, dtype=np.int32),
        previous=np.full(4, NONE, dtype=np.int32),
        band=Band(1, 2, 3),
        target=2,
    )
    compiled = compile_problem(problem, 2, np.empty(0, dtype=np.int64))
    labels = np.array([0, 0, 1, 1], dtype=np.int32)
    compiled.annealed(labels, proposals=10, hot=1.0, trees=0.5, rng=np.random.default_rng(0))


if __name__ == "__main__":
    warm()

"""Small lattices with present grids that households have grown out of."""

from __future__ import annotations

import numpy as np

from gridplan.partition.portfolio import EFFORTS, never, search_labels
from gridplan.partition.problem import NONE, Problem, graph_from_edges
from gridplan.rules import Band

BAND = Band(30, 40, 50)


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


def grown_or_shrunk(shape: tuple[int, int], kind: str, rng: np.random.Generator) -> Problem:
    """
    Return a lattice whose present grids fitted the band 30-40-50 once.

    ``kind`` says what came since: ``growth`` or ``decline`` everywhere, ``noise`` in a third of the units, ``tilt``
    from one side to the other; ``small`` grids never fitted.
    """
    before = rng.integers(2, 9, shape)
    band = Band(14, 20, 28) if kind == "small" else BAND
    cut = search_labels(lattice(before, np.full(shape, NONE), band), rng, EFFORTS["quick"], never)
    factor = {
        "small": np.ones(shape),
        "growth": rng.uniform(1.1, 1.8, shape),
        "decline": rng.uniform(0.4, 0.9, shape),
        "noise": np.where(rng.random(shape) < 0.3, rng.uniform(0.0, 2.5, shape), 1.0),
        "tilt": np.linspace(0.5, 1.6, shape[1])[None, :] * np.ones(shape),
    }[kind]
    return lattice(np.round(before * factor), cut.labels.reshape(shape), BAND)

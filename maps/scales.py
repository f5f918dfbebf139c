"""
The two ways of colouring grids: by households around the band, and by work.

Colours keep their order and stay apart for all common kinds of colour blindness: teal for the band (light
to dark), yellow below it and vermilion above it (after Okabe and Ito), purples for work. Blue is left to water.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

IN_BAND = ("#e3f1ec", "#b5d9ce", "#7dbbab", "#45917f")
BELOW, ABOVE = "#f3c74f", "#d5532a"
EMPTY, UNBOUND = "#e4e5e1", "#cbd3c6"
WORK = ("#f3f1f8", "#d5d0e8", "#b7afd9", "#988dc6", "#7568af")
MINUTES_PER_HOUR = 60


@dataclass(frozen=True)
class Step:
    """
    One colour of a scale, as the legend shows it.

    Parameters
    ----------
    key
        What the colour means: ``below, band, above, empty, unbound`` or ``work``.
    colour
        Six-digit hexadecimal colour.
    low, high
        Range that the colour stands for, both ends included; None where it is open or means nothing.
    count
        Number of grids in it.
    """

    key: str
    colour: str
    low: float | None
    high: float | None
    count: int


@dataclass(frozen=True)
class Scale:
    """
    Steps of a scale and the step of each grid.

    Parameters
    ----------
    steps
        In the order of the legend.
    step_of
        Index into ``steps`` for each grid.
    """

    steps: tuple[Step, ...]
    step_of: tuple[int, ...]

    def to_dict(self) -> list[dict[str, Any]]:
        """Return the steps as plain JSON values."""
        return [asdict(step) for step in self.steps]


def households_scale(grids: pd.DataFrame, bound: NDArray[np.bool_], band: Mapping[str, int]) -> Scale:
    """
    Return the scale of households: below the minimum, four steps in the band, above the maximum, and the rest.

    Parameters
    ----------
    grids
        With ``households``.
    bound
        Whether the band binds each grid; a grid out of the band that it does not bind (an exclusive area, a village
        group) gets a colour of its own and is not shown as too small or too large.
    band
        ``minimum`` and ``maximum``.
    """
    households = grids["households"].to_numpy(dtype=np.int64)
    edges = np.linspace(band["minimum"], band["maximum"] + 1, len(IN_BAND) + 1).astype(np.int64)
    below, above = households < edges[0], households >= edges[-1]
    step_of = np.searchsorted(edges, households, side="right")  # 0 below, 1..4 in the band, 5 above
    step_of = np.where((below | above) & ~bound, 6, step_of)
    step_of = np.where((households == 0) & bound, 7, step_of)
    ranges: list[tuple[str, str, int | None, int | None]] = [("below", BELOW, None, int(edges[0]) - 1)]
    ranges += [
        ("band", colour, int(low), int(high) - 1)
        for colour, low, high in zip(IN_BAND, edges[:-1], edges[1:], strict=True)
    ]
    ranges += [("above", ABOVE, int(edges[-1]), None), ("unbound", UNBOUND, None, None), ("empty", EMPTY, 0, 0)]
    return _scale(ranges, step_of)


def work_scale(work_min: pd.Series[Any]) -> Scale:
    """
    Return the scale of work in hours a month: up to five steps with about as many grids in each.

    Parameters
    ----------
    work_min
        Minutes a month of each grid; grids without work get the colour of empty grids.
    """
    hours = (work_min.fillna(0).to_numpy(dtype=np.float64) / MINUTES_PER_HOUR).round().astype(np.int64)
    busy = hours[hours > 0]
    edges = _quantile_edges(busy, len(WORK))
    n_steps = max(len(edges) - 1, 0)
    step_of = np.where(hours > 0, np.searchsorted(edges, hours, side="right") - 1, n_steps)
    ranges: list[tuple[str, str, int | None, int | None]] = [
        ("work", colour, int(low), int(high) - 1)
        for colour, low, high in zip(WORK[len(WORK) - n_steps :], edges[:-1], edges[1:], strict=True)
    ]
    return _scale([*ranges, ("empty", EMPTY, 0, 0)], step_of)


def _quantile_edges(values: NDArray[np.int64], n_steps: int) -> NDArray[np.int64]:
    """Edges of at most ``n_steps`` half-open ranges that hold about as many values each; none for no values."""
    if not values.size:
        return values
    starts = np.quantile(values, np.linspace(0, 1, n_steps + 1)[:-1]).astype(np.int64)
    return np.unique([*starts, values.max() + 1])


def _scale(ranges: list[tuple[str, str, int | None, int | None]], step_of: NDArray[np.int64]) -> Scale:
    counts = np.bincount(step_of, minlength=len(ranges))
    steps = tuple(Step(*fields, count=int(count)) for fields, count in zip(ranges, counts, strict=True))
    return Scale(steps, tuple(step_of.tolist()))

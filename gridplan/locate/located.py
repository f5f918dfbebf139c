"""The answers of a lookup by point: for one point, and for many."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

#: How a point lies: in one grid; on a border that grids share (the lowest code owns it); outside, but within the
#: stated distance of the nearest grid; in no grid; with longitude and latitude in each other's place; no coordinates.
Status = Literal["inside", "border", "near", "none", "swapped", "invalid"]
STATUSES: tuple[Status, ...] = ("inside", "border", "near", "none", "swapped", "invalid")
INSIDE, BORDER, NEAR, NOWHERE, SWAPPED, INVALID = range(len(STATUSES))
#: The number that stands for no grid.
NO_GRID = -1


@dataclass(frozen=True)
class Located:
    """
    Where one point lies.

    Parameters
    ----------
    grid_code
        Code of the grid that owns the point, or None.
    status
        How it lies; see :data:`Status`. A grid is given for ``inside``, ``border`` and ``near`` alone.
    distance_m
        Metres to the grid: 0 in it, more than 0 where ``near``; None without a grid.
    hint
        For ``swapped``: the grid that owns the point once longitude and latitude change places.
    plan
        Name of the plan that answered, where several were asked.
    """

    grid_code: str | None
    status: Status
    distance_m: float | None = None
    hint: str | None = None
    plan: str | None = None

    @property
    def found(self) -> bool:
        """Whether a grid owns the point."""
        return self.grid_code is not None

    def to_dict(self) -> dict[str, Any]:
        """Return the answer as plain JSON values, without what is not there."""
        answer: dict[str, Any] = {"grid_code": self.grid_code, "status": self.status}
        optional = {"distance_m": self.distance_m, "hint": self.hint, "plan": self.plan}
        return answer | {name: value for name, value in optional.items() if value is not None}


@dataclass(frozen=True)
class LocatedMany:
    """
    Where many points lie.

    Parameters
    ----------
    codes
        Codes of all grids, shape (n_grids,).
    grid
        Number of the grid that owns each point, or -1; shape (n,).
    status
        Place of each point's status in :data:`STATUSES`; shape (n,).
    distance_m
        Metres to the grid: 0 in it, NaN without one; shape (n,).
    plans
        Names of the plans that answered.
    plan
        Place of each point's plan in ``plans``, or -1; shape (n,).
    """

    codes: NDArray[np.object_]
    grid: NDArray[np.int32]
    status: NDArray[np.int8]
    distance_m: NDArray[np.float64]
    plans: Sequence[str] = ()
    plan: NDArray[np.int16] = field(default_factory=lambda: np.empty(0, dtype=np.int16))

    def __len__(self) -> int:
        return len(self.grid)

    @property
    def grid_code(self) -> NDArray[np.object_]:
        """Code of the grid that owns each point, or None; shape (n,)."""
        # The last place stands for -1, no grid.
        codes: NDArray[np.object_] = np.array([*self.codes, None], dtype=object)
        return codes[self.grid]

    @property
    def status_names(self) -> NDArray[np.object_]:
        """Status of each point in words; shape (n,)."""
        names: NDArray[np.object_] = np.array(STATUSES, dtype=object)[self.status]
        return names

    def counts(self) -> dict[Status, int]:
        """Return the number of points of each status, all statuses named."""
        return dict(zip(STATUSES, np.bincount(self.status, minlength=len(STATUSES)).tolist(), strict=True))

    def to_frame(self, index: pd.Index | None = None) -> pd.DataFrame:
        """
        Return the columns ``grid_code``, ``status`` and ``distance_m``, and ``plan`` where several were asked.

        Parameters
        ----------
        index
            Labels of the points; 0, 1, ... where not given.
        """
        # Series of objects keep None, which a frame would turn into NaN.
        columns = {"grid_code": pd.Series(self.grid_code, dtype=object)}
        columns["status"] = pd.Series(self.status_names, dtype=object)
        columns["distance_m"] = pd.Series(self.distance_m)
        if len(self.plans):
            columns["plan"] = pd.Series(np.array([*self.plans, None], dtype=object)[self.plan], dtype=object)
        frame = pd.DataFrame(columns)
        return frame if index is None else frame.set_axis(index)


def nowhere(codes: NDArray[np.object_], n_points: int) -> LocatedMany:
    """
    Return answers for points of which none is in a grid.

    Parameters
    ----------
    codes
        Codes of all grids.
    n_points
        Number of points.
    """
    return LocatedMany(
        codes,
        np.full(n_points, NO_GRID, dtype=np.int32),
        np.full(n_points, NOWHERE, dtype=np.int8),
        np.full(n_points, np.nan),
    )

"""
Incidents of one plan counted in the grids of another, exactly: each incident once, totals equal to the last one.

An incident with a place goes to the grid that the place lies in. One that has only the code of its old grid goes to
the grid that took over the whole of it. Where the old grid was split and the place is not known, nobody can say which
half it was: such incidents are counted apart, never shared out in fractions that would not add up to whole matters.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from gridplan.incidents.ground import Ground


@dataclass(frozen=True)
class Restated:
    """
    Incidents in the grids of another plan.

    Parameters
    ----------
    frame
        The incidents, with ``grid_code`` of the other plan, None where there is none.
    by_point, by_code
        Incidents that went by their place, and by the code of their old grid alone.
    outside
        Incidents whose place lies in no grid of the other plan.
    split
        Incidents without a place whose old grid has several heirs: they belong to one of these, which is not known.
    """

    frame: pd.DataFrame
    by_point: int
    by_code: int
    outside: int
    split: int

    @property
    def total(self) -> int:
        """All incidents: the sum of the four."""
        return self.by_point + self.by_code + self.outside + self.split


def restate(frame: pd.DataFrame, ground: Ground, lineage: pd.DataFrame | None = None) -> Restated:
    """
    Count incidents in the grids of another plan.

    Parameters
    ----------
    frame
        ``grid_code, lon, lat`` (WGS 84). Incidents without a grid stay without one: they wait for a person.
    ground
        Grids of the other plan.
    lineage
        ``old_code, new_code``: what the old grids became. None where codes are the same or nothing is known.

    Returns
    -------
    restated
        One row for each incident, by its index.
    """
    codes = frame["grid_code"].to_numpy(dtype=object)
    waiting = pd.isna(codes)
    lon, lat = frame["lon"].to_numpy(float), frame["lat"].to_numpy(float)
    placed = ~waiting & ~np.isnan(lon) & ~np.isnan(lat)
    found = np.full(len(frame), None, dtype=object)
    found[placed] = ground.index.locate_many(lon[placed], lat[placed]).grid_code
    heirs = _heirs(lineage, set(ground.index.codes))
    blind = ~waiting & ~placed
    found[blind] = [heirs.get(code) for code in codes[blind]]
    there = np.array([code is not None for code in found], dtype=bool)
    outside = int((placed & ~there).sum() + waiting.sum())
    made = frame.assign(grid_code=pd.Series(found, index=frame.index, dtype=object))
    return Restated(made, int((placed & there).sum()), int((blind & there).sum()), outside, int((blind & ~there).sum()))


def _heirs(lineage: pd.DataFrame | None, known: set[str]) -> dict[str, str]:
    """Return the grid that took over the whole of each old one; a code that goes on unsplit is its own heir."""
    if lineage is None:
        return {code: code for code in known}
    pairs = lineage.dropna(subset=["old_code", "new_code"])
    single = pairs.groupby("old_code")["new_code"].agg(["first", "nunique"])
    return {
        str(old): str(row["first"]) for old, row in single.iterrows() if row["nunique"] == 1 and row["first"] in known
    }

"""One number for what a plan is: two plans with the same grids have the same digest."""

from __future__ import annotations

import hashlib

import numpy as np
import pandas as pd


def labels_digest(units: pd.DataFrame) -> str:
    """
    Return the SHA-256 of which building, entrance or piece of ground lies in which grid, whatever the rows' order.

    Parameters
    ----------
    units
        The layer ``units``.
    """
    names = ("building_id", "unit_id", "entrance", "grid_code")
    building, unit, entrance, code = (np.asarray(units[name].array, dtype=object) for name in names)
    named = np.where(pd.isna(building), unit, building)
    part = np.where(pd.isna(entrance), "", entrance)
    rows = sorted(f"{one}\t{two}\t{three}" for one, two, three in zip(named, part, code, strict=True))
    return hashlib.sha256("\n".join(rows).encode()).hexdigest()

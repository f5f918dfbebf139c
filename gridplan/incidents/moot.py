"""One address at places far apart: at least one of the points is wrong, and no one can tell which from the table."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gridplan.incidents.precision import METRES_A_DEGREE

# Points of one address may lie so far apart beside their rounding: a large yard has several gates.
WIDE_M = 200.0
# An address names one place where it has a house number: at its beginning, or before 号.
_HOUSE = re.compile(r"^\s*[0-9]+[A-Za-z]?\b|[0-9０-９之-]+\s*[号號]")
_BLANK = re.compile(r"\s+")


@dataclass(frozen=True)
class Clash:
    """
    The places of one address.

    Parameters
    ----------
    grids
        Their grids, each once.
    distance_m
        Metres between the two that are farthest apart.
    """

    grids: tuple[str, ...]
    distance_m: float


def same_address_elsewhere(
    records: pd.DataFrame, grids: NDArray[np.object_], step_m: NDArray[np.float64], left_out: NDArray[np.bool_]
) -> dict[int, Clash]:
    """
    Return the records whose address stands at places too far apart, in different grids.

    Parameters
    ----------
    records
        ``lon, lat, address``.
    grids
        Grid of each point, None for none; shape (n,).
    step_m
        Metres to which each point is rounded; shape (n,).
    left_out
        Records whose points count for nothing; shape (n,).

    Returns
    -------
    clashes
        By row.
    """
    frame = pd.DataFrame(
        {
            "row": np.arange(len(records)),
            "lon": records["lon"].to_numpy(float),
            "lat": records["lat"].to_numpy(float),
            "grid": ["" if code is None else code for code in grids],
            "step": step_m,
            "address": records["address"].str.replace(_BLANK, "", regex=True).to_numpy(),
        }
    )
    usable = ~left_out & frame["lon"].notna().to_numpy() & records["address"].str.contains(_HOUSE).to_numpy()
    frame = frame[usable]
    several = frame.groupby("address")["grid"].transform("nunique") > 1
    found: dict[int, Clash] = {}
    for _, group in frame[several].groupby("address", sort=True):
        far = _farthest(group)
        if far > WIDE_M + float(group["step"].max()) * np.sqrt(2):
            codes = tuple(str(code) for code in dict.fromkeys(group["grid"]) if code)
            found |= dict.fromkeys(group["row"].tolist(), Clash(codes, round(far, 1)))
    return found


def _farthest(group: pd.DataFrame) -> float:
    """Return the metres between the two points that are farthest apart, good to a percent within a city."""
    places = group[["lon", "lat"]].drop_duplicates().to_numpy()
    metres = places * METRES_A_DEGREE
    metres[:, 0] *= np.cos(np.radians(places[:, 1].mean()))
    apart = metres[:, None, :] - metres[None, :, :]
    return float(np.hypot(apart[..., 0], apart[..., 1]).max())

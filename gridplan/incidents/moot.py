"""One address at places far apart: at least one of the points is wrong, and no one can tell which from the table."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise

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
    addresses = _houses(records["address"])
    frame = pd.DataFrame(
        {
            "row": np.arange(len(records)),
            "lon": records["lon"].to_numpy(float),
            "lat": records["lat"].to_numpy(float),
            "grid": ["" if code is None else code for code in grids],
            "step": step_m,
            "address": addresses,
        }
    )
    usable = ~left_out & frame["lon"].notna().to_numpy() & addresses.notna().to_numpy()
    frame = frame[usable]
    frame = frame[frame.groupby("address")["grid"].transform("nunique") > 1].sort_values("address", kind="stable")
    points, steps = frame[["lon", "lat"]].to_numpy(), frame["step"].to_numpy()
    rows, names = frame["row"].to_numpy(), frame["grid"].to_numpy()
    starts = np.flatnonzero((frame["address"] != frame["address"].shift()).to_numpy())
    found: dict[int, Clash] = {}
    for begin, end in pairwise([*starts.tolist(), len(frame)]):
        far = _farthest(points[begin:end])
        if far > WIDE_M + float(steps[begin:end].max()) * np.sqrt(2):
            codes = tuple(str(code) for code in dict.fromkeys(names[begin:end]) if code)
            found |= dict.fromkeys(rows[begin:end].tolist(), Clash(codes, round(far, 1)))
    return found


def _houses(addresses: pd.Series) -> pd.Series:
    """Return addresses without blanks; None where they name no house. Each text is looked at once."""
    codes, texts = pd.factorize(addresses)
    plain = [_BLANK.sub("", text) if _HOUSE.search(text) else None for text in texts]
    return pd.Series(np.array(plain, dtype=object)[codes], dtype=object)


def _farthest(points: NDArray[np.float64]) -> float:
    """Return the metres between the two points that are farthest apart, good to a percent within a city."""
    places = np.unique(points, axis=0)
    metres = places * METRES_A_DEGREE
    metres[:, 0] *= np.cos(np.radians(places[:, 1].mean()))
    apart = metres[:, None, :] - metres[None, :, :]
    return float(np.hypot(apart[..., 0], apart[..., 1]).max())

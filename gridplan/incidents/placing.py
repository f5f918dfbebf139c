"""
To its grid, or to a person: each record is placed by its point, its address and what its text names, or reviewed.

A grid is given where all that is known agrees. What contradicts itself is not decided here: it goes to a person, with
the reason and every grid that it may be.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gridplan.address.answer import Match
from gridplan.incidents.deciding import Evidence, decide
from gridplan.incidents.ground import Ground
from gridplan.incidents.moot import same_address_elsewhere
from gridplan.incidents.precision import Rounding, find_rounding
from gridplan.incidents.stacking import stacked

# Of these faults the coordinates say nothing at all.
_NOWHERE = frozenset({"no_coordinates", "stacked_default_point", "swapped_coordinates"})
# Of a point on the border of two grids, and of one just outside all.
_BORDER, _NEAR = 0.5, 0.9


class Addresses(Protocol):
    """What matches addresses: `gridplan.Locator` does."""

    def match(self, text: str) -> Match:
        """Answer which address a text means."""


@dataclass(frozen=True)
class Placed:
    """
    Where records belong.

    Parameters
    ----------
    frame
        One row for each record, by its index: ``grid_code, plan_id, lon, lat, precision_m, placed_by, match_level,
        confidence``, and where there is no grid ``reason, candidates, question``.
    rounding
        Points by the decimals to which they are rounded.
    default_points
        Default points that were found (lon, lat) with the number of records on each.
    """

    frame: pd.DataFrame
    rounding: Mapping[int, int]
    default_points: Mapping[tuple[float, float], int]


def place(records: pd.DataFrame, ground: Ground, addresses: Addresses | None = None) -> Placed:
    """
    Take records to their grids.

    Parameters
    ----------
    records
        ``lon, lat`` (WGS 84, NaN for none), ``lon_said, lat_said`` (as the register has them), ``address,
        community`` ("" for none); see `gridplan.incidents.records.Records`. The set is judged as a whole: rounding
        and default points show in many records alone.
    ground
        The grids.
    addresses
        The table of standard addresses, or None.
    """
    rounding = find_rounding(records["lon_said"].to_numpy(float), records["lat_said"].to_numpy(float))
    return place_rounded(records, ground, addresses, rounding)


def place_rounded(records: pd.DataFrame, ground: Ground, addresses: Addresses | None, rounding: Rounding) -> Placed:
    """Take records to their grids where their rounding is known; see `place`."""
    lon, lat = records["lon"].to_numpy(float), records["lat"].to_numpy(float)
    default = stacked(lon, lat, records["address"])
    located = ground.index.locate_many(lon, lat)
    status = located.status_names
    grids, metres = located.grid_code, rounding.metres
    grids[default] = None
    frame = _plain(records, grids, status, metres, ground)
    hard = _hard(records, frame, status, default, metres, ground, addresses)
    clashes = same_address_elsewhere(records, grids, metres, default)
    hard[list(clashes)] = True
    rows = np.flatnonzero(hard)
    matches = _matches(records["address"].iloc[rows], addresses)
    shares = _shares(lon, lat, metres, rows, grids, ground)
    columns: dict[str, list[Any]] = {name: frame[name].tolist() for name in frame.columns}
    texts, communities = records["address"].tolist(), records["community"].tolist()
    for number, row in enumerate(rows.tolist()):
        known, strange = ground.named(communities[row])
        named = tuple(dict.fromkeys([*known, *ground.mentioned(texts[row])]))
        fault = _fault(status[row], bool(default[row]))
        evidence = Evidence(
            None if fault in _NOWHERE else float(lon[row]),
            None if fault in _NOWHERE else float(lat[row]),
            None if np.isnan(metres[row]) else float(metres[row]),
            grids[row],
            shares[number],
            fault,
            matches.get(texts[row]),
            named,
            tuple(strange),
            clashes.get(row),
        )
        for name, value in decide(evidence, ground).items():
            columns[name][row] = value
    made = pd.DataFrame({name: pd.Series(values, dtype=object) for name, values in columns.items()})
    for name in ("lon", "lat", "precision_m", "confidence"):
        made[name] = made[name].astype(float)
    points = Counter(zip(lon[default].tolist(), lat[default].tolist(), strict=True))
    return Placed(made.set_axis(records.index), rounding.classes, dict(points))


def _plain(
    records: pd.DataFrame,
    grids: NDArray[np.object_],
    status: NDArray[np.object_],
    metres: NDArray[np.float64],
    ground: Ground,
) -> pd.DataFrame:
    """Return the rows as they are where nothing but a clear point speaks."""
    found = np.array([code is not None for code in grids], dtype=bool)
    confidence = np.select([~found, status == "border", status == "near"], [np.nan, _BORDER, _NEAR], 1.0)
    return pd.DataFrame(
        {
            "grid_code": grids,
            "plan_id": [ground.plan_of[code] if code is not None else None for code in grids],
            "lon": records["lon"].to_numpy(),
            "lat": records["lat"].to_numpy(),
            "precision_m": metres,
            "placed_by": np.where(found, "point", ""),
            "match_level": "",
            "confidence": confidence,
            "reason": "",
            "candidates": [[] for _ in grids],
            "question": "",
        }
    )


def _hard(
    records: pd.DataFrame,
    frame: pd.DataFrame,
    status: NDArray[np.object_],
    default: NDArray[np.bool_],
    metres: NDArray[np.float64],
    ground: Ground,
    addresses: Addresses | None,
) -> NDArray[np.bool_]:
    """Return which records have to be decided one by one."""
    hard = default | (frame["placed_by"] == "").to_numpy() | np.isin(status, ["swapped"])
    there = ~hard & ~np.isnan(metres) & (metres > 3.0)
    lon, lat = records["lon"].to_numpy(float), records["lat"].to_numpy(float)
    hard[np.flatnonzero(there)[~ground.whole(lon[there], lat[there], metres[there])]] = True
    if ground.communities:
        hard |= (records["community"] != "").to_numpy()
        hard |= np.fromiter((bool(ground.mentioned(text)) for text in records["address"]), bool, len(records))
    if addresses is not None:
        hard |= (records["address"] != "").to_numpy()
    return hard


def _matches(texts: pd.Series, addresses: Addresses | None) -> dict[str, Match]:
    if addresses is None:
        return {}
    return {text: addresses.match(text) for text in texts.unique() if text}


def _shares(
    lon: NDArray[np.float64],
    lat: NDArray[np.float64],
    metres: NDArray[np.float64],
    rows: NDArray[np.int64],
    grids: NDArray[np.object_],
    ground: Ground,
) -> list[dict[str, float]]:
    """Return the grids that each of some records may lie in; of a fine point that is the one it lies in."""
    found = [{str(grids[row]): 1.0} if grids[row] is not None else {} for row in rows]
    coarse = [number for number, row in enumerate(rows) if grids[row] is not None and metres[row] > 3.0]
    if coarse:
        at = rows[coarse]
        for number, shares in zip(coarse, ground.shares(lon[at], lat[at], metres[at]), strict=True):
            found[number] = shares or found[number]
    return found


def _fault(status: str, default: bool) -> str:
    """Return what is wrong with a point, "" for nothing."""
    if default:
        return "stacked_default_point"
    return {"invalid": "no_coordinates", "none": "outside_every_grid", "swapped": "swapped_coordinates"}.get(status, "")

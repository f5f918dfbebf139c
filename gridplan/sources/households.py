"""Households as whole numbers: what is wrong is refused, what is missing is estimated only when asked."""

from __future__ import annotations

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from gridplan.schema import Layer
from gridplan.sources.columns import Numbers, parse_numbers
from gridplan.sources.layers import complain
from gridplan.sources.log import FaultLog

#: Persons per household: family households of China's census of 2020 (bulletin no. 2).
PERSONS_PER_HOUSEHOLD = 2.62
#: Gross floor area of one household, a round figure for Chinese cities: footprint times floors over this.
FLOOR_AREA_PER_HOUSEHOLD_M2 = 100.0
#: Households on one floor of a building known as a point only: the two flats of a common stairwell.
HOUSEHOLDS_PER_FLOOR = 2.0
#: More households than in any building we know of: most likely a slip of the pen, or the sum of a column.
IMPLAUSIBLE_HOUSEHOLDS = 10_000


def check_households(rows: pd.DataFrame, layer: Layer, log: FaultLog, *, estimate: bool = False) -> pd.DataFrame:
    """
    Turn ``households`` into whole numbers.

    Parameters
    ----------
    rows
        Cleaned rows with ``households`` as the source holds it.
    layer
        ``buildings`` or ``entrances``.
    log
        Takes missing, negative, fractional and text counts.
    estimate
        Whether missing counts of buildings are estimated.

    Returns
    -------
    rows
        With ``households`` int64; where a fault was accepted, missing, negative and text counts are 0 and
        fractional ones rounded. Buildings gain ``estimated`` (bool).
    """
    numbers = parse_numbers(rows["households"])
    labels = rows["label"].to_numpy()
    values, missing = numbers.amounts.copy(), numbers.is_null
    if estimate and layer.name == "buildings":
        guess = estimate_households(rows)
        estimated = missing & np.isfinite(guess)
        values[estimated] = guess[estimated]
        missing = missing & ~estimated
        total = int(guess[estimated].sum())
        complain("households-estimated", estimated, layer, "households", labels, log, households=total)
        rows = rows.assign(estimated=_before(rows) | estimated)
    elif layer.name == "buildings":
        rows = rows.assign(estimated=_before(rows))
    _complain_of(numbers, missing, rows, layer, log)
    whole = np.floor(np.clip(np.nan_to_num(values), 0, None) + 0.5).astype(np.int64)
    return rows.assign(households=whole)


def lacks_households(layer: Layer, log: FaultLog) -> bool:
    """
    Return whether a layer is known to have no column of households, so that no row need be complained of.

    Parameters
    ----------
    layer
        ``buildings`` or ``entrances``.
    log
        The faults so far.
    """
    return any(log.has(code, layer.name, "households") for code in ("column-missing", "mapped-column-missing"))


def _before(rows: pd.DataFrame) -> NDArray[np.bool_]:
    """Return which counts the source itself calls estimates."""
    flags: NDArray[np.bool_] = rows["estimated"].eq(True).fillna(value=False).to_numpy(dtype=bool)
    return flags


def _complain_of(numbers: Numbers, missing: NDArray[np.bool_], rows: pd.DataFrame, layer: Layer, log: FaultLog) -> None:
    labels, values = rows["label"].to_numpy(), rows["households"].to_numpy(dtype=object)
    sample = str(values[numbers.is_text][0])[:60] if numbers.is_text.any() else ""
    place = (layer, "households", labels, log)
    if not lacks_households(layer, log):
        complain("null-households", missing, *place)
    complain("text-households", numbers.is_text, *place, value=sample)
    complain("negative-households", numbers.is_negative, *place)
    many = np.nan_to_num(numbers.amounts) > IMPLAUSIBLE_HOUSEHOLDS
    complain("implausible-households", many, *place, limit=IMPLAUSIBLE_HOUSEHOLDS)
    fractional = numbers.is_fractional & ~numbers.is_negative
    change = np.floor(numbers.amounts[fractional] + 0.5) - numbers.amounts[fractional]
    complain("fractional-households", fractional, *place, change=round(float(change.sum()), 2))


def estimate_households(rows: pd.DataFrame) -> NDArray[np.float64]:
    """
    Estimate households from what is known of a building.

    In this order: persons; footprint area times floors; for points, floors. The constants of this module say how
    many of each make a household; they are round figures, and a real count is always better.

    Parameters
    ----------
    rows
        Buildings with ``persons, floors`` (NaN where unknown) and ``geometry`` in metres.

    Returns
    -------
    households
        Whole numbers, shape (n_rows,); NaN where too little is known.
    """
    persons, floors = (rows[name].to_numpy(dtype=np.float64) for name in ("persons", "floors"))
    area = shapely.area(rows["geometry"].to_numpy())
    by_area = np.where(area > 0, area * floors / FLOOR_AREA_PER_HOUSEHOLD_M2, floors * HOUSEHOLDS_PER_FLOOR)
    guess = np.where(np.isfinite(persons), persons / PERSONS_PER_HOUSEHOLD, by_area)
    guess = np.where(guess >= 0, guess, np.nan)
    rounded: NDArray[np.float64] = np.floor(guess + 0.5)
    return rounded

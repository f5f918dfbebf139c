"""
Default points: where registers put what has no place. Found by statistics, not by a list.

A crossing may be reported fifty times under one name; a default point gathers matters of many streets. So each point
is judged by how many different streets it holds, against what the other points of the set make likely.
"""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import zeta

# What tells houses of one street apart: a number in front, numbers before 号, 栋, 室 and the like, and flats.
_HOUSE = re.compile(r"^\s*\d[\w-]*\s|[0-9０-９A-Za-z之-]+(?=\s*[号號栋幢楼樓单單室层層户戶])|#\s*\w+|[^\w]+")
# A point is judged where it holds at least so many streets: fewer meet at a crossing or in one compound.
FEWEST = 5
# Expected number of points of the whole set that would hold so many by chance.
IMPROBABLE = 1e-3
# Between these the exponent of Zipf's law is sought.
_EXPONENTS = (1.001, 40.0)


def stacked(lon: NDArray[np.float64], lat: NDArray[np.float64], addresses: pd.Series) -> NDArray[np.bool_]:
    """
    Return which records stand on a default point.

    Parameters
    ----------
    lon, lat
        Degrees, NaN for none; shape (n,).
    addresses
        As the register has them, "" for none; shape (n,). Where hardly any record has one, all that can be judged is
        how many records a point holds.

    Returns
    -------
    stacked
        Shape (n,).
    """
    there = ~(np.isnan(lon) | np.isnan(lat))
    result = np.zeros(len(lon), dtype=bool)
    if not there.any():
        return result
    place = pd.factorize(pd.MultiIndex.from_arrays([lon[there], lat[there]]))[0]
    codes, texts = pd.factorize(addresses[there])
    streets = np.array([_street(text) for text in texts], dtype=object)[codes]
    held = _held(place, streets)
    result[there] = np.isin(place, _outliers(held))
    return result


def _street(address: str) -> str:
    return _HOUSE.sub(" ", address).strip().casefold()


def _held(place: NDArray[np.int64], streets: NDArray[np.object_]) -> NDArray[np.int64]:
    """Return how many different streets each place holds; records, where there are hardly any streets."""
    named = streets != ""
    if named.mean() < 0.5:
        return np.bincount(place)
    pairs = pd.DataFrame({"place": place[named], "street": streets[named]}).drop_duplicates()
    return np.bincount(pairs["place"], minlength=place.max() + 1)


def _outliers(held: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the places that hold more than the others make likely, the largest judged first and then left out."""
    order = np.argsort(-held, kind="stable")
    for count, place in enumerate(order):
        rest = held[order[count + 1 :]]
        if held[place] < FEWEST or not len(rest) or len(held) * _chance(int(held[place]), rest) >= IMPROBABLE:
            return order[:count]
    return order


def _chance(count: int, rest: NDArray[np.int64]) -> float:
    """Return how likely a place holds so many: by a geometric tail and by Zipf's heavy one, whichever is likelier."""
    over = float(np.maximum(rest - 1, 0).sum()) + 1.0
    geometric = (over / (over + len(rest) + 1.0)) ** (count - 1)
    # One more place that holds two, so that a set of lonely places has a tail at all.
    mean_log = (float(np.log(np.maximum(rest, 1)).sum()) + np.log(2.0)) / (len(rest) + 1)
    exponent = brentq(lambda a: _mean_log(a) - mean_log, *_EXPONENTS)
    return float(max(geometric, zeta(exponent, count) / zeta(exponent, 1)))


def _mean_log(exponent: float) -> float:
    """Return the mean logarithm of numbers that follow Zipf's law."""
    step = 1e-5
    return float((np.log(zeta(exponent - step, 1)) - np.log(zeta(exponent + step, 1))) / (2 * step))

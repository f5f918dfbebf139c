"""
To how many decimals the coordinates of a whole set are rounded; no single point can tell, since any may end in nought.

Of points with D true decimals a share of 10^-2(D-d) shows d or fewer in both coordinates by chance. Where far more
show d, some were rounded there. Each place counts once: a corner reported fifty times says no more than once.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import gammainc

MOST_DECIMALS = 9
# Chance below which more points of few decimals than expected are no accident.
IMPROBABLE = 1e-6
METRES_A_DEGREE = 111_320.0


@dataclass(frozen=True)
class Rounding:
    """
    How coordinates are rounded.

    Parameters
    ----------
    decimals
        Decimals of a degree to which each point is rounded, -1 without a point; shape (n,).
    classes
        Number of points by decimals, for each class of rounding that was found.
    """

    decimals: NDArray[np.int64]
    classes: dict[int, int]

    @property
    def metres(self) -> NDArray[np.float64]:
        """Metres of a step of the last decimal, from north to south; NaN without a point; shape (n,)."""
        step = METRES_A_DEGREE * 10.0 ** -self.decimals.astype(float)
        return np.where(self.decimals < 0, np.nan, step)


def find_rounding(lon: NDArray[np.float64], lat: NDArray[np.float64]) -> Rounding:
    """
    Find the rounding of a set of points.

    Parameters
    ----------
    lon, lat
        Degrees as the register gives them, in its own datum, NaN for none; shape (n,).

    Returns
    -------
    rounding
        A set may hold several classes, such as a hundred points to 7 decimals and a thousand to 3.

    Examples
    --------
    >>> find_rounding(np.array([120.215, 120.22]), np.array([22.987, 22.99])).decimals.tolist()
    [3, 3]
    """
    shown = np.maximum(_decimals(lon), _decimals(lat))
    there = ~(np.isnan(lon) | np.isnan(lat))
    shown[~there] = -1
    places = pd.DataFrame({"lon": lon[there], "lat": lat[there], "shown": shown[there]}).drop_duplicates()
    classes = _classes(places["shown"].to_numpy())
    means = np.array([min((c for c in classes if c >= d), default=d) for d in range(MOST_DECIMALS + 1)])
    decimals = np.where(there, means[np.maximum(shown, 0)], -1)
    counts = np.bincount(decimals[there], minlength=MOST_DECIMALS + 1)
    return Rounding(decimals, {c: int(counts[c]) for c in sorted(classes)})


def _decimals(degrees: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return the decimals with which numbers are written, at most `MOST_DECIMALS`."""
    found = np.full(len(degrees), MOST_DECIMALS, dtype=np.int64)
    for digits in reversed(range(MOST_DECIMALS)):
        found[np.round(degrees, digits) == degrees] = digits
    return found


def _classes(shown: NDArray[np.int64]) -> set[int]:
    """Return the decimals at which more places stand than those of finer classes would leave there by chance."""
    counts = np.bincount(shown, minlength=MOST_DECIMALS + 1) if len(shown) else np.zeros(MOST_DECIMALS + 1, dtype=int)
    found: dict[int, float] = {}
    for digits in reversed(range(MOST_DECIMALS + 1)):
        # Of a finer class, so many show exactly these decimals in the coordinate that shows more.
        chance = sum(number * 10.0 ** (-2 * (finer - digits)) for finer, number in found.items())
        if (counts[digits] and gammainc(counts[digits], chance) < IMPROBABLE) or (counts[digits] and not found):
            found[digits] = float(counts[digits])
    return set(found)

"""
Rates of small counts, told apart from chance: a grid with two of three closed is no worse than one with 190 of 300.

Each rate carries its numerator and denominator, the rate drawn towards the district's as far as its count is small
(empirical Bayes), and whether it lies outside the limits that chance alone would keep it in (a funnel).
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import bdtrik, pdtrik

# Both sides of the funnel together: chance keeps 998 of 1,000 inside.
FUNNEL = 0.002
# Below this denominator a rate is marked small: nobody should rank by it.
SMALL = 20


def share(met: NDArray[np.int64], of: NDArray[np.int64]) -> pd.DataFrame:
    """
    Return shares with their limits.

    Parameters
    ----------
    met, of
        Numerators and denominators; shape (n,).

    Returns
    -------
    shares
        ``rate`` (NaN where nothing is counted), ``shrunk`` (towards all, by a beta prior fitted to the set),
        ``low, high`` (limits of chance around the rate of all, 99.8 %), ``flag`` (``above``, ``below``, ``within``,
        ``none`` where nothing is counted) and ``small``.
    """
    counted, base = met.astype(np.float64), of.astype(np.float64)
    rate = np.where(base > 0, counted / np.maximum(base, 1), np.nan)
    whole = counted.sum() / base.sum() if base.sum() else np.nan
    shrunk = _shrunk(counted, base, whole, _beta_strength(counted, base, whole))
    low, high = _binomial_limits(whole, base)
    return pd.DataFrame({"rate": rate, "shrunk": shrunk, **_flags(rate, low, high, base), "small": base < SMALL})


def density(count: NDArray[np.int64], base: NDArray[np.int64], per: float) -> pd.DataFrame:
    """
    Return counts per base, such as incidents per 100 households, with their limits.

    Parameters
    ----------
    count, base
        Counts, and what they are set against; shape (n,).
    per
        Units of the base.

    Returns
    -------
    densities
        Columns as of `share`; the prior is a gamma, the limits are Poisson's. ``small`` where fewer than
        `SMALL` are expected.
    """
    counted, of = count.astype(np.float64), base.astype(np.float64) / per
    rate = np.where(of > 0, counted / np.where(of > 0, of, 1), np.nan)
    whole = counted[of > 0].sum() / of.sum() if of.sum() else np.nan
    shrunk = _shrunk(counted, of, whole, _gamma_strength(counted, of, whole))
    low, high = _poisson_limits(whole, of)
    return pd.DataFrame({"rate": rate, "shrunk": shrunk, **_flags(rate, low, high, of), "small": of * whole < SMALL})


def _shrunk(met: NDArray[np.float64], of: NDArray[np.float64], whole: float, strength: float) -> NDArray[np.float64]:
    """Return rates drawn towards that of all, the more the smaller the count."""
    if not of.sum():
        return np.full(len(of), np.nan)
    drawn: NDArray[np.float64] = (met + strength * whole) / np.maximum(of + strength, 1e-12)
    return drawn


def _flags(
    rate: NDArray[np.float64], low: NDArray[np.float64], high: NDArray[np.float64], of: NDArray[np.float64]
) -> dict[str, NDArray[np.float64] | NDArray[np.str_]]:
    flag = np.select([of <= 0, rate > high, rate < low], ["none", "above", "below"], "within")
    return {"low": low, "high": high, "flag": flag}


def _beta_strength(met: NDArray[np.float64], of: NDArray[np.float64], whole: float) -> float:
    """Return a + b of the beta prior by moments (Kleinman 1973); large where the rates differ by chance alone."""
    weights, rates = of[of > 0], met[of > 0] / of[of > 0]
    if len(weights) < 2 or not 0 < whole < 1:
        return 1e9
    total = weights.sum()
    spread = float((weights * (rates - whole) ** 2).sum())
    excess = spread - whole * (1 - whole) * (len(weights) - 1)
    room = whole * (1 - whole) * (total - (weights**2).sum() / total - (len(weights) - 1))
    share_between = excess / room if room > 0 else 0.0
    return 1e9 if share_between <= 1e-9 else max(1.0 / share_between - 1.0, 1e-6)


def _gamma_strength(count: NDArray[np.float64], of: NDArray[np.float64], whole: float) -> float:
    """Return the rate parameter of the gamma prior by moments (Marshall 1991)."""
    there = of > 0
    if there.sum() < 2 or not whole > 0:
        return 1e9
    rates, weights = count[there] / of[there], of[there]
    spread = float((weights * (rates - whole) ** 2).sum() / weights.sum())
    between = spread - whole / weights.mean()
    return 1e9 if between <= 1e-12 else whole / between


def _binomial_limits(whole: float, of: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return limits between which chance keeps shares: a count below has a chance under `FUNNEL` / 2, as one above."""
    if not 0 < whole < 1:
        return np.full(len(of), whole), np.full(len(of), whole)
    base = np.maximum(of, 1.0)
    low = np.nan_to_num(bdtrik(FUNNEL / 2, base, whole))
    high = np.nan_to_num(bdtrik(1 - FUNNEL / 2, base, whole), nan=np.inf) + 1.0
    return np.clip(low / base, 0.0, 1.0), np.clip(high / base, 0.0, 1.0)


def _poisson_limits(whole: float, of: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return limits between which chance keeps densities."""
    if not whole > 0:
        return np.zeros(len(of)), np.zeros(len(of))
    base = np.where(of > 0, of, 1.0)
    low = np.nan_to_num(pdtrik(FUNNEL / 2, whole * base))
    return np.maximum(low, 0.0) / base, (pdtrik(1 - FUNNEL / 2, whole * base) + 1.0) / base

"""
What rose beyond chance: counts of a day or week against what season, weekday and trend make of the time before.

The baseline is a Poisson regression on the day of the week, the season (sine and cosine of the year) and a slow
trend; matters come in bursts, so the chance is a negative binomial's with the spread that the past shows. Every series
that is looked at is one test more: p-values are adjusted after Benjamini and Hochberg.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import betainc, gammainc
from sklearn.linear_model import PoissonRegressor

from gridplan.errors import TooFewError
from gridplan.incidents.hotspots import FALSE_SHARE, adjusted

# Days of the past that a baseline needs, and is made of at most.
FEWEST_DAYS, MOST_DAYS = 56, 731
# From so many days on the season of the year is told; with fewer, the last weeks alone are the measure.
SEASON_DAYS, RECENT_DAYS = 400, 112
_RIDGE = 1e-3
_YEAR = 365.25


@dataclass(frozen=True)
class Baseline:
    """
    What is usual of a series.

    Parameters
    ----------
    expected
        Of each day asked for; shape (n,).
    spread
        Variance of the sum of them is ``sum + spread * sum ** 2``; 0 for Poisson's own.
    """

    expected: NDArray[np.float64]
    spread: float

    def chance(self, count: int) -> float:
        """Return the chance of so many or more in all the days together."""
        return at_least(count, float(self.expected.sum()), self.spread)


def at_least(count: int, expected: float, spread: float) -> float:
    """
    Return the chance of so many or more under a negative binomial.

    Parameters
    ----------
    count
        >= 0.
    expected
        > 0.
    spread
        Variance is ``expected + spread * expected ** 2``; 0 for Poisson's own.

    Examples
    --------
    >>> round(at_least(10, 5.0, 0.0), 4), round(at_least(10, 5.0, 0.5), 4)
    (0.0318, 0.1116)
    """
    if count <= 0:
        return 1.0
    if spread <= 1e-9:
        return float(gammainc(count, expected))
    size = 1.0 / spread
    return float(betainc(count, size, expected / (expected + size)))


def baseline(days: pd.DatetimeIndex, counts: NDArray[np.int64], asked: pd.DatetimeIndex) -> Baseline:
    """
    Learn what is usual from the past.

    Parameters
    ----------
    days, counts
        Days of the past, each with its count; shape (n,).
    asked
        Days of which the usual is asked.

    Raises
    ------
    TooFewError
        If there are fewer than 56 days.
    """
    if len(days) < FEWEST_DAYS:
        raise TooFewError(f"rises: expected at least {FEWEST_DAYS} days before; found {len(days)}")
    season = len(days) >= SEASON_DAYS
    if not season:
        days, counts = days[-RECENT_DAYS:], counts[-RECENT_DAYS:]
    first = days[0]
    model = PoissonRegressor(alpha=_RIDGE, solver="newton-cholesky", max_iter=300)
    model.fit(_features(days, first, season), counts)
    usual = np.maximum(model.predict(_features(days, first, season)), 1e-9)
    expected = np.maximum(model.predict(_features(asked, first, season)), 1e-9)
    return Baseline(expected, _spread(counts, usual, max(len(asked), 1)))


def _spread(counts: NDArray[np.int64], usual: NDArray[np.float64], length: int) -> float:
    """
    Return how much more sums of so many days varied than Poisson's law lets them (moments of Cameron and Trivedi).

    Days of one week go up and down together, so sums are looked at, not days.
    """
    blocks = max(len(counts) // length, 1)
    whole = counts[-blocks * length :].reshape(blocks, -1).sum(axis=1)
    mean = usual[-blocks * length :].reshape(blocks, -1).sum(axis=1)
    excess = ((whole - mean) ** 2 - mean).sum() * blocks / max(blocks - 1, 1)
    return max(float(excess / (mean**2).sum()), 0.0)


def _features(days: pd.DatetimeIndex, first: pd.Timestamp, season: bool) -> NDArray[np.float64]:
    weekday: NDArray[np.float64] = np.eye(7)[days.day_of_week.to_numpy()]
    passed = (days - first).days.to_numpy() / _YEAR
    turn = 2 * np.pi * days.day_of_year.to_numpy() / _YEAR
    if not season:
        return weekday
    waves = [np.sin(turn), np.cos(turn), np.sin(2 * turn), np.cos(2 * turn)]
    return np.hstack([weekday, passed[:, None], *(wave[:, None] for wave in waves)])


def rises(
    incidents: pd.DataFrame, first: date, last: date, by: str, zone: str, *, false_share: float = FALSE_SHARE
) -> pd.DataFrame:
    """
    Tell which series rose beyond chance in a period.

    Parameters
    ----------
    incidents
        ``reported_at`` (aware) and the column that parts them into series; those before the period are the past.
    first, last
        The period, both days included.
    by
        Column that parts them: ``category``, ``grid_code``.
    zone
        IANA name of the time zone that says what a day is.
    false_share
        Share of false ones among those that are called, that is accepted.

    Returns
    -------
    rises
        By series, the surest first: ``count, expected, ratio, p, q, risen``.

    Raises
    ------
    TooFewError
        If there are too few days before, or no incident.
    """
    if incidents.empty:
        raise TooFewError("rises: expected incidents; found none")
    day = incidents["reported_at"].dt.tz_convert(zone).dt.tz_localize(None).dt.normalize()
    begin = max(day.min(), pd.Timestamp(first) - timedelta(days=MOST_DAYS))
    past = pd.date_range(begin, pd.Timestamp(first) - timedelta(days=1))
    asked = pd.date_range(first, last)
    table = pd.crosstab(day, incidents[by].fillna(""))
    rows = []
    for name in table.columns:
        series = table[name]
        known = series.reindex(past, fill_value=0).to_numpy(dtype=np.int64)
        usual = baseline(past, known, asked)
        count = int(series.reindex(asked, fill_value=0).sum())
        rows.append((name, count, float(usual.expected.sum()), usual.chance(count)))
    found = pd.DataFrame(rows, columns=[by, "count", "expected", "p"]).set_index(by)
    found["ratio"] = found["count"] / found["expected"].clip(lower=1e-9)
    found["q"] = adjusted(found["p"].to_numpy())
    found["risen"] = found["q"] <= false_share
    return found[["count", "expected", "ratio", "p", "q", "risen"]].sort_values(["p", "count"], ascending=[True, False])

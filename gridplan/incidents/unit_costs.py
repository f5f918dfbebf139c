"""What an incident, a household and a person cost in minutes, with how sure that is; the lines of rules it makes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

#: Mean length of a month in days.
DAYS_A_MONTH = 365.2425 / 12
#: Matters whose minutes must be known before their mean is proposed as a rule.
FEWEST_TIMED = 30
RESAMPLES = 2_000
_INTERVAL = (2.5, 97.5)


@dataclass(frozen=True)
class Estimate:
    """
    A number of minutes, and the limits between which it lies with 95 %.

    Parameters
    ----------
    value, low, high
        Minutes.
    """

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class UnitCosts:
    """
    What one of each costs.

    Parameters
    ----------
    per_incident
        Minutes of a timed matter; None where fewer than two were timed.
    per_household, per_person
        Minutes of reported matters a month for each household and person; None where there are none of them, or
        nothing was timed.
    months
        Months looked at.
    timed
        Matters whose minutes are known.
    """

    per_incident: Estimate | None
    per_household: Estimate | None
    per_person: Estimate | None
    months: float
    timed: int

    @property
    def usable(self) -> bool:
        """Whether so many matters were timed that their mean may become a rule."""
        return self.per_incident is not None and self.timed >= FEWEST_TIMED

    def to_rules(self) -> dict[str, Any]:
        """
        Return the keys of the table ``work`` of rules that follow; none where too few matters were timed.

        Only what an incident costs follows: households are also visited, and that is in no register of incidents.
        """
        if self.per_incident is None or not self.usable:
            return {}
        return {"per_incident": round(self.per_incident.value, 1), "incident_months": round(self.months, 2)}


def unit_costs(
    grids: pd.DataFrame, incidents: pd.DataFrame, minutes: pd.Series, months: float, rng: np.random.Generator
) -> UnitCosts:
    """
    Estimate what one of each costs; limits by the bootstrap (percentiles), over matters and over grids.

    Parameters
    ----------
    grids
        ``grid_code`` and, where known, ``households, persons``.
    incidents
        ``grid_code, category, minutes`` (NaN where not known), each in one of the grids.
    minutes
        Minutes by category, for matters that were not timed themselves.
    months
        Months in which they were reported, > 0.
    rng
        Draws the samples.

    References
    ----------
    Efron and Tibshirani (1993), An Introduction to the Bootstrap, chapter 13.
    """
    timed = incidents["minutes"].dropna().to_numpy(dtype=float)
    if len(timed) < 2:
        return UnitCosts(None, None, None, months, len(timed))
    spent = incidents["minutes"].fillna(incidents["category"].map(minutes)).groupby(incidents["grid_code"]).sum()
    monthly = spent.reindex(grids["grid_code"]).fillna(0.0).to_numpy(dtype=float) / months
    households, persons = (_share(monthly, grids, name, rng) for name in ("households", "persons"))
    return UnitCosts(_ratio(timed, np.ones(len(timed)), rng), households, persons, months, len(timed))


def _share(monthly: NDArray[np.float64], grids: pd.DataFrame, name: str, rng: np.random.Generator) -> Estimate | None:
    if name not in grids:
        return None
    base = grids[name].fillna(0).to_numpy(dtype=float)
    some = base > 0
    return _ratio(monthly[some], base[some], rng) if some.sum() > 1 else None


def _ratio(above: NDArray[np.float64], below: NDArray[np.float64], rng: np.random.Generator) -> Estimate:
    """Return the ratio of two sums, and its limits when the pairs are drawn anew."""
    found = np.empty(RESAMPLES)
    for number in range(RESAMPLES):
        drawn = rng.integers(len(above), size=len(above))
        found[number] = above[drawn].sum() / below[drawn].sum()
    low, high = np.percentile(found, _INTERVAL)
    return Estimate(float(above.sum() / below.sum()), float(low), float(high))

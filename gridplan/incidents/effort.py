"""
What grids really cost: minutes of work by category learned from incidents, and the work model's weight fitted to them.

Where the register knows how long each matter took, the minutes of a category are its mean, drawn towards all where
there are few. How many matters a grid will have is a Poisson regression on what the work model counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from sklearn.linear_model import PoissonRegressor
from sklearn.metrics import d2_tweedie_score
from sklearn.model_selection import KFold, cross_val_predict

from gridplan.errors import IncidentError, TooFewError

FEWEST_GRIDS, FOLDS = 20, 5
# A category of fewer timed matters is drawn this much towards the mean of all, in matters.
_PRIOR = 10.0
_RIDGE = 1e-3


@dataclass(frozen=True)
class Effort:
    """
    What grids cost, with how well it fits.

    Parameters
    ----------
    minutes
        Minutes of a matter by category; the same for all where nothing was timed.
    timed
        Matters whose minutes are known.
    expected
        By grid_code: ``incidents`` and ``minutes`` a month that are expected, ``observed`` incidents a month.
    weights
        Factor by which expected incidents grow with one standard deviation of each feature.
    explained
        Share of the Poisson deviance that is explained in grids that were held out (5 folds); 0 is no better than
        the mean, below 0 worse: then the weights are not to be used.
    """

    minutes: pd.Series
    timed: int
    expected: pd.DataFrame
    weights: pd.Series
    explained: float

    @property
    def usable(self) -> bool:
        """Whether held-out grids are foretold better than by the mean."""
        return self.explained > 0


def fit_effort(
    grids: pd.DataFrame,
    incidents: pd.DataFrame,
    months: float,
    *,
    features: Sequence[str] = ("households", "persons", "units", "area_m2"),
    default_minutes: float = 30.0,
    seed: int = 0,
) -> Effort:
    """
    Learn what grids cost.

    Parameters
    ----------
    grids
        ``grid_code`` and features; those that are missing, or null throughout, are left out.
    incidents
        ``grid_code, category, minutes`` (NaN where not known).
    months
        Months in which they were reported, > 0.
    features
        Columns that the expected number is told from, as logarithms.
    default_minutes
        Minutes of a matter where nothing was timed.
    seed
        Of the folds.

    Raises
    ------
    TooFewError
        If there are fewer than 20 grids, or no months.
    """
    if len(grids) < FEWEST_GRIDS or months <= 0:
        raise TooFewError(f"effort: expected at least {FEWEST_GRIDS} grids and some time; found {len(grids)}, {months}")
    minutes = _minutes(incidents, default_minutes)
    codes = grids["grid_code"].to_numpy()
    counts = incidents["grid_code"].value_counts().reindex(codes).fillna(0).to_numpy(dtype=float)
    values, names = _scaled(grids, features)
    model = PoissonRegressor(alpha=_RIDGE, solver="newton-cholesky", max_iter=300)
    folds = KFold(FOLDS, shuffle=True, random_state=seed)
    held_out = cross_val_predict(model, values, counts, cv=folds)
    explained = float(d2_tweedie_score(counts, np.maximum(held_out, 1e-9), power=1)) if counts.sum() else 0.0
    model.fit(values, counts)
    mean_minutes = _mean_minutes(incidents, minutes, default_minutes)
    expected = np.asarray(model.predict(values)) / months
    frame = pd.DataFrame(
        {"incidents": expected, "minutes": expected * mean_minutes, "observed": counts / months},
        index=pd.Index(codes, name="grid_code"),
    )
    weights = pd.Series(np.exp(model.coef_), index=names)
    return Effort(minutes, int(incidents["minutes"].notna().sum()), frame, weights, explained)


def _minutes(incidents: pd.DataFrame, default: float) -> pd.Series:
    """Return minutes by category, drawn towards all where few are known."""
    timed = incidents.dropna(subset=["minutes"])
    mean = float(timed["minutes"].mean()) if len(timed) else default
    sums = timed.groupby("category")["minutes"].agg(["sum", "count"]).reindex(sorted(incidents["category"].unique()))
    sums = sums.fillna(0)
    return (sums["sum"] + _PRIOR * mean) / (sums["count"] + _PRIOR)


def _mean_minutes(incidents: pd.DataFrame, minutes: pd.Series, default: float) -> float:
    return float(incidents["category"].map(minutes).mean()) if len(incidents) else default


def _scaled(grids: pd.DataFrame, features: Sequence[str]) -> tuple[np.ndarray, list[str]]:
    """Return logarithms of features, each with mean 0 and deviation 1; constant ones are left out."""
    columns, names = [], []
    for name in features:
        if name not in grids or grids[name].isna().all():
            continue
        logs = np.log1p(pd.to_numeric(grids[name]).fillna(0).to_numpy(dtype=float))
        if logs.std() > 0:
            columns.append((logs - logs.mean()) / logs.std())
            names.append(name)
    if not columns:
        raise IncidentError(f"effort: expected one of {', '.join(features)} that differs between grids; found none")
    return np.column_stack(columns), names

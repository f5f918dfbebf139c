"""What stands out in a period, from a store: where incidents gather, what rose beyond chance, what matters cost."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal

import numpy as np
import pandas as pd

from gridplan.errors import IncidentError
from gridplan.incidents.effort import Effort, fit_effort
from gridplan.incidents.ground import Ground
from gridplan.incidents.handling import Handling
from gridplan.incidents.hotspots import hot_spots
from gridplan.incidents.restate import restate
from gridplan.incidents.rises import MOST_DAYS, rises
from gridplan.incidents.store.frames import incident_frame
from gridplan.incidents.store.grounds import ground_in_force
from gridplan.incidents.store.rows import Which
from gridplan.incidents.tables import Period
from gridplan.incidents.unit_costs import DAYS_A_MONTH, UnitCosts, unit_costs
from gridplan.store import Store

By = Literal["category", "grid"]
# Moments are counted in nanoseconds of 64 bits, which end in 1677 and in 2262; no register comes near.
_YEARS = range(1900, 2201)
# Permutations are drawn from it: the same question has the same answer.
_SEED = 0


@dataclass(frozen=True)
class Findings:
    """
    What stands out in a period.

    Parameters
    ----------
    period
        The period.
    table
        All that was looked at, by ``grid_code`` or ``category``, the surest first; columns of `hot_spots` or `rises`.
    called
        Column of ``table`` that is true where something stands out.
    elsewhere
        Incidents that have no grid, or none that is in force: they are not in a table by grid.
    """

    period: Period
    table: pd.DataFrame
    called: str
    elsewhere: int

    @property
    def standing_out(self) -> pd.DataFrame:
        """The rows that stand out."""
        return self.table[self.table[self.called].astype(bool)]

    def to_dict(self) -> dict[str, Any]:
        """Return the rows that stand out, and how many were looked at, as plain JSON values."""
        return {
            "from": self.period.first.isoformat(),
            "to": self.period.last.isoformat(),
            "looked_at": len(self.table),
            "elsewhere": self.elsewhere,
            "found": [
                {name: _plain(value) for name, value in row.items()}
                for row in self.standing_out.reset_index().to_dict(orient="records")
            ],
        }


def gatherings(
    store: Store,
    handling: Handling,
    days: tuple[date, date],
    *,
    category: str | None = None,
    scope: str = "",
    ground: Ground | None = None,
) -> Findings:
    """
    Tell where incidents of a period gather: grids with more, or fewer, per household than chance puts side by side.

    Parameters
    ----------
    store, handling, days, category, scope, ground
        As of `gridplan.incidents.store.numbers.numbers`.

    Raises
    ------
    IncidentError
        If the days or the category are wrong, or no plan is in force; a `TooFewError` if it has fewer than 8 grids.
    """
    period, ground = period_of(days, handling), ground or ground_in_force(store, scope=scope)
    frame = _of_category(incident_frame(store, Which(scope, start=period.start, end=period.end)), category, handling)
    frame = _on_ground(frame, ground)
    counts, grids = frame["grid_code"].value_counts(), ground.grids
    flat = grids if grids.crs.is_projected else grids.to_crs(grids.estimate_utm_crs())
    base = None
    if "households" in grids and grids["households"].fillna(0).sum() > 0:
        base = grids.set_index("grid_code")["households"]
    found = hot_spots(flat, counts, _SEED, base=base)
    order = found.assign(strength=-found["gi"].abs()).sort_values(["gi_q", "strength"], kind="stable").index
    table = found.loc[order].assign(stands_out=lambda each: (each["spot"] != "") | (each["moran_kind"] != ""))
    return Findings(period, table, "stands_out", int(frame["grid_code"].isna().sum()))


def risen(
    store: Store,
    handling: Handling,
    days: tuple[date, date],
    *,
    by: By = "category",
    category: str | None = None,
    scope: str = "",
    ground: Ground | None = None,
) -> Findings:
    """
    Tell what rose beyond chance in a period, against up to two years before it.

    Parameters
    ----------
    store, handling, days, category, scope, ground
        As of `gridplan.incidents.store.numbers.numbers`.
    by
        Which series are looked at: categories, or grids in force.

    Raises
    ------
    IncidentError
        If the days or the category are wrong; a `TooFewError` if there are fewer than 56 days of records before.
    """
    period = period_of(days, handling)
    start = Period(period.first - timedelta(days=MOST_DAYS), period.last, handling.calendar).start
    frame = _of_category(incident_frame(store, Which(scope, start=start, end=period.end)), category, handling)
    column, elsewhere = "category", 0
    if by == "grid":
        column = "grid_code"
        frame = _on_ground(frame, ground or ground_in_force(store, scope=scope))
        elsewhere = int((frame["grid_code"].isna() & period.holds(frame["reported_at"])).sum())
        frame = frame.dropna(subset=["grid_code"])
    found = rises(frame, period.first, period.last, column, handling.calendar.zone)
    return Findings(period, found, "risen", elsewhere)


def costs(
    store: Store, handling: Handling, days: tuple[date, date], *, scope: str = "", ground: Ground | None = None
) -> tuple[Effort, UnitCosts]:
    """
    Learn from a period what grids and matters cost.

    Parameters
    ----------
    store, handling, days, scope, ground
        As of `gridplan.incidents.store.numbers.numbers`.

    Raises
    ------
    IncidentError
        If the days are wrong, or no plan is in force; a `TooFewError` if it has fewer than 20 grids.
    """
    period, ground = period_of(days, handling), ground or ground_in_force(store, scope=scope)
    frame = incident_frame(store, Which(scope, start=period.start, end=period.end))
    frame = _on_ground(frame, ground).dropna(subset=["grid_code"])
    months = period.days / DAYS_A_MONTH
    effort = fit_effort(ground.grids, frame, months, seed=_SEED)
    return effort, unit_costs(ground.grids, frame, effort.minutes, months, np.random.default_rng(_SEED))


def period_of(days: tuple[date, date], handling: Handling) -> Period:
    """
    Return the period of a first and a last day, at the place of a calendar.

    Raises
    ------
    IncidentError
        If the last lies before the first, or a year is none in which anything was reported.
    """
    strange = [day for day in days if day.year not in _YEARS]
    if strange:
        raise IncidentError(f"period: expected years {_YEARS[0]}-{_YEARS[-1]}; found {strange[0]}")
    return Period(*days, handling.calendar)


def _of_category(frame: pd.DataFrame, category: str | None, handling: Handling) -> pd.DataFrame:
    """Keep a category and those below it."""
    if category is None:
        return frame
    if category not in handling.categories:
        raise IncidentError(f"category: expected a code of the tree; found {category[:40]!r}")
    under = [category in {each.code for each in handling.categories.path(code)} for code in frame["category"]]
    return frame[under].reset_index(drop=True)


def _on_ground(frame: pd.DataFrame, ground: Ground) -> pd.DataFrame:
    """Give incidents whose grid is no more the one in which their point lies; None where that is not known."""
    known = frame["grid_code"].isin(list(ground.home_of)).to_numpy(dtype=bool)
    lost = frame[~known & frame["grid_code"].notna().to_numpy()]
    codes = frame["grid_code"].astype(object).where(known, None)
    if len(lost):
        codes.loc[lost.index] = restate(lost, ground).frame["grid_code"]
    return frame.assign(grid_code=codes)


def _plain(value: Any) -> Any:
    value = value.item() if isinstance(value, np.generic) else value
    return round(value, 6) if isinstance(value, float) else value

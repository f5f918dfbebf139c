"""Numbers of a period by grid and by any level above it; every rate with its numerator and denominator."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, get_args

import numpy as np
import pandas as pd

from gridplan.errors import IncidentError
from gridplan.incidents.ground import Ground
from gridplan.incidents.rates import density, share
from gridplan.incidents.tables import Period, verdicts

UnitLevel = Literal["grid", "community", "street", "district", "all"]
LEVELS: tuple[UnitLevel, ...] = get_args(UnitLevel)
# Digits of a 12-digit community code that name the street and the district.
_STREET, _DISTRICT, _WHOLE = 9, 6, 12
HOUSEHOLDS = 100.0


@dataclass(frozen=True)
class Summary:
    """
    Numbers of a period.

    Parameters
    ----------
    frame
        One row for each unit, by ``code``: ``received``; ``closed``; ``due`` (judged) and ``on_time``; ``rated`` and
        ``satisfied``; ``received_before`` (the period before); ``hours`` (median from report to close);
        ``households``; and for ``closure, timeliness, satisfaction, per_100``: the rate, ``_shrunk``, ``_low``,
        ``_high``, ``_flag`` and ``_small``. See `gridplan.incidents.rates`.
    unplaced
        The same counts of incidents that have no grid.
    period
        The period.
    at
        The moment of judging, UTC.
    """

    frame: pd.DataFrame
    unplaced: Mapping[str, int]
    period: Period
    at: datetime

    def to_dicts(self) -> list[dict[str, Any]]:
        """Return the rows as plain JSON values: each rate an object with numerator and denominator."""
        return [_plain(row) for row in self.frame.reset_index().to_dict("records")]


def summarise(
    incidents: pd.DataFrame, ground: Ground, period: Period, at: datetime, level: UnitLevel = "grid"
) -> Summary:
    """
    Count incidents that were reported in a period.

    Parameters
    ----------
    incidents
        Columns of `gridplan.incidents.tables.COLUMNS`; those of the period before it too.
    ground
        Grids, with ``households`` where it is known; each has a row, also without incidents. A grid that is not
        among them (of a retired plan) has a row of its own without households.
    period
        Days of report. ``closed``, ``on_time`` and ``satisfied`` are of these incidents, whenever it happened: the
        numerators are part of the denominators.
    at
        The moment of judging, aware.
    level
        ``grid``, or a level above: by community_code, by its first 9 and 6 digits, or all in one.

    Raises
    ------
    IncidentError
        If the level is unknown.
    """
    if level not in LEVELS:
        raise IncidentError(f"level: expected one of {', '.join(LEVELS)}; found {level!r}")
    facts = _facts(incidents, at)
    codes = incidents["grid_code"].map(
        lambda code: None if code is None else _unit(str(code), ground, level), na_action="ignore"
    )
    now, before = period.holds(incidents["reported_at"]), period.before().holds(incidents["reported_at"])
    units = _units(ground, level)
    counts = facts[now].groupby(codes[now]).sum()
    frame = pd.DataFrame(index=units.index.union(counts.index)).rename_axis("code")
    frame = frame.join(counts).fillna(0).astype(np.int64)
    frame["received_before"] = codes[before].value_counts().reindex(frame.index).fillna(0).astype(np.int64)
    hours = _hours(incidents[now]).groupby(codes[now]).median()
    frame["hours"] = hours.reindex(frame.index).astype(float)
    frame["households"] = units.reindex(frame.index)
    frame["known"] = frame.index.isin(units.index)
    none = codes[now].isna()
    unplaced = {str(name): int(count) for name, count in facts[now][none].sum().items()}
    return Summary(_with_rates(frame), unplaced, period, at)


def _facts(incidents: pd.DataFrame, at: datetime) -> pd.DataFrame:
    """Return what is counted of each incident, 0 or 1."""
    verdict = verdicts(incidents, at)
    closed = incidents["closed_at"].notna() & (incidents["closed_at"] <= pd.Timestamp(at))
    rated = incidents["rating"] != ""
    return pd.DataFrame(
        {
            "received": 1,
            "closed": closed.astype(int),
            "due": verdict.notna().astype(int),
            "on_time": (verdict == 1).astype(int),
            "rated": rated.astype(int),
            "satisfied": incidents["rating"].isin(["satisfied", "basic"]).astype(int),
        },
        index=incidents.index,
    )


def _hours(incidents: pd.DataFrame) -> pd.Series:
    """Return hours from report to close; of those closed before, or at the moment of, their report nothing."""
    hours = (incidents["closed_at"] - incidents["reported_at"]).dt.total_seconds() / 3600
    return hours.where(hours > 0)


def _unit(code: str, ground: Ground, level: UnitLevel) -> str:
    if level == "grid":
        return code
    return _above(ground.home_of.get(code, code[:_WHOLE]), level)


def _above(community: str, level: UnitLevel) -> str:
    if level == "community":
        return community
    if level == "all":
        return "all"
    if len(community) != _WHOLE or not community.isdigit():
        return "all"  # only a 12-digit code tells its street and district
    return community[: _STREET if level == "street" else _DISTRICT]


def _units(ground: Ground, level: UnitLevel) -> pd.Series:
    """Return the households of all units, by code; NaN where they are not known."""
    grids = ground.grids
    codes = [_unit(str(code), ground, level) for code in grids["grid_code"]]
    households = grids["households"] if "households" in grids else pd.Series(np.nan, index=grids.index)
    return households.astype(float).groupby(np.array(codes, dtype=object)).sum(min_count=1)


def _with_rates(frame: pd.DataFrame) -> pd.DataFrame:
    shares = {
        "closure": ("closed", "received"),
        "timeliness": ("on_time", "due"),
        "satisfaction": ("satisfied", "rated"),
    }
    parts = [frame]
    for name, (met, of) in shares.items():
        parts.append(_named(share(frame[met].to_numpy(), frame[of].to_numpy()), name, frame.index))
    households = frame["households"].fillna(0).to_numpy().astype(np.int64)
    parts.append(_named(density(frame["received"].to_numpy(), households, HOUSEHOLDS), "per_100", frame.index))
    return pd.concat(parts, axis=1)


def _named(rates: pd.DataFrame, name: str, index: pd.Index) -> pd.DataFrame:
    names = {column: name if column == "rate" else f"{name}_{column}" for column in rates.columns}
    return rates.rename(columns=names).set_axis(index)


def _plain(row: Mapping[Any, Any]) -> dict[str, Any]:
    def number(name: str, digits: int = 4) -> float | None:
        return None if pd.isna(row[name]) else round(float(row[name]), digits)

    def rate(name: str, met: str, of: str) -> dict[str, Any]:
        limits = {part: number(f"{name}_{part}") for part in ("shrunk", "low", "high")}
        shown = {"numerator": _whole(row[met]), "denominator": _whole(row[of]), "rate": number(name), **limits}
        return {**shown, "flag": str(row[f"{name}_flag"]), "small": bool(row[f"{name}_small"])}

    return {
        "code": row["code"],
        "in_force": bool(row["known"]),
        "received": int(row["received"]),
        "closed": int(row["closed"]),
        "closure": rate("closure", "closed", "received"),
        "timeliness": rate("timeliness", "on_time", "due"),
        "satisfaction": rate("satisfaction", "satisfied", "rated"),
        "hours_to_close": number("hours", 2),
        "households": _whole(row["households"]),
        "per_100_households": rate("per_100", "received", "households"),
        "received_before": int(row["received_before"]),
        "change": int(row["received"] - row["received_before"]),
    }


def _whole(value: Any) -> int | None:
    return None if pd.isna(value) else int(value)

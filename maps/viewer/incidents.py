"""Incidents as columns of small whole numbers: the browser filters, counts and gathers them itself, at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

MICRO = 100_000  # a metre, about
_MINUTE = 60
_DAY_MIN = 1440


def incidents_payload(
    frame: pd.DataFrame, categories: Mapping[str, Mapping[str, str]], *, zone: str, exact: bool, digest: str
) -> dict[str, Any]:
    """
    Return incidents as plain JSON values, column by column.

    Parameters
    ----------
    frame
        ``grid_code, category, reported_at, closed_at, due_at`` (aware), ``on_time`` (1, 0 or null), ``lon, lat``
        (WGS 84 or null); one row each.
    categories
        ``zh`` and ``en`` of each code.
    zone
        Time zone of the place, in which days begin: a name as `Asia/Shanghai`.
    exact
        Whether points are told; else the reader sees each incident in the middle of its grid.
    digest
        Tells this content from others.

    Returns
    -------
    dict
        ``n``, ``grids`` and ``categories`` (tables that the columns point into), ``minute`` (of the report by the
        clocks of the place, minutes since 1970, the first and then steps), ``closed`` and ``due`` (minutes after the
        report, -1 for none; ``due`` also where it was closed before it was reported), ``met`` (what the source says of
        the deadline, -1 for nothing), ``grid``, ``category``, and ``lon, lat`` (1e-5 degrees) or null.
    """
    rows = frame.sort_values("reported_at", kind="stable", ignore_index=True)
    rows = rows.assign(
        **{name: pd.to_datetime(rows[name], utc=True) for name in ("reported_at", "closed_at", "due_at")}
    )
    minute = _minutes(rows["reported_at"])
    local = _minutes(pd.to_datetime(rows["reported_at"], utc=True).dt.tz_convert(zone).dt.tz_localize(None))
    grid, grids = pd.factorize(rows["grid_code"], sort=True)
    category, codes = pd.factorize(rows["category"], sort=True)
    return {
        "digest": digest,
        "n": len(rows),
        "firstDay": int(local[0] // _DAY_MIN) if len(rows) else 0,
        "lastDay": int(local.max() // _DAY_MIN) if len(rows) else 0,
        "grids": [str(code) for code in grids],
        "categories": [{"code": str(code), **_names(categories, str(code))} for code in codes],
        "minute": np.diff(local, prepend=0).tolist(),
        "zone": zone,
        "closed": _after(rows["closed_at"], minute),
        "due": _after(rows["due_at"].where(~(rows["closed_at"] < rows["reported_at"])), minute),
        "met": rows["on_time"].astype("float64").fillna(-1).astype("int64").tolist(),
        "grid": grid.tolist(),
        "category": category.tolist(),
        **{name: _degrees(rows[name]) if exact else None for name in ("lon", "lat")},
    }


def _minutes(times: pd.Series[Any]) -> NDArray[np.int64]:
    """Return whole minutes since 1970; the smallest number where there is no time."""
    stamps = pd.to_datetime(times, utc=True).dt.as_unit("s")
    return np.asarray(stamps.astype("int64") // _MINUTE, dtype=np.int64)


def _after(times: pd.Series[Any], minute: NDArray[np.int64]) -> list[int]:
    known = times.notna().to_numpy()
    found = np.full(len(times), -1, dtype=np.int64)
    found[known] = np.maximum(_minutes(times[known]) - minute[known], 0)
    return [int(each) for each in found]


def _degrees(values: pd.Series[Any]) -> Sequence[int | None]:
    numbers = values.astype("float64").to_numpy()
    known = np.isfinite(numbers)
    whole = np.rint(np.where(known, numbers, 0) * MICRO).astype(np.int64)
    return [int(each) if there else None for each, there in zip(whole, known, strict=True)]


def _names(categories: Mapping[str, Mapping[str, str]], code: str) -> dict[str, str]:
    found = categories.get(code, {})
    return {lang: str(found.get(lang, code)) for lang in ("zh", "en")}

"""A year of reported matters: hotline calls and patrol finds, with seasons, delays, dirt and one rise that is real."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

FIRST_DAY, LAST_DAY = pd.Timestamp("2025-07-01"), pd.Timestamp("2026-06-30")
PER_HOUSEHOLD = 0.25
MISSING_SHARE, STACKED_SHARE = 0.03, 0.02
RISE_CATEGORY, RISE_FROM, RISE_FACTOR = "噪音扰民", pd.Timestamp("2026-05-01"), 3.0
SOURCES = (("12345热线", 0.55), ("网格巡查", 0.35), ("微信随手拍", 0.10))
RATINGS = (("满意", 0.55), ("基本满意", 0.15), ("不满意", 0.08), ("未评价", 0.22))


@dataclass(frozen=True)
class Category:
    """
    One category of matters.

    Parameters
    ----------
    name
        As the register calls it.
    weight
        Share of the year's matters.
    months
        Weight of January to December.
    limit_days
        Days within which it is to be closed.
    """

    name: str
    weight: float
    months: tuple[float, ...]
    limit_days: float


_EVEN = (1.0,) * 12
_HEATING = (3, 2.6, 1.8, 0.8, 0.05, 0, 0, 0, 0.3, 2.6, 2.4, 2.8)
_SNOW = (3, 2.5, 1.6, 0.2, 0, 0, 0, 0, 0, 0.4, 2.2, 3)
_SUMMER = (0.2, 0.2, 0.4, 0.8, 1.4, 2, 2.4, 2.2, 1.4, 0.6, 0.3, 0.2)
_RAIN = (0.2, 0.2, 0.6, 1, 1.2, 2, 3, 2.6, 1.2, 0.5, 0.3, 0.2)
# Categories, weights, seasons and limits are ours, after the kinds that bulletins of hotlines name.
CATEGORIES = (
    Category("供热不足", 0.13, _HEATING, 1),
    Category("供水停水", 0.08, _EVEN, 1),
    Category("下水堵塞", 0.08, _RAIN, 2),
    Category("物业服务", 0.12, _EVEN, 7),
    Category("暴露垃圾", 0.12, _SUMMER, 1),
    Category("积雪清扫", 0.07, _SNOW, 1),
    Category("机动车违停", 0.10, _EVEN, 1),
    Category("占道经营", 0.07, _SUMMER, 2),
    Category(RISE_CATEGORY, 0.08, _SUMMER, 3),
    Category("路灯井盖", 0.05, _EVEN, 3),
    Category("消防通道堵塞", 0.04, _EVEN, 1),
    Category("飞线充电", 0.03, _EVEN, 1),
    Category("邻里纠纷", 0.03, _EVEN, 7),
)


def year(buildings: pd.DataFrame, addresses: pd.DataFrame, rise_in: str, rng: np.random.Generator) -> pd.DataFrame:
    """
    Return a year of incidents, 2025-07-01 to 2026-06-30.

    Parameters
    ----------
    buildings
        ``building_id, households, community_code, geometry``.
    addresses
        ``building_id, address``.
    rise_in
        community_code where `RISE_CATEGORY` trebles from `RISE_FROM` on.
    rng
        Source of chance.

    Returns
    -------
    pandas.DataFrame
        ``incident_id, reported_at, category, source, address, status`` (办结, 处置中, 待派遣), ``urgent`` (0 or 1),
        ``due_at, closed_at`` (null while open), ``satisfaction`` (null while open), ``geometry`` (point; null for
        3 %, and one default point for 2 %). Times are local (UTC+8), without a zone.
    """
    households = buildings["households"].to_numpy()
    count = rng.poisson(PER_HOUSEHOLD * households.sum())
    frame = pd.DataFrame({"row": rng.choice(len(buildings), count, p=(households + 0.15) / (households + 0.15).sum())})
    frame["category"] = rng.choice(len(CATEGORIES), count, p=_weights())
    frame["day"] = _days(frame["category"].to_numpy(), rng)
    frame = _rise(frame, buildings["community_code"].to_numpy() == rise_in, rng)
    frame["reported_at"] = FIRST_DAY + pd.to_timedelta(frame["day"], "D") + _hours(len(frame), rng)
    frame = frame.sort_values("reported_at", kind="stable").reset_index(drop=True)
    limit = np.array([category.limit_days for category in CATEGORIES])[frame["category"]]
    result = pd.DataFrame(
        {
            "incident_id": [f"G{at:%Y%m%d}{k + 1:06d}" for k, at in enumerate(frame["reported_at"])],
            "reported_at": frame["reported_at"],
            "category": np.array([category.name for category in CATEGORIES], dtype=object)[frame["category"]],
            "source": _choose(SOURCES, len(frame), rng),
            "address": _addresses(buildings, addresses, frame["row"].to_numpy()),
        }
    )
    result = result.join(_course(frame["reported_at"], limit, rng))
    times = dict.fromkeys(("reported_at", "due_at", "closed_at"), "datetime64[ms]")  # as a GeoPackage keeps them
    return result.astype(times).assign(geometry=_points(buildings, frame["row"].to_numpy(), rng))


def _weights() -> NDArray[np.float64]:
    weights = np.array([category.weight for category in CATEGORIES])
    return np.asarray(weights / weights.sum())


def _days(category: NDArray[np.int64], rng: np.random.Generator) -> NDArray[np.int64]:
    """Return days of the year by the category's seasons; fewer on Sundays."""
    days = pd.date_range(FIRST_DAY, LAST_DAY)
    week = np.where(days.day_of_week == 6, 0.6, 1.0)
    result = np.empty(len(category), dtype=np.int64)
    for k, kind in enumerate(CATEGORIES):
        weight = np.array(kind.months)[days.month - 1] * week
        mine = category == k
        result[mine] = rng.choice(len(days), int(mine.sum()), p=weight / weight.sum())
    return result


def _rise(frame: pd.DataFrame, inside: NDArray[np.bool_], rng: np.random.Generator) -> pd.DataFrame:
    """Repeat the rising category's matters of one community, so that they come to `RISE_FACTOR` times as many."""
    kind = [category.name for category in CATEGORIES].index(RISE_CATEGORY)
    late = frame["day"] >= (RISE_FROM - FIRST_DAY).days
    seed = frame[(frame["category"] == kind) & late & inside[frame["row"]]]
    if seed.empty:
        return frame
    more = seed.iloc[rng.integers(len(seed), size=round(len(seed) * (RISE_FACTOR - 1)))].copy()
    last = (LAST_DAY - FIRST_DAY).days
    more["day"] = (more["day"] + rng.integers(-5, 6, len(more))).clip((RISE_FROM - FIRST_DAY).days, last)
    return pd.concat([frame, more], ignore_index=True)


def _hours(count: int, rng: np.random.Generator) -> pd.TimedeltaIndex:
    """Return times of day, most between 8 and 20 o'clock, to the second."""
    hour = np.where(rng.random(count) < 0.85, rng.normal(13.5, 3.2, count), rng.uniform(0, 24, count)) % 24
    return pd.TimedeltaIndex(pd.to_timedelta(np.floor(hour * 3600), "s"))


def _choose(options: tuple[tuple[str, float], ...], count: int, rng: np.random.Generator) -> NDArray[np.object_]:
    values, weights = zip(*options, strict=True)
    return np.array(values, dtype=object)[rng.choice(len(values), count, p=np.array(weights) / sum(weights))]


def _addresses(buildings: pd.DataFrame, addresses: pd.DataFrame, row: NDArray[np.int64]) -> NDArray[np.object_]:
    """Return the standard address of each incident's building."""
    first = addresses.drop_duplicates("building_id").set_index("building_id")["address"]
    return np.asarray(first.reindex(buildings["building_id"]).to_numpy()[row])


def _course(reported_at: pd.Series, limit_days: NDArray[np.float64], rng: np.random.Generator) -> pd.DataFrame:
    """Return urgency, deadline, closing and rating; what would close after the last day is still open."""
    urgent = (rng.random(len(reported_at)) < 0.05).astype(np.int64)
    days = np.where(urgent == 1, 0.25, limit_days)
    closed = (reported_at + pd.to_timedelta(days * rng.lognormal(-0.75, 0.7, len(days)), "D")).dt.floor("s")
    end = LAST_DAY + pd.Timedelta(days=1)
    done = closed < end
    waiting = np.where(reported_at > end - pd.Timedelta(hours=12), "待派遣", "处置中")
    return pd.DataFrame(
        {
            "status": np.where(done, "办结", waiting),
            "urgent": urgent,
            "due_at": (reported_at + pd.to_timedelta(days, "D")).dt.floor("s"),
            "closed_at": closed.where(done),
            "satisfaction": pd.Series(_choose(RATINGS, len(days), rng), dtype=object).where(done.to_numpy(), None),
        }
    )


def _points(buildings: pd.DataFrame, row: NDArray[np.int64], rng: np.random.Generator) -> NDArray[np.object_]:
    """Return points within a few metres of the building; some are missing, some stacked on one default point."""
    middles = shapely.get_coordinates(shapely.centroid(buildings["geometry"].to_numpy()))
    xy = np.round(middles[row] + rng.normal(0, 6, (len(row), 2)), 2)
    dirt = rng.random(len(row))
    xy[dirt < STACKED_SHARE] = np.round(middles.mean(axis=0), 2)
    points = shapely.points(xy)
    points[(dirt >= STACKED_SHARE) & (dirt < STACKED_SHARE + MISSING_SHARE)] = None
    return np.asarray(points)
